"""FolderFileStore: one folder for each session. For one server process; what it acknowledges is fsynced."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from symphainy.errors import SessionNotFound
from symphainy.files.base import FileStore, OpenFile, StoredFile, check_name, check_session_id, not_here
from symphainy.files.local import (
    PART,
    in_thread,
    link,
    local_faults,
    open_file,
    remove_folder,
    rename,
    stage,
    work_folders_in,
)
from symphainy.ids import SystemClock, new_id

_ABANDONED_SECONDS: Final = 3600.0
_REMEMBERED: Final = 10_000
"""Sessions whose erasure may meet a write that began before it."""


class FolderFileStore(FileStore):
    kind = "folder"

    def __init__(self, folder: Path, *, alone: bool = True) -> None:
        self._folder = folder
        self._alone = alone
        self._erased: dict[str, None] = {}

    async def __aenter__(self) -> Self:
        """Removes what an earlier process left half written."""
        await asyncio.to_thread(self._tidy)
        return self

    def _tidy(self) -> None:
        """What another process may still be writing is left alone until it has not been touched for an hour."""
        self._folder.mkdir(parents=True, exist_ok=True)
        before = math.inf if self._alone else SystemClock().now() - _ABANDONED_SECONDS
        for leftover in self._folder.glob(f"*/*{PART}"):
            with suppress(FileNotFoundError):
                if leftover.stat().st_ctime < before:
                    leftover.unlink()

    async def probe(self) -> None:
        part = self._folder / new_id(f"probe{PART}")

        def write() -> None:
            self._folder.mkdir(parents=True, exist_ok=True)
            part.write_bytes(b"probe")

        try:
            with local_faults():
                await in_thread(write)
        finally:
            part.unlink(missing_ok=True)

    async def write(self, session_id: str, name: str, chunks: AsyncIterator[bytes], *, max_bytes: int) -> StoredFile:
        path = await self._target(session_id, name)
        part = path.with_name(f"{new_id(path.name)}{PART}")
        try:
            with local_faults():
                stored = await stage(part, chunks, max_bytes=max_bytes)
                await self._keep(session_id, part, path)
        except FileNotFoundError as failure:
            raise _erased() from failure
        finally:
            part.unlink(missing_ok=True)
        return stored

    async def adopt(self, session_id: str, name: str, source: Path) -> StoredFile:
        """Without copying it."""
        path = await self._target(session_id, name)
        part = path.with_name(f"{new_id(path.name)}{PART}")
        try:
            with local_faults():
                stored = await in_thread(link, source, part)
                await self._keep(session_id, part, path)
        finally:
            part.unlink(missing_ok=True)
        return stored

    async def path(self, session_id: str, name: str) -> Path:
        path = self._path(session_id, name)
        if not path.is_file():
            raise not_here(name)
        return path

    async def open(self, session_id: str, name: str) -> OpenFile:
        return open_file(await self.path(session_id, name))

    async def delete(self, session_id: str, name: str) -> None:
        await asyncio.to_thread(self._path(session_id, name).unlink, missing_ok=True)

    async def delete_session(self, session_id: str) -> None:
        folder = self._folder / check_session_id(session_id)
        self._erased[session_id] = None
        if len(self._erased) > _REMEMBERED:
            del self._erased[next(iter(self._erased))]
        await remove_folder(folder)

    async def readmit_session(self, session_id: str) -> None:
        self._erased.pop(check_session_id(session_id), None)

    async def work_folder(self, session_id: str, name: str) -> Path:
        folder = self._path(session_id, name)
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        return folder

    async def work_folders(self) -> list[tuple[str, str]]:
        return await in_thread(work_folders_in, self._folder)

    async def delete_work_folder(self, session_id: str, name: str) -> None:
        await remove_folder(self._path(session_id, name))

    async def _target(self, session_id: str, name: str) -> Path:
        path = self._path(session_id, name)
        self._check_there(session_id)
        with local_faults():
            await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
        return path

    async def _keep(self, session_id: str, part: Path, path: Path) -> None:
        self._check_there(session_id)
        await in_thread(rename, part, path)

    def _check_there(self, session_id: str) -> None:
        if session_id in self._erased:
            raise _erased()

    def _path(self, session_id: str, name: str) -> Path:
        return self._folder / check_session_id(session_id) / check_name(name)


def _erased() -> SessionNotFound:
    return SessionNotFound("The session was erased. Nothing of the file was kept.")
