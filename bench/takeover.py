"""How soon a workflow goes on whose server process was killed in the middle of a step: from the kill to the workflow's next
entry, which another process writes; 20 times on one Valkey, and on one PostgreSQL. The bar: 5 s for the longest.

Starts its own servers on loopback.
"""

from __future__ import annotations

import asyncio
import os
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.api.server_process import ServerProcess
from tests.faults.crash_loop import shared_store
from tests.faults.test_many_servers import Servers, ended, with_a_step_going

TAKEOVERS = 20
BAR = 5.0


async def takeover(servers: Servers) -> float:
    """Seconds. Raises RuntimeError unless the other process has taken the workflow over, and it is completed afterwards."""
    workflow_id, owner, other = await with_a_step_going(servers)
    killed = time.monotonic()
    await owner.stop(signal.SIGKILL)
    before = len(await servers.entries(other, workflow_id))
    await servers.until(other, workflow_id, lambda entries: len(entries) > before)
    seconds = time.monotonic() - killed
    await servers.until(other, workflow_id, ended)
    ends = [entry for entry in await servers.entries(other, workflow_id) if entry["type"] == "workflow.finished"]
    if [end["data"]["status"] for end in ends] != ["completed"]:
        raise RuntimeError(f"The workflow did not end once, completed: {ends}")
    if f"workflow:{workflow_id} of {servers.session_id} is taken over" not in other.output:
        raise RuntimeError("Who was killed did not execute the workflow.")
    await owner.start()
    return seconds


async def measured(store: str, folder: Path) -> list[float]:
    processes = [ServerProcess(folder / "data", store=store) for _ in range(2)]
    await asyncio.gather(*(process.start() for process in processes))
    try:
        found: list[float] = []
        for _ in range(TAKEOVERS):
            servers = Servers(processes, *await processes[0].new_session())
            found.append(await takeover(servers))
            await servers.http.aclose()
        return sorted(found)
    finally:
        for process in processes:
            if process.running:
                await process.stop(signal.SIGKILL)


def main() -> int:
    missed = False
    for kind in ("valkey", "postgres"):
        with shared_store(kind) as (url, _), tempfile.TemporaryDirectory() as folder:
            times = asyncio.run(measured(url, Path(folder)))
        missed = missed or times[-1] > BAR
        print(
            f"{kind}: {len(times)} takeovers, median {statistics.median(times):.2f} s, max {times[-1]:.2f} s"
            f" (at most {BAR:.0f}); load average {os.getloadavg()[0]:.1f}",
            flush=True,
        )
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
