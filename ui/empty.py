"""What stands where the conversation will be: how to begin, and how far Parley has got with waking up."""

from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from assistant.session.snapshot import EngineView, Snapshot, State
from ui import wording
from ui.buttons import Button, Kind
from ui.card import Card, Glyph, Row, RowsCard
from ui.icons import Icon
from ui.labels import Paragraph, Text
from ui.marks import paint_caesura, paint_round
from ui.tokens import STRONG, Look, Role, regular_thread_x, scrollbar_style

TIGHT_FROM: Final = 1.4
"""From this text scale on, a narrow window has no room for two columns."""


def _engine_row(engine: EngineView) -> Row:
    if engine.failed:
        return Row(engine.name, engine.detail, Icon.WARNING, Role.SIGNAL_INK)
    if engine.ready:
        return Row(engine.name, engine.detail, Icon.TICK, Role.TIDE)
    return Row(engine.name, engine.detail[:1].upper() + engine.detail[1:], Icon.CLOCK, Role.INK2)


def _device_row(name: str, device: str | None) -> Row:
    if device is None:
        return Row(name, "None connected", Icon.WARNING, Role.SIGNAL_INK)
    return Row(name, device, Icon.TICK, Role.TIDE)


def rows_for(snapshot: Snapshot) -> tuple[Row, ...]:
    """What the card lists: devices if one is missing, else the engines until all are ready."""
    engines = snapshot.engines
    unready = tuple(_engine_row(engine) for engine in engines) if not all(e.ready for e in engines) else ()
    if snapshot.state is not State.NO_MICROPHONE:
        return unready
    devices = (_device_row("Microphone", snapshot.microphone), _device_row("Speaker", snapshot.loudspeaker))
    return devices + unready


class _Examples(QWidget):
    """Things to say, beside a thread that is cut."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._thread_x = 0
        self.texts = [Text(look, "Try saying", 14, STRONG, Role.INK2)]
        self.texts += [Text(look, example, 17, role=Role.INK, wrap=True) for example in wording.EXAMPLES]
        self.box = QVBoxLayout(self)
        self.box.setSpacing(look.px(12))
        for text in self.texts:
            self.box.addWidget(text)

    def set_look(self, look: Look, thread_x: int, text_x: int) -> None:
        """Paint by `look`, the thread at `thread_x`, the words from `text_x` on."""
        self._look, self._thread_x = look, thread_x
        self.box.setContentsMargins(text_x, 2, 0, 2)
        for text in self.texts:
            text.set_look(look)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the thread."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look, x, middle = self._look, self._thread_x, self.height() * 0.43
        line = QRectF(x - 3, 0, 6, self.height())
        paint_round(painter, line, 3, None, look.color(Role.LINE_STRONG), 1.3)
        paint_round(painter, QRectF(x - 3, 0, 6, middle), 3, look.color(Role.TIDE))
        painter.fillRect(QRectF(x - 10, middle - 8, 20, 16), look.color(Role.CANVAS))
        paint_caesura(painter, QPointF(x, middle), 15, look.color(Role.SAFFRON_INK), 2.2)


class _MutedCard(Card):
    """Says that the microphone is muted, and unmutes it."""

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self.glyph = Glyph(look, Icon.MICROPHONE_OFF, 24, Role.INK)
        self.title = Text(look, wording.MUTED_TITLE, 15, STRONG)
        self.body = Text(look, wording.MUTED_BODY, 14, role=Role.INK2, wrap=True)
        self.unmute = Button(look, Kind.PRIMARY, "Unmute", name="Unmute microphone", width=110)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self.title)
        words.addWidget(self.body)
        self._parts = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._parts.setSpacing(8)
        self._parts.addLayout(words, 1)
        self._parts.addWidget(self.unmute, 0, Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 14, 16, 14)
        row.setSpacing(20)
        row.addWidget(self.glyph, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addLayout(self._parts, 1)

    def set_layout(self, look: Look, compact: bool) -> None:
        """Paint by `look` from now on, in one of the two layouts."""
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._parts.setDirection(down if compact else across)
        left, middle = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignVCenter
        self._parts.setAlignment(self.unmute, left if compact else middle)
        self.set_look(look)
        for part in (self.glyph, self.title, self.body, self.unmute):
            part.set_look(look)


class EmptyState(QScrollArea):
    """Title, two lines, examples, and a card for what stands in the way."""

    unmute_asked = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look, self._compact = look, False
        self._snapshot = Snapshot()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.title = Paragraph(look, 34, 40, Role.INK, STRONG)
        self.body = Paragraph(look, 17, 28, Role.INK2)
        self.examples = _Examples(look)
        self.rows = RowsCard(look)
        self.muted = _MutedCard(look)
        self.muted.unmute.clicked.connect(self.unmute_asked)
        page = QWidget()
        self.setWidget(page)
        self.viewport().setAutoFillBackground(False)
        page.setAutoFillBackground(False)
        self._page = QVBoxLayout(page)
        self._page.setSpacing(0)
        self._column = QVBoxLayout()
        self._column.setSpacing(10)
        self._cards = QVBoxLayout()
        self._cards.setSpacing(16)
        for words in (self.title, self.body):
            self._column.addWidget(words)
        for card in (self.rows, self.muted):
            self._cards.addWidget(card)
        self._page.addStretch(3)
        self._page.addLayout(self._column)
        self._page.addWidget(self.examples)
        self._page.addLayout(self._cards)
        self._page.addStretch(4)

    def set_look(self, look: Look, compact: bool) -> None:
        """Paint by `look` from now on, in one of the two layouts."""
        self._look, self._compact = look, compact
        self.verticalScrollBar().setStyleSheet(scrollbar_style(look))
        tight = compact and look.scale >= TIGHT_FROM  # a long word must still fit into a line
        self.title.set_px(*((22, 28) if tight else (28, 34) if compact else (34, 40)), look)
        self.body.set_px(*((16, 25) if compact else (17, 28)), look)
        self.muted.set_layout(look, compact)
        left = 24 if compact else regular_thread_x(look) + 24
        self._page.setContentsMargins(0, 24, 0, 24)
        self._column.setContentsMargins(left, 0, 24, 24)
        self._cards.setContentsMargins(left - 8 if compact else left, 24, 16 if compact else 24, 0)
        self.examples.set_look(look, 27 if compact else left - 24, 44 if compact else left)
        for part in (self.title, self.body, self.rows, self.muted):
            part.setMaximumWidth(look.px(600))
        self._refresh(force=True)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show what applies now."""
        self._snapshot, before = snapshot, self._snapshot
        self._refresh(force=False, before=before)

    def _refresh(self, force: bool, before: Snapshot | None = None) -> None:
        snapshot = self._snapshot
        lost = snapshot.state is State.NO_MICROPHONE
        title = wording.NO_MICROPHONE_TITLE if lost else wording.EMPTY_TITLE
        self.title.setText(title.replace(". ", ".\n") if self._compact else title)
        self.body.setText(wording.NO_MICROPHONE_BODY if lost else wording.EMPTY_BODY)
        rows = rows_for(snapshot)
        if force or before is None or rows_for(before) != rows:
            tight = self._compact and self._look.scale >= TIGHT_FROM
            self.rows.show_rows(self._look, rows, 0 if tight else 108 if self._compact else 140)
        self.rows.setVisible(bool(rows))
        muted = snapshot.muted and not lost
        self.muted.setVisible(muted)
        crowded = self._compact and (bool(rows) or muted)
        self.examples.setVisible(not lost and not crowded)
