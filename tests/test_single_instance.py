"""Only one Parley runs at a time, and its end frees the place however it ends."""

import subprocess
import sys
from pathlib import Path

import pytest

from assistant.errors import UserError
from assistant.single_instance import single_instance

HOLD = """
from assistant.single_instance import single_instance
with single_instance():
    print("held", flush=True)
    input()
"""
ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARLEY_HOME", str(tmp_path))


def test_a_second_instance_is_refused_until_the_first_ends_even_by_a_kill() -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", HOLD], cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        with pytest.raises(UserError, match="already running"), single_instance():
            raise AssertionError("two instances at once")
        first.kill()
        first.wait(timeout=30)
    with single_instance():
        pass
    with single_instance():  # and one after the other in one process
        pass


def test_where_the_lock_cannot_be_made_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "occupied").write_text("a file, not a folder")
    monkeypatch.setenv("PARLEY_HOME", str(tmp_path / "occupied"))
    with pytest.raises(UserError, match="cannot be created"), single_instance():
        raise AssertionError("a lock without a folder")
