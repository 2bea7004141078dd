"""Kitchen timers."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from assistant.core.cancel import CancelToken
from assistant.core.tool_calls import ToolResult
from assistant.errors import UserError
from assistant.tools.clock import WallClock
from assistant.tools.durations import parse_duration, say_duration
from assistant.tools.tool import Arguments, Ring, Tool, told

MOST = 20
"""Timers that run at the same time."""

Label = Annotated[str, Field(max_length=40)]


class TimerArguments(Arguments):
    """How long a timer runs, and what for."""

    amount: (
        Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]
        | Annotated[str, Field(min_length=1, max_length=40)]
    ) = Field(description='A number such as 5, or words such as "five" or "1 hour 30".')
    unit: Literal["seconds", "minutes", "hours"] = Field(description="The unit of the amount.")
    label: Label = Field("", description='What it is for, such as "pasta", if said.')


class CancelArguments(Arguments):
    """Which timer."""

    label: Label = Field("", description='What the timer is for, such as "pasta", if said.')


@dataclass(frozen=True, slots=True)
class Timer:
    """One timer; `ends` is in seconds of the session."""

    number: int
    seconds: int
    label: str
    ends: float

    @property
    def lasting(self) -> str:
        """How long and what for."""
        return say_duration(self.seconds) + (f", for the {self.label}" if self.label else "")

    @property
    def named(self) -> str:
        """The timer within a sentence."""
        return f"timer for {self.lasting}{',' if self.label else ''}"


class _Kept(BaseModel):
    """A timer as it is stored: it ends by the wall clock."""

    number: int
    seconds: int
    label: str
    ends: AwareDatetime


class _State(BaseModel):
    last: int
    """The newest number given: handles of an earlier run never mean a timer of this one."""
    timers: list[_Kept]


class Timers:
    """The timers that run. Any thread."""

    def __init__(self, now: WallClock) -> None:
        self._now = now
        self._timers: dict[int, Timer] = {}
        self._last = 0
        self._lock = threading.Lock()

    @property
    def running(self) -> tuple[Timer, ...]:
        """The timers that have not rung, the next one first."""
        with self._lock:
            return tuple(sorted(self._timers.values(), key=lambda timer: timer.ends))

    def add(self, seconds: int, label: str, at: float) -> Timer:
        """Start a timer at `at` seconds. Raises UserError where there are too many."""
        with self._lock:
            if len(self._timers) >= MOST:
                raise UserError(f"There are {MOST} timers already: one has to ring or be cancelled first.")
            self._last += 1
            timer = self._timers[self._last] = Timer(self._last, seconds, label, at + seconds)
        return timer

    def put_back(self, timer: Timer) -> None:
        """Let a timer that was removed run on to its end; it rings at once where that has passed."""
        with self._lock:
            self._timers[timer.number] = timer

    def remove(self, number: int) -> Timer | None:
        """Stop a timer; None where it has rung or was removed before."""
        with self._lock:
            return self._timers.pop(number, None)

    def state(self, at: float) -> dict[str, Any]:
        """The timers by the wall clock, as JSON: they run on while Parley does not."""
        now = self._now()
        with self._lock:
            kept = [
                _Kept(number=t.number, seconds=t.seconds, label=t.label, ends=now + timedelta(seconds=t.ends - at))
                for t in self._timers.values()
            ]
            return _State(last=self._last, timers=kept).model_dump(mode="json")

    def load(self, state: Mapping[str, Any], at: float) -> None:
        """Take up timers; those that ended meanwhile ring at once. Raises ValueError where `state` is none."""
        try:
            stored = _State.model_validate(state)
        except ValidationError as error:
            raise ValueError(str(error)) from error
        now = self._now()
        with self._lock:
            self._last = max(self._last, stored.last)
            for kept in stored.timers:
                ends = at + (kept.ends - now).total_seconds()
                self._timers[kept.number] = Timer(kept.number, kept.seconds, kept.label, ends)


class SetTimer(Tool[TimerArguments]):
    """Sets timers, and rings."""

    name: ClassVar[str] = "set_timer"
    description: ClassVar[str] = "Sets a timer that rings after some seconds, minutes or hours."
    arguments = TimerArguments

    def __init__(self, timers: Timers) -> None:
        self._timers = timers

    def run(self, arguments: TimerArguments, cancel: CancelToken, at: float) -> ToolResult:
        """Start a timer."""
        amount = arguments.amount if isinstance(arguments.amount, str) else f"{arguments.amount:.10g}"
        seconds = parse_duration(amount, arguments.unit)
        if cancel.cancelled:
            raise UserError("The timer was not set.")
        timer = self._timers.add(seconds, _said(arguments.label), at)
        return ToolResult(
            f"The timer is set for {timer.lasting}.",
            took_effect=f"a {timer.named} was set",
            undo=str(timer.number),
            for_model=told(ok=True, timer=timer.label or say_duration(seconds)),
        )

    def undo(self, handle: str) -> str:
        """Stop the timer."""
        timer = self._timers.remove(int(handle))
        if timer is None:
            raise UserError("That timer has rung or was cancelled before.")
        return f"The {timer.named} is off."

    @property
    def next_due(self) -> float | None:
        """When the next timer rings."""
        return next((timer.ends for timer in self._timers.running), None)

    def due(self, at: float) -> tuple[Ring, ...]:
        """The timers that ring, in the order of their ends; one that was stopped meanwhile does not."""
        over = [timer for timer in self._timers.running if timer.ends <= at and self._timers.remove(timer.number)]
        return tuple(Ring(timer.ends, f"Your {timer.named} is done.") for timer in over)

    def state(self, at: float) -> Mapping[str, Any]:
        """All timers."""
        return self._timers.state(at)

    def load(self, state: Mapping[str, Any], at: float) -> None:
        """Take up timers."""
        self._timers.load(state, at)


class CancelTimer(Tool[CancelArguments]):
    """Stops a timer."""

    name: ClassVar[str] = "cancel_timer"
    description: ClassVar[str] = "Cancels a timer: the one with that label, or else the newest one."
    arguments = CancelArguments

    def __init__(self, timers: Timers) -> None:
        self._timers = timers
        self._stopped: dict[int, Timer] = {}

    def run(self, arguments: CancelArguments, cancel: CancelToken, at: float) -> ToolResult:
        """Stop the newest timer of that label."""
        label = _said(arguments.label)
        fitting = [timer for timer in self._timers.running if not label or timer.label.lower() == label.lower()]
        if cancel.cancelled or not fitting:
            absent = f"There is no timer for the {label}." if label else "There is no timer."
            raise UserError("No timer was cancelled." if fitting else absent)
        timer = self._timers.remove(max(timer.number for timer in fitting))
        if timer is None:
            raise UserError("The timer has just rung.")
        self._stopped[timer.number] = timer
        if len(self._stopped) > MOST:
            del self._stopped[min(self._stopped)]
        return ToolResult(
            f"The {timer.named} is off.",
            took_effect=f"the {timer.named} was cancelled",
            undo=str(timer.number),
            for_model=told(ok=True),
        )

    def undo(self, handle: str) -> str:
        """Let the timer run on."""
        timer = self._stopped.pop(int(handle), None)
        if timer is None:
            raise UserError("That timer can no longer be brought back.")
        self._timers.put_back(timer)
        return f"The {timer.named} is running again."


def _said(label: str) -> str:
    """A label without the words around it."""
    return " ".join(label.split()).removeprefix("the ")
