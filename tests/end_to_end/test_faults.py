"""What goes wrong on a user's machine while Parley runs: one clear message each, and what can go on goes on."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from assistant.bench.virtual_card import VirtualSoundCard
from assistant.core.effects import Level
from assistant.session.snapshot import Snapshot, State, TurnStatus
from tests.end_to_end.app import App, is_over
from tests.end_to_end.conftest import running
from tests.end_to_end.sounds import heard_s, say

pytestmark = pytest.mark.timeout(180)

CAPITAL = "what is the capital of france"


def problems(shown: Snapshot) -> list[str]:
    return [notice.text for notice in shown.notices if notice.level is Level.PROBLEM]


def test_the_sound_card_goes_and_comes_back(app: App, card: VirtualSoundCard) -> None:
    before = problems(app.now())
    card.stop()
    shown = app.wait_for(lambda shown: shown.microphone is None and shown.loudspeaker is None)
    assert shown.state is State.NO_MICROPHONE
    said = problems(shown)[len(before) :]
    assert len(said) == 2
    assert all("Plug it in again" in sentence for sentence in said)
    app.type(CAPITAL)
    answer = app.wait_for(lambda shown: len(shown.turns) == 2 and is_over(shown.turns[1])).turns[1]
    assert "Paris" in answer.text
    card.start()
    app.wait_for(lambda shown: bool(shown.microphone and shown.loudspeaker))
    with card.recording() as recording:
        recording.wait(2.5)
        silent_so_far = heard_s(recording.pcm)
        say(card, CAPITAL)
        answer = app.wait_for_reply(3, words="Paris")
        recording.wait(0.3)
        assert silent_so_far == 0.0
        assert heard_s(recording.pcm) > 0.5
    assert answer.status is TurnStatus.COMPLETE
    assert problems(app.now())[len(before) :] == said


def test_the_mind_dies_during_a_reply(app: App) -> None:
    before = problems(app.now())
    (mind,) = app.children("llm_llama")
    mind.suspend()
    app.type(CAPITAL)
    app.wait_for(lambda shown: shown.state is State.THINKING)
    mind.kill()
    app.wait_for_reply(1, words="Paris")
    (sentence,) = problems(app.now())[len(before) :]
    assert "SIGKILL" in sentence
    assert "started again" in sentence
    assert mind not in app.children("llm_llama")
    app.type(CAPITAL)
    app.wait_for_reply(3, words="Paris")


def test_the_mind_dies_between_replies(app: App) -> None:
    app.type(CAPITAL)
    app.wait_for_reply(1, words="Paris")
    before = problems(app.now())
    (mind,) = app.children("llm_llama")
    mind.kill()
    app.type(CAPITAL)
    app.wait_for_reply(3, words="Paris")
    assert len(problems(app.now())[len(before) :]) == 1


def test_the_voice_and_its_spare_die_during_a_reply(app: App) -> None:
    before = problems(app.now())
    voices = app.children("tts_pyttsx3")
    assert voices
    for voice in voices:
        voice.suspend()
    app.type(CAPITAL)
    app.wait_for(lambda shown: len(shown.turns) == 2 and "Paris" in shown.turns[1].text)
    for voice in voices:
        voice.kill()
    first = app.wait_for(lambda shown: is_over(shown.turns[1])).turns[1]
    assert first.status is TurnStatus.COMPLETE
    app.wait_for(lambda shown: all(engine.ready for engine in shown.engines))
    app.type(CAPITAL)
    assert app.wait_for_reply(3, words="Paris").status is TurnStatus.COMPLETE
    assert problems(app.now())[len(before) :] == []


@pytest.fixture
def mute_app(tmp_path: Path) -> Iterator[App]:
    """Parley on a machine without any sound device."""
    with running(tmp_path / "home", {"PULSE_SERVER": f"unix:{tmp_path}/nobody.sock"}) as app:
        yield app


def test_without_any_sound_device_it_is_typed_with(mute_app: App) -> None:
    app = mute_app
    shown = app.wait_for(lambda shown: shown.state is State.NO_MICROPHONE and bool(shown.notices))
    assert (shown.microphone, shown.loudspeaker) == (None, None)
    assert any("No microphone found" in sentence for sentence in problems(shown))
    assert app.title() == "No microphone – New conversation – Parley"
    app.type(CAPITAL)
    answer = app.wait_for(lambda shown: len(shown.turns) == 2 and is_over(shown.turns[1])).turns[1]
    assert "Paris" in answer.text
    assert app.now().turns[0].text == CAPITAL


def test_what_was_said_is_on_disk_after_a_kill(mute_app: App) -> None:
    app = mute_app
    app.type(CAPITAL)
    answer = app.wait_for(lambda shown: len(shown.turns) == 2 and is_over(shown.turns[1])).turns[1]
    children = app.children()
    app.kill()
    with contextlib.closing(sqlite3.connect(app.home / "data" / "conversations.db")) as db:
        turns = db.execute("SELECT role, text, status FROM turns ORDER BY number").fetchall()
    assert turns == [("user", CAPITAL, "complete"), ("assistant", answer.text, answer.status.value)]
    assert children
    assert psutil.wait_procs(children, timeout=20)[1] == []
