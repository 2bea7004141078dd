import os
from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from assistant.session.snapshot import FakeController
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
        *, theme: Theme = Theme.LIGHT, size: tuple[int, int] = (1120, 760), reduced_motion: bool = False
    ) -> Window:
        window = Window(controller, theme=theme, reduced_motion=reduced_motion)
        qtbot.addWidget(window)
        window.resize(*size)
        with qtbot.waitExposed(window):
            window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        return window

    return open_it


@pytest.fixture
def window(open_window: Callable[..., Window]) -> Window:
    return open_window()
