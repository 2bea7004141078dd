"""What `parley doctor` and `parley models` print."""

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from assistant.doctor import Status, run_checks
from assistant.library import InstallableModel, Starter, catalogue

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
    console.print(Text("In use unless you choose others", "bold"))
    for starter in known.starters:
        _print_model(console, starter.name, starter.engine, starter.size, starter)
    console.print(Padding(_STARTER, (1, 0)))
    console.print(Text("Can be installed", "bold"))
    for model in known.models:
        _print_model(console, model.id, model.engine, model.size, model)
        console.print(Text(f"  {model.urls[0]}", "dim"), soft_wrap=True)
    console.print(Padding(_INSTALL, (1, 0, 0, 0)))
    console.print("  parley --speech-model FOLDER --chat-model FILE.gguf", highlight=False)
    console.print('or, for good, with the settings "speech_model" and "chat_model".', highlight=False)


def _print_model(console: Console, name: str, engine: str, size: int, model: Starter | InstallableModel) -> None:
    """Two lines: what it is and what it takes, and what it is good for."""
    takes = f"{_megabytes(size)}, {model.memory_mb} MB of memory, {model.licence}"
    console.print(Text.assemble((f"{name:<28}", "cyan"), f"{engine:<10}", takes), soft_wrap=True)
    console.print(Padding(model.benefit, (0, 2)))


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size < 10e6 else f"{size / 1e6:.0f} MB"
