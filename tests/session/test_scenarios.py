"""The scenarios of `tests/scenarios`, each played on the real engines."""

import itertools
import json
import subprocess
import sys

import numpy as np
import pytest

from assistant.audio.pcm import SAMPLE_RATE
from assistant.core.history import CUT_MARK
from assistant.session.simulation.report import digest, joined
from assistant.session.simulation.simulate import simulate
from assistant.settings import Settings
from tests.session.scenarios import ALL, FOLDER, SILENT_WITHIN_S, assert_cut, assert_cut_by_voice, play, replies, users

USER_KEYS = (
    "name role onset_s end_s ducked_s cut_s restored_s last_audible_s decision reason kind transcript endpoint_s "
    "reply_audible_s"
).split()
REPLY_KEYS = "epoch text heard_text interrupted reason first_audible_s tokens tools".split()
WORD_S = 0.6
"""The same where the word that is being said is finished first."""
KINDS = {"backchannel", "cancellation", "correction", "redirect", "clarification", "resume", None}


def test_a_question_is_answered() -> None:
    user = users("question")["question"]
    (reply,) = replies("question")
    assert user["transcript"] == "what is the capital of france"
    assert (user["decision"], user["kind"]) == ("ignore", None)
    assert user["end_s"] < user["endpoint_s"] < user["reply_audible_s"] == reply["first_audible_s"]
    assert "Paris" in reply["text"]
    assert reply["heard_text"] == reply["text"]


def test_two_turns_are_two_replies() -> None:
    assert [user["decision"] for user in users("two_turns").values()] == ["ignore", "ignore"]
    assert [reply["interrupted"] for reply in replies("two_turns")] == [False, False]
    assert [m["role"] for m in play("two_turns").report["history"]] == ["system", *["user", "assistant"] * 2]


def test_the_echo_of_its_own_voice_does_not_interrupt() -> None:
    (reply,) = replies("left_alone")
    assert play("left_alone").report["summary"]["ducks"] == 0
    assert reply["heard_text"] == reply["text"]


def test_a_stop_word_cuts_and_nothing_follows() -> None:
    assert_cut_by_voice(users("stop_word")["stop"], "cancellation")
    (reply,) = replies("stop_word")
    assert reply["interrupted"]
    assert 0 < len(reply["heard_text"]) < len(reply["text"])


def test_the_stop_button_cuts_at_once() -> None:
    stop = users("stop_button")["stop"]
    assert_cut(stop, "user_clicked_stop", "cancellation")
    assert stop["cut_s"] == stop["onset_s"] == stop["end_s"]
    assert len(replies("stop_button")) == 1


def test_speech_alone_is_silenced_and_the_text_goes_on() -> None:
    hush = users("stop_speech")["hush"]
    assert_cut(hush, "user_clicked_stop", "cancellation")
    (reply,) = replies("stop_speech")
    later = [
        e for e in play("stop_speech").report["events"] if e["event"] == "token_generated" and e["at"] > hush["cut_s"]
    ]
    assert later
    assert reply["text"].endswith("".join(e["text"] for e in later).strip())
    assert len(reply["heard_text"]) < len(reply["text"])


def test_a_backchannel_does_not_stop_it() -> None:
    yeah = users("backchannel")["yeah"]
    assert (yeah["decision"], yeah["reason"], yeah["kind"]) == ("restore", "backchannel", "backchannel")
    assert yeah["onset_s"] < yeah["ducked_s"] < yeah["restored_s"]
    (reply,) = replies("backchannel")
    assert reply["heard_text"] == reply["text"]


def test_a_cough_does_not_stop_it() -> None:
    assert users("cough")["cough"]["decision"] in ("ignore", "restore")
    (reply,) = replies("cough")
    assert reply["heard_text"] == reply["text"]


def test_another_question_over_the_story_is_answered() -> None:
    question = users("redirect")["question"]
    assert_cut_by_voice(question, "redirect")
    assert question["transcript"] == "what is the capital of france"
    assert "Paris" in replies("redirect")[-1]["text"]
    assert question["reply_audible_s"] > question["endpoint_s"]


def test_a_correction_is_known_as_one() -> None:
    correction = users("correction")["correction"]
    assert_cut_by_voice(correction, "correction")
    assert correction["transcript"].startswith("no")
    assert len(replies("correction")) == 2


@pytest.mark.parametrize("name", ["continue_by_voice", "continue_by_button"])
def test_the_rest_is_spoken_without_being_generated_again(name: str) -> None:
    first, second = replies(name)
    assert first["interrupted"]
    assert not second["interrupted"]
    assert second["tokens"] == 0
    assert first["text"].endswith(second["text"])
    begun = first["text"].removesuffix(second["text"])
    assert first["heard_text"].startswith(begun.rstrip())
    assert users(name)["continue"]["reply_audible_s"] == second["first_audible_s"]


