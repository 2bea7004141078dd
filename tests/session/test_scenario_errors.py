"""A scenario that cannot be played: exit status 2, and one line that names file, key and remedy."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from assistant.cli import app

USER = '[[user]]\nat = 1.0\nsay = "hello"\n'

BAD = [
    ("title = 5", "title", "correct the value"),
    ("titel = 'x'", "titel", "remove it or correct its spelling"),
    ("title = 'x", "", "correct that line"),
    ("duration_s = -1.0", "duration_s", "greater than 0"),
    ("duration_s = nan", "duration_s", "correct the value"),
    ("seed = 1.5", "seed", "correct the value"),
    ("[room]\noutput = 'tin can'", "room.output", "'speaker' or 'headset'"),
    ("[room]\necho = 3", "room.echo", "remove it"),
    ("[room]\nrir = 'none.wav'", "room.rir", "correct the path"),
    ("[room]\nnoise = 'text.wav'", "room.noise", "give a WAV or FLAC file"),
    ("[room]\nnoise = 'silence.wav'", "room.noise", "give another sound"),
    ("[costs]\ntokens_per_s = 0", "costs.tokens_per_s", "greater than 0"),
    ("[settings]\nblok_ms = 20", "settings", 'did you mean "block_ms"'),
    ("[settings]\nblock_ms = '20'", "settings", '"block_ms" must be a whole number from 10 to 40 ms'),
    ("[models]\nstt = 'none'", "models.stt", "correct the path"),
    ("[models]\nstt = 'empty'", "models", "choose the folder"),
    ("[models]\nllm = 'text.wav'", "models", "choose the GGUF file"),
    ("[user]\nat = 1.0", "user", "correct the value"),
    ("[[user]]\nat = 1.0", "user.1", "exactly one of say, wav, press, type and priority"),
    (USER + "press = 'stop'", "user.1", "exactly one of say, wav, press, type and priority"),
    ("[[user]]\nsay = 'x'", "user.1", "exactly one of at and after"),
    (USER + "after = 'reply_finished'", "user.1", "exactly one of at and after"),
    (USER + "offset_s = 1.0", "user.1", "add it to at instead"),
    (USER + "role = 'boss'", "user.1.role", "correct the value"),
    (USER + "level_dbfs = 3", "user.1.level_dbfs", "less than or equal to 0"),
    (USER + "voice = 'nobody at all'", "user.1.voice", "choose another"),
    ("[[user]]\nat = 1.0\nsay = '...'", "user.1.say", "give words"),
    ("[[user]]\nat = 'soon'\nsay = 'x'", "user.1.at", "correct the value"),
    ("[[user]]\nat = -1.0\nsay = 'x'", "user.1.at", "greater than or equal to 0"),
    ("duration_s = 1.0\n" + USER, "user 1", "give an earlier time"),
    ("[[user]]\nat = 500\nsay = 'x'", "user 1", "give an earlier time"),
    ("[[user]]\nafter = 'reply_finished'\noffset_s = 500.0\nsay = 'x'", "user 1", "give a shorter time"),
    ("[[user]]\nafter = 'nobody'\nsay = 'x'", "user 1", "use one of playout_started"),
    ("[[user]]\nname = 'a'\nafter = 'a'\nsay = 'x'", "user 1", "waits for itself"),
    ("[[user]]\nat = 1.0\npress = 'harder'", "user.1.press", "'unmute'"),
    ("[[user]]\nat = 1.0\nwav = 'none.wav'", "user.1.wav", "correct the path"),
    ("[[user]]\nat = 1.0\nwav = 'text.wav'", "user.1.wav", "give a WAV or FLAC file"),
    ("[[user]]\nname = 'a'\nat = 1.0\nsay = 'x'\n" * 2, "", "rename one"),
    ("[[user]]\nname = 'reply_finished'\nat = 1.0\nsay = 'x'", "user 1", "choose another name"),
]


def refusal(path: Path) -> str:
    """Play the scenario, which must be refused; return what was said about it."""
    result = CliRunner().invoke(app, ["simulate", str(path), "--json"])
    assert result.exit_code == 2
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"{path}: ")
    return line.removeprefix(f"{path}: ")


@pytest.mark.parametrize(
    ("text", "key", "remedy"), BAD, ids=[f"{key or 'file'}-{n}" for n, (_, key, _) in enumerate(BAD)]
)
def test_a_bad_scenario_is_refused(tmp_path: Path, text: str, key: str, remedy: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.wav").write_text("this is not sound")
    soundfile.write(tmp_path / "silence.wav", np.zeros(1600), 16_000)
    path = tmp_path / "scenario.toml"
    path.write_text(text + "\n")
    said = refusal(path)
    assert said.startswith(key)
    assert remedy in said


@pytest.mark.parametrize("name", ["missing.toml", "folder", "binary.toml"])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    refusal(tmp_path / name)
