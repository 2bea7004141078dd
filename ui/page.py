"""What all pages share: title, one sentence, a column that scrolls, and the way back."""

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ui.buttons import Button, Kind
from ui.icons import Icon
from ui.labels import Line, Text
from ui.tokens import STRONG, Look, Role, scrollbar_style
from ui.wording_pages import BACK, PAGE_SENTENCES, PAGE_TITLES, PageName

CONTENT_WIDTH: Final = 788
SCROLLBAR: Final = 10


class _Bar(QWidget):
    """The bar at the top in the compact layout: back, and the title."""

    def __init__(self, look: Look, title: str) -> None:
        super().__init__()
        self._look = look
        self.back = Button(look, Kind.QUIET, "", Icon.BACK, name=BACK)
        self.title = Line(look, title, 17, STRONG)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 16, 1)
        row.setSpacing(8)
        row.addWidget(self.back, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.title, 1)

    def set_look(self, look: Look) -> None:
        self._look = look
        for part in (self.back, self.title):
            part.set_look(look)
        self.setFixedHeight(round(56 * (1 + max(0.0, look.scale - 1) * 0.4)))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(0, self.height() - 1, self.width(), 1, self._look.color(Role.LINE))


class Page(QWidget):
    """A page that stands in place of the conversation. Subclasses add to `column`, and restyle that in `restyle`."""

    back_asked = Signal()

    def __init__(self, look: Look, name: PageName) -> None:
        super().__init__()
        self.name, self.look, self.compact = name, look, False
        self.bar = _Bar(look, PAGE_TITLES[name])
        self.bar.back.clicked.connect(self.back_asked)
        self.title = Text(look, PAGE_TITLES[name], 28, STRONG, wrap=True)
        self.sentence = Text(look, PAGE_SENTENCES[name], 15, role=Role.INK2, wrap=True)
        self.area = QScrollArea()
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._holder = holder = QWidget()
        self.area.setWidget(holder)
        for part in (holder, self.area.viewport()):
            part.setAutoFillBackground(False)
        self.column = QVBoxLayout()
        self.column.setSpacing(12)
        top = QVBoxLayout()
        top.setSpacing(4)
        top.addWidget(self.title)
        top.addWidget(self.sentence)
        self.column.addLayout(top)
        self._around = QHBoxLayout(holder)
        self._around.addLayout(self.column, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.bar)
        box.addWidget(self.area, 1)
        self.setAccessibleName(PAGE_TITLES[name])

    def set_look(self, look: Look, compact: bool) -> None:
        """Paint by `look` from now on, in one of the two layouts."""
        self.look, self.compact = look, compact
        self.bar.set_look(look)
        self.bar.setVisible(compact)
        for part in (self.title, self.sentence):
            part.set_look(look)
        self.title.setVisible(not compact)
        self.sentence.setVisible(not compact)
        self.sentence.setContentsMargins(0, 0, 0, 4)
        self.area.verticalScrollBar().setStyleSheet(scrollbar_style(look))
        edge = 16 if compact else 40
        self._around.setContentsMargins(edge, 14 if compact else 28, edge, 20)
        self._holder.setMaximumWidth(look.px(CONTENT_WIDTH) + 2 * edge)
        self.restyle()

    @property
    def room(self) -> int:
        """The width of the column, in pixels."""
        edges = self._around.contentsMargins()
        return min(self.look.px(CONTENT_WIDTH), self.width() - edges.left() - edges.right() - SCROLLBAR)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit into the new width."""
        super().resizeEvent(event)
        self.restyle()

    def restyle(self) -> None:
        """Bring what a subclass has added in line with `look`, `compact` and `room`."""

    def opened(self) -> None:
        """The page has come into sight."""

    def start(self) -> QWidget:
        """What gets the keyboard when the page opens."""
        return self.bar.back
