"""Sums: against Python's own fractions, and everything that must not get through."""

import operator
from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assistant.core.cancel import CancelToken
from assistant.core.tool_calls import ToolResult
from assistant.errors import UserError
from assistant.tools.arithmetic import LONGEST_TEXT, MOST_BITS, evaluate
from assistant.tools.calculator import Calculate, Sum, say_number

OPERATIONS: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
}


@st.composite
def sums(draw: st.DrawFn, depth: int = 3) -> tuple[str, Fraction | None]:
    """A sum with parentheses wherever they are needed, and its value; None where it divides by zero."""
    if depth == 0 or draw(st.integers(0, 3)) == 0:
        number = draw(st.one_of(st.integers(0, 999).map(str), st.decimals(0, 99, places=2).map(str)))
        return number, Fraction(number)
    kind = draw(st.sampled_from([*OPERATIONS, "negative", "power"]))
    left, a = draw(sums(depth - 1))
    if kind == "negative":
        return f"(-({left}))", None if a is None else -a
    if kind == "power":
        exponent = draw(st.integers(0, 3))
        return f"({left})^{exponent}", None if a is None else Fraction(a**exponent)
    right, b = draw(sums(depth - 1))
    text = f"({left}) {kind} ({right})"
    if a is None or b is None or (kind in "/%" and b == 0):
        return text, None
    return text, OPERATIONS[kind](a, b)


@given(sums())
def test_a_sum_is_worked_out_exactly(example: tuple[str, Fraction | None]) -> None:
    text, value = example
    assume(len(text) <= LONGEST_TEXT)
    if value is None:
        with pytest.raises(UserError, match="divided by zero"):
            evaluate(text)
    else:
        assert evaluate(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("58 + 63", 121),
        ("2 + 3 * 4", 14),
        ("10 - 3 - 2", 5),
        ("100 / 10 / 2", 5),
        ("2 ^ 3 ^ 2", 512),
        ("2 ** 10", 1024),
        ("-2 ^ 2", -4),
        ("2 ^ -1", Fraction(1, 2)),
        ("10 % 3", 1),
        ("15%", Fraction(15, 100)),
        ("15% of 80", 12),
        ("80 * 15% + 1", 13),
        ("7 × 8 ÷ 4 − 1", 13),
        ("1,000,000 + .5", Fraction(2_000_001, 2)),
        ("(1 + 2) * (3 - -4)", 21),
        ("0.1 + 0.2", Fraction(3, 10)),
        ("0^0", 1),
    ],
)
def test_known_sums(text: str, value: int | Fraction) -> None:
    assert evaluate(text) == value


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "a number is missing"),
        ("2 +", "a number is missing"),
        ("(2", "not closed"),
        ("2 3", "too many"),
        ("2)", "too many"),
        ("2 / 0", "divided by zero"),
        ("2 % 0", "divided by zero"),
        ("0 ^ -1", "divided by zero"),
        ("2 ^ 0.5", "whole numbers"),
        ("9 ^ 9 ^ 9", "too large"),
        ("10 ^ 99999", "too large"),
        ("((10^1000)^1000)", "too large"),
        ("(" * 31 + "1" + ")" * 31, "too many parentheses"),
        ("1+" * 100 + "1", "too long"),
        ("__import__('os').system('ls')", "is not a sum"),
        ("open('x')", "is not a sum"),
        ("1e9", "is not a sum"),
        ("five plus six", "is not a sum"),
        ("1 if 2 else 3", "is not a sum"),
        ("[1]", "is not a sum"),
    ],
)
def test_what_is_refused_and_why(text: str, problem: str) -> None:
    with pytest.raises(UserError, match=problem):
        evaluate(text)


@given(st.text("0123456789.+-*/^%() of", max_size=LONGEST_TEXT))
def test_any_text_has_a_bounded_value_or_is_refused(text: str) -> None:
    try:
        value = evaluate(text)
    except UserError:
        return
    assert max(value.numerator.bit_length(), value.denominator.bit_length()) <= MOST_BITS


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-" * (LONGEST_TEXT - 1) + "1", -1),
        ("(" * 30 + "-" * 139 + "1" + ")" * 30, -1),
        ("1^-" * 66 + "1", 1),
    ],
)
def test_no_text_exhausts_the_stack(text: str, value: int) -> None:
    assert evaluate(text) == value


@pytest.mark.parametrize(
    ("value", "shown", "exact"),
    [
        (Fraction(121), "121", True),
        (Fraction(-1, 8), "-0.125", True),
        (Fraction(1, 3), "0.3333333333", False),
        (Fraction(2, 3), "0.6666666667", False),
        (Fraction(10) ** 17, "1" + "0" * 17, True),
        (Fraction(2) ** 100, "1.2676506 * 10^30", False),
        (Fraction(1, 3 * 10**9), "3.333333333 * 10^-10", False),
        (Fraction(0), "0", True),
    ],
)
def test_how_numbers_are_said(value: Fraction, shown: str, exact: bool) -> None:
    assert say_number(value) == (shown, exact)


@given(st.fractions(-(10**6), 10**6))
def test_a_number_is_said_to_nine_digits_at_least_and_says_whether_that_is_all(value: Fraction) -> None:
    shown, exact = say_number(value)
    assert (evaluate(shown) == value) == exact
    assert abs(evaluate(shown) - value) <= abs(value) / 10**9


@pytest.mark.parametrize(
    ("expression", "text", "told"),
    [
        ("58 + 63", "58 plus 63 is 121.", '{"result": 121}'),
        ("58-63", "58 minus 63 is -5.", '{"result": -5}'),
        ("1 / 8", "1 divided by 8 is 0.125.", '{"result": "0.125"}'),
        ("1 / 3", "1 divided by 3 is about 0.3333333333.", '{"result": "about 0.3333333333"}'),
        ("2 * (3 + 4)", "The result is 14.", '{"result": 14}'),
        ("10 ^ 20", "The result is 1 * 10^20.", '{"result": "1 * 10^20"}'),
    ],
)
def test_the_result_is_a_sentence(expression: str, text: str, told: str) -> None:
    assert Calculate().run(Sum(expression=expression), CancelToken(), 0.0) == ToolResult(text, for_model=told)
