"""What the user does reaches the controller."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from assistant.session.snapshot import FakeController, Snapshot, State
from tests.ui.pictures import IDLE, REPLY, TALK
from ui.window import Window


def press(key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, key, modifier)


CTRL = Qt.KeyboardModifier.ControlModifier
FOCUSES: dict[str, Callable[[Window], QWidget]] = {
    "field": lambda window: window.composer.field,
    "stop": lambda window: window.dock.stop,
    "mute": lambda window: window.composer.mute,
    "new": lambda window: window.side.new,
    "turn": lambda window: window.thread_view.turns.widgets[0],
}


@pytest.mark.parametrize("focus", FOCUSES)
def test_escape_stops_wherever_the_focus_is(window: Window, controller: FakeController, focus: str) -> None:
    window.show_snapshot(replace(IDLE, state=State.SPEAKING, turns=TALK))
    FOCUSES[focus](window).setFocus()
    press(Qt.Key.Key_Escape)
    assert controller.commands == [("stop", None)]


def test_stop_acts_on_press_and_not_again_on_release(window: Window, controller: FakeController) -> None:
    QTest.mousePress(window.dock.stop, Qt.MouseButton.LeftButton)
    assert controller.commands == [("stop", None)]
    QTest.mouseRelease(window.dock.stop, Qt.MouseButton.LeftButton)
    assert controller.commands == [("stop", None)]


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Return])
def test_stop_can_be_pressed_with_the_keyboard(window: Window, controller: FakeController, key: Qt.Key) -> None:
    window.dock.stop.setFocus()
    press(key)
    assert controller.commands == [("stop", None)]


@pytest.mark.parametrize("state", State)
def test_stop_is_always_enabled_and_at_the_same_place(window: Window, state: State) -> None:
    place = window.dock.stop.mapTo(window, window.dock.stop.rect().topLeft())
    window.show_snapshot(replace(IDLE, state=state, turns=TALK, caption_settled="wait"))
    assert window.dock.stop.isEnabled()
    assert window.dock.stop.isVisible()
    assert window.dock.stop.mapTo(window, window.dock.stop.rect().topLeft()) == place


def test_stop_with_nothing_to_stop_says_so(window: Window) -> None:
    QTest.mouseClick(window.dock.stop, Qt.MouseButton.LeftButton)
    assert window.dock.line == "Nothing is playing"
    assert "Nothing is playing" in window.announcer.said
    window.show_snapshot(replace(IDLE, state=State.SPEAKING))
    assert window.dock.line == "Just talk to interrupt"


def test_f8_is_held_from_press_to_release_without_repeats(window: Window, controller: FakeController) -> None:
    field = window.composer.field
    QTest.keyPress(field, Qt.Key.Key_F8)
    repeat = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_F8, Qt.KeyboardModifier.NoModifier, "", True)
    QApplication.sendEvent(field, repeat)
    assert controller.commands == [("talk", True)]
    assert window.composer.hold.isDown()
    QTest.keyRelease(field, Qt.Key.Key_F8)
    assert controller.commands == [("talk", True), ("talk", False)]
    assert not window.composer.hold.isDown()


def test_f8_is_let_go_when_another_window_takes_the_keyboard(
    qtbot: QtBot, window: Window, controller: FakeController
) -> None:
    QTest.keyPress(window.composer.field, Qt.Key.Key_F8)
    other = QWidget()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(lambda: not window.isActiveWindow())
    assert controller.commands == [("talk", True), ("talk", False)]


def test_the_hold_button_is_held_while_it_is_pressed(window: Window, controller: FakeController) -> None:
    QTest.mousePress(window.composer.hold, Qt.MouseButton.LeftButton)
    assert controller.commands == [("talk", True)]
    QTest.mouseRelease(window.composer.hold, Qt.MouseButton.LeftButton)
    assert controller.commands == [("talk", True), ("talk", False)]


def test_closing_the_window_lets_go_of_the_talk_key(window: Window, controller: FakeController) -> None:
    QTest.keyPress(window.composer.field, Qt.Key.Key_F8)
    window.close()
    assert controller.commands == [("talk", True), ("talk", False)]


def test_return_sends_and_clears_and_shift_return_begins_a_line(window: Window, controller: FakeController) -> None:
    field = window.composer.field
    QTest.keyClicks(field, "one")
    QTest.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(field, "two")
    assert controller.commands == [("typing", None)]
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert controller.commands == [("typing", None), ("say", "one\ntwo")]
    assert field.toPlainText() == ""
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert len(controller.commands) == 2
    QTest.keyClicks(field, "x")
    assert controller.commands[2:] == [("typing", None)]


def test_the_send_button_sends(window: Window, controller: FakeController) -> None:
    window.composer.field.insertPlainText("  hello ")
    QTest.mouseClick(window.composer.box.send, Qt.MouseButton.LeftButton)
    assert controller.commands[-1] == ("say", "hello")


def test_the_field_grows_with_its_lines_up_to_a_few(window: Window) -> None:
    before = window.composer.height()
    window.composer.field.insertPlainText("one\ntwo\nthree")
    assert window.composer.height() > before
    window.composer.field.insertPlainText("\n" * 20)
    assert window.composer.height() < 3 * before


def test_mute_asks_and_waits_for_the_answer(window: Window, controller: FakeController) -> None:
    QTest.mouseClick(window.composer.mute, Qt.MouseButton.LeftButton)
    assert controller.commands == [("muted", True)]
    assert not window.composer.mute.isChecked()
    window.show_snapshot(replace(IDLE, muted=True, state=State.MUTED))
    assert window.composer.mute.isChecked()
    assert window.composer.mute.accessibleName() == "Unmute microphone"
    press(Qt.Key.Key_M, CTRL)
    assert controller.commands == [("muted", True), ("muted", False)]


def test_the_empty_page_unmutes(window: Window, controller: FakeController) -> None:
    window.show_snapshot(replace(IDLE, muted=True, state=State.MUTED))
    QTest.mouseClick(window.empty.muted.unmute, Qt.MouseButton.LeftButton)
    assert controller.commands == [("muted", False)]


def test_continue_sends_the_number_of_its_turn(window: Window, controller: FakeController) -> None:
    window.show_snapshot(replace(IDLE, turns=TALK))
    chip = window.thread_view.turns.widgets[1].chip
    assert chip is not None
    assert chip.text() == "Continue"
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
    press(Qt.Key.Key_Return, CTRL)
    assert controller.commands == [("continue", 2), ("continue", None)]


def test_a_new_conversation(window: Window, controller: FakeController) -> None:
    QTest.mouseClick(window.side.new, Qt.MouseButton.LeftButton)
    press(Qt.Key.Key_N, CTRL)
    assert controller.commands == [("new", None), ("new", None)]


def test_ctrl_l_leads_to_the_field(window: Window) -> None:
    window.dock.stop.setFocus()
    press(Qt.Key.Key_L, CTRL)
    assert QApplication.focusWidget() is window.composer.field


def test_f6_goes_round_the_regions(window: Window) -> None:
    window.show_snapshot(replace(IDLE, turns=TALK))
    window.composer.field.setFocus()
    seen = []
    for _ in range(5):
        press(Qt.Key.Key_F6)
        seen.append(QApplication.focusWidget())
    last = window.thread_view.last_turn
    assert seen == [window.side.new, last, window.dock.stop, window.composer.field, window.side.new]


def test_up_and_down_walk_the_turns_and_copy_takes_one(window: Window) -> None:
    window.show_snapshot(replace(IDLE, turns=TALK))
    first, last = window.thread_view.turns.widgets
    last.setFocus()
    press(Qt.Key.Key_C, CTRL)
    assert QGuiApplication.clipboard().text() == REPLY
    press(Qt.Key.Key_Up)
    assert QApplication.focusWidget() is first
    press(Qt.Key.Key_Up)
    assert QApplication.focusWidget() is first
    press(Qt.Key.Key_C, CTRL)
    assert QGuiApplication.clipboard().text() == TALK[0].text


def test_tab_goes_from_the_list_through_the_conversation_to_the_talk_button(window: Window) -> None:
    window.show_snapshot(replace(IDLE, turns=TALK))
    widgets = window.thread_view.turns.widgets
    window.side.new.setFocus()
    seen: list[QWidget | None] = []
    for _ in range(12):
        press(Qt.Key.Key_Tab)
        seen.append(QApplication.focusWidget())
    expected = [
        widgets[1],
        widgets[1].chip,
        window.dock.stop,
        window.composer.mute,
        window.composer.field,
        window.composer.box.send,
        window.composer.hold,
    ]
    assert [widget for widget in seen if widget in expected][: len(expected)] == expected


def test_escape_closes_a_sheet_only_when_nothing_is_speaking(window: Window, controller: FakeController) -> None:
    QTest.mouseClick(window.side.details, Qt.MouseButton.LeftButton)
    assert window.sheet.isVisible()
    window.show_snapshot(replace(IDLE, state=State.SPEAKING))
    press(Qt.Key.Key_Escape)
    assert window.sheet.isVisible()
    assert controller.commands == [("stop", None)]
    window.show_snapshot(IDLE)
    press(Qt.Key.Key_Escape)
    assert not window.sheet.isVisible()
    assert controller.commands == [("stop", None)]
    assert QApplication.focusWidget() is window.composer.field


def test_escape_in_the_menu_stops_first(window: Window, controller: FakeController) -> None:
    window.show_snapshot(replace(IDLE, state=State.SPEAKING))
    window.options.popup(window.mapToGlobal(window.rect().center()))
    QTest.keyClick(window.options, Qt.Key.Key_Escape)
    assert controller.commands == [("stop", None)]
    assert window.options.isVisible()
    window.show_snapshot(IDLE)
    QTest.keyClick(window.options, Qt.Key.Key_Escape)
    assert not window.options.isVisible()


@pytest.mark.parametrize("snapshot", [replace(IDLE, microphone=None, state=State.NO_MICROPHONE)])
def test_without_a_microphone_only_its_controls_are_disabled(window: Window, snapshot: Snapshot) -> None:
    window.show_snapshot(snapshot)
    assert not window.composer.mute.isEnabled()
    assert not window.composer.hold.isEnabled()
    assert window.composer.field.isEnabled()
    assert window.dock.stop.isEnabled()
