"""The numbers of one column."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import Any, Final

from symphainy.enabling_services.database import Database, Row, identifier
from symphainy.enabling_services.json_values import JsonValue
from symphainy.enabling_services.limits import Limits
from symphainy.enabling_services.parsed_file import Column, ColumnType
from symphainy.enabling_services.previewing import json_safe
from symphainy.enabling_services.profile import Bin, ColumnProfile, ValueCount

BINS: Final = 12
COUNTED: Final = "counted_values"
"""A table of the values (`v`) of one column, and how many rows have each (`n`)."""
_TOP_VALUES: Final = 10
_LONGEST_VALUE: Final = 100
_WORTH_COUNTING: Final = 20_000
"""Rows from which on it pays to keep how often each value occurs."""
_REPEATED: Final = 10
_LARGEST_SQUARED: Final = 1e150
"""The engine refuses to overflow; values that large have no useful deviation."""
_EPOCH: Final = dt.datetime.combine(dt.date(1970, 1, 1), dt.time())
_MICROSECONDS_A_DAY: Final = 86_400_000_000


@dataclass(frozen=True, slots=True)
class _Source:
    """Where the values of one column are: `value` is SQL for one, `times` for how many rows have those of a group."""

    relation: str
    value: str
    times: str

    @property
    def is_counted(self) -> bool:
        return self.relation == COUNTED


class ColumnProfiler:
    def __init__(self, db: Database, relation: str, rows: int, limits: Limits) -> None:
        self._db = db
        self._rows = rows
        self._exact = rows <= limits.exact_distinct_rows
        self._plain = relation
        self._source = _Source(relation, "", "")

    @property
    def counted(self) -> bool:
        """Whether `COUNTED` tells of the column that was profiled last how often each value occurs."""
        return self._source.is_counted

    def profile(self, column: Column, *, detailed: bool) -> ColumnProfile:
        """Counts are exact; distinct values above `Limits.exact_distinct_rows` rows are estimated (HyperLogLog)."""
        name = identifier(column.name)
        self._source = self._uncounted(name)
        distinct, top = self._values(name, detailed=detailed)
        filled, low, high, mean, median, deviation, shortest, longest = self._range(column)
        histogram = self._histogram(column, low, high) if detailed and low is not None else ()
        return ColumnProfile(
            name=column.name,
            type=column.type,
            nulls=self._rows - int(filled),
            distinct=distinct,
            distinct_exact=self._exact,
            minimum=json_safe(low),
            maximum=json_safe(high),
            mean=_finite(mean),
            median=_finite(median),
            deviation=_finite(deviation),
            shortest=shortest,
            longest=longest,
            top_values=top,
            histogram=histogram,
            detailed=detailed,
        )

    def _uncounted(self, name: str) -> _Source:
        return _Source(self._plain, name, f"count({name})")

    def _values(self, name: str, *, detailed: bool) -> tuple[int, tuple[ValueCount, ...]]:
        """The most frequent values; equally frequent ones in their own order. Where values repeat, everything else is computed
        from how often each one occurs."""
        groups = f"SELECT {name} AS v, count(*) AS n FROM {self._plain} WHERE {name} IS NOT NULL GROUP BY 1"
        ordered = f"ORDER BY n DESC, v LIMIT {_TOP_VALUES}"
        if self._exact:
            kept = self._rows >= _WORTH_COUNTING
            if kept:
                self._db.rows(f"CREATE OR REPLACE TEMP TABLE {COUNTED} AS {groups}")
            counted = COUNTED if kept else "g"
            query = f"SELECT v, n, (SELECT count(*) FROM {counted}) FROM {counted} {ordered}"
            rows = self._db.rows(query if kept else f"WITH g AS MATERIALIZED ({groups}) {query}")
            distinct = int(rows[0][2]) if rows else 0
            if kept and 0 < distinct * _REPEATED <= self._rows:
                self._source = _Source(COUNTED, "v", "sum(n)")
            elif kept:
                self._db.rows(f"DROP TABLE {COUNTED}")
        else:
            distinct = int(self._db.one(f"SELECT approx_count_distinct({name}) FROM {self._plain}")[0])
            candidates = f"(SELECT unnest(approx_top_k({name}, {_TOP_VALUES})) FROM {self._plain})"
            rows = self._db.rows(
                f"SELECT {name} AS v, count(*) AS n FROM {self._plain} WHERE {name} IN {candidates} GROUP BY 1 {ordered}"
            )
        return distinct, tuple(ValueCount(_short(json_safe(row[0])), int(row[1])) for row in rows) if detailed else ()

    def _range(self, column: Column) -> Row:
        source = self._source
        if column.type.is_numeric:
            if source.is_counted and (found := self._range_of_counted()) is not None:
                return found
            source = self._source = self._uncounted(identifier(column.name))
            value = f"CAST({source.value} AS DOUBLE)"
            parts = f"min({source.value}), max({source.value}), avg({value}), median({value}), {_deviation(value)}, NULL, NULL"
        elif column.type in (ColumnType.DATE, ColumnType.TIMESTAMP, ColumnType.TIME):
            parts = f"min({source.value}), max({source.value}), NULL, NULL, NULL, NULL, NULL"
        elif column.type is ColumnType.BOOLEAN:
            parts = "NULL, NULL, NULL, NULL, NULL, NULL, NULL"
        else:
            parts = f"NULL, NULL, NULL, NULL, NULL, min(length({source.value})), max(length({source.value}))"
        return self._db.one(f"SELECT {source.times}, {parts} FROM {source.relation}")

    def _range_of_counted(self) -> Row | None:
        """The numbers of a column of numbers; None where they are too large to be multiplied."""
        filled, low, high = self._db.one(f"SELECT sum(n), min(v), max(v) FROM {COUNTED}")
        if max(abs(low), abs(high)) >= _LARGEST_SQUARED:
            return None
        filled = int(filled)
        mean = float(self._db.one(f"SELECT sum(CAST(v AS DOUBLE) * n) / {filled} FROM {COUNTED}")[0])
        middle = ", ".join(f"min(v) FILTER (upto > {place})" for place in ((filled - 1) // 2, filled // 2))
        median, deviation = self._db.one(
            f"SELECT (SELECT median(v) FROM (SELECT CAST(unnest([{middle}]) AS DOUBLE) AS v FROM "
            f"(SELECT v, sum(n) OVER (ORDER BY v) AS upto FROM {COUNTED}))), "
            f"sqrt(sum(n * (CAST(v AS DOUBLE) - {mean!r}) ** 2) / {filled - 1}) FROM {COUNTED}"
        )
        return filled, low, high, mean, median, deviation, None, None

    def _histogram(self, column: Column, low: Any, high: Any) -> tuple[Bin, ...]:
        value = self._source.value
        if column.type.is_numeric:
            if column.type is ColumnType.INTEGER and high - low < BINS:
                return self._bins_of_whole_numbers(int(low), int(high))
            start, end = float(low), float(high)
            return self._bins(f"CAST({value} AS DOUBLE)", start, end, _number_edges(start, end))
        if column.type.is_temporal:
            start, end = _microseconds(low), _microseconds(high)
            return self._bins(f"epoch_us(CAST({value} AS TIMESTAMP))", start, end, _time_edges(column.type, start, end))
        return ()

    def _bins_of_whole_numbers(self, low: int, high: int) -> tuple[Bin, ...]:
        counts = self._counts(self._source.value)
        return tuple(Bin(value, value + 1, counts.get(value, 0)) for value in range(low, high + 1))

    def _bins(self, value: str, start: float, end: float, edges: list[tuple[float, JsonValue]]) -> tuple[Bin, ...]:
        """Each value is compared with the edges themselves, so the counts always agree with the edges shown."""
        if start == end:
            return (Bin(edges[0][1], edges[-1][1], sum(self._counts("0").values())),)
        steps = " ".join(f"WHEN {value} < {edge!r} THEN {number}" for number, (edge, _) in enumerate(edges[1:-1]))
        counts = self._counts(f"CASE {steps} ELSE {len(edges) - 2} END")
        return tuple(
            Bin(edges[number][1], edges[number + 1][1], counts.get(number, 0)) for number in range(len(edges) - 1)
        )

    def _counts(self, number: str) -> dict[int, int]:
        """How many values have each whole number."""
        source = self._source
        rows = self._db.rows(
            f"SELECT {number}, {source.times} FROM {source.relation} WHERE {source.value} IS NOT NULL GROUP BY 1"
        )
        return {int(value): int(count) for value, count in rows}


def _deviation(value: str) -> str:
    return f"CASE WHEN max(abs({value})) < {_LARGEST_SQUARED!r} THEN stddev_samp({value}) END"


def _finite(value: Any) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _short(value: JsonValue) -> JsonValue:
    if isinstance(value, str) and len(value) > _LONGEST_VALUE:
        return value[: _LONGEST_VALUE - 1] + "…"
    return value


def _number_edges(start: float, end: float) -> list[tuple[float, JsonValue]]:
    edges = [start, *(start * ((BINS - n) / BINS) + end * (n / BINS) for n in range(1, BINS)), end]
    return [(edge, edge) for edge in edges]


def _microseconds(value: dt.date | dt.datetime) -> int:
    moment = value if isinstance(value, dt.datetime) else dt.datetime.combine(value, dt.time())
    return (moment - _EPOCH) // dt.timedelta(microseconds=1)


def _time_edges(kind: ColumnType, start: int, end: int) -> list[tuple[float, JsonValue]]:
    """Dates are binned in whole days."""
    unit = _MICROSECONDS_A_DAY if kind is ColumnType.DATE else 1
    bins = max(1, min(BINS, (end - start) // unit))
    edges = [start + (end - start) * number // bins // unit * unit for number in range(bins)] + [end]
    return [(edge, _iso(kind, edge)) for edge in edges]


def _iso(kind: ColumnType, microseconds: int) -> str:
    moment = _EPOCH + dt.timedelta(microseconds=microseconds)
    return moment.date().isoformat() if kind is ColumnType.DATE else moment.isoformat()
