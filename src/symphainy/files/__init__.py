"""File stores: the bytes of uploaded files and of results. `base` is the contract; each backend is one module, and only it
imports its driver."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from symphainy.errors import InvalidInput
from symphainy.files.base import FileStore

CACHE_BYTES: Final = 10 * 1024**3


def open_files(url: str, folder: Path, *, alone: bool = True, cache_bytes: int = CACHE_BYTES) -> FileStore:
    """The file store that `url` names, still to be entered (`async with open_files("", Path("data/files")) as files`).

    Empty: `folder` itself. `alone` says that no other process uses it: what is half written there was left.
    `s3://bucket/prefix?endpoint=https://host&region=name`: S3-compatible object storage, with copies of at most
    `cache_bytes` beside `folder`; it needs the extra `s3`, and is explained in `files.s3`. Raises InvalidInput for anything
    else, and where the extra is not installed.
    """
    if not url:
        from symphainy.files.folder import FolderFileStore

        return FolderFileStore(folder, alone=alone)
    if url.startswith("s3://"):
        try:
            from symphainy.files.s3 import S3FileStore
        except ModuleNotFoundError as error:
            if error.name != "obstore":
                raise
            raise InvalidInput("This file store needs obstore: pip install 'symphainy[s3]'.") from error
        return S3FileStore(url, folder.with_name("cache"), cache_bytes=cache_bytes)
    raise InvalidInput(
        f"{url.partition(':')[0]!r} names no file store. Supported: s3://bucket/prefix, and the data folder if it is empty."
    )
