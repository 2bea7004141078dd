"""All trials of a run, from the recordings there are."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from assistant.audio.pcm import FRAME, SAMPLE_RATE, dbfs, power_to_db, to_float
from assistant.audio.room import Output
from assistant.bench.hearing.corpus import Recording, Role, of_role
from assistant.bench.hearing.rooms import ROOMS, Scene
from assistant.bench.hearing.trials import Trial, Want

USER_DBFS = -26.0
"""How loud somebody speaks, at the microphone."""
QUIET_DBFS = -40.0
SNR_DB = (20, 10, 5, 0)
NOISE_DBFS = (-36.0, -26.0)
"""Noise alone: 10 dB quieter than somebody who speaks, and as loud."""
ECHO_DB = (-6.0, -10.0, -16.0, -22.0)
"""Our voice at the microphone, relative to the loudspeaker: from a laptop's own to one across the room."""
TALK_ECHO_DB = -10.0
TALK_ROOMS = ROOMS[:3]
OVER_ECHO_DB = (10, 0, -10)
PAUSES_MS = (200, 300, 500, 600, 700, 1000, 1500)
PRESSES = 40
ECHO_S = 10.0
BACKGROUNDS = 6
"""So many noises are mixed with speech, two of them with each recording."""
STEADY_DB = 10.0
"""A noise can be a background if nine tenths of it are at most this far below its mean level."""
LONGEST_NOISE_S = 30.0


def make_trials(corpus: Sequence[Recording], voice_dbfs: float, limit: int | None = None) -> list[Trial]:
    """Every trial; `voice_dbfs` is the level of our voice. `limit`: at most so many of each group."""
    made = [
        *_stops(),
        *_interruptions(corpus),
        *_double_talk(corpus, voice_dbfs),
        *_in_noise(corpus),
        *_no_interruptions(corpus),
        *_noises(corpus),
        *_echoes(),
        *_turns(corpus),
    ]
    groups: dict[str, list[Trial]] = {}
    for trial in made:
        groups.setdefault(trial.group, []).append(trial)
    return [trial for group in groups.values() for trial in _spread(group, limit)]


def _spread(items: Sequence[Trial], limit: int | None) -> list[Trial]:
    """At most `limit` of `items`, evenly."""
    if limit is None or len(items) <= limit:
        return list(items)
    return [items[int(at)] for at in np.linspace(0, len(items) - 1, limit)]


def _moments(count: int, low: float = 0.8, high: float = 2.4) -> Iterator[tuple[int, float]]:
    """Numbers, and moments of our reply, the same on every run."""
    random = np.random.default_rng(1)
    for number in range(count):
        yield number, round(float(random.uniform(low, high)), 4)


def _stops() -> Iterator[Trial]:
    for number, at in _moments(PRESSES, 0.5, 6.0):
        yield Trial("stop button", Want.STOP, Scene(), number, press_at_s=at, lasts_s=at + 0.5)


def _said(group: str, want: Want, scene: Scene, said: Iterable[Recording], level_dbfs: float) -> Iterator[Trial]:
    listed = list(said)
    for (number, at), recording in zip(_moments(len(listed)), listed, strict=True):
        yield Trial(group, want, scene, number, (recording,), at_s=at, level_dbfs=level_dbfs)


def _interruptions(corpus: Sequence[Recording]) -> Iterator[Trial]:
    said = of_role(corpus, Role.SPEECH, Role.COMMAND)
    yield from _said("clean", Want.STOP, Scene(), said, USER_DBFS)
    yield from _said("quiet talker", Want.STOP, Scene(), of_role(corpus, Role.SPEECH), QUIET_DBFS)
    yield from _said("single words", Want.STOP, Scene(), of_role(corpus, Role.WORD), USER_DBFS)


def _double_talk(corpus: Sequence[Recording], voice_dbfs: float) -> Iterator[Trial]:
    """Over loudspeakers, so much louder than the echo of our voice."""
    said = of_role(corpus, Role.SPEECH, Role.COMMAND)
    for over_db, (turn, room) in itertools.product(OVER_ECHO_DB, enumerate(TALK_ROOMS)):
        scene = Scene(Output.SPEAKER, room, TALK_ECHO_DB)
        level_dbfs = voice_dbfs + TALK_ECHO_DB + over_db
        each = [recording for number, recording in enumerate(said) if number % len(TALK_ROOMS) == turn]
        yield from _said(f"echo {over_db:+d} dB", Want.STOP, scene, each, level_dbfs)


