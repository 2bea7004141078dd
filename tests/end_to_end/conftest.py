"""Parley running on a private display with a virtual sound card."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from assistant.bench.virtual_card import VirtualSoundCard
from tests.end_to_end.app import App

WARM_UP_S = 2.5
"""The streams run this long before the first word: the echo canceller starts cold."""


@contextmanager
def private_display() -> Iterator[str]:
    """The name of an X display of our own: the one window on it has the keyboard to itself."""
    reading, writing = os.pipe()
    command = ("Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x860x24", "-nolisten", "tcp", "-noreset")
    with subprocess.Popen(command, pass_fds=(writing,), stderr=subprocess.DEVNULL) as server:
        os.close(writing)
        with os.fdopen(reading) as answer:
            number = answer.readline().strip()
        try:
            assert number, "Xvfb did not start"
            yield f":{number}"
        finally:
            server.terminate()  # it takes its lock and its socket with it, which a killed one leaves to the next


@contextmanager
def running(home: Path, environment: dict[str, str]) -> Iterator[App]:
    """Parley, ready, with its engines loaded; what it writes to standard error is a failure."""
    with private_display() as display:
        app = App(home, environment | {"DISPLAY": display})
        try:
            app.wait_until_ready()
            yield app
        finally:
            said = app.close()
    assert said == ""


@pytest.fixture(scope="module")
def card() -> Iterator[VirtualSoundCard]:
    """A sound card whose microphone does not hear the loudspeaker."""
    with VirtualSoundCard() as card:
        yield card


@pytest.fixture(scope="module")
def shared_app(card: VirtualSoundCard, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with running(tmp_path_factory.mktemp("app") / "home", card.environment) as app:
        app.wait_for(lambda shown: bool(shown.microphone and shown.loudspeaker))
        with card.recording() as recording:
            recording.wait(WARM_UP_S)
        yield app


@pytest.fixture
def app(shared_app: App, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[App]:
    """Parley in an empty conversation; one process serves all tests of a module."""
    shared_app.begin_anew()
    failures = request.session.testsfailed
    yield shared_app
    if request.session.testsfailed > failures:
        shared_app.photograph(tmp_path / "window.png")
