"""Interruptions: why, what kind, and the record that is kept of each."""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a reply was interrupted."""

    USER_SPEAKING = "user_speaking"
    USER_CLICKED_STOP = "user_clicked_stop"
    USER_STARTED_TYPING = "user_started_typing"
    CLIENT_REQUEST = "client_request"
    TIMEOUT = "timeout"
    PRIORITY_MESSAGE = "priority_message"
    INTERRUPTED = "interrupted"
    ENGINE_FAILED = "engine_failed"
    DEVICE_LOST = "device_lost"
    NEW_CONVERSATION = "new_conversation"
    SHUTDOWN = "shutdown"


class Kind(StrEnum):
    """What the user's words were, relative to the reply that they fell into."""

    BACKCHANNEL = "backchannel"
    CANCELLATION = "cancellation"
    CORRECTION = "correction"
    REDIRECT = "redirect"
    CLARIFICATION = "clarification"
    RESUME = "resume"


@dataclass(frozen=True, slots=True)
class Interruption:
    """One interruption: when, why, what kind, the user's words, and how far the reply had got.

    Times are seconds. `at` is when it was decided; `latency_s` runs from the user's onset (or the press) to our
    silence, `duck_latency_s` to our lowered voice (None where it was not lowered first). `heard` is the part of the
    reply that was heard, `unheard` the part that was generated and was not, `progress` the former's share (0..1).
    `sentence` is what we were saying. `decision` is "cut", or "restore" for a sound that turned out to be none.
    `duration_s` is how long the user's sound lasted; `handled` says what followed ("answered", "resumed", ...).
    """

    at: float
    epoch: int
    reason: Reason
    evidence: str
    kind: Kind | None
    words: str
    heard: str
    progress: float
    latency_s: float
    speech_only: bool
    decision: str = "cut"
    sentence: str = ""
    unheard: str = ""
    duck_latency_s: float | None = None
    handled: str = ""
    duration_s: float = 0.0
