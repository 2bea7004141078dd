"""pipecat: its voice activity analyzer (Silero and volume) interrupts, its turn model ends turns."""

import asyncio
import importlib
import os
import time
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

from assistant.audio.pcm import SAMPLE_RATE, Pcm
from assistant.bench.hearing.peers.chunks import Chunks
from assistant.bench.hearing.subjects import Act, Task

CHUNK = 320
"""Samples that its transports deliver at once: 20 ms."""


class Pipecat:
    """`SileroVADAnalyzer` and `LocalSmartTurnAnalyzerV3` as they come."""

    name = "pipecat"

    def __init__(self) -> None:
        os.environ.setdefault("LOGURU_LEVEL", "ERROR")
        self._silero: Any = importlib.import_module("pipecat.audio.vad.silero")
        self._states: Any = importlib.import_module("pipecat.audio.vad.vad_analyzer").VADState
        self._turns: Any = importlib.import_module("pipecat.audio.turn.smart_turn.local_smart_turn_v3")
        self._ended: Any = importlib.import_module("pipecat.audio.turn.base_turn_analyzer").EndOfTurnState.COMPLETE
        # It stamps sound with the computer's clock; here time is virtual.
        self._now = 0.0
        base: Any = importlib.import_module("pipecat.audio.turn.smart_turn.base_smart_turn")
        base.time = SimpleNamespace(monotonic=lambda: self._now, perf_counter=time.perf_counter)
        self._turn: Any = self._turns.LocalSmartTurnAnalyzerV3(sample_rate=SAMPLE_RATE)
        self._turn.set_sample_rate(SAMPLE_RATE)

    def begin(self, task: Task) -> None:
        """A new analyzer, which has heard the last seconds."""
        self._vad = self._silero.SileroVADAnalyzer(sample_rate=SAMPLE_RATE)
        self._vad.set_sample_rate(SAMPLE_RATE)
        self._turn.clear()
        self._turn.update_vad_start_secs(self._vad.params.start_secs)
        self._chunks = Chunks(CHUNK)
        self._talking = False
        self._now = 100.0
        for microphone, _ in task.before.frames:
            self.hear(microphone, 0.0, False)
        self._turn.clear()

    def hear(self, frame: Pcm, at: float, speaking: bool) -> Iterable[Act]:
        """Stop where speech begins; where it pauses the turn model decides, or three seconds of silence."""
        acts: list[Act] = []
        for chunk in self._chunks.push(frame):
            self._now += CHUNK / SAMPLE_RATE
            acts += self._judge(chunk.tobytes(), speaking)
        return acts

    def _judge(self, chunk: bytes, speaking: bool) -> list[Act]:
        state = asyncio.run(self._vad.analyze_audio(chunk))
        was_talking = self._talking
        if state is self._states.SPEAKING:
            self._talking = True
        elif state is self._states.QUIET:
            self._talking = False
        ended = self._turn.append_audio(chunk, self._talking) is self._ended
        if was_talking and not self._talking:
            judged, _ = asyncio.run(self._turn.analyze_end_of_turn())
            ended = ended or judged is self._ended
        begun = self._talking and not was_talking and speaking
        return ([Act.STOP] if begun else []) + ([Act.TAKE] if ended else [])
