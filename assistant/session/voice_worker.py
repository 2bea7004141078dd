"""The thread that owns the voice."""

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import replace

from assistant.core.cancel import CancelToken
from assistant.core.effects import Presynthesise, Speak
from assistant.core.events import Engine, EngineFailed, EngineReady, SentenceFailed
from assistant.engines.protocols import Speech
from assistant.errors import UserError
from assistant.session.speech_queue import Utterable
from assistant.session.workers import Clock, Post, RestartableVoice, Tell, end, sentence_of

_log = logging.getLogger(__name__)

_NAME = "The voice"


class VoiceWorker:
    """Synthesises sentences, one at a time, and hands the sound over; cancelled ones are skipped.

    So are the rest of a reply one sentence of which failed: it stays on screen.
    """

    def __init__(
        self,
        voice: RestartableVoice,
        deliver: Callable[[Utterable, Speech], None],
        unprepared: Callable[[Presynthesise], Speak | None],
        post: Post,
        tell: Tell,
        clock: Clock,
    ) -> None:
        """`deliver` takes the sound; `unprepared` hears of a sentence that could not be prepared.

        It returns that sentence where it is to be spoken by now. Both are called on the voice's thread.
        """
        self._voice = voice
        self._deliver = deliver
        self._unprepared = unprepared
        self._post = post
        self._tell = tell
        self._clock = clock
        self._jobs: queue.SimpleQueue[tuple[Utterable, CancelToken] | None] = queue.SimpleQueue()
        self._running = False
        self._silenced = 0
        """The latest reply of which no more is to be spoken."""
        self._thread = threading.Thread(target=self._run, name="voice", daemon=True)

    def start(self) -> None:
        """Open the synthesiser in the background."""
        self._thread.start()

    def speak(self, job: Utterable, token: CancelToken) -> None:
        """Queue a sentence."""
        self._jobs.put((job, token))

    def close(self) -> None:
        """End the thread and the engine."""
        self._jobs.put(None)
        end(self._thread, self._voice.close)

    def _run(self) -> None:
        self._running = self._load(self._voice.start)
        while (job := self._jobs.get()) is not None:
            self._do(*job)

    def _do(self, sentence: Utterable, token: CancelToken) -> None:
        if token.cancelled or sentence.epoch == self._silenced:
            return
        self._running = self._running or self._load(self._voice.restart)
        if self._running and self._spoken(sentence, token):
            return
        if not isinstance(sentence, Presynthesise):
            self._silenced = sentence.epoch
        elif (speak := self._unprepared(sentence)) is not None:  # now, for others may wait behind it
            self._do(speak, token)

    def _spoken(self, sentence: Utterable, token: CancelToken) -> bool:
        """Synthesise and deliver; False where that failed."""
        try:
            speech = self._synthesise(sentence.text)
            if not token.cancelled:
                self._deliver(sentence, speech)
        except Exception as error:  # noqa: BLE001 - the thread's boundary: whatever it is, the user is told
            _log.warning("sentence lost", exc_info=error)
            self._running = isinstance(error, UserError)
            if not isinstance(sentence, Presynthesise):
                message = sentence_of(error, _NAME)
                self._post(SentenceFailed(self._clock(), sentence.epoch, sentence.sentence, message))
            return False
        return True

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
            self._post(EngineFailed(self._clock(), Engine.VOICE, sentence_of(error, _NAME)))
            return False
        self._post(EngineReady(self._clock(), Engine.VOICE))
        return True
