"""How soon a page on one server process shows what another one was sent: from sending the request to the text in the document, in a
real browser, on Valkey and on PostgreSQL.

Each message is also answered by the guide meanwhile. Bar: 150 ms for the 95th of 100. Exits 1 if it is missed. Needs Node and
Chromium (`CHROMIUM`, or one that `scripts/chromium` finds).
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.api.server_process import ServerProcess
from tests.faults.crash_loop import shared_store

ROOT = Path(__file__).parents[1]
MESSAGES = 100
BAR = 150.0


async def measured(store: str, chromium: str) -> list[float]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with ServerProcess(folder, store=store) as shown, ServerProcess(folder, store=store) as sender:
            process = await asyncio.create_subprocess_exec(
                *("node", "scripts/measure_latency.mjs", shown.url, sender.url, str(MESSAGES)),
                cwd=ROOT / "symphainy-frontend",
                env={**os.environ, "CHROMIUM": chromium},
                stdout=asyncio.subprocess.PIPE,
            )
            output, _ = await process.communicate()
            if process.returncode != 0:
                raise SystemExit(process.returncode)
            return json.loads(output)


def main() -> int:
    found = subprocess.run([ROOT / "scripts" / "chromium"], capture_output=True, text=True, check=True)
    reached = True
    for kind in ("valkey", "postgres"):
        with shared_store(kind) as (url, _):
            times = sorted(asyncio.run(measured(url, found.stdout.strip())))
        p95 = times[int(len(times) * 0.95)]
        reached &= p95 <= BAR
        print(
            f"{kind}: from sending through one server to the page of another: median {statistics.median(times):.0f} ms,"
            f" 95 % {p95:.0f} ms (at most {BAR:.0f}), slowest {times[-1]:.0f} ms, {len(times)} messages"
        )
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
