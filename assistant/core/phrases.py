"""What the user's words are, by rules over lists of phrases (one data file for each language)."""

import re
from dataclasses import dataclass

from assistant.core.interruptions import Kind

_WORD = re.compile(r"[a-z0-9']+")


def normalise(text: str) -> str:
    """Lower case, letters, digits and apostrophes only, single spaces; hyphens count as spaces."""
    return " ".join(_WORD.findall(text.lower().replace("’", "'")))


@dataclass(frozen=True, slots=True)
class Phrases:
    """Phrases of one language, all normalised.

    `backchannel`, `cancel`, `resume` and `clarify` are whole utterances (fillers and repetitions may surround them);
    `correct` and `redirect` are openings. `fillers` carry no meaning of their own; they and `before_cancel`
    may stand before a cancel phrase that is being listened for. `trailing` are words after which a speaker has not
    finished.
    """

    backchannel: frozenset[str]
    cancel: frozenset[str]
    resume: frozenset[str]
    clarify: frozenset[str]
    correct: tuple[str, ...]
    redirect: tuple[str, ...]
    fillers: frozenset[str]
    before_cancel: frozenset[str]
    trailing: frozenset[str]
    nothing_left: str
    """Said when there is nothing to continue."""

    def classify(self, text: str) -> Kind | None:
        """The kind of an utterance over or after our speech; None where it is an ordinary turn (or nothing)."""
        words = normalise(text).split()
        if not words:
            return None
        for phrases, kind in (
            (self.cancel, Kind.CANCELLATION),
            (self.resume, Kind.RESUME),
            (self.clarify, Kind.CLARIFICATION),
            (self.backchannel, Kind.BACKCHANNEL),
        ):
            if self._consists_of(words, phrases):
                return kind
        opening = " ".join(self._without_lead(words)) + " "
        if any(opening.startswith(p + " ") for p in self.redirect):
            return Kind.REDIRECT
        if any((" ".join(words) + " ").startswith(p + " ") for p in self.correct):
            return Kind.CORRECTION
        return None

    def content_words(self, text: str) -> int:
        """How many words are neither backchannel nor filler."""
        words = normalise(text).split()
        return len(words) - self._covered(words, self.backchannel)

    def trails_off(self, text: str) -> bool:
        """True where the last word shows that the speaker has not finished ("and", "um")."""
        words = normalise(text).split()
        return bool(words) and words[-1] in self.trailing

    def may_become_backchannel(self, text: str) -> bool:
        """True where a growing text could end as a backchannel or a wish to go on ("got", "i", "keep")."""
        rest = " ".join(self._without_lead(normalise(text).split()))
        return bool(rest) and any(p.startswith(f"{rest} ") for p in self.backchannel | self.resume)

    def _without_lead(self, words: list[str]) -> list[str]:
        """Drop leading fillers and backchannels: "yeah but what about" opens with "what about"."""
        start = 0
        while start < len(words) and (step := self._match(words, start, self.backchannel | self.fillers)):
            start += step
        return words[start:]

    def _consists_of(self, words: list[str], phrases: frozenset[str]) -> bool:
        """True where `words` are nothing but `phrases`, fillers and backchannels, with at least one of `phrases`."""
        at = found = 0
        while at < len(words):
            if step := self._match(words, at, phrases):
                found += 1
            else:
                step = self._match(words, at, self.fillers) or self._match(words, at, self.backchannel)
            if not step:
                return False
            at += step
        return found > 0

    def _covered(self, words: list[str], phrases: frozenset[str]) -> int:
        at = covered = 0
        while at < len(words):
            step = self._match(words, at, phrases) or self._match(words, at, self.fillers)
            covered += step
            at += step or 1
        return covered

    @staticmethod
    def _match(words: list[str], at: int, phrases: frozenset[str]) -> int:
        """The number of words of the longest phrase that begins at `at`; 0 if none does."""
        for size in range(min(5, len(words) - at), 0, -1):
            if " ".join(words[at : at + size]) in phrases:
                return size
        return 0
