"""What stands beside the side list: the conversation with its composer, or a page; below it always the dock."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from assistant.session.snapshot import Snapshot
from ui.banner import Banner
from ui.composer import Composer
from ui.dock import Dock
from ui.empty import EmptyState
from ui.header import Header
from ui.page import Page
from ui.thread import Thread
from ui.tokens import Look
from ui.wording_pages import PageName


class Content(QWidget):
    """`page_changed`: a page was opened, or closed."""

    page_changed = Signal()

    def __init__(self, look: Look, pages: Sequence[Page]) -> None:
        super().__init__()
        self.header = Header(look)
        self.banner = Banner(look)
        self._room = QWidget()
        self.empty = EmptyState(look)
        self.thread_view = Thread(look, self.header.options)
        self.pages = {page.name: page for page in pages}
        self.middle = QStackedWidget()
        for part in (self.empty, self.thread_view, *pages):
            self.middle.addWidget(part)
        self.dock = Dock(look)
        self.composer = Composer(look)
        self.page: PageName | None = None
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        for part in (self.header, self.banner, self._room, self.middle, self.dock, self.composer):
            box.addWidget(part, 1 if part is self.middle else 0)
        for page in pages:
            page.back_asked.connect(self.close_page)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show a picture of the session."""
        for part in (self.header, self.empty, self.dock, self.composer):
            part.show_snapshot(snapshot)
        self.thread_view.show_turns(snapshot.turns, snapshot.state)
        if self.page is None:
            self.middle.setCurrentWidget(self.thread_view if snapshot.turns else self.empty)

    def set_look(self, look: Look, compact: bool) -> None:
        """Paint by `look` from now on, in one of the two layouts."""
        for part in (self.header, self.dock, self.composer, self.thread_view, self.empty):
            part.set_look(look, compact)
        for page in self.pages.values():
            page.set_look(look, compact)

    def open_page(self, name: PageName) -> None:
        """Show a page in place of the conversation, and give it the keyboard."""
        self.page = name
        self._place(self.pages[name])
        self.pages[name].opened()
        self.pages[name].start().setFocus()
        self.page_changed.emit()

    def close_page(self) -> bool:
        """Go back to the conversation; says whether a page was open."""
        if self.page is None:
            return False
        self.page = None
        self._place(self.thread_view if self.thread_view.last_turn is not None else self.empty)
        self.composer.field.setFocus()
        self.page_changed.emit()
        return True

    def leave_room(self, height: int) -> None:
        """Keep `height` pixels free above the conversation, for toasts."""
        self._room.setFixedHeight(height)
        self._room.setVisible(height > 0)

    def _place(self, part: QWidget) -> None:
        self.middle.setCurrentWidget(part)
        self.header.setVisible(self.page is None)
        self.composer.setVisible(self.page is None)
        self.dock.set_slim(self.page is not None)
