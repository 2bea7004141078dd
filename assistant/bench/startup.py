"""How soon the command line, the window and the engines are there, and how much memory they take."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass

import psutil

from assistant.bench.plan import Plan, Readings
from assistant.errors import UserError

PAINTED, READY = "painted", "ready"
"""What the child says when its window has been painted, and when all engines are loaded."""

_PATIENCE_S = 120.0
_SETTLE_S = 2.0
"""After the engines are ready the voice's spare still loads."""
_ENGINES = {"mind": "llm_llama", "voices": "tts_pyttsx3"}
"""Figures, and what the command lines of their processes name."""


def imports(plan: Plan) -> Readings:
    """Start an interpreter that imports the command line, and one that imports nothing."""
    rounds = plan.rounds(10)
    return {
        "cli": [_interpreter("import assistant.cli") for _ in range(rounds)],
        "bare": [_interpreter("pass") for _ in range(rounds)],
    }


def startup(plan: Plan) -> Readings:
    """Open the whole app without a display, several times."""
    apps = [_open_app(plan, settle_s=0.0) for _ in range(plan.rounds(5))]
    return {PAINTED: [app.painted_ms for app in apps], READY: [app.ready_ms for app in apps]}


def memory(plan: Plan) -> Readings:
    """Open the whole app without a display and look at its processes; once, for they are the same every time."""
    return {key: [size] for key, size in _open_app(plan, settle_s=_SETTLE_S).megabytes.items()}


def _interpreter(code: str) -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return 1000 * (time.perf_counter() - begun)


@dataclass(frozen=True, slots=True)
class _App:
    painted_ms: float
    ready_ms: float
    megabytes: dict[str, float]


def _open_app(plan: Plan, settle_s: float) -> _App:
    """Run `startup_child` in a home of its own; it closes when its standard input does."""
    changes = plan.settings.model_dump(exclude_defaults=True)
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as home:
        environment = os.environ | {"PARLEY_HOME": home, "QT_QPA_PLATFORM": "offscreen", "OMP_WAIT_POLICY": "PASSIVE"}
        command = [sys.executable, "-m", "assistant.bench.startup_child", json.dumps(changes)]
        begun = time.perf_counter()
        with subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as child:
            watchdog = threading.Timer(_PATIENCE_S, child.kill)
            watchdog.start()
            try:
                painted = _wait_for(child, PAINTED, begun)
                ready = _wait_for(child, READY, begun)
                time.sleep(settle_s)
                sizes = _memory(child.pid)
                child.communicate()
            finally:
                watchdog.cancel()
                child.kill()
    return _App(painted, ready, sizes)


def _wait_for(child: "subprocess.Popen[bytes]", word: str, begun: float) -> float:
    """Milliseconds from `begun` until the child says `word`. Raises UserError if it ends before that."""
    assert child.stdout is not None
    for line in child.stdout:
        if line.decode().strip() == word:
            return 1000 * (time.perf_counter() - begun)
    raise UserError("The app did not start, so it cannot be measured: `parley doctor` tells why.")


def _memory(pid: int) -> dict[str, float]:
    """Megabytes (10^6 bytes) of resident memory by process; shared pages count in each."""
    parent = psutil.Process(pid)
    sizes = {"app": parent.memory_info().rss / 1e6, **dict.fromkeys(_ENGINES, 0.0)}
    for process in parent.children(recursive=True):
        command = " ".join(process.cmdline())
        for key, module in _ENGINES.items():
            if module in command:
                sizes[key] += process.memory_info().rss / 1e6
    return sizes | {"total": sum(sizes.values())}
