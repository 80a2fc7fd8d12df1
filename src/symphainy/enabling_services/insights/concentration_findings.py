"""Few groups that hold most of a total, and more of it than their number of rows explains."""

from __future__ import annotations

import math
import random
from typing import Final

from symphainy.enabling_services.database import identifier
from symphainy.enabling_services.insights.candidates import FALSE_DISCOVERY_RATE, Candidate, Tests, Workbench
from symphainy.enabling_services.insights.charts import bar_chart
from symphainy.enabling_services.insights.operands import is_averaged
from symphainy.enabling_services.insights.query import Operand
from symphainy.enabling_services.insights.roles import Grouping, Measure
from symphainy.enabling_services.insights.statistics import normal_two_sided
from symphainy.enabling_services.insights.writing import finding_of, number, numbers_of
from symphainy.enabling_services.json_values import Json

_FEWEST_GROUPS: Final = 10
_TOP: Final = 0.2
_LEAST: Final = 0.45
_BEYOND: Final = 1.25
_ROWS: Final = 8_000
_SHUFFLES: Final = 30
_BARS: Final = 20


def concentration_candidates(bench: Workbench, tests: Tests) -> list[Candidate]:
    """Compared with the same rows dealt out at random (30 times, always the same way)."""
    found: list[Candidate] = []
    for i, grouping in enumerate(bench.roles.groupings):
        if grouping.groups < _FEWEST_GROUPS:
            continue
        for j, measure in enumerate(bench.roles.measures):
            if measure.kind != "number" or is_averaged(Operand(measure.label, measure.sql, "number", measure.source)):
                continue
            candidate = _candidate(bench, tests, i, j, grouping, measure)
            if candidate is not None:
                found.append(candidate)
    return found


def _candidate(
    bench: Workbench, tests: Tests, i: int, j: int, grouping: Grouping, measure: Measure
) -> Candidate | None:
    row = bench.db.one(
        f"SELECT min(m{j}), sum(s) FILTER (place <= {_TOP} * groups) / nullif(sum(s), 0), sum(n) FILTER (place <= "
        f"{_TOP} * groups) / sum(n) "
        f"FROM (SELECT min(m{j}) AS m{j}, sum(m{j}) AS s, count(m{j})::DOUBLE AS n, row_number() OVER (ORDER BY "
        f"sum(m{j}) DESC) AS place, "
        f"count(*) OVER () AS groups FROM {bench.sample} WHERE g{i} IS NOT NULL AND m{j} IS NOT NULL GROUP BY g{i})"
    )
    if row[0] is None or float(row[0]) < 0 or row[1] is None or float(row[1]) < _LEAST:
        return None
    share, of_rows = float(row[1]), float(row[2])
    if share < _BEYOND * of_rows:
        return None
    rows = bench.db.rows(
        f"SELECT g{i}, m{j} FROM {bench.sample} WHERE g{i} IS NOT NULL AND m{j} IS NOT NULL ORDER BY hash(n) "
        f"LIMIT {_ROWS}"
    )
    groups = [str(group) for group, _ in rows]
    values = [float(value) for _, value in rows]
    seen = _top_share(groups, values)
    rng = random.Random(1)
    dealt: list[float] = []
    for _ in range(_SHUFFLES):
        rng.shuffle(values)
        dealt.append(_top_share(groups, values))
    mean = sum(dealt) / len(dealt)
    deviation = math.sqrt(sum((value - mean) ** 2 for value in dealt) / (len(dealt) - 1)) or 1e-9
    p = normal_two_sided((seen - mean) / deviation)
    tests.add(p)
    if p >= FALSE_DISCOVERY_RATE / 100 or seen < mean * _BEYOND:
        return None
    test: Json = {
        "name": "share of the top fifth against rows dealt out at random",
        "p": p,
        "effect": round(seen - mean, 4),
    }
    return Candidate(
        "concentration",
        p,
        share,
        (grouping.name, measure.label),
        lambda: _text(bench, grouping, measure),
        test,
        0.8,
    )


def _top_share(groups: list[str], values: list[float]) -> float:
    totals: dict[str, float] = {}
    for group, value in zip(groups, values, strict=True):
        totals[group] = totals.get(group, 0.0) + value
    ordered = sorted(totals.values(), reverse=True)
    whole = sum(ordered)
    return sum(ordered[: int(_TOP * len(ordered))]) / whole if whole else 0.0


def _text(bench: Workbench, grouping: Grouping, measure: Measure) -> Json | None:
    totals = (
        f"SELECT {grouping.sql} AS g, sum({measure.sql}) AS s, count({measure.sql}) AS n FROM "
        f"{identifier(bench.table)} "
        f"WHERE {grouping.sql} IS NOT NULL AND {measure.sql} IS NOT NULL GROUP BY 1"
    )
    ranked = f"SELECT *, row_number() OVER (ORDER BY s DESC, g) AS place, count(*) OVER () AS groups FROM ({totals})"
    top = f"place <= {_TOP} * groups"
    sql = (
        f"SELECT count(*) FILTER ({top}) AS top_groups, count(*) AS groups, sum(s) FILTER ({top}) AS "
        "total_of_top, sum(s) AS total, "
        f"sum(s) FILTER ({top}) / sum(s) AS share_of_total, sum(n) FILTER ({top}) / sum(n) AS share_of_rows FROM "
        f"({ranked})"
    )
    numbers = numbers_of(bench, sql)
    statement = (
        f"{number(numbers['top_groups'])} of {number(numbers['groups'])} values of {grouping.name} hold "
        f"{number(numbers['share_of_total'], percent=True)} of "
        f"all {measure.label} ({number(numbers['total_of_top'])} of {number(numbers['total'])}) with "
        f"{number(numbers['share_of_rows'], percent=True)} of the rows."
    )
    rows = bench.db.rows(
        f"SELECT g, s FROM ({totals.replace(identifier(bench.table), bench.relation, 1)}) ORDER BY s DESC, g "
        f"LIMIT {_BARS}"
    )
    values: list[Json] = [{"x": str(group), "y": float(total)} for group, total in rows]
    title = f"Total {measure.label} of the largest {len(values)} of {grouping.name}"
    return finding_of(
        "concentration",
        f"Few of {grouping.name} hold most of {measure.label}",
        statement,
        formula=f"share of the largest fifth of {grouping.name} in the total of {measure.label}",
        numbers=numbers,
        rows=bench.roles.rows,
        sql=sql,
        rows_sql=f"SELECT g AS {identifier(grouping.name)}, s AS total, n AS rows FROM ({ranked}) ORDER BY place",
        recommendation=(
            f"Losing one of these {number(numbers['top_groups'])} would be felt: know what holds them, and "
            f"who could take their place."
        ),
        chart=bar_chart(title, values, x_title=grouping.name, y_title=f"total {measure.label}"),
    )
