"""Settings that change while a session runs, what it tells of itself, and what it keeps in memory."""

import logging

import pytest

from assistant.audio.echo import Method
from assistant.core.messages import Role
from assistant.engines.fakes import FakeMind, FakeVoice
from assistant.errors import UserError
from assistant.session.live import DEAF
from assistant.session.snapshot import State
from assistant.session.speculation import Speculation
from tests.session.fake_sound import SETTINGS, FakeSound, done, live

STORY = "Once there was a fox. It lived in the old wood. It was happy there."


def test_voice_duck_prompt_and_tools_change_with_the_next_words() -> None:
    mind = FakeMind(["Hello to you."])
    with live(mind) as it:
        it.ask("hi")
        changes = {
            "voice_rate_wpm": 300,
            "voice_volume": 0.5,
            "duck_db": 40.0,
            "cut_fade_ms": 20,
            "system_prompt": "Be brief.",
            "tool_time": False,
            "chat_max_tokens": 16,
        }
        assert it.session.apply(SETTINGS.with_changes(changes)) == ()
        it.ask("hi again there")
    assert (it.voice.options.rate_wpm, it.voice.options.volume) == (300, 0.5)
    assert (it.sound.playout.options.duck_db, it.sound.playout.options.cut_fade_ms) == (40.0, 20)
    system = [request[0].text for request in mind.requests if request[0].role is Role.SYSTEM]
    assert system[-1].startswith("Be brief.")
    assert not system[0].startswith("Be brief.")
    assert "get_time" in mind.offered[0]
    assert "get_time" not in mind.offered[-1]
    assert "get_date" in mind.offered[-1]


def test_turn_taking_changes_at_once() -> None:
    with live(FakeMind([STORY]), heard=("what about bears",), sound=FakeSound(plays=False)) as it:
        it.session.say("tell me a story")
        it.sound.playout.await_queued(lambda queued: (1, 0) in queued)
        it.sound.render(0.5)
        it.watch.until(lambda s: s.state is State.SPEAKING)
        it.session.apply(SETTINGS.with_changes({"barge_in": False}))
        it.session.tell("changed")
        it.watch.until(lambda s: bool(s.notices))
        it.sound.user_says(1.5)
        it.session.tell("heard")
        seen = it.watch.until(lambda s: len(s.notices) == 2)
    assert seen.state is State.SPEAKING
    assert State.DUCKED not in {snapshot.state for snapshot in it.watch.seen}


def test_a_preset_is_applied_where_nothing_else_is_set() -> None:
    with live() as it:
        it.session.apply(SETTINGS.with_changes({"interruption_preset": "deliberate"}))
        it.watch_for(lambda: it.session._conversation.state.options.barge_in_speech_s > 1.0)
        assert it.session._conversation.state.options.endpoint_silence_s == SETTINGS.endpoint_silence_s


def test_what_needs_a_restart_is_named() -> None:
    with live() as it:
        changes: dict[str, object] = {"block_ms": 30, "chat_model": "m.gguf", "duck_db": 6.0}
        assert it.session.apply(SETTINGS.with_changes(changes)) == ("block_ms", "chat_model")


def test_status_while_speaking() -> None:
    with live(FakeMind([STORY]), sound=FakeSound(plays=False)) as it:
        status = it.session.status()
        assert (status.state, status.speaking, status.sentence, status.pending_sentences) == ("listening", False, "", 0)
        assert [(engine.name, engine.ready) for engine in status.engines] == [
            ("Hearing", True),
            ("Thinking", True),
            ("Voice", True),
        ]
        assert (status.microphone, status.muted, status.interruptions_per_minute) == ("desk microphone", False, 0.0)
        assert (status.speculation, status.tokens_per_s) == ("on", None)
        it.session.say("tell me a story")
        it.sound.playout.await_queued(lambda queued: (1, 1) in queued)
        it.sound.render(0.5)
        it.watch.until(lambda s: s.state is State.SPEAKING)
        status = it.session.status()
        assert (status.speaking, status.sentence) == (True, "Once there was a fox.")
        assert status.pending_sentences == 3
        it.session.set_muted(True)
        it.session.stop()
        it.sound.render(0.1)
        it.watch.until(done)
        status = it.session.status()
        assert (status.speaking, status.pending_sentences, status.muted) == (False, 0, True)
        assert status.interruptions_per_minute == 0.0  # a button is no sound that may be misheard


def test_status_counts_what_interrupts_by_voice() -> None:
    with live(FakeMind([STORY]), heard=("what about bears",), sound=FakeSound(plays=False)) as it:
        it.session.say("tell me a story")
        it.sound.playout.await_queued(lambda queued: (1, 0) in queued)
        it.sound.render(0.5)
        it.watch.until(lambda s: s.state is State.SPEAKING)
        it.sound.user_says(1.5)
        it.watch.until(lambda s: s.state is State.INTERRUPTED)
        it.sound.render(0.1)
        it.watch.until(lambda s: len(s.turns) > 2)
        assert it.session.status().interruptions_per_minute == pytest.approx(0.2)


def test_a_session_that_does_not_run_has_no_status(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.session.live.ANSWER_WITHIN_S", 0.05)
    with live() as it:
        it.session.close()
        with pytest.raises(UserError, match="ask again"):
            it.session.status()


def test_answers_are_not_prepared_on_battery_and_it_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    with (
        caplog.at_level(logging.INFO),
        live(heard=("how are you", "and you"), speculation=Speculation(lambda: True)) as it,
    ):
        it.sound.user_says(1.0)
        it.watch.until(lambda s: len(s.turns) == 2 and done(s))
        it.sound.user_says(1.0)
        it.watch.until(lambda s: len(s.turns) == 4 and done(s))
        assert it.session.status().speculation == "off: the computer runs on its battery"
        assert it.session._conversation.state.options.speculate is False
    assert sum("runs on its battery" in message for message in caplog.messages) == 1


def test_the_setting_turns_preparing_off_and_on() -> None:
    with live() as it:
        it.session.apply(SETTINGS.with_changes({"speculate": False}))
        assert it.session.status().speculation == "off: by your setting"
        it.session.apply(SETTINGS)
        assert it.session.status().speculation == "on"
        assert it.session._conversation.state.options.speculate is True


def test_nothing_is_kept_of_replies_that_are_over() -> None:
    with live(FakeMind(["Yes.", STORY]), FakeVoice()) as it:
        for number in range(6):
            it.ask(f"question {number}")
        it.watch_for(lambda: len(it.session._stage._tokens) == 0)
        assert it.session._stage._speech.held == 0


def test_being_deaf_while_it_speaks_is_told_once() -> None:
    with live() as it:
        it.sound.hear(it.sound.now())
        assert it.session.status().echo_cancellation == "linear filter"
        it.sound.method = Method.HALF_DUPLEX
        for _ in range(3):
            it.sound.hear(it.sound.now())
        it.watch.until(lambda s: bool(s.notices))
        assert it.session.status().echo_cancellation == "half duplex"
        assert it.watch.notices() == [DEAF]
