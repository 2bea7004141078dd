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
from ui.tokens import Theme, system_reduces_motion
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


def run(
    controller: Controller,
    *,
    theme: str = "system",
    text_scale: float = 1.0,
    reduced_motion: bool | None = None,
    settings_file: str = "",
) -> int:
    """Show the window, then start the session; return the exit status when both are closed.

    `theme` is "system", "light", "dark" or "contrast"; `reduced_motion` None follows the desktop; `settings_file` is
    shown where the window says how to use other models. Raises UserError where no window can be opened.
    """
    check_display()
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName(APP)
    app.setApplicationDisplayName(APP)
    calm = system_reduces_motion() if reduced_motion is None else reduced_motion
    window = Window(
        controller, theme=Theme(theme), text_scale=text_scale, reduced_motion=calm, settings_file=settings_file
    )
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
