"""The tables of the file of conversations, and how a file of an earlier version becomes one of this."""

import sqlite3
from collections.abc import Iterator

from assistant.errors import UserError

_FIRST = """
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
"""Files that were made before versions were counted have these tables, too."""

_LEDGER = """
ALTER TABLE turns ADD COLUMN tools TEXT NOT NULL DEFAULT '[]';
ALTER TABLE interruptions ADD COLUMN decision TEXT NOT NULL DEFAULT 'cut';
ALTER TABLE interruptions ADD COLUMN sentence TEXT NOT NULL DEFAULT '';
ALTER TABLE interruptions ADD COLUMN unheard TEXT NOT NULL DEFAULT '';
ALTER TABLE interruptions ADD COLUMN duck_latency_s REAL;
ALTER TABLE interruptions ADD COLUMN duration_s REAL NOT NULL DEFAULT 0;
ALTER TABLE interruptions ADD COLUMN handled TEXT NOT NULL DEFAULT '';
CREATE INDEX interruptions_by_time ON interruptions (happened_at);
CREATE TABLE tool_states (
    name TEXT PRIMARY KEY,
    state TEXT NOT NULL
);
"""
"""Restores are recorded, too, and more of each interruption; tools came. `tools` and `state` hold JSON."""

_STEPS = (_FIRST, _LEDGER)
"""Step number n brings a file from version n to version n + 1; a step that was released is never changed."""

VERSION = len(_STEPS)
"""The version of the tables, kept in the file as `user_version`."""


class NewerFileError(UserError):
    """A file that a later version of Parley has made; it is left alone."""


def version_of(db: sqlite3.Connection) -> int:
    """The version of the tables in `db`; 0 for an empty file and for those made before versions were counted."""
    version: int = db.execute("PRAGMA user_version").fetchone()[0]
    return version


def migrate(db: sqlite3.Connection) -> None:
    """Bring the tables to the present version, each step wholly or not at all; what is stored stays.

    Raises NewerFileError for a file from the future, sqlite3.Error where it cannot be written.
    """
    found = version_of(db)
    if found > VERSION:
        raise NewerFileError(
            "The file of conversations was made by a newer version of Parley: use that one, or set PARLEY_HOME to "
            "another folder."
        )
    for number in range(found, VERSION):
        db.execute("BEGIN IMMEDIATE")
        try:
            if version_of(db) == number:  # otherwise somebody else has been faster
                for statement in _statements(_STEPS[number]):
                    db.execute(statement)
                db.execute(f"PRAGMA user_version={number + 1}")
            db.execute("COMMIT")
        except sqlite3.Error:
            db.execute("ROLLBACK")
            raise


def _statements(script: str) -> Iterator[str]:
    """The statements of `script`, each of which ends at the end of a line."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
