"""The process host: whatever happens in a child, the parent gets an answer or one clear sentence, in time."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from assistant.engines.child import Child
from assistant.engines.protocols import EngineError
from assistant.errors import UserError

HERE = Path(__file__).parent
Start = Callable[..., Child]


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Start]:
    """Start an Echo child; its log is tmp_path/"log"."""
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    children: list[Child] = []

    def begin(*arguments: object) -> Child:
        children.append(Child("The echo", "echo_engine:Echo", arguments, log=tmp_path / "log"))
        return children[-1]

    yield begin
    for child in children:
        child.kill()


@pytest.fixture
def echo(start: Start) -> Child:
    child = start("ready")
    assert child.wait_ready(20) == "ready"
    return child


def test_answers_come_back_and_noise_does_not(echo: Child, tmp_path: Path) -> None:
    payload = {"text": "né 😀", "bytes": bytes(range(256)) * 4000}  # more than a pipe holds
    assert echo.call("echo", payload, timeout_s=20) == payload
    log = (tmp_path / "log").read_text()
    assert "noise on standard output" in log
    assert "native noise" in log


def test_child_is_a_bare_interpreter(echo: Child) -> None:
    policy, main, modules = echo.call("environment", timeout_s=20)
    assert policy == "PASSIVE"
    assert main == "__main__"
    assert "pytest" not in modules
    assert "numpy" not in modules


def test_user_error_passes_and_the_engine_survives(echo: Child) -> None:
    with pytest.raises(UserError, match="do it otherwise"):
        echo.call("refuse", timeout_s=20)
    assert echo.call("echo", 1, timeout_s=20) == 1


@pytest.mark.parametrize(
    ("method", "sentence"),
    [
        ("fail", r"The echo failed \(ValueError: a defect\)\."),
        ("crash", r"The echo stopped unexpectedly \(SIGSEGV\)\."),
        ("leave", r"The echo stopped unexpectedly \(exit code 3\)\."),
    ],
)
def test_loss_is_one_sentence_and_final(echo: Child, method: str, sentence: str) -> None:
    for _ in range(2):  # the second call finds it gone, for the same reason
        with pytest.raises(EngineError, match=sentence):
            echo.call(method, timeout_s=20)
    assert not echo.alive


def test_crash_leaves_a_traceback_in_the_log(echo: Child, tmp_path: Path) -> None:
    with pytest.raises(EngineError):
        echo.call("crash", timeout_s=20)
    assert "Segmentation fault" in (tmp_path / "log").read_text()


def test_hang_ends_at_the_deadline(echo: Child) -> None:
    with pytest.raises(EngineError, match=r"The echo did not answer for 0\.2 s and was stopped\."):
        echo.call("hang", timeout_s=0.2)
    assert not psutil.pid_exists(echo.pid)


def test_stopped_process_is_a_hang_even_with_a_full_pipe(echo: Child) -> None:
    os.kill(echo.pid, signal.SIGSTOP)
    with pytest.raises(EngineError, match="did not answer"):
        echo.call("echo", bytes(1_000_000), timeout_s=0.2)


def test_poll_runs_while_waiting_and_may_kill(echo: Child) -> None:
    calls = 0

    def poll() -> None:
        nonlocal calls
        calls += 1
        if calls == 5:
            echo.kill("was told to go")

    with pytest.raises(EngineError, match=r"The echo was told to go\."):
        echo.call("hang", timeout_s=20, poll=poll)
    assert calls >= 5


def test_kill_from_another_thread_ends_a_call(echo: Child) -> None:
    killer = threading.Timer(0.05, echo.kill)
    killer.start()
    with pytest.raises(EngineError, match="was stopped"):
        echo.call("hang", timeout_s=20)
    killer.join()


@pytest.mark.parametrize(
    ("facts", "error", "sentence"),
    [
        ("refuse", UserError, "try another"),
        ("crash", EngineError, "SIGSEGV"),
        ("hang", EngineError, "did not answer"),
    ],
)
def test_failed_start(start: Start, facts: str, error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        start(facts).wait_ready(20 if facts != "hang" else 1.0)


def test_close_lets_the_engine_tidy_up(start: Start, tmp_path: Path) -> None:
    child = start("ready", tmp_path / "tidied")
    child.wait_ready(20)
    child.close()
    assert (tmp_path / "tidied").read_text() == "tidy"


@pytest.mark.parametrize("busy", [False, True])
def test_child_dies_with_a_killed_parent(busy: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(HERE), str(HERE.parents[1])]))
    script = (
        "from assistant.engines.child import Child\n"
        "child = Child('The echo', 'echo_engine:Echo', ('ready',))\n"
        "child.wait_ready(20)\n"
        "print(child.pid, flush=True)\n"
        f"child.call({'hang' if busy else 'echo'!r}, *{() if busy else (1,)!r}, timeout_s=60)\n"
        "input()\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
        child.wait(timeout=20)
