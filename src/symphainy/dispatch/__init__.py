"""Who executes a lane, and when. `lanes` executes one under its lease, once `slots` has room; the dispatchers choose:
`lease_loop` this process, for the embedded store and any shared one, `docket` any of the processes that share a Redis."""

from __future__ import annotations

from symphainy.dispatch.figures import lane_metrics
from symphainy.dispatch.lanes import Handler, LaneKind, Lanes, Outcome
from symphainy.dispatch.lease_loop import LeaseLoop

__all__ = ["Handler", "LaneKind", "Lanes", "LeaseLoop", "Outcome", "lane_metrics"]
