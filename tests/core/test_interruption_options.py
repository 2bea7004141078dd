"""The settings that change how an interruption goes."""

from assistant.core import events
from assistant.core.effects import Abandon, Duck, Generate, Presynthesise, Restore, Speak
from assistant.core.history import TurnStatus
from assistant.core.interruptions import Reason
from assistant.core.options import CutStyle, Options
from assistant.core.state import Phase
from tests.core.script import PHRASES, STORY, Script

LONG = ["One two three four five. ", "Six seven eight nine ten. ", "That is all there is."]

# Asked for by typing at 0.0, the sentences of the story are heard from 0.55, 1.6 and 2.65 on, and it ends at 3.3.


def telling(*replies: list[str], **options: object) -> Script:
    script = Script(STORY, *replies, options=Options(**options))  # type: ignore[arg-type]  # names and values of Options
    script.user_types(0.0, "tell me a story")
    return script


def test_a_debounced_cut_waits_and_is_made_if_the_user_goes_on() -> None:
    plain, waiting = telling(["Sure."]), telling(["Sure."], debounce_s=0.3)
    for script in (plain, waiting):
        script.user_says(1.2, 2.8, "what about the wolf in the wood")
        script.run(20)
    assert 0.25 < waiting.records[0].at - plain.records[0].at <= 0.31


def test_a_debounced_cut_is_dropped_if_the_user_falls_silent() -> None:
    script = telling(debounce_s=0.5)
    script.user_says(1.2, 1.9, "what about")
    script.run(20)
    assert not script.records
    assert [effect.reason for effect in script.made(Restore)] == ["fell silent"]


def test_a_stop_word_is_not_debounced() -> None:
    script = telling(debounce_s=2.0)
    script.user_says(1.2, 1.6, "stop")
    script.run(20)
    assert script.records[0].evidence == "stop word"


def test_a_reply_near_its_end_is_spoken_to_it_and_the_words_are_answered_then() -> None:
    script = telling(["Sure."], short_remainder_sentences=2)
    script.user_says(2.7, 3.1, "what about the wolf")
    script.run(20)
    assert not script.records
    assert script.spoken[-2:] == ["It was happy.", "Sure."]
    assert script.turns[1].status is TurnStatus.COMPLETE


def test_a_stop_word_cuts_it_all_the_same() -> None:
    script = telling(short_remainder_sentences=3)
    script.user_says(2.3, 2.6, "stop")
    script.run(20)
    assert script.records[0].evidence == "stop word"


def test_the_word_is_finished_if_wished_but_not_for_stop() -> None:
    for words, finished in (("what about the wolf", True), ("stop", False)):
        script = telling(["Sure."], cut_style=CutStyle.WORD_BOUNDARY)
        script.user_says(1.2, 1.7, words)
        script.run(20)
        assert script.made(Abandon)[0].finish_word is finished


def test_typing_silences_if_wished() -> None:
    for wished in (True, False):
        script = telling(typing_interrupts=wished)
        script.at(1.0, lambda at: events.TypingStarted(at))
        script.run(20)
        assert [record.reason for record in script.records] == [Reason.USER_STARTED_TYPING] * wished
        assert script.last.text == "".join(STORY)


def test_stop_is_acknowledged_if_wished() -> None:
    script = telling(acknowledge_stop=True)
    script.user_says(1.2, 1.6, "stop")
    script.run(20)
    assert script.spoken[-1] == PHRASES.acknowledge


def offering() -> Script:
    script = Script(LONG, ["A wolf is grey."], ["Fine."], options=Options(offer_to_continue=True))
    script.user_types(0.0, "tell me a story")
    script.user_says(1.0, 2.0, "what about the wolf")
    return script


def test_the_rest_is_offered_once_and_spoken_on_yes() -> None:
    script = offering()
    script.user_says(7.5, 7.9, "yes please")
    script.run(30)
    assert script.spoken.count(PHRASES.offer) == 1
    assert script.spoken[-3:] == [sentence.strip() for sentence in LONG]
    assert len(script.made(Generate)) == 2


