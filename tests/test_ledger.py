"""The ledger of interruptions: what `parley interruptions` shows, while Parley runs, and of files of any version."""

import json
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from assistant.core.history import Turn
from assistant.core.interruptions import Interruption, Kind, Reason
from assistant.core.messages import Role
from assistant.errors import UserError
from assistant.ledger_table import moment, print_ledger
from assistant.paths import data_dir
from assistant.store import FILE_NAME, Store
from assistant.store.ledger import read_ledger
from assistant.store.schema import VERSION, NewerFileError

NOW = time.time()
CUT = Interruption(
    at=-30.0,
    epoch=3,
    reason=Reason.USER_SPEAKING,
    evidence="words",
    kind=Kind.REDIRECT,
    words="what about bears",
    heard="Once there was a",
    progress=0.25,
    latency_s=0.31,
    speech_only=False,
    sentence="Once there was a fox.",
    unheard="fox. It lived in the old wood.",
    duck_latency_s=0.08,
    handled="answered",
    duration_s=1.2,
)
RESTORE = replace(
    CUT, at=-10.0, epoch=4, decision="restore", kind=Kind.BACKCHANNEL, words="mm-hm", evidence="backchannel"
)

FIRST_VERSION = """
CREATE TABLE conversations (id INTEGER PRIMARY KEY, started_at REAL NOT NULL);
CREATE TABLE turns (
    conversation INTEGER NOT NULL REFERENCES conversations(id) ON DELETE CASCADE, number INTEGER NOT NULL,
    role TEXT NOT NULL, text TEXT NOT NULL, heard INTEGER NOT NULL, status TEXT NOT NULL, continued INTEGER NOT NULL,
    said_at REAL NOT NULL, PRIMARY KEY (conversation, number)
);
CREATE TABLE interruptions (
    conversation INTEGER NOT NULL REFERENCES conversations(id) ON DELETE CASCADE, epoch INTEGER NOT NULL,
    happened_at REAL NOT NULL, reason TEXT NOT NULL, evidence TEXT NOT NULL, kind TEXT, words TEXT NOT NULL,
    heard TEXT NOT NULL, progress REAL NOT NULL, latency_s REAL NOT NULL, speech_only INTEGER NOT NULL,
    PRIMARY KEY (conversation, epoch, happened_at)
);
INSERT INTO conversations VALUES (7, 1000.0);
INSERT INTO turns VALUES (7, 0, 'user', 'tell me a story', 15, 'complete', 0, 1001.0);
INSERT INTO interruptions VALUES (7, 2, 1005.5, 'user_speaking', 'words', 'redirect', 'bears', 'Once', 0.1, 0.3, 0);
"""
"""A file as it was before versions were counted."""


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a second after NOW, however long the suite has been running."""
    monkeypatch.setattr(time, "time", lambda: NOW + 1.0)


@pytest.fixture(autouse=True)
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PARLEY_HOME", str(tmp_path))
    data_dir().mkdir(parents=True)
    return data_dir() / FILE_NAME


@pytest.fixture
def old(path: Path) -> Path:
    with closing(sqlite3.connect(path)) as db:
        db.executescript(FIRST_VERSION)
    return path


@pytest.fixture
def stored(path: Path) -> Callable[..., Store]:
    """An open store with records in it."""

    def open_(*records: Interruption) -> Store:
        store = Store(path, NOW)
        store.begin_conversation(-100.0)
        for record in records:
            store.save_interruption(record)
        return store

    return open_


def shown(*, as_json: bool = False, limit: int = 50, since: str | None = None, width: int = 130) -> str:
    out = StringIO()
    print_ledger(Console(file=out, width=width), as_json=as_json, limit=limit, since=since)
    return out.getvalue()


def test_everything_of_a_record_comes_back(path: Path, stored: Callable[..., Store]) -> None:
    stored(CUT).close()
    (record,) = read_ledger(path)
    assert record.at == pytest.approx(NOW - 30.0)
    assert (record.decision, record.kind, record.reason, record.evidence) == (
        "cut",
        "redirect",
        "user_speaking",
        "words",
    )
    assert (record.words, record.sentence) == ("what about bears", "Once there was a fox.")
    assert (record.heard, record.unheard) == ("Once there was a", "fox. It lived in the old wood.")
    assert (record.progress, record.duck_latency_s, record.latency_s, record.duration_s) == (0.25, 0.08, 0.31, 1.2)
    assert (record.speech_only, record.handled, record.epoch, record.conversation) == (False, "answered", 3, 1)


def test_it_is_read_while_parley_writes(path: Path, stored: Callable[..., Store]) -> None:
    store = stored(CUT)
    assert [record.words for record in read_ledger(path)] == ["what about bears"]
    store.save_interruption(RESTORE)
    store.save_turn(Turn(0, Role.USER, 1.0, "hello", heard=5))
    assert [record.words for record in read_ledger(path)] == ["what about bears", "mm-hm"]
    store.close()


def test_limit_and_since_keep_the_latest_in_order(path: Path, stored: Callable[..., Store]) -> None:
    stored(*(replace(CUT, at=float(-n), epoch=n) for n in range(1, 6))).close()
    assert [record.epoch for record in read_ledger(path, limit=2)] == [2, 1]
    assert [record.epoch for record in read_ledger(path, since=NOW - 3.5)] == [3, 2, 1]


def test_a_file_of_the_first_version_keeps_its_data_and_gets_the_new_fields(old: Path) -> None:
    store = Store(old, 0.0)
    store.begin_conversation(2000.0)
    store.save_turn(Turn(0, Role.USER, 2001.0, "hello", heard=5))
    store.save_interruption(replace(CUT, at=2002.0))
    store.close()
    assert store.moved_to is None
    with closing(sqlite3.connect(old)) as db:
        assert db.execute("SELECT id, started_at FROM conversations").fetchall() == [(7, 1000.0), (8, 2000.0)]
        assert db.execute("SELECT conversation, text, tools FROM turns").fetchall() == [
            (7, "tell me a story", "[]"),
            (8, "hello", "[]"),
        ]
        assert db.execute("PRAGMA user_version").fetchone() == (VERSION,)
    first, second = read_ledger(old)
    assert (first.conversation, first.at, first.words, first.heard) == (7, 1005.5, "bears", "Once")
    assert (first.decision, first.unheard, first.duck_latency_s) == ("cut", "", None)
    assert second.handled == "answered"


def test_the_ledger_of_an_old_file_can_be_read_before_parley_has_run(old: Path) -> None:
    assert [record.words for record in read_ledger(old)] == ["bears"]
    assert [record.words for record in read_ledger(old)] == ["bears"]


def test_a_migration_that_fails_leaves_the_file_as_it_was(old: Path) -> None:
    with closing(sqlite3.connect(old)) as db:
        db.execute("CREATE TABLE tool_states (name TEXT)")  # in the way of the last statement of the step
    with pytest.raises(UserError):
        read_ledger(old)
    with closing(sqlite3.connect(old)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (1,)
        assert "decision" not in [row[1] for row in db.execute("PRAGMA table_info(interruptions)")]
        assert db.execute("SELECT words FROM interruptions").fetchall() == [("bears",)]


def test_a_file_of_a_newer_version_is_left_alone(old: Path) -> None:
    with closing(sqlite3.connect(old)) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute(f"PRAGMA user_version={VERSION + 1}")
    before = old.read_bytes()
    with pytest.raises(NewerFileError, match="newer version of Parley"):
        Store(old, 0.0)
    with pytest.raises(NewerFileError):
        read_ledger(old)
    assert old.read_bytes() == before


def test_no_file_means_no_records(path: Path) -> None:
    assert read_ledger(path) == []
    assert not path.exists()
    assert "Nothing has interrupted Parley yet." in shown()


def test_a_file_that_is_no_database_is_told_of(path: Path) -> None:
    path.write_text("these are my notes" * 100)
    with pytest.raises(UserError, match="cannot be read"):
        shown()


def test_the_table_tells_what_happened_why_and_how_fast(stored: Callable[..., Store]) -> None:
    stored(CUT, RESTORE).close()
    lines = shown().splitlines()
    assert "cut, redirect" in lines[1]
    for text in ("words", "80 310", "what about bears", "Once there was a // fox. It", "answered"):
        assert text in lines[1]
    assert "restore" in lines[2]
    assert "mm-hm" in lines[2]
    assert "0.4 interruptions a minute over the last 300 s." in lines[-1]
    assert max(map(len, shown(width=80).splitlines())) <= 80


def test_json_is_one_object(stored: Callable[..., Store]) -> None:
    stored(CUT, RESTORE, replace(CUT, at=-1000.0)).close()
    answer = json.loads(shown(as_json=True))
    assert [entry["decision"] for entry in answer["interruptions"]] == ["cut", "cut", "restore"]
    assert (answer["per_minute"], answer["window_s"]) == (0.4, 300.0)
    assert datetime.fromisoformat(answer["interruptions"][0]["when"]).timestamp() == pytest.approx(NOW - 1000, abs=0.01)
    assert len(json.loads(shown(as_json=True, limit=1))["interruptions"]) == 1
    assert len(json.loads(shown(as_json=True, since="5m"))["interruptions"]) == 2


def test_moments() -> None:
    assert [moment(text, 1e6) for text in ("90s", "10m", " 2h ", "1d")] == [
        1e6 - 90,
        1e6 - 600,
        1e6 - 7200,
        1e6 - 86400,
    ]
    assert moment("2026-01-31T18:00", 0.0) == datetime(2026, 1, 31, 18).timestamp()
    assert moment("2026-01-31", 0.0) - moment("2026-01-30", 0.0) == timedelta(days=1).total_seconds()


@pytest.mark.parametrize("text", ["", "yesterday", "10", "m", "-3m", "10w", "99999999d", "2026-13-01"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="--since takes a time span"):
        moment(text, 0.0)
