"""The end of a live session: clean from every state, and final. `live` itself checks that no thread is left."""

import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.audio.frontend import FrontEndFrame
from assistant.core.events import Event
from assistant.engines.fakes import FakeMind, FakeRecogniser, FakeVoice
from assistant.engines.mind import MindFacts
from assistant.engines.protocols import EngineError
from assistant.session.ear import Ear
from assistant.session.live import LiveSession
from assistant.session.setup import Setup
from assistant.session.snapshot import State
from assistant.store import Store
from tests.session.fake_sound import PATIENCE_S, SETTINGS, FakeSound, Live, Watch, done, live

STORY = "Once there was a fox. It lived in the old wood. It was happy there."


def session_on(sound: FakeSound, mind: FakeMind, store: Store | None = None) -> LiveSession:
    setup = Setup.of(SETTINGS)
    return LiveSession(setup, sound, mind, FakeVoice(), lambda: Ear(FakeRecogniser(), None), time.monotonic, 0.0, store)


def test_everything_is_closed_and_closing_twice_is_harmless(tmp_path: Path) -> None:
    with live(store=Store(tmp_path / "c.db", 0.0)) as it:
        it.ask("hello")
        it.session.close()
        assert not it.mind.running
        assert not it.voice.running
        it.session.close()
    assert it.sound.closed == 3
    assert not (tmp_path / "c.db-wal").exists()


def test_a_session_that_was_never_started_can_be_closed(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    session = session_on(FakeSound(), FakeMind(["Hello."]), Store(tmp_path / "c.db", 0.0))
    session.tell("a remark")
    session.close()
    session.close()
    assert set(threading.enumerate()) == before


def test_no_listener_is_called_after_the_close() -> None:
    with live(FakeMind([STORY]), sound=FakeSound(plays=False)) as it:
        it.session.say("tell me a story")
        it.sound.playout.await_queued(lambda queued: (1, 0) in queued)
        it.session.close()
        shown = len(it.watch.seen)
        it.session.say("too late")
        it.session.stop()
        it.session.set_muted(True)
        it.session.hold_to_talk(True)
        it.session.new_conversation()
        it.session.tell("too late")
        it.sound.render(0.5)
        assert it.session.snapshot is it.watch.seen[-1]
        assert it.session.meters().playhead is None
    assert len(it.watch.seen) == shown


def test_a_close_in_mid_sentence_stores_what_was_heard(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    with live(FakeMind([STORY]), sound=FakeSound(plays=False), store=Store(path, 0.0)) as it:
        it.session.say("tell me a story")
        it.sound.playout.await_queued(lambda queued: (1, 1) in queued)
        it.sound.render(len("Once there was a fox.") / 14 + 0.4)
        it.watch.until(lambda s: bool(s.turns) and s.turns[-1].heard > 0)
        it.session.close()
        assert it.sound.playout.idle or not it.sound.render(0.5)[480:].any()
    db = sqlite3.connect(path)
    ((heard, status),) = db.execute("SELECT heard, status FROM turns WHERE role = 'assistant'")
    ((reason,),) = db.execute("SELECT reason FROM interruptions")
    db.close()
    assert (heard, status, reason) == (len("Once there was a fox."), "dropped", "shutdown")


class HangsOnLoad(FakeMind):
    """Loading ends only when it is closed."""

    def __init__(self) -> None:
        super().__init__(["Hello."])
        self.loading = threading.Event()
        self.closed = threading.Event()

    def start(self) -> MindFacts:
        self.loading.set()
        assert self.closed.wait(PATIENCE_S)
        raise EngineError("The language model was stopped.")

    restart = start

    def close(self) -> None:
        self.closed.set()
        super().close()


def test_a_model_that_is_still_loading_does_not_keep_the_session_open() -> None:
    before = set(threading.enumerate())
    mind = HangsOnLoad()
    session = session_on(FakeSound(), mind)
    session.start()
    assert mind.loading.wait(PATIENCE_S)
    session.close()
    assert set(threading.enumerate()) == before


class HangsInReply(FakeMind):
    """Closing it is what ends its hang, as killing a child is."""

    def close(self) -> None:
        self.release.set()
        super().close()


def test_a_mind_that_was_ended_by_the_close_is_not_started_again() -> None:
    mind = HangsInReply([STORY], hang_at=3)
    with live(mind) as it:
        it.session.say("tell me a story")
        assert mind.hanging.wait(PATIENCE_S)
    assert mind.starts == 1
    assert not mind.running


class SlowToOpen(FakeSound):
    """Opening the devices takes until `opening` is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.let_go = threading.Event(), threading.Event()
        self.order: list[str] = []

    def start(self, on_frame: Callable[[FrontEndFrame], None], on_event: Callable[[Event], None]) -> None:
        self.begun.set()
        assert self.let_go.wait(PATIENCE_S)
        super().start(on_frame, on_event)
        self.order.append("opened")

    def close(self) -> None:
        self.order.append("closed")
        super().close()


def test_devices_that_are_still_opening_are_closed_afterwards() -> None:
    before = set(threading.enumerate())
    sound = SlowToOpen()
    session = session_on(sound, FakeMind(["Hello."]))
    session.start()
    assert sound.begun.wait(PATIENCE_S)
    closing = threading.Thread(target=session.close)
    closing.start()
    sound.let_go.set()
    closing.join(PATIENCE_S)
    assert sound.order == ["opened", "closed"]
    assert set(threading.enumerate()) == before


def hearing(it: Live) -> None:
    it.sound.user_says(0.5, ends=False)
    it.watch.until(lambda s: s.state is State.HEARING)


def typed(it: Live) -> None:
    it.session.say("tell me a story")


def ducked(it: Live) -> None:
    it.session.say("tell me a story")
    it.sound.playout.await_queued(lambda queued: (1, 0) in queued)
    it.sound.render(0.2)
    it.watch.until(lambda s: s.state is State.SPEAKING)
    it.sound.user_says(0.1, ends=False)
    it.watch.until(lambda s: s.state is State.DUCKED)


def cut(it: Live) -> None:
    ducked(it)
    it.session.stop()


@pytest.mark.parametrize("bring_to", [hearing, typed, ducked, cut])
def test_the_last_picture_is_at_rest_whatever_went_on(bring_to: Callable[[Live], None]) -> None:
    with live(FakeMind([STORY]), sound=FakeSound(plays=False)) as it:
        bring_to(it)
    last = it.session.snapshot
    assert last.state is State.LISTENING
    assert not last.turns or done(last)


def test_two_sessions_do_not_share_anything() -> None:
    with live(FakeMind(["One."])) as first, live(FakeMind(["Two."])) as second:
        assert first.ask("hello").turns[-1].text == "One."
        assert second.ask("hello").turns[-1].text == "Two."
        other = Watch()
        second.session.subscribe(other)
        first.ask("again")
        assert other.seen == []
