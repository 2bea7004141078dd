"""Subjects whose verdict is known: they show that the targets can be reached, and not by any extreme."""

from collections.abc import Iterable

from assistant.audio.pcm import FRAME_S, Pcm
from assistant.audio.vad import TALKING, EnergyVad
from assistant.bench.hearing.subjects import Act, Task
from assistant.bench.hearing.trials import Want

ORACLE_DUCKS_S = 0.05
ORACLE_DECIDES_S = 0.25
SILENCE_S = 0.5
"""The usual pause after which a turn is taken to be over."""


class Never:
    """Hears nothing."""

    name = "never interrupts"

    def begin(self, task: Task) -> None:
        """Nothing to forget."""

    def hear(self, frame: Pcm, at: float, speaking: bool) -> Iterable[Act]:
        """Nothing."""
        return ()


class Always:
    """Stops at once, and takes every turn at once."""

    name = "always interrupts"

    def begin(self, task: Task) -> None:
        """Nothing to forget."""

    def hear(self, frame: Pcm, at: float, speaking: bool) -> Iterable[Act]:
        """Stop."""
        return (Act.STOP,) if speaking else (Act.TAKE,)


class EnergyOnly:
    """Takes everything loud for the user, and every silence for the end of the turn."""

    name = "energy only"

    def begin(self, task: Task) -> None:
        """Learn the noise of the room."""
        self._vad = EnergyVad()
        self._quiet_s = 0.0
        self._heard = False
        for number, (microphone, _) in enumerate(task.before.frames):
            self._vad.process(microphone, number * FRAME_S)

    def hear(self, frame: Pcm, at: float, speaking: bool) -> Iterable[Act]:
        """Voice activity alone decides."""
        self._vad.process(frame, at)
        if self._vad.state in TALKING:
            self._heard, self._quiet_s = True, 0.0
            return (Act.STOP,) if speaking else ()
        self._quiet_s += FRAME_S
        return (Act.TAKE,) if self._heard and self._quiet_s >= SILENCE_S else ()


class Oracle:
    """Knows from the manifest when the user speaks, and what is wanted."""

    name = "oracle"

    def begin(self, task: Task) -> None:
        """Look at the answers."""
        due: list[tuple[float, Act]] = []
        if task.user is not None and task.trial.want is Want.STOP:
            due = [(task.user.onset_s + ORACLE_DUCKS_S, Act.DUCK), (task.user.onset_s + ORACLE_DECIDES_S, Act.STOP)]
        elif task.user is not None and task.trial.want is Want.TAKE:
            due = [(task.user.end_s + ORACLE_DECIDES_S, Act.TAKE)]
        self._due = due

    def hear(self, frame: Pcm, at: float, speaking: bool) -> Iterable[Act]:
        """Do what is due."""
        ready = [act for when, act in self._due if when <= at]
        self._due = [(when, act) for when, act in self._due if when > at]
        return ready


CONTROLS = (Never, Always, EnergyOnly, Oracle)
