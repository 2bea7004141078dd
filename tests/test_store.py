"""The file of conversations, as another program reads it, and what happens to it in bad times."""

import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from assistant.core.history import Turn, TurnStatus
from assistant.core.interruptions import Interruption, Kind, Reason
from assistant.core.messages import Role
from assistant.errors import UserError
from assistant.store import Store, StoreError

OFFSET = 1_700_000_000.0
CUT = Interruption(
    at=12.5,
    epoch=3,
    reason=Reason.USER_SPEAKING,
    evidence="words",
    kind=None,
    words="no",
    heard="Once there",
    progress=0.25,
    latency_s=0.31,
    speech_only=False,
    decision="cut",
    sentence="Once there was a fox.",
    unheard="was a fox.",
    duck_latency_s=0.08,
    handled="answered",
    duration_s=1.2,
)


def turn(number: int, text: str, role: Role = Role.USER, **rest: object) -> Turn:
    made = Turn(number, role, 10.0 + number, text, heard=len(text))
    for name, value in rest.items():
        setattr(made, name, value)
    return made


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "conversations.db"


@pytest.fixture
def opened(path: Path) -> Callable[[], Store]:
    """Opens the store, with a conversation begun."""

    def open_() -> Store:
        store = Store(path, OFFSET)
        store.begin_conversation(5.0)
        return store

    return open_


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    db = sqlite3.connect(path)
    try:
        return list(db.execute(query))
    finally:
        db.close()


def fill_up(store: Store) -> None:
    """Let the disk be full from now on."""
    pages = store._db.execute("PRAGMA page_count").fetchone()[0]
    store._db.execute(f"PRAGMA max_page_count={pages}")


def make_room(store: Store) -> None:
    store._db.execute("PRAGMA max_page_count=100000")


LONG = "word " * 3000


def test_any_program_can_read_it(path: Path, opened: Callable[[], Store]) -> None:
    store = opened()
    store.save_turn(turn(0, "tell me a story — ça va 🦊"))
    store.save_turn(turn(1, "Once.", Role.ASSISTANT, heard=3, status=TurnStatus.DROPPED, continued=True))
    store.save_interruption(CUT)
    store.close()
    assert rows(path, "SELECT * FROM conversations") == [(1, OFFSET + 5.0)]
    assert rows(path, "SELECT * FROM turns ORDER BY number") == [
        (1, 0, "user", "tell me a story — ça va 🦊", 25, "complete", 0, OFFSET + 10.0, "[]"),
        (1, 1, "assistant", "Once.", 3, "dropped", 1, OFFSET + 11.0, "[]"),
    ]
    assert rows(path, "SELECT * FROM interruptions") == [
        (
            *(1, 3, OFFSET + 12.5, "user_speaking", "words", None, "no", "Once there", 0.25, 0.31, 0),
            *("cut", "Once there was a fox.", "was a fox.", 0.08, 1.2, "answered"),
        )
    ]
    assert sorted(file.name for file in path.parent.iterdir()) == ["conversations.db"]


def test_it_is_on_disk_at_once(path: Path, opened: Callable[[], Store]) -> None:
    store = opened()
    store.save_turn(turn(0, "hello"))
    assert rows(path, "SELECT text FROM turns") == [("hello",)]
    store.close()


def test_a_changed_turn_and_a_completed_record_take_the_place_of_the_old(
    path: Path, opened: Callable[[], Store]
) -> None:
    store = opened()
    store.save_turn(turn(0, "Once", Role.ASSISTANT))
    store.save_turn(turn(0, "Once there was", Role.ASSISTANT))
    store.save_interruption(CUT)
    words = {**{f: getattr(CUT, f) for f in CUT.__slots__}, "words": "no, a bear", "kind": Kind.CORRECTION}
    store.save_interruption(Interruption(**words))
    store.close()
    assert rows(path, "SELECT text FROM turns") == [("Once there was",)]
    assert rows(path, "SELECT words, kind FROM interruptions") == [("no, a bear", "correction")]


def test_conversations_are_kept_apart_and_empty_ones_leave_no_trace(path: Path, opened: Callable[[], Store]) -> None:
    for text in ("one", "two"):
        store = opened()
        store.begin_conversation(6.0)
        store.save_turn(turn(0, text))
        store.begin_conversation(7.0)
        store.begin_conversation(8.0)
        store.save_turn(turn(0, f"{text} again"))
        store.begin_conversation(9.0)
        store.close()
    assert rows(path, "SELECT started_at, text FROM conversations JOIN turns ON conversation = id ORDER BY id") == [
        (OFFSET + 6.0, "one"),
        (OFFSET + 8.0, "one again"),
        (OFFSET + 6.0, "two"),
        (OFFSET + 8.0, "two again"),
    ]
    assert rows(path, "SELECT count(*) FROM conversations") == [(4,)]


