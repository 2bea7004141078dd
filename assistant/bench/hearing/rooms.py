"""The rooms of the trials, and what has been heard in them before a trial begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from assistant.audio.echo import JUDGED_S
from assistant.audio.pcm import FRAME, SAMPLE_RATE, Floats, Pcm, read_wav
from assistant.audio.room import Output, Room, RoomOptions

LISTEN_S = 3.0
"""How long the room is heard before anything is said: the app has learnt its noise."""
TALK_S = JUDGED_S - 1.0
"""How long we have spoken before, in a room that is not new to us."""
PAUSE_S = 0.7
"""Silence between that and the trial."""
SEED = 1

_RINGING_S = {"dry": 0.0, "office": 0.25, "living room": 0.45, "bare room": 0.7}
"""Rooms by name: the time in which their sound falls by 60 dB."""
ROOMS = tuple(_RINGING_S)
_DIRECT_DB = 0.0
"""The direct sound is this much louder than all that rings."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A room, and how well it is known. `noise` is a file. `silent`: nothing has been or will be said by us."""

    output: Output = Output.HEADSET
    room: str = "dry"
    echo_gain_db: float = -10.0
    echo_delay_ms: float = 60.0
    noise: Path | None = None
    noise_dbfs: float = -50.0
    cold: bool = False
    silent: bool = False

    def build(self) -> Room:
        """The room, at its beginning."""
        return Room(
            RoomOptions(
                output=self.output,
                echo_gain_db=self.echo_gain_db,
                echo_delay_ms=self.echo_delay_ms,
                rir=response(self.room),
                noise=read_wav(self.noise) if self.noise is not None else None,
                noise_dbfs=self.noise_dbfs,
                seed=SEED,
            )
        )


@dataclass(frozen=True, slots=True)
class Before:
    """What went before a trial: frames of the microphone and of what we played, and the room as they left it."""

    frames: Sequence[tuple[Pcm, Pcm]]
    room: Room


@cache
def response(room: str) -> Floats | None:
    """The impulse response of a room: direct sound, and noise that decays (J.-D. Polack, 1988); None for a dry one."""
    ringing_s = _RINGING_S[room]
    if not ringing_s:
        return None
    taps = round(ringing_s * SAMPLE_RATE)
    noise = np.random.default_rng(SEED).standard_normal(taps) * 10.0 ** (-3.0 * np.arange(taps) / taps)
    noise *= 10.0 ** (-_DIRECT_DB / 20.0) / np.sqrt(np.sum(np.square(noise)))
    noise[0] = 1.0
    return noise.astype(np.float32)


def enter(scene: Scene, voice: Pcm) -> Before:
    """Hear the room, and where it is known have said so much of `voice` (int16, 16 kHz) in it."""
    room = scene.build()
    spoken = 0.0 if scene.cold or scene.silent else TALK_S
    said = np.zeros(round((LISTEN_S + spoken + PAUSE_S) * SAMPLE_RATE), dtype=np.int16)
    begin, size = round(LISTEN_S * SAMPLE_RATE), min(voice.size, round(spoken * SAMPLE_RATE))
    said[begin : begin + size] = voice[:size]
    blocks = said[: said.size // FRAME * FRAME].reshape(-1, FRAME)
    return Before([(room.step(block), block) for block in blocks], room)
