"""The language model in a child process: the Mind that the session uses."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assistant.core.cancel import CancelToken
from assistant.core.messages import Message
from assistant.engines.cancel_word import CancelWord
from assistant.engines.child import Child
from assistant.engines.protocols import EngineError

_NAME = "The language model"


@dataclass(frozen=True, slots=True)
class MindOptions:
    """How to run the model. `context_tokens` is held between 512 and 32768 and rounded down to a multiple of 256."""

    context_tokens: int = 4096
    threads: int | None = None
    """None: one less than the machine has cores."""
    temperature: float = 0.0
    top_p: float = 0.95
    seed: int = 1


@dataclass(frozen=True, slots=True)
class MindFacts:
    """What is known of a loaded model; `notice` is "" or a sentence that the user should see."""

    name: str
    context_tokens: int
    notice: str


@dataclass(frozen=True, slots=True)
class MindDeadlines:
    """Seconds after which a silent child counts as hung; `first_token_s` allows for a long prompt on a slow machine."""

    load_s: float = 180.0
    first_token_s: float = 120.0
    token_s: float = 30.0
    cancel_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Usage:
    """The tokens of one reply: in the prompt, of those not evaluated again, and generated so far."""

    prompt_tokens: int = 0
    reused_tokens: int = 0
    generated_tokens: int = 0


class LlamaMind:
    """A GGUF model run by llama.cpp in a child process. One thread generates; `close` may come from any."""

    def __init__(
        self,
        path: Path,
        options: MindOptions | None = None,
        deadlines: MindDeadlines | None = None,
        *,
        log: Path | None = None,
    ) -> None:
        """Nothing is started yet. `log` receives what the child prints, tracebacks of crashes included."""
        self.last_usage = Usage()
        """The usage of the present or last reply, up to date with every token."""
        self._path = path
        self._options = options or MindOptions()
        self._deadlines = deadlines or MindDeadlines()
        self._log = log
        self._child: Child | None = None
        self._word: CancelWord | None = None
        self._request = 0

    def start(self) -> MindFacts:
        """Load the model and wait until it can be used.

        Raises UserError if the file cannot be used, EngineError if loading crashes or takes too long.
        """
        self.close()
        self._word = word = CancelWord.create()
        arguments = (self._path, self._options, word.path)
        self._child = Child(_NAME, "assistant.engines.llm_llama:LlamaEngine", arguments, log=self._log)
        try:
            facts: MindFacts = self._child.wait_ready(self._deadlines.load_s)
        finally:
            word.unlink()
        return facts

    restart = start

    @property
    def pid(self) -> int | None:
        """The child's process id, for measurements; None while nothing is started."""
        return None if self._child is None else self._child.pid

    def generate(
        self,
        messages: Sequence[Message],
        cancel: CancelToken,
        *,
        max_tokens: int,
        tools: Sequence[Mapping[str, Any]] = (),
    ) -> Iterator[str]:
        """Yield the reply piece by piece, each generated when it is asked for.

        As in `protocols.Mind`; in addition raises UserError if the newest message is too long for the model. A reply
        that another one has followed ends.
        """
        self._request += 1
        request = self._request
        self.last_usage = Usage()
        if cancel.cancelled:
            return
        limits = self._deadlines
        question = tuple(messages), max_tokens, tuple(tools)
        prompt, reused = self._call("begin", *question, cancel=cancel, timeout_s=limits.first_token_s)
        self.last_usage = Usage(prompt, reused)
        timeout_s = limits.first_token_s
        while not cancel.cancelled:
            piece: str | None = self._call("step", cancel=cancel, timeout_s=timeout_s)
            if piece is None or cancel.cancelled:
                return
            self.last_usage = replace(self.last_usage, generated_tokens=self.last_usage.generated_tokens + 1)
            timeout_s = limits.token_s
            yield piece
            if request != self._request:
                return

    def close(self) -> None:
        """End the child process, also in the middle of a reply."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
        if self._word is not None:
            self._word.unlink()

    def _call(self, method: str, *arguments: Any, cancel: CancelToken, timeout_s: float) -> Any:
        """Call the child; a cancellation meanwhile sets the cancel word, which even a running evaluation obeys.

        Only this thread sets the word, only while the cancelled reply's own call is running, and it is cleared when
        that call has returned: it cannot hit a later reply.
        """
        child, word = self._child, self._word
        if child is None or word is None:
            raise EngineError(f"{_NAME} is not running.")
        patience_ends: float | None = None

        def pass_on() -> None:
            nonlocal patience_ends
            if not cancel.cancelled:
                return
            if patience_ends is None:
                word.set()
                patience_ends = time.monotonic() + self._deadlines.cancel_s
            elif time.monotonic() > patience_ends:
                child.kill("did not react to a cancellation and was stopped")

        try:
            return child.call(method, *arguments, timeout_s=timeout_s, poll=pass_on)
        finally:
            word.clear()
