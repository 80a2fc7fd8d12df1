"""The numbers of one column."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any, Final

from symphainy.enabling_services.database import Database, Row, identifier
from symphainy.enabling_services.json_values import JsonValue
from symphainy.enabling_services.limits import Limits
from symphainy.enabling_services.parsed_file import Column, ColumnType
from symphainy.enabling_services.previewing import json_safe
from symphainy.enabling_services.profile import Bin, ColumnProfile, ValueCount

BINS: Final = 12
_TOP_VALUES: Final = 10
_LONGEST_VALUE: Final = 100
_EPOCH: Final = dt.datetime.combine(dt.date(1970, 1, 1), dt.time())
_MICROSECONDS_A_DAY: Final = 86_400_000_000


class ColumnProfiler:
    def __init__(self, db: Database, relation: str, rows: int, limits: Limits) -> None:
        self._db = db
        self._relation = relation
        self._rows = rows
        self._exact = rows <= limits.exact_distinct_rows

    def profile(self, column: Column, *, detailed: bool) -> ColumnProfile:
        """Counts are exact; distinct values above `Limits.exact_distinct_rows` rows are estimated (HyperLogLog)."""
        name = identifier(column.name)
        distinct, top = self._values(name, detailed=detailed)
        filled, low, high, mean, median, deviation, shortest, longest = self._range(column, name)
        histogram = self._histogram(column, name, low, high) if detailed and low is not None else ()
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

    def _values(self, name: str, *, detailed: bool) -> tuple[int, tuple[ValueCount, ...]]:
        """The most frequent values; equally frequent ones in their own order."""
        groups = f"SELECT {name} AS v, count(*) AS n FROM {self._relation} WHERE {name} IS NOT NULL GROUP BY 1"
        ordered = f"ORDER BY n DESC, v LIMIT {_TOP_VALUES}"
        if self._exact:
            rows = self._db.rows(
                f"WITH g AS MATERIALIZED ({groups}) SELECT v, n, (SELECT count(*) FROM g) FROM g {ordered}"
            )
            distinct = int(rows[0][2]) if rows else 0
        else:
            distinct = int(self._db.one(f"SELECT approx_count_distinct({name}) FROM {self._relation}")[0])
            candidates = f"(SELECT unnest(approx_top_k({name}, {_TOP_VALUES})) FROM {self._relation})"
            rows = self._db.rows(
                f"SELECT {name} AS v, count(*) AS n FROM {self._relation} WHERE {name} IN {candidates} GROUP BY 1 "
                f"{ordered}"
            )
        return distinct, tuple(ValueCount(_short(json_safe(row[0])), int(row[1])) for row in rows) if detailed else ()

    def _range(self, column: Column, name: str) -> Row:
        if column.type.is_numeric:
            value = f"CAST({name} AS DOUBLE)"
            parts = f"min({name}), max({name}), avg({value}), median({value}), {_deviation(value)}, NULL, NULL"
        elif column.type in (ColumnType.DATE, ColumnType.TIMESTAMP, ColumnType.TIME):
            parts = f"min({name}), max({name}), NULL, NULL, NULL, NULL, NULL"
        elif column.type is ColumnType.BOOLEAN:
            parts = "NULL, NULL, NULL, NULL, NULL, NULL, NULL"
        else:
            parts = f"NULL, NULL, NULL, NULL, NULL, min(length({name})), max(length({name}))"
        return self._db.one(f"SELECT count({name}), {parts} FROM {self._relation}")

    def _histogram(self, column: Column, name: str, low: Any, high: Any) -> tuple[Bin, ...]:
        if column.type.is_numeric:
            if column.type is ColumnType.INTEGER and high - low < BINS:
                return self._bins_of_whole_numbers(name, int(low), int(high))
            start, end = float(low), float(high)
            return self._bins(f"CAST({name} AS DOUBLE)", start, end, _number_edges(start, end))
        if column.type.is_temporal:
            start, end = _microseconds(low), _microseconds(high)
            return self._bins(f"epoch_us(CAST({name} AS TIMESTAMP))", start, end, _time_edges(column.type, start, end))
        return ()

    def _bins_of_whole_numbers(self, name: str, low: int, high: int) -> tuple[Bin, ...]:
        rows = self._db.rows(f"SELECT {name}, count(*) FROM {self._relation} WHERE {name} IS NOT NULL GROUP BY 1")
        counts = {int(value): int(count) for value, count in rows}
        return tuple(Bin(value, value + 1, counts.get(value, 0)) for value in range(low, high + 1))

    def _bins(self, value: str, start: float, end: float, edges: list[tuple[float, JsonValue]]) -> tuple[Bin, ...]:
        """Each value is compared with the edges themselves, so the counts always agree with the edges shown."""
        if start == end:
            count = int(self._db.one(f"SELECT count({value}) FROM {self._relation}")[0])
            return (Bin(edges[0][1], edges[-1][1], count),)
        steps = " ".join(f"WHEN {value} < {edge!r} THEN {number}" for number, (edge, _) in enumerate(edges[1:-1]))
        rows = self._db.rows(
            f"SELECT CASE {steps} ELSE {len(edges) - 2} END, count(*) FROM {self._relation} WHERE {value} IS NOT "
            "NULL GROUP BY 1"
        )
        counts = {int(number): int(count) for number, count in rows}
        return tuple(
            Bin(edges[number][1], edges[number + 1][1], counts.get(number, 0)) for number in range(len(edges) - 1)
        )


def _deviation(value: str) -> str:
    """The engine refuses to overflow; values that large have no useful deviation."""
    return f"CASE WHEN max(abs({value})) < 1e150 THEN stddev_samp({value}) END"


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
