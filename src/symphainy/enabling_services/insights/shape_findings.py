"""What one measure looks like by itself: values far outside, and (apart from the findings) its distribution."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from symphainy.enabling_services.database import identifier
from symphainy.enabling_services.insights.candidates import QUANTILES, Candidate, Workbench
from symphainy.enabling_services.insights.charts import histogram_chart
from symphainy.enabling_services.insights.roles import Measure, is_lateness
from symphainy.enabling_services.insights.statistics import normal_quantile, upper_quantile
from symphainy.enabling_services.insights.writing import finding_of, measured, number, numbers_of
from symphainy.enabling_services.json_values import Json

_FEWEST: Final = 50
_FEWEST_VALUES: Final = 15
_MOST_SHARE: Final = 0.02
_EXPECTED: Final = 0.001
"""An outlier lies where, if the tail went on as it begins, one value would be expected in a thousand such tables."""
_MARGIN: Final = 1.2
_BINS: Final = 40


@dataclass(frozen=True, slots=True)
class Fence:
    """Values below `low` or above `high` are outliers; None: no limit on that side."""

    low: float | None
    high: float | None


def outlier_candidates(bench: Workbench) -> list[Candidate]:
    found: list[Candidate] = []
    for measure in bench.roles.measures:
        if measure.kind == "share" or measure.distinct < _FEWEST_VALUES:
            continue
        fence = _fence(bench, measure)
        if fence is None:
            continue
        outside, n = _outside(measure, fence), bench.shape(measure).rows
        count = int(bench.db.one(f"SELECT count(*) FILTER ({outside}) FROM {bench.relation}")[0])
        if 0 < count <= max(1, _MOST_SHARE * n):
            test: Json = {"name": "extrapolated tail", "p": _EXPECTED, "effect": 1.0}
            effect = 0.6 + 0.3 * min(1.0, count / 20)
            found.append(
                Candidate(
                    "anomaly",
                    _EXPECTED / 10,
                    effect,
                    ("outliers", measure.label),
                    lambda measure=measure, outside=outside, fence=fence: _text(bench, measure, outside, fence),
                    test,
                    1.0,
                    _EXPECTED,
                )
            )
    return found


def _fence(bench: Workbench, measure: Measure) -> Fence | None:
    """On the scale (plain, cube root, logarithm) on which the middle of the values is most symmetric, the tails are taken to
    go on like those of a normal distribution whose width grows as it does between the 90 % and the 99 % quantile."""
    shape = bench.shape(measure)
    n = shape.rows
    if n < _FEWEST:
        return None
    quantiles = [shape.quantiles[q] for q in QUANTILES]
    if quantiles[8] <= quantiles[2]:
        return None
    scale = _scale(shape.smallest, quantiles)
    bent = [_bend(value, scale) for value in quantiles]
    z = upper_quantile(_EXPECTED / n)
    high = bent[5] + _MARGIN * z * _width(bent, n, z, upper=True)
    low = bent[5] - _MARGIN * z * _width(bent, n, z, upper=False)
    return Fence(_unbend(low, scale), _unbend(high, scale))


def _scale(smallest: float, quantiles: Sequence[float]) -> str:
    choices = ["plain"] + (["cube", "log"] if smallest > 0 else ["cube"] if smallest >= 0 else [])

    def skew(scale: str) -> float:
        low, middle, high = (_bend(quantiles[k], scale) for k in (2, 5, 8))
        return abs((high + low - 2 * middle) / (high - low)) if high > low else math.inf

    return min(choices, key=skew)


def _bend(value: float, scale: str) -> float:
    if scale == "log":
        return math.log(max(value, 1e-300))
    return math.copysign(abs(value) ** (1 / 3), value) if scale == "cube" else value


def _unbend(value: float, scale: str) -> float | None:
    if scale == "log":
        return math.exp(value) if value < 700 else None
    return value**3 if scale == "cube" else value


def _width(bent: Sequence[float], n: int, z: float, *, upper: bool) -> float:
    """Distance from the median to a quantile for each normal deviation; where it grows outwards it goes on growing."""
    ends = (6, 7, 8, 9, 10) if upper else (4, 3, 2, 1, 0)
    if n < 1_500:
        ends = ends[:-1]
    widths = [abs(bent[k] - bent[5]) / abs(normal_quantile(QUANTILES[k])) for k in ends]
    inner, outer = abs(normal_quantile(QUANTILES[ends[1]])), abs(normal_quantile(QUANTILES[ends[-1]]))
    growth = max(0.0, (widths[-1] - widths[1]) / (outer - inner))
    return max(max(widths), widths[-1] + growth * (z - outer))


def _outside(measure: Measure, fence: Fence) -> str:
    parts = [f"{measure.sql} < {fence.low!r}"] if fence.low is not None else []
    parts += [f"{measure.sql} > {fence.high!r}"] if fence.high is not None else []
    return "(" + " OR ".join(parts) + ")"


def _text(bench: Workbench, measure: Measure, outside: str, fence: Fence) -> Json | None:
    table, value = identifier(bench.table), measure.sql
    quantiles = f"quantile_cont({value}, [0.01, 0.5, 0.99])"
    sql = (
        f"SELECT count(*) FILTER ({outside}) AS outliers, min({value}) FILTER ({outside}) AS smallest_outlier, "
        f"max({value}) FILTER ({outside}) AS largest_outlier, {quantiles}[2] AS median, "
        f"{quantiles}[1] AS one_percent_below, {quantiles}[3] AS one_percent_above, "
        f"avg({value}) AS mean, avg({value}) FILTER (NOT {outside}) AS mean_without, count({value}) AS rows FROM "
        f"{table}"
    )
    numbers = numbers_of(bench, sql)
    count = int(numbers["outliers"] or 0)
    span = number(numbers["smallest_outlier"])
    if numbers["largest_outlier"] != numbers["smallest_outlier"]:
        span = f"between {span} and {number(numbers['largest_outlier'])}"
    statement = (
        f"{count:,} row{'s have' if count != 1 else ' has'} {measure.label} {span}, far from the median of "
        f"{measured(numbers['median'], measure)}; "
        f"98 % of all {number(numbers['rows'])} rows lie between {number(numbers['one_percent_below'])} and "
        f"{number(numbers['one_percent_above'])}."
    )
    limits = " and ".join(
        text
        for text in (
            f"below {number(fence.low)}" if fence.low is not None else "",
            f"above {number(fence.high)}" if fence.high is not None else "",
        )
        if text
    )
    return finding_of(
        "anomaly",
        f"{count:,} outlier{'s' if count != 1 else ''} in {measure.label}",
        statement,
        formula=f"values {limits}: where the tails of the distribution, gone on as they begin, leave 0.001 expected rows",
        numbers=numbers,
        rows=count,
        sql=sql,
        rows_sql=f"SELECT * FROM {table} WHERE {outside} ORDER BY {value} DESC",
        recommendation="Check these rows for typing errors and special cases before relying on averages; "
        "the median is hardly moved by them.",
        chart=histogram_of(bench, measure),
    )


def histogram_of(bench: Workbench, measure: Measure) -> Json:
    """Forty bins of equal width."""
    value = measure.sql
    low, high = bench.shape(measure).smallest, bench.shape(measure).largest
    width = (high - low) / _BINS or 1.0
    rows = bench.db.rows(
        f"SELECT least(floor(({value} - {low!r}) / {width!r}), {_BINS - 1})::INTEGER AS b, count(*) FROM "
        f"{bench.relation} "
        f"WHERE {value} IS NOT NULL GROUP BY 1"
    )
    counts = {int(b): int(n) for b, n in rows}
    values: list[Json] = [
        {"x": low + b * width, "x2": low + (b + 1) * width, "y": counts.get(b, 0)} for b in range(_BINS)
    ]
    return histogram_chart(f"Distribution of {measure.label}", values, x_title=measure.label)


def describe_measures(bench: Workbench) -> list[Json]:
    """The distribution of each measure in words: a fact about one column, true whatever the other columns are."""
    found: list[Json] = []
    for measure in bench.roles.measures:
        if measure.kind == "share" or len(found) >= 8:
            continue
        found.append(_late_days(bench, measure) if is_lateness(measure) else _description(bench, measure))
    return found


def _late_days(bench: Workbench, measure: Measure) -> Json:
    value, table = measure.sql, identifier(bench.table)
    parts = ", ".join(f"count(*) FILTER ({value} > {days}) AS more_than_{days}_days" for days in (0, 30, 60, 90))
    sql = f"SELECT {parts}, median({value}) AS median, count({value}) AS rows FROM {table}"
    shape = bench.shape(measure)
    numbers = numbers_of(bench, f"SELECT {parts} FROM {table}") | {"median": shape.quantiles[0.5], "rows": shape.rows}
    statement = (
        f"Of {number(numbers['rows'])} rows {number(numbers['more_than_0_days'])} are late, "
        f"{number(numbers['more_than_30_days'])} by more than 30 days "
        f"and {number(numbers['more_than_90_days'])} by more than 90 days; the median is "
        f"{number(numbers['median'])} days."
    )
    return finding_of(
        "distribution",
        f"How late: {measure.label}",
        statement,
        formula=f"number of rows by {measure.label}",
        numbers=numbers,
        rows=int(numbers["rows"] or 0),
        sql=sql,
        rows_sql=f"SELECT * FROM {table} WHERE {value} > 90 ORDER BY {value} DESC",
        recommendation=None,
        chart=histogram_of(bench, measure),
    )


def _description(bench: Workbench, measure: Measure) -> Json:
    value, table = measure.sql, identifier(bench.table)
    quantiles = f"quantile_cont({value}, [0.1, 0.5, 0.9])"  # three times the same: the engine sorts once
    sql = (
        f"SELECT avg({value}) AS mean, {quantiles}[2] AS median, {quantiles}[1] AS ten_percent_below, "
        f"{quantiles}[3] AS ten_percent_above, min({value}) AS smallest, max({value}) AS largest, "
        f"count({value}) AS rows FROM {table}"
    )
    shape = bench.shape(measure)
    numbers: dict[str, int | float | None] = {
        "mean": shape.mean,
        "median": shape.quantiles[0.5],
        "ten_percent_below": shape.quantiles[0.1],
        "ten_percent_above": shape.quantiles[0.9],
        "smallest": shape.smallest,
        "largest": shape.largest,
        "rows": shape.rows,
    }
    statement = (
        f"{measure.label} is {measured(numbers['mean'], measure)} on average and {number(numbers['median'])} in "
        "the middle; 80 % of "
        f"{number(numbers['rows'])} rows lie between {number(numbers['ten_percent_below'])} and "
        f"{number(numbers['ten_percent_above'])}."
    )
    return finding_of(
        "distribution",
        f"Distribution of {measure.label}",
        statement,
        formula=f"mean, median and quantiles of {measure.label}",
        numbers=numbers,
        rows=int(numbers["rows"] or 0),
        sql=sql,
        rows_sql=f"SELECT * FROM {table} ORDER BY {value} DESC NULLS LAST",
        recommendation=None,
        chart=histogram_of(bench, measure),
    )
