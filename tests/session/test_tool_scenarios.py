"""Tools under interruption, in scenarios on the real engines."""

from tests.session.scenarios import events, history, replies, users


def test_a_tool_that_was_cut_off_leaves_no_trace_in_the_dialogue() -> None:
    assert_cut_before_the_answer("stop_in_tool")
    assert len(events("stop_in_tool", "call_tool")) == 1
    assert [role for role, _ in history("stop_in_tool")] == ["user"]


def test_what_it_did_anyway_is_said_and_can_be_undone() -> None:
    assert_cut_before_the_answer("tool_undone")
    (finished,) = events("tool_undone", "tool_finished")
    assert finished["result"]["took_effect"]
    notices = events("tool_undone", "notify")
    (did,) = [notice for notice in notices if notice["undo"]]
    assert "anyway" in did["text"]
    assert did["undo"] == finished["result"]["undo"]
    (undone,) = events("tool_undone", "tool_undone")
    assert undone["at"] > users("tool_undone")["undo"]["onset_s"]
    assert not events("tool_undone", "priority_speech")
    assert "tool" not in [role for role, _ in history("tool_undone")]


def assert_cut_before_the_answer(name: str) -> None:
    stop = users(name)["stop"]
    called = events(name, "call_tool")[0]["at"]
    assert called < stop["onset_s"]
    assert (stop["decision"], stop["reason"]) == ("cut", "user_clicked_stop")
    (reply,) = replies(name)
    assert reply["first_audible_s"] is None


def test_a_timer_that_rings_interrupts_the_story_which_goes_on_afterwards() -> None:
    (rings,) = events("timer", "priority_speech")
    (number,) = [n for n, reply in enumerate(replies("timer")) if reply["reason"] == "priority_message"]
    story, ring, rest = replies("timer")[number : number + 3]
    assert ring["text"] == rings["text"]
    assert rest["text"] in story["text"]
    assert rest["text"].startswith(story["heard_text"])
    assert rest["tokens"] == 0
