"""What the window shows of a session: states, levels, notices, engines."""

import threading
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations, pairwise

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from assistant.core.effects import Level
from assistant.session.snapshot import (
    CutNote,
    EngineView,
    FakeController,
    Meters,
    Notice,
    Snapshot,
    State,
    TurnStatus,
    TurnView,
)
from tests.ui.pictures import ENGINES, IDLE, STOPPED, TALK, parley
from ui import wording
from ui.level import CALM_INTERVAL_S, CALM_STEPS, LevelFollower
from ui.tokens import Theme
from ui.window import Window

LOUD = Meters(microphone_dbfs=-15.0, voice_dbfs=-15.0)


def picture(window: Window) -> bytes:
    image = window.dock.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    assert not image.isNull()
    return bytes(image.constBits())


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK, Theme.CONTRAST])
@pytest.mark.parametrize("size", [(380, 680), (1120, 760)])
def test_every_state_looks_different(open_window: Callable[..., Window], theme: Theme, size: tuple[int, int]) -> None:
    window = open_window(theme=theme, size=size)
    pictures = set()
    for state in State:
        window.show_snapshot(replace(IDLE, state=state, turns=TALK))
        pictures.add(picture(window))
        assert window.dock.ring.accessibleName() == f"State: {wording.STATE_WORDS[state]}"
        assert not window.grab().isNull()
    assert len(pictures) == len(State)


def test_rings_differ_by_shape_even_without_colour(window: Window) -> None:
    shapes = {}
    for state in State:
        window.dock.ring.show_state(state)
        grey = window.dock.ring.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
        pixels = ((x, y) for x in range(grey.width()) for y in range(grey.height()))
        shapes[state] = [grey.pixelColor(x, y).lightness() < 128 for x, y in pixels]
    for one, other in combinations(shapes.values(), 2):
        assert sum(a != b for a, b in zip(one, other, strict=True)) > 100


def test_a_snapshot_from_another_thread_arrives(qtbot: QtBot, window: Window, controller: FakeController) -> None:
    def session() -> None:
        for number in range(200):
            controller.show(replace(IDLE, state=State.HEARING, caption_settled=f"word {number}"))

    thread = threading.Thread(target=session)
    thread.start()
    qtbot.waitUntil(lambda: window.dock.caption.text == "word 199")
    thread.join()
    assert window.dock.state is State.HEARING


def test_only_the_latest_of_many_snapshots_is_shown(qtbot: QtBot, window: Window, controller: FakeController) -> None:
    shown: list[Snapshot] = []
    window.bridge.arrived.connect(shown.append)
    for number in range(50):
        controller.show(replace(IDLE, caption_settled=str(number)))
    qtbot.waitUntil(lambda: bool(shown))
    assert [snapshot.caption_settled for snapshot in shown] == ["49"]


def test_the_level_moves_the_ring(qtbot: QtBot, window: Window, controller: FakeController) -> None:
    window.show_snapshot(replace(IDLE, state=State.HEARING))
    controller.levels = LOUD
    qtbot.waitUntil(lambda: window.dock.ring.level > 0.8)
    controller.levels = Meters()
    qtbot.waitUntil(lambda: window.dock.ring.level == 0.0)


def test_a_level_that_moves_nothing_repaints_nothing(window: Window) -> None:
    before = picture(window)
    for step in range(100):
        window.dock.show_meters(Meters(microphone_dbfs=-58.0 - step % 7), 1 / 30)
    assert window.dock.ring.level == 0.0
    assert picture(window) == before


def test_thinking_turns_and_does_not_with_reduced_motion(open_window: Callable[..., Window]) -> None:
    for calm in (False, True):
        window = open_window(reduced_motion=calm)
        window.show_snapshot(replace(IDLE, state=State.THINKING))
        before = picture(window)
        window.dock.show_meters(Meters(), 0.4)
        assert (picture(window) == before) is calm


def test_with_reduced_motion_the_level_has_five_steps_four_times_a_second() -> None:
    follower = LevelFollower(calm=True)
    levels = [follower.step(-60.0 + 50.0 * (n % 20) / 20, 1 / 30) for n in range(300)]
    changes = sum(a != b for a, b in pairwise(levels))
    assert {round(level * CALM_STEPS, 6) for level in levels} <= set(range(CALM_STEPS + 1))
    assert 1 < changes <= 10.0 / CALM_INTERVAL_S


