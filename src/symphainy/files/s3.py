"""S3FileStore: files in an S3-compatible object storage, which many server processes share. Only this module imports obstore.

The object is the truth; a bounded cache on each machine holds what a step needs. A file is written here completely, hashed, and
then uploaded (in parts, if it is large): a client that is slow or goes away never reaches the storage, and an upload that fails
is repeated or aborted. A call is answered or fails within the times of `Patience`; no request is repeated endlessly.

    <prefix>/sessions/<session id>/<name>    a file; its SHA-256 is kept with it and checked whenever it is read
    <prefix>/erased/<session id>             the session was erased: a write looks here when its object is there, an erasure
                                             writes it before it lists, so that one of the two sees the other
    <prefix>/probe                           what `probe` reads
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
import time
from collections.abc import AsyncIterator, Coroutine, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar
from urllib.parse import parse_qsl, urlsplit

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from symphainy.errors import (
    DataDamaged,
    InvalidInput,
    SessionNotFound,
    StorageFull,
    StoreUnavailable,
    SymphainyError,
    TooLarge,
)
from symphainy.files.base import FileStore, OpenFile, StoredFile, check_name, check_session_id, not_here
from symphainy.files.cache import Cache
from symphainy.files.local import in_thread, link, local_faults, open_file, stage

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig, S3Config

logger = logging.getLogger(__name__)

PART_BYTES: Final = 8 * 1024 * 1024
PARTS_AT_ONCE: Final = 3
READS: Final = 3
TRIM_SECONDS: Final = 300.0
FORGET_SECONDS: Final = 3600.0
ERASED_KEPT: Final = timedelta(days=1)
"""Longer than any write takes."""
_FULL: Final = re.compile(r"status code: 507\b|<Code>(?:\w*StorageFull|QuotaExceeded|InsufficientCapacity)</Code>")
_TOO_LARGE: Final = re.compile(r"<Code>EntityTooLarge</Code>|status code: 413\b")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: to connect, for one answer, and for one call with its repetitions."""

    connect: float = 5.0
    answer: float = 20.0
    call: float = 60.0
    retries: int = 3


@dataclass(frozen=True, slots=True)
class Bucket:
    name: str
    prefix: str
    endpoint: str | None
    region: str | None


def bucket_of(url: str) -> Bucket:
    """`s3://bucket/prefix?endpoint=https://host&region=name`; without an endpoint that of AWS. Credentials are in the
    environment (`AWS_ACCESS_KEY_ID`, ...) or come from the machine's role. Raises InvalidInput."""
    parts = urlsplit(url)
    asked = dict(parse_qsl(parts.query, keep_blank_values=True))
    endpoint, region = asked.pop("endpoint", None), asked.pop("region", None)
    prefix = parts.path.strip("/")
    if parts.username or parts.password or {"access_key_id", "secret_access_key"} & set(asked):
        raise InvalidInput(
            "Credentials do not belong into the URL of the file store: set AWS_ACCESS_KEY_ID and the like."
        )
    if asked or parts.fragment:
        raise InvalidInput(f"The file store's URL has parameters that mean nothing: {', '.join(asked) or '#'}.")
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", parts.netloc):
        raise InvalidInput(f"{parts.netloc!r} is not the name of a bucket. Write s3://bucket/prefix?endpoint=...")
    if not re.fullmatch(r"(?:[A-Za-z0-9_=-][A-Za-z0-9._=-]*(?:/(?!$)|$))*", prefix):
        raise InvalidInput(f"{prefix!r} cannot be the prefix of a file store.")
    if endpoint is not None and not re.fullmatch(r"https?://[A-Za-z0-9.\[\]:-]+/?", endpoint):
        raise InvalidInput(f"{endpoint!r} is not an endpoint. Write https://host or https://host:port.")
    return Bucket(parts.netloc, prefix, endpoint, region)


