"""The format of the database: made by the first server that starts, and brought up to date by the first one that is
newer."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Final

from symphainy.errors import StoreUnavailable
from symphainy.stores.postgres.database import Connection, Database

FORMATS: Final[Mapping[int, tuple[str, ...]]] = {1: ("001_tables.sql", "001_functions.sql", "001_copies.sql")}
"""What leads to each format from the one before it. What has been released is never changed."""

LOCK: Final = 0x53594D5048414E59
MIGRATION_SECONDS: Final = 600.0


async def migrate(database: Database) -> None:
    """Returns when the database has this version's format. Servers that start at the same time wait for the one that
    makes it. Raises StoreUnavailable for a newer format, which is left alone."""
    if await database.run(read_format) != newest():
        await database.run(_migrate, seconds=MIGRATION_SECONDS)


async def check_is_current(database: Database) -> None:
    """For who may only read."""
    found = await database.run(read_format)
    if found == 0:
        raise StoreUnavailable("There is nothing of Symphainy in the database.")
    if found != newest():
        raise StoreUnavailable(
            "The database was written by an older version of Symphainy. Start the server once: it brings it up to date."
        )


def newest() -> int:
    return max(FORMATS)


async def read_format(connection: Connection) -> int:
    """0 if there is nothing yet."""
    if await connection.fetchval("SELECT to_regclass('symphainy.meta')") is None:
        return 0
    found = await connection.fetchval("SELECT value FROM symphainy.meta WHERE name = 'format'")
    if found > newest():
        raise StoreUnavailable(
            f"The database was written by a newer version of Symphainy (format {found}, this one knows {newest()})."
        )
    return int(found)


async def _migrate(connection: Connection) -> None:
    """One transaction: whatever ends it, the database is of one format."""
    async with connection.transaction():
        await connection.execute("SET LOCAL statement_timeout = 0")
        await connection.execute(f"SELECT pg_advisory_xact_lock({LOCK})")
        encoding = await connection.fetchval("SELECT current_setting('server_encoding')")
        if encoding != "UTF8":
            raise StoreUnavailable(f"The database's encoding is {encoding}. It must be UTF8.")
        found = await read_format(connection)
        if await connection.fetchval("SELECT to_regnamespace('symphainy')") is None:
            await connection.execute("CREATE SCHEMA symphainy")
        for number in range(found + 1, newest() + 1):
            for name in FORMATS[number]:
                await connection.execute(text_of(name))
        await connection.execute(
            "INSERT INTO symphainy.meta (name, value) VALUES ('format', $1)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            newest(),
        )


def text_of(name: str) -> str:
    return (files("symphainy.stores.postgres") / "formats" / name).read_text(encoding="utf-8")
