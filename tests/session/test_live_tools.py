"""Tools, announcements and typing in a live session: shown, undone, stored, and in time."""

import json
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from assistant.core.history import TurnStatus
from assistant.core.messages import Message, Role
from assistant.engines.fakes import FakeMind, tool_call
from assistant.session.snapshot import Speaker, State, UseStatus
from assistant.store import Store
from tests.session.fake_sound import SETTINGS, FakeSound, done, live

STORY = "Once there was a fox. It lived in the old wood. It was happy there."


def sets_a_timer(seconds: float) -> FakeMind:
    """A mind that calls the tool, then says that it has."""

    def reply(messages: Sequence[Message]) -> str:
        return "It runs." if messages[-1].role is Role.TOOL else tool_call("set_timer", amount=seconds, unit="seconds")

    return FakeMind(reply)


def test_a_tool_is_shown_with_its_result_stored_and_undone(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    with live(sets_a_timer(300), store=Store(path, time.time() - time.monotonic())) as it:
        reply = it.ask("set a timer").turns[-1]
        (tool,) = reply.tools
        assert (reply.text, tool.name, tool.status) == ("It runs.", "set_timer", UseStatus.DONE)
        assert "5 minutes" in tool.result
        it.session.undo(tool.undo)
        (undone,) = it.watch.until(lambda s: s.turns[-1].tools[0].status is UseStatus.UNDONE).turns[-1].tools
        assert undone.undo == ""
    with closing(sqlite3.connect(path)) as db:
        (stored,) = db.execute("SELECT tools FROM turns WHERE role = 'assistant'").fetchone()
        assert json.loads(db.execute("SELECT state FROM tool_states").fetchone()[0])["timers"] == []
    (use,) = json.loads(stored)
    assert (use["name"], use["status"]) == ("set_timer", "undone")
    assert use["result"]["text"]


def test_a_timer_rings_in_its_time() -> None:
    with live(sets_a_timer(1)) as it:
        it.ask("set a timer")
        rung = it.watch.until(lambda s: len(s.turns) == 3 and done(s)).turns[-1]
    assert rung.speaker is Speaker.PARLEY
    assert "1 second" in rung.text
    assert rung.status is TurnStatus.COMPLETE


def test_an_announcement_interrupts_and_the_reply_can_be_continued() -> None:
    with live(FakeMind([STORY]), sound=FakeSound(plays=False)) as it:
        it.session.say("tell me a story")
        it.sound.playout.await_queued(lambda queued: (1, 0) in queued)
        it.sound.render(0.5)
        it.watch.until(lambda s: s.state is State.SPEAKING)
        it.session.announce("The soup is ready.")
        it.watch.until(lambda s: s.state is State.INTERRUPTED)
        it.sound.render(0.1)
        it.watch.until(lambda s: s.turns[-1].text == "The soup is ready.")
        it.sound.playout.await_queued(lambda queued: queued[-1][0] == 2)
        it.sound.render(3.0)
        turns = it.watch.until(lambda s: len(s.turns) == 3 and done(s)).turns
    assert turns[1].status is TurnStatus.DROPPED
    assert turns[1].can_continue
    assert turns[1].cut is not None
    assert turns[1].cut.cause == "something else came up"


def test_beginning_to_type_silences_it_where_that_is_wanted() -> None:
    settings = SETTINGS.with_changes({"typing_interrupts": True})
    with live(FakeMind([STORY]), sound=FakeSound(plays=False), settings=settings) as it:
        it.session.say("tell me a story")
        it.sound.playout.await_queued(lambda queued: (1, 0) in queued)
        it.sound.render(0.5)
        it.watch.until(lambda s: s.state is State.SPEAKING)
        it.session.typing()
        it.watch.until(lambda s: s.state is State.INTERRUPTED)
        it.sound.render(0.1)
        it.watch.until(lambda s: s.turns[-1].cut is not None)
        assert not it.sound.render(0.5).any()
