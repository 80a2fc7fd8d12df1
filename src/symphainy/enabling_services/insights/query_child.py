"""The child process that answers queries: it stays alive, so that an answer costs the query and nothing else.

Protocol: one line of limits, then one JSON request a line and one JSON answer a line. A connection sees one Parquet file
under one name, and nothing else: no other file, no network, no setting, no second statement. The parent kills the
process when a query takes too long.
"""

from __future__ import annotations

import os
import queue
import resource
import signal
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Any, Final

import duckdb
import orjson

from symphainy.enabling_services.database import identifier, literal
from symphainy.enabling_services.insights.table_index import index_table
from symphainy.enabling_services.json_values import Json, JsonValue
from symphainy.enabling_services.limits import Limits
from symphainy.enabling_services.previewing import json_safe

_OPEN_TABLES: Final = 4
_CELL_CHARACTERS: Final = 2_000


class Refused(Exception):
    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Tables:
    """Open connections by file and name, the least recently used one is closed first."""

    def __init__(self, limits: Limits, work_dir: Path) -> None:
        self._limits = limits
        self._work_dir = work_dir
        self._open: OrderedDict[tuple[str, str], duckdb.DuckDBPyConnection] = OrderedDict()

    def connection(self, path: str, table: str) -> duckdb.DuckDBPyConnection:
        key = (path, table)
        if key not in self._open:
            if not Path(path).is_file():
                raise Refused("missing_input", "gone")
            self._open[key] = self._locked(path, table)
        self._open.move_to_end(key)
        while len(self._open) > _OPEN_TABLES:
            self._open.popitem(last=False)[1].close()
        return self._open[key]

    def _locked(self, path: str, table: str) -> duckdb.DuckDBPyConnection:
        spill = self._work_dir / "spill"
        spill.mkdir(exist_ok=True)
        connection = duckdb.connect(
            config={
                "threads": self._limits.database_threads,
                "memory_limit": f"{self._limits.database_memory // 1024}KiB",
                "temp_directory": str(spill),
                "max_temp_directory_size": f"{self._limits.spill_bytes // 1024}KiB",
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            }
        )
        connection.execute(f"SET allowed_paths = [{literal(path)}]")
        connection.execute("SET parquet_metadata_cache = true")
        connection.execute("SET enable_external_access = false")
        connection.execute(f"CREATE VIEW {identifier(table)} AS SELECT * FROM read_parquet({literal(path)})")
        connection.execute("SET lock_configuration = true")
        return connection


def main() -> None:
    answers = os.dup(1)
    os.dup2(2, 1)
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(lines,), daemon=True).start()
    opening: Json = orjson.loads(lines.get())
    limits = Limits.from_json(opening["limits"])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.output_file_bytes, limits.output_file_bytes))
    resource.setrlimit(resource.RLIMIT_AS, (limits.address_space, limits.address_space))
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
    tables = Tables(limits, Path(str(opening["work_dir"])))
    while True:
        _write_all(answers, orjson.dumps(_answer(tables, orjson.loads(lines.get()))) + b"\n")


def _listen(lines: queue.SimpleQueue[bytes]) -> None:
    """Requests; and when the parent is gone, the end of whatever is being computed for it."""
    buffered = b""
    while block := os.read(0, 65_536):
        *complete, buffered = (buffered + block).split(b"\n")
        for line in complete:
            lines.put(line)
    os.killpg(0, signal.SIGKILL)


def _answer(tables: Tables, request: Json) -> Json:
    try:
        connection = tables.connection(str(request["path"]), str(request["table"]))
        if request["operation"] == "index":
            table = str(request["table"])
            index = index_table(lambda sql: connection.execute(sql).fetchall(), table, identifier(table))
            return {"result": index.to_json()}
        if request["operation"] == "open":
            return {"result": {}}
        return {"result": _query(connection, str(request["sql"]), int(request["limit"]))}
    except Refused as refusal:
        return {"error": {"code": refusal.code, "reason": refusal.reason}}
    except (duckdb.OutOfMemoryException, MemoryError):
        return {"error": {"code": "memory_limit", "reason": "memory"}}
    except duckdb.Error as error:
        return {"error": {"code": "query_refused", "reason": str(error).split("\n")[0][:300]}}


def _query(connection: duckdb.DuckDBPyConnection, sql: str, limit: int) -> Json:
    """Columns, at most `limit` rows, and how many there are in all."""
    statements = connection.extract_statements(sql)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise Refused("query_refused", "Only one SELECT can be asked.")
    cursor = connection.execute(sql)
    described = cursor.description or []
    rows: list[tuple[Any, ...]] = cursor.fetchmany(limit)
    total = len(rows)
    if total == limit:
        inner = statements[0].query.strip().rstrip(";")
        counted = connection.execute(f"SELECT count(*) FROM ({inner}\n)").fetchone()
        total = int(counted[0]) if counted else total
    return {
        "columns": [{"name": str(item[0]), "type": str(item[1])} for item in described],
        "rows": [[_cell(value) for value in row] for row in rows],
        "rows_total": total,
    }


def _cell(value: Any) -> JsonValue:
    safe = json_safe(value)
    if isinstance(safe, str) and len(safe) > _CELL_CHARACTERS:
        return safe[: _CELL_CHARACTERS - 1] + "\N{HORIZONTAL ELLIPSIS}"
    return safe


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


if __name__ == "__main__":
    main()
