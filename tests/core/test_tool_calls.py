"""Calls in the stream of tokens, whatever the pieces it arrives in."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.core.tool_calls import CallParser, ToolCall, ToolResult, ToolUse, UseStatus

CALL = '<tool_call>{"name": "set_timer", "arguments": {"amount": 5, "unit": "minutes"}}</tool_call>'


def parse(*pieces: str) -> tuple[str, list[ToolCall]]:
    parser = CallParser()
    visible = "".join(parser.feed(piece) for piece in pieces) + parser.flush()
    return visible, parser.calls


def test_a_call_is_found_and_not_shown() -> None:
    visible, [call] = parse(f"Wait. {CALL}")
    assert visible == "Wait. "
    assert (call.name, call.arguments) == ("set_timer", {"amount": 5, "unit": "minutes"})
    assert call.message_text == CALL


@given(st.lists(st.integers(0, len(CALL) + 6), max_size=12))
def test_the_pieces_make_no_difference(cuts: list[int]) -> None:
    text = f"Wait. {CALL}"
    ends = [0, *sorted(cuts), len(text)]
    pieces = [text[a:b] for a, b in pairwise(ends)]
    visible, calls = parse(*pieces)
    assert visible == "Wait. "
    assert calls == [ToolCall(1, "set_timer", '{"amount": 5, "unit": "minutes"}')]


def test_what_only_looks_like_a_call_is_shown_as_soon_as_that_is_certain() -> None:
    parser = CallParser()
    assert parser.feed("a <") == "a "
    assert parser.feed("b") == "<b"
    assert parser.feed(" <tool") == " "
    assert parser.flush() == "<tool"
    assert not parser.calls


def test_nothing_is_shown_after_a_call_but_more_calls_are_taken() -> None:
    visible, calls = parse(f"{CALL} It is done. {CALL}")
    assert not visible
    assert [call.number for call in calls] == [1, 2]


@pytest.mark.parametrize(
    "body", ["", "nonsense", "[1]", '{"arguments": {}}', '{"name": 3}', '{"name": "x", "arguments": 1}']
)
def test_a_malformed_call_has_no_name(body: str) -> None:
    assert parse(f"<tool_call>{body}</tool_call>") == ("", [ToolCall(1, "")])


def test_a_call_that_is_not_closed_is_taken_as_it_is() -> None:
    assert parse(CALL.removesuffix("</tool_call>"))[1][0].name == "set_timer"


def test_a_discarded_use_stays_discarded() -> None:
    use = ToolUse(ToolCall(1, "set_timer"))
    use.cancel()
    use.finish(ToolResult("The timer is set.", "a timer was set", "5"))
    assert (use.status, use.discarded) == (UseStatus.CANCELLED, True)
    use.undo("It is off.")
    assert (use.status, use.discarded) == (UseStatus.UNDONE, True)
    assert use.result == ToolResult("The timer is set. It is off.")
