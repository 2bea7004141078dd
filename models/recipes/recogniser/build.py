"""The recipe from end to end: texts -> speech -> features -> network -> graph -> Vosk model.

Each part leaves its result in the work folder and is skipped when it is there; an interrupted run goes on where it was.
"""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from assistant.errors import UserError
from models.recipes.recogniser import archive, corpus, dataset, phone_model, recordings, synthesis
from models.recipes.recogniser.plan import Plan

PROGRAMS = (*synthesis.PROGRAMS, "fstcompile", "fstarcsort", "fstconvert")

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Options:
    """What a run may be given: a folder of real speech, a bound on the training time, a checkpoint to begin with."""

    speech: Path | None = None
    minutes: float | None = None
    start_from: Path | None = None


def build(out: Path, work: Path, plan: Plan, options: Options, report: Report) -> None:
    """Make the model in `out`.

    `options.speech` is a folder of real speech (see `recordings`). Without it the model hears synthesisers only: it
    then recognises them as well, but hardly any person.

    Raises UserError if a program is missing, `work` belongs to another plan, or `speech` is not such a folder.
    """
    speech = options.speech
    check_programs()
    work.mkdir(parents=True, exist_ok=True)
    claim(work, plan, speech is not None)
    held_out = corpus.held_out_sentences(plan.evaluation_sentences, plan.held_out_seed)
    features = work / "training-features"
    processes = os.cpu_count() or 1
    if not archive.exists(features):
        sources = make_speech(work, speech, held_out, plan, report)
        clicks = recordings.noises(speech, held_out=False) if speech else []
        report("computing features of every variation")
        dataset.make(sources, plan.without_speech, clicks, features, plan.variation_seed, processes)
    plain = work / "plain-features"
    if not archive.exists(plain):
        dataset.make_plain(work / "training-speech", plain, plan.variation_seed, processes)
    train(work, held_out, plan, options, report)
    finish(out, work, speech, held_out, plan, report)


def make_speech(
    work: Path, speech: Path | None, held_out: tuple[str, ...], plan: Plan, report: Report
) -> list[dataset.Source]:
    """Speak the training texts, and unpack the real speech."""
    synthetic, real = work / "training-speech", work / "real-speech"
    if not archive.exists(synthetic):
        report(f"speaking {plan.utterances} utterances")
        jobs = synthesis.training_jobs(plan.utterances, plan.speech_seed, frozenset(held_out))
        archive.write(synthetic, synthesis.speak(jobs, os.cpu_count() or 1))
    sources = [dataset.Source(synthetic, plan.variations)]
    if speech is None:
        report("no folder of real speech is given: the model will hardly understand people")
        return sources
    if not archive.exists(real):
        report(f"unpacking the real speech in {speech}")
        archive.write(real, recordings.speech(speech, plan.speech_seed))
    return [*sources, dataset.Source(real, plan.variations_of_people)]


def check_programs() -> None:
    """Raise UserError unless every program of the recipe is installed."""
    if missing := synthesis.missing_programs(PROGRAMS):
        raise UserError(f"Not installed: {', '.join(missing)}. On Debian: apt-get install {synthesis.PACKAGES}")


def claim(work: Path, plan: Plan, with_people: bool) -> None:
    """Note the plan in the work folder. Raises UserError if it holds the data of another plan."""
    note, numbers = work / "plan.json", asdict(plan) | {"with_people": with_people}
    if note.exists() and json.loads(note.read_text(encoding="utf-8")) != numbers:
        raise UserError(f"{work} holds the data of a run with other numbers; give another folder with --work.")
    note.write_text(json.dumps(numbers, indent=2), encoding="utf-8")


def train(work: Path, held_out: tuple[str, ...], plan: Plan, options: Options, report: Report) -> None:
    """Train the network on the features in `work`, or go on from the checkpoint there."""
    from models.recipes.recogniser import network, training  # torch takes seconds to load: only now

    plain, data = (dataset.Dataset(work / f"{kind}-features", network.SUBSAMPLING) for kind in ("plain", "training"))
    texts = [data.text(i) for i in data.usable]
    texts += corpus.training_sentences(plan.phone_model_sentences, plan.text_seed, frozenset(held_out))
    hours = sum(data.features.utterances[i].length for i in data.usable) / 360_000
    report(f"training on {len(data.usable)} utterances, {hours:.1f} hours")
    trainer = training.Trainer(plan, plain, data, phone_model.estimate(texts, plan.text_seed), options.minutes)
    if options.start_from is not None:
        trainer.start_from(options.start_from)
    trainer.run(work / "checkpoint.pt", report)


def finish(out: Path, work: Path, speech: Path | None, held_out: tuple[str, ...], plan: Plan, report: Report) -> None:
    """Turn the checkpoint into a Vosk model and put it into `out`."""
    from models.recipes.recogniser import export, graph

    report("writing the model")
    sentences = corpus.training_sentences(plan.language_model_sentences, plan.text_seed + 1, frozenset(held_out))
    sentences += plan.repeats_of_phrases * corpus.assistant_phrases()
    if speech is not None:
        clips = recordings.training_clips(recordings.manifest(speech))
        sentences += plan.repeats_of_people * sorted({clip.text for clip in clips})
    model = work / "model"
    shutil.rmtree(model, ignore_errors=True)
    graph.write(model / "graph", sentences)
    export.write(model, work / "checkpoint.pt", plan.width)
    shutil.copytree(model, out, dirs_exist_ok=True)
