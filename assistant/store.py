"""Conversations on disk: one SQLite file, written before anything is shown as done."""

import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from assistant.core.history import Turn
from assistant.core.interruptions import Interruption
from assistant.errors import UserError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS conversations (
    id INTEGER PRIMARY KEY,
    started_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS turns (
    conversation INTEGER NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    role TEXT NOT NULL,
    text TEXT NOT NULL,
    heard INTEGER NOT NULL,
    status TEXT NOT NULL,
    continued INTEGER NOT NULL,
    said_at REAL NOT NULL,
    PRIMARY KEY (conversation, number)
);
CREATE TABLE IF NOT EXISTS interruptions (
    conversation INTEGER NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
    epoch INTEGER NOT NULL,
    happened_at REAL NOT NULL,
    reason TEXT NOT NULL,
    evidence TEXT NOT NULL,
    kind TEXT,
    words TEXT NOT NULL,
    heard TEXT NOT NULL,
    progress REAL NOT NULL,
    latency_s REAL NOT NULL,
    speech_only INTEGER NOT NULL,
    PRIMARY KEY (conversation, epoch, happened_at)
);
"""


class StoreError(UserError):
    """Something could not be written; it is kept and tried again with the next write."""


@dataclass(slots=True)
class _Conversation:
    """A conversation and its row; None until something of it is on disk."""

    started_at: float
    row: int | None = None


class Store:
    """The file of all conversations. One thread uses it.

    Times are wall-clock seconds since the epoch; `wall_offset` turns event time into them.
    """

    def __init__(self, path: Path, wall_offset: float) -> None:
        """Open or create the file at `path`. A damaged file is put aside, never deleted, and `moved_to` names it.

        Raises UserError where the file can be neither opened nor made.
        """
        self.moved_to: Path | None = None
        self._wall_offset = wall_offset
        self._path = path
        self._conversation = _Conversation(0.0)
        self._unsaved: list[tuple[_Conversation, str, tuple[object, ...]]] = []
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = self._open_or_put_aside()
        except (OSError, sqlite3.Error) as error:
            raise UserError(
                f"Conversations cannot be kept in {path} ({error}): see that there is space on that disk, that you may "
                "write there, and that no other program uses the file."
            ) from error

    def begin_conversation(self, at: float) -> None:
        """What is saved from now on belongs to a new conversation; an empty one leaves no trace."""
        self._conversation = _Conversation(at + self._wall_offset)

    def save_turn(self, turn: Turn) -> None:
        """Write one turn, new or changed. Raises StoreError when it cannot (full disk); nothing is lost by that."""
        self._write(
            "INSERT OR REPLACE INTO turns VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            turn.number,
            turn.role.value,
            turn.text,
            turn.heard,
            turn.status.value,
            int(turn.continued),
            turn.at + self._wall_offset,
        )

    def save_interruption(self, record: Interruption) -> None:
        """Write one interruption, new or completed. Raises StoreError when it cannot."""
        self._write(
            "INSERT OR REPLACE INTO interruptions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            record.epoch,
            record.at + self._wall_offset,
            record.reason.value,
            record.evidence,
            record.kind.value if record.kind is not None else None,
            record.words,
            record.heard,
            record.progress,
            record.latency_s,
            int(record.speech_only),
        )

    def close(self) -> None:
        """Close the file; what could not be written before is tried once more."""
        if self._unsaved:
            with suppress(sqlite3.Error):
                self._flush()
        self._db.close()

    def _open_or_put_aside(self) -> sqlite3.Connection:
        try:
            return self._open()
        except sqlite3.OperationalError:  # locked, no space, no permission: the file itself may be well
            raise
        except sqlite3.DatabaseError:
            self.moved_to = _free_name(self._path)
            self._path.rename(self.moved_to)
            return self._open()

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        try:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=FULL")
            db.execute("PRAGMA foreign_keys=ON")
            db.executescript(_SCHEMA)
            if (found := db.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
                raise sqlite3.DatabaseError(found)
        except sqlite3.DatabaseError:
            db.close()
            raise
        return db

    def _write(self, statement: str, *values: object) -> None:
        self._unsaved.append((self._conversation, statement, values))
        try:
            self._flush()
        except sqlite3.Error as error:
            raise StoreError(
                f"The conversation could not be saved to {self._path} ({error}): free some space on that disk; "
                "Parley tries again with the next words."
            ) from error

    def _flush(self) -> None:
        """Write everything that is due in one transaction."""
        self._db.execute("BEGIN IMMEDIATE")
        begun: list[_Conversation] = []
        try:
            for conversation, statement, values in self._unsaved:
                if conversation.row is None:
                    insert = "INSERT INTO conversations (started_at) VALUES (?)"
                    conversation.row = self._db.execute(insert, (conversation.started_at,)).lastrowid
                    begun.append(conversation)
                self._db.execute(statement, (conversation.row, *values))
            self._db.execute("COMMIT")
        except sqlite3.Error:
            for conversation in begun:
                conversation.row = None
            with suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
            raise
        self._unsaved.clear()


def _free_name(path: Path) -> Path:
    number = 1
    while (name := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    return name
