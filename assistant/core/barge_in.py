"""The decision on a sound that the user makes while a reply is on its way or being spoken."""

from dataclasses import dataclass
from enum import StrEnum

from assistant.core.interruptions import Kind
from assistant.core.options import Options
from assistant.core.phrases import Phrases

BACKCHANNEL_PATIENCE = 2.5
"""Backchannel words alone hold the decision this many times as long as no words at all."""
RELEASE_S = 0.25
"""Voice activity is seen to have ended only this much later: of what seems to last, so much may be silence."""
ROUNDING_S = 1e-6
"""Times are sums of seconds: a deadline that is reached exactly may miss its duration by a rounding."""
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
    """What is known so far: seconds of voice activity, the words (partial or final), and whether the sound is over."""

    voiced_s: float
    said: str
    ended: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """An action and the reason for it, fit for a log and for the eye."""

    action: Action
    reason: str


def decide(evidence: Evidence, options: Options, phrases: Phrases) -> Decision:
    """Judge the sound. DUCK means "not enough known yet". Prefers missing a cough to stopping for it."""
    kind = phrases.classify(evidence.said)
    if kind is Kind.CANCELLATION:
        return Decision(Action.CUT, "stop word")
    by_words = _enough_words(evidence, options, phrases)
    long_enough = evidence.voiced_s >= decisive_speech_s(evidence, options, phrases) - ROUNDING_S
    if by_words and long_enough:
        return Decision(Action.CUT, "words")
    if evidence.ended:
        if not evidence.said:
            return Decision(Action.RESTORE, "no words")
        return Decision(Action.RESTORE, kind.value if kind in _GO_ON else "too short")
    if long_enough:
        return Decision(Action.CUT, "speech")
    return Decision(Action.DUCK, "undecided")


def decisive_speech_s(evidence: Evidence, options: Options, phrases: Phrases) -> float:
    """Voice activity (seconds) that cuts, given the words so far."""
    if _enough_words(evidence, options, phrases):
        return options.barge_in_min_speech_s
    return options.barge_in_speech_s * (BACKCHANNEL_PATIENCE if evidence.said else 1.0) + RELEASE_S


def _enough_words(evidence: Evidence, options: Options, phrases: Phrases) -> bool:
    kind = phrases.classify(evidence.said)
    if kind in _GO_ON or (not evidence.ended and phrases.may_become_backchannel(evidence.said)):
        return False
    content = phrases.content_words(evidence.said)
    return kind is not None or (content > 0 and content >= options.barge_in_min_words)
