"""`parley stop`, `parley say` and `parley status` from other processes, on a real window with real engines."""

import json
import subprocess
import sys

import pytest

from assistant.core.history import TurnStatus
from assistant.session.snapshot import Speaker
from tests.end_to_end.app import PATIENCE_S, App, is_being_spoken, is_over

pytestmark = pytest.mark.timeout(180)

STORY = "tell me a story"


def parley(app: App, *arguments: str) -> str:
    """Run the command line beside `app`, as its user would; returns what it prints."""
    command = (sys.executable, "-m", "assistant", *arguments)
    done = subprocess.run(command, env=app.environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_stop_from_another_process_silences_it(app: App) -> None:
    app.type(STORY)
    app.wait_until_it_speaks()
    assert parley(app, "stop") == ""
    told = app.wait_for(lambda shown: len(shown.turns) > 1 and is_over(shown.turns[1])).turns[1]
    assert told.status is TurnStatus.DROPPED
    assert told.cut is not None
    assert told.cut.cause == "another program asked for silence"
    (record,) = json.loads(parley(app, "interruptions", "--json", "--limit", "1"))["interruptions"]
    assert record["reason"] == "client_request"
    assert record["heard"] == told.text[: told.heard]


def test_what_it_is_told_to_say_interrupts_the_reply(app: App) -> None:
    app.type(STORY)
    app.wait_until_it_speaks()
    parley(app, "say", "The soup is ready.")
    shown = app.wait_for(lambda shown: any(turn.text == "The soup is ready." for turn in shown.turns))
    said = next(turn for turn in shown.turns if turn.text == "The soup is ready.")
    assert said.speaker is Speaker.PARLEY
    assert app.wait_for_reply(said.number).status is TurnStatus.COMPLETE
    assert app.now().turns[1].can_continue


def test_status_tells_what_it_is_doing(app: App) -> None:
    quiet = json.loads(parley(app, "status", "--json"))
    assert (quiet["speaking"], quiet["pending_sentences"]) == (False, 0)
    assert all(engine["ready"] for engine in quiet["engines"])
    app.type(STORY)
    app.wait_until_it_speaks()
    busy = json.loads(parley(app, "status", "--json"))
    assert is_being_spoken(app.now())
    assert (busy["speaking"], busy["state"]) == (True, "speaking")
    assert busy["pending_sentences"] >= 1
    assert busy["sentence"] in app.now().turns[1].text
