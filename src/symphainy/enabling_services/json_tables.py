"""JSON and JSON Lines as tables: objects become columns (`customer.name`), lists stay JSON, a wrapping object with
lists of objects becomes one table for each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import duckdb
import orjson

from symphainy.enabling_services.column_typing import TextColumn, TextTable, TypedColumn, type_table
from symphainy.enabling_services.database import Database, literal
from symphainy.enabling_services.dialects import repair_names
from symphainy.enabling_services.encodings import NotText, TextScan, scan_text, write_utf8
from symphainy.enabling_services.errors import ServiceError, not_a
from symphainy.enabling_services.json_values import JsonValue
from symphainy.enabling_services.kinds import FileKind
from symphainy.enabling_services.limits import MEBIBYTE, Limits
from symphainy.enabling_services.parsed_file import ColumnType, ParsedFile, ParsedTable
from symphainy.enabling_services.reporting import Stage
from symphainy.enabling_services.table_files import TableFiles, check_columns, check_rows
from symphainy.enabling_services.text_reading import BOOLEANS, ISO_TIMES, NUMBERS, NumberStyle, Reading

_DEEPEST_COLUMN: Final = 4
_WIDEST_NESTED: Final = 100
_LARGEST_RECORD: Final = 16 * MEBIBYTE
_CANDIDATES: Final[Mapping[str, tuple[Reading, ...]]] = {
    "BOOLEAN": BOOLEANS[:1],
    "UBIGINT": (NUMBERS[NumberStyle.PLAIN],),
    "BIGINT": (NUMBERS[NumberStyle.PLAIN],),
    "HUGEINT": (NUMBERS[NumberStyle.PLAIN],),
    "UHUGEINT": (NUMBERS[NumberStyle.PLAIN],),
    "DOUBLE": (NUMBERS[NumberStyle.PLAIN],),
    "VARCHAR": ISO_TIMES,
}
"""JSON says itself what is a number, so text in JSON is never read as one; it has no dates, so those are looked for."""


@dataclass(frozen=True, slots=True)
class _Leaf:
    """One column: where it is in a record (JSON pointer, RFC 6901) and what JSON holds there."""

    name: str
    pointer: str
    shape: JsonValue


@dataclass(frozen=True, slots=True)
class _Records:
    """SQL that gives one JSON value for each row in a column `json`."""

    name: str
    relation: str


class _JsonParser:
    def __init__(self, kind: FileKind, db: Database, limits: Limits, work_dir: Path) -> None:
        self._kind = kind
        self._db = db
        self._limits = limits
        self._files = TableFiles(work_dir, limits)
        self.tables: list[ParsedTable] = []
        self.warnings: list[str] = []

    def add(self, records: _Records, progress: Stage) -> None:
        shape, rows = self._shape(records.relation, progress.part(0.0, 0.3, "shape"))
        check_rows(rows, self._limits)
        self.add_shaped(records, shape, progress.part(0.3, 1.0, "table"))

    def add_shaped(self, records: _Records, shape: JsonValue, progress: Stage) -> None:
        leaves = _leaves(shape)
        if not leaves:
            return
        check_columns(len(leaves), self._limits)
        names, warnings = repair_names([leaf.name for leaf in leaves])
        pointers = "[" + ", ".join(literal(leaf.pointer) for leaf in leaves) + "]"
        values = ", ".join(f"v[{index + 1}] AS c{index}" for index in range(len(leaves)))
        relation = f"(SELECT {values} FROM (SELECT json_extract_string(json, {pointers}) AS v FROM {records.relation}))"
        columns = tuple(
            TextColumn(name, _CANDIDATES.get(leaf.shape, ()) if isinstance(leaf.shape, str) else ())
            for name, leaf in zip(names, leaves, strict=True)
        )
        reading = progress.part(0.0, 0.5, "read")
        typing = type_table(
            self._db, TextTable(relation, columns), lambda part: reading(part, "finding the types of the columns")
        )
        typed = tuple(
            column if isinstance(leaf.shape, str) else _as_json(column)
            for column, leaf in zip(typing.columns, leaves, strict=True)
        )
        writing = progress.part(0.5, 1.0, "write")
        table = self._files.write(
            self._db,
            len(self.tables) + 1,
            records.name,
            relation,
            typed,
            lambda part: writing(part, f"{int(part * typing.rows):,} of {typing.rows:,} rows stored"),
        )
        self.tables.append(table)
        self.warnings.extend(warnings)
        self.warnings.extend(typing.warnings)

    def _shape(self, relation: str, progress: Stage) -> tuple[JsonValue, int]:
        text, rows = self._db.one(
            f"SELECT json_group_structure(json), count(*) FROM {relation}",
            progress.of("finding the structure of the records"),
        )
        try:
            return (orjson.loads(text) if text else {}), int(rows)
        except orjson.JSONDecodeError as error:
            raise _too_deep() from error

    def shape_of_one(self, relation: str, progress: Stage) -> JsonValue:
        return self._shape(relation, progress)[0]


def parse_json(
    source: Path, kind: FileKind, table_name: str, limits: Limits, work_dir: Path, progress: Stage
) -> ParsedFile:
    """Raises ServiceError `not_a_json`, `not_a_jsonl`, `truncated`, `encoding`, `too_many_columns`, `too_many_rows`,
    `unsupported` (nested too deeply)."""
    try:
        scan = scan_text(source, progress.part(0.0, 0.1, "check").of("checking the encoding"))
    except NotText as error:
        raise not_a(
            kind, f"This file is named like {kind.label}, but it contains binary data. Nothing was read from it."
        ) from error
    readable = _readable(source, scan, work_dir, progress.part(0.1, 0.15, "convert"))
    with Database(work_dir, (readable,), limits) as db:
        parser = _JsonParser(kind, db, limits, work_dir)
        try:
            _parse(parser, readable, kind, table_name, progress.part(0.15, 1.0, "parse"))
        except duckdb.Error as error:
            raise _explain(kind, str(error)) from error
    if not parser.tables:
        raise ServiceError(
            "empty", "This file is valid JSON, but it holds no records. Check the original and upload it again."
        )
    return ParsedFile(
        kind, kind.media_type, tuple(parser.tables), encoding=scan.encoding, warnings=tuple(parser.warnings)
    )


def _readable(source: Path, scan: TextScan, work_dir: Path, progress: Stage) -> Path:
    if scan.encoding == "utf-8":
        return source
    target = work_dir / "readable.json"
    write_utf8(source, scan, target, progress.of(f"converting from {scan.encoding}"))
    return target


def _parse(parser: _JsonParser, path: Path, kind: FileKind, name: str, progress: Stage) -> None:
    if kind is FileKind.JSONL:
        parser.add(_Records(name, _objects(path, "newline_delimited", _LARGEST_RECORD)), progress)
        return
    with path.open("rb") as stream:
        is_list = stream.read(4096).lstrip()[:1] == b"["
    if is_list:
        parser.add(_Records(name, _objects(path, "array", _LARGEST_RECORD)), progress)
        return
    whole = _objects(path, "unstructured", max(path.stat().st_size + 1, _LARGEST_RECORD))
    shape = parser.shape_of_one(whole, progress.part(0.0, 0.2, "shape"))
    # an object without fields has no shape of its own
    fields = cast("Mapping[str, JsonValue]", shape if isinstance(shape, dict) else {})
    lists = {key: inner[0] for key, inner in fields.items() if _holds_objects(inner)}
    rest = {key: inner for key, inner in fields.items() if key not in lists}
    for number, (key, inner) in enumerate(lists.items()):
        part = progress.part(0.2 + 0.7 * number / len(lists), 0.2 + 0.7 * (number + 1) / len(lists), key)
        rows = f"(SELECT unnest(CAST(json_extract(json, {literal(_pointer(key))}) AS JSON[])) AS json FROM {whole})"
        parser.add_shaped(_Records(key, rows), inner, part)
    if rest:
        parser.add_shaped(_Records(name, whole), rest, progress.part(0.9, 1.0, "rest"))


def _holds_objects(shape: JsonValue) -> bool:
    return isinstance(shape, list) and any(isinstance(item, dict) for item in cast("list[JsonValue]", shape))


def _objects(path: Path, form: str, largest: int) -> str:
    file = literal(str(path.resolve()))
    return f"read_json_objects({file}, format = '{form}', maximum_object_size = {largest}, compression = 'none')"


def _pointer(key: str) -> str:
    return "/" + key.replace("~", "~0").replace("/", "~1")


def _leaves(shape: JsonValue, name: str = "", pointer: str = "", depth: int = 0) -> list[_Leaf]:
    """Small objects are taken apart, down to four levels; lists and anything larger stay one JSON column; a value that
    is sometimes one thing and sometimes another becomes text."""
    if not isinstance(shape, dict) or (
        depth and (depth >= _DEEPEST_COLUMN or len(cast("Mapping[str, JsonValue]", shape)) > _WIDEST_NESTED)
    ):
        return [_Leaf(name or "value", pointer, shape)]
    inner = cast("Mapping[str, JsonValue]", shape)
    if depth and not inner:
        return [_Leaf(name, pointer, shape)]
    return [
        leaf
        for key, value in inner.items()
        for leaf in _leaves(value, f"{name}.{key}" if name else key, pointer + _pointer(key), depth + 1)
    ]


def _as_json(column: TypedColumn) -> TypedColumn:
    return TypedColumn(column.name, ColumnType.JSON, column.expression, column.filled)


def _too_deep() -> ServiceError:
    return ServiceError("unsupported", "This JSON file is nested too deeply to be read. Nothing was kept.")


def _explain(kind: FileKind, reason: str) -> ServiceError:
    first = reason.splitlines()[0]
    if "recursion depth" in first or "too deep" in first:
        return _too_deep()
    if "maximum_object_size" in reason:
        return ServiceError(
            "too_large",
            "One record of this JSON file is larger than 16 MB. Nothing was kept. Split it into smaller records.",
        )
    if "unexpected end" in first:
        return ServiceError(
            "truncated",
            f"This file ends in the middle of a record, so it is incomplete ({_where(first)}). Nothing was kept. "
            "Upload it again from the original.",
        )
    return not_a(
        kind,
        f"This file is named like {kind.label}, but it is not valid JSON ({_where(first)}). Nothing was kept from it.",
    )


def _where(reason: str) -> str:
    """The engine's words without the path of the file."""
    return reason.partition('", ')[2].rstrip(". ") or "it cannot be read"
