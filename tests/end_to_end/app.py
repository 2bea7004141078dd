"""Parley as a process of its own on a private display: what a user can do to it, and what it shows."""

import dataclasses
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from assistant.core.effects import Level
from assistant.session.snapshot import CutNote, EngineView, Notice, Snapshot, Speaker, State, TurnStatus, TurnView

ROOT = Path(__file__).parents[2]
PATIENCE_S = 45.0
"""For a machine that is busy with something else."""
QUIET = frozenset({State.LISTENING, State.NO_MICROPHONE})


class App:
    """A running Parley with its files under `home`; `environment` holds its display and sound card."""

    def __init__(self, home: Path, environment: dict[str, str]) -> None:
        self.home = home
        self.environment = usual_environment() | environment | {"PARLEY_HOME": str(home)}
        self.snapshots: list[Snapshot] = []
        self._seen = 0
        """The pictures before this one lie before the last one that was waited for."""
        self._stop: tuple[int, int] | None = None
        self._news = threading.Condition()
        self._errors = (home.parent / f"{home.name}.stderr").open("w+")
        self._process = subprocess.Popen(
            (sys.executable, "-m", "tests.end_to_end.driver"),
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_until_ready(self) -> None:
        """Wait for the painted window and all engines."""
        self.wait_for(lambda shown: bool(shown.engines) and all(engine.ready for engine in shown.engines))
        self._wait(lambda: self._stop is not None, "a painted window")
        # There is no window manager that would give it the keyboard.
        self._xdotool("search", "--sync", "--onlyvisible", "--name", "Parley$", "windowfocus", "--sync")

    def wait_for(self, check: Callable[[Snapshot], bool], timeout: float = PATIENCE_S) -> Snapshot:
        """The first picture that satisfies `check`, from the one found last on."""

        def found() -> bool:
            while self._seen < len(self.snapshots):
                if check(self.snapshots[self._seen]):
                    return True
                self._seen += 1
            return False

        self._wait(found, "such a picture", timeout)
        return self.snapshots[self._seen]

    def now(self) -> Snapshot:
        """The latest picture; `wait_for` goes on from it."""
        with self._news:
            self._seen = len(self.snapshots) - 1
            return self.snapshots[-1]

    def wait_for_reply(self, number: int, *, words: str = "") -> TurnView:
        """Wait until turn `number` is spoken to its end, and return it. It must contain `words`."""
        turn = self.wait_for(lambda shown: len(shown.turns) > number and is_over(shown.turns[number])).turns[number]
        assert turn.speaker is Speaker.PARLEY, turn
        assert words in turn.text, turn
        return turn

    def wait_until_it_speaks(self) -> Snapshot:
        """Wait until a reply is being spoken."""
        return self.wait_for(lambda shown: shown.state is State.SPEAKING and is_being_spoken(shown))

    def press_stop(self) -> None:
        """Press and release the mouse on the Stop button."""
        assert self._stop is not None
        x, y = map(str, self._stop)
        self._xdotool("mousemove", x, y, "click", "1")

    def key(self, name: str) -> None:
        """Press and release a key, by its X name."""
        self._xdotool("key", name)

    def type(self, text: str) -> None:
        """Send a message by the keyboard."""
        self.key("ctrl+l")
        self._xdotool("type", "--delay", "5", text)
        self.key("Return")

    def title(self) -> str:
        """What the title bar says."""
        return self._xdotool("getwindowfocus", "getwindowname")

    def begin_anew(self) -> None:
        """Stop whatever goes on and begin an empty conversation."""
        self.key("Escape")
        self.now()
        self.key("ctrl+n")
        self.wait_for(lambda shown: not shown.turns and shown.state in QUIET)

    def children(self, module: str = "") -> list[psutil.Process]:
        """The processes it has started; those that run `module`, if one is named."""
        children = psutil.Process(self._process.pid).children()
        return [child for child in children if any(module in argument for argument in child.cmdline())]

    def photograph(self, path: Path) -> None:
        """Save what its screen shows to `path`."""
        subprocess.run(("import", "-window", "root", path), env=self.environment, check=False, timeout=20)

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()

    def close(self) -> str:
        """End it and return what it wrote to standard error, but for what PortAudio writes about a lost device."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10.0)
            except subprocess.TimeoutExpired:
                self.kill()
        self._reader.join()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._errors.seek(0)
        with self._errors as errors:
            return "".join(line for line in errors if not line.startswith("Expression '"))

    def _xdotool(self, *arguments: str) -> str:
        command = ("xdotool", *arguments)
        done = subprocess.run(command, env=self.environment, check=True, capture_output=True, text=True, timeout=20)
        return done.stdout.strip()

    def _wait(self, check: Callable[[], bool], what: str, timeout: float = PATIENCE_S) -> None:
        with self._news:
            if not self._news.wait_for(lambda: check() or self._process.poll() is not None, timeout) or not check():
                last = self.snapshots[-1] if self.snapshots else None
                said = Path(self._errors.name).read_text()
                raise TimeoutError(f"{what} did not come; exit status {self._process.poll()}, {said=}, last {last}")

    def _read(self) -> None:
        for line in self._process.stdout or ():
            message = json.loads(line)
            with self._news:
                if "stop" in message:
                    x, y = message["stop"]
                    self._stop = (x, y)
                else:
                    self.snapshots.append(_snapshot(message["snapshot"]))
                self._news.notify_all()
        self._process.wait()
        with self._news:
            self._news.notify_all()


def usual_environment() -> dict[str, str]:
    """This process's environment without a display and without a sound card."""
    left_out = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "PULSE_SERVER", "PULSE_SINK", "PULSE_SOURCE")
    return {name: value for name, value in os.environ.items() if name not in left_out}


def is_being_spoken(shown: Snapshot) -> bool:
    """Whether the last turn is a reply on its way."""
    return bool(shown.turns) and shown.turns[-1].status is TurnStatus.WRITING


def is_over(turn: TurnView) -> bool:
    """Whether nothing more will come of this turn by itself."""
    return turn.status is not TurnStatus.WRITING


def _snapshot(shown: dict[str, Any]) -> Snapshot:
    turns = tuple(
        TurnView(
            **turn
            | {
                "speaker": Speaker(turn["speaker"]),
                "status": TurnStatus(turn["status"]),
                "cut": CutNote(**turn["cut"]) if turn["cut"] else None,
            }
        )
        for turn in shown["turns"]
    )
    notices = tuple(Notice(**notice | {"level": Level(notice["level"])}) for notice in shown["notices"])
    engines = tuple(EngineView(**engine) for engine in shown["engines"])
    parts = {"state": State(shown["state"]), "turns": turns, "notices": notices, "engines": engines}
    assert {field.name for field in dataclasses.fields(Snapshot)} == set(shown)
    return Snapshot(**shown | parts)
