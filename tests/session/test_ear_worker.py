"""The thread that owns the ear: order, backlog, failure, and its end."""

import threading
from collections.abc import Callable

import numpy as np
import pytest

from assistant.core.events import Engine, EngineFailed, EngineReady, FinalTranscript, PartialTranscript
from assistant.engines.fakes import FakeRecogniser
from assistant.engines.protocols import Pcm
from assistant.session.ear import Ear
from assistant.session.ear_worker import EAR_BACKLOG, EarWorker
from tests.session.posts import PATIENCE_S, Posts

FRAME = np.zeros(160, np.int16)


def test_frames_and_orders_keep_their_order() -> None:
    posts = Posts()
    worker = EarWorker(lambda: Ear(FakeRecogniser(["good day"]), None, 0.0), posts.post, posts.clock)
    worker.start()
    assert posts.next() == EngineReady(0.0, Engine.EAR)
    worker.listen(1, 0.0)
    for number in range(1, 151):
        worker.hear(FRAME, number * 0.01)
    worker.finalise(1)
    words = [posts.next(), posts.next(), posts.next()]
    worker.listen(2, 1.5)
    worker.discard(2)
    worker.finalise(2)
    worker.close()
    assert [type(event) for event in words] == [PartialTranscript, PartialTranscript, FinalTranscript]
    assert posts.rest() == []


def test_frames_that_a_slow_recogniser_cannot_take_are_dropped_and_orders_are_not() -> None:
    posts = Posts()
    load = threading.Event()

    def slow() -> Ear:
        assert load.wait(PATIENCE_S)
        return Ear(FakeRecogniser(), None)

    worker = EarWorker(slow, posts.post, posts.clock)
    worker.start()
    for number in range(EAR_BACKLOG + 100):
        worker.hear(FRAME, number * 0.01)
    assert worker.dropped == 100
    worker.listen(1, 5.0)
    worker.finalise(1)
    load.set()
    assert isinstance(posts.until(FinalTranscript)[-1], FinalTranscript)
    worker.close()


class Broken(FakeRecogniser):
    def accept(self, pcm: Pcm) -> str:
        raise ValueError("broken")


@pytest.mark.parametrize(
    ("load", "told"),
    [
        (lambda: Ear(Broken(), None), "Speech recognition failed (ValueError: broken)."),
        (lambda: [].pop(), "Speech recognition failed (IndexError: pop from empty list)."),
    ],
)
def test_an_ear_that_failed_says_so_once_and_its_queue_does_not_grow(load: Callable[[], Ear], told: str) -> None:
    posts = Posts()
    worker = EarWorker(load, posts.post, posts.clock)
    worker.start()
    worker.listen(1, 0.0)
    for number in range(1, 10):
        worker.hear(FRAME, number * 0.01)
    assert posts.until(EngineFailed)[-1] == EngineFailed(0.0, Engine.EAR, told)
    for number in range(10, 2 * EAR_BACKLOG, EAR_BACKLOG // 10):
        worker.hear(FRAME, number * 0.01)
    worker.close()
    assert posts.rest() == []
    assert worker.dropped == 0
