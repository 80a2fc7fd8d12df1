"""The query engine as the child uses it: locked to named files, bounded in memory, with progress."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, Self

import duckdb

from symphainy.enabling_services.errors import disk_full, memory_limit
from symphainy.enabling_services.limits import Limits

_POLL_SECONDS: Final = 0.1

UNFIT: Final = "value unlike those of the first rows"

Row = tuple[Any, ...]

_SMALL: Final[dict[str, Any]] = {"threads": 1}
_waiting: list[duckdb.DuckDBPyConnection] = []


class Unfit(Exception):
    """A query met a value for which its SQL says `error(UNFIT)`."""


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def open_early() -> None:
    """For a process that waits for work: opens an empty database, which takes as long as a query over a million rows, for the
    `Database` that is made next."""
    _waiting.append(duckdb.connect(config=_SMALL))


class Database:
    """An in-memory database that can read `readable` files and write into `work_dir`, and touch nothing else: no other
    file, no network, no extension. Queries run on at most `limits.database_threads` threads and spill into `work_dir`.

    Every method raises ServiceError `memory_limit` or `disk_full` when the engine runs out of either, and `Unfit`.
    """

    def __init__(self, work_dir: Path, readable: Sequence[Path], limits: Limits) -> None:
        self._limits = limits
        self._work_dir = work_dir.resolve()
        self._scratch_files = 0
        spill = work_dir / "spill"
        spill.mkdir(exist_ok=True)
        self._connection = _waiting.pop() if _waiting else duckdb.connect(config=_SMALL)
        for setting in (
            f"SET threads = {limits.database_threads}",
            f"SET memory_limit = '{limits.database_memory // 1024}KiB'",
            f"SET temp_directory = {literal(str(spill))}",
            f"SET max_temp_directory_size = '{limits.spill_bytes // 1024}KiB'",
            "SET autoinstall_known_extensions = false",
            "SET autoload_known_extensions = false",
            f"SET allowed_directories = [{literal(str(work_dir.resolve()))}]",
            f"SET allowed_paths = [{', '.join(literal(str(path.resolve())) for path in readable)}]",
            "SET parquet_metadata_cache = true",
            "SET enable_progress_bar = true",
            "SET enable_progress_bar_print = false",
            "SET enable_external_access = false",
            "SET lock_configuration = true",
        ):
            self._connection.execute(setting)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def scratch_file(self) -> Path:
        """A new name in `work_dir` for a Parquet file. Never the same twice: what the engine knows of a file it keeps."""
        self._scratch_files += 1
        return self._work_dir / f"scratch-{self._scratch_files}.parquet"

    def rows(self, sql: str, progress: Callable[[float], None] | None = None) -> list[Row]:
        """All rows of the answer. `progress` gets the engine's own estimate, 0..1, about ten times a second."""
        if progress is None:
            return self._execute(sql)
        done = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(done, progress), daemon=True)
        watcher.start()
        try:
            return self._execute(sql)
        finally:
            done.set()
            watcher.join()

    def one(self, sql: str, progress: Callable[[float], None] | None = None) -> Row:
        return self.rows(sql, progress)[0]

    def described(self, sql: str) -> tuple[tuple[str, str], ...]:
        """Names and engine types of the columns a query gives."""
        return tuple((str(row[0]), str(row[1])) for row in self.rows(f"DESCRIBE {sql}"))

    def _execute(self, sql: str) -> list[Row]:
        try:
            return self._connection.execute(sql).fetchall()
        except duckdb.OutOfMemoryException as error:
            if "max_temp_directory_size" in str(error):
                raise disk_full() from error
            raise memory_limit(self._limits.database_memory) from error
        except duckdb.InvalidInputException as error:
            if UNFIT in str(error):
                raise Unfit from error
            raise
        except duckdb.IOException as error:
            if "No space left" in str(error) or "File too large" in str(error):
                raise disk_full() from error
            raise

    def _watch(self, done: threading.Event, progress: Callable[[float], None]) -> None:
        while not done.wait(_POLL_SECONDS):
            percent = self._connection.query_progress()
            if percent > 0:
                progress(percent / 100)
