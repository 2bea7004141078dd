"""The command line: what is printed, what is refused and how, and that it starts at once."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from assistant import __version__, cli, doctor, launch
from assistant.core.interruptions import Reason
from assistant.doctor import Check, Status
from assistant.errors import UserError
from assistant.library import catalogue
from assistant.paths import settings_file
from assistant.session.snapshot import Controller, FakeController
from assistant.settings import Settings
from assistant.single_instance import single_instance

SCENARIO = 'title = "t"\nduration_s = 1.0\n'


def parley(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, arguments)


def refusal(*arguments: str) -> str:
    """Run a command that must fail with 1 and one line."""
    result = parley(*arguments)
    assert result.exit_code == 1
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    return line


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, and no display."""
    monkeypatch.setenv("PARLEY_HOME", str(tmp_path / "home"))
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "home"


def test_version_and_help() -> None:
    assert parley("--version").stdout == f"parley {__version__}\n"
    text = parley("--help").stdout
    assert all(name in text for name in ("talk", "demo", "simulate", "doctor", "models", "bench", "--speech-model"))
    assert all(name in text for name in ("stop", "say", "status", "interruptions"))


def test_the_command_line_itself_loads_nothing_heavy() -> None:
    code = "import sys, assistant.cli; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"numpy", "pydantic", "PySide6", "vosk", "llama_cpp", "matplotlib", "pyaudio"} & set(loaded)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
def test_without_a_display_it_says_what_to_do_instead() -> None:
    said = refusal()
    assert "no display" in said
    assert "parley talk" in said
    assert "parley demo" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--set", "block_ms", "talk"), "--set needs NAME=VALUE"),
        (("--set", "block_ms=7", "talk"), '"block_ms" must be a whole number'),
        (("talk", "--set", "blok_ms=20"), 'did you mean "block_ms"'),
        (("talk", "--speech-model", "nowhere"), "no speech model at"),
        (("talk", "--chat-model", "nowhere.gguf"), "no chat model at"),
        (("--chat-model", __file__, "talk"), "choose the GGUF file of a chat model"),
    ],
)
def test_a_mistake_is_one_line(arguments: tuple[str, ...], said: str) -> None:
    assert said in refusal(*arguments)


def test_a_second_one_is_refused() -> None:
    with single_instance():
        assert "already running" in refusal("talk")


def test_the_options_reach_the_session_and_mistakes_in_the_file_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from assistant.session import build

    class Session(FakeController):
        def __init__(self, settings: Settings) -> None:
            super().__init__()
            self.settings = settings
            self.told: list[str] = []

        def tell(self, text: str) -> None:
            self.told.append(text)

    seen: list[Controller] = []

    def take(session: Controller) -> int:
        seen.append(session)
        return 0

    monkeypatch.setattr(build, "build_session", Session)
    monkeypatch.setattr("assistant.talk.talk", take)
    settings_file().parent.mkdir(parents=True)
    settings_file().write_text('block_ms = "x"\n')
    assert parley("--voice", "anna", "--set", "duck_db=9", "talk", "--set", "duck_db=12").exit_code == 0
    (session,) = seen
    assert isinstance(session, Session)
    assert (session.settings.voice, session.settings.duck_db) == ("anna", 12.0)
    (told,) = session.told
    assert "block_ms" in told


def test_the_window_gets_its_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    from assistant.session import build

    asked: list[Settings] = []

    def run(_: Controller, settings: Settings) -> int:
        asked.append(settings)
        return 0

    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setattr(build, "build_session", lambda _: FakeController())
    monkeypatch.setattr("ui.app.run", run)
    assert parley("--set", "theme=dark", "--set", "reduced_motion=on").exit_code == 0
    (settings,) = asked
    assert (settings.theme, settings.text_scale, settings.reduced_motion) == ("dark", 1.0, "on")


def test_ctrl_c_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(launch, "open_terminal", interrupted)
    result = parley("talk")
    assert result.exit_code == 130
    assert "Traceback" not in result.output


def test_the_log_goes_to_a_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from assistant.session import build

    monkeypatch.setattr(build, "build_session", lambda _: FakeController())
    monkeypatch.setattr("assistant.talk.talk", lambda _: 0)
    assert parley("talk").exit_code == 0
    assert (home / "logs" / "parley.log").exists()


def test_doctor_prints_a_line_for_each_check_and_fails_if_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    def checks() -> Iterator[Check]:
        yield Check("Python", Status.OK, "3.12")
        yield Check("Voice", Status.FAIL, "none", "install espeak-ng")

    monkeypatch.setattr("assistant.tables.run_checks", checks)
    assert doctor.run_checks is not checks
    result = parley("doctor")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == ["✓ Python: 3.12", "✗ Voice: none – install espeak-ng"]


