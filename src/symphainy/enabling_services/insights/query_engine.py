"""Queries over one parsed table: answered by a child process that is started before it is needed and replaced when it
is killed."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import signal
import sys
import tempfile
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import orjson

from symphainy.enabling_services.child_process import absolute
from symphainy.enabling_services.errors import ServiceError
from symphainy.enabling_services.insights.table_index import TableIndex, kept_index
from symphainy.enabling_services.json_values import Json, JsonValue
from symphainy.enabling_services.limits import MEBIBYTE, Limits
from symphainy.enabling_services.spare_children import child_environment

logger = logging.getLogger(__name__)

QUERY_LIMITS: Final = Limits(
    address_space=1536 * MEBIBYTE, database_memory=384 * MEBIBYTE, spill_bytes=1024 * MEBIBYTE, wall_seconds=10.0
)
MOST_ROWS: Final = 5_000
_LONGEST_LINE: Final = 64 * MEBIBYTE
_INDEXES_KEPT: Final = 64
_WARMING_AT_ONCE: Final = 8
_VALUES_KEPT: Final = 200_000
"""Of all indexes together: some 20 MB."""


@dataclass(frozen=True, slots=True)
class Answered:
    """`rows` are the first ones, `rows_total` counts all. Dates are ISO 8601, decimals are texts."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: tuple[tuple[JsonValue, ...], ...]
    rows_total: int


