"""What every file store promises; each backend runs it unchanged."""

from __future__ import annotations

import asyncio
import hashlib
import os
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from symphainy.errors import FileNotFound, InvalidInput, SessionNotFound, SymphainyError, TooLarge
from symphainy.files.base import FileStore, StoredFile

OpenFiles = Callable[[], FileStore]
MANY = 100 * 1024 * 1024
CONTENTS = {"empty": b"", "one": b"x", "many": os.urandom(300_000), "parts": os.urandom(11 * 1024 * 1024)}
BAD = ["", ".", "..", "a/b", "../x", "a/../b", "a\\b", "a b", "a\0b", "a%2fb", "ä", ".part", "x" * 81, "a.b.c", "a\n"]


async def chunks_of(content: bytes, size: int = 70_000) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def put(files: FileStore, session_id: str, name: str, content: bytes) -> StoredFile:
    return await files.write(session_id, name, chunks_of(content), max_bytes=MANY)


async def read(files: FileStore, session_id: str, name: str) -> bytes:
    opened = await files.open(session_id, name)
    content = b"".join([chunk async for chunk in opened.chunks])
    assert len(content) == opened.size
    return content


class FileStoreContract(ABC):
    @pytest.fixture
    @abstractmethod
    def open_files(self) -> OpenFiles:
        """Opens the same store again, as another server process would: with nothing but what is durable."""

    @abstractmethod
    def kept(self) -> dict[str, bytes]:
        """What the backend holds, read past the store: `session/name` and the bytes, half-written ones included."""

    @pytest.fixture
    async def files(self, open_files: OpenFiles) -> AsyncIterator[FileStore]:
        async with open_files() as files:
            yield files

    @pytest.mark.parametrize("size", CONTENTS)
    async def test_bytes_come_back_as_they_were_here_and_in_another_process(
        self, files: FileStore, open_files: OpenFiles, size: str
    ) -> None:
        content = CONTENTS[size]
        stored = await put(files, "ses_1", "file_1", content)
        assert stored == StoredFile(len(content), hashlib.sha256(content).hexdigest())
        assert self.kept() == {"ses_1/file_1": content}
        async with open_files() as other:
            for store in (files, other):
                assert await read(store, "ses_1", "file_1") == content
                assert (await store.path("ses_1", "file_1")).read_bytes() == content
        await files.probe()

    async def test_a_name_that_is_written_again_holds_the_new_bytes_everywhere(
        self, files: FileStore, open_files: OpenFiles
    ) -> None:
        async with open_files() as other:
            for content in (b"first", b"second and longer", b"3rd"):
                await put(files, "ses_1", "file_1", content)
                for store in (other, files):
                    assert (await store.path("ses_1", "file_1")).read_bytes() == content
                    assert await read(store, "ses_1", "file_1") == content
        assert self.kept() == {"ses_1/file_1": b"3rd"}

    @pytest.mark.parametrize("there_before", [False, True])
    async def test_an_upload_that_fails_leaves_what_was_there(self, files: FileStore, there_before: bool) -> None:
        if there_before:
            await put(files, "ses_1", "file_1", b"before")
        expected = {"ses_1/file_1": b"before"} if there_before else {}

        async def broken() -> AsyncIterator[bytes]:
            yield CONTENTS["many"]
            raise RuntimeError("the client went away")

        with pytest.raises(RuntimeError, match="went away"):
            await files.write("ses_1", "file_1", broken(), max_bytes=MANY)
        with pytest.raises(TooLarge, match="299,999"):
            await files.write("ses_1", "file_1", chunks_of(CONTENTS["many"]), max_bytes=299_999)
        assert self.kept() == expected

        started = asyncio.Event()

        async def slow() -> AsyncIterator[bytes]:
            yield CONTENTS["many"]
            started.set()
            await asyncio.Event().wait()

        upload = asyncio.create_task(files.write("ses_1", "file_1", slow(), max_bytes=MANY))
        await started.wait()
        upload.cancel()
        with pytest.raises(asyncio.CancelledError):
            await upload
        assert self.kept() == expected
        await files.write("ses_1", "file_1", chunks_of(CONTENTS["many"]), max_bytes=300_000)
        assert self.kept() == {"ses_1/file_1": CONTENTS["many"]}

    async def test_what_is_not_there_is_not_found(self, files: FileStore) -> None:
        await put(files, "ses_1", "file_1", b"here")
        for session_id, name in (("ses_1", "file_2"), ("ses_2", "file_1"), ("ses_1", "file_1.md")):
            with pytest.raises(FileNotFound):
                await files.path(session_id, name)
            with pytest.raises(FileNotFound):
                await files.open(session_id, name)
            await files.delete(session_id, name)
        assert self.kept() == {"ses_1/file_1": b"here"}

    async def test_a_deleted_file_is_gone_everywhere(self, files: FileStore, open_files: OpenFiles) -> None:
        async with open_files() as other:
            await put(files, "ses_1", "file_1", b"here")
            await other.path("ses_1", "file_1")
            await files.delete("ses_1", "file_1")
            for store in (files, other):
                with pytest.raises(FileNotFound):
                    await store.path("ses_1", "file_1")
        assert self.kept() == {}

    async def test_an_erased_session_is_gone_and_takes_nothing_any_more(self, files: FileStore) -> None:
        for session_id in ("ses_1", "ses_10", "ses_"):
            for number in range(3):
                await put(files, session_id, f"file_{number}", b"here")
        folder = await files.work_folder("ses_1", "work")
        (folder / "table").write_bytes(b"made")
        await files.delete_session("ses_1")
        await files.delete_session("ses_1")
        left = {f"{session_id}/file_{number}": b"here" for session_id in ("ses_10", "ses_") for number in range(3)}
        assert self.kept() == left
        assert not folder.exists()
        for name in ("file_0", "file_9"):
            with pytest.raises(FileNotFound):
                await files.path("ses_1", name)
            with pytest.raises(SessionNotFound):
                await put(files, "ses_1", name, b"late")
        made = await files.work_folder("ses_10", "work") / "table"
        made.write_bytes(b"made")
        with pytest.raises(SessionNotFound):
            await files.adopt("ses_1", "late", made)
        assert self.kept() == left

    async def test_a_session_that_begins_again_with_the_id_of_an_erased_one_takes_files(
        self, files: FileStore, open_files: OpenFiles
    ) -> None:
        async with open_files() as other:
            await put(files, "ses_1", "file_1", b"old")
            await self.eraser(files, other).delete_session("ses_1")
            await files.readmit_session("ses_1")
            await put(files, "ses_1", "file_2", b"new")
            await files.readmit_session("ses_1")
        assert self.kept() == {"ses_1/file_2": b"new"}

    async def test_a_session_may_be_erased_while_a_file_comes_in(self, files: FileStore, open_files: OpenFiles) -> None:
        async with open_files() as other:

            async def erased_meanwhile() -> AsyncIterator[bytes]:
                yield b"first"
                await self.eraser(files, other).delete_session("ses_1")
                yield b"second"

            await put(files, "ses_1", "file_1", b"here")
            with pytest.raises(SessionNotFound):
                await files.write("ses_1", "file_2", erased_meanwhile(), max_bytes=MANY)
        assert self.kept() == {}

    def eraser(self, files: FileStore, other: FileStore) -> FileStore:
        """The one that erases: another process, where there can be one."""
        return files

    async def test_a_result_is_adopted_and_outlives_the_work_folder(
        self, files: FileStore, open_files: OpenFiles
    ) -> None:
        content = CONTENTS["parts"]
        folder = await files.work_folder("ses_1", "work")
        (folder / "table").write_bytes(content)
        for _ in range(2):
            stored = await files.adopt("ses_1", "art_1", folder / "table")
            assert stored == StoredFile(len(content), hashlib.sha256(content).hexdigest())
        await files.delete_work_folder("ses_1", "work")
        await files.delete_work_folder("ses_1", "work")
        assert not folder.exists()
        assert self.kept() == {"ses_1/art_1": content}
        async with open_files() as other:
            assert (await other.path("ses_1", "art_1")).read_bytes() == content

    async def test_a_work_folder_is_the_same_again_and_nobody_elses(self, files: FileStore) -> None:
        folder = await files.work_folder("ses_1", "work-1")
        (folder / "table").write_bytes(b"made")
        assert await files.work_folder("ses_1", "work-1") == folder
        assert (folder / "table").read_bytes() == b"made"
        for other in (await files.work_folder("ses_1", "work-2"), await files.work_folder("ses_2", "work-1")):
            assert list(other.iterdir()) == []

    async def test_work_folders_are_found_again(self, files: FileStore) -> None:
        await put(files, "ses_1", "file_1", b"no folder")
        for session_id, name in (("ses_1", "work-1"), ("ses_2", "work-1"), ("ses_2", "work-2")):
            await files.work_folder(session_id, name)
        await files.delete_work_folder("ses_2", "work-1")
        assert sorted(await files.work_folders()) == [("ses_1", "work-1"), ("ses_2", "work-2")]

    async def test_of_two_writers_of_one_name_one_wins_completely(
        self, files: FileStore, open_files: OpenFiles
    ) -> None:
        one, two = b"1" * 400_000, b"2" * 300_000
        async with open_files() as other:
            await asyncio.gather(*(put(store, "ses_1", "a", it) for store, it in ((files, one), (other, two)) * 3))
            assert self.kept()["ses_1/a"] in (one, two)
            assert await read(files, "ses_1", "a") == await read(other, "ses_1", "a")

    @pytest.mark.parametrize("bad", BAD)
    async def test_no_name_leaves_its_place(self, files: FileStore, bad: str) -> None:
        await put(files, "ses_1", "file_1", b"here")
        for session_id, name in (("ses_1", bad), (bad, "file_1"), (bad, bad)):
            calls = (
                lambda s=session_id, n=name: put(files, s, n, b"x"),
                lambda s=session_id, n=name: files.adopt(s, n, Path(__file__)),
                lambda s=session_id, n=name: files.path(s, n),
                lambda s=session_id, n=name: files.open(s, n),
                lambda s=session_id, n=name: files.delete(s, n),
                lambda s=session_id, n=name: files.work_folder(s, n),
                lambda s=session_id, n=name: files.delete_work_folder(s, n),
            )
            for call in calls:
                with pytest.raises(SymphainyError) as refused:
                    await call()
                assert isinstance(refused.value, FileNotFound | InvalidInput)
        with pytest.raises(InvalidInput):
            await files.delete_session(bad)
        assert self.kept() == {"ses_1/file_1": b"here"}
