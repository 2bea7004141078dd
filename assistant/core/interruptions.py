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

    `at` and `onset` are seconds; `latency_s` runs from the user's onset (or the press) to the decision to cut.
    `heard` is the part of the reply that was heard, `progress` its share of the text generated so far (0..1).
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
