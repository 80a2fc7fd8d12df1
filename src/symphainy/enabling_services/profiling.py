"""The child's side of the analyzer: which tables, in which order, with which progress."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import orjson

from symphainy.enabling_services.column_profiles import ColumnProfiler
from symphainy.enabling_services.database import Database, identifier, literal
from symphainy.enabling_services.findings import Facts, column_findings, document_findings, table_findings
from symphainy.enabling_services.insights.table_index import TableIndex, index_document, index_table
from symphainy.enabling_services.json_values import Json
from symphainy.enabling_services.limits import MEBIBYTE, Limits
from symphainy.enabling_services.parsed_file import Column, ParsedFile, ParsedTable, RejectedRows
from symphainy.enabling_services.profile import ColumnProfile, DocumentProfile, Finding, Profile, Severity, TableProfile
from symphainy.enabling_services.reporting import Stage

_ORDER: Final = {Severity.WARNING: 0, Severity.NOTICE: 1, Severity.INFO: 2}
_COLUMNS_HELD: Final = 50
_CELLS_HELD: Final = 5_000_000
_LARGEST_INDEX: Final = 8 * MEBIBYTE
_ISO_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def profile_file(arguments: Json, limits: Limits, work_dir: Path, progress: Stage) -> Json:
    parsed = ParsedFile.from_json(arguments["parsed"])
    folder = Path(arguments["output_dir"])
    today = str(arguments["today"])
    if not _ISO_DAY.fullmatch(today):
        raise ValueError(f"not a day: {today!r}")
    tables: list[TableProfile] = []
    indexes: list[TableIndex] = []
    paths = [folder / table.file_name for table in parsed.tables]
    if paths:
        with Database(work_dir, paths, limits) as db:
            for number, (table, path) in enumerate(zip(parsed.tables, paths, strict=True)):
                part = progress.part(number / len(paths), (number + 1) / len(paths), table.file_name)
                rejected = parsed.rejected_rows if number == 0 else RejectedRows()
                tables.append(_profile_table(db, table, path, rejected, today, limits, part))
                indexes.append(index_table(db.rows, table.name, f"read_parquet({literal(str(path.resolve()))})"))
        _keep(indexes, work_dir / str(arguments["index_file"]))
    document = _profile_document(parsed)
    progress(1.0, "profile complete")
    return Profile(tuple(tables), document).to_json()


def _keep(indexes: Sequence[TableIndex], target: Path) -> None:
    """What questions need to know of the tables. One that is too large to be kept is computed when somebody asks."""
    document = orjson.dumps(index_document(indexes))
    if len(document) <= _LARGEST_INDEX:
        target.write_bytes(document)


def _profile_table(
    db: Database, table: ParsedTable, path: Path, rejected: RejectedRows, today: str, limits: Limits, progress: Stage
) -> TableProfile:
    relation = f"read_parquet({literal(str(path.resolve()))})"
    progress(0.0, f"profiling {table.name}")
    profiles: list[ColumnProfile] = []
    findings: list[Finding] = []
    for number, (column, held) in enumerate(_held(db, relation, table)):
        progress(0.85 * number / len(table.columns), f"column {number + 1} of {len(table.columns)}: {column.name}")
        profiler = ColumnProfiler(db, held, table.rows, limits)
        measured = profiler.profile(column, detailed=number < limits.detailed_columns)
        profiles.append(measured)
        facts = Facts(db, held, table.name, table.rows, today, profiler.counted)
        findings.extend(column_findings(facts, measured))
    duplicates = 0
    if not any(_is_key(column, table.rows) for column in profiles):
        duplicates = _duplicates(db, relation, table, progress.part(0.85, 1.0, "duplicates"))
    findings.extend(table_findings(table, profiles, duplicates, rejected))
    findings.sort(key=lambda finding: _ORDER[finding.severity])
    return TableProfile(table.name, table.rows, duplicates, tuple(profiles), tuple(findings))


def _held(db: Database, relation: str, table: ParsedTable) -> Iterator[tuple[Column, str]]:
    """Each column and where to read it. The columns of a wide table are held in memory, some at a time: a query over all of
    them takes the engine longer to plan than to answer."""
    wide = len(table.columns) > _COLUMNS_HELD and table.rows * _COLUMNS_HELD <= _CELLS_HELD
    for start in range(0, len(table.columns), _COLUMNS_HELD):
        columns = table.columns[start : start + _COLUMNS_HELD]
        if wide:
            names = ", ".join(identifier(column.name) for column in columns)
            db.rows(f"CREATE OR REPLACE TEMP TABLE held AS SELECT {names} FROM {relation}")
        for column in columns:
            yield column, "held" if wide else relation


def _is_key(column: ColumnProfile, rows: int) -> bool:
    """Where a column has another value in each row, no row can repeat another."""
    return column.distinct_exact and column.nulls == 0 and column.distinct == rows


def _duplicates(db: Database, relation: str, table: ParsedTable, progress: Stage) -> int:
    """Exact: rows with a hash of their own cannot be duplicates, so only the others are compared value by value."""
    if not table.rows or not table.columns:
        return 0
    names = [identifier(column.name) for column in table.columns]
    counting = progress.of("looking for duplicate rows")
    db.rows(
        f"CREATE OR REPLACE TEMP TABLE repeated AS SELECT h FROM (SELECT {_row_hash(names)} AS h FROM {relation}) "
        "GROUP BY h HAVING count(*) > 1",
        counting,
    )
    if not int(db.one("SELECT count(*) FROM repeated")[0]):
        return 0
    row = db.one(
        f"SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM {relation} "
        f"WHERE {_row_hash(names)} IN (SELECT h FROM repeated) GROUP BY {', '.join(names)})",
        counting,
    )
    return int(row[0])


def _row_hash(names: Sequence[str]) -> str:
    return f"hash({', '.join(names)})"


def _profile_document(parsed: ParsedFile) -> DocumentProfile | None:
    document = parsed.document
    if document is None:
        return None
    return DocumentProfile(
        document.words,
        document.characters,
        len(document.headings),
        document.pages,
        document_findings(parsed.kind, document),
    )
