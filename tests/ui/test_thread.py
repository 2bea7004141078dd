"""The conversation as it is shown."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtTest import QTest

from assistant.session.snapshot import CutNote, Playhead, Snapshot, Speaker, State, TurnStatus, TurnView
from tests.ui.pictures import HEARD, IDLE, REPLY, STOPPED, TALK, parley, you
from ui.caption import last_lines
from ui.layouts import laid_out
from ui.tokens import Look, Role
from ui.turn import TurnWidget
from ui.turn_text import MARK_WIDTH, Span, TurnText
from ui.window import Window


def shown(window: Window, *turns: TurnView, state: State = State.LISTENING) -> list[TurnWidget]:
    window.show_snapshot(replace(IDLE, turns=turns, state=state))
    return window.thread_view.turns.widgets


def test_the_cut_mark_stands_after_the_last_heard_word(window: Window) -> None:
    turn = shown(window, *TALK)[1]
    assert turn.cut_at is not None
    assert REPLY[: turn.cut_at] == HEARD
    assert turn.spans == (Span(len(HEARD), len(REPLY), Role.INK3),)


def test_the_mark_takes_its_room_in_the_line_where_the_last_heard_word_ends(window: Window) -> None:
    font = Look().font(17)
    plain = TurnText(REPLY, None, font, 600, 28, MARK_WIDTH)
    cut = TurnText(REPLY, len(HEARD) + 1, font, 600, 28, MARK_WIDTH)
    mark = cut.mark_centre()
    assert mark is not None
    assert cut.text_at(mark - QPointF(MARK_WIDTH / 2, 0)) == len(HEARD)
    assert plain.text_at(mark) > plain.text_at(mark - QPointF(MARK_WIDTH / 2, 0))
    after = QPointF(mark.x() + MARK_WIDTH + 40, mark.y())
    assert plain.text_at(after) > cut.text_at(after)


def test_the_mark_stays_with_its_word_where_the_line_breaks(window: Window) -> None:
    text, heard = "one two three four five", "one two three"
    for width in range(80, 260, 5):
        layout = TurnText(text, len(heard), Look().font(17), width, 28, MARK_WIDTH)
        mark = layout.mark_centre()
        assert mark is not None
        assert layout.text_at(QPointF(0, mark.y())) < len(heard)


def test_positions_are_right_after_an_emoji(window: Window) -> None:
    text = "😀😀 good day"
    layout = TurnText(text, text.index(" day"), Look().font(17), 600, 28, MARK_WIDTH)
    mark = layout.mark_centre()
    assert mark is not None
    assert layout.text_at(mark - QPointF(MARK_WIDTH / 2, 0)) == text.index(" day")
    assert layout.text_at(QPointF(599, 0)) == len(text)


def test_spoken_word_and_coming_words_have_their_colours(window: Window) -> None:
    image = QImage(420, 28, QImage.Format.Format_RGB32)
    look = Look()
    image.fill(look.color(Role.CANVAS))
    painter = QPainter(image)
    text = "so rest it for twenty minutes instead"
    layout = TurnText(text, None, look.font(17), 400, 28, MARK_WIDTH)
    start, end = text.index("twenty"), text.index(" minutes")
    coming = (Span(end, len(text), Role.INK2),)
    layout.paint(painter, QPointF(4, 0), look, coming, Span(start, end, Role.ON_TIDE))
    painter.end()
    found = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
    for role in (Role.INK, Role.INK2, Role.TIDE, Role.ON_TIDE):
        assert look.color(role).name() in found


@pytest.mark.parametrize(
    ("status", "spans"),
    [
        (TurnStatus.COMPLETE, ()),
        (TurnStatus.KEPT_AS_TEXT, ()),
        (TurnStatus.DROPPED, (Span(len(HEARD), len(REPLY), Role.INK3),)),
        (TurnStatus.WRITING, (Span(len(HEARD), len(REPLY), Role.INK2),)),
    ],
)
def test_what_was_not_heard_is_told_apart(window: Window, status: TurnStatus, spans: tuple[Span, ...]) -> None:
    assert shown(window, parley(2, status=status))[0].spans == spans


def test_the_word_being_spoken_follows_the_playhead(window: Window) -> None:
    first, last = shown(window, parley(2), parley(4, status=TurnStatus.WRITING, heard=""), state=State.SPEAKING)
    window.thread_view.set_playhead(Playhead(4, 6, 12))
    assert last.spans == (Span(12, len(REPLY), Role.INK2),)
    window.thread_view.set_playhead(Playhead(2, 0, 5))
    assert first.spans == (Span(5, len(REPLY), Role.INK2),)
    assert last.spans == (Span(0, len(REPLY), Role.INK2),)
    window.thread_view.set_playhead(None)
    assert first.spans == (Span(len(HEARD), len(REPLY), Role.INK3),)


def test_a_turn_keeps_its_height_while_its_words_are_spoken(window: Window) -> None:
    (turn,) = shown(window, parley(2, status=TurnStatus.WRITING, heard=""), state=State.SPEAKING)
    before = turn.content_height
    for start in range(0, len(REPLY), 7):
        window.thread_view.set_playhead(Playhead(2, start, start + 6))
        assert turn.content_height == before


def test_kept_text_can_be_spoken(window: Window) -> None:
    kept = parley(2, status=TurnStatus.KEPT_AS_TEXT, cut=CutNote("just show me", "you spoke", 170), can_continue=True)
    chip = shown(window, kept)[0].chip
    assert chip is not None
    assert (chip.text(), chip.accessibleName()) == ("Speak it", "Speak the rest")
    shown(window, replace(kept, can_continue=False, continued=True))
    assert window.thread_view.turns.widgets[0].chip is None


def test_a_new_conversation_takes_the_old_turns_away(window: Window) -> None:
    shown(window, *TALK)
    assert window.middle.currentWidget() is window.thread_view
    shown(window)
    assert window.middle.currentWidget() is window.empty
    assert [widget.turn.number for widget in shown(window, you(7, "again"))] == [7]


def test_the_mouse_selects_within_a_turn(window: Window) -> None:
    turn = shown(window, you(1, "one two three"))[0]
    text_x = turn.mapFrom(window, window.dock.ring.mapTo(window, window.dock.ring.rect().center())).x() + 24
    QTest.mousePress(turn, Qt.MouseButton.LeftButton, pos=QPoint(text_x, 14))
    QTest.mouseMove(turn, QPoint(text_x + 50, 14))
    QTest.mouseRelease(turn, Qt.MouseButton.LeftButton, pos=QPoint(text_x + 50, 14))
    assert turn.turn.text.startswith(turn.selected_text)
    assert 1 < len(turn.selected_text) < len(turn.turn.text)
    turn.setFocus()
    QTest.keyClick(turn, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == turn.selected_text


def conversation(turns: int) -> tuple[TurnView, ...]:
    return tuple(you(n, f"Question {n}?") if n % 2 else parley(n) for n in range(1, turns + 1))


def test_five_hundred_turns_keep_their_widgets_as_more_arrive(window: Window) -> None:
    turns = conversation(500)
    shown(window, *turns)
    before = list(window.thread_view.turns.widgets)
    after = shown(window, *turns, you(501, "One more?"))
    assert after[:-1] == before
    assert len(after) == 501
    assert window.thread_view.verticalScrollBar().value() == window.thread_view.verticalScrollBar().maximum()


def test_it_follows_new_turns_only_at_the_bottom(window: Window) -> None:
    turns = conversation(60)
    shown(window, *turns)
    bar = window.thread_view.verticalScrollBar()
    assert bar.value() == bar.maximum()
    assert not window.thread_view.latest.isVisible()
    bar.setValue(bar.maximum() // 2)
    here = bar.value()
    shown(window, *turns, you(61, "One more?"))
    assert bar.value() == here
    assert window.thread_view.latest.isVisible()
    window.thread_view.latest.click()
    assert bar.value() == bar.maximum()
    assert not window.thread_view.latest.isVisible()


def test_few_turns_stand_at_the_bottom(window: Window) -> None:
    turn = shown(window, you(1, "Hello"))[0]
    view = window.thread_view
    gap = view.viewport().height() - turn.mapTo(view.viewport(), QPoint(0, turn.height())).y()
    assert 0 < gap < 40


@pytest.mark.parametrize("size", [(380, 680), (720, 700), (1120, 760), (1500, 900)])
def test_turns_fit_the_window(open_window: Callable[..., Window], size: tuple[int, int]) -> None:
    window = open_window(size=size)
    widgets = shown(window, *TALK, parley(4, text=REPLY * 5, heard=""))
    for widget in widgets:
        assert widget.width() <= window.thread_view.viewport().width()
    assert window.side.isVisible() is (size[0] >= 720)


def test_a_long_caption_keeps_its_end() -> None:
    font = Look().font(15)
    words = " ".join(f"word{n}" for n in range(60))
    shortened = last_lines(words, font, 200, 2)
    assert shortened.startswith("…")
    assert shortened.endswith("word59")
    assert laid_out(shortened, font, 200, 21).lineCount() == 2
    assert last_lines("short", font, 200, 2) == "short"
    assert last_lines("x" * 400, font, 200, 2).endswith("xxx")


def test_the_title_is_the_first_question(window: Window) -> None:
    shown(window, *TALK)
    assert window.windowTitle() == "How long should I rest the dough – Parley"
    assert window.header.title.text() == "How long should I rest the dough"
    window.show_snapshot(Snapshot(muted=True, state=State.MUTED))
    assert window.windowTitle() == "Muted – New conversation – Parley"
    window.show_snapshot(Snapshot(state=State.NO_MICROPHONE))
    assert window.windowTitle() == "No microphone – New conversation – Parley"


def test_a_turn_without_a_cut_has_no_mark(window: Window) -> None:
    plain = replace(STOPPED, cut=None, can_continue=False, status=TurnStatus.COMPLETE, speaker=Speaker.PARLEY)
    widget = shown(window, plain)[0]
    assert widget.cut_at is None
    assert widget.chip is None
