"""The conversation: turns under each other on one thread, anchored to the bottom, with a chip that leads back there."""

from itertools import takewhile
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from assistant.session.snapshot import Playhead, Speaker, State, TurnView
from ui.buttons import Button, Kind
from ui.icons import Icon
from ui.tokens import FOCUS_MARGIN, WIDE_FROM, Look, Role, regular_thread_x, scrollbar_style
from ui.turn import Column, TurnWidget

BOTTOM: Final = 28
_LIVE: Final = (State.SPEAKING, State.DUCKED)


def column_for(width: int, window_width: int, look: Look, compact: bool) -> Column:
    """The places of a turn's parts in `width` pixels."""
    if compact:
        return Column(thread=22, text=40, text_width=width - 40 - 22, name_above=True, px=16, line=25)
    longest = 680 if window_width >= WIDE_FROM else 600
    thread = regular_thread_x(look)
    room = width - thread - 24 - 32
    return Column(thread, thread + 24, min(look.px(longest), room), name_above=False, px=17, line=28)


class _Turns(QWidget):
    """Holds the turns in one column; paints the live tail that joins the last one to the dock."""

    continue_asked = Signal(int)
    undo_asked = Signal(str)
    turn_focused = Signal(TurnWidget)

    def __init__(self, look: Look, tab_start: QWidget) -> None:
        super().__init__()
        self.widgets: list[TurnWidget] = []
        self._tab_start = tab_start
        self._look = look
        self._column = column_for(600, 600, look, False)
        self._state = State.LISTENING

    def show_turns(self, turns: tuple[TurnView, ...]) -> bool:
        """Bring the widgets in line with `turns`; says whether the layout has changed."""
        pairs = zip(self.widgets, turns, strict=False)
        kept = len(list(takewhile(lambda pair: pair[0].turn.number == pair[1].number, pairs)))
        changed = kept != len(self.widgets) or kept != len(turns)
        for widget in self.widgets[kept:]:
            widget.hide()
            widget.deleteLater()
        del self.widgets[kept:]
        for widget, turn in zip(self.widgets, turns, strict=False):
            changed |= widget.set_turn(turn)
        for turn in turns[kept:]:
            self._append(turn)
        for widget in self.widgets[-2:]:
            changed |= widget.set_latest(widget is self.widgets[-1])
        return changed

    def _append(self, turn: TurnView) -> None:
        """Add a turn; only the latest one is reached with Tab, the others from there with Up and Down."""
        if self.widgets:
            self.widgets[-1].setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        widget = TurnWidget(self, self._look, self._column, turn)
        widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        QWidget.setTabOrder(self.widgets[-1].tab_stops[-1] if self.widgets else self._tab_start, widget)
        widget.chain_tabs()
        widget.continue_asked.connect(self.continue_asked)
        widget.undo_asked.connect(self.undo_asked)
        widget.step_asked.connect(self._step)
        widget.show()
        self.widgets.append(widget)

    def turn_widget(self, number: int) -> TurnWidget | None:
        """The widget of turn `number`; the latest are found first."""
        return next((widget for widget in reversed(self.widgets) if widget.turn.number == number), None)

    def set_column(self, look: Look, column: Column) -> None:
        """Lay all turns out anew."""
        self._look, self._column = look, column
        for widget in self.widgets:
            widget.set_column(look, column)
        self.update()

    def set_state(self, state: State) -> None:
        """The tail is solid while Parley speaks, dotted while it is lowered."""
        if state is not self._state:
            self._state = state
            self.update()

    def arrange(self, width: int, least_height: int) -> None:
        """Put the turns at the bottom of `least_height`, or at the top of more if they need it."""
        above_name = self._column.name_above
        gaps = {Speaker.YOU: 16 if above_name else 24, Speaker.PARLEY: 14 if above_name else 20}
        y, tops = 20, []
        for index, widget in enumerate(self.widgets):
            y += gaps[widget.turn.speaker] if index else 0
            tops.append(y)
            y += widget.content_height
        height = max(least_height, y + BOTTOM)
        down = height - (y + BOTTOM)
        for widget, top in zip(self.widgets, tops, strict=True):
            widget.setGeometry(0, top + down, width, widget.content_height)
        self.resize(width, height)
        self.update()

    def _step(self, step: int) -> None:
        """Move the focus from the turn that has it to its neighbour."""
        turn = self.sender()
        index = self.widgets.index(turn) + step if isinstance(turn, TurnWidget) else -1
        if 0 <= index < len(self.widgets):
            self.widgets[index].setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.turn_focused.emit(self.widgets[index])

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the tail."""
        if not self.widgets or self._state not in _LIVE or self.widgets[-1].turn.speaker is not Speaker.PARLEY:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._look.color(Role.TIDE))
        top, x = self.widgets[-1].geometry().bottom() - 5, float(self._column.thread)
        if self._state is State.SPEAKING:
            painter.drawRect(QRectF(x - 1.25, top, 2.5, self.height() - top))
            return
        for y in range(top + 10, self.height() - 2, 7):
            painter.drawEllipse(QPointF(x, y), 1.6, 1.6)


class Thread(QScrollArea):
    """Shows the turns of a conversation. It follows new words only while it is at the bottom.

    With Tab, the turns and their chips come after `tab_start`.
    """

    continue_asked = Signal(int)
    undo_asked = Signal(str)

    def __init__(self, look: Look, tab_start: QWidget) -> None:
        super().__init__()
        self._look = look
        self._compact = False
        self._follow = True
        self._playhead: Playhead | None = None
        self.turns = _Turns(look, tab_start)
        self.turns.continue_asked.connect(self.continue_asked)
        self.turns.undo_asked.connect(self.undo_asked)
        self.turns.turn_focused.connect(lambda turn: self.ensureWidgetVisible(turn, 0, 8))
        self.setWidget(self.turns)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Conversation")
        self.viewport().setAutoFillBackground(False)
        self.turns.setAutoFillBackground(False)
        self.latest = Button(look, Kind.CHIP, "Latest", Icon.DOWN, name="Go to the latest turn", parent=self)
        self.latest.clicked.connect(self.go_to_latest)
        self.latest.hide()
        self.verticalScrollBar().valueChanged.connect(self._scrolled)

    def set_look(self, look: Look, compact: bool) -> None:
        """Paint by `look` from now on, in one of the two layouts."""
        self._look, self._compact = look, compact
        self.verticalScrollBar().setStyleSheet(scrollbar_style(look))
        self.latest.set_look(look)
        self._lay_out()

    def show_turns(self, turns: tuple[TurnView, ...], state: State) -> None:
        """Show the conversation as it is now."""
        self.turns.set_state(state)
        if self.turns.show_turns(turns):
            self._arrange()

    def set_playhead(self, playhead: Playhead | None) -> None:
        """Mark the word being spoken."""
        if playhead == self._playhead:
            return
        for number in {head.turn for head in (playhead, self._playhead) if head is not None}:
            widget = self.turns.turn_widget(number)
            if widget is not None:
                widget.set_playhead(playhead)
        self._playhead = playhead

    def go_to_latest(self) -> None:
        """Scroll to the bottom and follow from there."""
        self._follow = True
        self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())

    @property
    def last_turn(self) -> TurnWidget | None:
        """The latest turn, if there is one."""
        return self.turns.widgets[-1] if self.turns.widgets else None

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out for the new width; what is being read stays where it is when room is taken from the top."""
        super().resizeEvent(event)
        lost = event.oldSize().height() - event.size().height()
        if not self._follow and event.oldSize().width() == event.size().width():
            self.verticalScrollBar().setValue(self.verticalScrollBar().value() + lost)
        self._lay_out()

    def _lay_out(self) -> None:
        width = self.viewport().width()
        self.turns.set_column(self._look, column_for(width, self.window().width(), self._look, self._compact))
        self._arrange()
        size = self.latest.sizeHint()
        self.latest.resize(size)
        self.latest.move((width - size.width()) // 2, self.height() - size.height() - 12 + FOCUS_MARGIN)

    def _arrange(self) -> None:
        follow = self._follow
        self.turns.arrange(self.viewport().width(), self.viewport().height())
        if follow:
            self.go_to_latest()
        self._show_latest()

    def _scrolled(self, value: int) -> None:
        self._follow = value >= self.verticalScrollBar().maximum() - 4
        self._show_latest()

    def _show_latest(self) -> None:
        self.latest.setVisible(not self._follow)
