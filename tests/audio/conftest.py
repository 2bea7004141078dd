"""Sound cards without hardware, and what listens to them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.bench.virtual_card import VirtualSoundCard
from tests.audio.listener import Listener


def _use(card: VirtualSoundCard, patch: pytest.MonkeyPatch) -> None:
    for name, value in card.environment.items():
        patch.setenv(name, value)


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> Iterator[VirtualSoundCard]:
    with VirtualSoundCard() as card:
        _use(card, monkeypatch)
        yield card


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Iterator[VirtualSoundCard]:
    with VirtualSoundCard(loop=True) as card:
        _use(card, monkeypatch)
        yield card


@pytest.fixture
def no_card(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/nobody.sock")


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.loop.close()
