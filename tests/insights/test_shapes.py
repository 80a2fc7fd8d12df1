"""Numbers of a measure computed from how often each value occurs, beside those that the engine computes of all rows."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from symphainy.enabling_services import Limits
from symphainy.enabling_services.database import Database
from symphainy.enabling_services.insights.shapes import shape_of, shape_of_few


@pytest.mark.parametrize("seed", range(12))
def test_counted_values_have_the_same_shape(tmp_path: Path, seed: int) -> None:
    chooser = random.Random(seed)
    kinds = (lambda: chooser.uniform(-1e3, 1e3), lambda: chooser.gauss(0, 1e6), lambda: float(chooser.randrange(9)))
    different = [chooser.choice(kinds)() for _ in range(chooser.randrange(1, 40))]
    values = [chooser.choice(different) for _ in range(chooser.randrange(2, 400))]
    rows = ", ".join(f"({value!r}::DOUBLE)" for value in [*values, *values[:3]])
    with Database(tmp_path, (), Limits()) as db:
        db.rows(f"CREATE TEMP TABLE t AS SELECT * FROM (VALUES {rows}, (NULL)) AS given(x)")
        one, other = shape_of(db, "t", "x"), shape_of_few(db, "t", "x", "few")
        assert (other.rows, other.smallest, other.largest) == (one.rows, one.smallest, one.largest)
        assert other.quantiles == one.quantiles
        assert other.mean == pytest.approx(one.mean, rel=1e-12, abs=1e-9)
        for shape in (one, other):
            assert db.one(f"SELECT sum(n), max(v), count(DISTINCT v) FROM {shape.values}") == (
                len(values) + 3,
                max(values),
                len(set(values)),
            )
