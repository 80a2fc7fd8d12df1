"""Groups that stand out (anomaly), groups that differ (comparison), and groups that vary more (distribution)."""

from __future__ import annotations

import statistics as plain_statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from symphainy.enabling_services.database import identifier, literal
from symphainy.enabling_services.insights.candidates import FALSE_DISCOVERY_RATE, Candidate, Workbench
from symphainy.enabling_services.insights.group_scan import Cell, Scan
from symphainy.enabling_services.insights.roles import is_lateness
from symphainy.enabling_services.insights.statistics import chi_squared_tail
from symphainy.enabling_services.insights.writing import (
    bar_of,
    finding_of,
    listed,
    measured,
    number,
    numbers_of,
)
from symphainy.enabling_services.json_values import Json

_PLACE: Final = 0.15
"""A group stands out if a row of it is higher than another row with a chance of at least 65 % (or at most 35 %)."""
_RATE: Final = 0.12
_TAIL: Final = 0.3
_DIFFERENT: Final = 0.02
_SPREAD: Final = 0.08
_MOST_GROUPS_SHOWN: Final = 40
_NAMED: Final = 8
_ALIKE: Final = 0.05
_HIDDEN: Final = 0.07
_SINGLE: Final = 0.01


@dataclass(frozen=True, slots=True)
class Odd:
    """Groups of one scan that stand out in one direction. `tail` is the tail they are in, None for the whole."""

    scan: Scan
    cells: tuple[Cell, ...]
    high: bool
    tail: int | None
    p: float
    effect: float


def group_candidates(
    bench: Workbench, scans: Sequence[Scan], q: Sequence[float], p: Sequence[float]
) -> list[Candidate]:
    found: list[Candidate] = []
    for scan in scans:
        odd = _odd(scan, q, p)
        found.extend(_anomaly(bench, item) for item in odd)
        set_apart = {cell.group for item in odd for cell in item.cells}
        rest = _without(scan, set_apart) if set_apart else (scan.effect, p[scan.test] if scan.test is not None else 1.0)
        believed = scan.test is not None and q[scan.test] < FALSE_DISCOVERY_RATE
        if (
            believed
            and rest[0] >= _DIFFERENT
            and rest[1] < FALSE_DISCOVERY_RATE
            and len(scan.cells) <= _MOST_GROUPS_SHOWN
        ):
            found.append(_comparison(bench, scan, p[scan.test or 0]))
        elif not set_apart and not (believed and scan.effect >= _DIFFERENT / 2) and _varies(scan, q):
            found.append(_spread(bench, scan, p[scan.spread_test or 0]))
    return found


def _varies(scan: Scan, q: Sequence[float]) -> bool:
    test = scan.spread_test
    return test is not None and q[test] < FALSE_DISCOVERY_RATE and scan.spread_effect >= _SPREAD


