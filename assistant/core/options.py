"""The parameters of turn-taking. Every field is also a setting of the same name."""

from dataclasses import dataclass


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
    max_reply_s: float = 0.0
    """Speech is cut after this time, the text stays; 0 means never."""
    interrupted_shown_s: float = 0.9
    """How long the state "interrupted" is shown."""
