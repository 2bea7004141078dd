"""Conversations on disk: one SQLite file, written before anything is shown as done."""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assistant.core.history import Turn
from assistant.core.interruptions import Interruption
from assistant.core.tool_calls import ToolUse
from assistant.errors import UserError
from assistant.store.schema import migrate

FILE_NAME = "conversations.db"
"""The file of all conversations, in the folder of data."""


class StoreError(UserError):
    """Something could not be written; it is kept and tried again with the next write."""


@dataclass(slots=True)
class _Conversation:
    """A conversation and its row; None until something of it is on disk."""

    started_at: float
    row: int | None = None


@dataclass(frozen=True, slots=True)
class _Write:
    """A statement that is due; the row of its conversation, if it belongs to one, is its first value."""

    statement: str
    values: tuple[object, ...]
    conversation: _Conversation | None = None


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
        self._unsaved: list[_Write] = []
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
            "turns",
            number=turn.number,
            role=turn.role.value,
            text=turn.text,
            heard=turn.heard,
            status=turn.status.value,
            continued=int(turn.continued),
            said_at=turn.at + self._wall_offset,
            tools=json.dumps([_use(use) for use in turn.uses], ensure_ascii=False),
        )

    def save_interruption(self, record: Interruption) -> None:
        """Write one interruption, new or completed. Raises StoreError when it cannot."""
        self._write(
            "interruptions",
            epoch=record.epoch,
            happened_at=record.at + self._wall_offset,
            reason=record.reason.value,
            evidence=record.evidence,
            kind=record.kind.value if record.kind is not None else None,
            words=record.words,
            heard=record.heard,
            progress=record.progress,
            latency_s=record.latency_s,
            speech_only=int(record.speech_only),
            decision=record.decision,
            sentence=record.sentence,
            unheard=record.unheard,
            duck_latency_s=record.duck_latency_s,
            duration_s=record.duration_s,
            handled=record.handled,
        )

    def save_tool_states(self, states: Mapping[str, Any]) -> None:
        """Write what tools keep from run to run (JSON by the tool's name). Raises StoreError when it cannot."""
        for name, state in states.items():
            statement = "INSERT OR REPLACE INTO tool_states VALUES (?, ?)"
            self._save(_Write(statement, (name, json.dumps(state, ensure_ascii=False))))

    def tool_states(self) -> dict[str, Any]:
        """What tools have kept from an earlier run."""
        return {name: json.loads(state) for name, state in self._db.execute("SELECT name, state FROM tool_states")}

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
            migrate(db)
            if (found := db.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
                raise sqlite3.DatabaseError(found)
        except (sqlite3.DatabaseError, UserError):
            db.close()
            raise
        return db

    def _write(self, table: str, **values: object) -> None:
        """Insert a row, or replace the one with the same key."""
        names = ("conversation", *values)
        statement = f"INSERT OR REPLACE INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        self._save(_Write(statement, tuple(values.values()), self._conversation))

    def _save(self, write: _Write) -> None:
        self._unsaved.append(write)
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
            for write in self._unsaved:
                conversation = write.conversation
                if conversation is None:
                    self._db.execute(write.statement, write.values)
                    continue
                if conversation.row is None:
                    insert = "INSERT INTO conversations (started_at) VALUES (?)"
                    conversation.row = self._db.execute(insert, (conversation.started_at,)).lastrowid
                    begun.append(conversation)
                self._db.execute(write.statement, (conversation.row, *write.values))
            self._db.execute("COMMIT")
        except sqlite3.Error:
            for conversation in begun:
                conversation.row = None
            with suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
            raise
        self._unsaved.clear()


def _use(use: ToolUse) -> dict[str, object]:
    result = None if use.result is None else asdict(use.result)
    return {**asdict(use.call), "at": use.at, "status": use.status.value, "result": result}


def _free_name(path: Path) -> Path:
    number = 1
    while (name := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    return name
