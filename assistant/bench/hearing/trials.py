"""One trial: a recording, or nothing, in a room while Parley speaks or listens, and what should come of it."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from assistant.audio.pcm import SAMPLE_RATE, Floats, Pcm
from assistant.audio.room import scale_to_dbfs
from assistant.bench.hearing.corpus import Recording
from assistant.bench.hearing.rooms import Scene

LEAD_S = 0.3
"""So much of a recording is heard before its speech begins, and after it ends."""
RAMP_S = 0.01
"""It is faded in and out, as a recording that begins suddenly is a sound by itself."""
LONGEST_S = 4.0
"""So much speech is enough to interrupt."""
REACTION_S = 1.0
"""A reaction may come this long after the end of what the user said."""
TURN_S = 4.0
"""The end of a turn is waited for so long."""


class Want(StrEnum):
    """What Parley should do."""

    STOP = "stop"
    """Fall silent."""
    GO_ON = "go on"
    TAKE = "take"
    """Listen to the end of the turn, and take it then."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What is played. Times are seconds from the beginning of the trial.

    `group` is the condition that it belongs to, `story` the sentence with which our reply begins (the number of it).
    `recordings` are said one after the other, `pauses_s` apart, from `at_s` on, at `level_dbfs`. `press_at_s`: Stop is
    pressed. `lasts_s`: how long it is where nothing is said.
    """

    group: str
    want: Want
    scene: Scene
    story: int = 0
    recordings: tuple[Recording, ...] = ()
    pause_s: float = 0.0
    at_s: float = 1.0
    level_dbfs: float = -26.0
    press_at_s: float | None = None
    lasts_s: float = 0.0

    @property
    def name(self) -> str:
        """What is heard, in a word."""
        heard = "+".join(recording.name for recording in self.recordings)
        noise = self.scene.noise.stem if self.scene.noise is not None else ""
        return " in ".join(filter(None, (heard, noise))) or f"{self.scene.room} {self.scene.echo_gain_db:g} dB"

    @property
    def speaking(self) -> bool:
        """We speak."""
        return self.want is not Want.TAKE


@dataclass(frozen=True, slots=True)
class User:
    """The sound of the user (float32, 16 kHz), and when their voice begins and ends in the trial, seconds."""

    sound: Floats
    onset_s: float
    end_s: float
    begins: int = field(default=0)
    """The sample of the trial at which the sound begins."""

    def block(self, start: int, size: int) -> Floats | None:
        """What is heard in `size` samples from sample `start` of the trial on; None for nothing."""
        low, high = max(0, start - self.begins), min(self.sound.size, start - self.begins + size)
        if high <= low:
            return None
        block = np.zeros(size, dtype=np.float32)
        begin = self.begins + low - start
        block[begin : begin + high - low] = self.sound[low:high]
        return block


def user_of(trial: Trial) -> User | None:
    """The user of a trial; None where nobody says anything."""
    if not trial.recordings:
        return None
    lead, ramp = round(LEAD_S * SAMPLE_RATE), round(RAMP_S * SAMPLE_RATE)
    longest = round(LONGEST_S * SAMPLE_RATE) if trial.want is Want.STOP else None
    pieces: list[Floats] = []
    onset = end = 0
    for number, recording in enumerate(trial.recordings):
        first, last = number == 0, number == len(trial.recordings) - 1
        sound, on, off = _cut_out(recording, lead if first else 0, lead if last else 0, longest)
        sound[:ramp] *= np.linspace(0.0, 1.0, sound[:ramp].size, dtype=np.float32)
        sound[-ramp:] *= np.linspace(1.0, 0.0, sound[-ramp:].size, dtype=np.float32)
        if not first:
            pieces.append(np.zeros(round(trial.pause_s * SAMPLE_RATE), dtype=np.float32))
        before = sum(piece.size for piece in pieces)
        onset = before + on if first else onset
        end = before + off
        pieces.append(sound * np.float32(1.0))
    whole = scale_to_dbfs(_to_pcm(np.concatenate(pieces)), trial.level_dbfs)
    begins = round(trial.at_s * SAMPLE_RATE)
    return User(whole, (begins + onset) / SAMPLE_RATE, (begins + end) / SAMPLE_RATE, begins)


def _cut_out(recording: Recording, before: int, after: int, longest: int | None) -> tuple[Floats, int, int]:
    """The speech of a recording with so many samples around it, at full scale; where speech begins and ends in that."""
    sound, (on, off) = recording.sound, recording.spoken
    if longest is not None:
        off = min(off, on + longest)
    begin, end = max(0, on - before), min(sound.size, off + after)
    piece = sound[begin:end].astype(np.float32)
    return piece / max(1.0, float(np.abs(piece).max(initial=0.0))), on - begin, off - begin


def _to_pcm(sound: Floats) -> Pcm:
    pcm: Pcm = np.rint(sound * np.float32(32767.0)).astype(np.int16)
    return pcm
