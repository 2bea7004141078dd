"""One turn of the conversation: who, what was heard and what was not, and what can be done about it."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetricsF,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QTextLayout,
)
from PySide6.QtWidgets import QWidget

from assistant.session.snapshot import Playhead, Speaker, TurnStatus, TurnView
from ui.buttons import Button, Kind, paint_focus
from ui.icons import Icon, paint_icon
from ui.layouts import laid_out
from ui.marks import paint_caesura, paint_round
from ui.tokens import FOCUS_MARGIN, MEDIUM, STRONG, Look, Role
from ui.tool_lines import ToolLines
from ui.turn_text import MARK_WIDTH, Span, TurnText
from ui.wording import SPEAKER_NAMES, clock, continue_name, turn_name, turn_note

_CUT: Final = (TurnStatus.DROPPED, TurnStatus.KEPT_AS_TEXT)
_BY_KEYBOARD: Final = frozenset(
    {
        Qt.FocusReason.TabFocusReason,
        Qt.FocusReason.BacktabFocusReason,
        Qt.FocusReason.ShortcutFocusReason,
        Qt.FocusReason.OtherFocusReason,
    }
)


@dataclass(frozen=True, slots=True)
class Column:
    """Where the parts of a turn lie: `thread` and `text` are x positions; the rest is in pixels before scaling."""

    thread: int
    text: int
    text_width: int
    name_above: bool
    px: int
    line: int


class TurnWidget(QWidget):
    """Paints one turn.

    `continue_asked` carries the number of the turn whose rest is to be spoken, `undo_asked` the handle of what a tool
    did; `step_asked` asks for the turn above or below.
    """

    continue_asked = Signal(int)
    undo_asked = Signal(str)
    step_asked = Signal(int)

    def __init__(self, parent: QWidget, look: Look, column: Column, turn: TurnView) -> None:
        super().__init__(parent)
        self.turn = turn
        self._look, self._column = look, column
        self._word: Span | None = None
        self._selected = (0, 0)
        self._by_keyboard = False
        self._latest = False
        self.chip: Button | None = None
        self.tools = ToolLines(self, look)
        self.tools.undo_asked.connect(self.undo_asked)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._lay_out()

    def set_column(self, look: Look, column: Column) -> None:
        """Lay out anew for another look or width."""
        if (look, column) != (self._look, self._column):
            self._look, self._column = look, column
            self._lay_out()

    def set_turn(self, turn: TurnView) -> bool:
        """Show a newer picture of the turn; says whether anything changed."""
        if turn == self.turn:
            return False
        self.turn = turn
        self._lay_out()
        return True

    def set_latest(self, latest: bool) -> bool:
        """Only the latest turn's offer can still be taken up; says whether the layout has changed."""
        if latest is self._latest or self.turn.offers is None:
            self._latest = latest
            return False
        self._latest = latest
        self._lay_out()
        return True

    def set_playhead(self, playhead: Playhead | None) -> None:
        """Mark the word being spoken, if it is one of this turn's."""
        word = None
        if playhead is not None and playhead.turn == self.turn.number:
            word = Span(playhead.start, min(playhead.end, len(self.turn.text)), Role.ON_TIDE)
        if word != self._word:
            self._word = word
            self.update()

    @property
    def cut_at(self) -> int | None:
        """Where in the text the cut mark stands."""
        if self.turn.cut is None or self.turn.status not in _CUT:
            return None
        return min(self.turn.heard, len(self.turn.text))

    @property
    def spans(self) -> tuple[Span, ...]:
        """The parts of the text that are not plain ink: not heard, or not yet spoken."""
        end = len(self.turn.text)
        if self._word is not None:
            return (Span(self._word.end, end, Role.INK2),)
        if self.turn.status is TurnStatus.DROPPED:
            return (Span(min(self.turn.heard, end), end, Role.INK3),)
        if self.turn.status is TurnStatus.WRITING:
            return (Span(min(self.turn.heard, end), end, Role.INK2),)
        return ()

    @property
    def selected_text(self) -> str:
        """What the mouse has selected, else the whole text."""
        start, end = sorted(self._selected)
        return self.turn.text[start:end] or self.turn.text

    @property
    def tab_stops(self) -> list[QWidget]:
        """What of the turn is reached with Tab, in order."""
        return [self, *self.tools.undo_buttons, *([self.chip] if self.chip is not None else [])]

    def chain_tabs(self) -> None:
        """Put the turn's buttons after it in the tab order."""
        for before, after in pairwise(self.tab_stops):
            QWidget.setTabOrder(before, after)

    @property
    def content_height(self) -> int:
        """How high the turn is at its width."""
        return self._height

    def _lay_out(self) -> None:
        look, column, turn = self._look, self._column, self.turn
        line = look.px(column.line)
        font = look.font(column.px)
        self._text = TurnText(turn.text, self.cut_at, font, column.text_width, line, look.px(MARK_WIDTH))
        tools_top = look.px(22) if column.name_above else 0
        tools_height = self.tools.show_tools(look, turn.tools, column.text_width)
        self.tools.setGeometry(column.text, tools_top, column.text_width, tools_height)
        self._top = tools_top + tools_height
        bottom = self._top + (max(self._text.height, line) if turn.text or not turn.tools else 0)
        self._note_top = bottom
        note = turn_note(turn, column.name_above)
        self._note: QTextLayout | None = None
        if note:
            pitch = look.px(18)
            self._note = laid_out(note, look.font(13, MEDIUM, tabular=True), column.text_width - 22, pitch)
            bottom += self._note.lineCount() * pitch + 12
        self._chip_top = bottom
        self._place_chip()
        if self.chip is not None:
            bottom += self.chip.height() + 4 - FOCUS_MARGIN
        self.chain_tabs()
        self._height = bottom
        self._selected = (0, 0)
        self.setAccessibleName(turn_name(turn))
        self.setAccessibleDescription(turn.text)
        self.update()

    def _place_chip(self) -> None:
        if not self.turn.can_continue and not (self.turn.offers is not None and self._latest):
            if self.chip is not None:
                self.chip.hide()
                self.chip.deleteLater()
                self.chip = None
            return
        kept = self.turn.status is TurnStatus.KEPT_AS_TEXT and self.turn.offers is None
        label, icon = ("Speak it", Icon.SPEAKER) if kept else ("Continue", Icon.PLAY)
        if self.chip is None:
            self.chip = Button(self._look, Kind.CHIP, label, icon, parent=self)
            self.chip.clicked.connect(self._continue)
            self.chip.show()
        self.chip.set_look(self._look)
        self.chip.set_face(label, icon, continue_name(self.turn))
        self.chip.resize(self.chip.sizeHint())
        self.chip.move(self._column.text - FOCUS_MARGIN, self._chip_top + 4 - FOCUS_MARGIN)

    def _continue(self) -> None:
        offered = self.turn.offers
        self.continue_asked.emit(self.turn.number if offered is None else offered)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint name, thread, text and note."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        at = QPointF(self._column.text, self._top)
        start, end = sorted(self._selected)
        self._text.paint_selection(painter, at, self._look, start, end)
        self._paint_name(painter)
        self._text.paint(painter, at, self._look, self.spans, self._word)
        self._paint_note(painter)
        self._paint_thread(painter)
        if self.hasFocus() and self._by_keyboard:
            x = self._column.text - 12
            box = QRectF(x, 0, min(self._column.text_width + 24, self.width() - x), self.height())
            paint_focus(painter, self._look, box, 5)

    def _paint_name(self, painter: QPainter) -> None:
        look, column = self._look, self._column
        name = SPEAKER_NAMES[self.turn.speaker]
        font = look.font(13 if column.name_above else 14, STRONG)
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        painter.setPen(look.color(Role.SAFFRON_INK if self.turn.speaker is Speaker.YOU else Role.TIDE))
        width = metrics.horizontalAdvance(name)
        middle = look.px(9) if column.name_above else look.px(column.line) / 2
        x = column.text if column.name_above else column.thread - 20 - width
        baseline = round(middle + metrics.capHeight() / 2)
        painter.drawText(QPointF(x, baseline), name)
        if column.name_above:
            painter.setFont(look.font(12, tabular=True))
            painter.setPen(look.color(Role.INK2))
            painter.drawText(QPointF(x + width + 8, baseline), clock(self.turn.spoken_at))

    def _paint_note(self, painter: QPainter) -> None:
        if self._note is None:
            return
        look, x = self._look, self._column.text
        first = self._note_top + 6 + look.px(18) / 2
        icon, role = (Icon.CUT, Role.SAFFRON_INK) if self.turn.cut is not None else (Icon.BELL, Role.TIDE)
        paint_icon(painter, icon, QPointF(x + 7, first), look.px(14), look.color(role), 2.2)
        painter.setPen(look.color(Role.INK2))
        self._note.draw(painter, QPointF(x + 22, self._note_top + 6))

    def _paint_thread(self, painter: QPainter) -> None:
        """The line beside the turn: saffron is you, tide is Parley, hollow is what was never heard."""
        look, x = self._look, self._column.thread
        line = QRectF(x - 3, 3, 6, self.height() - 6)
        if self.turn.speaker is Speaker.YOU:
            outline = look.color(Role.SAFFRON_INK) if look.light else None
            paint_round(painter, line, 3, look.color(Role.SAFFRON), outline, 1.2)
            return
        mark = self._text.mark_centre()
        if mark is None:
            paint_round(painter, line, 3, look.color(Role.TIDE))
            return
        middle = self._top + mark.y() + 6
        paint_round(painter, line, 3, None, look.color(Role.TIDE), 1.4)
        paint_round(painter, QRectF(x - 3, 3, 6, middle - 3), 3, look.color(Role.TIDE))
        painter.fillRect(QRectF(x - 10, middle - 7, 20, 14), look.color(Role.CANVAS))
        paint_caesura(painter, QPointF(x, middle), 15, look.color(Role.SAFFRON_INK), 2.2)

    def _position(self, event: QMouseEvent) -> int:
        return self._text.text_at(event.position() - QPointF(self._column.text, self._top))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a selection."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._selected = (self._position(event),) * 2
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Extend the selection."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._selected = (self._selected[0], self._position(event))
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down go from turn to turn; Copy takes the selection or the turn."""
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.selected_text)
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down) and not event.modifiers():
            self.step_asked.emit(-1 if event.key() == Qt.Key.Key_Up else 1)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus if the keyboard brought it."""
        self._by_keyboard = event.reason() in _BY_KEYBOARD
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Forget the selection, unless only a menu or another window came up."""
        if event.type() is QEvent.Type.FocusOut and event.reason() is not Qt.FocusReason.ActiveWindowFocusReason:
            self._selected = (0, 0)
        self.update()
