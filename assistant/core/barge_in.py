"""The decision on a sound that the user makes while a reply is on its way or being spoken."""

from dataclasses import dataclass
from enum import StrEnum

from assistant.core.interruptions import Kind
from assistant.core.options import Options
from assistant.core.phrases import Phrases, normalise

BACKCHANNEL_PATIENCE = 2.5
"""Backchannel words alone hold the decision this many times as long as no words at all."""
RELEASE_S = 0.25
"""Voice activity is seen to have ended only this much later: of what seems to last, so much may be silence."""
ROUNDING_S = 1e-6
"""Times are sums of seconds: a deadline that is reached exactly may miss its duration by a rounding."""
ECHO_WORDS = 3
"""So many words of the sentence that we are saying, in its order, are its echo, however certain they are."""
ECHO_CONFIDENCE = 0.6
"""Fewer of them are its echo if they are less certain than this."""
ECHO_ERRORS = 5
"""One word in so many may be misheard in an echo."""
ECHO_GAP = 1
"""So many words of the sentence may be missing among those heard: an echo is one stretch of what is played."""
_GO_ON = (Kind.BACKCHANNEL, Kind.RESUME)
"""Words that ask us to go on: while we speak, "go on" means what "uh-huh" means."""


class Action(StrEnum):
    """What to do with our voice."""

    IGNORE = "ignore"
    DUCK = "duck"
    CUT = "cut"
    RESTORE = "restore"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known so far of a sound over our voice.

    `voiced_s`: seconds of voice activity. `said`: its words (partial or final), of mean confidence `confidence` (0..1;
    1 where that is not known). `ended`: the sound is over. `saying`: the sentence that we are playing, "" for none.
    `asked`: what we say or said last is a question.
    """

    voiced_s: float
    said: str
    ended: bool
    saying: str = ""
    confidence: float = 1.0
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """An action and the reason for it, fit for a log and for the eye."""

    action: Action
    reason: str


class _Words(StrEnum):
    """What the words are worth as evidence. The value is the reason to bring our voice back once the sound is over."""

    STOP = "stop word"
    DECISIVE = "words"
    FEW = "too short"
    GO_ON = "go on"
    OWN = "own words"
    UNSURE = "unsure words"
    NONE = "no words"


def decide(evidence: Evidence, options: Options, phrases: Phrases) -> Decision:
    """Judge the sound. DUCK means "not enough known yet". Prefers missing a cough to stopping for it."""
    words = _worth(evidence, options, phrases)
    if words is _Words.STOP:
        return Decision(Action.CUT, words.value)
    long_enough = evidence.voiced_s >= _decisive_s(words, evidence, options, phrases) - ROUNDING_S
    if words is _Words.OWN and (long_enough or evidence.ended):
        return Decision(Action.RESTORE, words.value)
    if words is _Words.DECISIVE and long_enough:
        return Decision(Action.CUT, words.value)
    if evidence.ended:
        return Decision(Action.RESTORE, _restored(words, evidence, phrases))
    if long_enough:
        return Decision(Action.CUT, "speech")
    return Decision(Action.DUCK, "undecided")


def decisive_speech_s(evidence: Evidence, options: Options, phrases: Phrases) -> float:
    """Voice activity (seconds) that decides, given the words so far."""
    return _decisive_s(_worth(evidence, options, phrases), evidence, options, phrases)


def own_stop_word(phrase: str, saying: str) -> bool:
    """True where we are saying the stop word ourselves: what was heard may be our echo, and needs more evidence."""
    return f" {normalise(phrase)} " in f" {normalise(saying)} "


def is_echo(said: str, saying: str, confidence: float) -> bool:
    """True where the words repeat a stretch of the sentence that we are saying."""
    words, sentence = normalise(said).split(), normalise(saying).split()
    size = len(words) + ECHO_GAP
    starts = range(max(1, len(sentence) - size + 1))
    matched = max(_in_order(words, sentence[start : start + size]) for start in starts)
    if len(words) >= ECHO_WORDS:
        return matched >= max(ECHO_WORDS, len(words) - len(words) // ECHO_ERRORS)
    return 0 < len(words) == matched and confidence < ECHO_CONFIDENCE


def _in_order(words: list[str], sentence: list[str]) -> int:
    """How many of `words` come in `sentence` in the same order: the length of their longest common subsequence."""
    best = [0] * (len(sentence) + 1)
    for word in words:
        diagonal = 0
        for at, other in enumerate(sentence, 1):
            diagonal, best[at] = best[at], diagonal + 1 if word == other else max(best[at], best[at - 1])
    return best[-1]


def _worth(evidence: Evidence, options: Options, phrases: Phrases) -> _Words:
    said = evidence.said
    if phrases.is_noise(said):
        return _Words.NONE
    kind = phrases.classify(said, asked=evidence.asked)
    if kind is Kind.CANCELLATION:
        if not own_stop_word(said, evidence.saying):
            return _Words.STOP
        return _Words.DECISIVE if evidence.confidence >= ECHO_CONFIDENCE else _Words.OWN
    if is_echo(said, evidence.saying, evidence.confidence):
        return _Words.OWN
    if evidence.confidence < options.barge_in_confidence:
        return _Words.UNSURE
    if kind in _GO_ON:
        return _Words.GO_ON
    if evidence.asked and phrases.classify(said) is not None:
        return _Words.DECISIVE  # the answer to our question
    if not evidence.ended and phrases.may_become_backchannel(said):
        return _Words.GO_ON
    content = phrases.content_words(said)
    enough = kind is not None or (content > 0 and content >= options.barge_in_min_words)
    return _Words.DECISIVE if enough else _Words.FEW


def _decisive_s(words: _Words, evidence: Evidence, options: Options, phrases: Phrases) -> float:
    if words is _Words.STOP:
        return 0.0
    if words is _Words.DECISIVE:
        return options.barge_in_min_speech_s
    patient = words in (_Words.GO_ON, _Words.OWN) or (words is _Words.FEW and not phrases.content_words(evidence.said))
    return options.barge_in_speech_s * (BACKCHANNEL_PATIENCE if patient else 1.0) + RELEASE_S


def _restored(words: _Words, evidence: Evidence, phrases: Phrases) -> str:
    """Why a sound that is over was no interruption."""
    if words is _Words.GO_ON:
        kind = phrases.classify(evidence.said)
        return kind.value if kind is not None else words.value
    return _Words.FEW.value if words is _Words.DECISIVE else words.value
