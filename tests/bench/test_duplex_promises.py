"""Each promise: a log in which it is kept is let pass, and one in which it is broken is not."""

from typing import Any

import pytest

from assistant.bench.duplex.promises import broken_in

Log = list[dict[str, Any]]


def entry(at: float, event: str, **known: Any) -> dict[str, Any]:
    return {"at": at, "event": event, **known}


def record(at: float, epoch: int, update: bool = False) -> dict[str, Any]:
    return entry(at, "speech_interrupted", record={"at": at, "epoch": epoch}, update=update)


CUT: Log = [
    entry(1.0, "playout_started", epoch=1, sentence=0),
    entry(2.0, "duck", epoch=1),
    entry(2.3, "abandon", epoch=1),
    entry(2.31, "playout_stopped", epoch=1, sentence=0, fraction=0.5),
    record(2.31, 1),
    record(3.0, 1, update=True),
    entry(3.5, "playout_started", epoch=2, sentence=0),
    entry(4.0, "duck", epoch=2),
    entry(4.4, "restore", epoch=2),
]


def test_a_cut_and_a_restore_keep_all_promises() -> None:
    assert broken_in(CUT) == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (entry(5.0, "playout_started", epoch=1, sentence=1), "epoch 1 was heard 2.70 s after it was cancelled"),
        (entry(5.0, "duck", epoch=2), "the duck of epoch 2 never ended"),
        (record(5.0, 1), "epoch 1 has 2 records"),
        (entry(5.0, "playout_stopped", epoch=2, sentence=0, fraction=0.1), "epoch 2 was cut without a record"),
    ],
)
def test_a_broken_promise_is_said(more: dict[str, Any], said: str) -> None:
    assert broken_in([*CUT, more]) == [said]


def test_a_report_that_was_on_its_way_is_no_breach() -> None:
    """The start of a sentence may be reported after the cut that it came before."""
    log = [entry(2.0, "abandon", epoch=1), entry(1.99, "playout_started", epoch=1, sentence=0), record(2.0, 1)]
    assert broken_in(log) == []
