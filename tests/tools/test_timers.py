"""Timers: set, several, named, rung, cancelled, brought back, and kept over a restart."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.core.cancel import CancelToken
from assistant.core.tool_calls import ToolCall, ToolResult
from assistant.tools.timers import MOST
from assistant.tools.toolbox import Toolbox, standard_tools

START = datetime(2026, 11, 21, 14, 5, tzinfo=UTC)


class Desk:
    """A toolbox whose wall clock the test sets."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now
        self.tools = Toolbox(standard_tools(lambda: self.now))

    def call(self, name: str, at: float = 0.0, **arguments: Any) -> ToolResult:
        return self.tools.run(ToolCall(1, name, json.dumps(arguments)), CancelToken(), at)

    def rings(self, at: float) -> list[str]:
        return [ring.text for ring in self.tools.due(at)]


def test_a_timer_rings_once_when_its_time_has_come() -> None:
    desk = Desk()
    result = desk.call("set_timer", 10.0, amount=5, unit="minutes")
    assert result.ok
    assert result.text == "The timer is set for 5 minutes."
    assert result.took_effect == "a timer for 5 minutes was set"
    assert result.for_model == '{"ok": true, "timer": "5 minutes"}'
    assert desk.tools.next_due == 310.0
    assert desk.rings(309.9) == []
    assert desk.rings(310.0) == ["Your timer for 5 minutes is done."]
    assert desk.rings(311.0) == []
    assert desk.tools.next_due is None


def test_several_timers_ring_in_the_order_of_their_ends() -> None:
    desk = Desk()
    desk.call("set_timer", amount="1 hour 30", unit="minutes", label="bread")
    desk.call("set_timer", amount=90, unit="seconds", label="the eggs")
    desk.call("set_timer", amount="half", unit="hours")
    assert desk.tools.next_due == 90.0
    assert [(ring.at, ring.text) for ring in desk.tools.due(10_000.0)] == [
        (90.0, "Your timer for 1 minute 30 seconds, for the eggs, is done."),
        (1800.0, "Your timer for 30 minutes is done."),
        (5400.0, "Your timer for 1 hour 30 minutes, for the bread, is done."),
    ]


def test_a_timer_that_was_undone_does_not_ring() -> None:
    desk = Desk()
    first, second = (desk.call("set_timer", amount=n, unit="minutes", label="tea") for n in (1, 2))
    assert desk.tools.undo(first.undo) == "The timer for 1 minute, for the tea, is off."
    assert desk.tools.undo(first.undo) == "That timer has rung or was cancelled before."
    assert desk.rings(1000.0) == ["Your timer for 2 minutes, for the tea, is done."]
    assert desk.tools.undo(second.undo) == "That timer has rung or was cancelled before."


def test_a_timer_is_cancelled_by_its_label_or_as_the_newest_and_can_be_brought_back() -> None:
    desk = Desk()
    for label in ("pasta", "tea", ""):
        desk.call("set_timer", amount=5, unit="minutes", label=label)
    cancelled = desk.call("cancel_timer", label="The Pasta".lower())
    assert cancelled.text == "The timer for 5 minutes, for the pasta, is off."
    assert cancelled.for_model == '{"ok": true}'
    assert desk.call("cancel_timer").text == "The timer for 5 minutes is off."
    assert desk.tools.undo(cancelled.undo) == "The timer for 5 minutes, for the pasta, is running again."
    assert desk.tools.undo(cancelled.undo) == "That timer can no longer be brought back."
    missing = desk.call("cancel_timer", label="cake")
    assert (missing.ok, missing.text) == (False, "There is no timer for the cake.")
    assert len(desk.rings(300.0)) == 2
    assert desk.call("cancel_timer").text == "There is no timer."


def test_there_can_be_too_many() -> None:
    desk = Desk()
    for _ in range(MOST):
        assert desk.call("set_timer", amount=1, unit="hours").ok
    refused = desk.call("set_timer", amount=1, unit="hours")
    assert not refused.ok
    assert "one has to ring or be cancelled first" in refused.text
    desk.tools.due(3600.0)
    assert desk.call("set_timer", amount=1, unit="hours").ok


class CancelledWhileItRuns(CancelToken):
    """Not cancelled at the first look, but from the second on."""

    __slots__ = ("_looks",)

    def __init__(self) -> None:
        super().__init__()
        self._looks = 0

    @property
    def cancelled(self) -> bool:
        self._looks += 1
        return self._looks > 1


@pytest.mark.parametrize("name", ["set_timer", "cancel_timer"])
def test_a_call_that_is_cancelled_while_it_runs_has_no_effect(name: str) -> None:
    desk = Desk()
    desk.call("set_timer", amount=5, unit="minutes")
    arguments = {"amount": 1, "unit": "minutes"} if name == "set_timer" else {}
    result = desk.tools.run(ToolCall(1, name, json.dumps(arguments)), CancelledWhileItRuns(), 0.0)
    assert (result.ok, result.took_effect, result.undo) == (False, "", "")
    assert desk.rings(1000.0) == ["Your timer for 5 minutes is done."]


def test_timers_run_on_while_the_app_does_not() -> None:
    before = Desk()
    over = before.call("set_timer", 100.0, amount=1, unit="minutes", label="eggs")
    before.call("set_timer", 100.0, amount=1, unit="hours")
    state = json.loads(json.dumps(before.tools.state(130.0)))
    after = Desk(START + timedelta(minutes=20))
    after.tools.load(state, 7.0)
    assert after.rings(7.0) == ["Your timer for 1 minute, for the eggs, is done."]
    assert after.tools.next_due == pytest.approx(7.0 + 3600 - 30 - 20 * 60)
    assert after.call("set_timer", 7.0, amount=5, unit="minutes").undo != over.undo
    assert after.tools.undo(over.undo) == "That timer has rung or was cancelled before."


@pytest.mark.parametrize("state", [{"set_timer": {"timers": "no"}}, {"set_timer": []}, {"radio": {}}, {"get_time": {}}])
def test_a_state_that_cannot_be_read_is_left_out(state: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    desk = Desk()
    desk.tools.load(state, 0.0)
    assert desk.tools.next_due is None
    assert "cannot be read" in caplog.text


@given(st.lists(st.tuples(st.integers(1, 3600), st.booleans()), max_size=MOST), st.floats(0, 4000))
def test_every_timer_rings_once_or_was_undone(timers: list[tuple[int, bool]], at: float) -> None:
    desk = Desk()
    kept = []
    for seconds, undone in timers:
        result = desk.call("set_timer", amount=seconds, unit="seconds")
        if undone:
            desk.tools.undo(result.undo)
        else:
            kept.append(seconds)
    rings = desk.tools.due(at)
    assert [ring.at for ring in rings] == sorted(s for s in kept if s <= at)
    assert desk.tools.next_due == min((s for s in kept if s > at), default=None)
