"""S3-compatible object storage as file store, on a real server."""

from __future__ import annotations

import asyncio
import dataclasses
import inspect
import os
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

import obstore.exceptions
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symphainy.errors import (
    DataDamaged,
    FileNotFound,
    InvalidInput,
    StorageFull,
    StoreUnavailable,
    SymphainyError,
    TooLarge,
)
from symphainy.files import open_files as open_url
from symphainy.files.base import FileStore
from symphainy.files.cache import Cache
from symphainy.files.s3 import S3FileStore
from symphainy.files.s3.bucket import Bucket, Patience, bucket_of, ours
from symphainy.ids import new_id
from tests.servers.s3 import KEY, SECRET, S3Server, s3_server
from tests.servers.tls import Authority, TlsProxy

from .contract import CONTENTS, MANY, FileStoreContract, OpenFiles, chunks_of, put, read
from .http_fault import HttpFault

__all__ = ["s3_server"]

QUICK = Patience(connect=1, answer=1, call=2, retries=2)
STEADY = Patience(connect=10, answer=10, call=20, retries=2)
"""Where nothing hangs and everything has to succeed, also on a busy machine."""
BIG = CONTENTS["parts"] * 3


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)


class OnS3:
    """A prefix of its own in the bucket."""

    @pytest.fixture(autouse=True)
    def _place(self, s3_server: S3Server, tmp_path: Path) -> None:
        self.server, self.folder, self.prefix = s3_server, tmp_path, f"{new_id('test')}/deep"

    def opened(self, *, port: int | None = None, patience: Patience = QUICK, cache_bytes: int = MANY) -> S3FileStore:
        url = self.server.url(self.prefix, port=port)
        return S3FileStore(url, self.folder / "cache", cache_bytes=cache_bytes, patience=patience)

    def kept(self) -> dict[str, bytes]:
        return {
            name.removeprefix("sessions/"): content
            for name, content in self.server.kept(self.prefix).items()
            if not name.startswith("erased/") and name != "probe"
        }

    @pytest.fixture
    async def files(self) -> AsyncIterator[S3FileStore]:
        async with self.opened() as files:
            yield files


class TestS3(OnS3, FileStoreContract):
    @pytest.fixture
    def open_files(self) -> OpenFiles:
        return self.opened

    def eraser(self, files: FileStore, other: FileStore) -> FileStore:
        return other


