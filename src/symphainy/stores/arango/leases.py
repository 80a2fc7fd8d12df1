"""Leases: one document for each lane, and the fence that its owners' writes carry.

The document decides who owns the lane, by its revision. That a fence is the newest is checked with every append that
carries it; and an append that was checked before the owner changed, and is still on its way, finds its place taken,
because a change of owners takes a place in the log (`Log.bar`) before it is told to anybody.
"""

from __future__ import annotations

from typing import Any

from symphainy.errors import LeaseHeld
from symphainy.stores.arango import statements
from symphainy.stores.arango.connection import Attempts, Changed, Connection, Taken
from symphainy.stores.arango.documents import Session
from symphainy.stores.arango.log import Log, lease_key
from symphainy.stores.base import Lease


class Leases:
    def __init__(self, connection: Connection, log: Log) -> None:
        self._connection = connection
        self._log = log

    async def acquire(self, session_id: str, lane: str, owner: str, seconds: float) -> Lease:
        async for _ in Attempts(self._connection.patience):
            session = await self._log.living(session_id)
            lease = await self._try(session, lane, owner, seconds)
            if lease is not None:
                return lease
        raise AssertionError("Attempts never ends by itself")

    async def _try(self, session: Session, lane: str, owner: str, seconds: float) -> Lease | None:
        """None if somebody else has changed the lane meanwhile, or this very call has, and its answer was lost."""
        key = lease_key(session.life, lane)
        now, document = await self._newest(key)
        if document is not None and now < document["expires_at"]:
            if document["owner"] != owner:
                raise LeaseHeld(
                    f"{document['owner']!r} holds {lane!r}.",
                    details={"owner": document["owner"], "expires_at": document["expires_at"]},
                )
            fence, in_force = document["fence"], document["in_force"]
        else:
            fence = max(session.fence, 0 if document is None else document["fence"]) + 1
            in_force = document is None
        lease = Lease(session.session_id, lane, owner, fence, now + seconds)
        renews = document is not None and document["fence"] == fence
        if renews and not in_force:
            await self._log.bar(await self._log.living(session.session_id))
            in_force = True
        changes = {"lane": lane, "owner": owner, "fence": fence, "expires_at": lease.expires_at, "in_force": in_force}
        if not await self._change(session, key, document, changes):
            return None
        # The session may be on its way out: then the lease was seen there, or that is seen here. And the place that is
        # taken must be one that was the last after the owner had changed.
        now_living = await self._log.living(session.session_id)
        if now_living.life != session.life:
            return None
        if not in_force:
            await self._log.bar(now_living)
        return lease

    async def _newest(self, key: str) -> tuple[float, dict[str, Any] | None]:
        rows = await self._connection.run(statements.LEASE, key=key, now=self._log.now())
        return rows[0]["now"], rows[0]["lease"]

    async def _change(
        self, session: Session, key: str, document: dict[str, Any] | None, changes: dict[str, Any]
    ) -> bool:
        try:
            if document is not None:
                await self._connection.swap(statements.CHANGE_LEASE, key=key, rev=document["_rev"], changes=changes)
                return True
            first = {"_key": key, "life": session.life, "remove_at": session.remove_at, **changes}
            await self._connection.run(statements.FIRST_LEASE, document=first)
            return True
        except (Changed, Taken):
            return False

    async def release(self, lease: Lease) -> None:
        async for _ in Attempts(self._connection.patience):
            session = await self._log.look(lease.session_id)
            if session is None:
                return
            key = lease_key(session.life, lease.lane)
            now, document = await self._newest(key)
            if document is None or (document["fence"], document["owner"]) != (lease.fence, lease.owner):
                return
            if document["expires_at"] <= now:
                return
            try:
                await self._connection.swap(
                    statements.CHANGE_LEASE, key=key, rev=document["_rev"], changes={"expires_at": now}
                )
                return
            except Changed:
                continue
