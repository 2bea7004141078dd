"""A simulated conversation as text in the terminal: told while it happens, and its times in a table at the end."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from rich.console import Console
from rich.status import Status
from rich.table import Table
from rich.text import Text

from assistant.core.sentences import heard_length

CAESURA = " // "
_YOU, _PARLEY, _CUT, _QUIET = "yellow", "cyan", "bold yellow", "dim"

Entry = dict[str, Any]


class Narrator:
    """Tells each entry of a simulation's log that matters to the eye."""

    def __init__(self, console: Console, status: Status) -> None:
        """`status` shows how far the conversation has got."""
        self._console = console
        self._status = status
        self._sentences: dict[tuple[int, int], str] = {}
        self._playing: tuple[int, int] | None = None
        self._heard = ""
        self._tell: dict[str, Callable[[Entry], None]] = {
            "speak": self._speak,
            "playout_started": self._started,
            "playout_finished": self._finished,
            "playout_stopped": self._stopped,
            "final_transcript": self._final,
            "turn_over": lambda e: self._line(e, "You", _YOU, Text(e["words"] or "(no words)")),
            "restore": self._restore,
            "typed_input": lambda e: self._line(e, "You", _YOU, Text(f"types: {e['text']}")),
            "interrupt_requested": lambda e: self._line(e, "You", _YOU, Text("press Stop")),
            "typing_started": lambda e: self._line(e, "You", _YOU, Text("begin to type")),
            "undo_requested": lambda e: self._line(e, "You", _YOU, Text("press Undo")),
            "priority_speech": lambda e: self._line(e, "", _QUIET, Text(f"to be said: {e['text']}", _QUIET)),
            "call_tool": lambda e: self._line(e, "Parley", _PARLEY, Text(f"uses {_call(e['call'])}", _QUIET)),
            "tool_finished": lambda e: self._line(e, "", _QUIET, Text(e["result"]["text"], _QUIET)),
            "tool_undone": lambda e: self._line(e, "", _QUIET, Text(e["text"], _QUIET)),
            "continue_requested": lambda e: self._line(e, "You", _YOU, Text("press Continue")),
            "mute_changed": lambda e: self._line(e, "You", _YOU, Text("mute" if e["muted"] else "unmute")),
            "notify": lambda e: self._line(e, "", _QUIET, Text(e["text"], _QUIET)),
        }

    def __call__(self, entry: Entry) -> None:
        """Take the next entry of the log."""
        self._status.update(f"{entry['at']:5.1f} s of conversation")
        if (tell := self._tell.get(entry["event"])) is not None:
            tell(entry)

    def _speak(self, entry: Entry) -> None:
        self._sentences[entry["epoch"], entry["sentence"]] = entry["text"]

    def _started(self, entry: Entry) -> None:
        self._playing = (entry["epoch"], entry["sentence"])

    def _finished(self, entry: Entry) -> None:
        self._line(entry, "Parley", _PARLEY, Text(self._sentences[entry["epoch"], entry["sentence"]]))
        self._playing = None

    def _stopped(self, entry: Entry) -> None:
        sentence = self._sentences[entry["epoch"], entry["sentence"]]
        heard = heard_length(sentence, entry["fraction"])
        text = Text.assemble(sentence[:heard], (CAESURA, _CUT), (sentence[heard:].lstrip(), _QUIET))
        text.rstrip()
        self._line(entry, "Parley", _PARLEY, text)
        self._playing = None

    def _final(self, entry: Entry) -> None:
        self._heard = entry["text"]

    def _restore(self, entry: Entry) -> None:
        if self._playing is not None:
            said = Text.assemble(self._heard or "(a sound)", (f"  Parley goes on: {entry['reason']}", _QUIET))
            self._line(entry, "You", _YOU, said)

    def _line(self, entry: Entry, who: str, style: str, text: Text) -> None:
        table = Table.grid(padding=(0, 1))
        table.add_column(justify="right", width=6, style=_QUIET)
        table.add_column(width=6, style=style)
        table.add_column()
        table.add_row(f"{entry['at']:.1f}", who, text)
        self._console.print(table)


def times_table(users: Sequence[Entry]) -> Table:
    """How quickly Parley reacted to each thing that the user did, in milliseconds of virtual time."""
    table = Table(title="How quickly Parley reacted (ms)", title_justify="left", title_style="bold", box=None)
    table.add_column("You", no_wrap=True)
    table.add_column("Parley", no_wrap=True)
    for column in ("lowered", "cut", "silent", "turn over", "answer"):
        table.add_column(column, justify="right")
    for user in users:
        onset, end = user["onset_s"], user["end_s"]
        times = (
            _milliseconds(onset, user["ducked_s"]),
            _milliseconds(onset, user["cut_s"]),
            _milliseconds(user["cut_s"], user["last_audible_s"]),
            _milliseconds(end, user["endpoint_s"]),
            _milliseconds(end, user["reply_audible_s"]),
        )
        table.add_row(user["name"], _outcome(user), *times)
    table.caption = (
        "lowered, cut: since your first sound (or press); silent: since the cut; turn over, answer: since your last "
        "sound."
    )
    table.caption_justify = "left"
    return table


def _outcome(user: Entry) -> str:
    if user["onset_s"] is None:
        return "did not happen"
    if user["decision"] == "ignore":
        return "answers" if user["reply_audible_s"] is not None else "–"
    words = {"cut": "stops", "restore": "goes on", "duck": "is lowered"}[user["decision"]]
    return f"{words} ({user['kind'].replace('_', ' ')})" if user["kind"] else words


def _milliseconds(start: float | None, end: float | None) -> str:
    return "" if start is None or end is None else f"{max(0.0, end - start) * 1000:.0f}"


def _call(call: Entry) -> str:
    """A call of a tool as people write one: "set_timer(amount=5, unit=minutes)"."""
    arguments = ", ".join(f"{name}={value}" for name, value in json.loads(call["arguments_json"]).items())
    return f"{call['name']}({arguments})"
