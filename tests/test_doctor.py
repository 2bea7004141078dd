"""The doctor: every line says how it is, and every trouble says what to do."""

from pathlib import Path

import psutil
import pytest

from assistant import doctor
from assistant.doctor import Check, Status, run_checks
from assistant.library import STARTER
from assistant.probe import PROBES, ProbeError, ask
from assistant.settings import Settings
from assistant.settings_file import save_settings

NAMES = {
    "Settings",
    "Python",
    "Processor",
    "Memory",
    "Disk",
    "Display",
    "Sound server",
    "Sound card",
    "Microphone",
    "Loudspeaker",
    "Echo cancellation",
    "Voice",
    "Hearing",
    "Thinking",
}


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARLEY_HOME", str(tmp_path))


def named(checks: list[Check], name: str) -> Check:
    """The one check called `name`."""
    (check,) = [check for check in checks if check.name == name]
    return check


def test_everything_is_looked_at_and_every_trouble_has_a_remedy() -> None:
    checks = list(run_checks())
    assert {check.name for check in checks} == NAMES
    for check in checks:
        assert check.detail
        assert "\n" not in check.detail
        assert bool(check.remedy) == (check.status is not Status.OK), check
    for name in ("Python", "Echo cancellation", "Voice", "Hearing", "Thinking"):  # what the tests run on
        assert named(checks, name).status is Status.OK, name


def test_a_mistake_in_the_settings_and_a_missing_model_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARLEY_BLOCK_MS", "loud")
    save_settings({"chat_model": "/nowhere/model.gguf"})
    checks = list(run_checks())
    assert "PARLEY_BLOCK_MS" in named(checks, "Settings").detail
    thinking = named(checks, "Thinking")
    assert thinking.status is Status.FAIL
    assert "/nowhere/model.gguf" in thinking.detail


def test_a_damaged_starter_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "damaged_files", lambda: ["chat/parley-starter.gguf"])
    check = doctor._model("Thinking", STARTER / "chat" / "parley-starter.gguf", lambda path: None)
    assert check.status is Status.FAIL
    assert "chat/parley-starter.gguf" in check.detail


@pytest.mark.parametrize(
    ("wanted", "found", "default", "status", "said"),
    [
        ("", ["A", "B"], "B", Status.OK, "B"),
        ("", ["A", "B"], None, Status.OK, "A"),
        ("usb", ["Built-in", "USB headset"], "Built-in", Status.OK, "USB headset"),
        ("usb", ["Built-in"], "Built-in", Status.WARN, '"usb" is not there'),
        ("", [], None, Status.WARN, "none found"),
    ],
)
def test_devices(wanted: str, found: list[str], default: str | None, status: Status, said: str) -> None:
    check = doctor._device("Microphone", wanted, found, default)
    assert (check.status, check.detail) == (status, said)


def test_where_portaudio_crashes_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(kind: str, *, timeout_s: float) -> object:
        raise ProbeError("crashed (signal 11)")

    monkeypatch.setattr(doctor, "ask", crash)
    (check,) = doctor._devices(Settings())
    assert (check.name, check.status, check.detail) == ("PortAudio", Status.FAIL, "crashed (signal 11)")


def test_a_processor_without_avx2_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("flags : fpu sse4_2 avx\n")
    assert doctor._processor(cpuinfo).status is Status.FAIL
    cpuinfo.write_text("flags : fpu sse4_2 avx avx2\n")
    assert doctor._processor(cpuinfo).status is Status.OK


def test_little_memory_warns(monkeypatch: pytest.MonkeyPatch) -> None:
    class Little:
        available = 300e6

    monkeypatch.setattr(psutil, "virtual_memory", Little)
    assert doctor._memory().status is Status.WARN


def test_no_display_names_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert "parley talk" in doctor._display().remedy


def test_a_missing_system_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("DISPLAY", ":7")
    monkeypatch.setattr(doctor, "_missing_libraries", lambda plugin: ["libxcb-cursor.so.0"])
    check = doctor._display()
    assert check.status is Status.FAIL
    assert "libxcb-cursor.so.0" in check.detail


def test_a_program_that_needs_nothing_misses_no_library() -> None:
    assert doctor._missing_libraries(Path("/bin/sh")) == []


def test_the_probes_answer() -> None:
    assert set(PROBES) == {"sound", "voice", "echo"}
    assert ask("voice", timeout_s=30.0)
    assert set(ask("sound", timeout_s=30.0)) == {"inputs", "outputs", "default_input", "default_output"}


def test_a_probe_that_fails_or_hangs_is_an_error() -> None:
    with pytest.raises(ProbeError, match="KeyError: 'nonsense'"):
        ask("nonsense", timeout_s=30.0)
    with pytest.raises(ProbeError, match=r"took more than 0\.001 s"):
        ask("voice", timeout_s=0.001)
