from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.core.sentences import MAX_SENTENCE, SentenceSplitter, Span, heard_length, speakable, word_at

TEXT = st.text(alphabet=st.sampled_from("ab.!?,;: \n\"')e.g…I"), max_size=700)


def split(pieces: list[str]) -> tuple[list[Span], str]:
    splitter = SentenceSplitter()
    spans = [span for piece in pieces for span in splitter.feed(piece)]
    return spans + splitter.flush(), splitter.text


def sentences(text: str) -> list[str]:
    spans, _ = split([text])
    return [text[span.start : span.end] for span in spans]


@given(text=TEXT, cuts=st.lists(st.integers(0, 700), max_size=30))
def test_chunks_make_no_difference(text: str, cuts: list[int]) -> None:
    bounds = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    assert split([text[a:b] for a, b in pairwise(bounds)]) == split([text]) == split(list(text))


@given(text=TEXT)
def test_spans_cover_all_but_white_space_in_order(text: str) -> None:
    spans, _ = split([text])
    covered = [n for span in spans for n in range(span.start, span.end)]
    assert covered == sorted(set(covered))
    assert {n for n, c in enumerate(text) if not c.isspace()} <= set(covered)
    for span in spans:
        assert 0 < span.end - span.start <= MAX_SENTENCE
        assert text[span.start : span.end].strip() == text[span.start : span.end]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("Dr. Smith is here. Good.", ["Dr. Smith is here.", "Good."]),
        ("It is 3.5 metres. J. S. Bach was I. Yes.", ["It is 3.5 metres.", "J. S. Bach was I.", "Yes."]),
        ('He said "go." She went.', ['He said "go."', "She went."]),
        ("- one\n- two\n", ["- one", "- two"]),
        ("Wait... what?! Yes", ["Wait...", "what?!", "Yes"]),
        ("", []),
        (" \n ", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_a_long_sentence_is_cut_at_a_comma_or_a_space() -> None:
    clause = "word " * 30 + "end, "
    parts = sentences(clause * 3)
    assert all(len(part) <= MAX_SENTENCE for part in parts)
    assert parts[0].endswith("end,")
    assert max(map(len, sentences("x" * 700))) == MAX_SENTENCE


def test_a_sentence_is_handed_out_as_soon_as_it_is_complete() -> None:
    splitter = SentenceSplitter()
    assert splitter.feed("Hello there.") == []
    assert splitter.feed(" Then") == [Span(0, 12)]


@given(sentence=st.text(alphabet="ab .", max_size=60), fractions=st.lists(st.floats(0, 1), min_size=2, max_size=2))
def test_more_is_heard_later(sentence: str, fractions: list[float]) -> None:
    early, late = sorted(fractions)
    assert 0 <= heard_length(sentence, early) <= heard_length(sentence, late) <= len(sentence)


def test_what_was_heard_ends_with_a_word() -> None:
    text = "One three fives."
    assert [text[: heard_length(text, f)] for f in (0.0, 0.1, 0.2, 0.5, 1.0)] == ["", "", "One", "One three", text]


@given(sentence=st.text(alphabet="ab .", max_size=60), fraction=st.floats(0, 1))
def test_the_word_being_spoken_is_a_word_of_the_sentence(sentence: str, fraction: float) -> None:
    span = word_at(sentence, fraction)
    word = sentence[span.start : span.end]
    assert word in sentence.split() if sentence.split() else word == ""


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("**Bold** _move_.", "Bold move ."),
        ("* * *", ""),
        ("`x = 1`", "x = 1"),
        ("...", ""),
        ("Plain text.", "Plain text."),
    ],
)
def test_markup_is_not_spoken(text: str, spoken: str) -> None:
    assert speakable(text) == spoken
