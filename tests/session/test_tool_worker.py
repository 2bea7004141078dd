"""The tools' thread: order, cancellation, deadlines, and exactly one answer for each call."""

import threading
from collections.abc import Iterator

import pytest

from assistant.core.cancel import CancelToken
from assistant.core.effects import CallTool, UndoTool
from assistant.core.events import ToolFinished, ToolUndone
from assistant.core.tool_calls import ToolCall, ToolResult
from assistant.session.tool_worker import ToolWorker
from tests.session.posts import PATIENCE_S, Posts


class Tools:
    """Answers with the call's name; "wait" ends when it is cancelled, "hang" when it is released, cancelled or not."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.release = threading.Event()
        self.undone = threading.Event()
        self.handles: list[str] = []
        self.ran: list[tuple[str, float]] = []

    def run(self, call: ToolCall, cancel: CancelToken, at: float) -> ToolResult:
        self.ran.append((call.name, at))
        self.begun.set()
        if call.name == "hang":
            assert self.release.wait(PATIENCE_S)
            return ToolResult("late", took_effect="something was done", undo="hang:1")
        if call.name == "wait":
            waiting = threading.Event()
            while not cancel.cancelled:
                waiting.wait(0.001)
            return ToolResult("cancelled", ok=False)
        return ToolResult(call.name)

    def undo(self, handle: str) -> str:
        if handle == "hang":
            assert self.release.wait(PATIENCE_S)
        self.handles.append(handle)
        self.undone.set()
        return f"{handle} undone"


@pytest.fixture
def tools() -> Iterator[Tools]:
    tools = Tools()
    yield tools
    tools.release.set()


def started(tools: Tools, posts: Posts, deadline_s: float = PATIENCE_S) -> ToolWorker:
    worker = ToolWorker(tools, posts.post, posts.clock, deadline_s)
    worker.start()
    return worker


def test_calls_and_undoings_are_answered_in_order(tools: Tools) -> None:
    posts = Posts()
    posts.now = 3.5
    worker = started(tools, posts)
    worker.call(CallTool(7, ToolCall(1, "first")), CancelToken())
    worker.undo(UndoTool(1, "first:1"))
    worker.call(CallTool(8, ToolCall(2, "second")), CancelToken())
    assert [posts.next() for _ in range(3)] == [
        ToolFinished(3.5, 7, 1, ToolResult("first")),
        ToolUndone(3.5, 1, "first:1 undone"),
        ToolFinished(3.5, 8, 2, ToolResult("second")),
    ]
    assert tools.ran == [("first", 3.5), ("second", 3.5)]
    worker.close()
    assert posts.rest() == []


def test_cancelling_the_reply_ends_its_call_and_the_next_one_runs(tools: Tools) -> None:
    posts = Posts()
    worker = started(tools, posts)
    token = CancelToken()
    worker.call(CallTool(1, ToolCall(1, "wait")), token)
    worker.call(CallTool(2, ToolCall(2, "next")), CancelToken())
    assert tools.begun.wait(PATIENCE_S)
    token.cancel()
    assert posts.next() == ToolFinished(0.0, 1, 1, ToolResult("cancelled", ok=False))
    assert posts.next() == ToolFinished(0.0, 2, 2, ToolResult("next"))
    worker.close()


def test_deadline_cancels_a_call_that_looks_at_its_token(tools: Tools) -> None:
    posts = Posts()
    token = CancelToken()
    worker = started(tools, posts, 0.05)
    worker.call(CallTool(1, ToolCall(1, "wait")), token)
    event = posts.next()
    assert isinstance(event, ToolFinished)
    assert event.result == ToolResult.failed("The tool wait took longer than 0.05 s and was given up.")
    assert not token.cancelled, "the reply itself goes on"
    worker.close()


def test_a_tool_that_hangs_holds_up_nobody_and_what_it_does_later_is_undone(tools: Tools) -> None:
    posts = Posts()
    worker = started(tools, posts, 0.05)
    worker.call(CallTool(1, ToolCall(1, "hang")), CancelToken())
    worker.call(CallTool(1, ToolCall(2, "next")), CancelToken())
    first, second = posts.next(), posts.next()
    assert isinstance(first, ToolFinished)
    assert isinstance(second, ToolFinished)
    assert (first.result.ok, first.result.took_effect) == (False, "")
    assert second.result == ToolResult("next")
    tools.release.set()
    assert tools.undone.wait(PATIENCE_S)
    assert tools.handles == ["hang:1"]
    worker.close()
    assert posts.rest() == []


def test_an_undoing_that_hangs_has_failed(tools: Tools) -> None:
    posts = Posts()
    worker = started(tools, posts, 0.05)
    worker.undo(UndoTool(4, "hang"))
    assert posts.next() == ToolUndone(0.0, 4, "It could not be undone within 0.05 s.")
    worker.close()


def test_closing_before_the_start_and_twice(tools: Tools) -> None:
    posts = Posts()
    ToolWorker(tools, posts.post, posts.clock).close()
    worker = started(tools, posts)
    worker.close()
    worker.close()
    assert posts.rest() == []
