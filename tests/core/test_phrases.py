import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.core.interruptions import Kind
from assistant.core.phrases import normalise
from assistant.phrases import load_phrases

PHRASES = load_phrases()
WHOLE = {
    Kind.CANCELLATION: PHRASES.cancel,
    Kind.RESUME: PHRASES.resume,
    Kind.CLARIFICATION: PHRASES.clarify,
    Kind.BACKCHANNEL: PHRASES.backchannel,
}


@pytest.mark.parametrize("kind", WHOLE)
def test_every_phrase_is_of_its_kind(kind: Kind) -> None:
    for phrase in WHOLE[kind]:
        assert PHRASES.classify(phrase) is kind, phrase
        assert len(phrase.split()) <= 5, "longer phrases are never looked for"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Uh-huh.", Kind.BACKCHANNEL),
        ("yeah yeah, ok", Kind.BACKCHANNEL),
        ("Okay, stop please!", Kind.CANCELLATION),
        ("That’s enough", Kind.CANCELLATION),
        ("well go on then", Kind.RESUME),
        ("sorry, what did you say", None),
        ("um what was that", Kind.CLARIFICATION),
        ("no", Kind.CORRECTION),
        ("no, not that one", Kind.CORRECTION),
        ("actually I meant Berlin", Kind.CORRECTION),
        ("yeah but what about Paris", Kind.REDIRECT),
        ("can you tell me more", Kind.REDIRECT),
        ("stop signs are red", None),
        ("yes it does", None),
        ("nothing much", None),
        ("", None),
        ("...", None),
    ],
)
def test_kinds(text: str, kind: Kind | None) -> None:
    assert PHRASES.classify(text) is kind


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), ("uh huh yeah", 0), ("well um", 0), ("yeah the wolf", 2), ("all right", 0), ("tell me", 2)],
)
def test_content_words(text: str, count: int) -> None:
    assert PHRASES.content_words(text) == count


@pytest.mark.parametrize(
    ("text", "may"),
    [("got", True), ("yeah i", True), ("go", True), ("keep", True), ("i want", False), ("yeah", False), ("", False)],
)
def test_words_that_may_still_become_a_backchannel(text: str, may: bool) -> None:
    assert PHRASES.may_become_backchannel(text) is may


def test_trailing_words() -> None:
    assert PHRASES.trails_off("tell me about the")
    assert PHRASES.trails_off("I want cheese, and…")
    assert not PHRASES.trails_off("tell me about cheese")
    assert not PHRASES.trails_off("")


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert PHRASES.classify(text) is PHRASES.classify(once)
    assert 0 <= PHRASES.content_words(text) <= len(once.split())


def test_a_language_that_is_not_there() -> None:
    with pytest.raises(FileNotFoundError):
        load_phrases("xx")
