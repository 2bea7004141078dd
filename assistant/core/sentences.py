"""Cutting a growing text into sentences, and finding how much of a sentence was heard."""

import re
from dataclasses import dataclass, field

MAX_SENTENCE = 240
"""Longest piece, in characters, handed to the synthesiser at once."""

_ABBREVIATIONS = frozenset(
    ["mr", "mrs", "ms", "dr", "prof", "st", "no", "vs", "etc", "e.g", "i.e", "approx", "dept", "inc", "ltd", "jr", "sr"]
)
_END = re.compile(r"[.!?\u2026]+[\"'\u201d\u2019)\]]*(?=\s)|\n")
_BREAK = re.compile(r"[,;:](?=\s)")
_CLAUSE = re.compile(r"(?<=[,;:])\s+(?=\S)|\s[\u2013\u2014-]\s+(?=\S)")
_MARKUP = re.compile(r"[*_#`~|<>\[\]{}]+")


@dataclass(frozen=True, slots=True)
class Span:
    """Characters [start, end) of a text: one sentence."""

    start: int
    end: int


@dataclass(slots=True)
class SentenceSplitter:
    """Finds sentences in a text that arrives piece by piece.

    A sentence ends at . ! ? before white space, or at a new line; abbreviations and initials do not end one; a piece
    that grows too long is cut at a comma or a space.
    """

    text: str = ""
    done: int = 0
    """Characters already handed out."""
    _scanned: int = field(default=0, repr=False)

    def feed(self, piece: str) -> list[Span]:
        """Append `piece`; return the sentences that are now complete."""
        self.text += piece
        spans: list[Span] = []
        while (end := self._next_end()) is not None:
            self._take(end, spans)
        return spans

    def flush(self) -> list[Span]:
        """Return what is left as a last sentence."""
        spans: list[Span] = []
        self._take(len(self.text), spans)
        return spans

    def _take(self, end: int, spans: list[Span]) -> None:
        piece = self.text[self.done : end]
        start = self.done + len(piece) - len(piece.lstrip())
        stop = self.done + len(piece.rstrip())
        self.done = self._scanned = end
        if stop > start:
            spans.append(Span(start, stop))

    def _next_end(self) -> int | None:
        for match in _END.finditer(self.text, self._scanned):
            if match.end() - self.done > MAX_SENTENCE:
                break
            if match.group() == "\n" or not self._is_abbreviation(match.start()):
                return match.end()
            self._scanned = match.end()
        if len(self.text) - self.done > MAX_SENTENCE:
            return self._forced_end()
        return None

    def _forced_end(self) -> int:
        limit = self.done + MAX_SENTENCE
        breaks = [m.end() for m in _BREAK.finditer(self.text, self.done, limit)]
        if breaks and breaks[-1] - self.done > MAX_SENTENCE // 3:
            return breaks[-1]
        space = self.text.rfind(" ", self.done + 1, limit)
        return space if space > 0 else limit

    def _is_abbreviation(self, dot: int) -> bool:
        if self.text[dot] != ".":
            return False
        words = self.text[self.done : dot].split()
        if not words:
            return False
        last = words[-1].lstrip("(\"'").lower()
        return last in _ABBREVIATIONS or (len(last) == 1 and last.isalpha() and last != "i")


def speakable(text: str) -> str:
    """`text` without the marks of markup that a synthesiser would read aloud; "" where no word is left."""
    plain = " ".join(_MARKUP.sub(" ", text).split())
    return plain if any(c.isalnum() for c in plain) else ""


def heard_length(sentence: str, fraction: float) -> int:
    """Characters of `sentence` that were heard when `fraction` (0..1) of its sound had been played.

    Words are taken to last in proportion to their length; a word counts as heard once half of it was.
    """
    if fraction >= 1.0:
        return len(sentence)
    words = list(re.finditer(r"\S+", sentence))
    total = sum(len(w.group()) for w in words)
    played = fraction * total
    heard = spoken = 0
    for word in words:
        size = len(word.group())
        if played < spoken + size / 2:
            break
        spoken += size
        heard = word.end()
    return heard


def word_at(sentence: str, fraction: float) -> Span:
    """The word of `sentence` that is being spoken at `fraction` (0..1) of its sound; an empty span if it has none."""
    words = list(re.finditer(r"\S+", sentence))
    if not words:
        return Span(0, 0)
    played = fraction * sum(len(w.group()) for w in words)
    spoken = 0
    for word in words:
        spoken += len(word.group())
        if played < spoken:
            return Span(word.start(), word.end())
    return Span(words[-1].start(), words[-1].end())


def clause_starts(sentence: str) -> tuple[float, ...]:
    """The shares (0..1) of the sound of `sentence` at which its clauses begin, but for the first one.

    Words are taken to last in proportion to their length, as in `heard_length`.
    """
    total = sum(len(word) for word in sentence.split())
    return tuple(len("".join(sentence[: m.end()].split())) / total for m in _CLAUSE.finditer(sentence))
