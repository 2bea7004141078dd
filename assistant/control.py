"""`parley stop`, `parley say` and `parley status`: talking to the Parley that is running."""

import json

from rich.console import Console
from rich.table import Table
from rich.text import Text

from assistant.session.remote import ask

_QUIET = "dim"


def stop(*, speech_only: bool) -> None:
    """Have the running Parley fall silent. Raises UserError where there is none."""
    ask(command="stop", speech_only=speech_only)


def say(text: str, *, critical: bool) -> None:
    """Have the running Parley say `text` now. Raises UserError where there is none or the text cannot be said."""
    ask(command="say", text=text, critical=critical)


def print_status(console: Console, *, as_json: bool) -> None:
    """Show what the running Parley is doing. Raises UserError where there is none."""
    status = ask(command="status")["status"]
    if as_json:
        console.file.write(json.dumps(status) + "\n")
        return
    table = Table.grid(padding=(0, 2))
    table.add_column(style=_QUIET)
    table.add_column()
    table.add_row("State", status["state"].replace("_", " ") + (", muted" if status["muted"] else ""))
    table.add_row("Speaking", Text(status["sentence"]) if status["speaking"] else "no")
    table.add_row("Sentences to come", str(status["pending_sentences"]))
    for name in ("microphone", "loudspeaker"):
        table.add_row(name.capitalize(), Text(status[name] or "none"))
    table.add_row("Echo cancellation", status["echo_cancellation"])
    for engine in status["engines"]:
        how = "ready" if engine["ready"] else "failed" if engine["failed"] else "not ready"
        table.add_row(engine["name"], Text(f"{how} ({engine['detail']})"))
    table.add_row("Interruptions", f"{status['interruptions_per_minute']:.1f} a minute over the last 300 s")
    table.add_row("Prepared answers", status["speculation"])
    console.print(table, highlight=False)
