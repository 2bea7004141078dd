"""What the live session writes: before it is shown, all of it, and what it does when it cannot."""

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from assistant.core.history import TurnStatus
from assistant.engines.fakes import FakeMind, FakeVoice
from assistant.session.snapshot import Snapshot, State
from assistant.store import Store
from tests.session.fake_sound import FakeSound, done, live

STORY = "Once there was a fox. It lived in the old wood. It was happy there."


def store_at(path: Path) -> Store:
    return Store(path, time.time() - time.monotonic())


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    """What another program reads from the file."""
    db = sqlite3.connect(path)
    try:
        return list(db.execute(query))
    finally:
        db.close()


def texts(path: Path) -> list[object]:
    return [row[0] for row in rows(path, "SELECT text FROM turns ORDER BY conversation, number")]


def fill_up(store: Store) -> Callable[[], None]:
    """Let the disk be full for `store`; the function that is returned makes room."""
    db = store._db
    pages = db.execute("PRAGMA page_count").fetchone()[0]
    db.execute(f"PRAGMA max_page_count={pages}")

    def make_room() -> None:
        db.execute(f"PRAGMA max_page_count={1000 * pages}")

    return make_room


def test_what_was_said_and_heard_is_on_disk_before_it_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    missing: list[str] = []
    checked: set[str] = set()

    def check(snapshot: Snapshot, /) -> None:
        stored = set(rows(path, "SELECT text, heard, status FROM turns"))
        for turn in snapshot.turns:
            if turn.status is not TurnStatus.WRITING:
                checked.add(turn.text)
                if (turn.text, turn.heard, turn.status.value) not in stored:
                    missing.append(turn.text)

    with live(FakeMind([STORY]), store=store_at(path)) as it:
        it.session.subscribe(check)
        it.ask("tell me a story")
        it.ask("another one")
    assert missing == []
    assert checked == {"tell me a story", "another one", STORY}


def test_a_reply_that_was_cut_is_stored_with_what_was_heard_and_why(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    with live(FakeMind([STORY]), sound=FakeSound(plays=False), store=store_at(path)) as it:
        it.session.say("tell me a story")
        it.sound.playout.await_queued(lambda queued: (1, 0) in queued)
        it.sound.render(0.5)
        it.watch.until(lambda s: s.state is State.SPEAKING)
        it.session.stop()
        it.watch.until(lambda s: s.state is State.INTERRUPTED)
        it.sound.render(0.1)
        reply = it.watch.until(done).turns[-1]
    stored = rows(path, "SELECT text, heard, status FROM turns WHERE role = 'assistant'")
    assert stored == [(reply.text, reply.heard, "dropped")]
    (cut,) = rows(path, "SELECT reason, heard, speech_only FROM interruptions")
    assert cut == ("user_clicked_stop", reply.text[: reply.heard], 0)


def test_times_are_wall_clock_times(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    before = time.time()
    with live(store=store_at(path)) as it:
        it.ask("hello")
    after = time.time()
    said = [at for (at,) in rows(path, "SELECT said_at FROM turns UNION SELECT started_at FROM conversations")]
    assert len(said) > 1
    assert all(isinstance(at, float) and before - 1.0 < at < after + 1.0 for at in said)


def test_a_new_conversation_is_stored_apart_from_the_one_that_it_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    with live(FakeMind([STORY, "Hello."]), sound=FakeSound(plays=False), store=store_at(path)) as it:
        it.session.say("tell me a story")
        it.sound.playout.await_queued(lambda queued: (1, 0) in queued)
        it.sound.render(0.5)
        it.watch.until(lambda s: s.state is State.SPEAKING)
        it.session.new_conversation()
        it.watch.until(lambda s: not s.turns)
        it.session.say("hi")
        it.watch.until(lambda s: len(s.turns) == 2)
    stored = rows(path, "SELECT conversation, number, role, status FROM turns ORDER BY conversation, number")
    assert stored == [
        (1, 0, "user", "complete"),
        (1, 1, "assistant", "dropped"),
        (2, 0, "user", "complete"),
        (2, 1, "assistant", "dropped"),
    ]
    assert [row[0] for row in rows(path, "SELECT count(*) FROM conversations")] == [2]


def test_a_session_without_words_leaves_no_trace(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    with live(store=store_at(path)) as it:
        it.session.new_conversation()
    assert rows(path, "SELECT * FROM conversations") == []


def test_a_full_disk_is_told_once_and_everything_is_written_when_there_is_room(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    store = store_at(path)
    long = "word " * 2000
    with live(
        FakeMind(
            ["Yes.", long, "No."],
        ),
        FakeVoice(),
        sound=FakeSound(loudspeaker=None),
        store=store,
    ) as it:
        it.ask("one")
        make_room = fill_up(store)
        it.ask(long)
        it.ask("three")
        (notice,) = [notice.text for notice in it.session.snapshot.notices if "saved" in notice.text]
        assert str(path) in notice
        assert "free some space" in notice
        assert len(texts(path)) == 2
        make_room()
        it.ask("four")
        assert len(texts(path)) == 8
        assert sum("saved" in text for text in it.watch.notices()) == 1
    assert texts(path)[2] == long.strip()


def test_what_could_not_be_written_is_written_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    store = store_at(path)
    with live(sound=FakeSound(loudspeaker=None), store=store) as it:
        make_room = fill_up(store)
        it.ask("word " * 2000)
        assert texts(path) == []
        make_room()
    assert len(texts(path)) == 2
