"""The recipe from end to end: texts -> speech -> features -> network -> graph -> Vosk model -> measured figures.

Each part leaves its result in the work folder and is skipped when it is there; an interrupted run goes on where it was.
"""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from assistant.errors import UserError
from models.recipes.recogniser import archive, corpus, dataset, phone_model, synthesis
from models.recipes.recogniser.plan import Plan

PROGRAMS = ("espeak-ng", "flite", "festival", "fstcompile", "fstarcsort", "fstconvert")
DEBIAN_PACKAGES = "espeak-ng flite festival festvox-kallpc16k festvox-kdlpc16k festvox-us-slt-hts libfst-tools"

Report = Callable[[str], None]


def build(out: Path, work: Path, plan: Plan, minutes: float | None, report: Report) -> None:
    """Make the model in `out` and print its figures. `minutes` bounds the training time.

    Raises UserError if a program is missing or `work` belongs to another plan.
    """
    check_programs()
    work.mkdir(parents=True, exist_ok=True)
    claim(work, plan)
    held_out = corpus.held_out_sentences(plan.evaluation_sentences, plan.held_out_seed)
    speech, features = work / "training-speech", work / "training-features"
    processes = os.cpu_count() or 1
    if not archive.exists(speech):
        report(f"speaking {plan.utterances} utterances")
        jobs = synthesis.training_jobs(plan.utterances, plan.speech_seed, frozenset(held_out))
        archive.write(speech, synthesis.speak(jobs, processes))
    if not archive.exists(features):
        report(f"computing features, each recording in {plan.variations} variations")
        dataset.make(speech, features, plan.variations, plan.noises, plan.variation_seed, processes)
    train(features, work / "checkpoint.pt", held_out, plan, minutes, report)
    finish(out, work, held_out, plan, report)


def check_programs() -> None:
    """Raise UserError unless every program of the recipe is installed."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        raise UserError(f"Not installed: {', '.join(missing)}. On Debian: apt-get install {DEBIAN_PACKAGES}")


def claim(work: Path, plan: Plan) -> None:
    """Note the plan in the work folder. Raises UserError if it holds the data of another plan."""
    note, numbers = work / "plan.json", asdict(plan)
    if note.exists() and json.loads(note.read_text(encoding="utf-8")) != numbers:
        raise UserError(f"{work} holds the data of a run with other numbers; give another folder with --work.")
    note.write_text(json.dumps(numbers, indent=2), encoding="utf-8")


def train(
    features: Path, checkpoint: Path, held_out: tuple[str, ...], plan: Plan, minutes: float | None, report: Report
) -> None:
    """Train the network, or go on from `checkpoint`."""
    from models.recipes.recogniser import network, training  # torch takes seconds to load: only now

    data = dataset.Dataset(features, network.SUBSAMPLING)
    texts = [data.text(i) for i in data.usable]
    texts += corpus.training_sentences(plan.phone_model_sentences, plan.text_seed, frozenset(held_out))
    hours = sum(data.features.utterances[i].length for i in data.usable) / 360_000
    report(f"training on {len(data.usable)} utterances, {hours:.1f} hours")
    trainer = training.Trainer(plan, data, phone_model.estimate(texts, plan.text_seed), minutes)
    trainer.run(checkpoint, report)


def finish(out: Path, work: Path, held_out: tuple[str, ...], plan: Plan, report: Report) -> None:
    """Turn the checkpoint into a Vosk model, put it into `out`, and measure it."""
    from models.recipes.recogniser import evaluation, export, graph

    report("writing the model")
    sentences = corpus.training_sentences(plan.language_model_sentences, plan.text_seed + 1, frozenset(held_out))
    model = work / "model"
    shutil.rmtree(model, ignore_errors=True)
    graph.write(model / "graph", sentences)
    export.write(model, work / "checkpoint.pt", plan.width)
    shutil.copytree(model, out, dirs_exist_ok=True)
    report("speaking the evaluation sentences")
    test_speech = work / "evaluation-speech"
    if not archive.exists(test_speech):
        jobs = evaluation.jobs(held_out, plan.evaluation_per_voice, plan.evaluation_seed)
        archive.write(test_speech, synthesis.speak(jobs, os.cpu_count() or 1))
    report(evaluation.table(out, test_speech, held_out))