def _odd(scan: Scan, q: Sequence[float], p: Sequence[float]) -> list[Odd]:
    """Few groups far from the others: at most a third of them, more than 3 robust deviations away, and significant."""
    if len(scan.cells) < 4:
        return []
    places = [_position(scan, cell) for cell in scan.cells if cell.n >= 4]
    middle = plain_statistics.median(places)
    deviation = 1.4826 * plain_statistics.median(abs(place - middle) for place in places)
    least = _RATE if scan.measure.kind == "share" else _PLACE
    found: list[Odd] = []
    taken: set[str] = set()
    for high in (True, False):
        cells = [
            cell
            for cell in scan.cells
            if cell.test is not None
            and q[cell.test] < FALSE_DISCOVERY_RATE
            and (_position(scan, cell) > middle) is high
            and abs(_position(scan, cell) - middle) >= max(least, 3 * deviation)
        ]
        if cells and len(cells) <= max(1, len(scan.cells) // 3):
            effect = min(1.0, 2 * plain_statistics.mean(abs(_position(scan, cell) - middle) for cell in cells))
            found.append(Odd(scan, tuple(cells), high, None, min(p[cell.test or 0] for cell in cells), effect))
            taken |= {cell.group for cell in cells}
    if not found and scan.test is not None and q[scan.test] < FALSE_DISCOVERY_RATE:
        found.extend(_odd_ones_out(scan, p))
        taken |= {cell.group for item in found for cell in item.cells}
    if scan.measure.kind != "share":
        found.extend(_odd_tails(scan, q, p, taken))
    return found


def _odd_ones_out(scan: Scan, p: Sequence[float]) -> list[Odd]:
    """Of groups that differ, the few without which the others do not: found where they hide each other."""
    cells = sorted((cell for cell in scan.cells if cell.test is not None), key=lambda cell: cell.rank_sum / cell.n)
    least = _HIDDEN
    for count in range(1, len(scan.cells) // 3 + 1):
        for high in (True, False):
            apart = cells[-count:] if high else cells[:count]
            names = {cell.group for cell in apart}
            others = [cell for cell in scan.cells if cell.group not in names]
            rest = sum(cell.n for cell in others)
            if not rest or _without(scan, names)[1] < _ALIKE:
                continue
            middle = sum(cell.rank_sum for cell in others) / rest
            apart_by = [abs(cell.rank_sum / cell.n - middle) / scan.whole.n for cell in apart]
            if min(apart_by) >= least and all(p[cell.test or 0] < _SINGLE for cell in apart):
                effect = min(1.0, 2 * plain_statistics.mean(apart_by))
                return [Odd(scan, tuple(apart), high, None, min(p[cell.test or 0] for cell in apart), effect)]
    return []


def _odd_tails(scan: Scan, q: Sequence[float], p: Sequence[float], taken: set[str]) -> list[Odd]:
    """Groups with far more extreme rows than others, though most of their rows are ordinary."""
    found: list[Odd] = []
    for k in (0, 2, 1, 3):
        base = scan.whole.tails[k] / max(1, scan.whole.n)
        cells = [
            cell
            for cell in scan.cells
            if cell.group not in taken
            and cell.tail_tests
            and (test := cell.tail_tests[k]) is not None
            and q[test] < FALSE_DISCOVERY_RATE
            and cell.tails[k] / cell.n >= max(_TAIL, 3 * base)
        ]
        if cells and len(cells) <= max(1, len(scan.cells) // 4):
            effect = plain_statistics.mean(cell.tails[k] / cell.n for cell in cells)
            tests = [test for cell in cells if (test := cell.tail_tests[k]) is not None]
            found.append(Odd(scan, tuple(cells), k in (0, 1), k, min(p[test] for test in tests), effect))
            taken |= {cell.group for cell in cells}
    return found


def _position(scan: Scan, cell: Cell) -> float:
    return cell.tails[0] / cell.n if scan.measure.kind == "share" else cell.place


def _without(scan: Scan, apart: set[str]) -> tuple[float, float]:
    """Effect and p of the difference between the groups that do not stand out."""
    cells = [cell for cell in scan.cells if cell.group not in apart]
    total = sum(cell.n for cell in cells)
    if len(cells) < 2 or total < 20:
        return 0.0, 1.0
    mean = sum(cell.rank_sum for cell in cells) / total
    between = sum(cell.n * (cell.rank_sum / cell.n - mean) ** 2 for cell in cells)
    h = between / scan.whole.rank_variance
    freedom = len(cells) - 1
    return max(0.0, (h - freedom) / max(1, total - len(cells))), chi_squared_tail(h, freedom)


def _anomaly(bench: Workbench, odd: Odd) -> Candidate:
    scan = odd.scan
    names = [cell.group for cell in odd.cells]
    test: Json = {
        "name": "Wilcoxon rank sum of each group against all other rows"
        if odd.tail is None and scan.measure.kind != "share"
        else "exact hypergeometric test of each group against all rows",
        "p": odd.p,
        "effect": round(odd.effect, 4),
    }
    about = (scan.grouping.name, *sorted(names))
    return Candidate(
        "anomaly",
        odd.p,
        odd.effect,
        about,
        lambda: _anomaly_text(bench, odd, names),
        test,
        1.0 if len(names) <= 12 else 0.8,
    )


def _anomaly_text(bench: Workbench, odd: Odd, names: Sequence[str]) -> Json | None:
    scan, measure = odd.scan, odd.scan.measure
    inside = f"{scan.grouping.sql} IN ({', '.join(map(literal, names))})"
    others = f"{scan.grouping.sql} IS NOT NULL AND NOT ({inside})"
    value = measure.sql
    sql = (
        f"SELECT count({value}) FILTER ({inside}) AS rows_of_these, avg({value}) FILTER ({inside}) AS mean_of_these, "
        f"median({value}) FILTER ({inside}) AS median_of_these, count({value}) FILTER ({others}) AS rows_of_others, "
        f"avg({value}) FILTER ({others}) AS mean_of_others, median({value}) FILTER ({others}) AS median_of_others "
        f"FROM {identifier(bench.table)}"
    )
    numbers = numbers_of(bench, sql)
    noun = scan.grouping.name
    who = listed([str(name) for name in names], _NAMED)
    one = len(names) == 1
    if measure.kind == "share":
        title = f"{who} stand{'s' if one else ''} out in {noun}: {measure.label}"
        statement = (
            f"{measure.label} in {number(numbers['mean_of_these'], percent=True)} of the rows for {who} "
            f"({number(numbers['rows_of_these'])} rows by {noun}), and in "
            f"{number(numbers['mean_of_others'], percent=True)} of "
            f"the other {number(numbers['rows_of_others'])} rows."
        )
    else:
        direction = "higher" if odd.high else "lower"
        how = "far more extreme values" if odd.tail is not None else f"{direction} {measure.label}"
        title = f"{who} stand{'s' if one else ''} out in {noun}: {how}"
        if odd.tail is not None:
            title = f"{who} in {noun} {'has' if one else 'have'} far more extreme values of {measure.label}"
        statement = (
            f"{measure.label} is {measured(numbers['mean_of_these'], measure)} on average (median "
            f"{number(numbers['median_of_these'])}) for {who} ({number(numbers['rows_of_these'])} rows by {noun}), and "
            f"{measured(numbers['mean_of_others'], measure)} (median {number(numbers['median_of_others'])}) in "
            "the other "
            f"{number(numbers['rows_of_others'])} rows."
        )
    order = f"ORDER BY {value} {'DESC' if odd.high else 'ASC'}"
    rows_sql = f"SELECT * FROM {identifier(bench.table)} WHERE {inside} AND {value} IS NOT NULL {order}"
    return finding_of(
        "anomaly",
        title,
        statement,
        formula=f"mean and median of {measure.label} in rows of these groups and in all other rows of {noun}",
        numbers=numbers,
        rows=int(numbers["rows_of_these"] or 0),
        sql=sql,
        rows_sql=rows_sql,
        recommendation=_advice(odd, who),
        chart=bar_of(bench, scan.grouping, measure, names, f"{_mean_title(scan)}"),
    )


def _mean_title(scan: Scan) -> str:
    share = scan.measure.kind == "share"
    return f"{'Share of rows with' if share else 'Average'} {scan.measure.label} by {scan.grouping.name}"


def _advice(odd: Odd, who: str) -> str:
    if is_lateness(odd.scan.measure):
        if odd.high:
            return f"Follow up on the open items of {who}, and review what was agreed with them on payment or delivery."
        return f"Find out what {who} do differently; it may work for the others."
    return (
        f"Look at a sample of the rows of {who} beside rows of the others before drawing conclusions: the data says "
        "that they differ, not why."
    )


def _comparison(bench: Workbench, scan: Scan, p: float) -> Candidate:
    test: Json = {"name": "Kruskal-Wallis test", "p": p, "effect": round(scan.effect, 4)}
    about = (scan.grouping.name, scan.measure.label)
    return Candidate(
        "comparison", p, min(1.0, scan.effect * 2.5), about, lambda: _comparison_text(bench, scan), test, 0.9
    )


def _comparison_text(bench: Workbench, scan: Scan) -> Json | None:
    measure, noun, value = scan.measure, scan.grouping.name, scan.measure.sql
    ordered = sorted((cell for cell in scan.cells if cell.n >= 5), key=lambda cell: _position(scan, cell))
    low, high = ordered[0].group, ordered[-1].group

    def part(name: str, group: str) -> str:
        inside = f"{scan.grouping.sql} = {literal(group)}"
        return f"count({value}) FILTER ({inside}) AS rows_{name}, avg({value}) FILTER ({inside}) AS mean_{name}"

    sql = (
        f"SELECT {part('highest', high)}, {part('lowest', low)}, avg({value}) AS mean_of_all, count({value}) AS "
        "rows_of_all "
        f"FROM {identifier(bench.table)} WHERE {scan.grouping.sql} IS NOT NULL"
    )
    numbers = numbers_of(bench, sql)
    percent = measure.kind == "share"
    statement = (
        f"{measure.label} differs between the groups of {noun}: {number(numbers['mean_highest'], percent=percent)} "
        f"{'of rows' if percent else 'on average'} for {high} ({number(numbers['rows_highest'])} rows) and "
        f"{number(numbers['mean_lowest'], percent=percent)} for {low} ({number(numbers['rows_lowest'])} rows); "
        "over all rows it is "
        f"{number(numbers['mean_of_all'], percent=percent)}."
    )
    group_rows = f"SELECT {scan.grouping.sql} AS {identifier(noun)}, count({value}) AS rows, avg({value}) AS mean FROM "
    rows_sql = f"{group_rows}{identifier(bench.table)} WHERE {scan.grouping.sql} IS NOT NULL GROUP BY 1 ORDER BY 3 DESC"
    return finding_of(
        "comparison",
        f"{measure.label} differs by {noun}",
        statement,
        formula=f"mean of {measure.label} in each group of {noun}; groups are compared by their ranks",
        numbers=numbers,
        rows=int(numbers["rows_of_all"] or 0),
        sql=sql,
        rows_sql=rows_sql,
        recommendation=None,
        chart=bar_of(bench, scan.grouping, measure, (high, low), _mean_title(scan)),
    )


def _spread(bench: Workbench, scan: Scan, p: float) -> Candidate:
    test: Json = {
        "name": "chi-squared test of the share of rows in the outer fifth",
        "p": p,
        "effect": round(scan.spread_effect, 4),
    }
    about = (scan.grouping.name, scan.measure.label)
    effect = min(1.0, 2 * scan.spread_effect)
    return Candidate("distribution", p, effect, about, lambda: _spread_text(bench, scan), test, 0.75)


def _spread_text(bench: Workbench, scan: Scan) -> Json | None:
    measure, noun, value = scan.measure, scan.grouping.name, scan.measure.sql
    ordered = sorted(scan.cells, key=lambda cell: (cell.tails[0] + cell.tails[2]) / cell.n)
    low, high = ordered[0].group, ordered[-1].group

    def part(name: str, group: str) -> str:
        inside = f"{scan.grouping.sql} = {literal(group)}"
        return (
            f"count({value}) FILTER ({inside}) AS rows_{name}, quantile_cont({value}, 0.9) FILTER ({inside}) - "
            f"quantile_cont({value}, 0.1) FILTER ({inside}) AS range_{name}"
        )

    sql = f"SELECT {part('widest', high)}, {part('narrowest', low)} FROM {identifier(bench.table)}"
    numbers = numbers_of(bench, sql)
    statement = (
        f"{measure.label} varies more for {noun} {high} than for {low}: the middle 80 % of the rows span "
        f"{number(numbers['range_widest'])} for {high} ({number(numbers['rows_widest'])} rows) and "
        f"{number(numbers['range_narrowest'])} for {low} ({number(numbers['rows_narrowest'])} rows)."
    )
    return finding_of(
        "distribution",
        f"{measure.label} varies more for some groups of {noun}",
        statement,
        formula=f"range between the 10 % and the 90 % quantile of {measure.label} in each group of {noun}",
        numbers=numbers,
        rows=int(numbers["rows_widest"] or 0) + int(numbers["rows_narrowest"] or 0),
        sql=sql,
        rows_sql=f"SELECT * FROM {identifier(bench.table)} WHERE {scan.grouping.sql} = {literal(high)} ORDER BY {value} DESC",
        recommendation=None,
        chart=None,
    )
