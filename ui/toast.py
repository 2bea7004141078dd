"""Toasts: short notices at the top right. They go after a while; problems stay until they are closed."""

from typing import Final

from PySide6.QtCore import QObject, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget

from assistant.core.effects import Level
from assistant.session.snapshot import Notice
from ui.buttons import Button, Kind
from ui.card import Glyph
from ui.icons import Icon
from ui.labels import Text
from ui.marks import paint_round
from ui.tokens import MEDIUM, Look, Role
from ui.wording_tools import UNDO

SHOWN_FOR_MS: Final = 6000
UNDO_FOR_MS: Final = 20000
WIDTH: Final = 360
SHADOW: Final = 12
MOST: Final = 4


class Toast(QWidget):
    """One notice. It stays as long as the mouse or the focus is in it; `undo_asked` carries the notice's handle."""

    closed = Signal()
    undo_asked = Signal(str)

    def __init__(self, parent: QWidget, look: Look, notice: Notice) -> None:
        super().__init__(parent)
        self.notice = notice
        problem = notice.level is Level.PROBLEM
        icon, role = (Icon.WARNING, Role.SIGNAL_INK) if problem else (Icon.INFO, Role.TIDE)
        self._glyph = Glyph(look, icon, 20, role)
        self._text = Text(look, notice.text, 14, MEDIUM, wrap=True)
        self._close = Button(look, Kind.QUIET, "", Icon.CLOSE, name="Close")
        self._close.clicked.connect(self.closed)
        row = QHBoxLayout(self)
        row.setContentsMargins(16 + SHADOW, 6 + SHADOW, 6 + SHADOW, 6 + SHADOW)
        row.setSpacing(12)
        row.addWidget(self._glyph, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._text, 1)
        self.undo: Button | None = None
        if notice.undo:
            self.undo = Button(look, Kind.LINK, UNDO, name=f"{UNDO}: {notice.text}")
            self.undo.clicked.connect(self._undo)
            row.addWidget(self.undo, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignVCenter)
        self.setAccessibleName(notice.text)
        self.set_look(look)
        if not problem:
            self._timer = QTimer(self, interval=UNDO_FOR_MS if notice.undo else SHOWN_FOR_MS)
            self._timer.timeout.connect(self._close_unless_in_use)
            self._timer.start()

    def set_look(self, look: Look) -> None:
        """Paint by `look` from now on."""
        self._look = look
        for part in (self._glyph, self._text, self._close):
            part.set_look(look)
        if self.undo is not None:
            self.undo.set_look(look)
        self.update()

    @property
    def first_button(self) -> Button:
        """Where the keyboard comes in."""
        return self._close if self.undo is None else self.undo

    def _undo(self) -> None:
        self.undo_asked.emit(self.notice.undo)
        self.closed.emit()

    def _close_unless_in_use(self) -> None:
        focus = QApplication.focusWidget()
        if not self.underMouse() and (focus is None or not self.isAncestorOf(focus)):
            self.closed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint shadow (a line in the dark themes) and surface."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(SHADOW, SHADOW, -SHADOW, -SHADOW)
        if self._look.light:
            for grow in range(SHADOW, 0, -2):
                paint_round(painter, box.adjusted(-grow, -grow + 4, grow, grow), 14 + grow, QColor(10, 30, 28, 4))
        line = None if self._look.light else self._look.color(Role.LINE)
        paint_round(painter, box, 14, self._look.color(Role.RAISED), line, 1)


class Toasts(QObject):
    """The stack of toasts in the top right corner of `area`. Each notice is shown once, the latest on top.

    `height_changed`: the stack takes more or less room.
    """

    undo_asked = Signal(str)
    height_changed = Signal()

    def __init__(self, area: QWidget, look: Look) -> None:
        super().__init__(area)
        self._area, self._look = area, look
        self._last_number: int | None = None
        self.shown: list[Toast] = []

    def show_notices(self, notices: tuple[Notice, ...], said: tuple[str, ...] = ()) -> tuple[Notice, ...]:
        """Show those of `notices` that are new, and return them; `said` are sentences that stand elsewhere already."""
        new = tuple(n for n in notices if self._last_number is None or n.number > self._last_number)
        for notice in new:
            self._last_number = notice.number
            self._add(notice)
        for toast in self.shown[MOST:] + [t for t in self.shown if any(t.notice.text in line for line in said)]:
            self._remove(toast)
        if new:
            self.height_changed.emit()
        return new

    def tell(self, text: str) -> None:
        """Show a problem of the window's own."""
        self._add(Notice(0, Level.PROBLEM, text))
        self.height_changed.emit()

    def set_look(self, look: Look) -> None:
        """Paint by `look` from now on."""
        self._look = look
        for toast in self.shown:
            toast.set_look(look)

    def arrange(self, left: int, top: int, bottom: int) -> int:
        """Stack the toasts from `top` down, at the right of what is right of `left`; returns the height they take.

        Those that would reach below `bottom` wait until there is room for them.
        """
        y = top + 12 - SHADOW
        room = self._area.width() - left - 24
        width = min(self._look.px(WIDTH), room) + 2 * SHADOW
        for toast in self.shown:
            layout = toast.layout()
            height = max(self._look.px(52) + 2 * SHADOW, layout.heightForWidth(width) if layout else 0)
            fits = y + height - SHADOW <= bottom
            toast.setVisible(fits)
            if fits:
                toast.setGeometry(self._area.width() - width - 12 + SHADOW, y, width, height)
                toast.raise_()
                y += height - SHADOW
        return max(0, y + SHADOW - top - 12) if y > top + 12 - SHADOW else 0

    def _add(self, notice: Notice) -> None:
        toast = Toast(self._area, self._look, notice)
        toast.closed.connect(lambda: self._remove(toast))
        toast.undo_asked.connect(self.undo_asked)
        self.shown.insert(0, toast)

    def _remove(self, toast: Toast) -> None:
        if toast in self.shown:
            self.shown.remove(toast)
            toast.hide()
            toast.deleteLater()
            self.height_changed.emit()
