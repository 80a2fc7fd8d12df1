"""Files on this machine: written completely or not at all, in threads, with the errors of `base`."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import shutil
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, Protocol, Self, TypeVar

from symphainy.errors import StorageFull, StoreUnavailable
from symphainy.files.base import OpenFile, StoredFile, too_large

PART: Final = ".part"
READ_BYTES: Final = 256 * 1024
WRITE_BYTES: Final = 1024 * 1024
_NO_SPACE: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

T = TypeVar("T")


class Digest(Protocol):
    def update(self, data: bytes, /) -> None: ...
    def hexdigest(self) -> str: ...


async def in_thread(function: Callable[..., T], *arguments: object) -> T:
    """A caller that is cancelled waits for the thread: it may still use a file that the caller would close or remove."""
    running = asyncio.ensure_future(asyncio.to_thread(function, *arguments))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        if not running.cancelled():
            running.exception()
        raise


@contextmanager
def local_faults() -> Generator[None]:
    """Raises StorageFull or StoreUnavailable for what the file system says; FileNotFoundError is for the caller."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as failure:
        if failure.errno in _NO_SPACE:
            raise StorageFull("There is no space left for this file. Nothing of it was kept.") from failure
        raise StoreUnavailable(f"The file cannot be stored: {failure.strerror}. Nothing of it was kept.") from failure


async def stage(part: Path, chunks: AsyncIterator[bytes], *, max_bytes: int) -> StoredFile:
    """Writes `part`, durable on return. Whoever calls this removes it after an error."""
    digest, size = hashlib.sha256(), 0
    with ExitStack() as opened:
        # Whoever is cancelled meanwhile has the file to close all the same.
        target = await in_thread(lambda: opened.enter_context(part.open("wb")))
        async with _Writing(target.fileno(), digest) as writing:
            async for chunk in chunks:
                size += len(chunk)
                if size > max_bytes:
                    raise too_large(max_bytes)
                await writing.add(chunk)
        await in_thread(os.fsync, target.fileno())
    return StoredFile(size, digest.hexdigest())


class _Writing:
    """Gathers a block while the one before it is written: a thread for each chunk would cost more than the writing."""

    def __init__(self, descriptor: int, digest: Digest) -> None:
        self._descriptor = descriptor
        self._digest = digest
        self._held: list[bytes] = []
        self._size = 0
        self._going: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: object, *_: object) -> None:
        """Everything is written on return. After an error nothing writes any more."""
        if kind is None:
            await self._write()
        if self._going is not None:
            await asyncio.gather(self._going, return_exceptions=kind is not None)

    async def add(self, chunk: bytes) -> None:
        self._held.append(chunk)
        self._size += len(chunk)
        if self._size >= WRITE_BYTES:
            await self._write()

    async def _write(self) -> None:
        if self._going is not None:
            await self._going
        block, self._held, self._size = b"".join(self._held), [], 0
        self._going = asyncio.create_task(in_thread(_write, self._descriptor, block, self._digest))


def link(source: Path, part: Path) -> StoredFile:
    """`part` becomes another name of the finished file `source`, durable on return."""
    with source.open("rb") as opened:
        os.fsync(opened.fileno())
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
        size = os.fstat(opened.fileno()).st_size
    part.unlink(missing_ok=True)
    os.link(source, part)
    return StoredFile(size, digest)


def rename(source: Path, target: Path) -> None:
    """Durable on return."""
    source.replace(target)
    folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def open_file(path: Path) -> OpenFile:
    """Raises FileNotFoundError. It stays readable when its name is given to another file, or removed."""
    target = path.open("rb", buffering=0)
    size = os.fstat(target.fileno()).st_size

    async def chunks() -> AsyncIterator[bytes]:
        with target as opened:
            left = size
            while left:
                chunk = await in_thread(opened.read, min(left, READ_BYTES))
                if not chunk:
                    raise StoreUnavailable("The file became shorter while it was read.")
                left -= len(chunk)
                yield chunk

    return OpenFile(size, chunks())


def work_folders_in(folder: Path) -> list[tuple[str, str]]:
    """The folders inside of the session folders in `folder`: session and name."""
    return [(path.parent.name, path.name) for path in folder.glob("*/*/") if path.is_dir()]


async def remove_folder(path: Path) -> None:
    await asyncio.to_thread(shutil.rmtree, path, ignore_errors=True)


def _write(descriptor: int, chunk: bytes, digest: Digest) -> None:
    view = memoryview(chunk)
    while view:
        view = view[os.write(descriptor, view) :]
    digest.update(chunk)
