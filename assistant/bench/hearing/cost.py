"""What hearing costs: CPU time of this process per second of sound, with everything at work."""

import time
from collections.abc import Sequence

from assistant.audio.pcm import FRAME_S, Pcm
from assistant.audio.room import Output
from assistant.bench.hearing.figures import COST, Figure, times
from assistant.bench.hearing.parley import Story
from assistant.bench.hearing.play import reply_sound
from assistant.bench.hearing.rooms import Scene, enter
from assistant.session.ear import Ear
from assistant.session.setup import Setup

STRETCH = 100
"""Frames (1 s) that make one reading."""
MOST_MS = 20.0


def costs(setup: Setup, story: Story) -> list[Figure]:
    """Listening while our voice echoes, and the same with both recognisers at work. In real time: no two runs agree."""
    frames = enter(Scene(Output.SPEAKER, "office"), reply_sound(story, 0)).frames
    ear = Ear(*setup.recognisers(), setup.preroll_s)
    return [
        times(COST, "listening, echo canceller at work", _readings(setup, frames), (MOST_MS, None), "ms/s"),
        times(COST, "the same, recognising words", _readings(setup, frames, ear), unit="ms/s"),
    ]


def _readings(setup: Setup, frames: Sequence[tuple[Pcm, Pcm]], ear: Ear | None = None) -> list[float]:
    front_end = setup.front_end()
    if ear is not None:
        ear.listen(1, 0.0, 0.0)
    readings = []
    for begin in range(0, len(frames) - STRETCH + 1, STRETCH):
        begun = time.process_time()
        for number, (microphone, played) in enumerate(frames[begin : begin + STRETCH], begin + 1):
            frame = front_end.process(microphone, played, number * FRAME_S)
            if ear is not None:
                ear.hear(frame.clean, number * FRAME_S)
        readings.append((time.process_time() - begun) / (STRETCH * FRAME_S))
    return readings
