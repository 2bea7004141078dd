"""Tools in the conversation, taking back what they did, announcements and offers."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from assistant.core.effects import Level
from assistant.session.snapshot import FakeController, Notice, ToolView, TurnStatus, UseStatus
from tests.ui.pictures import ENGINES, IDLE, TALK, parley, you
from ui import wording
from ui.turn import TurnWidget
from ui.window import Window
from ui.wording_tools import tool_line

TIMER = ToolView(
    "set_timer",
    '{"amount": 5, "unit": "minutes", "label": "pasta"}',
    UseStatus.DONE,
    "The timer is set for 5 minutes, for the pasta.",
    undo="timer 1",
)
REPLY = parley(2, text="It will ring.", heard="It will ring.", status=TurnStatus.COMPLETE)


@pytest.mark.parametrize(
    ("tool", "line"),
    [
        (TIMER, "Timer: 5 minutes, pasta · The timer is set for 5 minutes, for the pasta."),
        (ToolView("calculate", '{"expression": "58 + 63"}', UseStatus.RUNNING), "Calculated: 58 + 63 · working"),
        (ToolView("get_time", "{}", UseStatus.CANCELLED), "Looked at the clock · cancelled"),
        (
            ToolView("set_alarm", "not JSON", UseStatus.FAILED, "There is no such tool."),
            "Set alarm · failed · There is no such tool.",
        ),
        (ToolView("cancel_timer", "{}", UseStatus.UNDONE, "It runs again."), "Timer off · undone · It runs again."),
        (ToolView("", "[1]", UseStatus.FAILED, "This is not a call."), "Tool · failed · This is not a call."),
    ],
)
def test_a_call_is_one_line(tool: ToolView, line: str) -> None:
    assert tool_line(tool) == line


def shown(window: Window, *tools: ToolView) -> TurnWidget:
    window.show_snapshot(replace(IDLE, turns=(you(1, "Set a timer."), replace(REPLY, tools=tools))))
    return window.thread_view.turns.widgets[1]


def test_a_turn_makes_room_for_its_calls_and_names_them(window: Window) -> None:
    plain = shown(window).content_height
    turn = shown(window, TIMER)
    assert turn.content_height > plain
    assert turn.tools.isVisible()
    assert "Timer: 5 minutes, pasta" in turn.accessibleName()
    assert shown(window).content_height == plain


def test_what_a_tool_did_is_undone_with_the_keyboard(window: Window, controller: FakeController) -> None:
    turn = shown(window, TIMER)
    (button,) = turn.tools.undo_buttons
    assert button.accessibleName() == "Undo: Timer: 5 minutes, pasta"
    turn.setFocus()
    QTest.keyClick(turn, Qt.Key.Key_Tab)
    assert button.hasFocus()
    QTest.keyClick(button, Qt.Key.Key_Return)
    assert controller.commands == [("undo", "timer 1")]
    undone = shown(window, replace(TIMER, status=UseStatus.UNDONE, undo=""))
    assert undone.tools.undo_buttons == []


def test_a_notice_can_be_undone_with_the_keyboard(qtbot: QtBot, window: Window, controller: FakeController) -> None:
    window.show_snapshot(replace(IDLE, turns=TALK, notices=(Notice(1, Level.INFO, "A timer was set.", undo="t"),)))
    window.composer.field.setFocus()
    for _ in range(2):  # list, notice
        QTest.keyClick(window, Qt.Key.Key_F6)
    (toast,) = window.toasts.shown
    assert toast.undo is not None
    assert toast.undo.hasFocus()
    QTest.keyClick(toast.undo, Qt.Key.Key_Return)
    assert controller.commands == [("undo", "t")]
    assert window.toasts.shown == []


def test_toasts_cover_no_turn(window: Window) -> None:
    turns = tuple(you(n, f"Question {n}?") for n in range(1, 40))
    window.show_snapshot(replace(IDLE, turns=turns))
    before = window.thread_view.height()
    window.show_snapshot(replace(IDLE, turns=turns, notices=(Notice(1, Level.PROBLEM, "The disk is full."),)))
    window.layout().activate()  # type: ignore[union-attr]  # it has one
    (toast,) = window.toasts.shown
    top = window.thread_view.mapTo(window, window.thread_view.rect().topLeft()).y()
    assert toast.geometry().bottom() - 12 <= top
    assert window.thread_view.height() < before
    toast.closed.emit()
    assert window.thread_view.height() == before or window.layout().activate()  # type: ignore[union-attr]  # as above


def test_a_fault_that_the_banner_tells_is_announced_but_no_toast(window: Window) -> None:
    failed = replace(ENGINES[2], ready=False, failed=True, detail="Install espeak-ng.")
    notice = Notice(1, Level.PROBLEM, "Install espeak-ng.")
    window.show_snapshot(replace(IDLE, engines=(*ENGINES[:2], failed), notices=(notice,)))
    assert window.banner.isVisible()
    assert window.toasts.shown == []
    assert window.announcer.said == ["Install espeak-ng."]


def test_an_announcement_is_told_apart(window: Window) -> None:
    ring = replace(REPLY, text="The timer is over.", heard=18, announcement=True)
    assert wording.turn_note(ring, compact=False) == "announcement"
    assert "announcement" in wording.turn_name(ring)
    assert wording.turn_note(REPLY, compact=False) == ""


def test_only_the_latest_offer_can_be_taken_up(window: Window, controller: FakeController) -> None:
    offer = replace(REPLY, number=4, text="Shall I go on?", heard=14, offers=2)
    window.show_snapshot(replace(IDLE, turns=(*TALK, you(3, "And rye?"), offer)))
    widget = window.thread_view.turns.widgets[-1]
    assert widget.chip is not None
    widget.chip.click()
    assert controller.commands == [("continue", 2)]
    window.show_snapshot(replace(IDLE, turns=(*TALK, you(3, "And rye?"), offer, you(5, "No."))))
    assert window.thread_view.turns.widgets[3].chip is None


def test_typing_is_told_once_for_each_message(window: Window, controller: FakeController) -> None:
    QTest.keyClicks(window.composer.field, "hello")
    assert controller.commands == [("typing", None)]
    for _ in "hello":
        QTest.keyClick(window.composer.field, Qt.Key.Key_Backspace)
    QTest.keyClicks(window.composer.field, "x")
    assert controller.commands == [("typing", None)] * 2
