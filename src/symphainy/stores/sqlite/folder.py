"""The data folder's lock: one server process at a time."""

from __future__ import annotations

import fcntl
import os
import socket
from pathlib import Path
from typing import Final

from symphainy.errors import DataFolderLocked
from symphainy.ids import timestamp

LOCK_NAME: Final = "lock"

_held: set[int] = set()


class FolderLock:
    """An exclusive `flock` on `<folder>/lock`, which says who holds it. The kernel ends it with the process, however
    that dies.

    Every child that is forked closes its copy, or a worker that outlives a killed server would keep the folder locked.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._descriptor: int | None = None

    def acquire(self, now: float) -> None:
        """Raises DataFolderLocked."""
        descriptor = os.open(self._folder / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 500, 0).decode(errors="replace").strip()
            os.close(descriptor)
            raise DataFolderLocked(
                f"The data folder {self._folder} is in use by another server ({holder or 'holder unknown'})."
                " An embedded store serves one process: stop that one, or choose another folder with --data."
                " `symphainy inspect` and `symphainy verify` work beside it.",
                details={"holder": holder},
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"pid {os.getpid()} on {socket.gethostname()} since {timestamp(now)}\n".encode(), 0)
        self._descriptor = descriptor
        _held.add(descriptor)

    def release(self) -> None:
        if self._descriptor is not None:
            _held.discard(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = None


def _close_in_child() -> None:
    for descriptor in _held:
        os.close(descriptor)
    _held.clear()


os.register_at_fork(after_in_child=_close_in_child)
