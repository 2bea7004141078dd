"""The band at the bottom that says who holds the floor: ring, word, line or caption, and Stop."""

from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPainterPath, QPaintEvent, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QWidget

from assistant.session.snapshot import Meters, Snapshot, State
from ui.buttons import StopButton
from ui.caption import Caption, last_lines, paint_caption
from ui.dock_layout import DockLayout, dock_layout
from ui.layouts import laid_out
from ui.level import LevelFollower
from ui.marks import SLANT
from ui.ring import StateRing
from ui.tokens import FOCUS_MARGIN, MEDIUM, NORMAL, SMALLEST_TEXT, STRONG, Look, Role
from ui.wording import NOTHING_PLAYING, STATE_WORDS, state_line

NOTE_FOR_MS: Final = 2000
THINKING_TURN_S: Final = 1.6
THINKING_STEPS: Final = 48
STOPPABLE: Final = frozenset({State.THINKING, State.SPEAKING, State.DUCKED})
_SOMETHING_TO_STOP: Final = STOPPABLE | {State.HEARING}
_FROM_MICROPHONE: Final = frozenset({State.LISTENING, State.HEARING, State.DUCKED})

_COLORS: Final[dict[State, tuple[Role, Role, Role]]] = {  # background, edge, word
    State.LISTENING: (Role.SURFACE, Role.LINE, Role.INK),
    State.HEARING: (Role.SAFFRON_WASH, Role.SAFFRON_INK, Role.SAFFRON_INK),
    State.THINKING: (Role.SURFACE, Role.TIDE, Role.TIDE),
    State.SPEAKING: (Role.TIDE_WASH, Role.TIDE, Role.TIDE),
    State.DUCKED: (Role.SAFFRON_WASH, Role.SAFFRON_INK, Role.SAFFRON_INK),
    State.INTERRUPTED: (Role.SAFFRON_WASH, Role.SAFFRON_INK, Role.SAFFRON_INK),
    State.MUTED: (Role.SIDE, Role.LINE_STRONG, Role.INK),
    State.NO_MICROPHONE: (Role.SIGNAL_WASH, Role.SIGNAL_INK, Role.SIGNAL_INK),
}


