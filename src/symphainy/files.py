"""FileStore: the bytes of uploaded files and artifacts, outside of the log, in one folder for each session.

A file is absent or complete: it is written under a temporary name, fsynced, and renamed. Names on disk are ours; a
user's name for a file is only ever metadata.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from symphainy.errors import FileNotFound, InvalidInput, SessionNotFound, StorageFull, StoreUnavailable, TooLarge
from symphainy.ids import new_id


class Digest(Protocol):
    def update(self, data: bytes, /) -> None: ...


_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}(\.[a-z0-9]{1,8})?")
_PART = ".part"
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True, slots=True)
class StoredFile:
    size: int
    sha256: str


class FileStore:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        for leftover in folder.glob(f"*/*{_PART}"):
            leftover.unlink()

    def path(self, session_id: str, name: str) -> Path:
        """Where the file is. Raises FileNotFound if there is none, or no such name can exist."""
        path = self._path(session_id, name)
        if not path.is_file():
            raise FileNotFound(f"There is no file {name!r} in this session.")
        return path

    def work_folder(self, session_id: str, name: str) -> Path:
        """A folder for a step's own files, empty or with what an interrupted attempt left."""
        folder = self._path(session_id, name)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def workflows_left(self) -> list[tuple[str, str]]:
        """Session and workflow of each work folder that is called `work-<workflow>`: of those that go on, and of those
        whose process died before it could remove what they needed."""
        return [(path.parent.name, path.name.removeprefix("work-")) for path in self._folder.glob("*/work-*")]

    async def write(self, session_id: str, name: str, chunks: AsyncIterator[bytes], *, max_bytes: int) -> StoredFile:
        """Durable on return; on any error nothing is left. Raises TooLarge as soon as there are more than
        `max_bytes`, StorageFull, SessionNotFound if the session is erased meanwhile, StoreUnavailable."""
        path = self._path(session_id, name)
        part = path.with_name(f"{new_id(path.name)}{_PART}")
        await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        try:
            with await asyncio.to_thread(part.open, "wb") as target:
                async for chunk in chunks:
                    size += len(chunk)
                    if size > max_bytes:
                        raise TooLarge(f"A file may have at most {max_bytes:,} bytes. Nothing of it was kept.")
                    await asyncio.to_thread(_write, target.fileno(), chunk, digest)
                await asyncio.to_thread(os.fsync, target.fileno())
            await asyncio.to_thread(_rename, part, path)
        except FileNotFoundError as failure:
            raise SessionNotFound("The session was erased meanwhile. Nothing of the file was kept.") from failure
        except OSError as failure:
            if failure.errno in _NO_SPACE:
                raise StorageFull("There is no space left for this file. Nothing of it was kept.") from failure
            raise StoreUnavailable(
                f"The file cannot be stored: {failure.strerror}. Nothing of it was kept."
            ) from failure
        finally:
            part.unlink(missing_ok=True)
        return StoredFile(size, digest.hexdigest())

    async def adopt(self, session_id: str, name: str, source: Path) -> StoredFile:
        """Gives a finished file of a work folder a name of its own, durable on return, without copying it."""
        path = self._path(session_id, name)

        def link() -> StoredFile:
            with source.open("rb") as opened:
                os.fsync(opened.fileno())
                digest = hashlib.file_digest(opened, "sha256").hexdigest()
            part = path.with_name(path.name + _PART)
            part.unlink(missing_ok=True)
            os.link(source, part)
            _rename(part, path)
            return StoredFile(source.stat().st_size, digest)

        return await asyncio.to_thread(link)

    async def delete(self, session_id: str, name: str) -> None:
        """Nothing happens if it is not there."""
        path = self._path(session_id, name)
        if path.is_dir():
            await asyncio.to_thread(shutil.rmtree, path, ignore_errors=True)
        else:
            await asyncio.to_thread(path.unlink, missing_ok=True)

    async def delete_session(self, session_id: str) -> None:
        await asyncio.to_thread(shutil.rmtree, self._session_folder(session_id), ignore_errors=True)

    def _session_folder(self, session_id: str) -> Path:
        if not _NAME.fullmatch(session_id):
            raise InvalidInput(f"{session_id!r} cannot be a session id.")
        return self._folder / session_id

    def _path(self, session_id: str, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise FileNotFound(f"There is no file {name!r} in this session.")
        return self._session_folder(session_id) / name


def _write(descriptor: int, chunk: bytes, digest: Digest) -> None:
    view = memoryview(chunk)
    while view:
        view = view[os.write(descriptor, view) :]
    digest.update(chunk)


def _rename(source: Path, target: Path) -> None:
    source.replace(target)
    folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
