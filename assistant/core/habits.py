"""Learning, within narrow bounds, how long this user's sounds last that mean no interruption."""

from dataclasses import dataclass, replace

from assistant.core.options import Options

STEP = 0.1
"""How far one sound moves what is learnt: about ten sounds make a habit, and ten others undo it."""
MARGIN = 1.25
"""We wait this much longer than the user's coughs and murmurs usually last."""
LEAST, MOST = 0.75, 1.75
"""Bounds of the learnt patience, as shares of the option as it is set."""


@dataclass(slots=True)
class Habits:
    """What has been learnt: `usual_s`, how long a harmless sound usually lasts (a moving average), and `trust` (0..1).

    Only `barge_in_speech_s` is adapted, and the patience with backchannels with it, which is a multiple of that. Words
    and stop words cut as ever. The options themselves are never changed, and a new instance has forgotten everything.
    """

    usual_s: float = 0.0
    trust: float = 0.0

    def restored(self, duration_s: float) -> None:
        """A sound of `duration_s` was no interruption: be patient enough with its like."""
        self.usual_s += (STEP if self.trust else 1.0) * (duration_s - self.usual_s)
        self.trust += STEP * (1.0 - self.trust)

    def cut(self, duration_s: float) -> None:
        """A sound of `duration_s` was an interruption: if as short as harmless ones, trust durations less."""
        if duration_s <= self.usual_s * MARGIN:
            self.trust -= STEP * self.trust

    def options(self, options: Options) -> Options:
        """The options as they apply to this user."""
        if not options.adapt or not self.trust:
            return options
        wanted = self.usual_s * MARGIN / options.barge_in_speech_s
        factor = 1.0 + self.trust * (min(MOST, max(LEAST, wanted)) - 1.0)
        return replace(options, barge_in_speech_s=factor * options.barge_in_speech_s)
