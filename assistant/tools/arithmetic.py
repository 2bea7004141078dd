"""Exact arithmetic on fractions, from text. A small recursive descent parser: nothing in the text is ever run as code.

sum     = product (("+" | "-") product)*
product = sign (("*" | "/" | "%") sign)*        "%" with a number behind it is the remainder
sign    = "-" sign | "+" sign | power
power   = percent ("^" sign)?                   binds to the right and before a sign: -2^2 is -4
percent = atom "%"*                             "%" with nothing behind it is a hundredth
atom    = number | "(" sum ")"
"""

import re
from fractions import Fraction

from assistant.errors import UserError

LONGEST_TEXT = 200
DEEPEST = 30
"""Parentheses within parentheses."""
MOST_BITS = 4096
"""Of a numerator or denominator, in between too: no text of that length takes noticeable time."""

_TOKEN = re.compile(r" *(?:(\d+\.?\d*|\.\d+)|(\*\*|[-+*/^%()]))")
_SAME = str.maketrans({"×": "*", "·": "*", "÷": "/", "−": "-", "–": "-", ":": "/", ",": None, "\t": " "})


def evaluate(text: str) -> Fraction:
    """The value of `text`. Raises UserError with a sentence where it is no sum, or too large a one."""
    if len(text) > LONGEST_TEXT:
        raise UserError(f"That sum is too long: at most {LONGEST_TEXT} characters can be worked out.")
    return _Parser(_tokens(re.sub(r"\bof\b", "*", text.translate(_SAME)), text)).whole()


def _tokens(text: str, shown: str) -> list[str]:
    tokens, position = [], 0
    while text[position:].strip():
        token = _TOKEN.match(text, position)
        if token is None:
            raise UserError(f'"{shown}" is not a sum of numbers: use digits, + - * / ^ % and parentheses.')
        tokens.append("^" if token[2] == "**" else token[1] or token[2])
        position = token.end()
    return tokens


class _Parser:
    def __init__(self, tokens: list[str]) -> None:
        self._tokens = [*tokens, ""]
        self._at = 0
        self._depth = 0

    def whole(self) -> Fraction:
        value = self._sum()
        if self._next:
            raise UserError(f'The sum cannot be read: there is a "{self._next}" too many.')
        return value

    @property
    def _next(self) -> str:
        return self._tokens[self._at]

    def _take(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1]

    def _sum(self) -> Fraction:
        value = self._product()
        while self._next in ("+", "-"):
            value = _small(value + self._product() if self._take() == "+" else value - self._product())
        return value

    def _product(self) -> Fraction:
        value = self._sign()
        while self._next in ("*", "/", "%"):
            sign, other = self._take(), self._sign()
            if sign != "*" and not other:
                raise UserError("Nothing can be divided by zero.")
            value = _small(value * other if sign == "*" else value / other if sign == "/" else value % other)
        return value

    def _sign(self) -> Fraction:
        if self._next in ("-", "+"):
            return -self._sign() if self._take() == "-" else self._sign()
        return self._power()

    def _power(self) -> Fraction:
        base = self._percent()
        if self._next != "^":
            return base
        self._take()
        return _power(base, self._sign())

    def _percent(self) -> Fraction:
        value = self._atom()
        while self._next == "%" and not re.match(r"[\d.(]", self._tokens[self._at + 1]):
            self._take()
            value = _small(value / 100)
        return value

    def _atom(self) -> Fraction:
        token = self._take() if self._next else ""
        if token == "(":
            return self._inner_sum()
        if not token or not re.match(r"[\d.]", token):
            raise UserError("The sum cannot be read: a number is missing.")
        return _small(Fraction(token))

    def _inner_sum(self) -> Fraction:
        self._depth += 1
        if self._depth > DEEPEST:
            raise UserError("That sum has too many parentheses within each other.")
        value = self._sum()
        if self._next != ")":
            raise UserError("The sum cannot be read: a parenthesis is not closed.")
        self._take()
        self._depth -= 1
        return value


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    if exponent.denominator != 1:
        raise UserError("Only whole numbers can be powers.")
    if not base and exponent < 0:
        raise UserError("Nothing can be divided by zero.")
    if (_bits(base) - 1) * abs(exponent.numerator) > MOST_BITS:
        raise _too_large()
    return _small(Fraction(base ** int(exponent)))


def _bits(value: Fraction) -> int:
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def _small(value: Fraction) -> Fraction:
    if _bits(value) > MOST_BITS:
        raise _too_large()
    return value


def _too_large() -> UserError:
    return UserError("The numbers in that sum become too large to work out.")
