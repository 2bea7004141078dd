"""What Parley does about every kind of interruption: scenarios on the real engines, listed in docs/interruption.md."""

import pytest

from assistant.core.history import CUT_MARK
from assistant.session.setup import Setup
from assistant.session.simulation.scenario import load_scenario
from assistant.settings import Settings
from tests.session.scenarios import (
    FOLDER,
    assert_cut,
    assert_cut_by_voice,
    events,
    history,
    play,
    records,
    replies,
    users,
)


def test_say_that_again_repeats_the_last_sentence_without_generating() -> None:
    assert_cut_by_voice(users("clarification")["again"], "clarification")
    story, repeated = replies("clarification")
    assert repeated["tokens"] == 0
    assert repeated["text"] in story["text"]
    assert story["heard_text"].rstrip(".").split()[-1] in repeated["text"]
    assert [r["handled"] for r in records("clarification") if r["decision"] == "cut"] == ["repeated"]


def test_a_backchannel_that_goes_on_becomes_a_question() -> None:
    """Decided on partials: as long as it was a backchannel, Parley went on, lowered."""
    question = users("yeah_but")["question"]
    assert_cut_by_voice_at_leisure(question, "redirect")
    said_at = question["cut_s"]
    before = [e["text"] for e in events("yeah_but", "partial_transcript") if e["at"] < said_at]
    assert before
    assert all(text.split()[0] in ("yeah", "yes") for text in before)
    assert "Paris" in replies("yeah_but")[-1]["text"]


def assert_cut_by_voice_at_leisure(user: dict[str, object], kind: str) -> None:
    assert (user["decision"], user["reason"], user["kind"]) == ("cut", "user_speaking", kind)


def test_okay_stop_is_a_stop_word() -> None:
    assert_cut_by_voice_at_leisure(users("okay_stop")["stop"], "cancellation")
    assert len(replies("okay_stop")) == 1


def test_no_no_go_on_goes_on() -> None:
    first, rest = replies("no_no_go_on")
    assert rest["tokens"] == 0
    assert first["text"].endswith(rest["text"])
    assert rest["heard_text"] == rest["text"]
    assert users("no_no_go_on")["go_on"]["reply_audible_s"] == rest["first_audible_s"]


def test_backchannels_change_nothing() -> None:
    found = users("backchannels")
    for name in ("uh_huh", "right", "go_on"):
        assert found[name]["decision"] == "restore"
        assert found[name]["restored_s"] - found[name]["end_s"] < 0.7
    (reply,) = replies("backchannels")
    assert reply["heard_text"] == reply["text"]
    assert history("backchannels") == [("user", "tell me a story"), ("assistant", reply["text"])]
    assert [record["decision"] for record in records("backchannels")] == ["restore"] * 3


def test_what_was_said_lowered_for_long_is_said_again() -> None:
    assert users("rewind")["yeah"]["decision"] == "restore"
    (restored,), (reply,) = events("rewind", "restore"), replies("rewind")
    assert restored["rewind"]
    assert reply["heard_text"] == reply["text"]
    voice = Setup.of(Settings()).voice()
    voice.start()
    speech = voice.synthesise(reply["text"])
    voice.close()
    begun, ended = events("rewind", "playout_started")[0]["at"], events("rewind", "playout_finished")[0]["at"]
    assert ended - begun > speech.pcm.size / speech.rate + 0.5


def test_a_click_is_not_noticed_and_a_clap_does_not_stop_it() -> None:
    found = users("short_sounds")
    assert found["click"]["decision"] == "ignore"
    assert found["click"]["ducked_s"] is None
    assert found["clap"]["decision"] in ("ignore", "restore")
    (reply,) = replies("short_sounds")
    assert reply["heard_text"] == reply["text"]


def test_a_voice_without_words_cuts_and_the_reply_is_taken_up_again() -> None:
    hum = users("speech_without_words")["hum"]
    assert_cut(hum, "user_speaking", None)
    assert hum["cut_s"] - hum["onset_s"] > 0.6
    assert [record["evidence"] for record in records("speech_without_words")] == ["speech"]
    first, rest = replies("speech_without_words")
    assert rest["tokens"] == 0
    assert first["text"].endswith(rest["text"])