def test_a_level_rises_fast_falls_slowly_and_comes_to_rest() -> None:
    follower = LevelFollower(calm=False)
    assert follower.step(0.0, 0.040) > 0.6
    assert follower.step(-100.0, 0.040) > 0.4
    assert follower.step(-100.0, 5.0) == 0.0


def test_the_line_says_what_is_so(window: Window) -> None:
    waking = (*ENGINES[:1], EngineView("Thinking", ready=False, failed=False, detail="Loading"), ENGINES[2])
    cases = {
        "Say anything": IDLE,
        "Getting ready: Thinking": replace(IDLE, engines=waking),
        "Muted: use Stop or Esc": replace(IDLE, state=State.SPEAKING, muted=True),
        "Plug one in, or type below": replace(IDLE, state=State.NO_MICROPHONE),
    }
    for line, snapshot in cases.items():
        window.show_snapshot(snapshot)
        assert window.dock.line == line


def test_engines_that_load_are_listed_until_all_are_ready(window: Window) -> None:
    waking = tuple(replace(engine, ready=False, detail="Loading") for engine in ENGINES)
    window.show_snapshot(replace(IDLE, engines=waking))
    assert window.empty.rows.isVisible()
    assert window.empty.rows.accessibleName() == "Hearing: Loading, Thinking: Loading, Voice: Loading"
    window.show_snapshot(IDLE)
    assert not window.empty.rows.isVisible()


def test_a_failed_engine_says_its_sentence_all_the_time(window: Window) -> None:
    failed = EngineView("Voice", ready=False, failed=True, detail="Install espeak-ng.")
    window.show_snapshot(replace(IDLE, engines=(*ENGINES[:2], failed), turns=TALK))
    assert window.banner.isVisible()
    assert wording.problems(replace(IDLE, engines=(failed,))) == ("Voice: Install espeak-ng.",)
    window.show_snapshot(replace(IDLE, turns=TALK))
    assert not window.banner.isVisible()


def test_no_loudspeaker_is_said_once_the_engines_are_up(window: Window) -> None:
    assert wording.problems(replace(IDLE, loudspeaker=None)) == (wording.NO_SPEAKER,)
    waking = (replace(ENGINES[0], ready=False),)
    assert wording.problems(replace(IDLE, loudspeaker=None, engines=waking)) == ()


def test_no_microphone_has_its_own_page(window: Window) -> None:
    window.show_snapshot(replace(IDLE, state=State.NO_MICROPHONE, microphone=None))
    assert window.empty.title.text() == "Parley cannot find a microphone"
    assert window.empty.rows.accessibleName() == "Microphone: None connected, Speaker: Speaker"


@pytest.mark.parametrize("size", [(380, 680), (1120, 760)])
def test_the_window_says_what_a_starter_is_while_it_holds(
    open_window: Callable[..., Window], size: tuple[int, int]
) -> None:
    window = open_window(size=size)
    window.show_snapshot(replace(IDLE, turns=TALK))
    assert window.banner.isVisible() or window.side.starter.isVisible()
    window.show_snapshot(replace(IDLE, turns=TALK, starter=False))
    assert not window.banner.isVisible()
    assert not window.side.starter.isVisible()


