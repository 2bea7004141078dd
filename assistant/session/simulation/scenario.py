"""Scenario files: what they may hold, and one clear sentence where they hold something else."""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from assistant.audio.pcm import read_wav
from assistant.errors import UserError

LONGEST_S = 120.0
"""A scenario without a duration ends when all is quiet, or after this time."""
EVENTS = ("playout_started", "reply_finished", "speech_interrupted", "tool_called")
"""Events of the assistant that a user entry may wait for."""

_REMEDIES = {
    "extra_forbidden": "this key is unknown; remove it or correct its spelling",
    "missing": "this key is missing; add it",
}


class ScenarioError(UserError):
    """A scenario that cannot be played; names file, key and remedy in one line."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


Seconds = Annotated[float, Field(ge=0)]


class RoomTable(_Table):
    """The room: how our voice reaches the microphone, and what else is heard there."""

    output: Literal["speaker", "headset"] = "speaker"
    echo_gain_db: float = Field(default=-10.0, ge=-120, le=40)
    echo_delay_ms: float = Field(default=60.0, ge=0, le=1000)
    rir: str | None = None
    noise: str | None = None
    noise_dbfs: float = Field(default=-50.0, ge=-120, le=0)
    floor_dbfs: float = Field(default=-70.0, ge=-120, le=0)


class CostTable(_Table):
    """What the engines cost in virtual time."""

    tokens_per_s: float = Field(default=20.0, gt=0)
    prompt_tokens_per_s: float = Field(default=200.0, gt=0)
    sentence_s: float = Field(default=0.03, ge=0, le=60)
    tool_s: float = Field(default=0.05, ge=0, le=60)


class ModelTable(_Table):
    """Models to use instead of the starters."""

    stt: str | None = None
    llm: str | None = None


class UserEntry(_Table):
    """One thing that happens: the user says something, a file is played, a button pressed, a message typed.

    Or something from outside: `priority` is what a timer or another program has to say.
    """

    name: str | None = None
    at: Seconds | None = None
    after: str | None = None
    offset_s: Seconds = 0.0
    say: str | None = Field(default=None, min_length=1)
    wav: str | None = None
    press: Literal["stop", "stop_speech", "client_stop", "mute", "unmute", "continue", "undo", "typing"] | None = None
    type: str | None = Field(default=None, min_length=1)
    priority: str | None = Field(default=None, min_length=1)
    critical: bool = False
    voice: str | None = None
    level_dbfs: float = Field(default=-26.0, ge=-90, le=0)
    text: str | None = None
    role: Literal["turn", "barge_in", "backchannel", "noise", "side_talk"] = "turn"

    @model_validator(mode="after")
    def _is_one_thing_at_one_time(self) -> Self:
        if sum(value is not None for value in (self.say, self.wav, self.press, self.type, self.priority)) != 1:
            raise ValueError("give exactly one of say, wav, press, type and priority")
        if self.critical and self.priority is None:
            raise ValueError("critical goes with priority; remove it")
        if (self.at is None) == (self.after is None):
            raise ValueError("give exactly one of at and after")
        if self.at is not None and self.offset_s:
            raise ValueError("offset_s goes with after; add it to at instead")
        return self

    @property
    def takes_turn(self) -> bool:
        """True where a new reply may follow from this entry."""
        return (
            self.type is not None
            or self.priority is not None
            or self.press == "continue"
            or (self.press is None and self.role in ("turn", "barge_in"))
        )


class Scenario(_Table):
    """A whole scenario. Times are seconds of virtual time, levels dBFS; paths are relative to the scenario's file."""

    title: str = "Untitled"
    seed: int = Field(default=1, ge=0)
    duration_s: float | None = Field(default=None, gt=0, le=3600)
    room: RoomTable = RoomTable()
    costs: CostTable = CostTable()
    settings: dict[str, Any] = {}
    models: ModelTable = ModelTable()
    user: tuple[UserEntry, ...] = Field(default=(), strict=False)

    @model_validator(mode="after")
    def _times_are_possible(self) -> Self:
        end = LONGEST_S if self.duration_s is None else self.duration_s
        names = [entry.name for entry in self.user if entry.name is not None]
        if len(set(names)) < len(names):
            raise ValueError("two user entries have the same name; rename one")
        for number, entry in enumerate(self.user):
            where = f"user {number + 1}"
            if entry.name in EVENTS:
                raise ValueError(f"{where}: {entry.name} is the name of an event; choose another name")
            if entry.at is not None and entry.at >= end:
                raise ValueError(f"{where}: at = {entry.at:g} is not before the end ({end:g} s); give an earlier time")
            if entry.offset_s >= end:
                late = f"offset_s = {entry.offset_s:g} is past the end ({end:g} s)"
                raise ValueError(f"{where}: {late}; give a shorter time")
            if entry.after is not None and entry.after not in (*EVENTS, *names):
                known = ", ".join((*EVENTS, *names))
                raise ValueError(f"{where}: after = {entry.after!r} is unknown; use one of {known}")
            if entry.after is not None and _waits_for_itself(self.user, entry):
                raise ValueError(f"{where}: after = {entry.after!r} waits for itself; use a time or another entry")
        return self


def _waits_for_itself(entries: tuple[UserEntry, ...], entry: UserEntry) -> bool:
    by_name = {e.name: e for e in entries if e.name is not None}
    seen: list[UserEntry] = []
    at: UserEntry | None = entry
    while at is not None and at not in seen:
        seen.append(at)
        at = by_name.get(at.after) if at.after is not None else None
    return at is not None


def load_scenario(path: Path) -> Scenario:
    """Read and check a scenario; raises ScenarioError. Files that it names are checked to exist."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ScenarioError(f"{path}: cannot be read ({error.strerror}); give the path of a scenario file.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path}: is not valid TOML ({error}); correct that line.") from error
    try:
        scenario = Scenario.model_validate(data)
    except ValidationError as error:
        raise ScenarioError(f"{path}: {_first_problem(error)}.") from error
    for key, value in (("models.stt", scenario.models.stt), ("models.llm", scenario.models.llm)):
        if value is not None:
            _find(path, key, value)
    for key, value in _sounds(scenario):
        if value is not None:
            _check_sound(path, key, value)
    return scenario


def _sounds(scenario: Scenario) -> list[tuple[str, str | None]]:
    room = [("room.rir", scenario.room.rir), ("room.noise", scenario.room.noise)]
    return room + [(f"user.{n + 1}.wav", entry.wav) for n, entry in enumerate(scenario.user)]


def _find(path: Path, key: str, value: str) -> Path:
    found = path.parent / value
    if not found.exists():
        raise ScenarioError(f"{path}: {key}: there is no {value}; correct the path (relative to the scenario).")
    return found


def _check_sound(path: Path, key: str, value: str) -> None:
    found = _find(path, key, value)
    try:
        sound = read_wav(found)
    except UserError as error:
        raise ScenarioError(f"{path}: {key}: {error}") from error
    if not sound.any():
        raise ScenarioError(f"{path}: {key}: {value} holds nothing but silence; give another sound.")


def _first_problem(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part + 1) if isinstance(part, int) else part for part in first["loc"])
    text = _REMEDIES.get(first["type"]) or first["msg"].removeprefix("Value error, ")
    if first["type"] not in (*_REMEDIES, "value_error"):
        text = f"{first['input']!r} does not fit: {text[0].lower()}{text[1:]}; correct the value"
    return f"{where}: {text}" if where else text
