"""What `parley` says where it cannot open its window, as the command itself."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end.app import ROOT, App, usual_environment

pytestmark = pytest.mark.timeout(180)


def refusal(environment: dict[str, str]) -> str:
    """Start `parley`, which must end with 1 and one line."""
    command = (sys.executable, "-m", "assistant")
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    return line


def test_a_second_parley_is_refused_and_the_first_goes_on(app: App) -> None:
    assert refusal(app.environment) == "Parley is already running: use its window, or close it and start again."
    app.type("what is the capital of france")
    app.wait_for_reply(1, words="Paris")


def test_without_a_display_it_says_what_else_there_is(tmp_path: Path) -> None:
    line = refusal(usual_environment() | {"PARLEY_HOME": str(tmp_path)})
    assert line.startswith("There is no display")
    assert "parley talk" in line


def test_a_display_that_does_not_answer_is_named(tmp_path: Path) -> None:
    line = refusal(usual_environment() | {"PARLEY_HOME": str(tmp_path), "DISPLAY": ":98765"})
    assert line.startswith("The display :98765 does not answer")
