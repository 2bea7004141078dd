"""Tools within a turn: called, answered, limited, interrupted, undone."""

import pytest

from assistant.core import events
from assistant.core.effects import CallTool, Generate, Notify, UndoTool
from assistant.core.history import TurnStatus
from assistant.core.options import Options
from assistant.core.state import Phase
from assistant.core.tool_calls import ToolResult, UseStatus
from tests.core.script import CANCELLED, PHRASES, Script

TIMER = '<tool_call>{"name": "set_timer", "arguments": {"amount": 5}}</tool_call>'
CLOCK = '<tool_call>{"name": "get_time", "arguments": {}}</tool_call>'
RESULTS = {
    "set_timer": ToolResult("The timer is set.", "a timer was set", "t5", for_model='{"set": 5}'),
    "get_time": ToolResult("It is noon."),
}

# Typed at 0.0; the call is complete at 0.25 or so, and its result comes 0.3 s later.


def asking(*replies: list[str], options: Options | None = None) -> Script:
    script = Script(*replies, options=options)
    script.results = dict(RESULTS)
    script.user_types(0.0, "set a timer")
    return script


def test_the_model_goes_on_with_the_result_in_the_same_turn_and_epoch() -> None:
    script = asking(["Wait. ", TIMER], ["It ", "is set."])
    script.run(20)
    first, second = script.made(Generate)
    assert first.epoch == second.epoch
    assert [(message.role, message.text) for message in second.messages] == [
        ("user", "set a timer"),
        ("assistant", f"Wait. {TIMER}"),
        ("tool", '{"set": 5}'),
    ]
    assert script.spoken == ["Wait.", "It is set."]
    assert script.last.text == "Wait. It is set."
    assert [use.status for use in script.last.uses] == [UseStatus.DONE]
    assert script.messages()[1:] == [f"assistant: Wait. {TIMER}", 'tool: {"set": 5}', "assistant: It is set."]
    assert not script.notices


def test_calls_run_one_after_the_other() -> None:
    script = asking([CLOCK, TIMER], ["Done."])
    script.run(20)
    assert [effect.call.name for effect in script.made(CallTool)] == ["get_time", "set_timer"]
    assert script.when(CallTool)[1] == pytest.approx(script.when(CallTool)[0] + 0.3)
    assert len(script.made(Generate)) == 2


def test_while_a_tool_runs_nothing_is_heard_but_the_floor_is_ours() -> None:
    script = asking([TIMER], ["Done."])
    script.run(0.4)
    assert script.phase is Phase.THINKING


def test_a_call_too_many_is_refused_and_one_more_ends_the_reply() -> None:
    script = asking([CLOCK], [CLOCK, CLOCK], ["So. ", CLOCK], options=Options(max_tool_calls=1))
    script.run(20)
    assert len(script.made(CallTool)) == 1
    statuses = [(use.status, use.result and use.result.text) for use in script.last.uses]
    assert statuses == [(UseStatus.DONE, "It is noon."), (UseStatus.FAILED, PHRASES.too_many_calls)]
    assert (script.last.text.strip(), script.last.status) == ("So.", TurnStatus.COMPLETE)


def test_a_malformed_call_is_answered_by_what_is_wrong_with_it() -> None:
    script = asking(["<tool_call>nonsense</tool_call>"], ["Sorry."])
    script.run(20)
    assert not script.made(CallTool)
    assert script.spoken == ["Sorry."]
    assert script.messages()[2].startswith('tool: {"error": ')


def test_a_reply_that_is_prepared_calls_nothing_before_the_turn_is_over() -> None:
    script = Script([CLOCK], ["Noon."], options=Options(endpoint_silence_s=1.5, endpoint_patience_s=1.5))
    script.results = dict(RESULTS)
    script.user_says(0.5, 1.5, "is it late")
    script.run(20)
    assert script.made(Generate)[0].speculative
    assert script.when(CallTool)[0] >= 2.9
    assert script.spoken == ["Noon."]


def test_stop_during_a_call_discards_its_result_and_calls_no_more() -> None:
    script = asking(["Wait. ", CLOCK, TIMER])
    script.user_stops(0.5)
    script.run(20)
    assert [effect.call.name for effect in script.made(CallTool)] == ["get_time"]
    [use] = script.turns[1].uses
    assert (use.status, use.result and use.result.text) == (UseStatus.CANCELLED, CANCELLED)
    assert "tool" not in " ".join(script.messages())
    assert len(script.made(Generate)) == 1


def test_what_a_cut_off_tool_did_is_told_and_can_be_undone() -> None:
    script = asking([TIMER])
    script.user_stops(0.4)
    script.run(5)
    [told] = script.made(Notify)
    assert (told.text, told.undo) == ("A timer was set anyway. You can undo it.", "t5")
    script.at(5.0, lambda at: events.UndoRequested(at, told.undo))
    script.at(5.1, lambda at: events.UndoRequested(at, told.undo))
    script.run(20)
    assert len(script.made(UndoTool)) == 1
    assert script.notices[1:] == ["t5 is undone."]
    assert script.turns[1].uses[0].status is UseStatus.UNDONE
    assert "tool" not in " ".join(script.messages())


def test_what_cannot_be_undone_is_told_all_the_same() -> None:
    script = asking([TIMER])
    script.results["set_timer"] = ToolResult("Sent.", "a letter was sent")
    script.user_stops(0.4)
    script.run(5)
    assert script.notices == ["A letter was sent anyway."]


def test_an_effect_that_no_heard_word_tells_is_told_by_a_notice() -> None:
    script = asking([TIMER], ["It ", "is ", "set."])
    script.user_stops(0.75)
    script.run(5)
    assert script.notices == ["A timer was set anyway. You can undo it."]
    assert script.turns[1].uses[0].status is UseStatus.DONE
    assert script.messages()[-1] == 'tool: {"set": 5}'


def test_silencing_lets_the_tools_and_the_text_go_on() -> None:
    script = asking([TIMER], ["It is set."])
    script.user_stops(0.4, speech_only=True)
    script.run(20)
    assert (script.last.text, script.last.status) == ("It is set.", TurnStatus.KEPT_AS_TEXT)
    assert not script.notices


def test_a_mind_that_fails_after_a_tool_does_not_call_it_again() -> None:
    script = asking([TIMER], [], ["It is set."])
    script.at(0.7, lambda at: events.EngineFailed(at, events.Engine.MIND, "The mind failed."))
    script.run(20)
    assert len(script.made(CallTool)) == 1
    assert script.spoken == ["It is set."]


def test_a_correction_takes_back_what_the_tool_did_before() -> None:
    script = asking([TIMER], ["Set."], [TIMER], ["Set again."])
    script.user_types(5.0, "no I said six minutes")
    script.at(5.01, lambda at: events.TimePassed(at))
    script.run(5.2)
    script.results["set_timer"] = ToolResult("The timer is set.", "a timer was set", "t6")
    script.run(20)
    assert [effect.handle for effect in script.made(UndoTool)] == ["t5"]
    assert [turn.uses[0].status for turn in script.turns if turn.uses] == [UseStatus.UNDONE, UseStatus.DONE]


def test_a_new_conversation_still_tells_what_a_tool_did() -> None:
    script = asking([TIMER])
    script.at(0.4, lambda at: events.ConversationCleared(at))
    script.run(5)
    assert script.notices == ["A timer was set anyway. You can undo it."]
