"""The simulator with tools, messages from outside, typing and the ledger, on engines that take no time."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from assistant.core.messages import Message, Role
from assistant.engines.fakes import tool_call
from tests.session.test_simulation import HEADSET, REPLY, Played

ASK = '[[user]]\nname = "ask"\nat = 0.5\ntype = "set a timer"\n'


def sets_a_timer(messages: Sequence[Message]) -> str:
    """The mind: it calls the tool, then says that it has."""
    if messages[-1].role is Role.TOOL:
        return "Your timer runs."
    return tool_call("set_timer", amount=4, unit="seconds")


def test_a_tool_costs_its_time_and_its_timer_rings(tmp_path: Path) -> None:
    played = Played(tmp_path, HEADSET + "[costs]\ntool_s = 0.25\n" + ASK, reply=sets_a_timer)
    called, finished = played.events("call_tool")[0], played.events("tool_finished")[0]
    assert finished["at"] == pytest.approx(called["at"] + 0.25)
    (ring,) = played.events("priority_speech")
    assert ring["at"] == pytest.approx(called["at"] + 4.0, abs=0.011)
    reply, rung = played.report["replies"]
    assert reply["text"] == "Your timer runs."
    assert reply["tools"] == [
        {
            "name": "set_timer",
            "arguments": {"amount": 4, "unit": "seconds"},
            "status": "done",
            "result": finished["result"]["text"],
            "took_effect": finished["result"]["took_effect"],
        }
    ]
    assert "4 seconds" in rung["text"]
    assert rung["tools"] == []


def test_a_tool_that_is_switched_off_fails_and_says_so(tmp_path: Path) -> None:
    played = Played(tmp_path, HEADSET + "[settings]\ntool_timers = false\n" + ASK, reply=sets_a_timer)
    (used,) = played.report["replies"][0]["tools"]
    assert used["status"] == "failed"
    assert "switched off" in used["result"]
    assert played.events("priority_speech") == []
    assert "set_timer" not in played.mind.offered[0]


def test_undo_takes_the_timer_back(tmp_path: Path) -> None:
    undo = '[[user]]\nafter = "tool_called"\noffset_s = 2.0\npress = "undo"\n'
    played = Played(tmp_path, HEADSET + ASK + undo, reply=sets_a_timer)
    (undone,) = played.events("tool_undone")
    assert undone["call"] == 1
    assert played.report["replies"][0]["tools"][0]["status"] == "undone"
    assert played.events("priority_speech") == []


def test_the_work_of_a_tool_whose_reply_was_cut_off_is_told(tmp_path: Path) -> None:
    stop = '[[user]]\nafter = "tool_called"\noffset_s = 0.1\npress = "stop"\n'
    undo = '[[user]]\nafter = "tool_called"\noffset_s = 1.5\npress = "undo"\n'
    played = Played(tmp_path, HEADSET + "[costs]\ntool_s = 0.5\n" + ASK + stop + undo, reply=sets_a_timer)
    assert len(played.events("tool_finished")) == 1
    told = [notice for notice in played.events("notify") if notice["undo"]]
    assert len(told) == 1
    assert "4 seconds" in told[0]["text"]
    assert [message["role"] for message in played.report["history"]].count("tool") == 0
    assert len(played.events("tool_undone")) == 1
    assert played.events("priority_speech") == []


TELL = '[[user]]\nname = "ask"\nat = 0.5\ntype = "hello"\n'


def test_a_message_from_outside_interrupts_and_has_its_record(tmp_path: Path) -> None:
    message = '[[user]]\nname = "message"\nafter = "playout_started"\noffset_s = 1.0\npriority = "The soup is ready."\n'
    played = Played(tmp_path, HEADSET + TELL + message)
    told, said = played.report["replies"]
    assert (told["interrupted"], told["reason"]) == (True, "priority_message")
    assert (said["text"], said["heard_text"]) == ("The soup is ready.", "The soup is ready.")
    (record,) = played.report["ledger"]
    assert (record["decision"], record["reason"], record["epoch"]) == ("cut", "priority_message", told["epoch"])
    assert REPLY.startswith(record["heard"])
    assert played.user("message")["reply_audible_s"] is not None


def test_stop_cuts_what_is_critical_and_typing_need_not_interrupt(tmp_path: Path) -> None:
    critical = '[[user]]\nat = 1.0\npriority = "' + REPLY + '"\ncritical = true\n'
    stop = '[[user]]\nname = "stop"\nafter = "playout_started"\noffset_s = 1.0\npress = "client_stop"\n'
    typing = '[[user]]\nafter = "playout_started"\noffset_s = 0.5\npress = "typing"\n'
    played = Played(tmp_path, HEADSET + critical + typing + stop)
    (record,) = played.report["ledger"]
    assert record["reason"] == "client_request"
    assert played.user("stop")["decision"] == "cut"
    assert len(played.events("typing_started")) == 1


def test_typing_interrupts_where_that_is_wanted(tmp_path: Path) -> None:
    typing = '[[user]]\nname = "typing"\nafter = "playout_started"\noffset_s = 0.5\npress = "typing"\n'
    played = Played(tmp_path, HEADSET + "[settings]\ntyping_interrupts = true\n" + TELL + typing)
    assert played.user("typing")["decision"] == "cut"
    assert played.report["ledger"][0]["reason"] == "user_started_typing"


SAY = (
    "[costs]\nsentence_s = 0.1\ntokens_per_s = 100.0\nprompt_tokens_per_s = 2000.0\n"
    '[[user]]\nat = 1.0\nsay = "how are you doing today"\n'
)


def test_a_sentence_prepared_early_is_heard_sooner(tmp_path: Path) -> None:
    def heard_after(speculate: str) -> float:
        played = Played(tmp_path, HEADSET + f"[settings]\nspeculate = {speculate}\n" + SAY, heard=("how are you",))
        user = played.report["users"][0]
        waited: float = user["reply_audible_s"] - user["end_s"]
        return waited

    early, late = heard_after("true"), heard_after("false")
    assert early < late - 0.15
    prepared = Played(tmp_path, HEADSET + SAY, heard=("how are you",))
    assert len(prepared.events("presynthesise")) == 1
    assert prepared.voice.spoken.count("One two three four five.") == 1


def test_nothing_is_kept_of_replies_that_are_over(tmp_path: Path) -> None:
    asks = "".join(f'[[user]]\nat = {10 * n + 1}\ntype = "number {n}"\n' for n in range(4))
    played = Played(tmp_path, HEADSET + asks, reply="Yes.")
    assert len(played.report["replies"]) == 4
    assert len(played.simulation._world.tokens) == 0
    assert played.simulation._world.speech.held == 0


@pytest.mark.parametrize("name", ["interruption_preset", "cut_style"])
def test_every_setting_is_known_to_scenarios(tmp_path: Path, name: str) -> None:
    value = {"interruption_preset": "deliberate", "cut_style": "word_boundary"}[name]
    played = Played(tmp_path, f'duration_s = 0.1\n[settings]\n{name} = "{value}"\n')
    options = played.setup.options
    assert options.cut_style == value if name == "cut_style" else options.barge_in_min_words == 2
