"""A card: a rounded surface with rows of what is so (an engine, a device), each with a mark."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from ui.icons import Icon, paint_icon
from ui.labels import Rule, Text
from ui.marks import paint_round
from ui.tokens import STRONG, Look, Role


class Card(QWidget):
    """The rounded surface."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.look = look

    def set_look(self, look: Look) -> None:
        """Paint by `look` from now on."""
        self.look = look
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the surface."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        surface, line = self.look.color(Role.SURFACE), self.look.color(Role.LINE)
        paint_round(painter, QRectF(self.rect()), 14, surface, line, 1)


class Glyph(QWidget):
    """An icon as a widget."""

    def __init__(self, look: Look, icon: Icon, size: int, role: Role, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon, self._size, self._role = icon, size, role
        self.set_look(look)

    def set_look(self, look: Look) -> None:
        """Paint by `look` from now on."""
        self._look = look
        self.setFixedSize(look.px(self._size), look.px(self._size))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the icon."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        centre = QPointF(self.width() / 2, self.height() / 2)
        paint_icon(painter, self._icon, centre, self.width(), self._look.color(self._role))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list: `name`, what is so, and its mark."""

    name: str
    detail: str
    icon: Icon
    role: Role


class RowsCard(Card):
    """A card that lists rows."""

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self._rows: tuple[Row, ...] = ()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(20, 2, 20, 2)
        self._layout.setSpacing(0)

    def show_rows(self, look: Look, rows: tuple[Row, ...], name_width: int) -> None:
        """Show `rows`, their names in a column of `name_width` (before scaling); 0 puts them above."""
        self.look, self._rows = look, rows
        while (item := self._layout.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for index, row in enumerate(rows):
            if index:
                self._layout.addWidget(Rule(look))
            self._layout.addWidget(self._row(row, name_width))
        self.setAccessibleName(", ".join(f"{row.name}: {row.detail}" for row in rows))
        self.update()

    def _row(self, row: Row, name_width: int) -> QWidget:
        holder = QWidget()
        holder.setMinimumHeight(self.look.px(47))
        line = QHBoxLayout(holder)
        line.setContentsMargins(0, 8, 0, 8)
        line.setSpacing(12)
        name = Text(self.look, row.name, 15, STRONG)
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        words = QBoxLayout(across if name_width else down)
        words.setSpacing(12 if name_width else 2)
        if name_width:
            name.setMinimumWidth(self.look.px(name_width) - 12)
        words.addWidget(name)
        words.addWidget(Text(self.look, row.detail, 15, role=Role.INK2, wrap=True), 1)
        line.addLayout(words, 1)
        line.addWidget(Glyph(self.look, row.icon, 18, row.role), 0, Qt.AlignmentFlag.AlignVCenter)
        return holder