def test_a_reply_that_runs_too_long_is_silenced_and_its_text_goes_on() -> None:
    (reply,) = replies("time_limit")
    assert reply["reason"] == "timeout"
    (record,) = records("time_limit")
    assert record["speech_only"]
    assert record["at"] - reply["first_audible_s"] == pytest.approx(3.0, abs=0.02)
    assert len(reply["heard_text"]) < len(reply["text"])
    assert events("time_limit", "generation_finished")


def test_what_was_silenced_is_spoken_later() -> None:
    hush = users("hush_and_continue")["hush"]
    assert_cut(hush, "user_clicked_stop", "cancellation")
    silent, rest = replies("hush_and_continue")[0], replies("hush_and_continue")[-1]
    assert rest["first_audible_s"] > users("hush_and_continue")["continue"]["onset_s"]
    assert silent["text"].endswith(rest["text"])
    assert rest["heard_text"] == rest["text"]


def test_priority_speech_interrupts_and_the_story_is_resumed() -> None:
    story = replies("priority")[0]
    assert story["reason"] == "priority_message"
    texts = [reply["text"] for reply in replies("priority")]
    assert texts[1] == "The tea is ready."
    assert story["text"].endswith(texts[2])
    assert replies("priority")[2]["tokens"] == 0


def test_priority_speech_waits_until_the_user_has_finished() -> None:
    question = users("priority_waits")["question"]
    message = next(e for e in events("priority_waits", "speak") if e["text"] == "The tea is ready.")
    assert message["at"] > question["end_s"]
    assert question["transcript"] == "what is the capital of france"


def test_critical_speech_is_cut_by_stop_only() -> None:
    found = users("critical")
    assert found["question"]["decision"] == "ignore"
    assert not events("critical", "duck")
    assert_cut(found["stop"], "user_clicked_stop", "cancellation")


def test_a_reply_that_is_nearly_over_may_finish() -> None:
    first = replies("short_remainder")[0]
    assert first["heard_text"] == first["text"]
    assert not first["interrupted"]


def test_another_program_stops_it() -> None:
    stop = users("client_stop")["stop"]
    assert (stop["decision"], stop["reason"]) == ("cut", "client_request")
    assert len(replies("client_stop")) == 1


def test_the_first_key_stroke_interrupts_where_that_is_wanted() -> None:
    found = users("typing")
    assert (found["keys"]["decision"], found["keys"]["reason"]) == ("cut", "user_started_typing")
    assert found["question"]["decision"] == "ignore"
    assert "Paris" in replies("typing")[-1]["text"]


def test_two_messages_at_once_are_both_taken_in_order() -> None:
    said = " ".join(text for role, text in history("two_typed") if role == "user")
    assert said == "tell me a story what is the capital of italy what is the capital of france"
    assert history("two_typed")[1][1].endswith(CUT_MARK)
    assert "Paris" in replies("two_typed")[-1]["text"]


def test_a_debounced_cut_waits_whether_the_user_goes_on() -> None:
    found = users("debounce")
    assert found["word"]["decision"] == "restore"
    assert_cut_by_voice_at_leisure(found["question"], "redirect")
    assert found["question"]["cut_s"] - found["question"]["onset_s"] > 0.5


def test_the_word_is_finished_first_where_that_is_wanted() -> None:
    assert_cut_by_voice_at_leisure(users("finish_word")["question"], "redirect")
    (cut,) = [event for event in events("finish_word", "abandon") if event["epoch"] == 1]
    (stopped,) = events("finish_word", "playout_stopped")
    assert cut["finish_word"]
    assert 0.0 < stopped["at"] - cut["at"] < 1.0


def test_stop_in_the_middle_of_prefill() -> None:
    (reply,) = replies("stop_in_prefill")
    assert (reply["text"], reply["first_audible_s"], reply["reason"]) == ("", None, "user_clicked_stop")
    assert not events("stop_in_prefill", "token_generated", "playout_started")


