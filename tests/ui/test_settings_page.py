"""The settings page: every setting is there, takes effect at once, is saved, and can be reset and found."""

import tomllib
from collections.abc import Callable
from itertools import chain

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from assistant.core.presets import PRESETS
from assistant.errors import UserError
from assistant.paths import settings_file
from assistant.session.snapshot import FakeController, Meters, State
from assistant.settings import Settings, setting_info
from tests.ui.pictures import IDLE
from ui import wording_settings as words
from ui.editors import Choice, LongText, NumberField, TextField, Toggle
from ui.level_meter import LevelMeter, Thresholds
from ui.settings_page import SettingsPage
from ui.tokens import Look
from ui.window import Window
from ui.wording_pages import PageName

GROUPED = list(chain.from_iterable(words.GROUPS.values()))


@pytest.fixture(autouse=True)
def no_file() -> None:
    settings_file().unlink(missing_ok=True)


@pytest.fixture
def page(window: Window) -> SettingsPage:
    window.go_to(PageName.SETTINGS)
    return window.settings_page


def saved(window: Window) -> dict[str, object]:
    window.background.finish()
    return tomllib.loads(settings_file().read_text())


def applied(controller: FakeController) -> list[Settings]:
    return [value for name, value in controller.commands if name == "apply" and isinstance(value, Settings)]


def test_every_setting_is_in_one_group() -> None:
    assert sorted([*GROUPED, "interruption_preset"]) == sorted(Settings.model_fields)


def test_every_setting_has_a_control_that_shows_what_is_in_effect(window: Window, page: SettingsPage) -> None:
    for group, names in words.GROUPS.items():
        page.open_group(group)
        for name in names:
            row, value = page.rows[name], window.preferences.value(name)
            assert row.isVisible()
            editor = row.editor
            shown: object
            if isinstance(editor, Toggle):
                shown = editor.isChecked()
            elif isinstance(editor, Choice):
                shown = row.info.choices[editor.currentIndex()]
            elif isinstance(editor, NumberField):
                shown = editor.spin.value()
            elif isinstance(editor, TextField):
                shown = editor.line.text()
            else:
                shown = editor.toPlainText()
            assert shown == value, name
            assert row.reset.isVisible() is (name in window.preferences.changed_names())


def test_a_switch_takes_effect_and_is_saved(window: Window, controller: FakeController, page: SettingsPage) -> None:
    row = page.rows["barge_in"]
    assert isinstance(row.editor, Toggle)
    row.editor.setFocus()
    QTest.keyClick(row.editor, Qt.Key.Key_Space)
    assert saved(window) == {"barge_in": False}
    assert [settings.barge_in for settings in applied(controller)] == [False]
    assert row.reset.isVisible()
    assert row.reset.accessibleName() == "Reset: Interrupt by speaking, to on"
    row.reset.click()
    assert saved(window) == {"barge_in": True}
    assert not row.reset.isVisible()


def test_numbers_choices_and_text_take_effect(window: Window, controller: FakeController, page: SettingsPage) -> None:
    number = page.rows["duck_ramp_ms"].editor
    assert isinstance(number, NumberField)
    number.more.click()
    choice = page.rows["cut_style"].editor
    assert isinstance(choice, Choice)
    QTest.keyClick(choice, Qt.Key.Key_Down)
    page.open_group("Voice")
    text = page.rows["voice"].editor
    assert isinstance(text, TextField)
    QTest.keyClicks(text.line, "anna")
    QTest.keyClick(text.line, Qt.Key.Key_Return)
    page.open_group("Answers")
    long = page.rows["system_prompt"].editor
    assert isinstance(long, LongText)
    long.setFocus()
    long.setPlainText("Be brief.")
    page.search.setFocus()
    file = saved(window)
    assert file["cut_style"] == "word_boundary"
    assert file["voice"] == "anna"
    assert file["system_prompt"] == "Be brief."
    assert isinstance(file["duck_ramp_ms"], int)
    assert file["duck_ramp_ms"] > Settings().duck_ramp_ms
    assert applied(controller)[-1].system_prompt == "Be brief."


def test_a_preset_brings_all_its_values_and_a_changed_one_is_custom(window: Window, page: SettingsPage) -> None:
    cards = page.presets.options
    assert [name for name, card in cards.items() if card.isChecked()] == ["balanced"]
    cards["deliberate"].setFocus()
    QTest.keyClick(cards["deliberate"], Qt.Key.Key_Space)
    assert saved(window) == {"interruption_preset": "deliberate", **PRESETS["deliberate"]}
    assert cards["deliberate"].isChecked()
    assert "answers 0.3 s later" in page.presets.price.text()
    assert "2 real words" in page.presets.then.text()
    assert not page.rows["barge_in_min_words"].reset.isVisible()
    window.preferences.change({"barge_in_min_words": 3})
    assert [name for name, card in cards.items() if card.isChecked()] == [""]
    page.rows["barge_in_min_words"].reset.click()
    assert cards["deliberate"].isChecked()


