"""The screen of `parley talk`: the thread above, the state, the caption, the level and the line being typed below."""

from collections.abc import Sequence

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from assistant.session.snapshot import Meters, Playhead, Snapshot, Speaker, State, TurnStatus, TurnView
from ui.wording import SPEAKER_NAMES, STATE_WORDS, cut_note, loading, problems

CAESURA = " // "
KEYS = "Enter or a letter: type  Esc, s: stop  m: mute  c: continue  u: undo  q: quit"
TYPING_KEYS = "Enter: send   Esc: stop, or leave the line"
_YOU, _PARLEY, _QUIET, _FAULT = "yellow", "cyan", "dim", "red"
_COLOURS = {
    State.HEARING: _YOU,
    State.DUCKED: _YOU,
    State.INTERRUPTED: _YOU,
    State.THINKING: _PARLEY,
    State.SPEAKING: _PARLEY,
    State.NO_MICROPHONE: _FAULT,
}
_LINES = {
    State.LISTENING: "Say anything",
    State.HEARING: "",
    State.THINKING: "Esc to cancel",
    State.SPEAKING: "Just talk to interrupt",
    State.DUCKED: "quietly, while it decides",
    State.INTERRUPTED: "Go ahead",
    State.MUTED: "m to unmute; typing works",
    State.NO_MICROPHONE: "Plug one in, or type",
}
_METER_WIDTH = 30
_METER_FLOOR_DBFS = -60.0


class Screen:
    """One picture of the conversation, as high as the terminal; the newest turns are always seen."""

    def __init__(self, snapshot: Snapshot, meters: Meters, typed: str | None) -> None:
        """`typed` is the line being typed, None while keys are commands."""
        self._snapshot = snapshot
        self._meters = meters
        self._typed = typed

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Render for rich."""
        width, height = options.max_width, options.height or console.height
        narrow = options.update(width=width, height=None)
        dock = _lines(console, narrow, [Text("─" * width, _QUIET), *self._dock()])[-height:]
        room = height - len(dock)
        thread = _lines(console, narrow, self._thread())[-room:] if room else []
        blank = [[Segment(" " * width)]] * (room - len(thread))
        for number, line in enumerate([*blank, *thread, *dock]):
            if number:
                yield Segment.line()
            yield from line

    def _thread(self) -> list[RenderableType]:
        return [turn_line(turn, self._meters.playhead) for turn in self._snapshot.turns]

    def _dock(self) -> list[RenderableType]:
        snapshot = self._snapshot
        state = snapshot.state
        colour = _COLOURS.get(state, "")
        busy = loading(snapshot.engines)
        waiting = "Getting ready: " + ", ".join(engine.name for engine in busy) if busy else ""
        line = waiting if waiting and state is State.LISTENING else _LINES[state]
        caption = (snapshot.caption_settled, " " if snapshot.caption_settled else "", snapshot.caption_unsettled)
        state_line = Text.assemble((f"{STATE_WORDS[state]:<14}", f"bold {colour}"), (line, _QUIET))
        state_line.append("  muted" if snapshot.muted and state is not State.MUTED else "", _QUIET)
        told = [Text(sentence, _FAULT) for sentence in problems(snapshot)]
        told += [Text(notice.text, _QUIET) for notice in snapshot.notices[-2:]]
        typed = Text(KEYS, _QUIET) if self._typed is None else Text.assemble(("> ", _YOU), self._typed, ("▏", _YOU))
        keys = [] if self._typed is None else [Text(TYPING_KEYS, _QUIET)]
        live = Text.assemble(caption[0], caption[1], (caption[2], "italic"), style=_YOU)
        return [*told, state_line, live, self._meter(), typed, *keys]

    def _meter(self) -> Text:
        level = self._meters.microphone_dbfs
        share = min(1.0, max(0.0, 1.0 - level / _METER_FLOOR_DBFS))
        filled = round(share * _METER_WIDTH)
        return Text.assemble(
            ("█" * filled, _YOU), ("·" * (_METER_WIDTH - filled), _QUIET), (f" {level:4.0f} dB", _QUIET)
        )


def turn_line(turn: TurnView, playhead: Playhead | None = None) -> Table:
    """One turn: who, and the text with its cut mark and what was not heard in grey."""
    parley = turn.speaker is Speaker.PARLEY
    table = Table.grid(padding=(0, 1))
    table.add_column(width=7, style=_PARLEY if parley else _YOU)
    table.add_column()
    for tool in turn.tools:
        table.add_row("", Text(f"{tool.name}: {tool.result or tool.status.value}", _QUIET))
    table.add_row(SPEAKER_NAMES[turn.speaker], _turn_text(turn, playhead))
    if note := cut_note(turn, compact=False):
        table.add_row("", Text(note, _QUIET))
    return table


def _turn_text(turn: TurnView, playhead: Playhead | None) -> Text:
    if turn.speaker is Speaker.YOU or turn.status is TurnStatus.COMPLETE:
        return Text(turn.text)
    if turn.status is TurnStatus.WRITING:
        if playhead is None or playhead.turn != turn.number:
            return Text.assemble(turn.text[: turn.heard], (turn.text[turn.heard :], _QUIET))
        start, end = playhead.start, playhead.end
        return Text.assemble(turn.text[:start], (turn.text[start:end], f"reverse {_PARLEY}"), (turn.text[end:], _QUIET))
    rest = "" if turn.status is TurnStatus.KEPT_AS_TEXT else _QUIET
    return Text.assemble(turn.text[: turn.heard], (CAESURA, f"bold {_YOU}"), (turn.text[turn.heard :].lstrip(), rest))


def _lines(console: Console, options: ConsoleOptions, parts: Sequence[RenderableType]) -> list[list[Segment]]:
    return [line for part in parts for line in console.render_lines(part, options)]
