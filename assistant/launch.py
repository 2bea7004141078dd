"""Starting the assistant itself, in a window or in a terminal."""

import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from typing import TYPE_CHECKING

from assistant.errors import UserError
from assistant.paths import log_dir, make_folder
from assistant.session.snapshot import Controller
from assistant.settings import Settings
from assistant.settings_file import load_settings
from assistant.single_instance import single_instance

if TYPE_CHECKING:
    from assistant.session.live import LiveSession

_LOG_BYTES = 1_000_000


def open_window(overrides: Mapping[str, object]) -> int:
    """Open the window; return the exit status when it is closed. Raises UserError where that is impossible."""
    if sys.platform == "linux" and not any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))):
        raise UserError(
            "There is no display to open a window on: use `parley talk` in this terminal, or watch `parley demo`."
        )
    from ui.app import check_display, run

    check_display()

    def show(session: Controller, settings: Settings) -> int:
        return run(session, settings)

    return _with_session(overrides, show)


def open_terminal(overrides: Mapping[str, object]) -> int:
    """Talk in the terminal until the user quits; return the exit status. Raises UserError."""
    from assistant.talk import talk

    return _with_session(overrides, lambda session, _: talk(session))


def _with_session(overrides: Mapping[str, object], show: Callable[[Controller, Settings], int]) -> int:
    """Build the session and hand it to `show`, which starts and closes it."""
    settings, problems = load_settings(overrides)
    with single_instance(), _log_file():
        from assistant.session.build import build_session, check_models

        check_models(settings)
        session = build_session(settings)
        for problem in problems:
            session.tell(problem)
        with _remote_control(session):
            return show(session, settings)


@contextmanager
def _remote_control(session: "LiveSession") -> Iterator[None]:
    """Let this user's other programs control `session` for the duration of the block."""
    from assistant.session.remote import RemoteControl

    try:
        control = RemoteControl(session)
    except UserError as error:  # Parley itself can do without
        session.tell(str(error))
        yield
        return
    try:
        yield
    finally:
        control.close()


@contextmanager
def _log_file() -> Iterator[None]:
    """Have what happens written to a file for the duration of the block."""
    path = make_folder(log_dir()) / "parley.log"
    file = RotatingFileHandler(path, maxBytes=_LOG_BYTES, backupCount=1, encoding="utf-8")
    file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"))
    log = logging.getLogger()
    level = log.level
    log.setLevel(logging.INFO)
    log.addHandler(file)
    try:
        yield
    finally:
        log.removeHandler(file)
        log.setLevel(level)
        file.close()