def test_a_conversation_that_is_deleted_takes_its_turns_with_it(path: Path, opened: Callable[[], Store]) -> None:
    store = opened()
    store.save_turn(turn(0, "hello"))
    store.save_interruption(CUT)
    store.close()
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA foreign_keys=ON")
    db.execute("DELETE FROM conversations")
    db.close()
    assert rows(path, "SELECT * FROM turns") == rows(path, "SELECT * FROM interruptions") == []


def test_a_full_disk_is_said_in_one_sentence_and_nothing_is_lost(path: Path, opened: Callable[[], Store]) -> None:
    store = opened()
    store.save_turn(turn(0, "one"))
    fill_up(store)
    with pytest.raises(StoreError, match=r"could not be saved to .*free some space"):
        store.save_turn(turn(1, LONG))
    with pytest.raises(StoreError):
        store.save_turn(turn(2, "three"))
    make_room(store)
    store.save_turn(turn(3, "four"))
    store.close()
    assert rows(path, "SELECT text FROM turns ORDER BY number") == [("one",), (LONG,), ("three",), ("four",)]


def test_what_could_not_be_saved_stays_in_its_own_conversation(path: Path, opened: Callable[[], Store]) -> None:
    store = opened()
    fill_up(store)
    with pytest.raises(StoreError):
        store.save_turn(turn(0, LONG))
    store.begin_conversation(20.0)
    with pytest.raises(StoreError):
        store.save_turn(turn(0, "a new beginning"))
    make_room(store)
    store.close()
    assert rows(path, "SELECT started_at, text FROM conversations JOIN turns ON conversation = id ORDER BY id") == [
        (OFFSET + 5.0, LONG),
        (OFFSET + 20.0, "a new beginning"),
    ]


def test_closing_on_a_full_disk_and_closing_twice_raise_nothing(path: Path, opened: Callable[[], Store]) -> None:
    store = opened()
    fill_up(store)
    with pytest.raises(StoreError):
        store.save_turn(turn(0, LONG))
    store.close()
    store.close()
    assert rows(path, "SELECT * FROM turns") == []


def test_a_file_that_is_no_database_is_put_aside_and_never_overwritten(path: Path) -> None:
    path.parent.mkdir()
    asides = []
    for content in (b"these are my notes, not a database\n" * 50, b"and more of them\n" * 100):
        path.write_bytes(content)
        store = Store(path, OFFSET)
        store.begin_conversation(5.0)
        store.save_turn(turn(0, "hello"))
        store.close()
        assert store.moved_to is not None
        assert store.moved_to.read_bytes() == content
        assert rows(path, "SELECT text FROM turns") == [("hello",)]
        asides.append(store.moved_to)
        path.unlink()
    assert [aside.name for aside in asides] == ["conversations.db.damaged-1", "conversations.db.damaged-2"]


def test_damage_in_the_middle_is_found_when_it_is_opened(path: Path, opened: Callable[[], Store]) -> None:
    store = opened()
    for number in range(40):
        store.save_turn(turn(number, f"{number} {LONG[:2000]}"))
    store.close()
    content = bytearray(path.read_bytes())
    content[4096 * 5 : 4096 * 9] = b"\xa5" * (4096 * 4)
    path.write_bytes(content)
    store = opened()
    store.save_turn(turn(0, "hello"))
    store.close()
    assert store.moved_to is not None
    assert store.moved_to.read_bytes() == content
    assert rows(path, "SELECT text FROM turns") == [("hello",)]


def test_a_healthy_file_is_not_put_aside(path: Path, opened: Callable[[], Store]) -> None:
    first = opened()
    first.save_turn(turn(0, "hello"))
    first.close()
    second = opened()
    second.close()
    assert second.moved_to is None
    assert rows(path, "SELECT text FROM turns") == [("hello",)]


def test_a_file_that_another_program_holds_is_left_where_it_is(
    path: Path, opened: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened().close()
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("PRAGMA locking_mode=EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, timeout=0.0))
    with pytest.raises(UserError, match=r"Conversations cannot be kept in .*locked"):
        Store(path, OFFSET)
    holder.execute("ROLLBACK")
    holder.close()
    assert [file.name for file in path.parent.iterdir()] == ["conversations.db"]


@pytest.mark.parametrize("make", [lambda path: path.mkdir(parents=True), lambda path: path.parent.write_text("a file")])
def test_a_place_where_no_file_can_be_is_said_in_one_sentence(path: Path, make: Callable[[Path], object]) -> None:
    make(path)
    with pytest.raises(UserError, match="Conversations cannot be kept in "):
        Store(path, OFFSET)