class Dock(QWidget):
    """Shows the state of a snapshot; `stop_pressed` is emitted on press."""

    stop_pressed = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._compact = self._slim = False
        self._snapshot = Snapshot()
        self._state = State.LISTENING
        self._turn = 0.0
        self._note = ""
        self._level = LevelFollower(look.reduced_motion)
        self._note_timer = QTimer(self, singleShot=True, interval=NOTE_FOR_MS)
        self._note_timer.timeout.connect(lambda: self._set_note(""))
        self.ring = StateRing(self, look)
        self.stop = StopButton(self, look)
        self.stop.pressed.connect(self.stop_pressed)
        self.setAccessibleName("Conversation state")

    def set_look(self, look: Look, compact: bool) -> None:
        """Paint by `look` from now on, in one of the two layouts."""
        self._look, self._compact = look, compact
        self._level = LevelFollower(look.reduced_motion)
        self.ring.set_look(look)
        self.stop.set_look(look)
        self._arrange()

    def set_slim(self, slim: bool) -> None:
        """Take little room, under a page."""
        self._slim = slim
        self._arrange()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show the state of `snapshot`."""
        self._snapshot = snapshot
        self._state = snapshot.state
        self.ring.show_state(self._state, self.ring.level)
        self.stop.show_state(self._state in STOPPABLE, self._compact, self._slim)
        if self._state in _SOMETHING_TO_STOP:
            self._note = ""
        self.update()

    @property
    def state(self) -> State:
        """The state on show."""
        return self._state

    def show_meters(self, meters: Meters, seconds: float) -> None:
        """Move the ring by the levels; `seconds` have passed since the last call."""
        if self._state is State.THINKING and not self._look.reduced_motion:
            self._turn = (self._turn + seconds / THINKING_TURN_S) % 1.0
        dbfs = -100.0
        if self._state in _FROM_MICROPHONE:
            dbfs = meters.microphone_dbfs
        elif self._state is State.SPEAKING:
            dbfs = meters.voice_dbfs
        level = self._level.step(dbfs, seconds)
        turn = int(self._turn * THINKING_STEPS) / THINKING_STEPS if self._state is State.THINKING else 0.0
        self.ring.show_state(self._state, level, turn)

    def note_stop(self) -> str:
        """Say so if Stop had nothing to stop; returns what was said."""
        if self._state in _SOMETHING_TO_STOP:
            return ""
        self._set_note(NOTHING_PLAYING)
        self._note_timer.start()
        return NOTHING_PLAYING

    @property
    def line(self) -> str:
        """The plain line under (or beside) the word."""
        if self._note:
            return self._note
        return state_line(self._snapshot, self._compact)

    @property
    def caption(self) -> Caption:
        """The user's live words."""
        return Caption(self._snapshot.caption_settled, self._snapshot.caption_unsettled)

    def _set_note(self, note: str) -> None:
        self._note = note
        self.update()

    @property
    def _layout(self) -> DockLayout:
        return dock_layout(self._look, self.width(), compact=self._compact, slim=self._slim)

    def _arrange(self) -> None:
        layout, margin = self._layout, FOCUS_MARGIN
        self.setFixedHeight(layout.height)
        self.ring.setGeometry(layout.ring)
        self.stop.setGeometry(layout.stop.adjusted(-margin, -margin, margin, margin))
        self.stop.show_state(self._state in STOPPABLE, self._compact, self._slim)
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep Stop at its place."""
        self._arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint wash, edge, word and line or caption."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_wash(painter)
        layout = self._layout
        if layout.room <= 0:
            return
        if layout.beside:
            self._paint_in_a_row(painter, layout)
        elif self.caption:
            self._paint_with_caption(painter, layout)
        else:
            self._paint_plain(painter, layout)

    def _paint_wash(self, painter: QPainter) -> None:
        background, edge, _ = _COLORS[self._state]
        thick = 1 if self._state is State.LISTENING else 3
        painter.fillRect(self.rect(), self._look.color(background))
        painter.fillRect(0, 0, self.width(), thick, self._look.color(edge))
        if self._state is not State.DUCKED:
            return
        middle, lean = self.ring.geometry().center().x() + 1, SLANT * self.height() / 2
        top_right, bottom_right = QPointF(middle + lean, 0), QPointF(middle - lean, self.height())
        part = QPainterPath()
        part.addPolygon(QPolygonF([QPointF(0, 0), top_right, bottom_right, QPointF(0, self.height())]))
        part.closeSubpath()
        painter.fillPath(part, self._look.color(Role.TIDE_WASH))
        painter.save()
        painter.setClipPath(part)
        painter.fillRect(0, 0, self.width(), thick, self._look.color(Role.TIDE))
        painter.restore()

    def _text(
        self, painter: QPainter, x: float, middle: float, text: str, font: QFont, role: Role, room: float
    ) -> float:
        """One line, its capitals centred on `middle`; returns its width."""
        metrics = QFontMetricsF(font)
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room + 0.5)
        painter.setFont(font)
        painter.setPen(self._look.color(role))
        painter.drawText(QPointF(x, round(middle + metrics.capHeight() / 2)), shown)
        return metrics.horizontalAdvance(shown)

    def _word_font(self, px: int, room: float) -> QFont:
        """The state word as large as `px`, smaller where there is no room: it is never cut short."""
        look, word = self._look, STATE_WORDS[self._state]
        while look.px(px) > SMALLEST_TEXT and QFontMetricsF(look.font(px, STRONG)).horizontalAdvance(word) > room:
            px -= 1
        return look.font(px, STRONG)

    def _paint_plain(self, painter: QPainter, layout: DockLayout) -> None:
        look, x, room = self._look, layout.text_x, layout.room
        font = self._word_font(layout.word, room)
        line_font, pitch = look.font(layout.line), look.px(layout.line * 1.35)
        word_height, gap = QFontMetricsF(font).capHeight(), look.px(16 if not self._compact else 12)
        lines = laid_out(self.line, line_font, room, pitch)
        if word_height + gap + lines.lineCount() * pitch > layout.band - 8:
            short = QFontMetricsF(line_font).elidedText(self.line, Qt.TextElideMode.ElideRight, room)
            lines = laid_out(short, line_font, room, pitch)
        top = (layout.band + 3 - word_height - gap - lines.lineCount() * pitch) / 2
        role = _COLORS[self._state][2]
        self._text(painter, x, top + word_height / 2, STATE_WORDS[self._state], font, role, room)
        painter.setPen(look.color(Role.INK2))
        lines.draw(painter, QPointF(x, top + word_height + gap))

    def _paint_in_a_row(self, painter: QPainter, layout: DockLayout) -> None:
        """The word, and beside it what is being said, or the line."""
        look, middle = self._look, layout.band / 2 + 1
        font = self._word_font(layout.word, layout.room)
        role = _COLORS[self._state][2]
        width = self._text(painter, layout.text_x, middle, STATE_WORDS[self._state], font, role, layout.room)
        left = layout.room - width - 14
        if not layout.line or left < look.px(60):
            return
        x, font = layout.text_x + width + 14, look.font(layout.line)
        if self.caption:
            shown = last_lines(self.caption.text, font, left, 1)
            self._text(painter, x, middle + 1, shown, font, Role.INK, left)
        else:
            self._text(painter, x, middle + 1, self.line, font, Role.INK2, left)

    def _paint_with_caption(self, painter: QPainter, layout: DockLayout) -> None:
        look, x, room = self._look, layout.text_x, layout.room
        font = self._word_font(layout.word_over_caption, room)
        middle = look.px(34 if not self._compact else 30)
        word = STATE_WORDS[self._state]
        width = self._text(painter, x, middle, word, font, _COLORS[self._state][2], room)
        left = room - width - 14
        if not self._compact and left > look.px(80):
            beside = look.font(14, MEDIUM if self._state is State.DUCKED else NORMAL)
            self._text(painter, x + width + 14, middle + 3, self.line, beside, Role.INK2, left)
        px, line = layout.caption
        top = middle + look.px(24 if not self._compact else 17)
        box = QRectF(x, top, room, max(look.px(line), min(2 * look.px(line), layout.band - top - 2)))
        paint_caption(painter, self.caption, look, box, px, line)
