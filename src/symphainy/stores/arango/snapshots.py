"""Snapshots: the newest one of each life, which can be made again from the log."""

from __future__ import annotations

from symphainy.stores.arango import statements
from symphainy.stores.arango.connection import Attempts, Changed, Connection, Taken
from symphainy.stores.arango.documents import snapshot_document, snapshot_of
from symphainy.stores.arango.log import Log
from symphainy.stores.base import StoredSnapshot


class Snapshots:
    def __init__(self, connection: Connection, log: Log) -> None:
        self._connection = connection
        self._log = log

    async def find(self, life: str) -> StoredSnapshot | None:
        rows = await self._connection.run(statements.SNAPSHOT, life=life)
        return snapshot_of(life, rows[0]) if rows else None

    async def save(self, session_id: str, snapshot: StoredSnapshot) -> None:
        session = await self._log.settled(session_id)
        if session is None or not session.is_whole:
            return
        document = snapshot_document(session.life, snapshot, session.remove_at)
        async for _ in Attempts(self._connection.patience):
            rows = await self._connection.run(statements.SNAPSHOT_SEQ, life=session.life)
            if rows and rows[0]["seq"] >= snapshot.seq:
                return
            try:
                if rows:
                    await self._connection.swap(
                        statements.CHANGE_SNAPSHOT, key=session.life, rev=rows[0]["rev"], document=document
                    )
                else:
                    await self._connection.run(statements.FIRST_SNAPSHOT, document=document)
                break
            except (Changed, Taken):
                continue
        now = await self._log.settled(session_id)
        if now is None or now.life != session.life or not now.is_whole:
            # It was erased meanwhile, perhaps before this snapshot came: nothing of it may stay.
            await self._connection.run(statements.ERASE_SNAPSHOT, life=session.life)
