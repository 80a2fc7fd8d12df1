"""Measures that change over time: steadily, or from a certain time on."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from symphainy.enabling_services.database import identifier
from symphainy.enabling_services.insights.candidates import FALSE_DISCOVERY_RATE, Candidate, Tests, Workbench, mean_rank
from symphainy.enabling_services.insights.charts import line_chart
from symphainy.enabling_services.insights.roles import Measure
from symphainy.enabling_services.insights.statistics import rank_correlation_p
from symphainy.enabling_services.insights.writing import finding_of, number, numbers_of
from symphainy.enabling_services.json_values import Json

_LEAST_RHO: Final = 0.1
_LEAST_SHIFT: Final = 0.07
_BROKEN: Final = 9.0
"""The F value of two lines against one from which the trend is called broken: far beyond chance, as the best of all breaks
is taken."""
_MOST_BUCKETS: Final = 120


@dataclass(frozen=True, slots=True)
class Bucket:
    start: str
    n: int
    rank_sum: float
    mean: float


@dataclass(frozen=True, slots=True)
class Course:
    """A measure over the buckets of a time column. `shift` is how far the mean ranks before and after the strongest break
    are apart, as a share of all rows."""

    time: str
    unit: str
    measure: Measure
    buckets: tuple[Bucket, ...]
    rho: float
    n: int
    rho_test: int
    shift: float
    shift_test: int


def scan_courses(bench: Workbench, tests: Tests) -> list[Course]:
    found: list[Course] = []
    for i, time in _independent_times(bench):
        unit = _unit(bench, i)
        if unit is None:
            continue
        for j, measure in enumerate(bench.roles.measures):
            if time not in measure.source:
                course = _course(bench, tests, i, time, unit, j, measure)
                if course is not None:
                    found.append(course)
    return found


def _independent_times(bench: Workbench) -> list[tuple[int, str]]:
    """The first time column, and others that do not simply follow it."""
    times = list(enumerate(bench.roles.times))[:3]
    kept = times[:1]
    for i, name in times[1:]:
        first = kept[0][0]
        row = bench.db.one(f"SELECT corr(epoch(t{first}), epoch(t{i})) FROM {bench.sample}")
        if row[0] is not None and abs(float(row[0])) < 0.9:
            kept.append((i, name))
    return kept


def _unit(bench: Workbench, i: int) -> str | None:
    """The coarsest unit that still gives a dozen buckets."""
    row = bench.db.one(f"SELECT min(t{i}), max(t{i}) FROM {bench.sample}")
    if row[0] is None:
        return None
    days = (row[1] - row[0]).total_seconds() / 86_400
    for unit, length in (
        ("year", 365.25),
        ("quarter", 91.3),
        ("month", 30.4),
        ("week", 7.0),
        ("day", 1.0),
        ("hour", 1 / 24),
    ):
        if days / length >= (24 if unit in ("year", "quarter") else 12):
            return unit
    return None


def _course(bench: Workbench, tests: Tests, i: int, time: str, unit: str, j: int, measure: Measure) -> Course | None:
    rows = bench.db.rows(
        f"SELECT date_trunc('{unit}', t{i})::TIMESTAMP AS b, count(r{j}), sum(r{j}), avg(m{j}) FROM {bench.sample} "
        f"WHERE t{i} IS NOT NULL AND r{j} IS NOT NULL GROUP BY 1 ORDER BY 1"
    )
    buckets = tuple(Bucket(row[0].isoformat(), int(row[1]), float(row[2]), float(row[3])) for row in rows)
    total = sum(bucket.n for bucket in buckets)
    if total < 40 or len(buckets) < 6:
        return None
    row = bench.db.one(
        f"SELECT corr(rt, r{j}) FROM (SELECT r{j}, {mean_rank(f't{i}')} AS rt FROM {bench.sample} "
        f"WHERE t{i} IS NOT NULL AND r{j} IS NOT NULL)"
    )
    rho = float(row[0]) if row[0] is not None and row[0] == row[0] else 0.0
    p_shift, shift = _pettitt(buckets, total)
    return Course(
        time, unit, measure, buckets, rho, total, tests.add(rank_correlation_p(rho, total)), shift, tests.add(p_shift)
    )


def _pettitt(buckets: Sequence[Bucket], total: int) -> tuple[float, float]:
    """p of a change somewhere (Pettitt, 1979), looked for between buckets, and the largest difference of mean ranks. Ties
    make the p too large, never too small."""
    mean = sum(bucket.rank_sum for bucket in buckets) / total
    before, ranks, largest, shift = 0, 0.0, 0.0, 0.0
    for bucket in buckets[:-1]:
        before += bucket.n
        ranks += bucket.rank_sum
        u = 2 * (ranks - before * mean)
        if abs(u) > largest:
            largest = abs(u)
            after = total - before
            shift = abs((mean * total - ranks) / after - ranks / before) / total
    p = min(1.0, 2 * math.exp(max(-690.0, -6 * largest**2 / (total**3 + total**2))))
    return max(p, 1e-300), shift


def trend_candidates(
    bench: Workbench, courses: Sequence[Course], q: Sequence[float], p: Sequence[float]
) -> list[Candidate]:
    found: list[Candidate] = []
    for course in courses:
        steady = q[course.rho_test] < FALSE_DISCOVERY_RATE and abs(course.rho) >= _LEAST_RHO
        shifted = q[course.shift_test] < FALSE_DISCOVERY_RATE and course.shift >= _LEAST_SHIFT
        if not steady and not shifted:
            continue
        at = broken_at(course.buckets)
        best = course.shift_test if at is not None or not steady else course.rho_test
        effect = min(1.0, max(abs(course.rho) * 1.4, course.shift * 2.2))
        name = "Pettitt test of a change" if best == course.shift_test else "Spearman rank correlation with time"
        test: Json = {"name": name, "p": p[best], "effect": round(effect, 4)}
        about = (course.time, course.measure.label)
        found.append(
            Candidate(
                "trend",
                p[best],
                effect,
                about,
                lambda course=course, at=at: (
                    _broken_text(bench, course, at) if at is not None else _steady_text(bench, course)
                ),
                test,
                1.0 if at is not None else 0.95,
            )
        )
    return found


def broken_at(buckets: Sequence[Bucket]) -> int | None:
    """The bucket with which a second straight line begins that fits far better than one line through all; None if one line
    is enough. Buckets count by their rows."""
    weights = [float(bucket.n) for bucket in buckets]
    values = [bucket.mean for bucket in buckets]
    count = len(buckets)
    if count < 8:
        return None
    single = _misfit(values, weights, 0, count)
    best, at = math.inf, 0
    for start in range(3, count - 2):
        both = _misfit(values, weights, 0, start) + _misfit(values, weights, start, count)
        if both < best:
            best, at = both, start
    if best <= 0:
        return at if single > 0 else None
    f = ((single - best) / 3) / (best / max(1, count - 5))
    return at if f >= _BROKEN else None


def _misfit(values: Sequence[float], weights: Sequence[float], start: int, end: int) -> float:
    """Weighted sum of squares around the best straight line."""
    span = range(start, end)
    total = sum(weights[k] for k in span)
    mx = sum(weights[k] * k for k in span) / total
    my = sum(weights[k] * values[k] for k in span) / total
    sxx = sum(weights[k] * (k - mx) ** 2 for k in span)
    sxy = sum(weights[k] * (k - mx) * (values[k] - my) for k in span)
    syy = sum(weights[k] * (values[k] - my) ** 2 for k in span)
    return max(0.0, syy - (sxy * sxy / sxx if sxx else 0.0))


def _steady_text(bench: Workbench, course: Course) -> Json | None:
    time, value, table = identifier(course.time), course.measure.sql, identifier(bench.table)
    first, last = _thirds(course.buckets)
    sql = (
        f"SELECT regr_slope({value}, epoch({time}::TIMESTAMP)) * {_SECONDS[course.unit]} AS change_per_{course.unit}, "
        f"avg({value}) FILTER ({time} < TIMESTAMP '{first}') AS mean_at_the_start, "
        f"avg({value}) FILTER ({time} >= TIMESTAMP '{last}') AS mean_at_the_end, count({value}) AS rows "
        f"FROM {table} WHERE {time} IS NOT NULL"
    )
    numbers = numbers_of(bench, sql)
    percent = course.measure.kind == "share"
    rises = course.rho > 0
    statement = (
        f"{course.measure.label} {'rises' if rises else 'falls'} over time: from "
        f"{number(numbers['mean_at_the_start'], percent=percent)} "
        f"on average before {_day(first)} to {number(numbers['mean_at_the_end'], percent=percent)} from "
        f"{_day(last)} on "
        f"({number(numbers['rows'])} rows)."
    )
    return finding_of(
        "trend",
        f"{course.measure.label} {'rises' if rises else 'falls'} over {course.time}",
        statement,
        formula=(
            f"mean of {course.measure.label} in the first and the last third of the time, and the "
            f"least-squares slope for each {course.unit}"
        ),
        numbers=numbers,
        rows=int(numbers["rows"] or 0),
        sql=sql,
        rows_sql=_rows_sql(bench, course),
        recommendation=None,
        chart=_chart(bench, course, None),
    )


def _broken_text(bench: Workbench, course: Course, at: int) -> Json | None:
    time, value, table = identifier(course.time), course.measure.sql, identifier(bench.table)
    start = course.buckets[at].start
    before, after = f"{time} < TIMESTAMP '{start}'", f"{time} >= TIMESTAMP '{start}'"
    slope = f"regr_slope({value}, epoch({time}::TIMESTAMP))"
    sql = (
        f"SELECT {slope} FILTER ({before}) * {_SECONDS[course.unit]} AS change_per_{course.unit}_before, "
        f"{slope} FILTER ({after}) * {_SECONDS[course.unit]} AS change_per_{course.unit}_after, "
        f"avg({value}) FILTER ({before}) AS mean_before, avg({value}) FILTER ({after}) AS mean_after, "
        f"count({value}) FILTER ({before}) AS rows_before, count({value}) FILTER ({after}) AS rows_after FROM {table} "
        f"WHERE {time} IS NOT NULL"
    )
    numbers = numbers_of(bench, sql)
    percent = course.measure.kind == "share"
    day = _day(start)
    statement = (
        f"The course of {course.measure.label} changes at {day}: before, it is "
        f"{number(numbers['mean_before'], percent=percent)} on average and "
        f"changes by {_signed(numbers[f'change_per_{course.unit}_before'])} each {course.unit} "
        f"({number(numbers['rows_before'])} rows); since then "
        f"it is {number(numbers['mean_after'], percent=percent)} and changes by "
        f"{_signed(numbers[f'change_per_{course.unit}_after'])} each "
        f"{course.unit} ({number(numbers['rows_after'])} rows)."
    )
    return finding_of(
        "trend",
        f"The trend of {course.measure.label} breaks at {day}",
        statement,
        formula=(
            f"two straight lines through the {course.unit} means of {course.measure.label} fit far better "
            f"than one; the break is where they fit best"
        ),
        numbers=numbers,
        rows=int(numbers["rows_before"] or 0) + int(numbers["rows_after"] or 0),
        sql=sql,
        rows_sql=_rows_sql(bench, course),
        recommendation=f"Look for what changed around {day}: prices, processes, people or the way of recording.",
        chart=_chart(bench, course, start),
    )


_SECONDS: Final = {
    "hour": 3600,
    "day": 86_400,
    "week": 604_800,
    "month": 2_629_746,
    "quarter": 7_889_238,
    "year": 31_556_952,
}


def _thirds(buckets: Sequence[Bucket]) -> tuple[str, str]:
    return buckets[max(1, len(buckets) // 3)].start, buckets[
        min(len(buckets) - 1, len(buckets) - len(buckets) // 3)
    ].start


def _day(text: str) -> str:
    moment = dt.datetime.fromisoformat(text)
    return moment.date().isoformat() if moment.time() == dt.time() else moment.isoformat(" ", "minutes")


def _signed(value: int | float | None) -> str:
    return number(value) if value is None or value < 0 else f"+{number(value)}"


def _rows_sql(bench: Workbench, course: Course) -> str:
    time = identifier(course.time)
    return (
        f"SELECT date_trunc('{course.unit}', {time}) AS {identifier(course.unit)}, count({course.measure.sql}) AS "
        "rows, "
        f"avg({course.measure.sql}) AS mean FROM {identifier(bench.table)} WHERE {time} IS NOT NULL GROUP BY 1 "
        "ORDER BY 1"
    )


def _chart(bench: Workbench, course: Course, start: str | None) -> Json:
    time = identifier(course.time)
    rows = bench.db.rows(
        f"SELECT date_trunc('{course.unit}', {time})::TIMESTAMP AS b, avg({course.measure.sql}) FROM {bench.relation} "
        f"WHERE {time} IS NOT NULL GROUP BY 1 HAVING count({course.measure.sql}) > 0 ORDER BY 1"
    )
    every = max(1, len(rows) // (_MOST_BUCKETS * 4))
    values: list[Json] = [{"x": row[0].isoformat(), "y": float(row[1])} for row in rows[::every]]
    title = f"Average {course.measure.label} by {course.unit} of {course.time}"
    return line_chart(title, values, x_title=course.time, y_title=f"average {course.measure.label}", break_at=start)
