"""The threads that own an engine each. They take jobs from an inbox and post events; nothing else is shared."""

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

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
from assistant.engines.voice import VoiceOptions
from assistant.errors import UserError

_log = logging.getLogger(__name__)

Post = Callable[[Event], None]
Tell = Callable[[str], None]
"""Shows the user a notice."""
Clock = Callable[[], float]

JOIN_WITHIN_S = 2.0
"""How long a thread may take to end the call that it is in."""
_MIND = "The language model"
_VOICE = "The voice"


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

    options: VoiceOptions
    """How to speak; may be replaced."""

    def start(self) -> None:
        """Open the synthesiser; raises UserError or EngineError."""
        ...

    def restart(self) -> None:
        """Open it again after a loss."""
        ...

    def close(self) -> None:
        """End it; any thread."""
        ...


def sentence_of(error: Exception, engine: str) -> str:
    """What the user is told of `error`; one that no engine should raise is named."""
    if isinstance(error, UserError | EngineError):
        return str(error)
    return f"{engine} failed ({type(error).__name__}: {error})."


def _end(thread: threading.Thread, close: Callable[[], None]) -> None:
    """Wait for `thread`; one that is in the middle of a call loses its engine by `close`, and ends then."""
    if thread.is_alive():
        thread.join(JOIN_WITHIN_S)
    close()
    if thread.is_alive():
        thread.join(JOIN_WITHIN_S)


class MindWorker:
    """Generates replies, one at a time, in the order asked for; those cancelled meanwhile are skipped."""

    def __init__(self, mind: RestartableMind, post: Post, tell: Tell, clock: Clock, max_tokens: int) -> None:
        self._mind = mind
        self._tell = tell
        self._post = post
        self._clock = clock
        self._max_tokens = max_tokens
        self._jobs: queue.SimpleQueue[tuple[Generate, CancelToken] | None] = queue.SimpleQueue()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="mind", daemon=True)

    def start(self) -> None:
        """Load the model in the background."""
        self._thread.start()

    def generate(self, job: Generate, token: CancelToken) -> None:
        """Queue a reply."""
        self._jobs.put((job, token))

    def close(self) -> None:
        """End the thread and the engine; the caller has cancelled all tokens."""
        self._closing = True
        self._jobs.put(None)
        _end(self._thread, self._mind.close)

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
                self._post(EngineFailed(self._clock(), Engine.MIND, str(error), again=False))
                self._post(EngineReady(self._clock(), Engine.MIND))
            except Exception as error:  # noqa: BLE001 - the thread's boundary: whatever it is, the user is told
                _log.warning("mind lost", exc_info=error)
                message = f"{sentence_of(error, _MIND)} It is being started again."
                self._post(EngineFailed(self._clock(), Engine.MIND, message))
                running = self._load(self._mind.restart)
        self._mind.close()  # a load that was under way when the engine was closed may have opened it again

    def _load(self, load: Callable[[], MindFacts]) -> bool:
        if self._closing:
            return False
        try:
            facts = load()
        except Exception as error:  # noqa: BLE001 - the thread's boundary: whatever it is, the user is told
            self._post(EngineFailed(self._clock(), Engine.MIND, sentence_of(error, _MIND), again=False))
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
    """Synthesises sentences, one at a time, and hands the sound over; cancelled ones are skipped.

    So are the rest of a reply one sentence of which failed: it stays on screen.
    """

    def __init__(
        self,
        voice: RestartableVoice,
        deliver: Callable[[Speak, Speech], None],
        post: Post,
        tell: Tell,
        clock: Clock,
    ) -> None:
        """`deliver` queues the sound for playout; it is called on the voice's thread."""
        self._voice = voice
        self._deliver = deliver
        self._post = post
        self._tell = tell
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
        _end(self._thread, self._voice.close)

    def _run(self) -> None:
        running = self._load(self._voice.start)
        silenced = 0
        while (job := self._jobs.get()) is not None:
            effect, token = job
            if token.cancelled or effect.epoch == silenced:
                continue
            if not running and not (running := self._load(self._voice.restart)):
                silenced = effect.epoch
                continue
            try:
                speech = self._synthesise(effect.text)
                if not token.cancelled:
                    self._deliver(effect, speech)
            except Exception as error:  # noqa: BLE001 - the thread's boundary: whatever it is, the user is told
                _log.warning("sentence lost", exc_info=error)
                running = isinstance(error, UserError)
                silenced = effect.epoch
                self._post(SentenceFailed(self._clock(), effect.epoch, effect.sentence, sentence_of(error, _VOICE)))

    def _synthesise(self, text: str) -> Speech:
        """Speak with the chosen voice; where this computer has none of that name, with its own from now on."""
        try:
            return self._voice.synthesise(text)
        except UserError as error:
            if self._voice.options.voice is None:
                raise
            self._voice.options = replace(self._voice.options, voice=None)
            self._tell(f"{error} Until then the system's own voice is used.")
            return self._voice.synthesise(text)

    def _load(self, load: Callable[[], None]) -> bool:
        try:
            load()
        except Exception as error:  # noqa: BLE001 - the thread's boundary: whatever it is, the user is told
            self._post(EngineFailed(self._clock(), Engine.VOICE, sentence_of(error, _VOICE)))
            return False
        self._post(EngineReady(self._clock(), Engine.VOICE))
        return True
