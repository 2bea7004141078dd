"""The command `parley`. What a command needs is imported when it runs: the command line itself starts at once."""

import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from assistant import __version__
from assistant.bench.cli import app as bench_app
from assistant.errors import UserError

SCENARIO_ERROR = 2
"""Exit status of `parley simulate` for a scenario that cannot be played."""


class _Commands(TyperGroup):
    """Turns a user's mistake into one line on standard error."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; exit with 1 after a mistake of the user's, with 130 after Ctrl-C."""
        try:
            return super().invoke(ctx)
        except UserError as error:
            _complain(error)
            raise typer.Exit(1) from error
        except KeyboardInterrupt as error:
            raise typer.Exit(130) from error


def _root() -> typer.Typer:
    """The command itself, with those of its commands that have commands of their own."""
    root = typer.Typer(
        cls=_Commands,
        add_completion=False,
        invoke_without_command=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    root.add_typer(bench_app, name="bench")
    return root


app = _root()

SpeechModel = Annotated[
    Path | None, typer.Option(metavar="FOLDER", help="A Vosk model of your own, instead of the starter.")
]
ChatModel = Annotated[
    Path | None, typer.Option(metavar="FILE", help="A GGUF chat model of your own, instead of the starter.")
]
Voice = Annotated[str | None, typer.Option(metavar="NAME", help="One of the voices of this computer.")]
SetValues = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Any setting, for this run; may be repeated.")
]
Scenario = Annotated[Path, typer.Argument(metavar="SCENARIO.toml", show_default=False)]
_OUT = typer.Option(metavar="DIR", help="Where room.wav, events.jsonl and timeline.png go.")
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


@app.callback()
def parley(
    ctx: typer.Context,
    speech_model: SpeechModel = None,
    chat_model: ChatModel = None,
    voice: Voice = None,
    set_values: SetValues = None,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Parley, a voice assistant that runs on this computer and gives up the floor when you speak.

    Without a command the window opens. Options given before a command are for that command, too.
    """
    if version:
        Console().print(f"parley {__version__}", highlight=False)
        raise typer.Exit
    ctx.obj = overrides(speech_model, chat_model, voice, set_values)
    if ctx.invoked_subcommand is None:
        from assistant.launch import open_window

        raise typer.Exit(open_window(ctx.obj))


@app.command()
def talk(
    ctx: typer.Context,
    speech_model: SpeechModel = None,
    chat_model: ChatModel = None,
    voice: Voice = None,
    set_values: SetValues = None,
) -> None:
    """Talk to Parley in this terminal: the same assistant, for machines without a display."""
    from assistant.launch import open_terminal

    raise typer.Exit(open_terminal(ctx.obj | overrides(speech_model, chat_model, voice, set_values)))


@app.command()
def demo(ctx: typer.Context, out: Annotated[Path, _OUT] = Path("parley-demo")) -> None:
    """Play a whole spoken conversation in a simulated room, with the real engines. Takes under a minute."""
    from assistant.demo import play_demo

    play_demo(Console(), out, ctx.obj)


@app.command()
def simulate(
    ctx: typer.Context, scenario: Scenario, json: AsJson = False, out: Annotated[Path | None, _OUT] = None
) -> None:
    """Play a scenario in a simulated room and in virtual time, with the real engines."""
    from assistant.demo import play_scenario
    from assistant.session.simulation.scenario import ScenarioError

    try:
        play_scenario(Console(), scenario, out, ctx.obj, as_json=json)
    except ScenarioError as error:
        _complain(error)
        raise typer.Exit(SCENARIO_ERROR) from error


@app.command()
def doctor() -> None:
    """Check devices, sound server, models, engines and memory: one line each, with the remedy."""
    from assistant.tables import print_checks

    raise typer.Exit(1 if print_checks(Console()) else 0)


@app.command()
def soundcheck(
    ctx: typer.Context,
    json: AsJson = False,
    plot: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw the picture, too: .png, .svg, .pdf.")] = None,
    forget: Annotated[bool, typer.Option("--forget", help="Forget what was found on these devices.")] = False,
) -> None:
    """Listen to the room, chirp, speak and listen to you: how well Parley hears here, and how fast it stops."""
    from assistant.single_instance import single_instance
    from assistant.soundcheck.command import sound_check

    with single_instance():
        sound_check(Console(), ctx.obj, as_json=json, plot=plot, forget=forget)


@app.command()
def models() -> None:
    """List the starter models and those that can be installed."""
    from assistant.tables import print_models

    print_models(Console())


@app.command()
def stop(
    speech_only: Annotated[bool, typer.Option("--speech-only", help="The text of the reply goes on.")] = False,
) -> None:
    """Have the Parley that is running fall silent."""
    from assistant import control

    control.stop(speech_only=speech_only)


@app.command()
def say(
    text: Annotated[str, typer.Argument(metavar="TEXT", show_default=False)],
    critical: Annotated[bool, typer.Option("--critical", help="Only Stop interrupts it.")] = False,
) -> None:
    """Have the Parley that is running say something: it waits for your pause, and for nothing else."""
    from assistant import control

    control.say(text, critical=critical)


@app.command()
def status(json: AsJson = False) -> None:
    """Show what the Parley that is running is doing."""
    from assistant.control import print_status

    print_status(Console(), as_json=json)


@app.command()
def interruptions(
    json: AsJson = False,
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="At most so many, the latest ones.")] = 50,
    since: Annotated[
        str | None, typer.Option(metavar="WHEN", help="90s, 10m, 2h, 7d ago, or a date: 2026-01-31, 2026-01-31T18:00.")
    ] = None,
) -> None:
    """List what has interrupted Parley, what it did about it, and how fast."""
    from assistant.ledger_table import print_ledger

    print_ledger(Console(), as_json=json, limit=limit, since=since)


def overrides(
    speech_model: Path | None, chat_model: Path | None, voice: str | None, set_values: Sequence[str] | None
) -> dict[str, object]:
    """Settings (names to values) from the options of the command line. Raises UserError."""
    changes: dict[str, object] = {}
    for text in set_values or ():
        name, equals, value = text.partition("=")
        if not equals:
            raise UserError(f"--set needs NAME=VALUE, not {text!r}: for example --set voice_rate_wpm=150.")
        changes[name.strip()] = value
    if speech_model is not None:
        changes["speech_model"] = str(speech_model.absolute())
    if chat_model is not None:
        changes["chat_model"] = str(chat_model.absolute())
    if voice is not None:
        changes["voice"] = voice
    return changes


def _complain(error: UserError) -> None:
    Console(stderr=True).print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)


def main() -> None:
    """Run the command line."""
    # OpenMP must not spin while it waits, and it decides that when the first engine loads it.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    if sys.platform == "win32":  # a redirected output would otherwise lose the caesura and the arrows
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(encoding="utf-8")
    app()
