"""The row at the very bottom: mute, type, hold to talk."""

from typing import Final

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QWidget

from assistant.session.snapshot import Snapshot
from ui.buttons import Button, Kind
from ui.icons import Icon
from ui.marks import paint_round
from ui.tokens import FOCUS_MARGIN, Look, Role

MOST_LINES: Final = 5
PLACEHOLDER: Final = "Type to Parley"
_RETURN: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class _Field(QPlainTextEdit):
    """The text field. Return sends; Shift+Return begins a new line; Tab goes on to the next control."""

    sent = Signal(str)
    focus_changed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setPlaceholderText(PLACEHOLDER)
        self.setAccessibleName("Message to Parley")
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)

    def send(self) -> None:
        """Hand the text over, unless there is none, and clear the field."""
        text = self.toPlainText().strip()
        if text:
            self.clear()
            self.sent.emit(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Tell sending from a new line; leave Ctrl+Return to the window."""
        if event.key() not in _RETURN:
            super().keyPressEvent(event)
        elif event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.insertPlainText("\n")
        elif not event.isAutoRepeat():
            self.send()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus."""
        super().focusInEvent(event)
        self.focus_changed.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Stop showing the focus."""
        super().focusOutEvent(event)
        self.focus_changed.emit()


class _FieldBox(QWidget):
    """The field with its border, and the send button in it. It grows with the text up to a few lines."""

    height_changed = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.field = _Field(self)
        self.send = Button(look, Kind.SEND, "", Icon.SEND, name="Send", parent=self)
        self.send.clicked.connect(self.field.send)
        self.field.focus_changed.connect(self.update)
        self.field.textChanged.connect(self._fit)
        self.setFocusProxy(self.field)

    def set_look(self, look: Look) -> None:
        """Paint by `look` from now on."""
        self._look = look
        self.send.set_look(look)
        self.field.setFont(look.font(15))
        palette = self.field.palette()
        palette.setColor(QPalette.ColorRole.Base, Qt.GlobalColor.transparent)
        palette.setColor(QPalette.ColorRole.Text, look.color(Role.INK))
        palette.setColor(QPalette.ColorRole.PlaceholderText, look.color(Role.INK2))
        palette.setColor(QPalette.ColorRole.Highlight, look.color(Role.TIDE))
        palette.setColor(QPalette.ColorRole.HighlightedText, look.color(Role.ON_TIDE))
        self.field.setPalette(palette)
        self._fit()

    def _fit(self) -> None:
        lines = min(max(1, int(self.field.document().size().height())), MOST_LINES)
        text = lines * self.field.fontMetrics().lineSpacing()
        height = max(self._look.px(44), text + 22)
        if height != self.height() or self.minimumHeight() != height:
            self.setFixedHeight(height)
            self.height_changed.emit()
        self._arrange()

    def _arrange(self) -> None:
        size = self.send.sizeHint()
        edge = (self._look.px(44) - size.height()) // 2
        self.send.setGeometry(
            self.width() - size.width() - edge, self.height() - size.height() - edge, size.width(), size.height()
        )
        lines = min(max(1, int(self.field.document().size().height())), MOST_LINES)
        text = lines * self.field.fontMetrics().lineSpacing() + 2
        self.field.setGeometry(15, (self.height() - text) // 2 + 1, self.send.x() - 19, text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the send button at its place, and wrap for the new width."""
        self._arrange()
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the border: thick and in ink while the field has the focus."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        focused = self.field.hasFocus()
        line = self._look.color(Role.INK if focused else Role.LINE_STRONG)
        surface = self._look.color(Role.SURFACE)
        paint_round(painter, QRectF(self.rect()), 10, surface, line, 2 if focused else 1.2)


class Composer(QWidget):
    """Mute, field and hold-to-talk. It asks; it decides nothing. `typing`: the first key of a message was pressed."""

    sent = Signal(str)
    typing = Signal()
    mute_asked = Signal(bool)
    hold_changed = Signal(bool)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.mute = Button(look, Kind.PLAIN, "Mute", Icon.MICROPHONE, name="Mute microphone", width=112)
        self.mute.setCheckable(True)
        self.mute.clicked.connect(self._ask_mute)
        self.box = _FieldBox(look)
        self.field = self.box.field
        self.field.sent.connect(self.sent)
        self._empty = True
        self.field.textChanged.connect(self._note_typing)
        self.box.height_changed.connect(self._fit)
        self.hold = Button(look, Kind.PLAIN, "Hold to talk", Icon.HOLD, name="Hold to talk, F8", key="F8", width=196)
        self.hold.pressed.connect(lambda: self.hold_changed.emit(True))
        self.hold.released.connect(lambda: self.hold_changed.emit(False))
        self._row = QHBoxLayout(self)
        bottom = Qt.AlignmentFlag.AlignBottom
        self._row.addWidget(self.mute, 0, bottom)
        around = QHBoxLayout()
        around.setContentsMargins(FOCUS_MARGIN, FOCUS_MARGIN, FOCUS_MARGIN, FOCUS_MARGIN)
        around.addWidget(self.box)
        self._row.addLayout(around, 1)
        self._row.setAlignment(around, bottom)
        self._row.addWidget(self.hold, 0, bottom)
        self._compact = False

    def set_look(self, look: Look, compact: bool) -> None:
        """Paint by `look` from now on, in one of the two layouts."""
        self._look, self._compact = look, compact
        for button in (self.mute, self.hold):
            button.set_look(look)
            button.set_compact(compact)
        self.box.set_look(look)
        edge, gap = (16, 10) if compact else (24, 12)
        right = 16 if compact else 32
        self._row.setSpacing(gap - 2 * FOCUS_MARGIN)
        pad = (64 - 44) // 2 if compact else (72 - 44) // 2
        self._row.setContentsMargins(edge - FOCUS_MARGIN, 0, right - FOCUS_MARGIN, pad - FOCUS_MARGIN)
        self._fit()
        self.update()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show whether the microphone is muted, or missing."""
        there = snapshot.microphone is not None
        self.mute.setChecked(snapshot.muted)
        if snapshot.muted:
            self.mute.set_face("Unmute", Icon.MICROPHONE_OFF, "Unmute microphone")
        else:
            self.mute.set_face("Mute", Icon.MICROPHONE, "Mute microphone")
        self.mute.setEnabled(there)
        self.hold.setEnabled(there)

    def _note_typing(self) -> None:
        was_empty, self._empty = self._empty, self.field.document().isEmpty()
        if was_empty and not self._empty:
            self.typing.emit()

    def _ask_mute(self, muted: bool) -> None:
        self.mute.setChecked(not muted)  # only the session's answer changes what is shown
        self.mute_asked.emit(muted)

    def _fit(self) -> None:
        pad = 20 if self._compact else 28
        self.setFixedHeight(self.box.minimumHeight() + pad)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the canvas."""
        QPainter(self).fillRect(self.rect(), self._look.color(Role.CANVAS))
