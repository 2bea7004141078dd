"""Durations as people say and write them: "five minutes", "1 hour 30 minutes", "an hour and a half"."""

import re
from fractions import Fraction

from assistant.errors import UserError

LONGEST_S = 24 * 3600

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORDS = {word: n for n, word in enumerate(_ONES)} | {word: 20 + 10 * n for n, word in enumerate(_TENS)}
_PARTS = {"half": Fraction(1, 2), "quarter": Fraction(1, 4), "three quarters": Fraction(3, 4)}
_UNITS = {"h": 3600, "m": 60, "s": 1}
_NAMES = (("hour", 3600), ("minute", 60), ("second", 1))

_UNIT_WORD = r"(?:hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)(?![a-z])"
_UNIT = rf"(?P<{{0}}>{_UNIT_WORD})"
_AMOUNT = (
    rf"(?P<digits>\d+(?:\.\d+)?)|(?P<tens>{'|'.join(_TENS)})(?:[ -](?P<ones>{'|'.join(_ONES[1:10])}))?(?![a-z])"
    rf"|(?P<small>{'|'.join(sorted(_ONES, key=len, reverse=True))}|an?)(?![a-z])"
)
_PART = re.compile(
    rf"(?:(?:a )?(?P<part>half|three quarters|quarter)(?: of)?(?: an?)? {_UNIT.format('of')}"
    rf"|(?:{_AMOUNT})(?: and (?:a )?(?P<more>half|three quarters|quarter))? ?{_UNIT.format('unit')}"
    r"(?: and (?:a )?(?P<after>half|three quarters|quarter)(?! of| an?\b| hour| min| sec))?)"
)
_ENDS_IN_UNIT = re.compile(rf"(?<![a-z]){_UNIT_WORD}$")
_BETWEEN = re.compile(r" ?(?:, ?and |,|and )? ?")


def parse_duration(text: str, unit: str = "") -> int:
    """Whole seconds from 1 to LONGEST_S; `unit` is that of a last number that has none ("1 hour 30").

    Raises UserError with a sentence where `text` is no such duration.
    """
    said = " ".join(text.lower().split())
    if not _ENDS_IN_UNIT.search(said):
        said = f"{said} {unit}".strip()
    total, position = Fraction(0), 0
    while position < len(said):
        part = _PART.match(said, position)
        if part is None:
            raise UserError(f'"{text.strip()}" is no duration: say for example "5 minutes" or "1 hour 30 minutes".')
        total += _seconds(part)
        position = _end_of_gap(said, part.end())
    if total < 1 or total > LONGEST_S:
        raise UserError("A timer can run for one second at least and for 24 hours at most.")
    return round(total)


def say_duration(seconds: int) -> str:
    """In digits and whole units: 5400 is "1 hour 30 minutes"."""
    said = []
    for name, size in _NAMES:
        count, seconds = divmod(seconds, size)
        if count:
            said.append(f"{count} {name}{'' if count == 1 else 's'}")
    return " ".join(said) or "0 seconds"


def _end_of_gap(said: str, position: int) -> int:
    """Behind the "and" or the comma between two parts; one that nothing follows is left for the parser to refuse."""
    gap = _BETWEEN.match(said, position)
    return position if gap is None or gap.end() == len(said) else gap.end()


def _seconds(part: re.Match[str]) -> Fraction:
    if part["part"]:
        return _PARTS[part["part"]] * _UNITS[part["of"][0]]
    if part["digits"]:
        amount = Fraction(part["digits"])
    elif part["tens"]:
        amount = Fraction(_WORDS[part["tens"]] + _WORDS.get(part["ones"] or "", 0))
    else:
        amount = Fraction(_WORDS.get(part["small"], 1))
    more = _PARTS.get(part["more"] or part["after"] or "", Fraction(0))
    return (amount + more) * _UNITS[part["unit"][0]]
