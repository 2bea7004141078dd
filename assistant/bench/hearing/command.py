"""`parley bench hearing`: mixes, plays and scores; prints a table or one JSON object, and draws."""

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from assistant.audio.room import voiced_dbfs
from assistant.bench.hearing.corpus import read_corpus
from assistant.bench.hearing.cost import costs
from assistant.bench.hearing.figures import Figure, figures
from assistant.bench.hearing.front import Point, front, interrupting, taking
from assistant.bench.hearing.parley import Parley, Story
from assistant.bench.hearing.peers import installed, missing
from assistant.bench.hearing.plan import make_trials
from assistant.bench.hearing.play import Job, play_all, reply_sound
from assistant.bench.hearing.score import Outcome
from assistant.bench.hearing.show import show_beside, show_figures
from assistant.bench.hearing.trials import Trial
from assistant.bench.machine import machine, machine_line
from assistant.bench.plan import Plan, running_voice
from assistant.bench.sentences import SENTENCES
from assistant.errors import UserError
from assistant.paths import make_folder
from assistant.settings import Settings

LEAST_WORDS = 8
"""Our reply is made of sentences of this length or longer."""


@dataclass(slots=True)
class Run:
    """What came of it, by subject; ours is the first."""

    trials: int
    outcomes: dict[str, list[Outcome]] = field(default_factory=dict)
    figures: dict[str, list[Figure]] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    """The peers that are not installed, and what would install them."""

    def planes(self) -> dict[str, dict[str, Point]]:
        """Where each subject lies in each plane."""
        return {
            "stops": {name: interrupting(found) for name, found in self.outcomes.items()},
            "turns": {name: taking(found) for name, found in self.outcomes.items()},
        }

    def fronts(self) -> dict[str, str]:
        """The planes on whose Pareto front a subject is."""
        best = {plane: front(points) for plane, points in self.planes().items()}
        return {name: ", ".join(plane for plane in best if name in best[plane]) for name in self.outcomes}


def hearing(
    console: Console,
    overrides: Mapping[str, object],
    *,
    corpus: Path,
    peers: bool = False,
    only: Sequence[str] = (),
    limit: int | None = None,
    jobs: int | None = None,
    plot: Path | None = None,
    as_json: bool = False,
) -> int:
    """Play the recordings of `corpus` on the default settings changed by `overrides`, and show how they were met.

    `only`: groups of trials whose name contains one of these. `limit`: at most so many trials of each group. Returns
    how many targets were missed. Raises UserError.
    """
    settings = Settings().with_changes(overrides)
    begun = time.monotonic()
    with console.status("Reading the recordings …") as status:
        story = _story(settings)
        trials = _chosen(make_trials(read_corpus(corpus), voiced_dbfs(reply_sound(story, 0)), limit), only)
        run = Run(len(trials), missing=missing() if peers else {})
        for subject in (Parley.name, *(installed() if peers else ())):
            job = Job(settings, subject, story)
            told = _progress(status, subject, trials)
            run.outcomes[subject] = play_all(trials, job, jobs or os.cpu_count() or 1, told)
            run.figures[subject] = figures(run.outcomes[subject])
        if not only:
            status.update("Measuring what it costs …")
            run.figures[Parley.name] += costs(Plan(settings).setup, story)
    if as_json:
        console.file.write(json.dumps(_as_json(run, time.monotonic() - begun)) + "\n")
    else:
        _show(console, run, time.monotonic() - begun)
    if plot is not None:
        _draw(console, run, make_folder(plot), quiet=as_json)
    return sum(figure.met is False for figure in run.figures[Parley.name])


def _story(settings: Settings) -> Story:
    with running_voice(Plan(settings)) as voice:
        return {text: voice.synthesise(text) for text in SENTENCES if len(text.split()) >= LEAST_WORDS}


def _chosen(trials: Sequence[Trial], only: Sequence[str]) -> list[Trial]:
    groups = list(dict.fromkeys(trial.group for trial in trials))
    unknown = [name for name in only if not any(name in group for group in groups)]
    if unknown:
        raise UserError(f'There are no trials "{unknown[0]}" on these recordings: use {", ".join(groups)}.')
    return [trial for trial in trials if not only or any(name in trial.group for name in only)]


def _progress(status: Any, subject: str, trials: Sequence[Trial]) -> Callable[[int], None]:
    return lambda done: status.update(f"{subject}: {done} of {len(trials)} trials …")


def _as_json(run: Run, wall_s: float) -> dict[str, Any]:
    fronts = run.fronts()
    return {
        "machine": machine(),
        "trials": run.trials,
        "wall_s": round(wall_s, 1),
        "subjects": {
            name: {
                "figures": [asdict(figure) | {"met": figure.met} for figure in run.figures[name]],
                "front": fronts[name],
                "trials": [asdict(outcome) for outcome in found],
            }
            for name, found in run.outcomes.items()
        },
        "not_installed": list(run.missing),
    }


def _show(console: Console, run: Run, wall_s: float) -> None:
    console.print(machine_line(machine()), highlight=False, style="dim", soft_wrap=True)
    heard_s = sum(outcome.heard_s for outcome in run.outcomes[Parley.name])
    line = f"{run.trials} trials, {heard_s / 60:.0f} minutes of virtual time for each subject, {wall_s:.0f} s in all"
    console.print(line, highlight=False, style="dim")
    ours = [figure for figure in run.figures[Parley.name] if figure.n]
    show_figures(console, ours)
    judged = [figure.met for figure in ours if figure.met is not None]
    console.print(f"\n{sum(judged)} of {len(judged)} targets met.", highlight=False)
    if len(run.outcomes) > 1:
        show_beside(console, run.figures, run.fronts())
    for name, remedy in run.missing.items():
        console.print(f"{name} is not installed: {remedy}", highlight=False, soft_wrap=True)


def _draw(console: Console, run: Run, folder: Path, *, quiet: bool) -> None:
    from assistant.bench.hearing.plot import draw  # matplotlib takes half a second to import

    planes = run.planes()
    interrupting_axes = (
        "first sound of the user to silence, median, ms",
        "noises, coughs, backchannels that stop it, %",
    )
    taking_axes = ("end of the turn to the decision, median, ms", "turns cut off at pauses of up to 1 s, %")
    for path in (
        draw(folder, "interrupting", "Giving up the floor", interrupting_axes, planes["stops"]),
        draw(folder, "turns", "Taking a turn", taking_axes, planes["turns"]),
    ):
        if not quiet:
            console.print(f"{path}", highlight=False, soft_wrap=True)
