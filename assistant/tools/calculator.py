"""The calculator."""

import re
from decimal import Context
from fractions import Fraction
from typing import Annotated, ClassVar

from pydantic import Field

from assistant.core.cancel import CancelToken
from assistant.core.tool_calls import ToolResult
from assistant.tools.arithmetic import LONGEST_TEXT, evaluate
from assistant.tools.tool import Arguments, Tool, told

_SPOKEN = {"+": "plus", "-": "minus", "*": "times", "/": "divided by"}
_SHORT = re.compile(r"\s*([\d.]+)\s*([-+*/])\s*([\d.]+)\s*")
_DIGITS = 10
"""Significant digits of a result that has no short exact form."""
_LONGEST_EXACT = 18
"""Characters of a result that is read out in full."""


class Sum(Arguments):
    """What to work out."""

    expression: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)] = Field(
        description='Numbers in digits with + - * / ^ % and parentheses, such as "12 * (3 + 4)".'
    )


class Calculate(Tool[Sum]):
    """Sums, worked out exactly."""

    name: ClassVar[str] = "calculate"
    description: ClassVar[str] = "Works out a sum exactly."
    arguments = Sum

    def run(self, arguments: Sum, cancel: CancelToken, at: float) -> ToolResult:
        """Say the value, and the sum before it where that is short."""
        value = evaluate(arguments.expression)
        shown, exact = say_number(value)
        short = _SHORT.fullmatch(arguments.expression)
        sum_ = f"{short[1]} {_SPOKEN[short[2]]} {short[3]}" if short else "The result"
        result = shown if exact else f"about {shown}"
        whole = exact and result.lstrip("-").isdecimal()
        return ToolResult(f"{sum_} is {result}.", for_model=told(result=int(result) if whole else result))


def say_number(value: Fraction) -> tuple[str, bool]:
    """`value` in digits, and whether that is exact: "0.125", or "0.3333333333" for a third."""
    exact = _exact(value)
    if exact is not None and len(exact) <= _LONGEST_EXACT:
        return exact, True
    context = Context(prec=_DIGITS)
    rounded = context.divide(value.numerator, value.denominator).normalize(context)
    power = rounded.adjusted()
    if -6 <= power < _LONGEST_EXACT:
        return f"{rounded:f}", Fraction(rounded) == value
    return f"{rounded.scaleb(-power):f} * 10^{power}", Fraction(rounded) == value


def _exact(value: Fraction) -> str | None:
    """All digits of `value`; None where they never end."""
    rest = value.denominator
    twos = (rest & -rest).bit_length() - 1
    rest >>= twos
    fives = 0
    while rest % 5 == 0:
        rest //= 5
        fives += 1
    if rest != 1:
        return None
    places = max(twos, fives)
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    whole, part = (digits[: len(digits) - places], digits[len(digits) - places :]) if places else (digits, "")
    return f"{'-' if value < 0 else ''}{whole}{'.' if part else ''}{part}"