class TestFaults(OnS3):
    @pytest.fixture
    async def fault(self) -> AsyncIterator[HttpFault]:
        async with HttpFault(self.server.port) as fault:
            yield fault

    @pytest.fixture
    async def files(self, fault: HttpFault) -> AsyncIterator[S3FileStore]:
        async with self.opened(port=fault.port) as files:
            yield files

    @pytest.mark.parametrize(
        ("request_line", "what", "expected"),
        [(r"PUT .*/small ", "507", StorageFull), (r"PUT .*/small ", "403", StoreUnavailable),
         (r"PUT .*/small ", "500", StoreUnavailable), (r"PUT .*/small ", "hang", StoreUnavailable),
         (r"PUT .*partNumber=2&", "507", StorageFull), (r"PUT .*partNumber=2&", "cut", StoreUnavailable),
         (r"PUT .*partNumber=2&", "hang", StoreUnavailable), (r"POST .*uploadId=", "403", StoreUnavailable),
         (r"POST .*uploadId=", "cut", StoreUnavailable)],
    )  # fmt: skip
    async def test_an_upload_that_fails_is_aborted_and_leaves_what_was_there(
        self, files: S3FileStore, fault: HttpFault, request_line: str, what: str, expected: type[SymphainyError]
    ) -> None:
        name = "small" if "small" in request_line else "big"
        await put(files, "ses_1", name, b"before")
        fault.breaks(request_line, what)
        began = time.monotonic()
        with pytest.raises(expected):
            await put(files, "ses_1", name, CONTENTS["many"] if name == "small" else BIG)
        assert time.monotonic() - began < 15
        assert self.kept() == {f"ses_1/{name}": b"before"}
        if name == "big":
            assert fault.seen(r"DELETE .*uploadId=")
        assert list(self.folder.glob("cache/*/*.part")) == []
        fault.breaks(None, "")
        await put(files, "ses_1", name, BIG)
        assert (await files.path("ses_1", name)).read_bytes() == BIG

    async def test_a_short_disturbance_is_not_noticed(self, files: S3FileStore, fault: HttpFault) -> None:
        for what in ("500", "cut", "hang"):
            fault.breaks(r"(PUT|GET|HEAD) .*/sessions/", what, times=1)
            await put(files, "ses_1", what, CONTENTS["many"])
            for request_line in (r"HEAD .*/sessions/", r"GET .*/sessions/"):
                fault.breaks(request_line, what, times=1)
                async with self.opened(port=fault.port) as other:
                    assert (await other.path("ses_1", what)).read_bytes() == CONTENTS["many"]
                    assert await read(other, "ses_1", what) == CONTENTS["many"]

    async def test_an_answer_that_breaks_off_is_read_again_and_half_a_file_is_never_there(
        self, fault: HttpFault
    ) -> None:
        async with self.opened(patience=STEADY) as files:
            await put(files, "ses_1", "big", BIG)
        fault.breaks(r"GET .*/big", "half", times=2)
        async with self.opened(port=fault.port, patience=STEADY) as other:
            assert (await other.path("ses_1", "big")).read_bytes() == BIG
        fault.breaks(r"GET .*/big", "half")
        async with self.opened(port=fault.port, patience=STEADY) as other:
            with pytest.raises(StoreUnavailable):
                await other.path("ses_1", "big")
            with pytest.raises(StoreUnavailable):
                await read(other, "ses_1", "big")
            assert [path for path in self.folder.glob("cache/*/*") if path.name != "lock" and path.is_file()] == []

    async def test_a_caller_that_goes_away_leaves_a_complete_file_or_none(self, fault: HttpFault) -> None:
        fault.breaks(r"PUT .*partNumber=3&", "500", times=1)
        async with self.opened(port=fault.port, patience=STEADY) as files:
            upload = asyncio.create_task(put(files, "ses_1", "big", BIG))
            await fault.wait_for(r"PUT .*partNumber=1&")
            upload.cancel()
            with pytest.raises(asyncio.CancelledError):
                await upload
            async with asyncio.timeout(40):
                while self.kept() != {"ses_1/big": BIG}:
                    await asyncio.sleep(0.02)

    async def test_changed_bytes_are_never_given_out(self, files: S3FileStore, fault: HttpFault) -> None:
        await put(files, "ses_1", "file_1", CONTENTS["many"])
        fault.breaks(r"GET .*/file_1 ", "flip")
        async with self.opened(port=fault.port) as other:
            with pytest.raises(DataDamaged):
                await other.path("ses_1", "file_1")
            with pytest.raises(DataDamaged):
                await read(other, "ses_1", "file_1")
            fault.breaks(r"GET .*/file_1 ", "flip", times=1)
            assert (await other.path("ses_1", "file_1")).read_bytes() == CONTENTS["many"]


class TestServerAway:
    async def test_a_server_that_is_killed_in_the_middle_and_comes_back(self, tmp_path: Path) -> None:
        server = S3Server(tmp_path)
        server.start()
        try:
            files = S3FileStore(server.url("x"), tmp_path / "cache", cache_bytes=MANY, patience=QUICK)
            async with HttpFault(server.port) as fault, files:
                await put(files, "ses_1", "file_1", b"here")
                slow = S3FileStore(
                    server.url("x", port=fault.port), tmp_path / "cache", cache_bytes=MANY, patience=QUICK
                )
                async with slow:
                    fault.breaks(r"PUT .*partNumber=2&", "hang")
                    upload = asyncio.create_task(put(slow, "ses_1", "big", BIG))
                    await fault.wait_for(r"PUT .*partNumber=2&")
                    server.kill()
                    with pytest.raises(StoreUnavailable):
                        await upload
                calls = (
                    lambda: put(files, "ses_1", "file_2", b"x"),
                    lambda: files.path("ses_1", "file_1"),
                    lambda: files.open("ses_1", "file_2"),
                    lambda: files.delete("ses_1", "file_1"),
                    lambda: files.delete_session("ses_1"),
                    files.probe,
                )
                for call in calls:
                    began = time.monotonic()
                    with pytest.raises(StoreUnavailable):
                        await call()
                    assert time.monotonic() - began < 8
                folder = await files.work_folder("ses_1", "work")
                await files.delete_work_folder("ses_1", "work")
                assert not folder.exists()
                server.start()
                await put(files, "ses_1", "big", BIG)
                assert (await files.path("ses_1", "big")).read_bytes() == BIG
                with pytest.raises(FileNotFound):
                    await files.path("ses_1", "file_2")
        finally:
            server.kill()

    async def test_a_bucket_or_a_key_that_is_wrong_is_told_at_the_start(
        self, s3_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with pytest.raises(StoreUnavailable, match="no such bucket"):
            async with open_url(s3_server.url("x", bucket="another"), tmp_path / "files"):
                pass
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
        with pytest.raises(StoreUnavailable, match="credentials"):
            async with open_url(s3_server.url("x"), tmp_path / "files"):
                pass
        assert list((tmp_path / "cache").glob("process_*")) == []


class TestTls(OnS3):
    async def test_the_certificate_is_checked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        authority = Authority(self.folder / "ca")
        async with TlsProxy(self.server.port, authority.issue("localhost")) as proxy:
            url = f"s3://bucket/{self.prefix}?endpoint=https://localhost:{proxy.port}"
            with pytest.raises(StoreUnavailable, match="certificate"):
                async with open_url(url, self.folder / "files"):
                    pass
            assert proxy.connections == 0
            monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca))
            async with open_url(url, self.folder / "files") as files:
                await put(files, "ses_1", "file_1", BIG)
            assert self.kept() == {"ses_1/file_1": BIG}


