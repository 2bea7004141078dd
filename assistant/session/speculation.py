"""Whether answers are prepared before the user's turn is surely over: not on battery, not on a slow machine."""

from collections.abc import Callable

import psutil

CHECK_EVERY_S = 10.0
"""Seconds between two looks at the battery."""
TOKENS_PER_WORD = 1.5
"""Tokens that a word of English takes, on the safe side."""


class Speculation:
    """Decides by measurement; `state` says so in words.

    A mind that makes fewer tokens than our voice speaks is slow: there, an answer prepared in vain is still being
    given up when the one that is wanted is asked for. One thread uses it.
    """

    def __init__(self, on_battery: Callable[[], bool] | None = None) -> None:
        """`on_battery` stands in for a look at this computer's battery."""
        self.wanted = True
        """The user's setting."""
        self.words_per_minute = 175
        """Of our voice."""
        self.state = "on"
        """"on", or "off" and why."""
        self._on_battery = on_battery or on_battery_power
        self._battery = False
        self._checked_at: float | None = None

    @property
    def on(self) -> bool:
        """Whether answers are prepared."""
        return self.state == "on"

    def look(self, at: float, tokens_per_s: float | None) -> bool:
        """Look again at `at` seconds; True where `state` has changed. `tokens_per_s` is None while it is not known."""
        if self._checked_at is None or at >= self._checked_at + CHECK_EVERY_S:
            self._checked_at = at
            self._battery = self._on_battery()
        before, self.state = self.state, self._judge(tokens_per_s)
        return self.state != before

    def _judge(self, tokens_per_s: float | None) -> str:
        if not self.wanted:
            return "off: by your setting"
        if self._battery:
            return "off: the computer runs on its battery"
        if tokens_per_s is not None and tokens_per_s < self.words_per_minute / 60.0 * TOKENS_PER_WORD:
            return "off: the chat model is slower than the voice"
        return "on"


def on_battery_power() -> bool:
    """True where the computer has a battery and is not plugged in."""
    sensors = getattr(psutil, "sensors_battery", None)  # some systems have none
    battery = sensors() if sensors is not None else None
    return battery is not None and battery.power_plugged is False
