"""The WebRTC project's voice activity detector, by the rule of its Python binding's example."""

import importlib
from collections import deque
from collections.abc import Iterable
from typing import Any

from assistant.audio.pcm import SAMPLE_RATE, Pcm
from assistant.bench.hearing.peers.chunks import Chunks
from assistant.bench.hearing.subjects import Act, Task

MODE = 3
CHUNK = 480
"""Samples: 30 ms."""
WINDOW = 10
"""Chunks (300 ms) of which ..."""
SHARE = 0.9
"""... more than this share must be voiced to begin, and unvoiced to end."""


class WebRtcVad:
    """A window of 300 ms decides."""

    name = "webrtcvad"

    def __init__(self) -> None:
        self._open: Any = importlib.import_module("webrtcvad").Vad

    def begin(self, task: Task) -> None:
        """A new detector, which has heard the last seconds."""
        self._vad = self._open(MODE)
        self._chunks = Chunks(CHUNK)
        self._window: deque[bool] = deque(maxlen=WINDOW)
        self._talking = False
        for microphone, _ in task.before.frames:
            self.hear(microphone, 0.0, False)
        self._talking = False

    def hear(self, frame: Pcm, at: float, speaking: bool) -> Iterable[Act]:
        """Stop where speech begins; take the turn where it ends."""
        acts: list[Act] = []
        for chunk in self._chunks.push(frame):
            self._window.append(self._vad.is_speech(chunk.tobytes(), SAMPLE_RATE))
            voiced = sum(self._window)
            if not self._talking and voiced > SHARE * WINDOW:
                self._talking = True
                self._window.clear()
                acts += [Act.STOP] if speaking else []
            elif self._talking and len(self._window) == WINDOW and WINDOW - voiced > SHARE * WINDOW:
                self._talking = False
                self._window.clear()
                acts.append(Act.TAKE)
        return acts
