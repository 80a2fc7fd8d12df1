"""`symphainy serve` as a process of its own, with everything that it prints."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx


class ServerProcess:
    def __init__(self, data: Path, *, environment: Mapping[str, str] | None = None, **settings: object) -> None:
        self.data = data
        self.output = ""
        self.url = ""
        self._settings = {f"SYMPHAINY_{name.upper()}": str(value) for name, value in settings.items()}
        self._settings |= environment or {}
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> ServerProcess:
        await self.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self.running:
            await self.stop(signal.SIGKILL)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def start(self) -> None:
        rates = {f"SYMPHAINY_{what}_PER_MINUTE": "1000000" for what in ("WRITES", "MESSAGES", "SESSIONS", "FAILURES")}
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "symphainy", "serve", "--port", "0", "--data", str(self.data)),
            env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), **rates, **self._settings},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        assert self._process.stdout is not None
        async with asyncio.timeout(30):
            line = (await self._process.stdout.readline()).decode()
        assert "running at http://" in line, line
        self.output += line
        self.url = next(word for word in line.split() if word.startswith("http://"))
        self._reading = asyncio.create_task(self._read(self._process.stdout))

    async def _read(self, stream: asyncio.StreamReader) -> None:
        while line := await stream.readline():
            self.output += line.decode(errors="replace")

    def send(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    async def stop(self, number: signal.Signals = signal.SIGTERM, *, seconds: float = 20) -> int:
        """Sends the signal and waits for the end. The exit code."""
        assert self._process is not None
        assert self._reading is not None
        self._process.send_signal(number)
        async with asyncio.timeout(seconds):
            code = await self._process.wait()
            await self._reading
        return code

    def rss(self) -> int:
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")

    async def new_session(self) -> tuple[str, str]:
        """A session's id and token."""
        async with httpx.AsyncClient(base_url=self.url, timeout=20) as http:
            made = (await http.post("/api/v1/sessions", json={})).json()
        return made["session_id"], made["session_token"]
