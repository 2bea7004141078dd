"""Opening and closing."""

import ctypes

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from assistant.errors import UserError
from assistant.session.snapshot import FakeController
from assistant.settings import Settings
from ui.app import check_display, run
from ui.gallery import main as draw_gallery
from ui.window import Window


class WatchedController(FakeController):
    """Notes whether the window was in sight when it was told to start and to close."""

    def _window_in_sight(self) -> bool:
        return any(isinstance(w, Window) and w.isVisible() for w in QApplication.topLevelWidgets())

    def start(self) -> None:
        self.commands.append(("start", self._window_in_sight()))
        QTimer.singleShot(0, QApplication.closeAllWindows)

    def close(self) -> None:
        self.commands.append(("close", self._window_in_sight()))


def test_the_session_starts_after_the_window_is_seen_and_closes_after_it_is_gone(qtbot: QtBot) -> None:
    controller = WatchedController()
    assert run(controller, Settings(theme="dark", reduced_motion="on")) == 0
    assert controller.commands == [("start", True), ("close", False)]


@pytest.fixture
def no_platform(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    return monkeypatch


def test_no_display_is_one_sentence(no_platform: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="no display"):
        check_display()


def test_a_display_that_does_not_answer_is_one_sentence(no_platform: pytest.MonkeyPatch) -> None:
    no_platform.setenv("DISPLAY", ":4711")
    with pytest.raises(UserError, match=":4711 does not answer"):
        check_display()


def test_a_missing_system_library_is_named(no_platform: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> None:
        raise OSError("libxcb-cursor.so.0: cannot open shared object file: No such file or directory")

    no_platform.setenv("DISPLAY", ":0")
    no_platform.setattr(ctypes, "CDLL", fail)
    with pytest.raises(UserError, match=r"libxcb-cursor\.so\.0 is missing.*apt install"):
        check_display()


def test_the_gallery_draws_what_it_is_asked_for(
    qtbot: QtBot, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path_factory.mktemp("gallery")
    monkeypatch.setattr("sys.argv", ["gallery", "--out", str(out), "--only", "compact-speaking"])
    draw_gallery()
    assert len(list(out.glob("*.png"))) == 3
