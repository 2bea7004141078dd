"""`parley bench models`: how good the models are, by the evaluations of the recipes that made the starters."""

import dataclasses
import importlib
import importlib.util
import json
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from assistant.bench.machine import machine
from assistant.errors import UserError
from assistant.library import chat_model_path, check_chat_model, check_speech_model, speech_model_path
from assistant.settings import Settings

if TYPE_CHECKING:  # a wheel comes without recipes
    from models.recipes.figures import Figure

RECIPES = "models.recipes"
PARTS = ("recogniser", "chat")
_NAME_WIDTH, _OTHER_WIDTH = 60, 32
"""Columns of the terminal for the name of a figure, and for its numbers."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was found about one model; `problem` says why there is nothing."""

    model: Path
    figures: "list[Figure]" = field(default_factory=list)
    problem: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Ready for JSON."""
        figures = [dataclasses.asdict(figure) | {"met": figure.met} for figure in self.figures]
        return {"model": str(self.model), "problem": self.problem, "figures": figures}


def bench_models(
    console: Console,
    overrides: Mapping[str, object],
    *,
    only: str | None = None,
    speech: Path | None = None,
    as_json: bool = False,
    markdown: bool = False,
) -> int:
    """Evaluate the models of the default settings changed by `overrides`, or the one of `only` (of PARTS).

    `speech` is the folder of recordings of people, without which the recogniser is judged on synthesisers alone.
    `markdown` prints the tables as the model cards show them. Returns how many models could not be evaluated. Raises
    UserError where the recipes are not installed, for an unknown name, and for a folder that is not there.
    """
    if importlib.util.find_spec(RECIPES) is None:
        raise UserError(
            "Models are evaluated by their recipes, which only Parley's source has: run this in a checkout."
        )
    if only is not None and only not in PARTS:
        raise UserError(f'There is no model "{only}" to evaluate: use {" or ".join(PARTS)}.')
    if speech is not None and not speech.is_dir():
        raise UserError(f"There is no folder of recordings at {speech}: correct --speech, or leave it out.")
    settings = Settings().with_changes(overrides)
    done = {}
    for part in PARTS if only is None else (only,):
        with console.status(f"{part} …"):
            done[part] = _evaluate(part, settings, speech)
    if as_json:
        found = {part: evaluation.as_json() for part, evaluation in done.items()}
        console.file.write(json.dumps({"machine": machine(), "models": found}) + "\n")
    else:
        for evaluation in done.values():
            _show(console, evaluation, markdown)
    return sum(evaluation.problem is not None for evaluation in done.values())


def _evaluate(part: str, settings: Settings, speech: Path | None) -> Evaluation:
    """Run the evaluation of a part; why it cannot be run is one sentence, and does not keep the other from running."""
    hears = part == "recogniser"
    model = speech_model_path(settings) if hears else chat_model_path(settings)
    try:
        (check_speech_model if hears else check_chat_model)(model)
        evaluate: Callable[..., list[Figure]] = importlib.import_module(f"{RECIPES}.{part}.evaluation").evaluate
        if not hears:
            return Evaluation(model, evaluate(model))
        with tempfile.TemporaryDirectory(prefix="parley-") as work:
            return Evaluation(model, evaluate(model, Path(work), speech))
    except ModuleNotFoundError as error:
        problem = f"{error.name} is missing: run `pip install '.[train]'` in the checkout."
    except UserError as error:
        problem = str(error)
    return Evaluation(model, problem=problem)


def _show(console: Console, evaluation: Evaluation, as_markdown: bool) -> None:
    from models.recipes.figures import by_group, markdown

    if evaluation.problem is not None:
        console.print(evaluation.problem, style="red", markup=False, highlight=False)
        return
    if as_markdown:
        console.file.write(markdown(evaluation.figures) + "\n\n")
        return
    for group, figures in by_group(evaluation.figures).items():
        console.print(Text.assemble("\n", (group, "bold")))
        console.print(_table(figures, max(20, min(_NAME_WIDTH, console.width - _OTHER_WIDTH))))
    met = [figure.met for figure in evaluation.figures if figure.met is not None]
    console.print(f"\n{sum(met)} of {len(met)} targets met by {evaluation.model}.", highlight=False, soft_wrap=True)


def _table(figures: "Iterable[Figure]", name_width: int) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("", width=name_width)
    table.add_column("", justify="right")
    table.add_column("target", justify="right")
    table.add_column("met")
    table.add_column("n", justify="right", style="dim")
    for figure in figures:
        name = Text(figure.name)
        if figure.note:
            name.append(f" ({figure.note})", "dim")
        style = "red" if figure.met is False else ""
        table.add_row(name, figure.number, figure.target, Text(figure.verdict, style), str(figure.count))
    return table
