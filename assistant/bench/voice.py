"""How quickly sentences become sound."""

import time

from assistant.bench.plan import Plan, Readings, running_voice
from assistant.bench.sentences import SENTENCES


def speech(plan: Plan) -> Readings:
    """Synthesise sentences of all lengths, over and over."""
    readings: Readings = {"sentence": [], "ratio": []}
    with running_voice(plan) as voice:
        for _ in range(plan.rounds(5)):
            for sentence in SENTENCES:
                begun = time.perf_counter()
                sound = voice.synthesise(sentence)
                took_s = time.perf_counter() - begun
                readings["sentence"].append(1000 * took_s)
                readings["ratio"].append(100 * took_s * sound.rate / sound.pcm.size)
    return readings
