"""The top of the window: title, the line under it, and the button that opens the side list where it is hidden."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from assistant.session.snapshot import Snapshot
from ui import wording
from ui.buttons import Button, Kind
from ui.icons import Icon
from ui.labels import Line
from ui.tokens import STRONG, Look, Role


class Header(QWidget):
    """Title and subtitle of the conversation."""

    drawer_asked = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.menu = Button(look, Kind.QUIET, "", Icon.MENU, name="Conversation and models")
        self.menu.clicked.connect(self.drawer_asked)
        self.options = Button(look, Kind.QUIET, "", Icon.DOTS, name="View options")
        self.title = Line(look, "", 17, STRONG)
        self.subtitle = Line(look, "", 13, role=Role.INK2, tabular=True)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addStretch(1)
        words.addWidget(self.title)
        words.addWidget(self.subtitle)
        words.addStretch(1)
        self._row = QHBoxLayout(self)
        self._row.setSpacing(8)
        self._row.addWidget(self.menu, 0, Qt.AlignmentFlag.AlignVCenter)
        self._row.addLayout(words, 1)
        self._row.addWidget(self.options, 0, Qt.AlignmentFlag.AlignVCenter)

    def set_look(self, look: Look, compact: bool) -> None:
        """Paint by `look` from now on, in one of the two layouts."""
        self._look = look
        for part in (self.menu, self.options, self.title, self.subtitle):
            part.set_look(look)
        self.menu.setVisible(compact)
        self.subtitle.setVisible(not compact)
        self._row.setContentsMargins(8 if compact else 32, 0, 8 if compact else 18, 1)
        usual = 56 if compact else 64
        self.setFixedHeight(round(usual * (1 + max(0.0, look.scale - 1) * 0.4)))
        self.update()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show the conversation's title and what happened in it."""
        self.title.setText(wording.title(snapshot))
        self.subtitle.setText(wording.subtitle(snapshot))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint canvas and hairline."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._look.color(Role.CANVAS))
        painter.fillRect(0, self.height() - 1, self.width(), 1, self._look.color(Role.LINE))
