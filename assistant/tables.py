"""What `parley doctor` and `parley models` print."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from assistant.doctor import Status, run_checks
from assistant.library import Catalogue, catalogue

_STARTER = (
    "A starter comes with Parley so that you can try it at once, without a download. It is not a substitute for a real "
    "model: the starter recogniser knows few words and few voices, the starter chat model little of the world."
)
_INSTALL = (
    "Parley does not install models by itself yet. Fetch one from its address, unpack it if it is a .zip, and point "
    "Parley at it:"
)
_MARKS = {Status.OK: ("✓", "cyan"), Status.WARN: ("!", "yellow"), Status.FAIL: ("✗", "red")}


def print_checks(console: Console) -> int:
    """Print one line for each check as it is done; return how many failed."""
    failed = 0
    for check in run_checks():
        mark, style = _MARKS[check.status]
        line = Text.assemble((mark, style), " ", (f"{check.name}: ", "bold"), check.detail)
        if check.remedy:
            line.append(f" – {check.remedy}", style)
        console.print(line, soft_wrap=True)
        failed += check.status is Status.FAIL
    return failed


def print_models(console: Console) -> None:
    """Print the starters, what can be installed, and how."""
    known = catalogue()
    console.print(_starters(known))
    console.print(_STARTER, end="\n\n")
    console.print(_installable(known))
    for model in known.models:
        console.print(Text.assemble((model.id, "bold"), "  ", model.urls[0]), soft_wrap=True)
    console.print()
    console.print(_INSTALL)
    console.print("  parley --speech-model FOLDER --chat-model FILE.gguf", highlight=False)
    console.print('or, for good, with the settings "speech_model" and "chat_model".', highlight=False)


def _starters(known: Catalogue) -> Table:
    table = Table(title="In use unless you choose others", title_justify="left", title_style="bold", box=None)
    for column in ("Model", "For"):
        table.add_column(column)
    for column in ("Size", "Memory"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("Licence")
    for starter in known.starters:
        table.add_row(
            starter.name, starter.engine, _megabytes(starter.size), f"{starter.memory_mb} MB", starter.licence
        )
    return table


def _installable(known: Catalogue) -> Table:
    table = Table(title="Can be installed", title_justify="left", title_style="bold", box=None, row_styles=("", "dim"))
    for column in ("Model", "For"):
        table.add_column(column, no_wrap=True)
    for column in ("Size", "Memory"):
        table.add_column(column, justify="right", no_wrap=True)
    for column in ("Licence", "What it is good for"):
        table.add_column(column)
    for model in known.models:
        memory = f"{model.memory_mb} MB"
        table.add_row(model.id, model.engine, _megabytes(model.size), memory, model.licence, model.benefit)
    return table


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size < 10e6 else f"{size / 1e6:.0f} MB"
