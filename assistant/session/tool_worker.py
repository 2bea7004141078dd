"""The thread that runs the tools."""

import logging
import queue
import threading
from collections.abc import Callable
from typing import Protocol, TypeVar

from assistant.core.cancel import CancelToken
from assistant.core.effects import CallTool, UndoTool
from assistant.core.events import Event, ToolFinished, ToolUndone
from assistant.core.tool_calls import ToolCall, ToolResult

_log = logging.getLogger(__name__)

T = TypeVar("T")

DEADLINE_S = 10.0
"""How long a call may take."""
JOIN_WITHIN_S = 2.0


class Tools(Protocol):
    """What runs calls; nothing here raises."""

    def run(self, call: ToolCall, cancel: CancelToken, at: float) -> ToolResult:
        """Run a call at `at` seconds."""
        ...

    def undo(self, handle: str) -> str:
        """Take back what a call did, and say so."""
        ...


class _Patience(CancelToken):
    """Cancelled with the reply's own token, or by itself once the deadline has passed."""

    __slots__ = ("_reply",)

    def __init__(self, reply: CancelToken) -> None:
        super().__init__()
        self._reply = reply

    @property
    def cancelled(self) -> bool:
        """True from the first of the two on."""
        return self._cancelled or self._reply.cancelled


class ToolWorker:
    """Runs calls and undoings, one at a time, in the order asked for. Each is answered by exactly one event.

    A call that does not end within the deadline has failed; should it take effect after that, it is undone at once.
    """

    def __init__(
        self,
        tools: Tools,
        post: Callable[[Event], None],
        clock: Callable[[], float],
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self._tools = tools
        self._post = post
        self._clock = clock
        self._deadline_s = deadline_s
        self._jobs: queue.SimpleQueue[tuple[CallTool, CancelToken] | UndoTool | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="tools", daemon=True)

    def start(self) -> None:
        """Begin to take jobs."""
        self._thread.start()

    def call(self, effect: CallTool, token: CancelToken) -> None:
        """Queue a call under its reply's token."""
        self._jobs.put((effect, token))

    def undo(self, effect: UndoTool) -> None:
        """Queue an undoing."""
        self._jobs.put(effect)

    def close(self) -> None:
        """End the thread, for the caller has cancelled all tokens; a tool that hangs is left behind."""
        self._jobs.put(None)
        if self._thread.is_alive():
            self._thread.join(JOIN_WITHIN_S)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            if isinstance(job, UndoTool):
                text = self._undone(job.handle)
                self._post(ToolUndone(self._clock(), job.call, text))
            else:
                effect, token = job
                result = self._called(effect.call, token)
                self._post(ToolFinished(self._clock(), effect.epoch, effect.call.number, result))

    def _called(self, call: ToolCall, token: CancelToken) -> ToolResult:
        patience = _Patience(token)
        at = self._clock()

        def take_back(result: ToolResult) -> None:
            _log.warning("the tool %s ended after its deadline: %s", call.name, result.text)
            if result.undo:
                self._tools.undo(result.undo)

        result = _within(self._deadline_s, lambda: self._tools.run(call, patience, at), take_back)
        if result is None:
            patience.cancel()
            late = f"The tool {call.name} took longer than {self._deadline_s:g} s and was given up."
            return ToolResult.failed(late)
        return result

    def _undone(self, handle: str) -> str:
        def too_late(text: str) -> None:
            _log.warning("an undoing ended after its deadline: %s", text)

        text = _within(self._deadline_s, lambda: self._tools.undo(handle), too_late)
        return text or f"It could not be undone within {self._deadline_s:g} s."


def _within(seconds: float, work: Callable[[], T], late: Callable[[T], None]) -> T | None:
    """What `work` returns, done in a thread of its own; None where that takes too long, and `late` gets it then."""
    lock = threading.Lock()
    done = threading.Event()
    results: list[T] = []
    given_up = False

    def run() -> None:
        result = work()
        with lock:
            results.append(result)
            in_time = not given_up
        done.set()
        if not in_time:
            late(result)

    threading.Thread(target=run, name="tool", daemon=True).start()
    done.wait(seconds)
    with lock:
        given_up = not results
        return results[0] if results else None
