"""Child processes that have started and loaded their libraries before there is work for one: no step waits for that."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Self

SPARES: Final = 5
"""What reading a file and looking for insights in it use, one after the other. Each waits with 25 MB of its own."""
CALM_SECONDS: Final = 0.3
_LONGEST_LINE: Final = 64 * 1024 * 1024
_SOURCE_ROOT: Final = str(Path(__file__).resolve().parents[2])


class SpareChildren:
    """At most `count` children that wait, each for one request and no second one. There are none before `keep_ready`; what
    was taken is replaced, one at a time, once no step has run for a moment: to start one while a step computes would only make
    that slower. Use as a context manager, or close it."""

    def __init__(self, count: int = SPARES) -> None:
        self._count = count
        self._waiting: deque[asyncio.subprocess.Process] = deque()
        self._filling: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()
        self._wanted = False
        self._steps = 0
        self._calm_at = 0.0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def __len__(self) -> int:
        return sum(process.returncode is None for process in self._waiting)

    def keep_ready(self) -> None:
        """From now on there are some. Returns at once."""
        self._wanted = True
        self._fill_soon()

    @contextmanager
    def step(self) -> Generator[asyncio.subprocess.Process | None]:
        """While a step runs: a child for it, or None where none waits. Who gets one ends it."""
        self._steps += 1
        try:
            yield self._take()
        finally:
            self._steps -= 1
            self._fill_soon()

    async def close(self) -> None:
        """What waits is gone on return."""
        self._wanted = False
        self._closing.set()
        if self._filling is not None:
            await asyncio.gather(self._filling, return_exceptions=True)
        while self._waiting:
            await end_child(self._waiting.popleft())

    def _take(self) -> asyncio.subprocess.Process | None:
        while self._waiting:
            process = self._waiting.popleft()
            if process.returncode is None:
                return process
        return None

    def _fill_soon(self) -> None:
        self._calm_at = time.monotonic() + CALM_SECONDS
        if self._wanted and not self._steps and (self._filling is None or self._filling.done()):
            self._filling = asyncio.create_task(self._fill())

    async def _fill(self) -> None:
        while self._wanted and not self._steps and len(self) < self._count:
            pause = self._calm_at - time.monotonic()
            if pause > 0:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._closing.wait(), pause)
                continue
            self._waiting.append(await start_child(early=True))
            self._calm_at = max(self._calm_at, time.monotonic() + CALM_SECONDS / 2)


async def start_child(*, early: bool) -> asyncio.subprocess.Process:
    """A worker that waits for its request, which says its folder and its limits. Where that comes later, it loads meanwhile
    what most requests need."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "symphainy.enabling_services.worker",
        *(["spare"] if early else []),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd="/",
        env=child_environment("/"),
        start_new_session=True,
        limit=_LONGEST_LINE,
    )


async def end_child(process: asyncio.subprocess.Process) -> None:
    """The child and all that it started are gone on return, also when this task is being cancelled."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    if process.stdin is not None:
        process.stdin.close()
    await asyncio.shield(process.wait())


def child_environment(work_dir: str) -> dict[str, str]:
    """Nothing of the server's environment reaches the child: it may hold secrets."""
    return {
        "PYTHONPATH": _SOURCE_ROOT,
        "PYTHONUTF8": "1",
        "PYTHONUNBUFFERED": "1",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "HOME": work_dir,
        "TMPDIR": work_dir,
        "MALLOC_ARENA_MAX": "2",
    }
