"""The side list: Parley's name, the conversation, a new one, the pages, and what the starter models are."""

from functools import partial
from typing import Final

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from assistant.session.snapshot import Snapshot
from ui import wording
from ui.buttons import Button, FlatButton, Kind, paint_focus
from ui.card import Glyph
from ui.icons import Icon
from ui.keys import KEYS, PAGE_ACTIONS
from ui.labels import Line, Rule, Text
from ui.marks import paint_logo
from ui.nav import NavRow, paint_row
from ui.tokens import FOCUS_MARGIN, MEDIUM, SIDE_WIDTH, STRONG, Look, Role
from ui.wording_pages import PAGE_TITLES, PageName

_PAGE_ICONS: Final = {PageName.INTERRUPTIONS: Icon.CUT, PageName.SETTINGS: Icon.SETTINGS}


class _Logo(QWidget):
    def __init__(self, look: Look) -> None:
        super().__init__()
        self.set_look(look)

    def set_look(self, look: Look) -> None:
        self._look = look
        self.setFixedSize(look.px(26), look.px(26))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_logo(painter, QRectF(self.rect()).center(), self._look.px(11), self._look)


class _Conversation(FlatButton):
    """The row of the conversation on show: title, when it began, and how often it was interrupted."""

    def __init__(self, look: Look) -> None:
        super().__init__(None, look)
        self._selected = True
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.title = Line(look, "", 14, STRONG)
        self.began = Text(look, "", 12, role=Role.INK2, tabular=True)
        self.cut = Glyph(look, Icon.CUT, 12, Role.SAFFRON_INK)
        self.count = Text(look, "", 12, MEDIUM, Role.INK2, tabular=True)
        below = QHBoxLayout()
        below.setSpacing(6)
        below.addWidget(self.began, 1)
        below.addWidget(self.cut)
        below.addWidget(self.count)
        box = QVBoxLayout(self)
        box.setContentsMargins(12, 6, 12, 6)
        box.setSpacing(1)
        box.addWidget(self.title)
        box.addLayout(below)

    def set_look(self, look: Look) -> None:
        for part in (self.title, self.began, self.cut, self.count):
            part.set_look(look)
        self.setMinimumHeight(look.px(48))
        super().set_look(look)

    def sizeHint(self) -> QSize:
        layout = self.layout()
        return layout.sizeHint() if layout else QSize()

    def set_selected(self, selected: bool) -> None:
        self._selected = selected
        self._name()
        self.update()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        count = wording.interruptions(snapshot)
        self.title.setText(wording.title(snapshot))
        self.began.setText(wording.clock(snapshot.turns[0].spoken_at) if snapshot.turns else "Now")
        self.count.setText(str(count))
        self.cut.setVisible(count > 0)
        self.count.setVisible(count > 0)
        self._name()

    def _name(self) -> None:
        count = self.count.text() or "0"
        plural = "s" if count != "1" else ""
        name = f"{self.title.text()}, {self.began.text()}, {count} interruption{plural}"
        self.setAccessibleName(f"{name}, selected" if self._selected else name)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_row(painter, self.look, QRectF(self.rect()), selected=self._selected, hovered=self.underMouse())
        if self.hasFocus():
            paint_focus(painter, self.look, QRectF(self.rect()).adjusted(1, 1, -1, -1), 6)


class SideList(QWidget):
    """Stands at the left in the regular layout, and opens as a drawer in the compact one."""

    new_asked = Signal()
    details_asked = Signal()
    page_asked = Signal(object)
    """Carries the name of a page, None for the conversation."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.logo = _Logo(look)
        self.name = Text(look, wording.APP, 17, STRONG)
        self.new = Button(look, Kind.PLAIN, "", Icon.PLUS, name="New conversation, Ctrl+N", height=36)
        self.new.clicked.connect(self.new_asked)
        self.heading = Text(look, "Today", 12, STRONG, Role.INK2)
        self.conversation = _Conversation(look)
        self.conversation.clicked.connect(lambda: self.page_asked.emit(None))
        self.pages = {
            name: NavRow(look, icon, PAGE_TITLES[name], KEYS[PAGE_ACTIONS[name]][0])
            for name, icon in _PAGE_ICONS.items()
        }
        for name, row in self.pages.items():
            row.clicked.connect(partial(self._ask_page, name))
        self.rule = Rule(look)
        self.starter = Text(look, wording.STARTER_LINE, 13, role=Role.INK2, wrap=True)
        self.details = Button(look, Kind.LINK, "Details", name="About the starter models")
        self.details.clicked.connect(self.details_asked)
        self._build()
        self.setAccessibleName("Conversations")

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(19 - 10, 0, 2, 0)
        top.setSpacing(7)
        top.addWidget(self.logo)
        top.addWidget(self.name, 1)
        top.addWidget(self.new)
        box = QVBoxLayout(self)
        box.setContentsMargins(10, 10, 10, 8)
        box.setSpacing(0)
        box.addLayout(top)
        box.addSpacing(10)
        self.heading.setContentsMargins(10, 0, 0, 8)
        box.addWidget(self.heading)
        box.addWidget(self.conversation)
        box.addStretch(1)
        for row in self.pages.values():
            box.addWidget(row)
        box.addSpacing(8)
        box.addWidget(self.rule)
        self.starter.setContentsMargins(10, 12, 8, 2)
        box.addWidget(self.starter)
        link = QHBoxLayout()
        link.setContentsMargins(10 - FOCUS_MARGIN, 0, 0, 0)
        link.addWidget(self.details)
        link.addStretch(1)
        box.addLayout(link)

    def set_look(self, look: Look) -> None:
        """Paint by `look` from now on."""
        self._look = look
        parts = (self.logo, self.name, self.new, self.heading, self.conversation, self.rule, self.starter, self.details)
        for part in parts:
            part.set_look(look)
        for row in self.pages.values():
            row.set_look(look)
        self.setFixedWidth(round(SIDE_WIDTH * max(1.0, look.scale)))
        self.update()

    def show_page(self, page: PageName | None) -> None:
        """Select the row of `page`, of the conversation where there is none."""
        self.conversation.set_selected(page is None)
        for name, row in self.pages.items():
            row.set_selected(name is page)

    def _ask_page(self, name: PageName, _checked: bool = False) -> None:
        self.page_asked.emit(name)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show the conversation's row, and the starter notice while it holds."""
        self.conversation.show_snapshot(snapshot)
        self.heading.setText(wording.day(snapshot.turns[0].spoken_at) if snapshot.turns else "Today")
        for part in (self.rule, self.starter, self.details):
            part.setVisible(snapshot.starter)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground and the hairline at the right."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._look.color(Role.SIDE))
        painter.fillRect(self.width() - 1, 0, 1, self.height(), self._look.color(Role.LINE))
