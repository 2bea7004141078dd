"""`parley talk`: the assistant in the terminal, by voice and by keys; piped input is typed line by line."""

import queue
import sys
import time
from collections.abc import Iterable

from rich.console import Console
from rich.live import Live
from rich.text import Text

from assistant.keys import BACKSPACE, ENTER, ESC, single_keys
from assistant.session.snapshot import Controller, Snapshot, Speaker, State, TurnStatus
from assistant.talk_view import Screen, turn_line
from ui.wording import problems

_REDRAW_S = 0.08
_SETTLED_S = 0.5
"""A conversation that has been idle for this long has taken all that was sent to it."""
_IDLE = (State.LISTENING, State.MUTED, State.NO_MICROPHONE)


def talk(session: Controller) -> int:
    """Start the session, talk until the user quits or the input ends, and close it. Returns the exit status."""
    try:
        if sys.stdin.isatty() and sys.stdout.isatty():
            _talk_on_screen(session, Console())
        else:
            talk_by_lines(session, sys.stdin, Console())
    except (KeyboardInterrupt, EOFError):
        pass  # ways to quit
    finally:
        session.close()
    return 0


def _talk_on_screen(session: Controller, console: Console) -> None:
    keyboard = Keyboard(session)
    session.start()
    with (
        single_keys() as read,
        Live(console=console, screen=True, auto_refresh=False) as live,
    ):
        while not keyboard.quitting:
            live.update(Screen(session.snapshot, session.meters(), keyboard.typed), refresh=True)
            keyboard.press(read(_REDRAW_S))
    for turn in session.snapshot.turns:
        console.print(turn_line(turn))


class Keyboard:
    """What the keys mean: commands, until a line is begun with Enter or with a letter that is no command."""

    def __init__(self, session: Controller) -> None:
        self._session = session
        self.typed: str | None = None
        """The line being typed, None while keys are commands."""
        self.quitting = False

    def press(self, keys: str) -> None:
        """Take some keys, in order."""
        for key in keys:
            if key == ESC:
                self._escape()
            elif self.typed is not None:
                self._edit(key)
            else:
                self._command(key)

    def _escape(self) -> None:
        """Stop comes first; where there is nothing to stop, leave the line."""
        if self._session.snapshot.state in _IDLE:
            self.typed = None
        else:
            self._session.stop()

    def _edit(self, key: str) -> None:
        assert self.typed is not None
        if key == ENTER:
            if line := self.typed.strip():
                self._session.say(line)
            self.typed = None
        elif key == BACKSPACE:
            self.typed = self.typed[:-1] or None
        elif key.isprintable():
            self.typed += key

    def _command(self, key: str) -> None:
        session = self._session
        if key == "s":
            session.stop()
        elif key == "m":
            session.set_muted(not session.snapshot.muted)
        elif key == "c":
            session.continue_reply()
        elif key == "u":
            if undo := _latest_undo(session.snapshot):
                session.undo(undo)
        elif key == "q":
            self.quitting = True
        elif key == ENTER or (key.isprintable() and not key.isspace()):
            self.typed = "" if key == ENTER else key
            session.typing()


def _latest_undo(snapshot: Snapshot) -> str:
    """What takes back the latest work of a tool that can be undone, "" where there is none."""
    of_tools = [tool.undo for turn in snapshot.turns for tool in turn.tools if tool.undo]
    of_notices = [notice.undo for notice in snapshot.notices if notice.undo]  # of replies that were cut off
    return (of_tools or of_notices or [""])[-1]


def talk_by_lines(session: Controller, lines: Iterable[str], console: Console) -> None:
    """Send each line as typed input when the reply to the one before is over; return after the last reply.

    Everything said by either side is printed, and every notice.
    """
    snapshots: queue.SimpleQueue[Snapshot] = queue.SimpleQueue()
    session.subscribe(snapshots.put)
    session.start()
    printer = _Printer(console)
    _settle(snapshots, printer)
    for line in lines:
        if text := line.strip():
            session.say(text)
            _settle(snapshots, printer)


def _settle(snapshots: "queue.SimpleQueue[Snapshot]", printer: "_Printer") -> None:
    """Print what comes until the conversation has been idle for a while."""
    idle_since: float | None = time.monotonic()
    while True:
        try:
            snapshot = snapshots.get(timeout=None if idle_since is None else _SETTLED_S)
        except queue.Empty:
            return
        printer.show(snapshot)
        busy = snapshot.state not in _IDLE or any(turn.status is TurnStatus.WRITING for turn in snapshot.turns)
        idle_since = None if busy else idle_since or time.monotonic()
        if idle_since is not None and time.monotonic() - idle_since > _SETTLED_S:
            return


class _Printer:
    """Prints turns that are over and notices, each once."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._turns = 0
        self._notices = 0
        self._problems: set[str] = set()

    def show(self, snapshot: Snapshot) -> None:
        """Print what is new in `snapshot`."""
        for notice in snapshot.notices:
            if notice.number > self._notices:
                self._notices = notice.number
                self._problems.add(notice.text)
                self._console.print(Text(notice.text, "dim"), soft_wrap=True)
        for sentence in problems(snapshot):
            if sentence not in self._problems:
                self._problems.add(sentence)
                self._console.print(Text(sentence, "dim"), soft_wrap=True)
        while self._turns < len(snapshot.turns):
            turn = snapshot.turns[self._turns]
            if turn.speaker is Speaker.PARLEY and turn.status is TurnStatus.WRITING:
                return
            self._turns += 1
            self._console.print(turn_line(turn))
