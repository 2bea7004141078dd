"""What came of a trial: the same definitions for every subject."""

from dataclasses import dataclass, field

import numpy as np

from assistant.audio.pcm import FRAME_S, SAMPLE_RATE, Pcm
from assistant.bench.hearing.subjects import Act, Decision
from assistant.bench.hearing.trials import REACTION_S, TURN_S, Trial, User, Want

AUDIBLE = 33
"""Samples of our voice from this magnitude (-60 dBFS) on count as audible."""
FADE_OUT_S = 0.05
"""A trial goes on for so long after the decision to stop."""


@dataclass(slots=True)
class Played:
    """A trial as it was played so far. `loudspeaker` holds its blocks."""

    trial: Trial
    user: User | None
    decisions: list[Decision]
    loudspeaker: list[Pcm] = field(default_factory=list)

    @property
    def now(self) -> float:
        """Seconds that have been played."""
        return len(self.loudspeaker) * FRAME_S

    def first(self, *acts: Act, since: float = 0.0) -> float | None:
        """When one of `acts` was first decided, from `since` on."""
        return next((d.at for d in self.decisions if d.act in acts and d.at >= since), None)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one trial; times are seconds, None for what did not happen.

    `lowered_s`: from the first sound of the user until our voice is half as loud. `stopped_s`: until its last audible
    sample. `early`: it was lowered, or stopped, before there was any reason. `stopped`: it was cut, rightly or not.
    `ducks`: how often it was lowered for nothing. `ducked_for_s`: how long, each time. `taken_s`: from the end of the
    turn to its being taken; `cut_off`: it was taken before its end. `heard_s`: how long the trial was.
    """

    group: str
    name: str
    stopped: bool
    early: bool
    heard_s: float
    lowered_s: float | None = None
    stopped_s: float | None = None
    ducks: int = 0
    ducked_for_s: tuple[float, ...] = ()
    taken_s: float | None = None
    cut_off: bool = False


def over(played: Played) -> bool:
    """Nothing more can come of this trial."""
    trial, now = played.trial, played.now
    if trial.want is Want.TAKE:
        assert played.user is not None
        return played.first(Act.TAKE, since=played.user.onset_s) is not None or now >= played.user.end_s + TURN_S
    stopped = played.first(Act.STOP)
    if stopped is not None:
        return now >= stopped + FADE_OUT_S
    return now >= (trial.lasts_s if played.user is None else played.user.end_s + REACTION_S)


def score(played: Played, lowers_s: float) -> Outcome:
    """Judge a trial that is over; `lowers_s`: from a decision to our voice being half as loud."""
    match played.trial.want:
        case Want.TAKE:
            return _turn(played)
        case Want.GO_ON:
            return _false_alarm(played)
        case Want.STOP:
            return _interruption(played, lowers_s)


def _turn(played: Played) -> Outcome:
    user = played.user
    assert user is not None
    at = played.first(Act.TAKE, since=user.onset_s)
    cut_off = at is not None and at < user.end_s
    taken = None if at is None or cut_off else at - user.end_s
    return Outcome(played.trial.group, played.trial.name, False, False, played.now, taken_s=taken, cut_off=cut_off)


def _false_alarm(played: Played) -> Outcome:
    ducked: list[float] = []
    since: float | None = None
    for decision in played.decisions:
        if decision.act is Act.DUCK and since is None:
            since = decision.at
        elif decision.act is Act.RESTORE and since is not None:
            ducked.append(decision.at - since)
            since = None
    stopped = played.first(Act.STOP) is not None
    ducks = len(ducked) + (since is not None)
    trial = played.trial
    return Outcome(trial.group, trial.name, stopped, False, played.now, ducks=ducks, ducked_for_s=tuple(ducked))


def _interruption(played: Played, lowers_s: float) -> Outcome:
    trial = played.trial
    onset = played.user.onset_s if played.user is not None else trial.press_at_s
    assert onset is not None
    stop = played.first(Act.STOP)
    early = _lowered(played.decisions, onset) or (stop is not None and stop < onset)
    reacted = played.first(Act.DUCK, Act.STOP, since=onset)
    right = stop is not None and stop >= onset
    return Outcome(
        trial.group,
        trial.name,
        stopped=right,
        early=early,
        heard_s=played.now,
        lowered_s=None if early or reacted is None else reacted - onset + lowers_s,
        stopped_s=max(stop, _last_audible(played)) - onset if stop is not None and right else None,
    )


def _lowered(decisions: list[Decision], at: float) -> bool:
    """Our voice was low just before `at`."""
    before = [d.act for d in decisions if d.at < at and d.act in (Act.DUCK, Act.RESTORE)]
    return bool(before) and before[-1] is Act.DUCK


def _last_audible(played: Played) -> float:
    audible = np.flatnonzero(np.abs(np.concatenate(played.loudspeaker).astype(np.int32)) >= AUDIBLE)
    return int(audible[-1]) / SAMPLE_RATE if audible.size else 0.0