def backgrounds(corpus: Sequence[Recording]) -> list[Recording]:
    """Some noises that go on, evenly from all."""
    steady = [noise for noise in of_role(corpus, Role.NOISE) if not noise.hard and _is_steady(noise)]
    return [steady[int(at)] for at in np.linspace(0, len(steady) - 1, min(BACKGROUNDS, len(steady)))]


def _is_steady(noise: Recording) -> bool:
    sound = to_float(noise.sound)
    frames = sound[: sound.size // FRAME * FRAME].reshape(-1, FRAME)
    if frames.shape[0] == 0:
        return False
    low = float(np.percentile(np.mean(np.square(frames), axis=1), 10))
    return power_to_db(low) > dbfs(noise.sound) - STEADY_DB


def _in_noise(corpus: Sequence[Recording]) -> Iterator[Trial]:
    said = of_role(corpus, Role.SPEECH, Role.COMMAND)
    noises = backgrounds(corpus)
    turns = max(1, len(noises) // 2)
    for snr_db, (turn, noise) in itertools.product(SNR_DB, enumerate(noises)):
        scene = Scene(noise=noise.path, noise_dbfs=USER_DBFS - snr_db)
        each = [recording for number, recording in enumerate(said) if number % turns == turn % turns]
        yield from _said(f"{snr_db} dB SNR", Want.STOP, scene, each, USER_DBFS)


def _no_interruptions(corpus: Sequence[Recording]) -> Iterator[Trial]:
    for group, role in (("backchannels", Role.BACKCHANNEL), ("coughs", Role.COUGH)):
        said = of_role(corpus, role)
        yield from _said(group, Want.GO_ON, Scene(), said, USER_DBFS)
        yield from _said(f"{group}, loudspeaker", Want.GO_ON, Scene(Output.SPEAKER, "office"), said, USER_DBFS)


def _noises(corpus: Sequence[Recording]) -> Iterator[Trial]:
    noises = of_role(corpus, Role.NOISE)
    for (number, noise), level_dbfs in itertools.product(enumerate(noises), NOISE_DBFS):
        lasts_s = min(LONGEST_NOISE_S, noise.sound.size / SAMPLE_RATE)
        scene = Scene(noise=noise.path, noise_dbfs=level_dbfs)
        group = "noise with voices" if noise.hard else "noise"
        yield Trial(group, Want.GO_ON, scene, number, lasts_s=max(5.0, lasts_s))


def _echoes() -> Iterator[Trial]:
    """Nobody says anything; our own voice, in every room at every level, from two places of the reply."""
    for cold in (True, False):
        group = "own echo, cold" if cold else "own echo, converged"
        for number, room, gain_db in itertools.product(range(2), ROOMS, ECHO_DB):
            scene = Scene(Output.SPEAKER, room, gain_db, echo_delay_ms=30.0 if number else 90.0, cold=cold)
            yield Trial(group, Want.GO_ON, scene, number, lasts_s=ECHO_S)


def _turns(corpus: Sequence[Recording]) -> Iterator[Trial]:
    """Whole turns, and turns with a pause inside."""
    quiet = Scene(silent=True)
    take = Trial("turns", Want.TAKE, quiet)
    for recording in of_role(corpus, Role.COMMAND):
        yield replace(take, recordings=(recording,))
    for recording in of_role(corpus, Role.SPEECH):
        yield replace(take, group="turns, natural", recordings=(recording,))
    second = {recording.key: recording for recording in of_role(corpus, Role.SECOND_HALF)}
    for pause_ms, first in itertools.product(PAUSES_MS, of_role(corpus, Role.FIRST_HALF)):
        if first.key in second:
            halves = (first, second[first.key])
            yield replace(take, group=f"pause {pause_ms} ms", recordings=halves, pause_s=pause_ms / 1000.0)
