"""Remote control: real clients in processes of their own, and clients that nobody should have to bear."""

import json
import os
import random
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Client
from pathlib import Path
from typing import Any

import pytest

from assistant.core.interruptions import Reason
from assistant.errors import UserError
from assistant.paths import runtime_dir
from assistant.session import remote
from assistant.session.remote import LONGEST, LONGEST_TEXT, NotRunningError, RemoteControl, ask
from assistant.session.snapshot import EngineView
from assistant.session.status import Status

STATUS = Status(
    state="speaking",
    speaking=True,
    sentence="It lived in the “old” wood.",
    pending_sentences=2,
    muted=False,
    microphone="desk microphone",
    loudspeaker=None,
    echo_cancellation="linear filter",
    engines=(EngineView("Hearing", True, False, "starter model"),),
    interruptions_per_minute=0.4,
    speculation="on",
    tokens_per_s=41.5,
)


class Told:
    """A session that notes what it is told."""

    def __init__(self) -> None:
        self.commands: list[tuple[object, ...]] = []
        self.busy = False

    def stop(self, reason: Reason = Reason.USER_CLICKED_STOP) -> None:
        self.commands.append(("stop", reason))

    def stop_speech(self, reason: Reason = Reason.USER_CLICKED_STOP) -> None:
        self.commands.append(("stop_speech", reason))

    def announce(self, text: str, *, critical: bool = False) -> None:
        self.commands.append(("announce", text, critical))

    def status(self) -> Status:
        if self.busy:
            raise UserError("Parley is busy.")
        return STATUS


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PARLEY_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def session() -> Iterator[Told]:
    """A session under remote control; no thread of it survives."""
    before = set(threading.enumerate())
    told = Told()
    control = RemoteControl(told)
    try:
        yield told
    finally:
        control.close()
    assert set(threading.enumerate()) <= before
    assert not (runtime_dir() / "remote.json").exists()


