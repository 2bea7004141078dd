"""Text that takes its size and colour from the look."""

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPalette, QTextLayout
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from ui.layouts import laid_out
from ui.tokens import NORMAL, Look, Role


class Text(QLabel):
    """A line or paragraph of `px` pixels in the colour of `role`."""

    def __init__(
        self,
        look: Look,
        text: str,
        px: int,
        weight: QFont.Weight = NORMAL,
        role: Role = Role.INK,
        *,
        wrap: bool = False,
        tabular: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._px, self._weight, self._role, self._tabular = px, weight, role, tabular
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        self.set_look(look)

    def set_look(self, look: Look) -> None:
        """Paint by `look` from now on."""
        self.setFont(look.font(self._px, self._weight, self._tabular))
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.WindowText, look.color(self._role))
        self.setPalette(palette)


class Line(Text):
    """One line that ends in an ellipsis where there is no room."""

    def __init__(
        self,
        look: Look,
        text: str,
        px: int,
        weight: QFont.Weight = NORMAL,
        role: Role = Role.INK,
        *,
        tabular: bool = False,
    ) -> None:
        super().__init__(look, text, px, weight, role, tabular=tabular)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint as much as fits."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


class Paragraph(QWidget):
    """Wrapped text whose lines are `line` pixels apart."""

    def __init__(self, look: Look, px: int, line: int, role: Role, weight: QFont.Weight = NORMAL) -> None:
        super().__init__()
        self._text, self._role, self._weight = "", role, weight
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.set_px(px, line, look)

    def set_px(self, px: int, line: int, look: Look) -> None:
        """Change size and look."""
        self._look, self._px, self._line = look, px, line
        self.updateGeometry()
        self.update()

    def setText(self, text: str) -> None:
        """Change the words."""
        self._text = text
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def text(self) -> str:
        """The words."""
        return self._text

    def _layout(self, width: float) -> QTextLayout:
        return laid_out(self._text, self._look.font(self._px, self._weight), width, self._look.px(self._line))

    def hasHeightForWidth(self) -> bool:
        """Narrower is higher."""
        return True

    def heightForWidth(self, width: int) -> int:
        """All lines."""
        return self._layout(width).lineCount() * self._look.px(self._line)

    def sizeHint(self) -> QSize:
        """As wide as allowed."""
        return QSize(self.maximumWidth(), self.heightForWidth(max(self.width(), 200)))

    def minimumSizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(0, self._look.px(self._line))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the words."""
        painter = QPainter(self)
        painter.setPen(self._look.color(self._role))
        self._layout(self.width()).draw(painter, QPointF(0, 0))


class Rule(QWidget):
    """A hairline."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.setFixedHeight(1)

    def set_look(self, look: Look) -> None:
        """Paint by `look` from now on."""
        self._look = look
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the line."""
        QPainter(self).fillRect(self.rect(), self._look.color(Role.LINE))
