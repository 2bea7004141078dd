"""Playing trials to a subject, block by block, in virtual time; in several processes where that is faster."""

import copy
import itertools
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from assistant.audio.pcm import FRAME, SAMPLE_RATE, Pcm, resample
from assistant.bench.hearing.controls import CONTROLS
from assistant.bench.hearing.parley import Parley, Story, turned
from assistant.bench.hearing.peers import PEERS
from assistant.bench.hearing.rooms import Before, Scene, enter
from assistant.bench.hearing.score import Outcome, Played, over, score
from assistant.bench.hearing.subjects import Speaker, Subject, Task
from assistant.bench.hearing.trials import Trial, user_of
from assistant.session.setup import Setup
from assistant.settings import Settings

BATCH = 24
"""Trials played one after the other by the same subject; fixed, so that the number of processes changes nothing."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a process needs to know. `subject` is a name; `story` is what we say."""

    settings: Settings
    subject: str
    story: Story


def subject_of(job: Job) -> Subject:
    """The subject, ready. Raises UserError where an engine cannot be used."""
    if job.subject == Parley.name:
        setup = Setup.of(job.settings)
        return Parley(setup, *setup.recognisers(), job.story)
    rules = {rule.name: rule for rule in CONTROLS}
    return Speaker(rules[job.subject]() if job.subject in rules else PEERS[job.subject]())


def reply_sound(story: Story, first: int) -> Pcm:
    """What is said from sentence `first` on, as one sound at 16 kHz."""
    return np.concatenate([resample(story[text].pcm, story[text].rate, SAMPLE_RATE) for text in turned(story, first)])


def play_all(trials: Sequence[Trial], job: Job, jobs: int, done: Callable[[int], None]) -> list[Outcome]:
    """Play `trials` in `jobs` processes; `done` is told how many have been played. Raises UserError."""
    by_scene = sorted(trials, key=lambda trial: str(trial.scene))
    batches = [
        batch
        for _, scene in itertools.groupby(by_scene, key=lambda trial: trial.scene)
        for batch in _batched(list(scene))
    ]
    found: list[Outcome] = []
    with _pool(min(jobs, len(batches))) as run:
        for outcomes in run(partial(play_batch, job=job), batches):
            found += outcomes
            done(len(found))
    return found


def _batched(trials: Sequence[Trial]) -> list[Sequence[Trial]]:
    return [trials[at : at + BATCH] for at in range(0, len(trials), BATCH)]


@contextmanager
def _pool(jobs: int) -> Iterator[Callable[..., Iterator[Any]]]:
    if jobs <= 1:
        yield map
        return
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool.map


def play_batch(trials: Sequence[Trial], job: Job) -> list[Outcome]:
    """Play trials of one scene, and judge each."""
    subject = subject_of(job)
    before = _enter(trials[0].scene, job.story)
    return [score(play(trial, subject, before, job.story), subject.lowers_s) for trial in trials]


def _enter(scene: Scene, story: Story) -> Before:
    return enter(scene, reply_sound(story, 1))


def play(trial: Trial, subject: Subject, before: Before, story: Story) -> Played:
    """Play one trial to its end."""
    user, room = user_of(trial), copy.deepcopy(before.room)
    reply = reply_sound(story, trial.story) if trial.speaking else np.zeros(0, dtype=np.int16)
    subject.begin(Task(trial, user, reply, before))
    played = Played(trial, user, subject.decisions)
    pressed = False
    while not over(played):
        start, end = len(played.loudspeaker) * FRAME, (len(played.loudspeaker) + 1) * FRAME
        if trial.press_at_s is not None and not pressed and trial.press_at_s < end / SAMPLE_RATE:
            subject.press(trial.press_at_s)
            pressed = True
        block = subject.play(start / SAMPLE_RATE)
        heard = room.step(block, user.block(start, FRAME) if user is not None else None)
        played.loudspeaker.append(block)
        subject.hear(heard, block, end / SAMPLE_RATE)
    return played
