"""The command line of the recipe: `python -m models.recipes.recogniser --out models/starter/recogniser --work DIR`."""

import os
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from assistant.errors import UserError


def main(
    out: Annotated[Path, typer.Option(help="Folder of the finished Vosk model.", file_okay=False)],
    work: Annotated[Path, typer.Option(help="Folder for recordings and checkpoints (4 GB).", file_okay=False)],
    speech: Annotated[
        Path | None,
        typer.Option(
            help="Folder of real speech (MANIFEST.csv and tars). Without it the model hardly understands people.",
            file_okay=False,
        ),
    ] = None,
    minutes: Annotated[
        float | None, typer.Option(help="Longest training time; the learning rate follows it.", min=0.1)
    ] = None,
    start_from: Annotated[
        Path | None,
        typer.Option(help="A checkpoint of another run to begin with, instead of from nothing.", exists=True),
    ] = None,
    smoke: Annotated[bool, typer.Option(help="Tiny data, a few steps: check that the recipe runs.")] = False,
) -> None:
    """Make the starter speech recogniser and measure it; a run that was interrupted goes on where it was."""
    # The waiting threads of OpenMP would spin and starve each other; numpy's products are too small for threads.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from models.recipes.figures import markdown
    from models.recipes.recogniser.build import Options, build
    from models.recipes.recogniser.evaluation import evaluate
    from models.recipes.recogniser.plan import FULL, SMOKE

    console, started = Console(highlight=False, soft_wrap=True), time.monotonic()

    def report(text: str) -> None:
        console.print(f"[{(time.monotonic() - started) / 60:5.1f} min] {text}", markup=False)

    try:
        build(out, work, SMOKE if smoke else FULL, Options(speech, minutes, start_from), report)
        if not smoke:
            report("measuring the model")
            console.print(markdown(evaluate(out, work, speech)), markup=False)
    except UserError as error:
        console.print(str(error), style="red", markup=False)
        raise typer.Exit(2) from error


if __name__ == "__main__":
    typer.run(main)
