"""The decision on a sound over our voice, row by row, and what holds for all of them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.core.barge_in import Action, Evidence, decide, decisive_speech_s, own_stop_word
from assistant.core.options import Options
from assistant.phrases import load_phrases

PHRASES = load_phrases()
SAYING = "It lived in the big dark wood, right at the bus stop."
WEAK = 0.3

Row = tuple[float, str, bool, Action, str]


def decided(voiced_s: float, said: str, ended: bool, action: Action, reason: str) -> Row:
    return voiced_s, said, ended, action, reason


@pytest.mark.parametrize(
    "row",
    [
        decided(0.0, "stop", False, Action.CUT, "stop word"),
        decided(0.0, "okay stop", True, Action.CUT, "stop word"),
        decided(0.1, "a dog", False, Action.DUCK, "undecided"),
        decided(0.25, "a dog", False, Action.CUT, "words"),
        decided(0.25, "a dog", True, Action.CUT, "words"),
        decided(0.84, "", False, Action.DUCK, "undecided"),
        decided(0.85, "", False, Action.CUT, "speech"),
        decided(0.84, "the", False, Action.DUCK, "undecided"),
        decided(0.85, "the", False, Action.CUT, "speech"),
        decided(0.5, "the", True, Action.RESTORE, "no words"),
        decided(0.3, "i", False, Action.DUCK, "undecided"),
        decided(0.3, "i want", False, Action.CUT, "words"),
        decided(0.3, "no", False, Action.CUT, "words"),
        decided(0.3, "yeah but what about", False, Action.CUT, "words"),
        decided(1.7, "yeah", False, Action.DUCK, "undecided"),
        decided(1.7, "yeah but", False, Action.DUCK, "undecided"),
        decided(1.75, "yeah", False, Action.CUT, "speech"),
        decided(1.7, "um", False, Action.DUCK, "undecided"),
        decided(0.9, "yeah", True, Action.RESTORE, "backchannel"),
        decided(0.9, "go on", True, Action.RESTORE, "resume"),
        decided(0.9, "no no go on", True, Action.RESTORE, "resume"),
        decided(0.5, "", True, Action.RESTORE, "no words"),
        decided(0.2, "dog", True, Action.RESTORE, "too short"),
        decided(0.5, "um", True, Action.RESTORE, "too short"),
    ],
)
def test_decisions(row: Row) -> None:
    voiced_s, said, ended, action, reason = row
    decision = decide(Evidence(voiced_s, said, ended), Options(), PHRASES)
    assert (decision.action, decision.reason) == (action, reason)


@pytest.mark.parametrize(
    ("row", "confidence"),
    [
        # a stretch of our own sentence, long enough to be sure of, even with an error or a gap
        (decided(1.0, "in the big dark", False, Action.DUCK, "undecided"), 1.0),
        (decided(1.75, "in the big dark", False, Action.RESTORE, "own words"), 1.0),
        (decided(1.0, "in the big dark", True, Action.RESTORE, "own words"), 1.0),
        (decided(1.0, "lived in the big dog", True, Action.RESTORE, "own words"), 1.0),
        (decided(1.0, "it lived the big", True, Action.RESTORE, "own words"), 1.0),
        # words of it, but in another order, or from here and there, or with others
        (decided(1.0, "dark big the", True, Action.CUT, "words"), 1.0),
        (decided(1.0, "it the wood the stop", True, Action.CUT, "words"), 1.0),
        (decided(1.0, "in the big city", True, Action.CUT, "words"), 1.0),
        # fewer words are our own only if they are uncertain
        (decided(1.0, "dark wood", True, Action.RESTORE, "own words"), WEAK),
        (decided(1.0, "dark wood", True, Action.CUT, "words"), 1.0),
        (decided(1.0, "right", True, Action.RESTORE, "own words"), WEAK),
        (decided(1.0, "right", True, Action.RESTORE, "backchannel"), 1.0),
        # a stop word of ours needs a clear voice for a moment; others cut at once
        (decided(0.1, "stop", False, Action.DUCK, "undecided"), 1.0),
        (decided(0.25, "stop", False, Action.CUT, "words"), 1.0),
        (decided(0.6, "stop", False, Action.DUCK, "undecided"), WEAK),
        (decided(0.6, "stop", True, Action.RESTORE, "own words"), WEAK),
        (decided(0.0, "be quiet", False, Action.CUT, "stop word"), WEAK),
        (decided(0.0, "please stop", False, Action.CUT, "stop word"), WEAK),
    ],
)
def test_our_own_words_are_echo(row: Row, confidence: float) -> None:
    voiced_s, said, ended, action, reason = row
    decision = decide(Evidence(voiced_s, said, ended, SAYING, confidence), Options(), PHRASES)
    assert (decision.action, decision.reason) == (action, reason)


@pytest.mark.parametrize("said", ["yes", "right", "okay", "mhm", "no", "sure yes"])
def test_an_answer_to_our_question_is_no_backchannel(said: str) -> None:
    assert decide(Evidence(0.3, said, True, asked=True), Options(), PHRASES).action is Action.CUT
    assert decide(Evidence(0.1, said, False, asked=True), Options(), PHRASES).action is Action.DUCK


@pytest.mark.parametrize(
    "row",
    [
        decided(0.5, "a dog", False, Action.DUCK, "undecided"),
        decided(0.85, "a dog", False, Action.CUT, "speech"),
        decided(0.5, "a dog", True, Action.RESTORE, "unsure words"),
        decided(0.9, "yeah", False, Action.CUT, "speech"),
        decided(0.0, "stop", False, Action.CUT, "stop word"),
    ],
)
def test_uncertain_words_count_as_none_but_a_stop_word_always_counts(row: Row) -> None:
    voiced_s, said, ended, action, reason = row
    evidence = Evidence(voiced_s, said, ended, confidence=0.3)
    decision = decide(evidence, Options(barge_in_confidence=0.5), PHRASES)
    assert (decision.action, decision.reason) == (action, reason)


def test_a_word_too_few_waits_as_long_as_no_word() -> None:
    options = Options(barge_in_min_words=2)
    assert decide(Evidence(0.84, "dogs", False), options, PHRASES).action is Action.DUCK
    assert decide(Evidence(0.85, "dogs", False), options, PHRASES).reason == "speech"
    assert decide(Evidence(0.3, "dogs dogs", False), options, PHRASES).reason == "words"


def test_a_stop_word_of_ours_is_found_in_what_we_say() -> None:
    assert own_stop_word("Stop!", SAYING)
    assert not own_stop_word("stop", "It never stopped.")
    assert not own_stop_word("never mind", SAYING)
    assert not own_stop_word("stop", "")


SAID_WORDS = "stop yeah go on no the dog right in big dark um what about i uh huh".split()
SAID = st.lists(st.sampled_from(SAID_WORDS), max_size=6)
EVIDENCE = st.builds(
    Evidence,
    voiced_s=st.floats(0, 4),
    said=SAID.map(" ".join),
    ended=st.booleans(),
    saying=st.sampled_from(["", SAYING]),
    confidence=st.floats(0, 1),
    asked=st.booleans(),
)
OPTIONS = st.builds(
    Options,
    barge_in_min_words=st.integers(1, 3),
    barge_in_speech_s=st.floats(0.1, 2),
    barge_in_confidence=st.floats(0, 1),
)


@given(EVIDENCE, OPTIONS, st.floats(0, 2))
def test_a_longer_sound_is_never_less_of_an_interruption(evidence: Evidence, options: Options, more: float) -> None:
    before = decide(evidence, options, PHRASES).action
    after = decide(replace(evidence, voiced_s=evidence.voiced_s + more), options, PHRASES).action
    assert before is not Action.CUT or after is Action.CUT
    assert evidence.ended or before is not Action.RESTORE or after is Action.RESTORE


@given(EVIDENCE, OPTIONS)
def test_every_sound_is_decided_when_its_time_has_come_or_it_ends(evidence: Evidence, options: Options) -> None:
    needed = decisive_speech_s(evidence, options, PHRASES)
    assert 0 <= needed <= 2.5 * options.barge_in_speech_s + 0.25 + options.barge_in_min_speech_s
    assert decide(replace(evidence, voiced_s=needed), options, PHRASES).action in (Action.CUT, Action.RESTORE)
    early = decide(replace(evidence, voiced_s=needed - 0.001, ended=False), options, PHRASES)
    assert needed == 0 or (early.action, early.reason) == (Action.DUCK, "undecided")
    assert decide(replace(evidence, ended=True), options, PHRASES).action in (Action.CUT, Action.RESTORE)


@given(EVIDENCE, OPTIONS, st.floats(0, 1))
def test_more_certain_words_cut_no_later(evidence: Evidence, options: Options, more: float) -> None:
    if PHRASES.content_words(evidence.said) < options.barge_in_min_words or evidence.saying:
        return
    surer = replace(evidence, confidence=min(1.0, evidence.confidence + more))
    assert decisive_speech_s(surer, options, PHRASES) <= decisive_speech_s(evidence, options, PHRASES) or (
        PHRASES.may_become_backchannel(evidence.said)
    )


@given(EVIDENCE, OPTIONS)
def test_a_stop_word_beats_every_filter(evidence: Evidence, options: Options) -> None:
    stopped = replace(evidence, said="please be quiet")
    assert decide(stopped, options, PHRASES).reason == "stop word"
