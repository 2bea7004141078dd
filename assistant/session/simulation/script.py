"""The user of a scenario: prepared clips, and when each entry begins."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from assistant.audio.pcm import FRAME, SAMPLE_RATE, Floats, Pcm, read_wav
from assistant.audio.room import scale_to_dbfs
from assistant.errors import UserError
from assistant.session.simulation.scenario import EVENTS, Scenario, ScenarioError, UserEntry

AUDIBLE_SHARE = 0.01
"""A sample of a clip counts as audible from this share of its peak on."""

Synthesise = Callable[[str, str | None], Pcm]
"""Text and voice (None: the default) to int16 mono PCM at 16 kHz."""


@dataclass(slots=True)
class Act:
    """One entry of the script as it is played. Times are virtual seconds, None until they are known."""

    number: int
    entry: UserEntry
    clip: Floats | None = None
    due_at: float | None = None
    begun_at: float | None = None

    @property
    def name(self) -> str:
        """Its name, or what it does."""
        return self.entry.name or f"user{self.number + 1}"

    @property
    def ends_at(self) -> float | None:
        """When its last sample is over."""
        if self.begun_at is None:
            return None
        return self.begun_at + (0.0 if self.clip is None else self.clip.size / SAMPLE_RATE)

    @property
    def audible(self) -> tuple[float, float] | None:
        """Time of its first and last audible sample; for a press or typing, its moment twice."""
        if self.begun_at is None:
            return None
        if self.clip is None:
            return self.begun_at, self.begun_at
        loud = np.flatnonzero(np.abs(self.clip) >= AUDIBLE_SHARE * np.max(np.abs(self.clip)))
        return self.begun_at + int(loud[0]) / SAMPLE_RATE, self.begun_at + int(loud[-1]) / SAMPLE_RATE


@dataclass(slots=True)
class Script:
    """All acts of a scenario, in the order of the file.

    An act that waits for one of the assistant's events takes the first that comes after the nearest act above it
    that takes a turn has begun; one that waits for another act counts from that one's last audible sample.
    """

    acts: list[Act]
    _playing: list[Act] = field(default_factory=list)

    @classmethod
    def prepare(cls, scenario: Scenario, path: Path, synthesise: Synthesise) -> "Script":
        """Make every clip beforehand; `path` is the scenario's file. Raises ScenarioError for what cannot be said."""
        acts = [Act(n, entry, _clip(n, entry, path, synthesise)) for n, entry in enumerate(scenario.user)]
        for act in acts:
            act.due_at = act.entry.at
        return cls(acts)

    def happened(self, event: str, at: float) -> None:
        """One of the assistant's events: acts that wait for it get their time."""
        for act in self.acts:
            if act.due_at is None and act.entry.after == event and self._armed(act):
                act.due_at = at + act.entry.offset_s

    def due_before(self, end: float) -> list[Act]:
        """Acts whose time is before `end` and that have not begun, earliest first."""
        due = [act for act in self.acts if act.begun_at is None and act.due_at is not None and act.due_at < end]
        return sorted(due, key=lambda act: (act.due_at, act.number))

    def begin(self, act: Act, at: float) -> None:
        """Begin `act`, and give those that wait for it their time."""
        act.begun_at = at
        assert act.audible is not None
        if act.clip is not None:
            self._playing.append(act)
        for other in self.acts:
            if other.due_at is None and other.entry.after is not None and other.entry.after == act.entry.name:
                other.due_at = act.audible[1] + other.entry.offset_s

    def block(self, start: int) -> Floats | None:
        """What the user sounds like in the frame that begins at sample `start`; None for silence."""
        block: Floats | None = None
        for act in list(self._playing):
            assert act.clip is not None
            assert act.begun_at is not None
            offset = start - round(act.begun_at * SAMPLE_RATE)
            if offset >= act.clip.size:
                self._playing.remove(act)
                continue
            low, high = max(offset, 0), min(offset + FRAME, act.clip.size)
            if high > low:
                block = np.zeros(FRAME, dtype=np.float32) if block is None else block
                block[low - offset : high - offset] += act.clip[low:high]
        return block

    @property
    def idle(self) -> bool:
        """True where nothing is playing and nothing has a time."""
        return not self._playing and not any(act.begun_at is None and act.due_at is not None for act in self.acts)

    def _armed(self, act: Act) -> bool:
        if act.entry.after not in EVENTS:
            return False
        above = [other for other in self.acts[: act.number] if other.entry.takes_turn]
        return not above or above[-1].begun_at is not None


def _clip(number: int, entry: UserEntry, path: Path, synthesise: Synthesise) -> Floats | None:
    if entry.say is not None:
        return scale_to_dbfs(_spoken(f"{path}: user.{number + 1}", entry, entry.say, synthesise), entry.level_dbfs)
    if entry.wav is not None:
        return scale_to_dbfs(read_wav(path.parent / entry.wav), entry.level_dbfs)
    return None


def _spoken(where: str, entry: UserEntry, text: str, synthesise: Synthesise) -> Pcm:
    try:
        sound = synthesise(text, entry.voice)
    except UserError as error:
        raise ScenarioError(f"{where}.voice: {error}") from error
    if not sound.any():
        raise ScenarioError(f"{where}.say: {text!r} has no sound; give words.")
    return sound