def test_each_notice_is_shown_once_and_problems_stay(
    qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.toast.SHOWN_FOR_MS", 20)
    notices = (Notice(1, Level.INFO, "Back."), Notice(2, Level.PROBLEM, "The loudspeaker went away."))
    window.show_snapshot(replace(IDLE, notices=notices))
    window.show_snapshot(replace(IDLE, notices=notices))
    assert [toast.notice.number for toast in window.toasts.shown] == [2, 1]
    qtbot.waitUntil(lambda: len(window.toasts.shown) == 1)
    (problem,) = window.toasts.shown
    assert problem.notice.level is Level.PROBLEM
    assert window.announcer.said == ["The loudspeaker went away."]
    problem.closed.emit()
    assert window.toasts.shown == []


def test_toasts_stay_above_the_dock(window: Window) -> None:
    notices = tuple(Notice(n, Level.PROBLEM, "Something long went wrong. " * 3) for n in range(9))
    window.show_snapshot(replace(IDLE, notices=notices))
    for toast in window.toasts.shown:
        assert toast.geometry().bottom() < window.dock.y()


def test_what_a_screen_reader_is_told(qtbot: QtBot, window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    said = window.announcer.said
    window.show_snapshot(replace(IDLE, muted=True, state=State.MUTED))
    window.show_snapshot(IDLE)
    window.show_snapshot(replace(IDLE, microphone=None, state=State.NO_MICROPHONE))
    window.show_snapshot(IDLE)
    assert said == ["Microphone muted", "Microphone on", "Microphone lost. You can type.", "Microphone back."]
    said.clear()
    window.show_snapshot(replace(IDLE, state=State.HEARING, turns=TALK))
    assert said == []
    window.show_snapshot(replace(IDLE, state=State.INTERRUPTED, turns=TALK))
    assert said == ["Stopped. You said stop."]


def test_names_of_the_parts(window: Window) -> None:
    window.show_snapshot(replace(IDLE, turns=TALK))
    turn = window.thread_view.turns.widgets[1]
    assert turn.chip is not None
    assert turn.chip.accessibleName() == "Continue from: is cold, give it…"
    assert "interrupted after: your kitchen. Not spoken: is cold, give it an hour." in turn.accessibleName()
    assert window.dock.stop.accessibleName() == "Stop Parley, Escape"
    assert window.composer.mute.accessibleName() == "Mute microphone"
    assert window.composer.hold.accessibleName() == "Hold to talk, F8"
    assert window.composer.field.accessibleName() == "Message to Parley"


@pytest.mark.parametrize(
    ("turn", "note"),
    [
        (STOPPED, "you said “stop” · 140 ms"),
        (replace(STOPPED, cut=CutNote("", "you pressed Stop", 40)), "you pressed Stop · 40 ms"),
        (replace(STOPPED, continued=True), "you said “stop” · 140 ms · continued"),
        (
            parley(2, status=TurnStatus.KEPT_AS_TEXT, cut=CutNote("just show me", "you spoke", 170)),
            "you said “just show me” · 170 ms · rest shown as text",
        ),
        (parley(2, status=TurnStatus.COMPLETE), ""),
    ],
)
def test_the_note_says_what_stopped_the_reply(turn: TurnView, note: str) -> None:
    assert wording.cut_note(turn, compact=False) == note


def test_zoom_and_back(window: Window) -> None:
    field, usual = window.composer.field, window.look.scale
    before = field.fontInfo().pixelSize()
    for _ in range(30):
        window.zoom_to(window.look.scale + 0.1)
    assert window.look.scale == 2.0
    assert field.fontInfo().pixelSize() == 2 * before
    assert window.compact
    assert not window.side.isVisible()
    window.zoom_to(usual)
    assert window.side.isVisible()
    assert field.fontInfo().pixelSize() == before
    window.zoom_to(0.1)
    assert window.look.font(12).pixelSize() == 12


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK, Theme.CONTRAST])
def test_the_theme_changes_while_it_runs(window: Window, theme: Theme) -> None:
    window.set_theme(theme)
    assert window.look.theme is theme
    window.set_theme(Theme.SYSTEM)
    assert window.look.theme is not Theme.SYSTEM


@pytest.mark.parametrize("state", [State.NO_MICROPHONE, State.SPEAKING, State.LISTENING])
def test_the_largest_text_fits_the_smallest_window(open_window: Callable[..., Window], state: State) -> None:
    window = open_window(size=(380, 680), text_scale=2.0)
    window.show_snapshot(replace(IDLE, state=state, microphone=None))
    page = window.empty.widget()
    assert page is not None
    assert page.minimumSizeHint().width() <= window.empty.viewport().width()
    assert window.dock.stop.geometry().right() <= window.width()
    assert window.dock.ring.geometry().bottom() < window.dock.stop.geometry().bottom()
    assert window.middle.height() > 80
    assert window.composer.field.width() > 100
