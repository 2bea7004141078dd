"""The stage of a live session by itself: prepared sentences, tools, cancel tokens."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from assistant.core import effects
from assistant.core.events import Engine, EngineReady, SentenceFailed, ToolFinished, ToolUndone
from assistant.core.messages import Message, Role
from assistant.core.tool_calls import ToolCall
from assistant.engines.fakes import FakeMind, FakeRecogniser, FakeVoice
from assistant.session.ear import Ear
from assistant.session.live_stage import LiveStage
from assistant.session.setup import Setup
from assistant.session.stage import carry_out
from assistant.store import Store
from tests.session.fake_sound import SETTINGS, FakeSound
from tests.session.posts import Posts

ASK = (Message(Role.USER, "hello"),)
FIVE_MINUTES = '{"amount": 5, "unit": "minutes"}'


@dataclass
class Staged:
    """A stage and what came of it."""

    stage: LiveStage
    sound: FakeSound
    voice: FakeVoice
    posts: Posts

    def do(self, *asked: effects.Effect) -> None:
        for effect in asked:
            carry_out(effect, self.stage)

    def queued(self, *keys: tuple[int, int]) -> None:
        """Wait until exactly `keys` have reached the player, in this order."""
        self.sound.playout.await_queued(lambda queued: queued == list(keys))


@contextmanager
def staged(voice: FakeVoice | None = None, path: Path | None = None, now: float = 0.0) -> Iterator[Staged]:
    """A stage whose engines are ready; no thread of it survives."""
    before = set(threading.enumerate())
    posts, sound, voice = Posts(), FakeSound(plays=False), voice or FakeVoice()
    posts.now = now
    setup = Setup.of(SETTINGS)
    stage = LiveStage(
        sound,
        FakeMind(["One two three."]),
        voice,
        lambda: Ear(FakeRecogniser(), None),
        setup.toolbox(),
        posts.post,
        posts.told.append,
        posts.clock,
        None if path is None else Store(path, time.time() - now),
    )
    stage.use(setup)
    stage.load_tools()
    stage.start()
    ready = {posts.next() for _ in Engine}
    assert ready == {EngineReady(now, engine) for engine in Engine}
    try:
        yield Staged(stage, sound, voice, posts)
    finally:
        stage.close()
    assert set(threading.enumerate()) <= before


def test_a_prepared_sentence_is_heard_only_when_it_is_spoken_and_then_at_once() -> None:
    with staged() as it:
        it.do(effects.Presynthesise(1, 0, "One."), effects.Presynthesise(2, 0, "Two."))
        it.do(effects.Speak(3, 0, "Three."))  # the voice takes sentences in order
        it.queued((3, 0))
        it.do(effects.Speak(2, 0, "Two."))
        it.queued((3, 0), (2, 0))
        assert it.voice.spoken == ["One.", "Two.", "Three."]
        assert it.stage._speech.held == 1


def test_a_prepared_sentence_of_an_abandoned_reply_is_never_heard() -> None:
    with staged() as it:
        it.do(effects.Presynthesise(1, 0, "One."), effects.Abandon(1), effects.Speak(2, 0, "Two."))
        it.queued((2, 0))
        assert it.stage._speech.held == 0


def test_a_voice_that_fails_to_prepare_a_sentence_is_asked_again_and_nobody_is_told() -> None:
    with staged(FakeVoice(crash_at=frozenset({0}))) as it:
        it.do(effects.Presynthesise(1, 0, "One."), effects.Speak(1, 0, "One."), effects.Speak(1, 1, "Two."))
        it.queued((1, 0), (1, 1))
        posted = it.posts.rest()
    assert not any(isinstance(event, SentenceFailed) for event in posted)


def test_clauses_reach_the_player() -> None:
    with staged() as it:
        it.do(effects.Speak(1, 0, "One, two.", (0.4,)))
        it.queued((1, 0))
        (segment,) = it.sound.playout._waiting
    assert segment.clauses == pytest.approx((0.4,), abs=1e-3)


def test_a_tool_runs_and_its_work_can_be_undone() -> None:
    with staged() as it:
        it.do(effects.CallTool(1, ToolCall(1, "set_timer", FIVE_MINUTES)))
        finished = it.posts.next()
        assert isinstance(finished, ToolFinished)
        assert (finished.epoch, finished.call, finished.result.ok) == (1, 1, True)
        assert it.stage._toolbox.next_due == 300.0
        it.do(effects.UndoTool(1, finished.result.undo))
        undone = it.posts.next()
        assert isinstance(undone, ToolUndone)
        assert it.stage._toolbox.next_due is None


def test_a_tool_of_an_abandoned_reply_answers_all_the_same() -> None:
    with staged() as it:
        it.stage.abandon(effects.Abandon(1))
        it.do(effects.CallTool(2, ToolCall(1, "get_time")), effects.Abandon(2))
        finished = it.posts.next()
        assert isinstance(finished, ToolFinished)
        assert finished.epoch == 2


def test_a_timer_rings_once_also_after_parley_was_closed(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    with staged(path=path) as it:
        it.do(effects.CallTool(1, ToolCall(1, "set_timer", FIVE_MINUTES)))
        assert isinstance(it.posts.next(), ToolFinished)
        it.stage.save_tools()
        assert it.stage.rings(299.0) == []
    with staged(path=path, now=1000.0) as it:
        due = it.stage._toolbox.next_due
        assert due is not None
        assert abs(due - 1300.0) < 30.0
        assert len(it.stage.rings(1400.0)) == 1
        assert it.stage.rings(1400.0) == []
    with staged(path=path, now=2000.0) as it:
        assert it.stage._toolbox.next_due is None


def test_a_reply_that_is_generated_again_goes_on_under_the_same_token() -> None:
    with staged() as it:
        it.do(effects.Generate(1, ASK))
        token = it.stage._tokens.of(1)
        it.do(effects.Generate(1, ASK))
        assert it.stage._tokens.of(1) is token
        it.do(effects.Abandon(1))
        assert token.cancelled


def test_the_tokens_of_replies_that_are_over_are_forgotten_and_not_cancelled() -> None:
    with staged() as it:
        tokens = [it.stage._tokens.of(epoch) for epoch in (1, 2, 3)]
        it.stage.only_alive((3,))
        assert len(it.stage._tokens) == 1
        assert it.stage._tokens.of(3) is tokens[2]
        assert not any(token.cancelled for token in tokens)
    assert tokens[2].cancelled
