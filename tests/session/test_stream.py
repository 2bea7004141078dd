"""The public stream: everything that happens, in order, without ever holding up the session."""

import logging
import queue
import re
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.core import effects, events
from assistant.core.interruptions import Reason
from assistant.engines.fakes import FakeMind
from assistant.session.live import LiveSession
from assistant.session.stream import Stream, StreamItem, Streams
from tests.session.fake_sound import PATIENCE_S, FakeSound, done, live

DOCS = Path(__file__).parents[2] / "docs" / "events.md"


def item(number: int) -> StreamItem:
    return StreamItem(float(number), "typed_input", {})


def test_items_are_read_in_order_and_reading_ends_with_the_stream() -> None:
    stream = Stream()
    for number in range(3):
        stream.put(item(number))
    stream.close()
    stream.put(item(3))
    assert [it.at for it in stream] == [0.0, 1.0, 2.0]
    assert stream.get() is None
    assert stream.dropped == 0


def test_a_reader_who_does_not_keep_up_loses_the_oldest_and_is_told_how_many() -> None:
    stream = Stream(limit=3)
    for number in range(10):
        stream.put(item(number))
    stream.close()
    assert [it.at for it in stream] == [7.0, 8.0, 9.0]
    assert stream.dropped == 7


def test_waiting_for_an_item_has_a_limit() -> None:
    assert Stream().get(timeout=0.01) is None


def test_a_waiting_reader_is_let_go_when_the_stream_is_closed() -> None:
    stream = Stream()
    ended = threading.Event()

    def read() -> None:
        for _ in stream:
            pass
        ended.set()

    threading.Thread(target=read, daemon=True).start()
    stream.close()
    assert ended.wait(PATIENCE_S)


def test_items_hold_what_json_knows_and_their_own_time() -> None:
    streams = Streams()
    stream = streams.open()
    streams.publish(1.5, events.InterruptRequested(1.5, Reason.CLIENT_REQUEST))
    streams.publish(2.0, effects.TurnEnded(1.75, effects.Speaker.PARLEY, 0.123456789))
    word = events.Word("no", 0.1, 0.2, 0.9)
    streams.publish(3.0, events.FinalTranscript(3.0, 4, "no", (word,)))
    streams.close()
    assert [(it.at, it.name, dict(it.fields)) for it in stream] == [
        (1.5, "interrupt_requested", {"reason": "client_request", "speech_only": False}),
        (1.75, "turn_ended", {"speaker": "parley", "duration_s": 0.123457}),
        (
            3.0,
            "final_transcript",
            {"utterance": 4, "text": "no", "words": [{"text": "no", "start": 0.1, "end": 0.2, "confidence": 0.9}]},
        ),
    ]


def test_a_closed_reader_gets_nothing_and_costs_nothing() -> None:
    streams = Streams()
    with streams.open() as first:
        second = streams.open()
    streams.publish(1.0, events.TypingStarted(1.0))
    assert first.get(0.0) is None
    assert second.get(0.0) is not None
    assert streams._open == (second,)


def test_a_stream_of_a_session_that_is_over_is_closed() -> None:
    streams = Streams()
    streams.close()
    assert list(streams.open()) == []


def test_a_session_tells_everything_in_order() -> None:
    with live(FakeMind(["Hello to you."])) as it:
        stream = it.session.subscribe()
        it.ask("hi")
    names = [entry.name for entry in stream]
    wanted = iter(names)
    for name in ("typed_input", "save_turn", "generate", "token_generated", "speak", "playout_started"):
        assert name in wanted, f"{name} did not come in this order: {names}"
    assert "time_passed" not in names
    assert names[-1] == "closed"


def test_a_reader_that_never_reads_does_not_hold_up_the_session() -> None:
    with live(FakeMind(["word " * 400])) as it:
        stream = it.session.subscribe()
        stream._items = type(stream._items)(maxlen=5)
        assert done(it.ask("hi"))
    assert stream.dropped > 100


def test_the_example_of_the_documentation_logs_and_counts(caplog: pytest.LogCaptureFixture) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    code = [line for line in example.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert len(code) <= 10
    namespace: dict[str, Any] = {}
    exec(compile(example, str(DOCS), "exec"), namespace)
    log_and_count: Callable[[LiveSession], Counter[str]] = namespace["log_and_count"]
    counts: queue.SimpleQueue[Counter[str]] = queue.SimpleQueue()
    with caplog.at_level(logging.INFO), live(FakeMind(["Hello to you."]), sound=FakeSound()) as it:
        subscribed = it.session._streams
        reader = threading.Thread(target=lambda: counts.put(log_and_count(it.session)), daemon=True)
        reader.start()
        it.watch_for(lambda: bool(subscribed._open))
        it.ask("hi")
        it.session.close()
        reader.join(PATIENCE_S)
    counted = counts.get(timeout=PATIENCE_S)
    assert counted["typed_input"] == 1
    assert counted["speak"] == 1
    assert any("typed_input" in line for line in caplog.messages)