class QueryEngine:
    """One query at a time, in one process. Use as a context manager, or close it."""

    def __init__(self, limits: Limits = QUERY_LIMITS) -> None:
        self._limits = limits
        self._process: asyncio.subprocess.Process | None = None
        self._work_dir: Path | None = None
        self._turn = asyncio.Lock()
        self._indexing = asyncio.Lock()
        self._warming: set[asyncio.Task[None]] = set()
        self._indexes: OrderedDict[tuple[Path, str, int], TableIndex] = OrderedDict()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def warm(self, path: Path, table: str, kept: Path | None = None) -> None:
        """Does before the first question what that would wait for: the process runs, the file is open, the index is at hand.
        Done already, it costs next to nothing. Raises ServiceError as `query` does."""
        await self._ask({"operation": "open", "path": absolute(path), "table": table})
        await self.index(path, table, kept)

    def warm_soon(self, path: Path, table: str, kept: Path | None = None) -> None:
        """As `warm`, in the background, after everything that waits already. A hint: what fails is logged, and there are never
        more than a few at once."""
        if len(self._warming) >= _WARMING_AT_ONCE:
            return
        task = asyncio.create_task(self._warm_quietly(path, table, kept))
        self._warming.add(task)
        task.add_done_callback(self._warming.discard)

    async def _warm_quietly(self, path: Path, table: str, kept: Path | None) -> None:
        try:
            if not self.is_warm(path, table):
                await self.warm(path, table, kept)
        except ServiceError as failure:
            logger.info("table %s is not ready for questions: %s", table, failure)

    def is_warm(self, path: Path, table: str) -> bool:
        """Whether a question about this table need not wait for anything but its own answer."""
        return (
            self._process is not None and self._process.returncode is None and self._key(path, table) in self._indexes
        )

    async def query(self, path: Path, table: str, sql: str, *, limit: int = MOST_ROWS) -> Answered:
        """The answer to one SELECT over the Parquet file, which it sees as `table`, and nothing else.

        Raises ServiceError `query_refused` for anything but one SELECT that is allowed and can be computed,
        `time_limit`, `memory_limit`, `missing_input`. The next query works whatever became of this one.
        """
        request = {"operation": "query", "path": absolute(path), "table": table, "sql": sql, "limit": limit}
        result = await self._ask(request)
        columns = result["columns"]
        return Answered(
            tuple(str(column["name"]) for column in columns),
            tuple(str(column["type"]) for column in columns),
            tuple(tuple(row) for row in result["rows"]),
            int(result["rows_total"]),
        )

    async def index(self, path: Path, table: str, kept: Path | None = None) -> TableIndex:
        """What the table holds: read from `kept`, the file of an `index_document`; computed where there is none. Once for a
        file as it is. Raises ServiceError as `query` does."""
        key = self._key(path, table)
        if key not in self._indexes:
            async with self._indexing:
                if key not in self._indexes:
                    self._remember(key, await self._read(kept, table) or await self._computed(path, table))
        self._indexes.move_to_end(key)
        return self._indexes[key]

    async def _read(self, kept: Path | None, table: str) -> TableIndex | None:
        if kept is None:
            return None
        try:
            return await asyncio.to_thread(lambda: kept_index(orjson.loads(kept.read_bytes()), table))
        except (OSError, ValueError, KeyError, TypeError) as damaged:
            logger.warning("the index of %s is computed anew: %s", table, damaged)
            return None

    async def _computed(self, path: Path, table: str) -> TableIndex:
        result = await self._ask({"operation": "index", "path": absolute(path), "table": table})
        return await asyncio.to_thread(TableIndex.from_json, result)

    def _key(self, path: Path, table: str) -> tuple[Path, str, int]:
        return path, table, _version(path, self._limits)

    def _remember(self, key: tuple[Path, str, int], index: TableIndex) -> None:
        """The least recently used ones are forgotten first."""
        self._indexes[key] = index
        while len(self._indexes) > 1 and (
            len(self._indexes) > _INDEXES_KEPT or sum(map(_size, self._indexes.values())) > _VALUES_KEPT
        ):
            self._indexes.popitem(last=False)

    async def close(self) -> None:
        for task in self._warming:
            task.cancel()
        await asyncio.gather(*self._warming, return_exceptions=True)
        async with self._turn:
            await self._end()

    async def _ask(self, request: Json) -> Json:
        async with self._turn:
            process = await self._running()
            answered = False
            try:
                async with asyncio.timeout(self._limits.wall_seconds):
                    answer = await _exchange(process, request)
                answered = answer is not None
            except TimeoutError:
                raise _failure("time_limit", "", self._limits) from None
            finally:
                if not answered:
                    await self._end()
            if answer is None:
                raise _failure("memory_limit", "", self._limits)
            if "error" in answer:
                raise _failure(str(answer["error"]["code"]), str(answer["error"]["reason"]), self._limits)
            return answer["result"]

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is not None and self._process.returncode is None:
            return self._process
        await self._end()
        self._work_dir = Path(tempfile.mkdtemp(prefix="symphainy-query-"))
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "symphainy.enabling_services.insights.query_child",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=self._work_dir,
            env=child_environment(str(self._work_dir)),
            start_new_session=True,
            limit=_LONGEST_LINE,
        )
        assert process.stdin is not None
        opening = {"limits": self._limits.to_json(), "work_dir": str(self._work_dir)}
        process.stdin.write(orjson.dumps(opening) + b"\n")
        self._process = process
        return process

    async def _end(self) -> None:
        """What is left of the process is gone on return."""
        process, work_dir = self._process, self._work_dir
        self._process = self._work_dir = None
        if process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            if process.stdin is not None:
                process.stdin.close()
            await asyncio.shield(process.wait())
        if work_dir is not None:
            await asyncio.shield(asyncio.to_thread(shutil.rmtree, work_dir, ignore_errors=True))


async def _exchange(process: asyncio.subprocess.Process, request: Json) -> Json | None:
    """None if the process died."""
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(orjson.dumps(request) + b"\n")
        await process.stdin.drain()
    line = await process.stdout.readline()
    return orjson.loads(line) if line.endswith(b"\n") else None


def _size(index: TableIndex) -> int:
    return sum(len(column.values) + 1 for column in index.columns)


def _version(path: Path, limits: Limits) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        raise _failure("missing_input", "", limits) from None


def _failure(code: str, reason: str, limits: Limits) -> ServiceError:
    match code:
        case "time_limit":
            seconds = limits.wall_seconds
            message = f"This question took longer than {seconds:g} seconds, so it was stopped. Nothing was changed. Ask for less at once."
            return ServiceError(code, message, {"limit": seconds})
        case "memory_limit":
            message = "This question needs more memory than it may have, so it was stopped. Nothing was changed. Ask for less at once."
            return ServiceError(code, message, {"limit": limits.database_memory})
        case "missing_input":
            message = "The data that was read from this file is no longer stored. Analyse the file in Content again."
            return ServiceError(code, message)
        case _:
            message = "This question cannot be computed from the table. Nothing was changed. Ask it in other words."
            return ServiceError("query_refused", message, {"reason": reason})