class S3FileStore(FileStore):
    kind = "s3"

    def __init__(self, url: str, folder: Path, *, cache_bytes: int, patience: Patience | None = None) -> None:
        """Raises InvalidInput."""
        self._patience = patience or Patience()
        self._store = _connect(bucket_of(url), self._patience)
        self._cache = Cache(folder, cache_bytes)
        self._uploads: set[asyncio.Task[StoredFile]] = set()
        self._fetching: dict[str, asyncio.Task[Path]] = {}
        self._trimming: asyncio.Task[None] | None = None
        self._forgot = -FORGET_SECONDS

    async def __aenter__(self) -> Self:
        """Raises StoreUnavailable if the storage cannot be written to: better now than with the first user's file."""
        await self._cache.open()
        try:
            await self._call(obstore.put_async(self._store, "probe", b"probe"))
        except FileNotFoundError as missing:
            await self._cache.close()
            raise StoreUnavailable("There is no such bucket for the files.") from missing
        except SymphainyError:
            await self._cache.close()
            raise
        self._trimming = asyncio.create_task(self._trim())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._trimming is not None:
            self._trimming.cancel()
        if going := {*self._uploads, *self._fetching.values(), *([self._trimming] if self._trimming else [])}:
            await asyncio.wait(going)
        await self._cache.close()

    async def probe(self) -> None:
        with suppress(FileNotFoundError):
            await self._call(obstore.head_async(self._store, "probe"))

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
        fetching = self._fetching.get(key)
        if fetching is None:
            fetching = self._fetching[key] = asyncio.create_task(self._fetch(session_id, name))
            fetching.add_done_callback(lambda _: self._fetching.pop(key, None))
        return await asyncio.shield(fetching)

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
            stream, digest, last, seen = aiter(found.stream()), hashlib.sha256(), b"", 0
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
        if time.monotonic() - self._forgot > FORGET_SECONDS:
            self._forgot = time.monotonic()
            await self._forget_erasures()

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
        marks = await self._list("erased")
        now = max((item["last_modified"] for item in marks), default=None)
        if now is not None:
            await self._delete([item["path"] for item in marks if item["last_modified"] < now - ERASED_KEPT])

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

    async def _trim(self) -> None:
        while True:
            await asyncio.sleep(TRIM_SECONDS)
            await self._cache.trim()

    # --- one call

    async def _call(self, work: Coroutine[Any, Any, T], *, calls: int = 1) -> T:
        """FileNotFoundError is for the caller; everything else that the driver raises becomes an error of ours here."""
        with _faults():
            async with asyncio.timeout(calls * (self._patience.call + self._patience.answer)):
                return await work


async def _next(stream: AsyncIterator[T]) -> T:
    return await anext(stream)


def _key(session_id: str, name: str) -> str:
    return f"sessions/{check_session_id(session_id)}/{check_name(name)}"


def _connect(bucket: Bucket, patience: Patience) -> S3Store:
    config: S3Config = {}
    if bucket.endpoint:
        config["endpoint"] = bucket.endpoint.rstrip("/")
    if bucket.region or bucket.endpoint:
        config["region"] = bucket.region or "us-east-1"
    client: ClientConfig = {
        "allow_http": (bucket.endpoint or "").startswith("http://"),
        "connect_timeout": timedelta(seconds=patience.connect),
        "read_timeout": timedelta(seconds=patience.answer),
        "timeout": timedelta(hours=1),  # of a whole answer: a reader may be slow, the storage may not
    }
    retry: RetryConfig = {
        "max_retries": patience.retries,
        "retry_timeout": timedelta(seconds=patience.call),
        "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=5), "base": 2},
    }
    try:
        return S3Store(
            bucket.name, prefix=bucket.prefix or None, config=config, client_options=client, retry_config=retry
        )
    except (BaseError, ValueError) as failure:
        raise InvalidInput(f"The file store cannot be used: {_first_line(failure)}") from failure


@contextmanager
def _faults() -> Generator[None]:
    try:
        yield
    except (FileNotFoundError, SymphainyError):
        raise
    except (BaseError, OSError, TimeoutError, ValueError) as failure:
        logger.warning("file storage: %s", _first_line(failure))
        raise ours(failure) from failure


def ours(failure: Exception) -> SymphainyError:
    text = str(failure)
    if _FULL.search(text):
        return StorageFull("There is no space left in the file storage. Nothing of the file was kept.")
    if _TOO_LARGE.search(text):
        return TooLarge("The file is larger than the file storage takes. Nothing of it was kept.")
    if isinstance(failure, PermissionDeniedError | UnauthenticatedError):
        return StoreUnavailable("The file storage does not accept this server's credentials.")
    return StoreUnavailable("The file storage did not answer in time. Try again in a moment.")


def _first_line(failure: Exception) -> str:
    return (str(failure) or type(failure).__name__).partition("\n")[0][:300]
