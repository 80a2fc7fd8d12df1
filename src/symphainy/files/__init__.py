"""File stores: the bytes of uploaded files and of results. `base` is the contract; each backend is one module, and only it
imports its driver."""

from __future__ import annotations

from pathlib import Path

from symphainy.errors import InvalidInput
from symphainy.files.base import FileStore


def open_files(url: str, folder: Path, *, alone: bool = True) -> FileStore:
    """The file store that `url` names, still to be entered (`async with open_files("", Path("data/files")) as files`).

    Empty: `folder` itself. `alone` says that no other process uses it: what is half written there was left. Raises
    InvalidInput for anything else.
    """
    if not url:
        from symphainy.files.folder import FolderFileStore

        return FolderFileStore(folder, alone=alone)
    raise InvalidInput(f"{url.partition(':')[0]!r} names no file store. Leave it empty for the data folder.")
