"""The thread that owns the mind: order, cancellation, loss, restart, warming up, and its end."""

import queue
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from assistant.core.cancel import CancelToken
from assistant.core.effects import Generate
from assistant.core.events import (
    Engine,
    EngineFailed,
    EngineReady,
    Event,
    GenerationFinished,
    TokenGenerated,
)
from assistant.core.messages import Message, Role
from assistant.engines.fakes import FakeMind
from assistant.session.mind_worker import MindWorker
from tests.session.posts import PATIENCE_S, Posts

ASK = (Message(Role.USER, "hello"),)


def mind_worker(mind: FakeMind, posts: Posts, max_tokens: int = 100) -> MindWorker:
    worker = MindWorker(mind, posts.post, posts.told.append, posts.clock)
    worker.max_tokens = max_tokens
    worker.start()
    assert posts.next() == EngineReady(0.0, Engine.MIND)
    return worker


def text_of(events: Sequence[Event], epoch: int) -> str:
    return "".join(e.text for e in events if isinstance(e, TokenGenerated) and e.epoch == epoch)


def test_replies_come_one_after_the_other_with_their_tokens_counted() -> None:
    posts = Posts()
    worker = mind_worker(FakeMind(["One two.", "Three."]), posts)
    worker.generate(Generate(1, ASK), CancelToken())
    worker.generate(Generate(2, ASK), CancelToken())
    first, second = posts.until(GenerationFinished), posts.until(GenerationFinished)
    worker.close()
    assert (text_of(first, 1), text_of(second, 2)) == ("One two.", "Three.")
    assert first[-1] == GenerationFinished(0.0, 1, len(first) - 1)
    assert text_of(first, 2) == text_of(second, 1) == ""


def test_no_more_tokens_are_made_than_asked_for() -> None:
    posts = Posts()
    worker = mind_worker(FakeMind(["One two three four five."]), posts, max_tokens=2)
    worker.generate(Generate(1, ASK), CancelToken())
    assert len(posts.until(GenerationFinished)) == 3
    worker.close()


def test_a_reply_that_was_cancelled_while_it_waited_is_never_begun() -> None:
    posts = Posts()
    mind = FakeMind(["One.", "Two."])
    worker = mind_worker(mind, posts)
    cancelled = CancelToken()
    cancelled.cancel()
    worker.generate(Generate(1, ASK), cancelled)
    worker.generate(Generate(2, ASK), CancelToken())
    events = posts.until(GenerationFinished)
    worker.close()
    assert {e.epoch for e in events if isinstance(e, TokenGenerated)} == {2}
    assert len(mind.requests) == 1


class StopsTheWorld(FakeMind):
    """Before each piece it says so and waits."""

    def __init__(self, reply: str) -> None:
        super().__init__([reply])
        self.asked: queue.SimpleQueue[None] = queue.SimpleQueue()
        self.go: queue.SimpleQueue[None] = queue.SimpleQueue()

    def generate(
        self,
        messages: Sequence[Message],
        cancel: CancelToken,
        *,
        max_tokens: int,
        tools: Sequence[Mapping[str, Any]] = (),
    ) -> Iterator[str]:
        for piece in ("One ", "two ", "three."):
            self.asked.put(None)
            self.go.get(timeout=PATIENCE_S)
            yield piece


def test_nothing_of_a_cancelled_reply_is_posted_any_more() -> None:
    posts = Posts()
    mind = StopsTheWorld("")
    worker = mind_worker(mind, posts)
    token = CancelToken()
    worker.generate(Generate(1, ASK), token)
    mind.go.put(None)
    assert posts.next() == TokenGenerated(0.0, 1, "One ")
    token.cancel()
    mind.go.put(None)  # one more piece comes, and is not wanted
    worker.close()
    assert posts.rest() == []


def test_a_lost_mind_is_restarted_and_takes_the_next_reply() -> None:
    posts = Posts()
    mind = FakeMind(["One two three."], crash_at=1)
    worker = mind_worker(mind, posts)
    worker.generate(Generate(1, ASK), CancelToken())
    lost = posts.until(EngineFailed)[-1]
    assert isinstance(lost, EngineFailed)
    assert lost.message == "The language model stopped unexpectedly (SIGSEGV). It is being started again."
    assert posts.next() == EngineReady(0.0, Engine.MIND)
    mind.crash_at = None
    worker.generate(Generate(2, ASK), CancelToken())
    assert text_of(posts.until(GenerationFinished), 2) == "One two three."
    worker.close()
    assert mind.starts == 2


class Prefill(StopsTheWorld):
    """Tells what it is asked for; a warm-up waits until it is cancelled."""

    def __init__(self) -> None:
        super().__init__("")
        self.begun: queue.SimpleQueue[tuple[int, tuple[str, ...]]] = queue.SimpleQueue()

    def generate(
        self,
        messages: Sequence[Message],
        cancel: CancelToken,
        *,
        max_tokens: int,
        tools: Sequence[Mapping[str, Any]] = (),
    ) -> Iterator[str]:
        self.begun.put((max_tokens, tuple(tool["name"] for tool in tools)))
        while max_tokens == 1 and not cancel.cancelled:
            self.asked.put(None)
            self.go.get(timeout=PATIENCE_S)
        if not cancel.cancelled:
            yield "Yes."


def test_a_warm_up_posts_nothing_and_gives_way_to_the_first_reply() -> None:
    posts = Posts()
    mind = Prefill()
    worker = mind_worker(mind, posts)
    worker.tools = ({"name": "get_time"},)
    worker.warm_up(ASK)
    assert mind.begun.get(timeout=PATIENCE_S) == (1, ("get_time",))
    mind.asked.get(timeout=PATIENCE_S)
    worker.generate(Generate(1, ASK), CancelToken())
    mind.go.put(None)
    assert mind.begun.get(timeout=PATIENCE_S) == (100, ("get_time",))
    assert posts.until(GenerationFinished)[0] == TokenGenerated(0.0, 1, "Yes.")
    worker.close()


def test_a_warm_up_that_is_over_leaves_the_worker_as_it_was() -> None:
    posts = Posts()
    worker = mind_worker(FakeMind(["One."]), posts)
    worker.warm_up(ASK)
    worker.generate(Generate(1, ASK), CancelToken())
    assert text_of(posts.until(GenerationFinished), 1) == "One."
    worker.close()


def test_the_speed_of_a_reply_is_measured_on_the_tokens_after_the_first() -> None:
    posts = Posts()
    times = iter(range(100))
    worker = MindWorker(FakeMind(["word " * 20]), posts.post, posts.told.append, lambda: next(times) / 2)
    assert worker.tokens_per_s is None
    worker.start()
    worker.generate(Generate(1, ASK), CancelToken())
    posts.until(GenerationFinished)
    worker.close()
    assert worker.tokens_per_s == 2.0
