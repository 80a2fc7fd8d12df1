"""Which dispatcher goes with which store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from symphainy.dispatch.lanes import SHARED_LEASE_SECONDS, LaneKind, Lanes
from symphainy.dispatch.lease_loop import SHARED_RECOVER_SECONDS, LeaseLoop
from symphainy.errors import InvalidInput
from symphainy.traffic_cop import TrafficCop

EMBEDDED: Final = ("memory", "sqlite")
"""Stores that one process has to itself: nobody else could take over."""
QUEUES: Final = ("redis", "rediss", "redis+cluster", "rediss+cluster", "redis+sentinel", "rediss+sentinel")


class RunningDispatcher(Protocol):
    """A dispatcher as the composition root sees it."""

    lanes: Lanes

    async def start(self, kinds: Mapping[str, LaneKind]) -> None: ...
    async def close(self) -> None: ...
    def submit(self, session_id: str, lane: str) -> None: ...
    def interrupt(self, session_id: str, lane: str) -> None: ...


def choose_dispatcher(traffic_cop: TrafficCop, store_url: str, queue_url: str = "") -> RunningDispatcher:
    """Redis shares the work out, through `queue_url` or through a store that is one; otherwise the lease loop executes what
    this process was sent, and on a shared store looks every second for what another process has dropped.

    Raises InvalidInput for a queue that is no Redis, or whose driver is not installed.
    """
    url = queue_url or (store_url if scheme_of(store_url) in QUEUES else "")
    if url and scheme_of(url) not in QUEUES:
        raise InvalidInput(f"The queue must be a Redis or Valkey ({', '.join(QUEUES)}), not {scheme_of(url)!r}.")
    if url:
        try:
            from symphainy.dispatch.docket import DocketDispatcher
        except ImportError as missing:
            raise InvalidInput("A Redis queue needs the extra: pip install 'symphainy[redis]'.") from missing
        return DocketDispatcher(Lanes(traffic_cop, lease_seconds=SHARED_LEASE_SECONDS), url)
    if scheme_of(store_url) in EMBEDDED:
        return LeaseLoop(Lanes(traffic_cop))
    lanes = Lanes(traffic_cop, lease_seconds=SHARED_LEASE_SECONDS)
    return LeaseLoop(lanes, recover_seconds=SHARED_RECOVER_SECONDS)


def scheme_of(url: str) -> str:
    """What stands before `://`; of a tiered store, the hot one's."""
    return url.partition("://")[0]