def test_presets_differ_in_one_word() -> None:
    assert_cut_by_voice_at_leisure(users("preset_sensitive")["word"], "redirect")
    assert users("preset_deliberate")["word"]["decision"] == "restore"


def test_a_stop_word_beats_every_filter() -> None:
    assert_cut_by_voice(users("preset_deliberate")["stop"], "cancellation")
    assert records("preset_deliberate")[-1]["evidence"] == "stop word"


def test_a_stop_word_is_acknowledged_where_that_is_wanted() -> None:
    assert_cut_by_voice(users("acknowledge")["stop"], "cancellation")
    assert replies("acknowledge")[-1]["text"] == "Okay."


def test_an_offer_to_continue_is_made_once_and_taken() -> None:
    texts = [reply["text"] for reply in replies("offer")]
    offers = [text for text in texts if text == "Shall I go on with what I was saying?"]
    assert len(offers) == 1
    assert "Paris" in texts[1]
    assert texts[0].endswith(texts[-1])


def test_many_interruptions_bring_a_hint_once() -> None:
    hints = [notice for notice in play("alert").report["summary"]["notices"] if "preset" in notice]
    assert len(hints) == 1
    assert len(records("alert")) >= 4


def test_interrupted_and_interrupted_again() -> None:
    assert_cut_by_voice(users("double")["correction"], "correction")
    assert_cut_by_voice(users("double")["stop"], "cancellation")
    heard = {event["epoch"] for event in events("double", "playout_started")}
    cut_at = {event["epoch"]: event["at"] for event in events("double", "abandon")}
    assert heard <= set(cut_at)
    assert all(e["at"] <= cut_at[e["epoch"]] for e in events("double", "playout_started"))


@pytest.mark.parametrize("name", ["prepared", "thinking_pause"])
def test_an_answer_prepared_too_early_is_not_heard(name: str) -> None:
    early = [event["epoch"] for event in events(name, "generate") if event["speculative"]]
    heard = {event["epoch"] for event in events(name, "playout_started")}
    dropped = {event["epoch"] for event in events(name, "abandon")}
    assert dropped & set(early)
    assert not dropped & heard
    assert "Paris" in replies(name)[-1]["text"]


def test_a_prepared_answer_is_heard_at_once() -> None:
    question = users("question")["question"]
    (prepared,) = [event for event in events("question", "generate") if event["speculative"]]
    assert prepared["at"] < question["endpoint_s"]
    assert prepared["epoch"] == replies("question")[0]["epoch"]
    assert question["reply_audible_s"] - question["endpoint_s"] < 0.3


def test_turns_are_events_with_their_duration() -> None:
    ended = {event["speaker"]: event for event in events("question", "turn_ended")}
    question, (reply,) = users("question")["question"], replies("question")
    assert ended["user"]["duration_s"] == pytest.approx(question["end_s"] - question["onset_s"], abs=0.3)
    assert ended["parley"]["at"] - ended["parley"]["duration_s"] == pytest.approx(reply["first_audible_s"], abs=0.02)


def test_a_record_tells_everything_about_an_interruption() -> None:
    (record,) = records("redirect")
    user = users("redirect")["question"]
    assert (record["reason"], record["kind"], record["decision"]) == ("user_speaking", "redirect", "cut")
    assert record["words"] == "what is the capital of france"
    assert record["heard"] + record["unheard"] == replies("redirect")[0]["text"]
    assert record["sentence"] in replies("redirect")[0]["text"]
    assert record["duck_latency_s"] == pytest.approx(user["ducked_s"] - user["onset_s"], abs=0.1)
    assert record["latency_s"] == pytest.approx(user["cut_s"] - user["onset_s"], abs=0.1)
    assert record["handled"] == "answered"


def test_every_scenario_can_be_read() -> None:
    for path in FOLDER.glob("*.toml"):
        assert load_scenario(path).user
