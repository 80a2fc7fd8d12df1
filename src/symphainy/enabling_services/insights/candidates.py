"""What a test has found, before it is known how many of the tests can be believed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from symphainy.enabling_services.database import Database
from symphainy.enabling_services.insights.roles import Measure, Roles
from symphainy.enabling_services.json_values import Json

FALSE_DISCOVERY_RATE: Final = 0.001
"""Of everything that is reported at most one in a thousand may be chance; in data without any relation that is also the
chance of a single wrong report."""


QUANTILES: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.99)


@dataclass(frozen=True, slots=True)
class Shape:
    """A measure over all rows of the table that have it: how many, their extremes, mean (None beyond what a double holds)
    and `QUANTILES`."""

    rows: int
    smallest: float
    largest: float
    mean: float | None
    quantiles: Mapping[float, float]


@dataclass(frozen=True, slots=True)
class Workbench:
    """`sample` holds the rows that are tested: g0.. groups, t0.. times, m0.. measures, r0.. their ranks (ties share the
    mean rank). `relation` is the whole table, called `table` in the SQL of findings."""

    db: Database
    relation: str
    table: str
    sample: str
    roles: Roles
    sample_rows: int
    _shapes: dict[str, Shape] = field(default_factory=dict[str, Shape])

    def shape(self, measure: Measure) -> Shape:
        """Computed once, however many findings tell of it: quantiles are what takes longest in a large table."""
        if measure.sql not in self._shapes:
            value = measure.sql
            rows, smallest, largest, mean, quantiles = self.db.one(
                f"SELECT count({value}), min({value}), max({value}), avg({value}), "
                f"quantile_cont({value}, [{', '.join(map(str, QUANTILES))}]) FROM {self.relation}"
            )
            self._shapes[value] = Shape(
                int(rows),
                float(smallest),
                float(largest),
                float(mean) if math.isfinite(mean) else None,
                dict(zip(QUANTILES, map(float, quantiles), strict=True)),
            )
        return self._shapes[measure.sql]


@dataclass(slots=True)
class Candidate:
    """`p` belongs to one of all tests; `finding` writes the finding, once it is believed, from the whole table.
    `about` names columns and groups, so that the same fact is not told twice."""

    kind: str
    p: float
    effect: float
    about: tuple[str, ...]
    finding: Callable[[], Json | None]
    test: Json
    weight: float = 1.0
    q: float = field(default=1.0)

    @property
    def score(self) -> float:
        """Between 0 and 1: mostly how large it is, a little how certain."""
        certain = min(1.0, max(0.0, -_log10(self.q)) / 30)
        return round(min(1.0, self.weight * (0.65 * min(1.0, self.effect) + 0.35 * certain)), 3)


@dataclass(slots=True)
class Tests:
    """Everything that was tried: the p values of what was found nothing in count as well."""

    p_values: list[float] = field(default_factory=list[float])

    def add(self, p: float) -> int:
        self.p_values.append(p)
        return len(self.p_values) - 1


def mean_rank(column: str) -> str:
    """SQL: the rank of each value, ties share the mean rank. Both counts go over the same order, so that the engine sorts
    once."""
    return f"(rank() OVER (ORDER BY {column}) + count(*) OVER (ORDER BY {column})) / 2.0"


def _log10(value: float) -> float:
    return math.log10(max(value, 1e-300))
