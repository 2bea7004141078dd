"""livekit-agents: its local models (voice activity, end of turn) under the rules and defaults of its version 1.8."""

import importlib
from collections import deque
from collections.abc import Iterable
from typing import Any

import numpy as np

from assistant.audio.pcm import SAMPLE_RATE, Pcm
from assistant.bench.hearing.peers.chunks import Chunks
from assistant.bench.hearing.subjects import Act, Task

ACTIVATION, DEACTIVATION = 0.5, 0.35
MIN_SPEECH_S, MIN_SILENCE_S = 0.05, 0.25
INTERRUPTION_S = 0.5
"""Speech that interrupts."""
LIKELY = 0.36
"""Probability of the end of an English turn from which it is likely."""
LIKELY_DELAY_S, UNLIKELY_DELAY_S = 0.3, 2.5
"""Time since the last speech after which the turn is over."""


class LiveKit:
    """Half a second of speech interrupts; after a pause the turn model chooses between two delays."""

    name = "livekit"

    def __init__(self) -> None:
        native: Any = importlib.import_module("livekit.local_inference")
        self._vad, self._eot = native.VAD(), native.EOT()
        self._window_s = native.VAD_WINDOW_SAMPLES / SAMPLE_RATE
        self._window, self._context = native.VAD_WINDOW_SAMPLES, native.EOT_MAX_SAMPLES

    def begin(self, task: Task) -> None:
        """Forget everything, and hear the last seconds."""
        self._vad.reset()
        self._chunks = Chunks(self._window)
        self._recent: deque[Pcm] = deque(maxlen=self._context // self._window)
        self._talking = False
        self._talked_s = self._speech_s = self._silence_s = 0.0
        self._delay_s: float | None = None
        for microphone, _ in task.before.frames:
            self.hear(microphone, 0.0, False)
        self._talking, self._delay_s = False, None

    def hear(self, frame: Pcm, at: float, speaking: bool) -> Iterable[Act]:
        """Stop after enough speech; take the turn once its delay is over."""
        acts: list[Act] = []
        for chunk in self._chunks.push(frame):
            self._recent.append(chunk)
            self._talked_s += self._window_s if self._talking else 0.0
            if self._talked_s >= INTERRUPTION_S and speaking:
                acts.append(Act.STOP)
            self._advance(float(self._vad.predict(chunk)))
            if self._delay_s is not None and self._silence_s >= self._delay_s:
                self._delay_s = None
                acts.append(Act.TAKE)
        return acts

    def _advance(self, probability: float) -> None:
        if probability >= ACTIVATION or (self._talking and probability > DEACTIVATION):
            self._speech_s += self._window_s
            self._silence_s = 0.0
            if not self._talking and self._speech_s >= MIN_SPEECH_S:
                self._talking, self._talked_s, self._delay_s = True, self._speech_s, None
            return
        self._silence_s += self._window_s
        self._speech_s = 0.0
        if self._talking and self._silence_s >= MIN_SILENCE_S:
            self._talking, self._talked_s = False, 0.0
            likely = float(self._eot.predict(np.concatenate(self._recent))) >= LIKELY
            self._delay_s = LIKELY_DELAY_S if likely else UNLIKELY_DELAY_S
