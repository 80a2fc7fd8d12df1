"""Cache: what one process needs on this machine of files that are kept elsewhere, and its work folders.

Each process has a folder of its own, so that no other one removes what it uses; it dies with the process, and the next
process that starts removes what a killed one left.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from symphainy.files.base import check_name, check_session_id
from symphainy.files.local import PART, in_thread, remove_folder, work_folders_in
from symphainy.ids import new_id

IN_USE_SECONDS: Final = 600.0
"""Whoever was given a path has opened it by then: no step runs for so long without asking again."""
IDLE_SECONDS: Final = 3600.0
"""A copy that nobody asked for is removed: its session may have been erased by another process."""
WORK_IDLE_SECONDS: Final = 86_400.0
"""A workflow that another process has taken over leaves its folder here."""
_LOCK: Final = "lock"


@dataclass(slots=True)
class Copy:
    path: Path
    size: int
    tag: str
    """Which version of the file it is, in the words of the store."""
    used: float


class Cache:
    def __init__(self, parent: Path, max_bytes: int) -> None:
        self._parent = parent
        self._folder = parent / new_id("process")
        self._sessions = self._folder / "sessions"
        self._max_bytes = max_bytes
        self._copies: dict[tuple[str, str], Copy] = {}
        self._worked: dict[tuple[str, str], float] = {}
        self._lock: IO[bytes] | None = None

    async def open(self) -> None:
        self._lock = await in_thread(self._open)

    async def close(self) -> None:
        await remove_folder(self._folder)
        if self._lock is not None:
            self._lock.close()

    def _open(self) -> IO[bytes]:
        """The parent's lock keeps another process that starts now from taking the new folder for a dead one."""
        self._parent.mkdir(parents=True, exist_ok=True)
        with (self._parent / _LOCK).open("wb") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            for folder in self._parent.glob("process_*"):
                with (folder / _LOCK).open("wb") as held:
                    try:
                        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    except OSError:
                        continue
                    shutil.rmtree(folder, ignore_errors=True)
            self._sessions.mkdir(parents=True)
            mine = (self._folder / _LOCK).open("wb")
            fcntl.flock(mine, fcntl.LOCK_EX)
            return mine

    def part(self) -> Path:
        """Where a file can be written before it is complete."""
        return self._folder / f"{new_id('file')}{PART}"

    def held(self, session_id: str, name: str) -> Copy | None:
        """What was kept, if it is still there; counts as use."""
        copy = self._copies.pop((session_id, name), None)
        if copy is None or not copy.path.is_file():
            return None
        copy.used = time.monotonic()
        self._copies[session_id, name] = copy
        return copy

    async def keep(self, session_id: str, name: str, part: Path, tag: str) -> Path:
        """`part` becomes the copy, and what was not used for longest makes room for it. What is in use stays, also where
        all of it is more than the bound."""
        path = self._sessions / check_session_id(session_id) / check_name(name)

        def rename() -> int:
            path.parent.mkdir(exist_ok=True)
            size = part.stat().st_size
            os.replace(part, path)
            return size

        size = await in_thread(rename)
        self._copies.pop((session_id, name), None)
        self._copies[session_id, name] = Copy(path, size, tag, time.monotonic())
        await self.trim()
        return path

    async def forget(self, session_id: str, name: str) -> None:
        copy = self._copies.pop((session_id, name), None)
        if copy is not None:
            await asyncio.to_thread(copy.path.unlink, missing_ok=True)

    async def forget_session(self, session_id: str) -> None:
        for known in (self._copies, self._worked):
            for key in [key for key in known if key[0] == session_id]:
                del known[key]
        await remove_folder(self._sessions / check_session_id(session_id))

    async def trim(self) -> None:
        """Keeps to the bounds of size and age."""
        now, total = time.monotonic(), sum(copy.size for copy in self._copies.values())
        for (session_id, name), copy in list(self._copies.items()):
            idle = now - copy.used
            if idle > IDLE_SECONDS or (total > self._max_bytes and idle > IN_USE_SECONDS):
                total -= copy.size
                await self.forget(session_id, name)
        for session_id, name in [key for key, used in self._worked.items() if now - used > WORK_IDLE_SECONDS]:
            await self.delete_work_folder(session_id, name)

    async def work_folder(self, session_id: str, name: str) -> Path:
        folder = self._sessions / check_session_id(session_id) / check_name(name)
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        self._worked[session_id, name] = time.monotonic()
        return folder

    async def work_folders(self) -> list[tuple[str, str]]:
        return await in_thread(work_folders_in, self._sessions)

    async def delete_work_folder(self, session_id: str, name: str) -> None:
        folder = self._sessions / check_session_id(session_id) / check_name(name)
        self._worked.pop((session_id, name), None)
        await remove_folder(folder)
