"""S3FileStore: files in an S3-compatible object storage, which many server processes share.

The object is the truth; a bounded cache on each machine holds what a step needs. A file is written here completely, hashed, and
then uploaded (in parts, if it is large): a client that is slow or goes away never reaches the storage, and an upload that fails
is repeated or aborted. A call is answered or fails within the times of `Patience`; no request is repeated endlessly. Nobody is
given a link to the storage: all bytes pass through a server, which checks the credential.

    <prefix>/sessions/<session id>/<name>    a file; its SHA-256 is kept with it and checked whenever it is read
    <prefix>/erased/<session id>             the session was erased: a write looks here when its object is there, an erasure
                                             writes it before it lists, so that one of the two sees the other. It is
                                             removed after a day, with what a writer left who died before it looked
    <prefix>/probe                           what `probe` writes
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Self, TypeVar

import obstore

from symphainy.errors import DataDamaged, SessionNotFound, StoreUnavailable, SymphainyError
from symphainy.files.base import FileStore, OpenFile, StoredFile, check_name, check_session_id, not_here
from symphainy.files.cache import Cache
from symphainy.files.local import in_thread, link, local_faults, open_file, stage
from symphainy.files.s3.bucket import Patience, bucket_of, connect, faults

logger = logging.getLogger(__name__)

PART_BYTES: Final = 8 * 1024 * 1024
PARTS_AT_ONCE: Final = 3
CHUNK_BYTES: Final = 1024 * 1024
"""What a download holds of a file, twice."""
READS: Final = 3
PROBE: Final = "probe"
TIDY_SECONDS: Final = 300.0
FORGET_SECONDS: Final = 3600.0
ERASED_KEPT: Final = timedelta(days=1)
"""Longer than any write takes."""
BEGUN_AGAIN: Final = timedelta(hours=1)
"""While a mark is removed, a session may begin again under its id: none of its files is so old."""

T = TypeVar("T")


class S3FileStore(FileStore):
    kind = "s3"

    def __init__(self, url: str, folder: Path, *, cache_bytes: int, patience: Patience | None = None) -> None:
        """Raises InvalidInput."""
        self._patience = patience or Patience()
        self._store = connect(bucket_of(url), self._patience)
        self._cache = Cache(folder, cache_bytes)
        self._uploads: set[asyncio.Task[StoredFile]] = set()
        self._fetching: dict[str, asyncio.Task[Path]] = {}
        self._tidying: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Raises StoreUnavailable if the storage cannot be written to: better now than with the first user's file."""
        await self._cache.open()
        try:
            await self.probe()
        except BaseException:
            await self._cache.close()
            raise
        self._tidying = asyncio.create_task(self._tidy())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._tidying is not None:
            self._tidying.cancel()
        if going := {*self._uploads, *self._fetching.values(), *([self._tidying] if self._tidying else [])}:
            await asyncio.wait(going)
        await self._cache.close()

    async def probe(self) -> None:
        try:
            await self._call(obstore.put_async(self._store, PROBE, b"probe"))
        except FileNotFoundError as missing:
            raise StoreUnavailable("There is no such bucket for the files.") from missing

    # --- writing

    async def write(self, session_id: str, name: str, chunks: AsyncIterator[bytes], *, max_bytes: int) -> StoredFile:
        _key(session_id, name)
        part = self._cache.part()
        try:
            with local_faults():
                stored = await stage(part, chunks, max_bytes=max_bytes)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        return await self._upload(session_id, name, part, stored)

    async def adopt(self, session_id: str, name: str, source: Path) -> StoredFile:
        _key(session_id, name)
        part = self._cache.part()
        try:
            with local_faults():
                stored = await in_thread(link, source, part)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        return await self._upload(session_id, name, part, stored)

    async def _upload(self, session_id: str, name: str, part: Path, stored: StoredFile) -> StoredFile:
        """A caller that goes away does not stop it: half an upload in parts would stay in the bucket, unseen. A complete file
        that nothing refers to goes with its session."""
        upload = asyncio.create_task(self._put(session_id, name, part, stored))
        self._uploads.add(upload)
        upload.add_done_callback(self._uploaded)
        return await asyncio.shield(upload)

    def _uploaded(self, upload: asyncio.Task[StoredFile]) -> None:
        self._uploads.discard(upload)
        if not upload.cancelled() and upload.exception() is not None:
            logger.info("an upload failed: %s", upload.exception())

    async def _put(self, session_id: str, name: str, part: Path, stored: StoredFile) -> StoredFile:
        key = _key(session_id, name)
        try:
            put = obstore.put_async(
                self._store,
                key,
                part,
                attributes={"sha256": stored.sha256},
                chunk_size=PART_BYTES,
                max_concurrency=PARTS_AT_ONCE,
            )
            # each part has the patience of one call
            parts = 2 + stored.size // PART_BYTES
            result = await self._call(put, calls=parts)
            if await self._is_erased(session_id):
                await self._call(obstore.delete_async(self._store, key))
                raise SessionNotFound("The session was erased. Nothing of the file was kept.")
            with suppress(OSError):  # the object is there; without a copy it is fetched when it is needed
                await self._cache.keep(session_id, name, part, str(result["e_tag"]))
        except FileNotFoundError as missing:
            raise StoreUnavailable("The bucket for the files is gone. Nothing of the file was kept.") from missing
        finally:
            await asyncio.to_thread(part.unlink, missing_ok=True)
        return stored

    # --- reading

    async def path(self, session_id: str, name: str) -> Path:
        key = _key(session_id, name)
        try:
            found = await self._call(obstore.head_async(self._store, key))
        except FileNotFoundError as missing:
            await self._cache.forget(session_id, name)
            raise not_here(name) from missing
        held = self._cache.held(session_id, name)
        if held is not None and (held.tag, held.size) == (found["e_tag"], found["size"]):
            return held.path
        version = f"{key} {found['e_tag']}"
        fetching = self._fetching.get(version)
        if fetching is None:
            fetching = self._fetching[version] = asyncio.create_task(self._fetch(session_id, name))
            fetching.add_done_callback(lambda done: self._fetched(version, done))
        return await asyncio.shield(fetching)

    def _fetched(self, version: str, fetching: asyncio.Task[Path]) -> None:
        del self._fetching[version]
        if not fetching.cancelled():
            fetching.exception()  # whoever waited has been told; perhaps nobody waits any more

    async def _fetch(self, session_id: str, name: str) -> Path:
        """Complete, or not there; what breaks off on the way is read again from its beginning, a few times."""
        for attempt in range(1, READS + 1):
            part = self._cache.part()
            try:
                opened, tag = await self._get(session_id, name)
                with local_faults():
                    await stage(part, opened.chunks, max_bytes=opened.size)
                    return await self._cache.keep(session_id, name, part, tag)
            except (StoreUnavailable, DataDamaged) as failure:
                if attempt == READS:
                    raise
                logger.info("a file is fetched again: %s", failure)
            finally:
                part.unlink(missing_ok=True)
        raise AssertionError

    async def open(self, session_id: str, name: str) -> OpenFile:
        _key(session_id, name)
        if self._cache.held(session_id, name) is not None:
            with suppress(FileNotFoundError):  # removed between the two lines
                return open_file(await self.path(session_id, name))
        return (await self._get(session_id, name))[0]

    async def _get(self, session_id: str, name: str) -> tuple[OpenFile, str]:
        try:
            found = await self._call(obstore.get_async(self._store, _key(session_id, name)))
        except FileNotFoundError as missing:
            raise not_here(name) from missing
        size, expected = found.meta["size"], found.attributes.get("sha256")

        async def chunks() -> AsyncIterator[bytes]:
            """The last bytes are given away when all are checked."""
            stream, digest, last, seen = aiter(found.stream(CHUNK_BYTES)), hashlib.sha256(), b"", 0
            while True:
                try:
                    chunk = bytes(await self._call(_next(stream)))
                except StopAsyncIteration:
                    break
                digest.update(chunk)
                seen += len(chunk)
                if last:
                    yield last
                last = chunk
            if seen != size:
                raise StoreUnavailable("The file storage broke off in the middle of a file.")
            if expected is not None and expected != digest.hexdigest():
                raise DataDamaged("A stored file is not what was stored: its checksum differs.", session_id=session_id)
            if last:
                yield last

        return OpenFile(size, chunks()), str(found.meta["e_tag"])

    # --- erasing

    async def delete(self, session_id: str, name: str) -> None:
        key = _key(session_id, name)
        await self._cache.forget(session_id, name)
        await self._delete([key])

    async def delete_session(self, session_id: str) -> None:
        prefix = f"sessions/{check_session_id(session_id)}"
        await self._call(obstore.put_async(self._store, f"erased/{session_id}", b""))
        await self._cache.forget_session(session_id)
        await self._delete([item["path"] for item in await self._list(prefix)])

    async def readmit_session(self, session_id: str) -> None:
        await self._delete([f"erased/{check_session_id(session_id)}"])

    async def _is_erased(self, session_id: str) -> bool:
        try:
            await self._call(obstore.head_async(self._store, f"erased/{session_id}"))
        except FileNotFoundError:
            return False
        return True

    async def _forget_erasures(self) -> None:
        """By the storage's own clock: none of ours decides."""
        await self.probe()
        now = (await self._call(obstore.head_async(self._store, PROBE)))["last_modified"]
        for mark in await self._list("erased"):
            if mark["last_modified"] < now - ERASED_KEPT:
                left = await self._list(f"sessions/{mark['path'].rpartition('/')[2]}")
                late = [item["path"] for item in left if item["last_modified"] < now - BEGUN_AGAIN]
                await self._delete([*late, mark["path"]])

    async def _list(self, prefix: str) -> list[Any]:
        found = self._store.list(prefix)  # pyright: ignore[reportUnknownMemberType]
        return list(await self._call(found.collect_async(), calls=10))

    async def _delete(self, keys: list[str]) -> None:
        with suppress(FileNotFoundError):
            for start in range(0, len(keys), 1000):
                await self._call(obstore.delete_async(self._store, keys[start : start + 1000]))

    # --- this machine

    async def work_folder(self, session_id: str, name: str) -> Path:
        with local_faults():
            return await self._cache.work_folder(session_id, name)

    async def work_folders(self) -> list[tuple[str, str]]:
        return await self._cache.work_folders()

    async def delete_work_folder(self, session_id: str, name: str) -> None:
        await self._cache.delete_work_folder(session_id, name)

    async def _tidy(self) -> None:
        forgot = time.monotonic()
        while True:
            await asyncio.sleep(TIDY_SECONDS)
            try:
                await self._cache.trim()
                if time.monotonic() - forgot > FORGET_SECONDS:
                    forgot = time.monotonic()
                    await self._forget_erasures()
            except (SymphainyError, OSError) as failure:
                logger.warning("what is left over is removed later: %s", failure)

    # --- one call

    async def _call(self, work: Coroutine[Any, Any, T], *, calls: int = 1) -> T:
        """FileNotFoundError is for the caller; everything else that the driver raises becomes an error of ours here."""
        with faults():
            async with asyncio.timeout(calls * (self._patience.call + self._patience.answer)):
                return await work


async def _next(stream: AsyncIterator[T]) -> T:
    return await anext(stream)


def _key(session_id: str, name: str) -> str:
    return f"sessions/{check_session_id(session_id)}/{check_name(name)}"
