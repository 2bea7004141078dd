import os
from collections.abc import Callable

import pytest
from PySide6.QtGui import QCursor
from pytestqt.qtbot import QtBot

from assistant.session.snapshot import FakeController
from assistant.settings import Settings
from tests.ui.pictures import IDLE
from ui.tokens import Theme
from ui.window import Window

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before the first QApplication


@pytest.fixture
def controller() -> FakeController:
    return FakeController(snapshot=IDLE)


@pytest.fixture
def open_window(qtbot: QtBot, controller: FakeController) -> Callable[..., Window]:
    def open_it(
        *,
        theme: Theme = Theme.LIGHT,
        size: tuple[int, int] = (1120, 760),
        reduced_motion: bool = False,
        text_scale: float = 1.0,
    ) -> Window:
        motion = "on" if reduced_motion else "off"
        settings = Settings().with_changes({"theme": theme.value, "reduced_motion": motion, "text_scale": text_scale})
        window = Window(controller, settings)
        qtbot.addWidget(window)
        window.resize(*size)
        window.move(100, 100)
        QCursor.setPos(0, 0)  # a toast stays while the mouse is in it
        with qtbot.waitExposed(window):
            window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        return window

    return open_it


@pytest.fixture
def window(open_window: Callable[..., Window]) -> Window:
    return open_window()
