"""The threads that own an engine each. They take jobs from an inbox and post events; nothing else is shared."""

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from assistant.audio.pcm import Pcm
from assistant.core.cancel import CancelToken
from assistant.core.effects import Generate, Speak
from assistant.core.events import (
    Engine,
    EngineFailed,
    EngineReady,
    Event,
    GenerationFinished,
    SentenceFailed,
    TokenGenerated,
)
from assistant.engines.mind import MindFacts
from assistant.engines.protocols import EngineError, Mind, Speech, Voice
from assistant.errors import UserError
from assistant.session.ear import Ear

_log = logging.getLogger(__name__)

Post = Callable[[Event], None]
Tell = Callable[[str], None]
"""Shows the user a notice."""
Clock = Callable[[], float]

EAR_BACKLOG = 500
"""Frames (of 10 ms) that may wait for the recogniser; what comes beyond is dropped and counted."""


class RestartableMind(Mind, Protocol):
    """A mind in a process of its own."""

    def start(self) -> MindFacts:
        """Load the model; raises UserError or EngineError."""
        ...

    def restart(self) -> MindFacts:
        """Load it again after a loss."""
        ...

    def close(self) -> None:
        """End it; any thread."""
        ...


class RestartableVoice(Voice, Protocol):
    """A voice in a process of its own."""

    def start(self) -> None:
        """Open the synthesiser; raises UserError or EngineError."""
        ...

    def restart(self) -> None:
        """Open it again after a loss."""
        ...

    def close(self) -> None:
        """End it; any thread."""
        ...


class MindWorker:
    """Generates replies, one at a time, in the order asked for; those cancelled meanwhile are skipped."""

    def __init__(self, mind: RestartableMind, post: Post, tell: Tell, clock: Clock, max_tokens: int) -> None:
        self._mind = mind
        self._tell = tell
        self._post = post
        self._clock = clock
        self._max_tokens = max_tokens
        self._jobs: queue.SimpleQueue[tuple[Generate, CancelToken] | None] = queue.SimpleQueue()
        self._current: CancelToken | None = None
        self._thread = threading.Thread(target=self._run, name="mind", daemon=True)

    def start(self) -> None:
        """Load the model in the background."""
        self._thread.start()

    def generate(self, job: Generate, token: CancelToken) -> None:
        """Queue a reply."""
        self._jobs.put((job, token))

    def close(self) -> None:
        """End the thread and the engine; the caller has cancelled all tokens."""
        self._jobs.put(None)
        if self._thread.is_alive():
            self._thread.join(2.0)
        self._mind.close()

    def _run(self) -> None:
        running = self._load(self._mind.start)
        while (job := self._jobs.get()) is not None:
            effect, token = job
            if token.cancelled:
                continue
            if not running and not (running := self._load(self._mind.restart)):
                continue
            try:
                self._reply(effect, token)
            except UserError as error:  # the message is too long: the model itself is well
                self._post(EngineFailed(self._clock(), Engine.MIND, str(error)))
            except EngineError as error:
                _log.warning("mind lost: %s", error)
                self._post(EngineFailed(self._clock(), Engine.MIND, f"{error} It is being started again."))
                running = self._load(self._mind.restart)

    def _load(self, load: Callable[[], MindFacts]) -> bool:
        try:
            facts = load()
        except (UserError, EngineError) as error:
            self._post(EngineFailed(self._clock(), Engine.MIND, str(error)))
            return False
        if facts.notice:
            self._tell(facts.notice)
        self._post(EngineReady(self._clock(), Engine.MIND))
        return True

    def _reply(self, effect: Generate, token: CancelToken) -> None:
        count = 0
        for text in self._mind.generate(effect.messages, token, max_tokens=self._max_tokens):
            if token.cancelled:
                return
            count += 1
            self._post(TokenGenerated(self._clock(), effect.epoch, text))
        if not token.cancelled:
            self._post(GenerationFinished(self._clock(), effect.epoch, count))


class VoiceWorker:
    """Synthesises sentences, one at a time, and hands the sound over; cancelled ones are skipped."""

    def __init__(
        self,
        voice: RestartableVoice,
        deliver: Callable[[Speak, Speech], None],
        post: Post,
        clock: Clock,
    ) -> None:
        """`deliver` queues the sound for playout; it is called on the voice's thread."""
        self._voice = voice
        self._deliver = deliver
        self._post = post
        self._clock = clock
        self._jobs: queue.SimpleQueue[tuple[Speak, CancelToken] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="voice", daemon=True)

    def start(self) -> None:
        """Open the synthesiser in the background."""
        self._thread.start()

    def speak(self, job: Speak, token: CancelToken) -> None:
        """Queue a sentence."""
        self._jobs.put((job, token))

    def close(self) -> None:
        """End the thread and the engine."""
        self._jobs.put(None)
        if self._thread.is_alive():
            self._thread.join(2.0)
        self._voice.close()

    def _run(self) -> None:
        running = self._load(self._voice.start)
        while (job := self._jobs.get()) is not None:
            effect, token = job
            if token.cancelled:
                continue
            if not running and not (running := self._load(self._voice.restart)):
                self._fail(effect, "The voice is not available. The rest of the reply is on screen.")
                continue
            try:
                speech = self._voice.synthesise(effect.text)
            except (UserError, EngineError) as error:
                _log.warning("sentence lost: %s", error)
                running = not isinstance(error, EngineError)
                self._fail(effect, str(error))
                continue
            if not token.cancelled:
                self._deliver(effect, speech)

    def _fail(self, effect: Speak, message: str) -> None:
        self._post(SentenceFailed(self._clock(), effect.epoch, effect.sentence, message))

    def _load(self, load: Callable[[], None]) -> bool:
        try:
            load()
        except (UserError, EngineError) as error:
            self._post(EngineFailed(self._clock(), Engine.VOICE, str(error)))
            return False
        self._post(EngineReady(self._clock(), Engine.VOICE))
        return True


@dataclass(frozen=True, slots=True)
class _Frame:
    pcm: Pcm
    at: float


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

    def hear(self, pcm: Pcm, at: float) -> None:
        """Take a 10 ms frame; called on the microphone's thread."""
        if self._jobs.qsize() < EAR_BACKLOG:
            self._jobs.put(_Frame(pcm, at))
        else:
            self.dropped += 1

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
            self._thread.join(2.0)

    def _run(self) -> None:
        try:
            ear = self._load_ear()
        except UserError as error:
            self._post(EngineFailed(self._clock(), Engine.EAR, str(error)))
            while self._jobs.get() is not None:
                pass  # nobody can hear; the queue must not grow
            return
        self._post(EngineReady(self._clock(), Engine.EAR))
        while (job := self._jobs.get()) is not None:
            for event in self._do(ear, job):
                self._post(event)

    def _do(self, ear: Ear, job: _Frame | _Order) -> list[Event]:
        if isinstance(job, _Frame):
            return ear.hear(job.pcm, job.at)
        now = self._clock()
        if job.what == "listen":
            return ear.listen(job.utterance, job.since, now)
        if job.what == "finalise":
            return ear.finalise(job.utterance, now)
        ear.discard(job.utterance, now)
        return []
