"""Speaking over Parley: what cuts, what does not, and what follows."""

import pytest

from assistant.core.effects import Abandon, Duck, Generate, Restore
from assistant.core.history import TurnStatus
from assistant.core.interruptions import Kind, Reason
from assistant.core.options import Options
from assistant.core.state import Phase
from tests.core.script import PHRASES, STORY, Script

# The story is asked for from 0.5 to 2.5; its sentences are heard from 3.3, 4.35 and 5.4 on, and it ends at 6.05.


def telling(*replies: list[str], options: Options | None = None) -> Script:
    script = Script(STORY, *replies, options=options)
    script.user_says(0.5, 2.5, "tell me a story")
    return script


def test_a_question_is_answered() -> None:
    script = telling()
    script.run(20)
    assert script.spoken == ["Once there was a fox.", "It lived in the wood.", "It was happy."]
    assert script.messages() == [
        "user: tell me a story",
        "assistant: Once there was a fox. It lived in the wood. It was happy.",
    ]
    assert (script.phase, script.last.status) == (Phase.LISTENING, TurnStatus.COMPLETE)


def test_words_duck_at_once_and_cut_when_they_are_known() -> None:
    script = telling(["Sure."])
    script.user_says(4.7, 5.9, "what about the wolf")
    script.run(4.85)
    assert script.when(Duck) == [4.8]
    script.run(20)
    [record] = script.records
    assert (record.reason, record.evidence) == (Reason.USER_SPEAKING, "words")
    assert record.heard == "Once there was a fox. It lived in the"
    assert record.at == pytest.approx(5.15)  # "what" was said at 5.0
    assert record.latency_s < 0.5
    assert script.turns[1].interruption is not None
    assert (script.turns[1].interruption.kind, script.turns[1].interruption.words) == (
        Kind.REDIRECT,
        "what about the wolf",
    )
    assert script.messages()[1:] == [
        "assistant: Once there was a fox. It lived in the ...",
        "user: what about the wolf",
        "assistant: Sure.",
    ]


def test_a_backchannel_is_no_interruption() -> None:
    script = telling()
    script.user_says(4.0, 4.5, "mm-hmm")
    script.run(20)
    assert [effect.reason for effect in script.made(Restore)] == ["backchannel"]
    assert not script.records
    assert len(script.turns) == 2
    assert script.last.status is TurnStatus.COMPLETE


def test_go_on_while_parley_speaks_is_a_backchannel_too() -> None:
    script = telling()
    script.user_says(4.0, 4.5, "go on")
    script.run(20)
    assert not script.records
    assert script.last.status is TurnStatus.COMPLETE


def test_a_stop_word_cuts_at_once_and_nothing_is_answered() -> None:
    script = telling()
    script.user_says(4.0, 4.3, "stop")
    script.run(20)
    [record] = script.records
    assert (record.evidence, record.kind, record.heard) == ("stop word", Kind.CANCELLATION, "Once there was a fox. It")
    assert len(script.made(Generate)) == 1
    assert len(script.turns) == 2
    assert script.phase is Phase.LISTENING


def test_a_cough_is_ignored() -> None:
    script = telling()
    script.user_says(4.0, 4.5, "")
    script.run(20)
    assert [effect.reason for effect in script.made(Restore)] == ["no words"]
    assert not script.records
    assert script.last.status is TurnStatus.COMPLETE


def test_long_noise_cuts_and_the_reply_is_taken_up_again_where_it_was_cut() -> None:
    script = telling()
    script.user_says(4.2, 5.4, "")
    script.run(20)
    [record] = script.records
    assert record.evidence == "speech"
    assert record.at == pytest.approx(5.05)
    assert len(script.made(Generate)) == 1
    assert script.spoken[2:] == ["It lived in the wood.", "It was happy."]
    assert script.messages()[1:] == ["assistant: Once there was a fox. It lived in the wood. It was happy."]
    assert script.turns[1].continued


