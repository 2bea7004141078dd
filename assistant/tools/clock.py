"""The time and the date."""

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from assistant.core.cancel import CancelToken
from assistant.core.tool_calls import ToolResult
from assistant.tools.tool import Arguments, Tool, told

WallClock = Callable[[], datetime]
"""The local time, with its time zone."""

# Not strftime: its names change with the locale of the desktop.
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_MONTHS = "January February March April May June July August September October November December".split()


class NoArguments(Arguments):
    """Nothing to say."""


class GetTime(Tool[NoArguments]):
    """The time of day."""

    name: ClassVar[str] = "get_time"
    description: ClassVar[str] = "Tells the time of day."
    arguments = NoArguments

    def __init__(self, now: WallClock) -> None:
        self._now = now

    def run(self, arguments: NoArguments, cancel: CancelToken, at: float) -> ToolResult:
        """Say it in digits."""
        time = f"{self._now():%H:%M}"
        return ToolResult(f"It is {time}.", for_model=told(time=time))


class GetDate(Tool[NoArguments]):
    """The day of today."""

    name: ClassVar[str] = "get_date"
    description: ClassVar[str] = "Tells the day of the week and the date of today."
    arguments = NoArguments

    def __init__(self, now: WallClock) -> None:
        self._now = now

    def run(self, arguments: NoArguments, cancel: CancelToken, at: float) -> ToolResult:
        """Say day, month, day of the month and year."""
        today = self._now()
        date = f"{_DAYS[today.weekday()]}, {_MONTHS[today.month - 1]} {today.day}, {today.year}"
        return ToolResult(f"Today is {date}.", for_model=told(date=date))