def test_a_typed_question_takes_the_floor() -> None:
    question = users("typed")["question"]
    assert_cut(question, "user_started_typing", "redirect")
    assert "Paris" in replies("typed")[-1]["text"]
    assert question["reply_audible_s"] == replies("typed")[-1]["first_audible_s"]


def test_a_muted_microphone_hears_nothing() -> None:
    found = users("mute")
    assert (found["unheard"]["decision"], found["unheard"]["transcript"]) == ("ignore", None)
    assert_cut_by_voice(found["heard"], "cancellation")


@pytest.mark.parametrize("name", ["headset", "fan"])
def test_other_rooms(name: str) -> None:
    assert_cut_by_voice(users(name)["stop"], "cancellation")


def test_a_pause_to_think_does_not_end_the_turn() -> None:
    found = users("thinking_pause")
    assert (found["begin"]["transcript"], found["end"]["transcript"]) == ("what is the capital of", "france")
    assert found["begin"]["endpoint_s"] is None
    report = play("thinking_pause").report
    assert [m["text"] for m in report["history"] if m["role"] == "user"] == ["what is the capital of france"]
    (reply,) = report["replies"]
    assert "Paris" in reply["text"]


def test_what_is_said_while_it_thinks_is_answered_instead() -> None:
    first, second = replies("while_thinking")
    assert first["interrupted"]
    assert first["first_audible_s"] is None
    assert "Paris" in second["text"]
    assert users("while_thinking")["question"]["last_audible_s"] is None


@pytest.mark.parametrize("name", ALL)
def test_the_report_keeps_its_form(name: str) -> None:
    report = json.loads(json.dumps(play(name).report))
    assert list(report) == ["title", "digest", "events", "users", "replies", "ledger", "history", "summary"]
    assert report["digest"] == digest(report["events"])
    for user in report["users"]:
        assert list(user) == USER_KEYS
        assert user["decision"] in ("ignore", "duck", "cut", "restore")
        assert user["kind"] in KINDS
        assert (user["cut_s"] is not None) == (user["decision"] == "cut")
        assert (user["restored_s"] is not None) == (user["decision"] == "restore")
    for reply in report["replies"]:
        assert list(reply) == REPLY_KEYS
    assert all(0 <= event["at"] <= report["summary"]["duration_s"] for event in report["events"])


@pytest.mark.parametrize("name", ALL)
def test_history_holds_what_was_heard(name: str) -> None:
    report = play(name).report
    said = " ".join(message["text"] for message in report["history"] if message["role"] == "assistant")
    for number, reply in enumerate(report["replies"]):
        assert reply["text"].startswith(reply["heard_text"])
        resumed = any(other["text"] in reply["text"] for other in report["replies"][number + 1 :] if other["text"])
        if reply["interrupted"] and reply["heard_text"] and reply["tokens"] and not resumed:
            assert reply["heard_text"].rstrip() + CUT_MARK in said
            assert reply["text"] not in said


@pytest.mark.parametrize("name", ALL)
def test_after_a_cut_the_loudspeaker_is_silent(name: str) -> None:
    """On the samples themselves: nothing but zeros from the end of the fade to the next reply."""
    outcome = play(name)
    sound = joined(outcome.run.loudspeaker)
    starts = sorted(r["first_audible_s"] for r in outcome.report["replies"] if r["first_audible_s"] is not None)
    for cut in (event for event in outcome.run.log if event["event"] in ("abandon", "silence")):
        within_s = SILENT_WITHIN_S + (WORD_S if cut["finish_word"] else 0.0)
        end = next((start for start in starts if start > cut["at"]), len(sound) / SAMPLE_RATE)
        silence = sound[round((cut["at"] + within_s) * SAMPLE_RATE) : int(end * SAMPLE_RATE)]
        assert not np.any(silence)


def test_the_same_scenario_gives_the_same_events_in_this_and_in_another_process() -> None:
    path = FOLDER / "stop_word.toml"
    again = simulate(path, Settings())
    command = [sys.executable, "-m", "assistant", "simulate", str(path), "--json"]
    other = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=55).stdout)
    assert again.report == play("stop_word").report == other
    for ours, theirs in itertools.chain(
        zip(again.run.loudspeaker, play("stop_word").run.loudspeaker, strict=True),
        zip(again.run.microphone, play("stop_word").run.microphone, strict=True),
    ):
        assert np.array_equal(ours, theirs)
