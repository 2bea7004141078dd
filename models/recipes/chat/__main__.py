"""The command line of the recipe: `python -m models.recipes.chat --out models/starter/chat --work DIR`."""

import logging
import os
import resource
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

log = logging.getLogger("models.recipes.chat")
PRODUCT = "parley-starter.gguf"


def train_and_export(out: Path, work: Path, minutes: float, threads: int, smoke: bool) -> None:
    """Train within the budget (going on after the last checkpoint in ``work``) and write the GGUF file."""
    import torch

    from models.recipes.chat import export, tokenizer, training
    from models.recipes.chat.network import Shape

    torch.set_num_threads(threads)
    word_file, checkpoint = work / "tokenizer.json", work / "checkpoint.pt"
    words = tokenizer.load_or_train(word_file, 200 if smoke else 8_000)
    vocabulary = words.get_vocab_size()
    shape, tokens = Shape(vocabulary), training.TOKENS
    budget = training.Budget(60.0 * minutes, fuse=bool(shutil.which("g++")))
    if smoke:
        shape = Shape(vocabulary, width=64, layers=2, heads=2, key_heads=1, hidden=128)
        budget, tokens = training.Budget(60.0, steps=3), 1024
    done = training.Trainer(words, checkpoint, budget, shape, tokens).run()
    log.info("trained %d steps, %.2f million tokens, %.0f s", done.step, done.tokens / 1e6, done.seconds)
    export.export(checkpoint, word_file, out / PRODUCT)
    log.info("largest memory %.0f MiB", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main(
    out: Annotated[Path, typer.Option(help="Folder of the finished GGUF file.", file_okay=False)],
    work: Annotated[Path, typer.Option(help="Folder of the tokenizer and the checkpoint.", file_okay=False)],
    minutes: Annotated[float, typer.Option(help="Training time in all; the learning rate follows it.", min=0.1)] = 80.0,
    threads: Annotated[int, typer.Option(help="Threads for the training.", min=1)] = 1,
    cases: Annotated[int, typer.Option(help="Episodes of each kind in the evaluation.", min=1)] = 40,
    smoke: Annotated[bool, typer.Option(help="Tiny network, a few steps: check that the recipe runs.")] = False,
    evaluate_only: Annotated[bool, typer.Option(help="Only evaluate the file in the folder --out.")] = False,
    verbose: Annotated[bool, typer.Option(help="Show every wrong answer of the evaluation.")] = False,
) -> None:
    """Make the starter chat model; a run that was interrupted goes on where it was."""
    # Spinning threads are ten times slower on a busy machine; this has to be set before torch or llama.cpp is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from models.recipes.chat.evaluation import evaluate
    from models.recipes.figures import markdown

    logging.basicConfig(stream=sys.stdout, format="%(message)s")
    log.setLevel(logging.DEBUG if verbose else logging.INFO)
    out.mkdir(parents=True, exist_ok=True)
    work.mkdir(parents=True, exist_ok=True)
    if not evaluate_only:
        train_and_export(out, work, minutes, threads, smoke)
    product = out / PRODUCT
    log.info("%s: %.2f MB", product, product.stat().st_size / 1e6)
    log.info(markdown(evaluate(product, 1 if smoke else cases)))


if __name__ == "__main__":
    typer.run(main)
