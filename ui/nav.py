"""Rows of the side list that lead somewhere."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.buttons import FlatButton, paint_focus
from ui.icons import Icon, paint_icon
from ui.marks import paint_round
from ui.tokens import FOCUS_MARGIN, MEDIUM, STRONG, Look, Role


def paint_row(painter: QPainter, look: Look, body: QRectF, *, selected: bool, hovered: bool) -> None:
    """The ground of a row; a selected one has a bar at its start."""
    if not selected and not hovered:
        return
    paint_round(painter, body, 10, look.color(Role.SELECT, 1.0 if selected else 0.5))
    if selected:
        height = min(24.0, body.height() - 10)
        bar = QRectF(body.left(), body.center().y() - height / 2, 3, height)
        paint_round(painter, bar, 1.5, look.color(Role.TIDE))


class NavRow(FlatButton):
    """An icon and a name, selected while its page is open."""

    def __init__(self, look: Look, icon: Icon, label: str, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent, look)
        self._icon = icon
        self._selected = False
        self.setText(label)
        self.setAccessibleName(label)
        self.setToolTip(f"{label} ({key})")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_selected(self, selected: bool) -> None:
        """Show whether the page is open."""
        self._selected = selected
        self.setAccessibleName(f"{self.text()}, selected" if selected else self.text())
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(self.look.px(120), self.look.px(36))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint ground, icon and name."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look, box = self.look, QRectF(self.rect())
        paint_row(painter, look, box.adjusted(0, 1, 0, -1), selected=self._selected, hovered=self.underMouse())
        rtl = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        size, start = look.px(18), 13
        x = box.right() - start - size / 2 if rtl else start + size / 2
        paint_icon(painter, self._icon, QPointF(x, box.center().y()), size, look.color(Role.INK))
        painter.setFont(look.font(15, STRONG if self._selected else MEDIUM))
        painter.setPen(look.color(Role.INK))
        words = box.adjusted(8, 0, -(start + size + 11), 0) if rtl else box.adjusted(start + size + 11, 0, -8, 0)
        side = Qt.AlignmentFlag.AlignRight if rtl else Qt.AlignmentFlag.AlignLeft
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | side, self.text())
        if self.hasFocus():
            paint_focus(painter, look, box.adjusted(1, 1, -1, -1), 10 - FOCUS_MARGIN)
