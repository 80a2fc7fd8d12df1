"""The child's side of the validation: every check is one query over the kept tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import file_digest
from itertools import combinations
from pathlib import Path
from typing import Final

import duckdb

from symphainy.enabling_services.content.rules import Rule, bad_rule, read_rules
from symphainy.enabling_services.content.stored import KeptTable
from symphainy.enabling_services.content.validation import Check, Example, KeyCandidate, Outcome, Validation
from symphainy.enabling_services.database import Database, identifier, literal
from symphainy.enabling_services.json_values import Json
from symphainy.enabling_services.limits import Limits
from symphainy.enabling_services.parsed_file import Column, ColumnType, RejectedRow
from symphainy.enabling_services.previewing import json_safe
from symphainy.enabling_services.reporting import Stage

_EXAMPLES: Final = 5
_MOSTLY: Final = 0.5
_KEY_COLUMNS: Final = 12
_KEYS: Final = 5
_FEWEST_ROWS: Final = 2
_SHOWN: Final = 100
_READINGS: Final = (
    ("number", "TRY_CAST(replace({0}, ',', '') AS DOUBLE)"),
    ("date", "TRY_CAST({0} AS DATE)"),
)


def validate_tables(arguments: Json, limits: Limits, work_dir: Path, progress: Stage) -> Json:
    tables = [KeptTable.from_json(item) for item in arguments["tables"]]
    rules = read_rules(arguments["rules"])
    rejected = tuple(RejectedRow(int(row["line"]), str(row["reason"])) for row in arguments["rejected"]["first"])
    rejected_count = int(arguments["rejected"]["count"])
    checks = [_integrity(arguments), _rejected(rejected_count)]
    keys: list[KeyCandidate] = []
    if tables:
        with Database(work_dir, [table.path for table in tables], limits) as db:
            for number, table in enumerate(tables):
                part = progress.part(number / len(tables), (number + 1) / len(tables), f"table {number + 1}")
                checker = _TableChecker(db, table)
                checks.extend(checker.checks(part))
                found = checker.keys()
                keys.extend(found)
                checks.append(_key_check(table, found))
            checks.extend(_rule_checks(db, tables, rules))
    progress(1.0, f"{len(checks)} checks")
    order = {Outcome.FAILED: 0, Outcome.NOTICE: 1, Outcome.PASSED: 2}
    return Validation(
        str(arguments["file_id"]),
        f"Validation of {arguments['file_name']}",
        sum(table.rows for table in tables),
        tuple(sorted(checks, key=lambda check: order[check.outcome])),
        tuple(keys),
        rejected_count,
        rejected,
    ).to_json()


@dataclass(frozen=True, slots=True)
class _TableChecker:
    db: Database
    table: KeptTable

    @property
    def relation(self) -> str:
        return _relation(self.table)

    def checks(self, progress: Stage) -> Iterator[Check]:
        progress(0.0, f"checking {self.table.name}")
        if not self.table.rows:
            statement = f"Table {self.table.name} has no rows."
            yield Check("rows", Outcome.FAILED, statement, table=self.table.name)
            return
        yield self._duplicates()
        for number, column in enumerate(self.table.columns):
            progress((number + 1) / (len(self.table.columns) + 1), f"column {column.name}")
            yield from self._missing(column)
            if column.type is ColumnType.TEXT:
                yield from self._drift(column)

    def keys(self) -> list[KeyCandidate]:
        """Single columns, or else pairs of them."""
        if self.table.rows < _FEWEST_ROWS:
            return []
        names = [column.name for column in self.table.columns if column.type is not ColumnType.JSON]
        counts = self._distinct([(name,) for name in names])
        single = [name for name, count in zip(names, counts, strict=True) if count == self.table.rows]
        if single:
            return [KeyCandidate(self.table.name, (name,)) for name in single[:_KEYS]]
        pairs = list(combinations(names[:_KEY_COLUMNS], 2))
        counts = self._distinct(pairs)
        found = [pair for pair, count in zip(pairs, counts, strict=True) if count == self.table.rows]
        return [KeyCandidate(self.table.name, pair) for pair in found[:_KEYS]]

    def _distinct(self, keys: Sequence[tuple[str, ...]]) -> list[int]:
        """The number of different values, of rows in which none is missing."""
        counts: list[int] = []
        for names in keys:
            columns = [identifier(name) for name in names]
            present = " AND ".join(f"{column} IS NOT NULL" for column in columns)
            sql = f"SELECT count(*) FROM (SELECT DISTINCT {', '.join(columns)} FROM {self.relation} WHERE {present})"
            counts.append(int(self.db.one(sql)[0]))
        return counts

    def _duplicates(self) -> Check:
        names = ", ".join(identifier(column.name) for column in self.table.columns)
        sql = (
            f"SELECT {names}, count(*) AS times FROM {identifier(self.table.name)} GROUP BY {names} HAVING count(*) > 1"
        )
        counted = f"SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM {self.relation} GROUP BY {names})"
        count = int(self.db.one(counted)[0])
        if not count:
            return Check("duplicates", Outcome.PASSED, "No row repeats another one.", table=self.table.name)
        statement = f"{_rows(count)} repeat an earlier row in every column."
        return Check("duplicates", Outcome.FAILED, statement, count, self.table.name, sql=sql)

    def _missing(self, column: Column) -> Iterator[Check]:
        where = f"{identifier(column.name)} IS NULL"
        count = int(self.db.one(f"SELECT count(*) FROM {self.relation} WHERE {where}")[0])
        if count:
            share = count / self.table.rows
            outcome = Outcome.FAILED if share >= 0.2 else Outcome.NOTICE
            statement = f"{column.name} has no value in {_rows(count)} of {self.table.rows:,} ({share:.1%})."
            sql = f"SELECT * FROM {identifier(self.table.name)} WHERE {where}"
            yield Check("missing", outcome, statement, count, self.table.name, column.name, sql=sql)

    def _drift(self, column: Column) -> Iterator[Check]:
        """Text of which most, but not all, is numbers or dates."""
        name = identifier(column.name)
        for kind, reading in _READINGS:
            fits = f"{reading.format(f'trim({name})')} IS NOT NULL"
            present = f"{name} IS NOT NULL AND trim({name}) <> ''"
            good, total = self.db.one(f"SELECT count(*) FILTER ({fits}), count(*) FROM {self.relation} WHERE {present}")
            if total and _MOSTLY <= good / total < 1:
                where = f"{present} AND NOT ({fits})"
                statement = (
                    f"{column.name} is a {kind} in {int(good):,} rows, and something else in {int(total - good):,}."
                )
                yield Check(
                    "type",
                    Outcome.FAILED,
                    statement,
                    int(total - good),
                    self.table.name,
                    column.name,
                    _examples(self.db, self.table, column.name, where),
                    f"SELECT * FROM {identifier(self.table.name)} WHERE {where}",
                )
                return


def _integrity(arguments: Json) -> Check:
    with Path(arguments["source"]).open("rb") as stream:
        same = file_digest(stream, "sha256").hexdigest() == arguments["sha256"]
    if same:
        return Check("integrity", Outcome.PASSED, "The stored file is byte for byte the one that was uploaded.")
    return Check("integrity", Outcome.FAILED, "The stored file is not the one that was uploaded. Upload it again.", 1)


def _rejected(count: int) -> Check:
    if not count:
        return Check("rows", Outcome.PASSED, "Every line of the file could be read.")
    return Check("rows", Outcome.FAILED, f"{_lines(count)} of the file could not be read, and left out.", count)


def _key_check(table: KeptTable, keys: Sequence[KeyCandidate]) -> Check:
    if keys:
        names = ", ".join(" with ".join(key.columns) for key in keys)
        return Check("key", Outcome.PASSED, f"Each row can be told by {names}.", len(keys), table.name)
    return Check("key", Outcome.NOTICE, "No column, and no pair of columns, tells each row apart.", 0, table.name)


def _rule_checks(db: Database, tables: Sequence[KeptTable], rules: Sequence[Rule]) -> Iterator[Check]:
    for number, rule in enumerate(rules, 1):
        named = [table for table in tables if rule.table in (None, table.name)]
        table = next((item for item in named if any(column.name == rule.column for column in item.columns)), None)
        if table is None:
            raise bad_rule(number, f"there is no column {rule.column!r}" + (f" in {rule.table}" if rule.table else ""))
        try:
            count = int(db.one(f"SELECT count(*) FROM (SELECT {rule.broken} AS b FROM {_relation(table)}) WHERE b")[0])
            found = _examples(db, table, rule.column, rule.broken) if count else ()
        except duckdb.Error as error:
            raise bad_rule(number, f"its value {rule.value!r} does not go with the column {rule.column}") from error
        if not count:
            yield Check("rule", Outcome.PASSED, f"{rule.sentence}.", 0, table.name, rule.column)
            continue
        sql = f"SELECT * FROM {identifier(table.name)} QUALIFY {rule.broken}"
        statement = f"{rule.sentence}: not so in {_rows(count)}."
        yield Check("rule", Outcome.FAILED, statement, count, table.name, rule.column, found, sql)


def _examples(db: Database, table: KeptTable, column: str, where: str) -> tuple[Example, ...]:
    rows = db.rows(
        f"SELECT file_row_number + 1, v FROM (SELECT file_row_number, {identifier(column)} AS v, {where} AS b "
        f"FROM {_relation(table)}) WHERE b ORDER BY 1 LIMIT {_EXAMPLES}"
    )
    return tuple(Example(int(row), _short(json_safe(value))) for row, value in rows)


def _relation(table: KeptTable) -> str:
    return f"read_parquet({literal(str(table.path.resolve()))}, file_row_number = true)"


def _short(value: object) -> object:
    return value[: _SHOWN - 1] + "…" if isinstance(value, str) and len(value) > _SHOWN else value


def _rows(count: int) -> str:
    return f"{count:,} row" if count == 1 else f"{count:,} rows"


def _lines(count: int) -> str:
    return f"{count:,} line" if count == 1 else f"{count:,} lines"
