"""The course of a sound check, on a stage that is real or simulated."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

import numpy as np

from assistant.audio.chirp import AFTER_S, chirp
from assistant.audio.pcm import FRAME, SAMPLE_RATE, Pcm, to_float
from assistant.audio.playout import Playout, make_segment
from assistant.core.events import Event, PlayoutFinished, PlayoutStarted, PlayoutStopped, SpeechStarted, SpeechStopped
from assistant.errors import UserError
from assistant.soundcheck.take import Span, Take, TapedFrontEnd

WARM_UP_S = 1.0
QUIET_S = 3.0
PATIENCE_S = 10.0
"""For anything that must happen."""
LISTENS_S = 8.0
"""For the user to begin to speak."""
LONGEST_VOICE_S = 8.0
PAUSE_S = 0.6
AFTER_CUT_S = 0.8
CUT_BETWEEN_S = (0.8, 2.0)
"""The cut falls where our voice is steadily loud, in this part of the sentence."""
LOUD_FOR_S = 0.15
CHIRP, SENTENCE, STOPPED = 1, 2, 3
"""Epochs."""

E = TypeVar("E", bound=Event)


class Step(StrEnum):
    """Where the check has got to; the value is what the user is told."""

    QUIET = "Please be quiet for a moment."
    CHIRP = "A short chirp …"
    SENTENCE = "Now Parley says something …"
    STOP = "… and stops in the middle of it."
    VOICE = "Now you: say “Parley, can you hear me?”"


class Stage(Protocol):
    """Sound that goes on while one waits. Events are those of playout and of the front end."""

    playout: Playout
    front_end: TapedFrontEnd

    @property
    def output_latency_s(self) -> float:
        """From rendering to hearing, as the loudspeaker says."""
        ...

    def now(self) -> float:
        """Seconds on the time line of frames and events."""
        ...

    def wait(self, seconds: float) -> None:
        """Let so much time pass. Raises UserError if a device is lost."""
        ...

    def wait_for(self, kind: type[E], check: Callable[[E], bool], seconds: float) -> E | None:
        """Wait for an event; None if it does not come within `seconds`. Raises UserError if a device is lost."""
        ...


@dataclass(frozen=True, slots=True)
class Sentences:
    """What Parley says, int16 mono at `rate` Hz."""

    whole: Pcm
    cut: Pcm
    rate: int


def perform(stage: Stage, sentences: Sentences, tell: Callable[[Step], None]) -> Take:
    """Go through all steps; takes about 15 s. Raises UserError if a device is lost or does not play."""
    stage.wait(WARM_UP_S)
    tell(Step.QUIET)
    begin = stage.now()
    stage.wait(QUIET_S)
    quiet = Span(begin, stage.now())
    tell(Step.CHIRP)
    chirped = _play(stage, CHIRP, chirp(), SAMPLE_RATE)
    stage.wait(AFTER_S + PAUSE_S)
    tell(Step.SENTENCE)
    sentence = _play(stage, SENTENCE, sentences.whole, sentences.rate)
    stage.wait(PAUSE_S)
    tell(Step.STOP)
    cut_at, silent_at = _cut(stage, sentences)
    stage.wait(AFTER_CUT_S)
    cut_over = stage.now()
    tell(Step.VOICE)
    voice = _listen(stage)
    tape = stage.front_end.tape
    return Take(
        microphone=np.array(tape.microphone, dtype=np.int16).reshape(-1, FRAME),
        clean=np.array(tape.clean, dtype=np.int16).reshape(-1, FRAME),
        times=np.array(tape.times, dtype=np.float64),
        quiet=quiet,
        chirp_at=chirped.begin,
        sentence=sentence,
        cut_at=cut_at,
        cut_over=cut_over,
        silent_at=silent_at,
        voice=voice,
        method=stage.front_end.canceller.method,
        output_latency_s=stage.output_latency_s,
    )


def _play(stage: Stage, epoch: int, pcm: Pcm, rate: int) -> Span:
    """Play to the end; return when it was heard."""
    began = _begin(stage, epoch, pcm, rate)
    seconds = pcm.size / rate + PATIENCE_S
    finished = stage.wait_for(PlayoutFinished, lambda event: event.epoch == epoch, seconds)
    return Span(began, _certain(finished).at)


def _begin(stage: Stage, epoch: int, pcm: Pcm, rate: int) -> float:
    stage.playout.queue(make_segment(epoch, 0, pcm, rate, stage.playout.rate))
    return _certain(stage.wait_for(PlayoutStarted, lambda event: event.epoch == epoch, PATIENCE_S)).at


def _cut(stage: Stage, sentences: Sentences) -> tuple[float, float]:
    """Speak, and be cut; return when that was decided and when the last sample was heard."""
    began = _begin(stage, STOPPED, sentences.cut, sentences.rate)
    stage.wait(max(0.0, began + loud_at(sentences.cut, sentences.rate) - stage.now() - stage.output_latency_s))
    cut_at = stage.now()
    stage.playout.cut(STOPPED)
    stopped = stage.wait_for(PlayoutStopped, lambda event: event.epoch == STOPPED, PATIENCE_S)
    return cut_at, _certain(stopped).at


def loud_at(pcm: Pcm, rate: int) -> float:
    """Where, in seconds, the stretch begins in which `pcm` is steadily loud; a cut there is plain to hear."""
    step = rate // 100
    levels = np.square(to_float(pcm[: pcm.size // step * step])).reshape(-1, step).mean(axis=1)
    length = round(LOUD_FOR_S * 100)
    first, last = (round(at * 100) for at in CUT_BETWEEN_S)
    starts = range(first, min(last, levels.size - length))
    return max(starts, key=lambda start: float(levels[start : start + length].min()), default=first) / 100.0


def _listen(stage: Stage) -> Span | None:
    """The user's words, if there are any."""
    since = stage.now()
    started = stage.wait_for(SpeechStarted, lambda event: event.onset >= since, LISTENS_S)
    if started is None:
        return None
    stopped = stage.wait_for(SpeechStopped, lambda event: event.at > started.at, LONGEST_VOICE_S)
    return Span(started.onset, stage.now() if stopped is None else stopped.offset)


def _certain(event: E | None) -> E:
    if event is None:
        raise UserError("The loudspeaker does not play: `parley doctor` tells more about it.")
    return event