def test_a_sound_check_without_devices_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/nobody.sock")
    assert "found. Plug" in refusal("soundcheck", "--forget")


def test_models_lists_everything_that_is_known() -> None:
    text = " ".join(parley("models").stdout.split())
    known = catalogue()
    assert all(starter.name in text for starter in known.starters)
    for model in known.models:
        assert model.id in text
        assert model.licence in text
        assert model.urls[0] in text
    assert "not a substitute" in text
    assert "--speech-model" in text


def test_a_scenario_is_shown_as_it_goes_and_written(tmp_path: Path) -> None:
    path, out = tmp_path / "short.toml", tmp_path / "a" / "b"
    path.write_text(SCENARIO + '[[user]]\nat = 0.1\ntype = "hello"\nname = "greeting"\n')
    result = parley("simulate", str(path), "--out", str(out))
    assert result.exit_code == 0
    assert "types: hello" in result.stdout
    assert "greeting" in result.stdout
    assert {file.name for file in out.iterdir()} == {"room.wav", "events.jsonl", "timeline.png"}


def test_where_nothing_can_be_written_it_says_so_before_it_plays(tmp_path: Path) -> None:
    path, out = tmp_path / "short.toml", tmp_path / "file"
    path.write_text(SCENARIO)
    out.write_text("in the way")
    assert str(out) in refusal("simulate", str(path), "--out", str(out))


def test_other_programs_control_it_while_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    from assistant.session import build

    seen: list[Result] = []

    def talk(session: FakeController) -> int:
        seen.extend((parley("stop"), parley("interruptions", "--json"), parley("stop", "--force")))
        return 0

    class Session(FakeController):
        def stop(self, reason: Reason = Reason.USER_CLICKED_STOP) -> None:
            self.commands.append(("stop", reason))

    session = Session()
    monkeypatch.setattr(build, "build_session", lambda _: session)
    monkeypatch.setattr("assistant.talk.talk", talk)
    assert parley("talk").exit_code == 0
    assert session.commands == [("stop", Reason.CLIENT_REQUEST)]
    assert [result.exit_code for result in seen] == [0, 0, 2]
    assert json.loads(seen[1].stdout)["interruptions"] == []
    assert "not running" in refusal("stop")


def test_where_it_cannot_be_controlled_it_runs_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    from assistant.session import build

    def refuse(_: object) -> None:
        raise UserError("Other programs cannot control Parley.")

    class Session(FakeController):
        def tell(self, text: str) -> None:
            self.commands.append(("tell", text))

    session = Session()
    monkeypatch.setattr("assistant.session.remote.RemoteControl", refuse)
    monkeypatch.setattr(build, "build_session", lambda _: session)
    monkeypatch.setattr("assistant.talk.talk", lambda _: 0)
    assert parley("talk").exit_code == 0
    assert session.commands == [("tell", "Other programs cannot control Parley.")]


def test_what_interrupted_it_is_listed() -> None:
    assert "Nothing has interrupted Parley yet." in parley("interruptions").stdout
    assert "--since takes a time span" in refusal("interruptions", "--since", "soon")
    assert parley("interruptions", "--limit", "0").exit_code == 2


@pytest.mark.parametrize(("failed", "status"), [(0, 0), (2, 1)])
def test_bench_gets_its_options(monkeypatch: pytest.MonkeyPatch, failed: int, status: int) -> None:
    asked: list[object] = []

    def bench(_: object, overrides: object, **options: object) -> int:
        asked.extend((overrides, options))
        return failed

    monkeypatch.setattr("assistant.bench.command.bench", bench)
    assert parley("--voice", "anna", "bench", "barge-in", "--quick", "--json").exit_code == status
    assert asked == [
        {"voice": "anna"},
        {"names": ["barge-in"], "as_json": True, "quick": True, "sound_card": False},
    ]


def test_a_wrong_option_is_a_usage_error() -> None:
    result = parley("simulate")
    assert result.exit_code == 2
    assert "SCENARIO" in result.stderr


def test_overrides_make_paths_absolute() -> None:
    found = cli.overrides(Path("speech"), Path("chat.gguf"), None, ["theme=dark"])
    assert found == {
        "theme": "dark",
        "speech_model": str(Path("speech").absolute()),
        "chat_model": str(Path("chat.gguf").absolute()),
    }
    with pytest.raises(UserError, match="NAME=VALUE"):
        cli.overrides(None, None, None, ["theme"])
