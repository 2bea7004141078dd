"""Durations, as said by people and as said by us."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import UserError
from assistant.tools.durations import LONGEST_S, parse_duration, say_duration

ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
TENS = "twenty thirty forty fifty".split()
UNITS = {
    "hour": (3600, ("hour", "hours", "h", "hrs")),
    "minute": (60, ("minute", "minutes", "min", "m")),
    "second": (1, ("second", "seconds", "sec", "s")),
}


def in_words(n: int) -> str:
    if n < 20:
        return ONES[n]
    return TENS[n // 10 - 2] + (f" {ONES[n % 10]}" if n % 10 else "")


@st.composite
def spelled(draw: st.DrawFn) -> tuple[str, int]:
    """A duration in one of many spellings, and its seconds."""
    parts, seconds = [], 0
    for name in draw(st.sets(st.sampled_from(sorted(UNITS)), min_size=1)):
        size, spellings = UNITS[name]
        amount = draw(st.integers(1, 23 if name == "hour" else 59))
        number = draw(st.sampled_from([str(amount), in_words(amount), in_words(amount).replace(" ", "-")]))
        unit = draw(st.sampled_from(spellings))
        glue = draw(st.sampled_from(["", " "])) if number.isdigit() else " "
        parts.append(f"{number}{glue}{unit}")
        seconds += amount * size
    return draw(st.sampled_from([" ", ", ", " and ", ", and "])).join(parts), seconds


@given(spelled())
def test_any_spelling_is_understood(duration: tuple[str, int]) -> None:
    text, seconds = duration
    assert parse_duration(text) == seconds
    assert parse_duration(f"  {text.upper()} ") == seconds


@given(st.integers(1, LONGEST_S))
def test_what_we_say_is_understood_and_the_same(seconds: int) -> None:
    assert parse_duration(say_duration(seconds)) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("five minutes", 300),
        ("5 minutes", 300),
        ("1 hour 30 minutes", 5400),
        ("an hour and a half", 5400),
        ("one and a half hours", 5400),
        ("1.5 hours", 5400),
        ("half an hour", 1800),
        ("a quarter of an hour", 900),
        ("three quarters of an hour", 2700),
        ("an hour and a quarter", 4500),
        ("an hour and half a minute", 3630),
        ("two hours and a quarter of an hour", 8100),
        ("a minute", 60),
        ("twenty five minutes", 1500),
        ("ninety seconds", 90),
        ("1h30m", 5400),
    ],
)
def test_what_people_say(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    ("text", "unit", "seconds"),
    [
        ("5", "minutes", 300),
        ("five", "hours", 18_000),
        ("1 hour 30", "minutes", 5400),
        ("5 minutes", "minutes", 300),
        ("two and a half", "minutes", 150),
    ],
)
def test_a_last_number_takes_the_given_unit(text: str, unit: str, seconds: int) -> None:
    assert parse_duration(text, unit) == seconds


@pytest.mark.parametrize(
    "text",
    ["", "5", "soon", "five", "minutes", "five minutes please", "five six minutes", "-5 minutes", "5 weeks", "and"],
)
def test_what_is_no_duration_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UserError, match=r'is no duration: say for example "5 minutes"|at least'):
        parse_duration(text)


@pytest.mark.parametrize("text", ["0 minutes", "0.4 seconds", "25 hours", "9999999999999999999999 hours"])
def test_too_short_and_too_long(text: str) -> None:
    with pytest.raises(UserError, match="one second at least and for 24 hours at most"):
        parse_duration(text)


@given(st.text("0123456789. abcdehmnorstuw-,", max_size=60))
def test_any_text_is_a_duration_or_refused(text: str) -> None:
    try:
        seconds = parse_duration(text, "minutes")
    except UserError:
        return
    assert 1 <= seconds <= LONGEST_S
