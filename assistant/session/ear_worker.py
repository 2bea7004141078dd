"""The thread that owns the ear. Orders and frames arrive in one queue, so that they keep their order."""

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass

from assistant.audio.pcm import Pcm
from assistant.core.events import Engine, EngineFailed, EngineReady, Event
from assistant.session.ear import Ear
from assistant.session.workers import JOIN_WITHIN_S, Clock, Post, sentence_of

_log = logging.getLogger(__name__)

EAR_BACKLOG = 500
"""Frames (of 10 ms) that may wait for the recogniser; what comes beyond is dropped and counted."""


@dataclass(frozen=True, slots=True)
class _Frame:
    pcm: Pcm
    at: float
    voice: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class _Order:
    what: str
    utterance: int
    since: float = 0.0


class EarWorker:
    """Runs the recogniser. Orders and frames arrive in one queue, so that they keep their order."""

    def __init__(self, load: Callable[[], Ear], post: Post, clock: Clock) -> None:
        self._load_ear = load
        self._post = post
        self._clock = clock
        self._jobs: queue.SimpleQueue[_Frame | _Order | None] = queue.SimpleQueue()
        self.dropped = 0
        """Frames that were not heard because the recogniser was too slow."""
        self._thread = threading.Thread(target=self._run, name="ear", daemon=True)

    def start(self) -> None:
        """Load the model in the background."""
        self._thread.start()

    def hear(self, pcm: Pcm, at: float, voice: tuple[Event, ...] = ()) -> None:
        """Take a 10 ms frame, and the voice events that wait for a wake phrase; called on the microphone's thread."""
        if voice or self._jobs.qsize() < EAR_BACKLOG:  # the end of speech must not be lost
            self._jobs.put(_Frame(pcm, at, voice))
        else:
            self.dropped += 1

    def hold(self, held: bool) -> None:
        """Push-to-talk went down or up."""
        self._jobs.put(_Order("hold" if held else "release", 0))

    def listen(self, utterance: int, since: float) -> None:
        """Begin an utterance."""
        self._jobs.put(_Order("listen", utterance, since))

    def finalise(self, utterance: int) -> None:
        """End an utterance with a transcript."""
        self._jobs.put(_Order("finalise", utterance))

    def discard(self, utterance: int) -> None:
        """Forget an utterance."""
        self._jobs.put(_Order("discard", utterance))

    def close(self) -> None:
        """End the thread."""
        self._jobs.put(None)
        if self._thread.is_alive():
            self._thread.join(JOIN_WITHIN_S)

    def _run(self) -> None:
        try:
            ear = self._load_ear()
            self._post(EngineReady(self._clock(), Engine.EAR))
            while (job := self._jobs.get()) is not None:
                for event in self._do(ear, job):
                    self._post(event)
        except Exception as error:  # noqa: BLE001 - the thread's boundary: whatever it is, the user is told
            _log.warning("ear lost", exc_info=error)
            self._post(EngineFailed(self._clock(), Engine.EAR, sentence_of(error, "Speech recognition")))
            while self._jobs.get() is not None:
                pass  # nobody can hear; the queue must not grow

    def _do(self, ear: Ear, job: _Frame | _Order) -> list[Event]:
        if isinstance(job, _Frame):
            return ear.hear(job.pcm, job.at, job.voice)
        now = self._clock()
        if job.what == "listen":
            return ear.listen(job.utterance, job.since, now)
        if job.what == "finalise":
            return ear.finalise(job.utterance, now)
        if job.what == "discard":
            ear.discard(job.utterance, now)
        else:
            ear.hold(job.what == "hold", now)
        return []
