"""Opens the window on a session."""

import ctypes
import os
import signal
import sys
from pathlib import Path
from types import FrameType

from PySide6.QtCore import QLibraryInfo
from PySide6.QtWidgets import QApplication

from assistant.errors import UserError
from assistant.session.snapshot import Controller
from assistant.settings import Settings
from ui.window import Window
from ui.wording import APP


def check_display() -> None:
    """Raise UserError where Qt would abort the process: no display, or a system library missing."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return
    if os.environ.get("WAYLAND_DISPLAY"):
        return
    display = os.environ.get("DISPLAY", "")
    if not display:
        raise UserError(
            "There is no display to open a window on: start Parley on a desktop, or use it with “parley talk”."
        )
    plugin = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath)) / "platforms" / "libqxcb.so"
    try:
        ctypes.CDLL(str(plugin))
    except OSError as error:
        missing = str(error).split(":", 1)[0]
        raise UserError(
            f"The system library {missing} is missing, and without it no window can be opened: install it "
            "(Debian and Ubuntu: sudo apt install libxcb-cursor0 libxkbcommon-x11-0 libegl1)."
        ) from error
    if not _answers(display):
        raise UserError(
            f"The display {display} does not answer: start Parley on a desktop, or use it with “parley talk”."
        )


def _answers(display: str) -> bool:
    """Whether an X server can be reached at `display`."""
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(display.encode(), None))
    failed = bool(xcb.xcb_connection_has_error(connection))
    xcb.xcb_disconnect(connection)
    return not failed


def run(controller: Controller, settings: Settings | None = None) -> int:
    """Show the window, then start the session; return the exit status when both are closed.

    `settings` are those that the session was made with, None for the defaults; the window changes and saves them.
    Raises UserError where no window can be opened.
    """
    check_display()
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName(APP)
    app.setApplicationDisplayName(APP)
    window = Window(controller, settings or Settings())
    window.first_painted.connect(controller.start)
    window.show()

    def quit_on_interrupt(_signal: int, _frame: FrameType | None) -> None:
        window.close()

    before = signal.signal(signal.SIGINT, quit_on_interrupt)
    try:
        return app.exec()
    finally:
        signal.signal(signal.SIGINT, before)
        controller.close()
