import itertools
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.core.interruptions import Kind
from assistant.core.phrases import LONGEST, normalise
from assistant.phrases import load_phrases

PHRASES = load_phrases()
UTTERANCES = [
    (context, None if kind == "turn" else Kind(kind), text)
    for context, kinds in tomllib.loads((Path(__file__).parent / "data" / "utterances.toml").read_text()).items()
    for kind, texts in kinds.items()
    for text in texts
]
WHOLE = {
    Kind.CANCELLATION: PHRASES.cancel | PHRASES.hold,
    Kind.RESUME: PHRASES.resume,
    Kind.CLARIFICATION: PHRASES.clarify,
    Kind.BACKCHANNEL: PHRASES.hums | PHRASES.backchannel,
}
EMPTY_WORDS = ("um", "uh", "er", "well", "please")
ANYTHING = st.text() | st.lists(
    st.sampled_from(sorted(set(itertools.chain(*(text.split() for _, _, text in UTTERANCES))))), max_size=9
).map(" ".join)


def kind_of(context: str, text: str) -> Kind | None:
    return PHRASES.classify(text, speaking=context == "speaking", asked=context == "asked")


def test_nearly_all_utterances_are_told_apart() -> None:
    wrong = [(context, text) for context, kind, text in UTTERANCES if kind_of(context, text) is not kind]
    assert len(UTTERANCES) >= 300
    assert len(wrong) <= 0.02 * len(UTTERANCES), wrong


@pytest.mark.parametrize("kind", WHOLE)
def test_every_phrase_is_of_its_kind(kind: Kind) -> None:
    for phrase in WHOLE[kind]:
        assert PHRASES.classify(phrase) is kind, phrase
        assert len(phrase.split()) <= LONGEST, "longer phrases are never looked for"


def test_every_opening_is_of_its_kind() -> None:
    for opening in PHRASES.restate:
        for speaking, asked in itertools.product((False, True), repeat=2):
            assert PHRASES.classify(f"{opening} foxes", speaking=speaking, asked=asked) is Kind.CORRECTION, opening
    for opening in PHRASES.correct - PHRASES.restate:
        assert PHRASES.classify(f"{opening} foxes") is Kind.CORRECTION, opening
        assert PHRASES.classify(f"{opening} foxes", asked=True) is None, opening
    for opening in PHRASES.redirect:
        assert PHRASES.classify(f"{opening} foxes") is Kind.REDIRECT, opening
        assert PHRASES.classify(f"{opening} foxes", speaking=False) is None, opening


@pytest.mark.parametrize(
    ("text", "over_speech", "after_speech", "answer"),
    [
        ("yes", Kind.BACKCHANNEL, None, None),
        ("right", Kind.BACKCHANNEL, None, None),
        ("mhm", Kind.BACKCHANNEL, Kind.BACKCHANNEL, None),
        ("no", Kind.CORRECTION, None, None),
        ("no tuesday", Kind.CORRECTION, Kind.CORRECTION, None),
        ("no thanks", Kind.CANCELLATION, Kind.CANCELLATION, None),
        ("stop", Kind.CANCELLATION, Kind.CANCELLATION, Kind.CANCELLATION),
        ("go on", Kind.RESUME, Kind.RESUME, Kind.RESUME),
        ("what about paris", Kind.REDIRECT, None, None),
    ],
)
def test_a_word_can_be_two_things(
    text: str, over_speech: Kind | None, after_speech: Kind | None, answer: Kind | None
) -> None:
    assert PHRASES.classify(text) is over_speech
    assert PHRASES.classify(text, speaking=False) is after_speech
    assert PHRASES.classify(text, speaking=False, asked=True) is answer


@pytest.mark.parametrize("text", ["yes", "yes please", "uh-huh", "sure, go ahead", "please do", "ok go on", "um, yeah"])
def test_agreeing(text: str) -> None:
    assert PHRASES.agrees(text)


@pytest.mark.parametrize(
    "text", ["", "no", "no thanks", "yes but what about Paris", "stop", "yes no", "the second one"]
)
def test_not_agreeing(text: str) -> None:
    assert not PHRASES.agrees(text)


@pytest.mark.parametrize("text", ["no", "no thanks", "um no", "not now", "no, that's fine", "never mind", "not really"])
def test_declining(text: str) -> None:
    assert PHRASES.declines(text)
    assert not PHRASES.agrees(text)


@pytest.mark.parametrize("text", ["", "yes", "sure go on", "no I said Paris", "no what about dogs", "um"])
def test_not_declining(text: str) -> None:
    assert not PHRASES.declines(text)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("uh huh yeah", 0),
        ("well um", 0),
        ("yeah the wolf", 2),
        ("all right", 0),
        ("tell me", 2),
        ("the", 0),
        ("[unk]", 0),
        ("the the", 0),
    ],
)
def test_content_words(text: str, count: int) -> None:
    assert PHRASES.content_words(text) == count


@pytest.mark.parametrize(
    ("text", "may"),
    [
        ("got", True),
        ("yeah i", True),
        ("go", True),
        ("keep", True),
        ("i want", False),
        ("yeah", False),
        ("where", False),
        ("tell", False),
        ("", False),
    ],
)
def test_words_that_may_still_become_a_backchannel(text: str, may: bool) -> None:
    assert PHRASES.may_become_backchannel(text) is may


@pytest.mark.parametrize(
    "text",
    [
        "tell me about the",
        "I want cheese, and…",
        "um",
        "set a timer for",
        "set a timer for five",
        "set a timer for twenty five",
        "it was nineteen ninety",
        "add twenty",
        "no",
        "actually",
        "well no",
        "give me",
        "how many",
    ],
)
def test_trailing_off(text: str) -> None:
    assert PHRASES.trails_off(text)


@pytest.mark.parametrize(
    "text",
    ["tell me about cheese", "", "set a timer for five minutes", "twenty", "no I said five", "what is five plus seven"],
)
def test_not_trailing_off(text: str) -> None:
    assert not PHRASES.trails_off(text)


@given(ANYTHING)
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert PHRASES.classify(text) is PHRASES.classify(once)
    assert 0 <= PHRASES.content_words(text) <= len(once.split())


@given(st.sampled_from(UTTERANCES), st.lists(st.sampled_from(EMPTY_WORDS), max_size=2), st.booleans())
def test_words_without_meaning_change_no_kind(
    utterance: tuple[str, Kind | None, str], empty: list[str], at_end: bool
) -> None:
    context, _, text = utterance
    words = [text, *empty] if at_end and kind_of(context, text) is not None else [*empty, text]
    assert kind_of(context, " ".join(words)) is kind_of(context, text)


@given(ANYTHING)
def test_an_answer_is_never_a_backchannel_and_an_ordinary_question_never_a_redirect(text: str) -> None:
    assert PHRASES.classify(text, asked=True) is not Kind.BACKCHANNEL
    assert PHRASES.classify(text, speaking=False) is not Kind.REDIRECT


@given(ANYTHING, st.integers(2, 3))
def test_whole_phrases_may_be_repeated(text: str, times: int) -> None:
    kind = PHRASES.classify(text)
    if kind in (Kind.CANCELLATION, Kind.BACKCHANNEL):
        assert PHRASES.classify(" ".join([text] * times)) in (kind, Kind.RESUME, Kind.CLARIFICATION)


def test_a_language_that_is_not_there() -> None:
    with pytest.raises(FileNotFoundError):
        load_phrases("xx")
