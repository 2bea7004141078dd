"""Playing generated scenarios on the real engines, in several processes."""

import multiprocessing
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import soundfile

from assistant.audio.pcm import SAMPLE_RATE, Pcm, read_wav, resample
from assistant.bench.duplex.cases import ENDING, FAN, Case
from assistant.bench.duplex.sounds import DISTURBANCES, fan, pcm
from assistant.core.state import Phase
from assistant.engines.protocols import Speech
from assistant.errors import UserError
from assistant.session.setup import Setup
from assistant.session.simulation.report import AUDIBLE, joined, report
from assistant.session.simulation.scenario import Scenario
from assistant.session.simulation.script import Act
from assistant.session.simulation.simulate import engines_for, setup_for
from assistant.session.simulation.simulation import Run, Simulation
from assistant.session.simulation.world import Engines, ManyVoices
from assistant.settings import Settings

BATCH = 8
"""Cases played one after the other on the same engines: what those did before changes samples, so it must be fixed."""
TAKES = 4
"""Variants of each computed sound."""

LONGEST_SOUND_S = 4.0
"""So much of a recording is used."""

Clips = Mapping[tuple[str, str | None], Speech]
"""What the users say, by text and voice."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a process needs to know to play cases. `folder` holds the sounds."""

    settings: Settings
    folder: Path
    clips: Clips


@dataclass(slots=True)
class CachedVoices:
    """Speaks with our voice, and keeps what it said (int16, 16 kHz, by text); users' clips were made beforehand."""

    voice: ManyVoices
    clips: Clips
    spoken: dict[str, Pcm] = field(default_factory=dict)

    def synthesise(self, text: str, voice: str | None = None) -> Speech:
        """As `ManyVoices.synthesise`."""
        clip = self.clips.get((text, voice))
        if clip is not None:
            return clip
        speech = self.voice.synthesise(text, voice)
        self.spoken[text] = resample(speech.pcm, speech.rate, SAMPLE_RATE)
        return speech

    def seconds(self, text: str) -> float:
        """How long `text` takes to say, without the silence around it."""
        speech = self.voice.synthesise(text)
        voiced = np.flatnonzero(np.abs(speech.pcm.astype(np.int32)) > AUDIBLE)
        return float(voiced[-1] - voiced[0]) / speech.rate if voiced.size else 0.0


@dataclass(frozen=True, slots=True)
class Played:
    """A case that was played. `phases` are the conversation's, each from its time on; `loudspeaker` is at 16 kHz."""

    case: Case
    scenario: Scenario
    folder: Path
    run: Run
    report: dict[str, Any]
    acts: tuple[Act, ...]
    phases: list[tuple[float, Phase]]
    voices: CachedVoices
    loudspeaker: Pcm

    @property
    def log(self) -> list[dict[str, Any]]:
        """Everything that happened and was asked for."""
        return self.run.log

    def user(self, name: str) -> dict[str, Any]:
        """What came of an entry."""
        found: dict[str, Any] = next(user for user in self.report["users"] if user["name"] == name)
        return found

    def phase_at(self, at: float) -> Phase:
        """The conversation's phase just before `at`."""
        return next((phase for when, phase in reversed(self.phases) if when < at), Phase.LISTENING)

    def last_audible(self, since: float, until: float) -> float | None:
        """The last audible sample of our voice in the seconds [since, until); None where there is none."""
        begin, end = round(since * SAMPLE_RATE), round(until * SAMPLE_RATE)
        audible = np.flatnonzero(np.abs(self.loudspeaker[begin:end].astype(np.int32)) >= AUDIBLE)
        return (begin + int(audible[-1])) / SAMPLE_RATE if audible.size else None


T = TypeVar("T")
Judge = Callable[[Played], T]


def make_sounds(folder: Path) -> list[str]:
    """Write the computed sounds into `folder`; return the names of those that are no background."""
    names = []
    for kind, make in DISTURBANCES.items():
        for take in range(TAKES):
            names.append(f"{kind}{take + 1}")
            _write(folder, names[-1], pcm(make(np.random.default_rng((take, len(kind))))))
    _write(folder, FAN, pcm(fan(np.random.default_rng(1))))
    return names


