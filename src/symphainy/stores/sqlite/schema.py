"""The database file: its tables, how it is opened, and how SQLite's errors become ours."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

from symphainy.errors import DataDamaged, StorageFull, StoreUnavailable, SymphainyError, TooLarge
from symphainy.stores.sqlite.upgrades import UPGRADES

VERSION: Final = 3

BUSY_SECONDS: Final = 5.0
CACHE_KILOBYTES: Final = 16_000

TABLES: Final = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY) WITHOUT ROWID;
CREATE TABLE sessions (
    number INTEGER PRIMARY KEY,
    session_id TEXT NOT NULL UNIQUE,
    user_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    created_at REAL NOT NULL,
    last_activity REAL NOT NULL,
    expires_at REAL NOT NULL,
    idle REAL NOT NULL,
    absolute REAL NOT NULL,
    fence INTEGER NOT NULL DEFAULT 0,
    arriving INTEGER NOT NULL DEFAULT 0,
    checksum BLOB);
CREATE INDEX sessions_of_user ON sessions (user_id);
CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    session INTEGER NOT NULL,
    topic TEXT,
    op_id TEXT,
    span INTEGER NOT NULL,
    marks TEXT,
    checksum BLOB NOT NULL,
    data BLOB NOT NULL);
CREATE INDEX entries_of_topic ON entries (session, topic) WHERE topic IS NOT NULL;
CREATE UNIQUE INDEX entries_of_operation ON entries (op_id, session) WHERE op_id IS NOT NULL;
CREATE TABLE keys (session INTEGER, key TEXT, seq INTEGER NOT NULL, PRIMARY KEY (session, key)) WITHOUT ROWID;
CREATE TABLE work (
    session INTEGER,
    work_id TEXT,
    lane TEXT NOT NULL,
    opened INTEGER NOT NULL,
    is_open INTEGER NOT NULL,
    PRIMARY KEY (session, work_id)) WITHOUT ROWID;
CREATE INDEX work_open ON work (session, opened) WHERE is_open = 1;
CREATE TABLE leases (
    session INTEGER,
    lane TEXT,
    owner TEXT NOT NULL,
    fence INTEGER NOT NULL,
    expires_at REAL NOT NULL,
    PRIMARY KEY (session, lane)) WITHOUT ROWID;
CREATE TABLE snapshots (
    session INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL,
    chain BLOB NOT NULL,
    checksum BLOB NOT NULL,
    data BLOB NOT NULL);
CREATE TABLE tokens (
    token_hash TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    session_id TEXT,
    created_at REAL NOT NULL,
    idle_seconds REAL NOT NULL,
    idle_expires_at REAL NOT NULL,
    expires_at REAL NOT NULL,
    rotation TEXT,
    checksum BLOB) WITHOUT ROWID;
CREATE INDEX tokens_of_session ON tokens (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX tokens_of_user ON tokens (user_id);
"""
"""`entries.id` is the session's number times 2^32 plus `seq`: one tree in log order, without a second index for its
key. `op_id` stands on the first entry of its append, with how many entries that wrote in `span`. `marks` are an entry's
keys and work, for those who copy it."""

SYNC_FAILURES: Final = frozenset({sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC})


def connect_writer(path: Path) -> sqlite3.Connection:
    """The one read-write connection. An acknowledged commit has been synced to the write-ahead log.

    It checkpoints only when told to: a checkpoint that fails inside a commit would make a good commit look failed.
    Deleted content is overwritten, not just unlinked.
    """
    connection = sqlite3.connect(path, isolation_level=None, timeout=BUSY_SECONDS)
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "secure_delete = ON",
        "wal_autocheckpoint = 0",
        f"cache_size = {-CACHE_KILOBYTES}",
    ):
        connection.execute(f"PRAGMA {pragma}")
    make_tables(connection)
    return connection


def make_tables(connection: sqlite3.Connection) -> None:
    """Makes the tables, or brings those of an older version up to date, in one transaction: whatever ends it, the
    database is of one version."""
    version = check_version(connection)
    if version == VERSION:
        return
    # not executescript, which would commit before it begins
    connection.execute("BEGIN IMMEDIATE")
    if version:
        for older in range(version, VERSION):
            UPGRADES[older](connection)
    else:
        for statement in TABLES.split(";"):
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")


def connect_reader(path: Path) -> sqlite3.Connection:
    """Read-only in two ways, so that there is never a second connection that writes or checkpoints."""
    uri = f"file:{quote(str(path))}?mode=ro"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=BUSY_SECONDS, check_same_thread=False)
    connection.execute("PRAGMA query_only = ON")
    return connection


def check_is_current(connection: sqlite3.Connection) -> None:
    """For who can only read. A database without tables is none of an older version."""
    if 0 < check_version(connection) < VERSION:
        raise StoreUnavailable(
            "The database was written by an older version of Symphainy. Start the server once: it brings it up to date."
        )


def check_version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise StoreUnavailable(
            f"The database was written by a newer version of Symphainy (format {version}, this one knows {VERSION})."
        )
    return version


@contextmanager
def mapped(session_id: str = "") -> Generator[None, None, None]:
    """The one place where SQLite's errors become ours. `session_id` is whose data was being read, for DataDamaged."""
    try:
        yield
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise ours(error, session_id) from error
    except UnicodeDecodeError as error:
        # Python's module cannot even say what is wrong: a name in the damaged schema is no text.
        raise DataDamaged("The database is damaged.", session_id=session_id) from error


def ours(error: sqlite3.Error | sqlite3.Warning, session_id: str) -> SymphainyError:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        if isinstance(error, sqlite3.DataError):
            return TooLarge(f"SQLite: {error}")
        if "decode to UTF-8" in str(error):
            return DataDamaged(f"SQLite: {error}", session_id=session_id)
        return StoreUnavailable(f"SQLite: {error}")
    match code & 0xFF:
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_FORMAT | sqlite3.SQLITE_ERROR:
            # SQLITE_ERROR means that a table or column is not there: the schema is not the one that was made.
            return DataDamaged(f"The database is damaged: {error}", session_id=session_id)
        case sqlite3.SQLITE_CONSTRAINT:
            return DataDamaged(f"What is stored contradicts itself: {error}", session_id=session_id)
        case sqlite3.SQLITE_FULL:
            return StorageFull("There is no space left where the database is.")
        case sqlite3.SQLITE_TOOBIG:
            return TooLarge(f"SQLite: {error}")
        case _:
            return StoreUnavailable(f"SQLite: {error} ({getattr(error, 'sqlite_errorname', '')})")


def sync_failed(error: SymphainyError) -> bool:
    """Whether the operating system could not say that data reached the disk. It may have dropped it: nothing after can
    be trusted (Rebello et al., Can Applications Recover from fsync Failures?, USENIX ATC 2020)."""
    return getattr(error.__cause__, "sqlite_errorcode", None) in SYNC_FAILURES
