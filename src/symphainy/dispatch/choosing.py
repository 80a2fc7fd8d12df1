"""Which dispatcher goes with which store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from symphainy.dispatch.lanes import SHARED_LEASE_SECONDS, LaneKind, Lanes
from symphainy.dispatch.lease_loop import SHARED_RECOVER_SECONDS, LeaseLoop
from symphainy.errors import InvalidInput
from symphainy.traffic_cop import TrafficCop


class RunningDispatcher(Protocol):
    """A dispatcher as the composition root sees it."""

    lanes: Lanes

    async def start(self, kinds: Mapping[str, LaneKind]) -> None: ...
    async def close(self) -> None: ...
    def submit(self, session_id: str, lane: str) -> None: ...
    def interrupt(self, session_id: str, lane: str) -> None: ...


def choose_dispatcher(traffic_cop: TrafficCop, redis_url: str | None, *, embedded: bool) -> RunningDispatcher:
    """Where there is a Redis, it shares the work out. Otherwise the lease loop executes what this process was sent and, unless
    the store is `embedded`, looks every second for what another process has dropped.

    Raises InvalidInput for a Redis whose driver is not installed.
    """
    if redis_url is None:
        lanes = Lanes(traffic_cop) if embedded else Lanes(traffic_cop, lease_seconds=SHARED_LEASE_SECONDS)
        return LeaseLoop(lanes) if embedded else LeaseLoop(lanes, recover_seconds=SHARED_RECOVER_SECONDS)
    try:
        from symphainy.dispatch.docket import DocketDispatcher
    except ImportError as missing:
        raise InvalidInput("A Redis needs the extra: pip install 'symphainy[redis]'.") from missing
    return DocketDispatcher(Lanes(traffic_cop, lease_seconds=SHARED_LEASE_SECONDS), redis_url)
