"""Preparing answers early: off on battery and on a slow machine, and on again."""

from types import SimpleNamespace

import psutil
import pytest

from assistant.session.speculation import CHECK_EVERY_S, Speculation, on_battery_power

FAST, SLOW = 40.0, 4.0
"""Tokens per second; our voice needs 4.375 at 175 words a minute."""


def test_it_is_on_until_something_is_measured() -> None:
    speculation = Speculation(lambda: False)
    assert not speculation.look(0.0, None)
    assert speculation.on


def test_a_mind_slower_than_the_voice_turns_it_off_and_a_faster_one_on_again() -> None:
    speculation = Speculation(lambda: False)
    assert speculation.look(0.0, SLOW)
    assert not speculation.on
    assert "slower than the voice" in speculation.state
    assert not speculation.look(1.0, SLOW - 1.0)
    assert speculation.look(2.0, FAST)
    assert speculation.on


def test_a_quicker_voice_needs_a_quicker_mind() -> None:
    speculation = Speculation(lambda: False)
    speculation.words_per_minute = 400
    assert speculation.look(0.0, 9.0)
    speculation.words_per_minute = 300
    assert speculation.look(1.0, 9.0)
    assert speculation.on


def test_the_battery_is_looked_at_now_and_then() -> None:
    looks: list[bool] = []
    battery = True

    def on_battery() -> bool:
        looks.append(battery)
        return battery

    speculation = Speculation(on_battery)
    assert speculation.look(0.0, FAST)
    assert "battery" in speculation.state
    battery = False
    assert not speculation.look(CHECK_EVERY_S - 0.1, FAST)
    assert speculation.look(CHECK_EVERY_S, FAST)
    assert speculation.on
    assert looks == [True, False]


def test_the_setting_comes_first() -> None:
    speculation = Speculation(lambda: True)
    speculation.wanted = False
    assert speculation.look(0.0, SLOW)
    assert "setting" in speculation.state


@pytest.mark.parametrize(
    ("found", "on_battery"),
    [
        (None, False),
        (SimpleNamespace(power_plugged=True), False),
        (SimpleNamespace(power_plugged=None), False),
        (SimpleNamespace(power_plugged=False), True),
    ],
)
def test_batteries(monkeypatch: pytest.MonkeyPatch, found: object, on_battery: bool) -> None:
    monkeypatch.setattr(psutil, "sensors_battery", lambda: found, raising=False)
    assert on_battery_power() is on_battery


def test_a_system_that_knows_nothing_of_batteries_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(psutil, "sensors_battery", raising=False)
    assert on_battery_power() is False