def parley(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a process of its own."""
    command = (sys.executable, "-m", "assistant", *arguments)
    return subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)


def known() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((runtime_dir() / "remote.json").read_text())
    return found


def test_stop_say_and_status_from_another_process(session: Told) -> None:
    done = parley("stop")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert parley("stop", "--speech-only").returncode == 0
    assert parley("say", "The soup is ready — ça va 🦊").returncode == 0
    assert parley("say", "--critical", "Fire!").returncode == 0
    assert session.commands == [
        ("stop", Reason.CLIENT_REQUEST),
        ("stop_speech", Reason.CLIENT_REQUEST),
        ("announce", "The soup is ready — ça va 🦊", False),
        ("announce", "Fire!", True),
    ]
    done = parley("status", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout) == json.loads(json.dumps(STATUS.as_json()))
    shown = parley("status").stdout
    for text in ("speaking", "It lived in the “old” wood.", "2", "none", "ready (starter model)", "0.4 a minute", "on"):
        assert text in shown


@pytest.mark.parametrize("arguments", [("stop",), ("say", "hello"), ("status",), ("status", "--json")])
def test_without_a_running_parley_there_is_one_clear_sentence(arguments: tuple[str, ...]) -> None:
    done = parley(*arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Parley is not running: start it with `parley` or `parley talk`, then try again.\n"


def test_one_that_was_killed_leaves_nothing_that_passes_for_running(session: Told) -> None:
    text = (runtime_dir() / "remote.json").read_text()
    for stale in (text.replace("listener-", "gone-"), "{}", "not json", "[1]", '{"address": 1, "key": "zz"}'):
        (runtime_dir() / "remote.json").write_text(stale)
        with pytest.raises(NotRunningError):
            ask(command="status")


@pytest.mark.skipif(sys.platform == "win32", reason="folders of a profile are private by their access lists there")
def test_only_this_user_can_open_it(session: Told) -> None:
    file = runtime_dir() / "remote.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(runtime_dir().stat().st_mode) == 0o700
    assert stat.S_IMODE(Path(known()["address"]).parent.stat().st_mode) == 0o700
    assert len(bytes.fromhex(known()["key"])) == 32


def test_a_folder_that_others_could_open_is_closed(home: Path) -> None:
    runtime_dir().mkdir(parents=True, mode=0o777)
    runtime_dir().chmod(0o777)
    RemoteControl(Told()).close()
    assert stat.S_IMODE(runtime_dir().stat().st_mode) == 0o700


def test_a_folder_of_somebody_else_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    with pytest.raises(UserError, match="belongs to somebody else"):
        RemoteControl(Told())


def test_who_does_not_know_the_key_learns_and_does_nothing(session: Told) -> None:
    good = (runtime_dir() / "remote.json").read_text()
    (runtime_dir() / "remote.json").write_text(json.dumps(known() | {"key": "00" * 32}))
    with pytest.raises(UserError, match="does not answer"):
        ask(command="stop")
    (runtime_dir() / "remote.json").write_text(good)
    ask(command="stop")
    assert len(session.commands) == 1


def test_keys_differ_from_run_to_run() -> None:
    keys = set()
    for _ in range(3):
        control = RemoteControl(Told())
        keys.add(known()["key"])
        control.close()
    assert len(keys) == 3


def test_what_is_not_understood_is_answered_and_does_nothing(session: Told) -> None:
    requests: list[dict[str, object]] = [
        {},
        {"command": "explode"},
        {"command": "say"},
        {"command": "say", "text": ""},
        {"command": "say", "text": "   "},
        {"command": "say", "text": 7},
        {"command": "say", "text": "x" * (LONGEST_TEXT + 1)},
        {"command": "say", "text": "x", "critical": "yes"},
        {"command": "stop", "force": True},
    ]
    for request in requests:
        with pytest.raises(UserError, match="was not understood"):
            ask(**request)
    assert session.commands == []
    assert ask(command="status")["status"]["state"] == "speaking"


def test_the_session_s_own_refusal_reaches_the_client(session: Told) -> None:
    session.busy = True
    with pytest.raises(UserError, match=r"Parley is busy\."):
        ask(command="status")


def test_the_longest_text_passes_whatever_its_characters(session: Told) -> None:
    for text in ("x" * LONGEST_TEXT, "🦊" * (LONGEST_TEXT - 100), '"' * LONGEST_TEXT):
        ask(command="say", text=text)
        assert session.commands[-1] == ("announce", text, False)
    with pytest.raises(UserError, match="too long"):
        ask(command="say", text="x" * LONGEST)


def test_a_silent_client_keeps_the_next_one_waiting_for_a_moment_only(
    session: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "PATIENCE_S", 0.2)
    silent = [Client(known()["address"]) for _ in range(3)]
    began = time.monotonic()
    ask(command="stop")
    assert time.monotonic() - began < 5.0
    assert len(session.commands) == 1
    for client in silent:
        client.close()


def test_half_a_message_does_not_hang_it(session: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "PATIENCE_S", 0.2)
    half = Client(known()["address"])
    half.recv_bytes()
    os.write(half.fileno(), b"\x00\x00")  # the beginning of a length
    ask(command="stop")
    assert len(session.commands) == 1
    half.close()


def test_garbage_neither_crashes_nor_hangs_it(session: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "PATIENCE_S", 0.2)
    dice = random.Random(1)
    pickled = b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x05false\x85R."
    for number in range(60):
        with Client(known()["address"]) as client, suppress(OSError, EOFError):  # it may hang up on us first
            if number % 3 == 0:  # before the proof of the key
                os.write(client.fileno(), dice.randbytes(dice.randint(1, 200)))
            elif number % 3 == 1:
                client.recv_bytes()
                client.send_bytes(dice.choice([b"", pickled, b"#CHALLENGE#", dice.randbytes(300), b"x" * 20_000]))
            else:  # after it
                patient = remote._Patient(client, 10.0)
                patient.prove(bytes.fromhex(known()["key"]), first=False)
                message = dice.choice(
                    [b"", pickled, b"{", b"[]", b"null", b"\xff\xfe", b'{"command": NaN}', b"x" * 9000]
                )
                patient.send_bytes(message)
    ask(command="stop")
    assert session.commands == [("stop", Reason.CLIENT_REQUEST)]
    assert ask(command="status")["status"]["pending_sentences"] == 2


def test_a_parley_that_does_not_answer_is_told_of(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "ANSWER_WITHIN_S", 0.2)
    monkeypatch.setattr(RemoteControl, "_run", lambda self: None)
    control = RemoteControl(Told())
    with pytest.raises(UserError, match="does not answer"):
        ask(command="status")
    control.close()


def test_it_ends_where_its_socket_was_removed(home: Path) -> None:
    control = RemoteControl(Told())
    Path(known()["address"]).unlink()
    control.close()
    with pytest.raises(NotRunningError):
        ask(command="status")
