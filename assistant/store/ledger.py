"""The ledger of interruptions, read from the file of conversations, also while Parley runs."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path

from assistant.errors import UserError
from assistant.store.schema import VERSION, migrate, version_of


@dataclass(frozen=True, slots=True)
class Record:
    """One interruption, as stored; the fields are those of `core.interruptions.Interruption`.

    `at` is seconds since the epoch, `conversation` the number of the conversation in the file.
    """

    conversation: int
    at: float
    epoch: int
    decision: str
    kind: str | None
    reason: str
    evidence: str
    words: str
    sentence: str
    heard: str
    unheard: str
    progress: float
    duck_latency_s: float | None
    latency_s: float
    duration_s: float
    speech_only: bool
    handled: str

    @property
    def when(self) -> datetime:
        """Local time."""
        return datetime.fromtimestamp(self.at).astimezone()


_COLUMNS = ", ".join("happened_at AS at" if field.name == "at" else field.name for field in fields(Record))
_SELECT = f"SELECT {_COLUMNS} FROM interruptions WHERE happened_at >= ? ORDER BY happened_at DESC, epoch DESC LIMIT ?"


def read_ledger(path: Path, *, since: float = 0.0, limit: int | None = None) -> list[Record]:
    """The latest `limit` records (None: all) since `since` (seconds since the epoch), oldest first.

    No file means no records. A file of an earlier version is brought up to date first. Raises UserError where it
    cannot be read.
    """
    if not path.exists():
        return []
    try:
        with closing(_open(path)) as db:
            rows = db.execute(_SELECT, (since, -1 if limit is None else limit)).fetchall()
    except sqlite3.Error as error:
        raise UserError(
            f"The record of interruptions in {path} cannot be read ({error}): start Parley once, which mends or puts "
            "aside a damaged file."
        ) from error
    return [Record(**{**dict(row), "speech_only": bool(row["speech_only"])}) for row in reversed(rows)]


def _open(path: Path) -> sqlite3.Connection:
    db = _read_only(path)
    if version_of(db) == VERSION:
        return db
    db.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as old:  # nobody has had it open since the update
        migrate(old)
    return _read_only(path)


def _read_only(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)
    db.row_factory = sqlite3.Row
    return db
