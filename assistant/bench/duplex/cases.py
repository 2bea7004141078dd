"""What a generated scenario is: a conversation in a room, and the moments in it that are judged."""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from assistant.bench.duplex.phrases import OPENINGS, SHORT_OPENING
from assistant.core.interruptions import Kind
from assistant.session.simulation.scenario import CostTable, RoomTable, Scenario, UserEntry

REPLY_TOKENS = 50
"""A reply of this length lasts some ten seconds."""
FAN = "fan"
"""The sound in the background of some rooms; sounds are files of this name with the ending below."""
ENDING = ".flac"


class Want(StrEnum):
    """What Parley should do about a sound."""

    YIELD = "yield"
    """Fall silent."""
    GO_ON = "go on"
    """Talk through it; where it was silent, stay silent."""
    TAKE = "take"
    """Take it as a turn: nobody was interrupted."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One moment that is judged: what the user does in the entry `entry` of the scenario.

    `kind` is what it should be taken for, None where that is open. `answered`: a reply must follow. `turn` is the whole
    turn that the entry is a part of, "" where it is all of it.
    """

    entry: str
    want: Want
    kind: Kind | None = None
    answered: bool = False
    turn: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A scenario and its probes. `before_end_s`: the last entry begins so long before the end of the reply."""

    name: str
    group: str
    scenario: Scenario
    probes: tuple[Probe, ...]
    before_end_s: float | None = None


class Draw:
    """Everything random about one case, and the pieces that most scenarios are made of."""

    def __init__(self, seed: int, group: str, number: int, voices: Sequence[str | None], sounds: Sequence[str]) -> None:
        self.random = np.random.default_rng((seed, zlib.crc32(group.encode()), number))
        self.number = number
        self.voices = voices
        self.sounds = sounds
        self.voice = self.pick(voices)
        self.level_dbfs = float(self.pick((-20.0, -23.0, -26.0, -29.0)))

    def pick(self, items: Sequence[Any]) -> Any:
        """One of `items`."""
        return items[int(self.random.integers(len(items)))]

    def turn(self, items: Sequence[Any]) -> Any:
        """The next of `items`, case by case."""
        return items[self.number % len(items)]

    def seconds(self, low: float, high: float) -> float:
        """A time, to the millisecond."""
        return round(float(self.random.uniform(low, high)), 3)

    def position(self) -> float:
        """How long after the first sound of the reply; one in five at its very beginning."""
        return self.seconds(0.0, 0.5) if self.random.random() < 0.2 else self.seconds(0.5, 6.0)

    def say(self, name: str, words: str, **fields: Any) -> UserEntry:
        """The user says something."""
        told: dict[str, Any] = {"voice": self.voice, "level_dbfs": self.level_dbfs, "role": "barge_in"}
        return UserEntry(name=name, say=words, **(told | fields))

    def sound(self, name: str, **fields: Any) -> UserEntry:
        """A cough or a noise."""
        kind = self.turn(self.sounds)
        level_dbfs = self.seconds(-32.0, -16.0)
        return UserEntry(name=name, wav=kind + ENDING, role="noise", level_dbfs=level_dbfs, text=kind, **fields)

    def stop(self, offset_s: float) -> UserEntry:
        """The Stop button."""
        return UserEntry(name="stop", after="playout_started", offset_s=offset_s, press="stop")

    def scenario(self, *entries: UserEntry, opening: str = "", fresh: bool = False, **fields: Any) -> Scenario:
        """A typed opening (whether it is understood is not the question here), and `entries`, in a room.

        Before it Parley has told a joke, so that the echo canceller knows the room; not where it is `fresh`.
        """
        typed = opening or self.pick(OPENINGS)
        if fresh:
            return self.silence(UserEntry(name="open", at=0.5, type=typed), *entries, **fields)
        before = UserEntry(name="before", at=0.5, type=SHORT_OPENING)
        after = UserEntry(name="open", after="reply_finished", offset_s=0.3, type=typed)
        return self.silence(before, after, *entries, **fields)

    def silence(self, *entries: UserEntry, **fields: Any) -> Scenario:
        """`entries` in a room in which nothing was said before."""
        settings = {"chat_max_tokens": REPLY_TOKENS} | fields.pop("settings", {})
        costs = CostTable(**fields.pop("costs", {}))
        seed = int(self.random.integers(1, 10_000))
        return Scenario(seed=seed, room=self._room(), costs=costs, settings=settings, user=entries, **fields)

    def _room(self) -> RoomTable:
        room: dict[str, Any] = {}
        if self.random.random() < 0.25:
            room |= {"noise": FAN + ENDING, "noise_dbfs": self.seconds(-60.0, -48.0)}
        if self.number % 5 < 2:
            return RoomTable(output="headset", **room)
        room |= {"echo_gain_db": self.pick((-10.0, -16.0, -22.0)), "echo_delay_ms": self.pick((30.0, 60.0, 120.0))}
        return RoomTable(**room)


@dataclass(frozen=True, slots=True)
class Group:
    """A kind of scenario. `share` is how many there are among those of a run, in proportion."""

    name: str
    title: str
    share: int
    build: Callable[[Draw], tuple[Scenario, tuple[Probe, ...]]]
    before_end_s: tuple[float, float] | None = None
    """The last entry begins within these times before the end of the reply."""


def generate(
    groups: Sequence[Group], count: int, seed: int, voices: Sequence[str | None], sounds: Sequence[str]
) -> list[Case]:
    """About `count` cases, by the groups' shares and at least one of each; the same for the same arguments.

    `sounds` are names of sounds beside the scenarios. A case does not depend on how many others there are.
    """
    whole = sum(group.share for group in groups)
    cases = []
    for group in groups:
        for number in range(max(1, round(count * group.share / whole))):
            draw = Draw(seed, group.name, number, voices, sounds)
            scenario, probes = group.build(draw)
            name = f"{group.name}-{number + 1:02d}"
            before = None if group.before_end_s is None else draw.seconds(*group.before_end_s)
            titled = scenario.model_copy(update={"title": f"{group.title} ({name})"})
            cases.append(Case(name, group.name, titled, probes, before))
    return cases