def add_sounds(recordings: Path, folder: Path) -> list[str]:
    """Copy the beginnings of the WAV and FLAC files of `recordings` into `folder`; return their names."""
    paths = sorted(path for path in recordings.glob("*.*") if path.suffix.lower() in (".wav", ".flac"))
    if not paths:
        raise UserError(f"There are no WAV or FLAC files in {recordings}; correct --sounds.")
    for path in paths:
        _write(folder, path.stem, read_wav(path)[: round(LONGEST_SOUND_S * SAMPLE_RATE)])
    return [path.stem for path in paths]


def make_clips(cases: Sequence[Case], voice: ManyVoices) -> Clips:
    """Everything that users say, each once."""
    said = {(e.say, e.voice) for case in cases for e in case.scenario.user if e.say is not None}
    return {(text, name): voice.synthesise(text, name) for text, name in sorted(said, key=str)}


def play_all(cases: Sequence[Case], job: Job, judge: Judge[T], jobs: int, done: Callable[[int], None]) -> list[T]:
    """Play `cases` in `jobs` processes and judge each there; `done` is told how many have been finished.

    Raises UserError where an engine cannot be used.
    """
    batches = [cases[at : at + BATCH] for at in range(0, len(cases), BATCH)]
    found: list[T] = []
    with _pool(min(jobs, len(batches))) as run:
        for judged in run(partial(_play_batch, job=job, judge=judge), batches):
            found += judged
            done(len(found))
    return found


@contextmanager
def _pool(jobs: int) -> Iterator[Callable[..., Iterator[Any]]]:
    if jobs <= 1:
        yield map
        return
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool.map


def _play_batch(cases: Sequence[Case], job: Job, judge: Judge[T]) -> list[T]:
    with engines_for(Setup.of(job.settings)) as engines:
        return [judge(play_case(case, job, engines)) for case in cases]


def play_case(case: Case, job: Job, engines: Engines) -> Played:
    """Play one case on engines that are running."""
    if case.before_end_s is None:
        return _play(case, case.scenario, job, engines)
    *others, last = case.scenario.user
    later = last.model_copy(update={"after": "reply_finished", "offset_s": 0.5})
    rehearsal = _play(case, case.scenario.model_copy(update={"user": (*others, later)}), job, engines)
    offset_s = _reply_length(rehearsal) - case.before_end_s
    timed = last.model_copy(update={"offset_s": max(0.0, offset_s)})
    return _play(case, case.scenario.model_copy(update={"user": (*others, timed)}), job, engines)


def _play(case: Case, scenario: Scenario, job: Job, engines: Engines) -> Played:
    voices = CachedVoices(engines.voice, job.clips)
    phases = [(0.0, Phase.LISTENING)]

    def watch(entry: dict[str, Any]) -> None:
        at = max(phases[-1][0], entry["at"])  # an effect may tell of the past
        phases.append((at, simulation.conversation.state.phase))

    path = job.folder / f"{case.name}.toml"
    setup = setup_for(scenario, path, job.settings)
    simulation = Simulation(scenario, path, setup, replace(engines, voice=voices), watch)
    run = simulation.play()
    phases.append((run.duration_s, simulation.conversation.state.phase))
    acts = simulation.script.acts
    found = report(scenario.title, run, acts, simulation.conversation)
    return Played(case, scenario, job.folder, run, found, tuple(acts), phases, voices, joined(run.loudspeaker))


def _reply_length(rehearsal: Played) -> float:
    """From the first sample of the reply to its last, less the silence before the first sample of the last entry."""
    act, reply = rehearsal.acts[-1], rehearsal.report["replies"][-1]
    if act.begun_at is None or act.audible is None or reply["first_audible_s"] is None:
        return 0.0
    end = rehearsal.last_audible(0.0, act.begun_at) or 0.0
    return end - float(reply["first_audible_s"]) - (act.audible[0] - act.begun_at)


def _write(folder: Path, name: str, sound: Pcm) -> None:
    soundfile.write(folder / f"{name}{ENDING}", sound, SAMPLE_RATE, subtype="PCM_16")
