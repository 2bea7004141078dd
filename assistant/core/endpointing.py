"""How long a silence ends the user's turn."""

from assistant.core.interruptions import Kind
from assistant.core.options import Options
from assistant.core.phrases import Phrases

QUICK = 0.75
"""Share of the usual silence that is enough after words that are complete in themselves."""
_COMPLETE = (Kind.CANCELLATION, Kind.CLARIFICATION, Kind.RESUME)
"""Kinds whose phrases are whole utterances: nothing need follow "go on"."""


def patience(said: str, options: Options, phrases: Phrases, *, asked: bool = False) -> float:
    """Seconds of silence after `said` that end the turn.

    `endpoint_patience_s` where the words trail off ("and", "um", "no", a number without its unit), `endpoint_silence_s`
    in general, and three quarters of it after a whole phrase ("go on") or, if we have just asked something (`asked`),
    a whole answer ("yes please").
    """
    whole = phrases.classify(said, asked=asked) in _COMPLETE and said.strip().lower() not in phrases.trailing
    if whole or (asked and phrases.is_answer(said)):
        return QUICK * options.endpoint_silence_s
    return options.endpoint_patience_s if phrases.trails_off(said) else options.endpoint_silence_s
