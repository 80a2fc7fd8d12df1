"""The collections and their indexes, and how they come to be. Made once, by whichever process comes first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from symphainy.errors import StoreUnavailable
from symphainy.stores.arango import statements
from symphainy.stores.arango.connection import Connection, NotThere
from symphainy.stores.base import Durability

VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Collection:
    name: str
    indexes: tuple[dict[str, Any], ...] = ()


def _index(*fields: str) -> dict[str, Any]:
    return {"type": "persistent", "fields": list(fields)}


_TTL: Final[dict[str, Any]] = {"type": "ttl", "fields": ["remove_at"], "expireAfter": 0}

COLLECTIONS: Final = (
    Collection("symphainy_sessions", (_index("user_id"), _index("state", "expires_at"))),
    Collection(
        "symphainy_log",
        (_index("life", "position"), _index("life", "last"), _index("marks[*]", "last"), _index("pending"), _TTL),
    ),
    Collection("symphainy_leases", (_index("life"), _TTL)),
    Collection("symphainy_snapshots", (_TTL,)),
    Collection("symphainy_tokens", (_index("session_id"), _index("user_id"), _TTL)),
    Collection("symphainy_users"),
    Collection("symphainy_meta"),
)


async def prepare(connection: Connection, *, read_only: bool) -> Durability:
    """Makes what is missing, and says what an acknowledgement is worth.

    `fsync` if every collection waits for the disk (`waitForSync`), as those made here do; `<=1s` if somebody has
    changed one of them: the server then syncs its log in the background, ten times a second by default.
    """
    version = await _version(connection)
    if version is None:
        if read_only:
            raise StoreUnavailable("There is no store in this database.")
        await _make(connection)
        version = await _version(connection)
    if version != VERSION:
        raise StoreUnavailable(f"The database was written by a newer version of Symphainy (format {version}).")
    synced = [await connection.waits_for_sync(collection.name) for collection in COLLECTIONS]
    return "fsync" if all(synced) else "<=1s"


async def _version(connection: Connection) -> int | None:
    try:
        found = await connection.run(statements.FORMAT)
    except NotThere:
        return None
    return found[0] if found else None


async def _make(connection: Connection) -> None:
    await connection.make_database()
    for collection in COLLECTIONS:
        await connection.make_collection(collection.name)
        for index in collection.indexes:
            await connection.make_index(collection.name, index)
    await connection.run(statements.SET_FORMAT, version=VERSION)