def test_settings_are_found_in_all_groups(window: Window, page: SettingsPage) -> None:
    page.search.setText("VOICE volume")
    assert [name for name, row in page.rows.items() if row.isVisible()] == ["voice_volume"]
    assert not page.presets.isVisible()
    page.search.setText("xyzzy")
    assert page.nothing.text() == "Nothing found for “xyzzy”. Try fewer words."
    page.search.clear()
    assert page.rows["barge_in"].isVisible()
    assert page.presets.isVisible()


def test_what_needs_a_restart_says_so(window: Window, page: SettingsPage) -> None:
    assert not page.restart.isVisible()
    window.preferences.change({"preroll_s": 0.9})
    assert page.restart.text() == "1 change will take effect when Parley is started again."
    page.open_group("Sound")
    assert words.RESTART_NEEDED in page.rows["preroll_s"].effect.text()
    window.preferences.change({"preroll_s": setting_info("preroll_s").default})
    assert not page.restart.isVisible()


def test_a_group_is_reset(window: Window, page: SettingsPage) -> None:
    window.preferences.change({"duck_db": 7.0, "typing_interrupts": True, "theme": "dark"})
    page.reset.click()
    values = window.preferences.settings
    assert (values.duck_db, values.typing_interrupts, values.theme) == (20.0, False, "dark")
    assert not page.reset.isVisible()


def test_what_the_session_refuses_is_taken_back(
    qtbot: QtBot, window: Window, controller: FakeController, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Settings) -> tuple[str, ...]:
        raise UserError("There is no model there.")

    monkeypatch.setattr(window.preferences, "_apply", refuse)
    window.go_to(PageName.SETTINGS)
    window.settings_page.open_group("Models")
    window.preferences.change({"chat_model": "/nowhere"})
    qtbot.waitUntil(lambda: len(window.toasts.shown) == 1)
    assert window.toasts.shown[0].notice.text == "There is no model there."
    assert window.announcer.said == ["There is no model there."]
    editor = window.settings_page.rows["chat_model"].editor
    assert isinstance(editor, TextField)
    assert editor.line.text() == ""
    assert not settings_file().exists()


def test_appearance_changes_the_window(window: Window, page: SettingsPage) -> None:
    window.preferences.change({"theme": "dark", "text_scale": 1.5, "reduced_motion": "on"})
    assert (window.look.theme.value, window.look.scale, window.look.reduced_motion) == ("dark", 1.5, True)
    assert page.look == window.look


def test_zoom_and_theme_are_remembered(window: Window) -> None:
    window.zoom_to(1.2)
    assert saved(window) == {"text_scale": 1.2}


def test_escape_goes_back_unless_there_is_something_to_stop(window: Window, controller: FakeController) -> None:
    window.show_snapshot(IDLE)
    QTest.keyClick(window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    assert window.content.page is PageName.SETTINGS
    assert not window.composer.isVisible()
    assert window.dock.stop.isVisible()
    window.show_snapshot(IDLE.__class__(state=State.SPEAKING))
    QTest.keyClick(window.settings_page.search, Qt.Key.Key_Escape)
    assert controller.commands == [("stop", None)]
    assert window.content.page is PageName.SETTINGS
    window.show_snapshot(IDLE)
    QTest.keyClick(window.settings_page.search, Qt.Key.Key_Escape)
    assert window.content.page is None
    assert window.composer.field.hasFocus()
    assert controller.commands == [("stop", None)]


@pytest.mark.parametrize(
    ("size", "scale"), [((380, 680), 1.0), ((380, 680), 2.0), ((760, 700), 1.0), ((1500, 900), 2.0)]
)
def test_nothing_is_cut_off_at_the_side(
    open_window: Callable[..., Window], size: tuple[int, int], scale: float
) -> None:
    window = open_window(size=size, text_scale=scale)
    for name in PageName:
        window.go_to(name)
        page = window.content.pages[name]
        for group in words.GROUPS if isinstance(page, SettingsPage) else ("",):
            if isinstance(page, SettingsPage):
                page.open_group(group)
            holder = page.area.widget()
            assert holder is not None
            assert holder.minimumSizeHint().width() <= page.area.viewport().width(), (name, group)


def test_the_meter_shows_the_users_voice_against_the_threshold(window: Window, page: SettingsPage) -> None:
    meter = LevelMeter(Look())
    meter.set_thresholds(Thresholds(above_noise=9.0, lowest=-50.0))
    assert meter.onset == pytest.approx(-49.0)
    meter.show_level(-30.0)
    assert meter.sentence == "−30 dB now: it would lower its voice."
    page.show_meters(Meters(microphone_dbfs=-40.0))
    assert page.presets.meter.level == -40.0


@pytest.mark.parametrize("direction", [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft])
def test_all_that_takes_the_keyboard_has_a_name(window: Window, direction: Qt.LayoutDirection) -> None:
    window.setLayoutDirection(direction)
    for name in PageName:
        window.go_to(name)
        assert not window.grab().isNull()
        controls = [
            widget
            for widget in window.findChildren(QWidget)
            if widget.isVisible() and not widget.focusProxy() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        ]
        assert len(controls) > 5
        nameless = [type(widget).__name__ for widget in controls if not widget.accessibleName()]
        assert nameless == []
