"""What a measure looks like over the whole table: extremes, mean, quantiles, and how many rows have which value."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from symphainy.enabling_services.database import Database

QUANTILES: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.99)


@dataclass(frozen=True, slots=True)
class Shape:
    """Of the rows that have the measure: how many, the extremes, the mean (None beyond what a double holds), `QUANTILES`.
    `values` is SQL for its values (`v`) and how many rows have each (`n`); the same value may come again."""

    rows: int
    smallest: float
    largest: float
    mean: float | None
    quantiles: Mapping[float, float]
    values: str


def shape_of(db: Database, relation: str, value: str) -> Shape:
    """`value` is SQL for a DOUBLE."""
    found = db.one(
        f"SELECT count({value}), min({value}), max({value}), avg({value}), "
        f"quantile_cont({value}, [{', '.join(map(str, QUANTILES))}]) FROM {relation}"
    )
    return _shape(found, f"(SELECT {value} AS v, 1 AS n FROM {relation} WHERE {value} IS NOT NULL)")


def shape_of_few(db: Database, relation: str, value: str, table: str) -> Shape:
    """The same for a measure with few different values, which is much faster: rows are only counted. Leaves them in `table`."""
    db.rows(
        f"CREATE TEMP TABLE {table} AS SELECT {value} AS v, count(*) AS n FROM {relation} WHERE {value} IS NOT NULL "
        "GROUP BY 1"
    )
    rows, *others = db.one(f"SELECT sum(n), min(v), max(v), sum(v * n) / sum(n) FROM {table}")
    return _shape((rows, *others, _quantiles(db, table, int(rows))), table)


def _quantiles(db: Database, table: str, rows: int) -> Sequence[float]:
    """As `quantile_cont` has them: between the two values next to the place."""
    places = [(rows - 1) * q for q in QUANTILES]
    bounds = ", ".join(f"min(v) FILTER (upto > {end})" for at in places for end in (math.floor(at), math.ceil(at)))
    found = db.one(f"SELECT {bounds} FROM (SELECT v, sum(n) OVER (ORDER BY v) AS upto FROM {table})")
    between = ", ".join(
        f"list_aggregate([{low!r}, {high!r}]::DOUBLE[], 'quantile_cont', {at - math.floor(at)!r}::DOUBLE)"
        for at, low, high in zip(places, found[::2], found[1::2], strict=True)
    )
    return db.one(f"SELECT {between}")


def _shape(found: Sequence[Any], values: str) -> Shape:
    rows, smallest, largest, mean, quantiles = found
    return Shape(
        int(rows),
        float(smallest),
        float(largest),
        float(mean) if math.isfinite(mean) else None,
        dict(zip(QUANTILES, map(float, quantiles), strict=True)),
        values,
    )