class TestErased(OnS3):
    async def test_what_a_writer_left_who_died_before_it_looked_goes_with_the_mark(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("symphainy.files.s3.TIDY_SECONDS", 0.02)
        monkeypatch.setattr("symphainy.files.s3.FORGET_SECONDS", -1.0)
        top, now = self.server.bucket / self.prefix, time.time()
        hours = {"erased/old": 25, "erased/lately": 23, "sessions/old/late": 24, "sessions/old/begun_again": 0.1,
                 "sessions/lately/late": 23, "sessions/older/live": 100}  # fmt: skip
        for name, age in hours.items():
            (top / name).parent.mkdir(parents=True, exist_ok=True)
            (top / name).write_bytes(b"x")
            os.utime(top / name, (now - 3600 * age, now - 3600 * age))
        async with self.opened(), asyncio.timeout(20):
            while (top / "erased/old").exists():
                await asyncio.sleep(0.02)
        gone = {"erased/old", "sessions/old/late"}
        assert set(self.server.kept(self.prefix)) == hours.keys() - gone | {"probe"}

    async def test_the_tidying_up_goes_on_after_the_storage_was_away(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("symphainy.files.s3.TIDY_SECONDS", 0.02)
        monkeypatch.setattr("symphainy.files.s3.FORGET_SECONDS", -1.0)
        async with HttpFault(self.server.port) as fault, self.opened(port=fault.port):
            fault.breaks(r"GET .*erased", "403", times=1)
            async with asyncio.timeout(20):
                while len(fault.seen(r"GET .*erased")) < 3:
                    await asyncio.sleep(0.02)


class TestCache(OnS3):
    async def test_what_was_not_used_for_longest_makes_room(
        self, files: S3FileStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("symphainy.files.cache.IN_USE_SECONDS", -1.0)
        for name in "abcd":
            await put(files, "ses_1", name, CONTENTS["many"])
        async with self.opened(cache_bytes=700_000) as other:
            paths = {name: await other.path("ses_1", name) for name in "ab"}
            await other.path("ses_1", "a")
            paths["c"] = await other.path("ses_1", "c")
            assert [name for name, path in paths.items() if path.exists()] == ["a", "c"]
            assert (await other.path("ses_1", "b")).read_bytes() == CONTENTS["many"]

    async def test_what_is_in_use_stays_whatever_the_bound(self, files: S3FileStore) -> None:
        for name in "abc":
            await put(files, "ses_1", name, CONTENTS["many"])
        async with self.opened(cache_bytes=1) as other:
            paths = [await other.path("ses_1", name) for name in "abc"]
            assert all(path.exists() for path in paths)

    async def test_copies_and_folders_that_nobody_asks_for_are_removed(
        self, files: S3FileStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await put(files, "ses_1", "a", b"here")
        path, folder = await files.path("ses_1", "a"), await files.work_folder("ses_1", "work")
        for name in ("IDLE_SECONDS", "WORK_IDLE_SECONDS"):
            monkeypatch.setattr(f"symphainy.files.cache.{name}", -1.0)
        await files._cache.trim()  # pyright: ignore[reportPrivateUsage]
        assert not path.exists()
        assert not folder.exists()

    async def test_a_folder_goes_with_its_process_and_only_then(self, tmp_path: Path) -> None:
        living = Cache(tmp_path, MANY)
        await living.open()
        dead = tmp_path / "process_dead"
        dead.mkdir()
        (dead / "lock").touch()
        other = Cache(tmp_path, MANY)
        await other.open()
        assert not dead.exists()
        assert len(list(tmp_path.glob("process_*"))) == 2
        await other.close()
        assert len(list(tmp_path.glob("process_*"))) == 1
        await living.close()

    async def test_many_who_want_the_same_file_fetch_it_once(self, files: S3FileStore) -> None:
        await put(files, "ses_1", "a", CONTENTS["parts"])
        async with HttpFault(self.server.port) as fault, self.opened(port=fault.port) as other:
            paths = await asyncio.gather(*(other.path("ses_1", "a") for _ in range(8)))
            assert len(set(paths)) == 1
            assert len(fault.seen(r"GET .*/a ")) == 1


@pytest.mark.parametrize(
    ("url", "bucket"),
    [
        ("s3://bucket", Bucket("bucket", "", None, None)),
        ("s3://bucket/a/b/?region=eu-central-1", Bucket("bucket", "a/b", None, "eu-central-1")),
        ("s3://my.bucket/a?endpoint=http://127.0.0.1:9000", Bucket("my.bucket", "a", "http://127.0.0.1:9000", None)),
    ],
)
def test_a_url_names_bucket_prefix_endpoint_and_region(url: str, bucket: Bucket) -> None:
    assert bucket_of(url) == bucket


@pytest.mark.parametrize(
    "url",
    ["s3://", "s3:///a", "s3://B/a", "s3://bucket/..", "s3://bucket/a/../b", "s3://bucket/a//b", "s3://bucket/a b",
     "s3://key:secret@bucket/a", "s3://bucket/a?secret_access_key=x", "s3://bucket/a?endpiont=http://host",
     "s3://bucket/a?endpoint=host", "s3://bucket/a?endpoint=http://host/path", "s3://bucket/a#b", "s3://bucket/%2e%2e"],
)  # fmt: skip
def test_a_url_that_cannot_be_meant_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        open_url(url, tmp_path)


def test_no_driver_error_passes() -> None:
    classes = [
        item for _, item in inspect.getmembers(obstore.exceptions, inspect.isclass) if issubclass(item, Exception)
    ]
    assert len(classes) > 5
    for item in classes:
        assert isinstance(ours(item("Server returned non-2xx status code: 500")), StoreUnavailable)
        assert isinstance(ours(item("Server returned non-2xx status code: 507 Insufficient Storage")), StorageFull)
    assert isinstance(ours(ValueError("<Error><Code>EntityTooLarge</Code>")), TooLarge)


@given(st.text(max_size=90), st.text(max_size=90))
def test_no_id_names_another_place(session_id: str, name: str) -> None:
    from symphainy.files.s3 import _key  # pyright: ignore[reportPrivateUsage]

    try:
        key = _key(session_id, name)
    except (FileNotFound, InvalidInput):
        return
    assert key == f"sessions/{session_id}/{name}"
    assert re.fullmatch(r"sessions/[\w.-]+/[\w.-]+", key, re.ASCII)
    assert not {".", ".."} & set(key.split("/"))


def test_patience_is_bounded() -> None:
    assert all(0 < value <= 60 for value in dataclasses.astuple(Patience()))


async def test_what_is_too_large_never_reaches_the_storage(s3_server: S3Server, tmp_path: Path) -> None:
    async with HttpFault(s3_server.port) as fault:
        url = s3_server.url(new_id("test"), port=fault.port)
        async with S3FileStore(url, tmp_path, cache_bytes=MANY, patience=QUICK) as files:
            with pytest.raises(TooLarge):
                await files.write("ses_1", "a", chunks_of(BIG), max_bytes=len(BIG) - 1)
        assert not fault.seen(r".*/sessions/")
