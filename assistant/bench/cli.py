"""`parley bench`: its sub-commands. Without one of their names it measures this machine."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


class _Benchmarks(TyperGroup):
    """`measure` is what is meant where no sub-command is named."""

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        """Put `measure` before arguments that begin with something else."""
        if not args or args[0] not in (*self.commands, *ctx.help_option_names):
            args = ["measure", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(cls=_Benchmarks, context_settings={"help_option_names": ["-h", "--help"]})


@app.callback()
def bench() -> None:
    """Measure this machine, the models, and how well Parley is interrupted."""


@app.command()
def measure(
    ctx: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME", help="Only these; default: all.")] = None,
    json: AsJson = False,
    quick: Annotated[bool, typer.Option("--quick", help="Few readings: only to see that it can be measured.")] = False,
    sound_card: Annotated[bool, typer.Option("--sound-card", help="Also what is heard on the loudspeaker.")] = False,
) -> None:
    """Measure start-up, latencies of replies and of interruptions, memory. The default: its name may be left out."""
    from assistant.bench.command import bench as measure

    failed = measure(Console(), ctx.obj, names=names or (), as_json=json, quick=quick, sound_card=sound_card)
    raise typer.Exit(1 if failed else 0)


@app.command()
def models(
    ctx: typer.Context,
    json: AsJson = False,
    speech: Annotated[Path | None, typer.Option(metavar="DIR", help="Recordings of people.")] = None,
    only: Annotated[str | None, typer.Option(metavar="MODEL", help="Only this one, recogniser or chat.")] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the tables of the model cards.")] = False,
) -> None:
    """Measure how good the models are."""
    from assistant.bench.models import bench_models

    failed = bench_models(Console(), ctx.obj, only=only, speech=speech, as_json=json, markdown=markdown)
    raise typer.Exit(1 if failed else 0)


@app.command()
def duplex(
    ctx: typer.Context,
    count: Annotated[int, typer.Option(min=1, help="About so many scenarios, at least one of each group.")] = 260,
    seed: Annotated[int, typer.Option(min=0, help="Other scenarios of the same groups.")] = 1,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes; default: one for each core.")] = None,
    only: Annotated[str | None, typer.Option(metavar="GROUP", help="Only scenarios of this group.")] = None,
    keep: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep the scenarios here, with the sound of what went wrong.")
    ] = None,
    sounds: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Recordings of coughs and noise, beside the computed ones.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Interrupt Parley a few hundred times in the simulated room, in every way, and score how it copes."""
    from assistant.bench.duplex.command import duplex as play

    play(Console(), ctx.obj, count=count, seed=seed, jobs=jobs, only=only, keep=keep, sounds=sounds, as_json=json)


@app.command()
def soak(
    ctx: typer.Context,
    count: Annotated[int, typer.Option(min=1, help="So many interruptions, in virtual time.")] = 2000,
    live: Annotated[
        float | None,
        typer.Option(min=0.1, metavar="MINUTES", help="Instead so long in real time, on a virtual sound card."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Other interruptions.")] = 1,
    json: AsJson = False,
) -> None:
    """Interrupt Parley thousands of times at random: nothing may leak, get stuck or drift apart."""
    from assistant.bench.soak import soak as run

    run(Console(), ctx.obj, count=count, live_minutes=live, seed=seed, as_json=json)


@app.command()
def hearing(
    ctx: typer.Context,
    corpus: Annotated[Path, typer.Option(metavar="DIR", help="Recordings, with their MANIFEST.csv.")],
    peers: Annotated[bool, typer.Option("--peers", help="Also what others use: those that are installed.")] = False,
    only: Annotated[list[str] | None, typer.Option(metavar="GROUP", help="Only trials of these groups.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="At most N trials of each group.")] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes; default: one for each core.")] = None,
    plot: Annotated[Path | None, typer.Option(metavar="DIR", help="Draw delays against errors, into DIR.")] = None,
    json: AsJson = False,
) -> None:
    """Mix recordings with echo and noise: how soon Parley gives up the floor, and what it gives it up for."""
    from assistant.bench.hearing.command import hearing as play

    play(
        Console(),
        ctx.obj,
        corpus=corpus,
        peers=peers,
        only=only or (),
        limit=limit,
        jobs=jobs,
        plot=plot,
        as_json=json,
    )
