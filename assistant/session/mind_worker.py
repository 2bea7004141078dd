"""The thread that owns the mind."""

import logging
import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.core.cancel import CancelToken
from assistant.core.effects import Generate
from assistant.core.events import Engine, EngineFailed, EngineReady, GenerationFinished, TokenGenerated
from assistant.core.messages import Message
from assistant.engines.mind import MindFacts
from assistant.errors import UserError
from assistant.session.workers import Clock, Post, RestartableMind, Tell, end, sentence_of

_log = logging.getLogger(__name__)

_NAME = "The language model"
MAX_TOKENS = 400
_ENOUGH_TOKENS = 8
"""A shorter reply says nothing about the speed."""

Tools = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class _Job:
    """A reply to generate, or a prompt to warm up with where `epoch` is None."""

    messages: Sequence[Message]
    token: CancelToken
    epoch: int | None = None


class MindWorker:
    """Generates replies, one at a time, in the order asked for; those cancelled meanwhile are skipped."""

    def __init__(self, mind: RestartableMind, post: Post, tell: Tell, clock: Clock) -> None:
        self.max_tokens = MAX_TOKENS
        """Of a reply; may be replaced."""
        self.tools: Tools = ()
        """The schemas of the tools that the mind may call; may be replaced."""
        self.tokens_per_s: float | None = None
        """How fast the latest reply that was long enough came; None while there was none."""
        self._mind = mind
        self._tell = tell
        self._post = post
        self._clock = clock
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._warm_up = CancelToken()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="mind", daemon=True)

    def start(self) -> None:
        """Load the model in the background."""
        self._thread.start()

    def generate(self, job: Generate, token: CancelToken) -> None:
        """Queue a reply; it does not wait for a warm-up."""
        self._warm_up.cancel()
        self._jobs.put(_Job(job.messages, token, job.epoch))

    def warm_up(self, messages: Sequence[Message]) -> None:
        """Have the beginning of every prompt evaluated before the first reply is asked for."""
        self._warm_up.cancel()
        self._warm_up = CancelToken()
        self._jobs.put(_Job(messages, self._warm_up))

    def close(self) -> None:
        """End the thread and the engine; the caller has cancelled all tokens."""
        self._closing = True
        self._warm_up.cancel()
        self._jobs.put(None)
        end(self._thread, self._mind.close)

    def _run(self) -> None:
        running = self._load(self._mind.start)
        while (job := self._jobs.get()) is not None:
            if job.token.cancelled:
                continue
            if not running and not (running := self._load(self._mind.restart)):
                continue
            try:
                self._do(job)
            except UserError as error:  # the message is too long: the model itself is well
                self._post(EngineFailed(self._clock(), Engine.MIND, str(error), again=False))
                self._post(EngineReady(self._clock(), Engine.MIND))
            except Exception as error:  # noqa: BLE001 - the thread's boundary: whatever it is, the user is told
                _log.warning("mind lost", exc_info=error)
                message = f"{sentence_of(error, _NAME)} It is being started again."
                self._post(EngineFailed(self._clock(), Engine.MIND, message))
                running = self._load(self._mind.restart)
        self._mind.close()  # a load that was under way when the engine was closed may have opened it again

    def _load(self, load: Callable[[], MindFacts]) -> bool:
        if self._closing:
            return False
        try:
            facts = load()
        except Exception as error:  # noqa: BLE001 - the thread's boundary: whatever it is, the user is told
            self._post(EngineFailed(self._clock(), Engine.MIND, sentence_of(error, _NAME), again=False))
            return False
        if facts.notice:
            self._tell(facts.notice)
        self._post(EngineReady(self._clock(), Engine.MIND))
        return True

    def _do(self, job: _Job) -> None:
        if job.epoch is None:
            for _ in self._mind.generate(job.messages, job.token, max_tokens=1, tools=self.tools):
                pass  # the prompt is evaluated with its first token, which nobody wants
        else:
            self._reply(job, job.epoch)

    def _reply(self, job: _Job, epoch: int) -> None:
        count, first_at = 0, 0.0
        for text in self._mind.generate(job.messages, job.token, max_tokens=self.max_tokens, tools=self.tools):
            at = self._clock()
            if count == 0:
                first_at = at
            elif count >= _ENOUGH_TOKENS and at > first_at:
                self.tokens_per_s = count / (at - first_at)
            if job.token.cancelled:
                return
            count += 1
            self._post(TokenGenerated(at, epoch, text))
        if not job.token.cancelled:
            self._post(GenerationFinished(self._clock(), epoch, count))
