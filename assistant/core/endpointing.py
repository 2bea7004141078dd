"""How long a silence ends the user's turn."""

from assistant.core.options import Options
from assistant.core.phrases import Phrases


def patience(said: str, options: Options, phrases: Phrases) -> float:
    """Seconds of silence after `said` that end the turn: longer where the words trail off."""
    return options.endpoint_patience_s if phrases.trails_off(said) else options.endpoint_silence_s
