"""How long a silence ends the user's turn, by what was said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.core.endpointing import QUICK, patience
from assistant.core.options import Options
from assistant.phrases import load_phrases

PHRASES = load_phrases()
OPTIONS = Options(endpoint_silence_s=0.6, endpoint_patience_s=1.4)
USUAL, LONG, SHORT = 0.6, 1.4, 0.6 * QUICK


@pytest.mark.parametrize(
    ("said", "silence_s"),
    [
        ("tell me a story", USUAL),
        ("", USUAL),
        ("yes", USUAL),
        ("twenty", USUAL),
        ("set a timer for five minutes", USUAL),
        ("stop", SHORT),
        ("okay go on", SHORT),
        ("what was that", SHORT),
        ("can you repeat that", SHORT),
        ("i was thinking about", LONG),
        ("buy milk and", LONG),
        ("um", LONG),
        ("no", LONG),
        ("what", LONG),
        ("actually", LONG),
        ("set a timer for", LONG),
        ("set a timer for five", LONG),
        ("wake me at seven twenty", LONG),
        ("there are three things first", LONG),
    ],
)
def test_silence_that_ends_a_turn(said: str, silence_s: float) -> None:
    assert patience(said, OPTIONS, PHRASES) == pytest.approx(silence_s)


@pytest.mark.parametrize(
    ("said", "silence_s"),
    [
        ("yes", SHORT),
        ("no", SHORT),
        ("no thanks", SHORT),
        ("yes please", SHORT),
        ("um", LONG),
        ("the second one", USUAL),
    ],
)
def test_short_answers_are_complete_at_once(said: str, silence_s: float) -> None:
    assert patience(said, OPTIONS, PHRASES, asked=True) == pytest.approx(silence_s)


@given(st.text() | st.sampled_from(["yes", "no", "and", "stop"]), st.booleans(), st.floats(0.1, 3), st.floats(0, 3))
def test_the_options_bound_it(said: str, asked: bool, silence_s: float, more: float) -> None:
    options = Options(endpoint_silence_s=silence_s, endpoint_patience_s=silence_s + more)
    assert QUICK * silence_s <= patience(said, options, PHRASES, asked=asked) <= silence_s + more
