"""What the user's words are, by rules over lists of phrases (one data file for each language)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from assistant.core.interruptions import Kind

LONGEST = 7
"""Words of the longest phrase that is looked for."""
CONTRAST_WORDS = 4
"""Most words before and after a "not" that sets one thing against another ("Paris, not London")."""

_WORD = re.compile(r"[a-z0-9']+")


def normalise(text: str) -> str:
    """Lower case, letters, digits and apostrophes only, single spaces; hyphens count as spaces."""
    return " ".join(_WORD.findall(text.lower().replace("’", "'")))


@dataclass(frozen=True)
class Phrases:
    """Phrases of one language, all normalised, and our own sentences in it; the data file says what each list is for.

    `correct`, `restate` and `redirect` are openings, `trailing` are endings, `needs_unit` stand before a number; all
    others are whole utterances, or what may stand around them.
    """

    hums: frozenset[str]
    backchannel: frozenset[str]
    cancel: frozenset[str]
    hold: frozenset[str]
    before_cancel: frozenset[str]
    resume: frozenset[str]
    clarify: frozenset[str]
    polite: frozenset[str]
    correct: frozenset[str]
    restate: frozenset[str]
    deny: frozenset[str]
    no_contrast: frozenset[str]
    redirect: frozenset[str]
    leads: frozenset[str]
    agree: frozenset[str]
    decline: frozenset[str]
    fillers: frozenset[str]
    noise: frozenset[str]
    trailing: frozenset[str]
    tens: frozenset[str]
    units: frozenset[str]
    needs_unit: frozenset[str]
    contrast: str
    nothing_left: str
    """Said when there is nothing to continue."""
    acknowledge: str
    """Said after a stop word, if wished."""
    offer: str
    """Asks whether to go on with an unfinished reply."""
    did_anyway: str
    """What a tool of a cut-off reply changed (`{what}`), where that can be undone."""
    did_anyway_for_good: str
    """The same, where it cannot."""
    too_many_calls: str
    """The result of a tool call beyond the limit."""
    bad_call: str
    """The result of a tool call that cannot be read."""
    not_caught: str
    """Long speech without a word."""
    no_answer: str
    """An empty reply."""
    closing: str
    """Something came after the end."""
    alert_noise: str
    """Many sounds that were no words."""
    alert_words: str
    """Many interruptions by words."""

    def classify(self, text: str, *, speaking: bool = True, asked: bool = False) -> Kind | None:
        """The kind of an utterance over our speech (`speaking`) or after it; None: an ordinary turn, or nothing.

        `asked`: it may answer a question that we have just asked: "yes", "right" and "no" are then turns.
        """
        words = normalise(text).split()
        if self._consists_of(words, self._silence, self._around):
            return None if asked and self.is_answer(text) else Kind.CANCELLATION
        if self._consists_of(words, self.resume, self._around_resume):
            return Kind.RESUME
        if self._consists_of(words, self.clarify, self._around_resume):
            return Kind.CLARIFICATION
        if self._consists_of(words, self._murmurs, self._empty):
            return self._backchannel(words, speaking, asked)
        return self._opening(words, speaking, asked)

    def _backchannel(self, words: list[str], speaking: bool, asked: bool) -> Kind | None:
        if asked or not (speaking or self._consists_of(words, self.hums, self.fillers)):
            return None
        return Kind.BACKCHANNEL

    def _opening(self, words: list[str], speaking: bool, asked: bool) -> Kind | None:
        """The kind of an utterance by what it opens with, after any of the words that may stand before an opening."""
        starts = self._starts(words)
        if any(self._begins(words, at, self.restate) for at in starts):
            return Kind.CORRECTION
        if any(self._begins(words, at, self.redirect) for at in starts):
            return Kind.REDIRECT if speaking else None
        if not asked and self._is_contrast(words):
            return Kind.CORRECTION
        openings = frozenset() if asked else self.correct if speaking else self.deny
        said_more = speaking or not self._consists_of(words, self.deny, self.fillers)
        if said_more and any(self._begins(words, at, openings) for at in starts):
            return Kind.CORRECTION
        return None

    def agrees(self, text: str) -> bool:
        """True where the text says yes to a question of ours, and nothing else."""
        return self._consists_of(normalise(text).split(), self.agree | self.resume, self._empty | self._murmurs)

    def declines(self, text: str) -> bool:
        """True where the text says no to an offer of ours, and nothing else."""
        words = normalise(text).split()
        return self._consists_of(words, self.decline | self._silence | self.deny, self._padding)

    def is_answer(self, text: str) -> bool:
        """True where the text says yes or no to a question of ours, and nothing else."""
        return self._consists_of(normalise(text).split(), self.agree | self.deny, self.fillers | self.backchannel)

    def is_noise(self, text: str) -> bool:
        """True where the words are none, or only what recognisers write for noise."""
        return all(word in self.noise for word in normalise(text).split())

    def content_words(self, text: str) -> int:
        """How many words are neither backchannel nor filler; 0 for noise."""
        words = normalise(text).split()
        at = content = 0
        while at < len(words):
            step = self._match(words, at, self._padding)
            content += not step
            at += step or 1
        return 0 if self.is_noise(text) else content

    def trails_off(self, text: str) -> bool:
        """True where the last words show that the speaker has not finished ("and", "um", "set a timer for five")."""
        words = normalise(text).split()
        if self._ends_with(words, self.trailing) or self._consists_of(words, self._opening_words, self.fillers):
            return True
        before = list(words)
        while before and before[-1] in self.tens | self.units:
            before.pop()
        if len(before) == len(words):
            return False
        return self._ends_with(before, self.needs_unit) or (bool(before) and words[-1] in self.tens)

    @staticmethod
    def _ends_with(words: list[str], endings: frozenset[str]) -> bool:
        return any(" ".join(words[-size:]) in endings for size in range(1, min(LONGEST, len(words)) + 1))

    def may_become_backchannel(self, text: str) -> bool:
        """True where a growing text lacks one word of a backchannel or a wish to go on ("got", "i", "keep")."""
        words = normalise(text).split()
        rest = words[max(self._starts(words)) :]
        return " ".join(rest) in self._one_word_missing

    def _starts(self, words: list[str]) -> set[int]:
        """Where an opening may stand: at 0, and after each word of a run of words that may come before one."""
        starts = {0}
        for at in range(len(words)):
            if at in starts:
                starts.update(at + size for size in self._sizes(words, at, self._around_opening))
        return starts

    def _begins(self, words: list[str], at: int, openings: frozenset[str]) -> bool:
        return self._match(words, at, openings) > 0

    def _is_contrast(self, words: list[str]) -> bool:
        """True for "Paris, not London": few words that make no clause of their own, and then what it is not."""
        words = words[max(self._starts(words)) :]
        if self.contrast not in words:
            return False
        at = words.index(self.contrast)
        before, after = words[:at], words[at + 1 :]
        few = all(0 < len(side) <= CONTRAST_WORDS for side in (before, after))
        return few and self.no_contrast.isdisjoint(before)

    def _consists_of(self, words: list[str], phrases: frozenset[str], padding: frozenset[str]) -> bool:
        """True where `words` can be read as nothing but `phrases` and `padding`, with at least one of `phrases`."""
        # ends[k]: the first k words can be read so, without (False) or with (True) one of the phrases among them
        ends: list[set[bool]] = [{False}] + [set() for _ in words]
        for at in range(len(words)):
            for size in self._sizes(words, at, padding) if ends[at] else ():
                ends[at + size] |= ends[at]
            for size in self._sizes(words, at, phrases) if ends[at] else ():
                ends[at + size].add(True)
        return True in ends[-1]

    @cached_property
    def _murmurs(self) -> frozenset[str]:
        return self.hums | self.backchannel

    @cached_property
    def _silence(self) -> frozenset[str]:
        return self.cancel | self.hold

    @cached_property
    def _empty(self) -> frozenset[str]:
        return self.fillers - self.deny

    @cached_property
    def _padding(self) -> frozenset[str]:
        return self.fillers | self._murmurs

    @cached_property
    def _around(self) -> frozenset[str]:
        return self._padding | self.polite | self.leads

    @cached_property
    def _around_resume(self) -> frozenset[str]:
        return self._around | self._silence

    @cached_property
    def _around_opening(self) -> frozenset[str]:
        return self._padding | self._silence | self.leads

    @cached_property
    def _one_word_missing(self) -> frozenset[str]:
        return frozenset(p.rpartition(" ")[0] for p in self._murmurs | self.resume if " " in p)

    @cached_property
    def _opening_words(self) -> frozenset[str]:
        """Openings that mean nothing as long as nothing follows ("no", "actually")."""
        return self.deny | self.correct | self.leads

    @staticmethod
    def _sizes(words: list[str], at: int, phrases: frozenset[str]) -> Iterable[int]:
        return (n for n in range(1, min(LONGEST, len(words) - at) + 1) if " ".join(words[at : at + n]) in phrases)

    def _match(self, words: list[str], at: int, phrases: frozenset[str]) -> int:
        """The number of words of the longest phrase that begins at `at`; 0 if none does."""
        return max(self._sizes(words, at, phrases), default=0)