def test_noise_while_thinking_does_not_cost_the_answer() -> None:
    script = telling(STORY, options=Options(speculate=False))
    script.user_says(3.25, 4.0, "")
    script.run(30)
    assert [record.evidence for record in script.records] == ["speech"]
    assert script.last.status is TurnStatus.COMPLETE
    assert script.messages()[1:] == ["assistant: Once there was a fox. It lived in the wood. It was happy."]


def test_misheard_words_cut_and_the_reply_is_taken_up_again() -> None:
    script = telling()
    script.user_says(4.5, 5.2, "a dog", finally_="")
    script.run(20)
    assert [record.evidence for record in script.records] == ["words"]
    assert script.last.status is TurnStatus.COMPLETE
    assert script.spoken[2:] == ["It lived in the wood.", "It was happy."]


def test_words_that_came_early_cut_as_soon_as_the_voice_lasted_long_enough() -> None:
    script = telling(["Sure."], options=Options(barge_in_min_speech_s=0.5))
    script.user_says(4.0, 5.5, "no no no no no no no no no no")
    script.run(20)
    assert script.records[0].at == pytest.approx(4.5)


@pytest.mark.parametrize(
    ("words", "kind"),
    [("no i meant the bear", Kind.CORRECTION), ("what about the bear", Kind.REDIRECT), ("the bear is nicer", None)],
)
def test_corrections_and_redirects_are_told_apart_and_answered(words: str, kind: Kind | None) -> None:
    script = telling(["A bear."])
    script.user_says(4.5, 5.5, words)
    script.run(20)
    record = script.turns[1].interruption
    assert record is not None
    assert record.kind is kind
    assert script.messages()[-1] == "assistant: A bear."


def test_continue_speaks_the_rest_from_the_sentence_that_was_cut() -> None:
    script = telling()
    script.user_says(4.4, 4.9, "stop")
    script.user_says(8.0, 8.5, "continue")
    script.run(20)
    assert len(script.made(Generate)) == 1
    assert script.spoken[-2:] == ["It lived in the wood.", "It was happy."]
    assert script.messages() == [
        "user: tell me a story",
        "assistant: Once there was a fox. It lived in the wood. It was happy.",
    ]


def test_continue_after_the_end_says_that_nothing_is_left() -> None:
    script = telling()
    script.user_says(8.0, 8.5, "continue")
    script.run(20)
    assert script.spoken[-1] == PHRASES.nothing_left


def test_what_was_that_repeats_the_last_sentence_heard() -> None:
    script = telling()
    script.user_says(4.5, 5.0, "what was that")
    script.run(20)
    assert len(script.made(Generate)) == 1
    assert script.spoken[-1] == "It lived in the wood."
    assert script.turns[1].interruption is not None
    assert script.turns[1].interruption.kind is Kind.CLARIFICATION


def test_speaking_over_a_silent_thought_cuts_it() -> None:
    script = telling(["Two."], options=Options(speculate=False))
    script.user_says(3.22, 4.5, "no tell me a number")
    script.run(20)
    assert script.spoken == ["Two."]
    assert [record.heard for record in script.records] == [""]
    assert script.messages() == ["user: tell me a story no tell me a number", "assistant: Two."]


def test_with_barge_in_off_speech_over_parley_is_ignored() -> None:
    script = telling(options=Options(barge_in=False))
    script.user_says(4.0, 5.0, "what about the wolf")
    script.run(20)
    assert not script.made(Duck)
    assert script.last.status is TurnStatus.COMPLETE


def test_a_sound_that_outlasts_the_reply_becomes_a_turn() -> None:
    script = telling(["Yes."])
    script.user_says(5.9, 7.0, "is it true")
    script.run(20)
    assert not script.records
    assert [effect.reason for effect in script.made(Restore)] == ["reply over"]
    assert script.messages()[-2:] == ["user: is it true", "assistant: Yes."]


def test_nothing_follows_an_abandoned_reply() -> None:
    script = telling(["Sure."])
    script.user_says(3.5, 4.2, "what about the wolf")
    script.run(20)
    abandoned = next(at for at, effect in script.effects if effect == Abandon(1))
    late = [effect for at, effect in script.effects if at > abandoned and getattr(effect, "epoch", 0) == 1]
    assert not late
