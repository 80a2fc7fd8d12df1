"""Measures that rise and fall together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from symphainy.enabling_services.database import identifier
from symphainy.enabling_services.insights.candidates import FALSE_DISCOVERY_RATE, Candidate, Tests, Workbench
from symphainy.enabling_services.insights.charts import point_chart
from symphainy.enabling_services.insights.roles import Measure
from symphainy.enabling_services.insights.statistics import rank_correlation_p
from symphainy.enabling_services.insights.writing import finding_of, number, numbers_of
from symphainy.enabling_services.json_values import Json

_LEAST: Final = 0.2
_SAME: Final = 0.995
_POINTS: Final = 600
_RANKED_ROWS: Final = 200_000


@dataclass(frozen=True, slots=True)
class Pair:
    one: int
    other: int
    rho: float
    n: int
    test: int


def scan_pairs(bench: Workbench, tests: Tests) -> list[Pair]:
    """Spearman's rank correlation of every two measures that are made of different columns."""
    measures = bench.roles.measures
    numeric = [j for j, measure in enumerate(measures) if measure.kind != "share"]
    pairs = [
        (a, b)
        for n, a in enumerate(numeric)
        for b in numeric[n + 1 :]
        if not set(measures[a].source) & set(measures[b].source)
    ]
    if not pairs:
        return []
    parts = ", ".join(f"corr(r{a}, r{b}), regr_count(r{a}, r{b})" for a, b in pairs)
    row = bench.db.one(f"SELECT {parts} FROM {bench.sample}")
    found: list[Pair] = []
    for k, (a, b) in enumerate(pairs):
        rho, n = row[2 * k], int(row[2 * k + 1])
        if rho is None or rho != rho or n < 20:
            continue
        found.append(Pair(a, b, float(rho), n, tests.add(rank_correlation_p(float(rho), n))))
    return found


def correlation_candidates(
    bench: Workbench, pairs: Sequence[Pair], q: Sequence[float], p: Sequence[float]
) -> list[Candidate]:
    measures = bench.roles.measures
    found: list[Candidate] = []
    for pair in pairs:
        if q[pair.test] >= FALSE_DISCOVERY_RATE or abs(pair.rho) < _LEAST:
            continue
        one, other = measures[pair.one], measures[pair.other]
        test: Json = {"name": "Spearman rank correlation", "p": p[pair.test], "effect": round(abs(pair.rho), 4)}
        found.append(
            Candidate(
                "correlation",
                p[pair.test],
                abs(pair.rho),
                (one.label, other.label),
                lambda one=one, other=other, rho=pair.rho: _text(bench, one, other, rho),
                test,
                0.85,
            )
        )
    return found


def _text(bench: Workbench, one: Measure, other: Measure, rho: float) -> Json | None:
    table = identifier(bench.table)
    both = f"{one.sql} IS NOT NULL AND {other.sql} IS NOT NULL"
    ranked = bench.roles.rows <= _RANKED_ROWS
    rank = ""
    source = f"(SELECT {one.sql} AS x, {other.sql} AS y FROM {table} WHERE {both})"
    if ranked:
        rank = "corr(rx, ry) AS rank_correlation, "
        ranks = ", ".join(
            f"rank() OVER (ORDER BY {v}) + (count(*) OVER (PARTITION BY {v}) - 1) / 2.0 AS r{v}" for v in ("x", "y")
        )
        source = f"(SELECT x, y, {ranks} FROM {source})"
    sql = f"SELECT {rank}corr(x, y) AS correlation, regr_slope(y, x) AS slope, count(*) AS rows FROM {source}"
    numbers = numbers_of(bench, sql)
    direction = "rises" if rho > 0 else "falls"
    told = numbers["rank_correlation"] if ranked else numbers["correlation"]
    name = "rank correlation" if ranked else "correlation"
    statement = (
        f"{other.label} {direction} with {one.label}: their {name} is {number(told)} over "
        f"{number(numbers['rows'])} rows. "
        "That they go together does not say that one causes the other."
    )
    if abs(rho) >= _SAME:
        statement = (
            f"{one.label} and {other.label} carry the same information: their {name} is {number(told)} over "
            f"{number(numbers['rows'])} rows."
        )
    points = bench.db.rows(
        f"SELECT x, y FROM (SELECT {one.sql} AS x, {other.sql} AS y, row_number() OVER () AS n FROM "
        f"{bench.relation} WHERE {both}) "
        f"ORDER BY hash(n) LIMIT {_POINTS}"
    )
    values: list[Json] = [{"x": float(x), "y": float(y)} for x, y in points]
    title = f"{other.label} against {one.label}"
    return finding_of(
        "correlation",
        f"{other.label} {direction} with {one.label}",
        statement,
        formula=f"Spearman's rank correlation and the least-squares slope of {other.label} on {one.label}"
        if ranked
        else f"Pearson's correlation and the least-squares slope of {other.label} on {one.label}",
        numbers=numbers,
        rows=int(numbers["rows"] or 0),
        sql=sql,
        rows_sql=f"SELECT * FROM {table} WHERE {both} ORDER BY {one.sql} DESC",
        recommendation=None,
        chart=point_chart(title, values, x_title=one.label, y_title=other.label, total=int(numbers["rows"] or 0)),
    )
