"""The contract of every file store: the bytes of uploaded files and artifacts, outside of the log, by session and name.

A file is absent or complete. Names are ours; a user's name for a file is only ever metadata.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from symphainy.errors import FileNotFound, InvalidInput, TooLarge

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,80}(\.[a-z0-9]{1,8})?")


@dataclass(frozen=True, slots=True)
class StoredFile:
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class OpenFile:
    """`chunks` is iterated once. An error in the middle is raised by the iterator: there are never fewer than `size` bytes
    without one."""

    size: int
    chunks: AsyncIterator[bytes]


class FileStore(ABC):
    """Every method raises InvalidInput for what cannot be a session id, FileNotFound for what cannot be a name, and
    StoreUnavailable, within bounded time, when the store does not answer."""

    kind: str
    """How `/readyz` calls it."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Waits for uploads that are still going on."""

    @abstractmethod
    async def probe(self) -> None:
        """Returns if the store answers and takes files."""

    @abstractmethod
    async def write(self, session_id: str, name: str, chunks: AsyncIterator[bytes], *, max_bytes: int) -> StoredFile:
        """Durable on return, in place of what had that name; on any error what was there before is still there, and
        nothing else. Raises TooLarge as soon as there are more than `max_bytes`, StorageFull, SessionNotFound if the
        session is erased."""

    @abstractmethod
    async def adopt(self, session_id: str, name: str, source: Path) -> StoredFile:
        """Gives a finished file of a work folder a name of its own, durable on return. Raises what `write` does."""

    @abstractmethod
    async def path(self, session_id: str, name: str) -> Path:
        """A complete copy on this machine, to be read soon: a step asks again for each use. Raises FileNotFound if there
        is no such file, StorageFull if this machine has no space for it."""

    @abstractmethod
    async def open(self, session_id: str, name: str) -> OpenFile:
        """The bytes from the first to the last, without keeping them here. Raises FileNotFound."""

    @abstractmethod
    async def delete(self, session_id: str, name: str) -> None:
        """Nothing happens if it is not there."""

    @abstractmethod
    async def delete_session(self, session_id: str) -> None:
        """Erases all of the session's files, and refuses what would be written for it from now on: by a step that has not
        heard of it yet, for example. Can be repeated."""

    @abstractmethod
    async def readmit_session(self, session_id: str) -> None:
        """A session of this id begins, after an erased one perhaps: its files are taken again."""

    @abstractmethod
    async def work_folder(self, session_id: str, name: str) -> Path:
        """A folder on this machine for a step's own files: empty, or with what an interrupted attempt left here. Nothing
        in it is durable."""

    @abstractmethod
    async def work_folders(self) -> list[tuple[str, str]]:
        """Session and name of every work folder on this machine, also of those that a dead process left."""

    @abstractmethod
    async def delete_work_folder(self, session_id: str, name: str) -> None:
        """Nothing happens if it is not there."""


def check_session_id(session_id: str) -> str:
    if not _NAME.fullmatch(session_id):
        raise InvalidInput(f"{session_id!r} cannot be a session id.")
    return session_id


def check_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise not_here(name)
    return name


def not_here(name: str) -> FileNotFound:
    return FileNotFound(f"There is no file {name!r} in this session.")


def too_large(max_bytes: int) -> TooLarge:
    return TooLarge(f"A file may have at most {max_bytes:,} bytes. Nothing of it was kept.")
