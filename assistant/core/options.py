"""The parameters of turn-taking. Every field is also a setting of the same name."""

from dataclasses import dataclass
from enum import StrEnum


class CutStyle(StrEnum):
    """How our voice stops."""

    FADE = "fade"
    """At once, by a short fade."""
    WORD_BOUNDARY = "word_boundary"
    """After the word that is being spoken."""


@dataclass(frozen=True, slots=True)
class Options:
    """Times are seconds, counted on the event time line."""

    endpoint_silence_s: float = 0.6
    """Silence that ends a turn whose words look complete or unclear."""
    endpoint_patience_s: float = 1.4
    """Silence that ends a turn that trails off ("and", "um")."""
    speculate: bool = True
    """Prepare the answer while the pause is still being judged; it is not heard before the turn is over."""
    speculate_after_s: float = 0.2
    """Silence after which the answer is prepared."""
    barge_in: bool = True
    """Speaking over Parley interrupts it."""
    barge_in_min_speech_s: float = 0.25
    """Least voice activity before words can cut."""
    barge_in_min_words: int = 1
    """Least words that are not a backchannel before they can cut."""
    barge_in_speech_s: float = 0.6
    """Voice activity that cuts without any words: somebody is talking, whatever they say."""
    barge_in_confidence: float = 0.0
    """Least mean confidence (0..1) of words that may cut early."""
    debounce_s: float = 0.0
    """A decision to cut waits this long, and is dropped if the user falls silent meanwhile. Stop words do not wait."""
    cut_style: CutStyle = CutStyle.FADE
    """How our voice stops."""
    short_remainder_sentences: int = 0
    """With fewer sentences than this left to say, a reply is spoken to its end; 0 means never. Stop always cuts."""
    typing_interrupts: bool = False
    """Beginning to type silences Parley; otherwise sending does."""
    acknowledge_stop: bool = False
    """Answer a stop word with a word."""
    offer_to_continue: bool = False
    """Once another question has been answered, ask whether to go on with a reply that it cut off."""
    adapt: bool = True
    """Learn from the user's sounds how long to wait before one of them cuts."""
    max_tool_calls: int = 3
    """Most tool calls for one turn of the user."""
    max_reply_s: float = 0.0
    """Speech is cut after this time, the text stays; 0 means never."""
    interrupted_shown_s: float = 0.9
    """How long the state "interrupted" is shown."""
