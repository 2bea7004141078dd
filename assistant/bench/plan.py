"""What every benchmark is given, and the engines that several of them run."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from assistant.engines.mind import LlamaMind
from assistant.engines.protocols import EngineError
from assistant.engines.voice import Pyttsx3Voice
from assistant.errors import UserError
from assistant.session.setup import Setup
from assistant.settings import Settings

Readings = dict[str, list[float]]
"""What a benchmark measured: the values of each of its figures, in the figure's unit."""

QUICK_ROUNDS = 2


@dataclass(frozen=True, slots=True)
class Plan:
    """With which settings to measure, and how thoroughly."""

    settings: Settings
    quick: bool = False

    @property
    def setup(self) -> Setup:
        """The options of all parts."""
        return Setup.of(self.settings)

    def rounds(self, thorough: int) -> int:
        """How often to measure: `thorough` times, or just enough to see that it can be measured."""
        return min(QUICK_ROUNDS, thorough) if self.quick else thorough


@contextmanager
def running_mind(plan: Plan) -> Iterator[LlamaMind]:
    """The language model, started. Raises UserError where it cannot be used, or is lost."""
    mind = plan.setup.mind()
    try:
        mind.start()
        yield mind
    except EngineError as error:
        raise UserError(str(error)) from error
    finally:
        mind.close()


@contextmanager
def running_voice(plan: Plan) -> Iterator[Pyttsx3Voice]:
    """The voice, started. Raises UserError where it cannot be used, or is lost."""
    voice = plan.setup.voice()
    try:
        voice.start()
        yield voice
    except EngineError as error:
        raise UserError(str(error)) from error
    finally:
        voice.close()