def test_the_offer_is_dropped_on_no() -> None:
    script = offering()
    script.user_says(7.5, 7.9, "no thanks")
    script.run(30)
    assert script.spoken[-1] == PHRASES.offer
    assert script.turns[1].can_continue


def test_anything_else_after_the_offer_is_an_ordinary_turn() -> None:
    script = offering()
    script.user_types(8.0, "how are you")
    script.run(30)
    assert script.spoken[-1] == "Fine."
    assert script.spoken.count(PHRASES.offer) == 1


def test_nothing_is_offered_after_stop_or_for_a_short_rest() -> None:
    script = Script(LONG, ["A wolf is grey."], options=Options(offer_to_continue=True))
    script.user_types(0.0, "tell me a story")
    script.user_says(1.0, 1.4, "stop")
    script.user_types(4.0, "what about the wolf")
    script.run(30)
    assert PHRASES.offer not in script.spoken
    script = telling(["A wolf is grey."], offer_to_continue=True)
    script.user_says(2.7, 3.3, "what about the wolf")
    script.run(30)
    assert PHRASES.offer not in script.spoken


def test_the_first_sentence_of_a_prepared_reply_is_made_ready() -> None:
    script = Script(["Well, ", "yes. ", "Indeed."], options=Options(endpoint_silence_s=1.5, endpoint_patience_s=1.5))
    script.user_says(0.5, 1.5, "is it so")
    script.run(20)
    [held] = script.made(Presynthesise)
    first = script.made(Speak)[0]
    assert (held.epoch, held.sentence, held.text, held.clauses) == (
        first.epoch,
        first.sentence,
        first.text,
        first.clauses,
    )
    assert script.when(Presynthesise)[0] < script.when(Speak)[0]
    assert held.clauses == (5 / 9,)


def test_yes_to_our_question_is_an_answer_and_not_a_backchannel() -> None:
    script = Script(["Do you want to hear another very long story?"], ["Once."])
    script.user_types(0.0, "hello")
    script.user_says(1.5, 1.9, "yes")
    script.run(20)
    assert script.records[0].evidence == "words"
    assert script.spoken[-1] == "Once."


def test_the_voice_comes_back_for_an_echo_but_the_user_is_still_heard() -> None:
    script = telling(barge_in_min_speech_s=0.9)
    script.user_says(1.7, 2.6, "it lived in the wood")
    script.run(20)
    assert not script.records
    assert [record.evidence for record in script.ledger] == ["own words"]
    assert len(script.made(Duck)) == len(script.made(Restore)) >= 1


def test_what_was_silenced_while_it_was_written_is_spoken_on() -> None:
    script = Script([*STORY[:6], *[""] * 40, *STORY[6:]])
    script.user_types(0.0, "tell me a story")
    script.user_stops(0.7, speech_only=True)
    script.at(1.5, lambda at: events.ContinueRequested(at))
    script.run(20)
    assert script.spoken[1:] == ["Once there was a fox.", "It lived in the wood.", "It was happy."]
    assert (script.last.status, len(script.turns), script.phase) == (TurnStatus.COMPLETE, 2, Phase.LISTENING)
    assert len(script.made(Generate)) == 1


def test_typed_words_that_waited_are_kept_when_stop_is_pressed() -> None:
    script = telling(["Never."])
    script.user_types(1.0, "what time is it")
    script.user_stops(1.01)
    script.run(20)
    assert [turn.text for turn in script.turns if turn.role == "user"] == ["tell me a story", "what time is it"]
    assert len(script.made(Generate)) == 1


def test_asking_again_after_the_first_word_repeats_the_sentence_before_too() -> None:
    script = telling()
    script.user_says(1.45, 2.2, "what was that")
    script.run(20)
    assert script.spoken[-2:] == ["Once there was a fox.", "It lived in the wood."]
