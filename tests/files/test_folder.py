"""The data folder as file store."""

from __future__ import annotations

import asyncio
import errno
import gc
import os
import warnings
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from symphainy.errors import InvalidInput, StorageFull, StoreUnavailable, SymphainyError
from symphainy.files import open_files as open_url
from symphainy.files.base import FileStore
from symphainy.files.local import stage

from .contract import CONTENTS, FileStoreContract, OpenFiles, put


class TestFolder(FileStoreContract):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path / "files"

    @pytest.fixture
    def open_files(self) -> OpenFiles:
        return lambda: open_url("", self.folder)

    def kept(self) -> dict[str, bytes]:
        found = [path for path in self.folder.glob("*/*") if path.is_file()]
        return {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in found}

    async def test_what_a_killed_process_left_half_written_is_removed_at_the_next_start(
        self, files: FileStore, open_files: OpenFiles
    ) -> None:
        await put(files, "ses_1", "file_1", b"here")
        (self.folder / "ses_1" / "file_2_1.part").write_bytes(b"ha")
        async with open_files():
            assert self.kept() == {"ses_1/file_1": b"here"}

    async def test_a_server_that_starts_takes_nothing_from_another_one_that_writes(self, files: FileStore) -> None:
        async def chunks() -> AsyncIterator[bytes]:
            yield b"first "
            async with open_url("", self.folder, alone=False):
                yield b"second"

        await files.write("ses_1", "file_1", chunks(), max_bytes=100)
        assert self.kept() == {"ses_1/file_1": b"first second"}

    @pytest.mark.parametrize(
        ("number", "expected"),
        [(errno.ENOSPC, StorageFull), (errno.EDQUOT, StorageFull), (errno.EIO, StoreUnavailable)],
    )
    async def test_a_disk_that_refuses_is_reported_and_nothing_is_left(
        self, files: FileStore, monkeypatch: pytest.MonkeyPatch, number: int, expected: type[SymphainyError]
    ) -> None:
        def refuse(descriptor: int) -> None:
            raise OSError(number, os.strerror(number))

        await put(files, "ses_1", "file_1", b"here")
        source = await files.work_folder("ses_1", "work") / "table"
        source.write_bytes(b"made")
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", refuse)
            with pytest.raises(expected):
                await put(files, "ses_1", "file_2", CONTENTS["many"])
            with pytest.raises(expected):
                await files.adopt("ses_1", "file_3", source)
        assert self.kept() == {"ses_1/file_1": b"here"}


def test_another_url_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="ftp"):
        open_url("ftp://host/path", tmp_path)


async def test_a_write_that_is_cancelled_while_its_file_is_opened_closes_it(tmp_path: Path) -> None:
    """A pipe can be opened for writing only when somebody reads it: so the moment is sure to be met."""
    part = tmp_path / "file_1.part"
    os.mkfifo(part)

    async def chunks() -> AsyncIterator[bytes]:
        yield b"never"

    writing = asyncio.create_task(stage(part, chunks(), max_bytes=10))
    await asyncio.sleep(0)
    writing.cancel()
    reader = os.open(part, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            with pytest.raises(asyncio.CancelledError):
                await writing
            del writing
            gc.collect()
        assert [str(warning.message) for warning in warned] == []
        assert os.read(reader, 10) == b""
    finally:
        os.close(reader)
