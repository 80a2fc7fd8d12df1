"""How the rows of each group compare with all others, in every measure: one pass a grouping over the ranks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from symphainy.enabling_services.insights.candidates import Tests, Workbench
from symphainy.enabling_services.insights.roles import Grouping, Measure
from symphainy.enabling_services.insights.statistics import (
    chi_squared_tail,
    hypergeometric_tail,
    normal_two_sided,
)

TAILS: Final = (("high10", 0.9, True), ("high1", 0.99, True), ("low10", 0.1, False), ("low1", 0.01, False))
_FEWEST: Final = 4
_FEWEST_RANKED: Final = 8
_FEWEST_TIED: Final = 30


@dataclass(frozen=True, slots=True)
class Whole:
    """A measure over all rows: how many, the variance of the ranks, the largest share of equal values, and how many rows
    are in each tail."""

    n: int
    rank_variance: float
    tied: float
    tails: tuple[int, ...]


@dataclass(slots=True)
class Cell:
    """One group in one measure. `place` is the chance that a row of it is higher than a row of the others (0.5: no
    difference). The p values are numbers in Tests, None where too few rows allow no test."""

    group: str
    n: int
    rank_sum: float
    tails: tuple[int, ...]
    place: float = 0.5
    test: int | None = None
    tail_tests: tuple[int | None, ...] = ()


@dataclass(slots=True)
class Scan:
    """All groups of one grouping in one measure, and the test of whether they differ at all (Kruskal and "
    "Wallis, 1952)."""

    grouping: Grouping
    measure: Measure
    position: int
    whole: Whole
    cells: list[Cell]
    test: int | None = None
    effect: float = 0.0
    spread_test: int | None = None
    spread_effect: float = 0.0


def wholes(bench: Workbench) -> list[Whole]:
    found: list[Whole] = []
    for j, measure in enumerate(bench.roles.measures):
        tails = ", ".join(f"count(*) FILTER ({_in_tail(measure, j, k)})" for k in range(len(TAILS)))
        row = bench.db.one(
            f"SELECT count(r{j}), coalesce(var_pop(r{j}), 0), coalesce((SELECT max(n) FROM (SELECT count(*) AS n FROM "
            f"{bench.sample} WHERE r{j} IS NOT NULL GROUP BY r{j})), 0), {tails} FROM {bench.sample}"
        )
        n = int(row[0])
        found.append(Whole(n, float(row[1]), int(row[2]) / n if n else 1.0, tuple(int(x) for x in row[3:])))
    return found


def scan_groups(bench: Workbench, tests: Tests, all_rows: list[Whole]) -> list[Scan]:
    scans: list[Scan] = []
    measures = bench.roles.measures
    for i, grouping in enumerate(bench.roles.groupings):
        usable = [j for j, measure in enumerate(measures) if grouping.name not in measure.source]
        nested = _nested(bench, i, grouping, usable)
        usable = [j for j in usable if j not in nested]
        if not usable:
            continue
        parts = ", ".join(
            f"count(r{j}), coalesce(sum(r{j}), 0), "
            + ", ".join(f"count(*) FILTER ({_in_tail(measures[j], j, k)})" for k in range(len(TAILS)))
            for j in usable
        )
        rows = bench.db.rows(f"SELECT g{i}, {parts} FROM {bench.sample} WHERE g{i} IS NOT NULL GROUP BY 1 ORDER BY 1")
        width = 2 + len(TAILS)
        for place, j in enumerate(usable):
            start = 1 + place * width
            cells = [
                Cell(
                    str(row[0]),
                    int(row[start]),
                    float(row[start + 1]),
                    tuple(int(x) for x in row[start + 2 : start + width]),
                )
                for row in rows
                if int(row[start])
            ]
            scan = Scan(grouping, measures[j], j, all_rows[j], cells)
            _test(scan, tests)
            scans.append(scan)
    return scans


def _in_tail(measure: Measure, j: int, k: int) -> str:
    if measure.kind == "share":
        return f"m{j} = 1" if k == 0 else (f"m{j} = 0" if k == 2 else "false")
    name, _, high = TAILS[k]
    return f"m{j} {'>' if high else '<'} (SELECT {name}_{j} FROM limits)"


def _nested(bench: Workbench, i: int, grouping: Grouping, usable: list[int]) -> set[int]:
    """Measures made of a column that the group decides, or nearly: the region of a city is no finding."""
    found: set[int] = set()
    decided: dict[str, bool] = {}
    for j in usable:
        measure = bench.roles.measures[j]
        if measure.kind != "share":
            continue
        source = measure.source[0]
        if source not in decided:
            other = next((n for n, item in enumerate(bench.roles.groupings) if item.name == source), None)
            if other is None:
                decided[source] = False
            else:
                pairs = int(bench.db.one(f"SELECT count(DISTINCT (g{i}, g{other})) FROM {bench.sample}")[0])
                larger = max(grouping.groups, bench.roles.groupings[other].groups)
                decided[source] = pairs <= 1.1 * larger and larger > 2
        if decided[source]:
            found.add(j)
    return found


def _test(scan: Scan, tests: Tests) -> None:
    whole = scan.whole
    total = sum(cell.n for cell in scan.cells)
    if total < 20 or whole.rank_variance <= 0 or len(scan.cells) < 2:
        return
    mean = sum(cell.rank_sum for cell in scan.cells) / total
    between = 0.0
    for cell in scan.cells:
        between += cell.n * (cell.rank_sum / cell.n - mean) ** 2
        if cell.n < total:
            above = (cell.rank_sum - cell.n * (cell.n + 1) / 2) / (cell.n * (total - cell.n))
            cell.place = min(1.0, max(0.0, above)) if total == whole.n else _shifted(cell, mean, total)
        _test_cell(scan, cell, total, mean, tests)
    large = [cell for cell in scan.cells if cell.n >= 5]
    if len(large) >= 2 and len(scan.cells) <= max(60, total // 10):
        h = (total - 1) * between / (total * whole.rank_variance)
        freedom = len(scan.cells) - 1
        scan.test = tests.add(chi_squared_tail(h, freedom))
        scan.effect = max(0.0, (h - freedom) / max(1, total - len(scan.cells)))
        _test_spread(scan, total, tests)


def _shifted(cell: Cell, mean: float, total: int) -> float:
    return min(1.0, max(0.0, 0.5 + (cell.rank_sum / cell.n - mean) / total))


def _test_cell(scan: Scan, cell: Cell, total: int, mean: float, tests: Tests) -> None:
    """Wilcoxon's rank sum against all other rows with ties counted; and how many rows are in each tail (exact)."""
    whole = scan.whole
    if scan.measure.kind == "share":
        if cell.n >= _FEWEST:
            marked = whole.tails[0]
            upper = hypergeometric_tail(cell.n, marked, whole.n, cell.tails[0])
            lower = hypergeometric_tail(cell.n, whole.n - marked, whole.n, cell.n - cell.tails[0])
            cell.test = tests.add(min(1.0, 2 * min(upper, lower)))
        return
    if cell.n >= (_FEWEST_TIED if whole.tied > 0.3 else _FEWEST_RANKED) and cell.n < total:
        variance = whole.rank_variance * (total - cell.n) / (cell.n * max(1, total - 1))
        if variance > 0:
            cell.test = tests.add(normal_two_sided((cell.rank_sum / cell.n - mean) / math.sqrt(variance)))
    found: list[int | None] = []
    for k, count in enumerate(cell.tails):
        expected = cell.n * whole.tails[k] / max(1, whole.n)
        if cell.n < _FEWEST or not 0 < whole.tails[k] <= 0.2 * whole.n or count <= expected:
            found.append(None)
        else:
            found.append(tests.add(hypergeometric_tail(cell.n, whole.tails[k], whole.n, count)))
    cell.tail_tests = tuple(found)


def _test_spread(scan: Scan, total: int, tests: Tests) -> None:
    """Whether some groups have more of their rows in the outer fifth than others: chi squared."""
    if scan.measure.kind == "share":
        return
    outer = [cell.tails[0] + cell.tails[2] for cell in scan.cells]
    share = sum(outer) / total
    if not 0.05 < share < 0.5 or min(cell.n for cell in scan.cells) * share < 5:
        return
    chi = sum(
        (k - cell.n * share) ** 2 / (cell.n * share * (1 - share)) for k, cell in zip(outer, scan.cells, strict=True)
    )
    scan.spread_test = tests.add(chi_squared_tail(chi, len(scan.cells) - 1))
    scan.spread_effect = math.sqrt(chi / total)
