"""A row of tabs; where there is no room for it, a list to choose from."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.buttons import FlatButton, paint_focus
from ui.editors import Choice
from ui.marks import paint_round
from ui.tokens import MEDIUM, STRONG, Look, Role


class _Tab(FlatButton):
    """One tab, underlined while it is open."""

    def __init__(self, look: Look, label: str) -> None:
        super().__init__(None, look)
        self.setText(label)
        self.setCheckable(True)

    def nextCheckState(self) -> None:
        """The row decides."""

    def sizeHint(self) -> QSize:
        """As wide as the label."""
        width = QFontMetricsF(self.look.font(15, STRONG)).horizontalAdvance(self.text())
        return QSize(round(width) + 12, self.look.px(40))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint label and line."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look, box, on = self.look, QRectF(self.rect()), self.isChecked()
        painter.setFont(look.font(15, STRONG if on else MEDIUM))
        painter.setPen(look.color(Role.INK if on or self.underMouse() else Role.INK2))
        painter.drawText(box.adjusted(0, 0, 0, -4), Qt.AlignmentFlag.AlignCenter, self.text())
        if on:
            line = QRectF(6, box.bottom() - 3, box.width() - 12, 3)
            paint_round(painter, line, 1.5, look.color(Role.TIDE))
        if self.hasFocus():
            paint_focus(painter, look, box.adjusted(0, 0, 0, -4), 2)


class Tabs(QWidget):
    """`chosen` carries the label. The arrow keys go from tab to tab."""

    chosen = Signal(str)

    def __init__(self, look: Look, name: str, labels: Sequence[str]) -> None:
        super().__init__()
        self._look = look
        self.current = labels[0]
        self.tabs = {label: _Tab(look, label) for label in labels}
        self.choice = Choice(look, name, labels)
        self.choice.activated.connect(lambda index: self._choose(labels[index]))
        self._line = QWidget()
        row = QHBoxLayout(self._line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        for label, tab in self.tabs.items():
            tab.clicked.connect(lambda _=False, label=label: self._choose(label))
            row.addWidget(tab)
        row.addStretch(1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self._line)
        box.addWidget(self.choice)
        self.show_current(self.current)

    def set_layout(self, look: Look, room: int) -> None:
        """Paint by `look` from now on; `room` is the width there is."""
        self._look = look
        for tab in self.tabs.values():
            tab.set_look(look)
        self.choice.set_look(look)
        narrow = self._line.sizeHint().width() > room
        self._line.setVisible(not narrow)
        self.choice.setVisible(narrow)
        self.update()

    def show_current(self, label: str) -> None:
        """Open `label` without telling; only it is reached with Tab. "" opens none."""
        self.current = label
        for name, tab in self.tabs.items():
            tab.setChecked(name == label)
            tab.setFocusPolicy(Qt.FocusPolicy.TabFocus if name == label else Qt.FocusPolicy.NoFocus)
            tab.setAccessibleName(f"{name}, selected" if name == label else name)
        if label:
            self.choice.setCurrentText(label)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the hairline."""
        if self._line.isVisible():
            QPainter(self).fillRect(0, self.height() - 1, self.width(), 1, self._look.color(Role.LINE))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right open the neighbour."""
        if event.key() not in (Qt.Key.Key_Left, Qt.Key.Key_Right) or not self.current:
            super().keyPressEvent(event)
            return
        rtl = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        step = 1 if (event.key() == Qt.Key.Key_Right) is not rtl else -1
        labels = list(self.tabs)
        label = labels[(labels.index(self.current) + step) % len(labels)]
        self._choose(label)
        self.tabs[label].setFocus(Qt.FocusReason.TabFocusReason)

    def _choose(self, label: str) -> None:
        self.show_current(label)
        self.chosen.emit(label)
