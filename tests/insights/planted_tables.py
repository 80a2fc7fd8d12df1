"""Tables with relations that were put in on purpose, of several sizes and with names that no code knows; and the same
tables with every column shuffled by itself, in which no relation is left."""

from __future__ import annotations

import csv
import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

Row = list[object]


@dataclass(frozen=True)
class Table:
    """`columns` are names and engine types."""

    name: str
    columns: Sequence[tuple[str, str]]
    rows: list[Row]

    def shuffled(self, seed: int) -> Table:
        rng = random.Random(seed)
        columns = [list(column) for column in zip(*self.rows, strict=True)]
        for column in columns:
            rng.shuffle(column)
        return Table(self.name, self.columns, [list(row) for row in zip(*columns, strict=True)])

    def write(self, folder: Path) -> Path:
        path, text = folder / f"{self.name}.parquet", folder / f"{self.name}.csv"
        with text.open("w", newline="", encoding="utf-8") as target:
            csv.writer(target).writerows(["" if value is None else value for value in row] for row in self.rows)
        kinds = ", ".join(f"'{name}': '{kind}'" for name, kind in self.columns)
        with duckdb.connect() as connection:
            connection.execute(
                f"COPY (SELECT * FROM read_csv('{text}', header=false, nullstr='', columns={{{kinds}}})) TO '{path}' (FORMAT parquet)"
            )
        return path


def late_payers(rows: int, seed: int, *, customers: int, late: int) -> Table:
    """Some debtors pay about 95 days late, everybody else about on time."""
    rng = random.Random(seed)
    names = [f"Debtor {number:03}" for number in range(customers)]
    made: list[Row] = []
    for number in range(rows):
        who = rng.randrange(customers)
        day = dt.date(2023, 1, 1) + dt.timedelta(days=rng.randrange(600))
        due = day + dt.timedelta(days=30)
        delay = round(rng.gauss(95, 20)) if who < late else round(rng.gauss(1, 8))
        made.append(
            [f"R{number:06}", names[who], rng.choice(["north", "south", "west"]), day, due,
             due + dt.timedelta(days=delay), round(rng.lognormvariate(6, 0.9), 2), rng.choice(["a", "b", "c", "d"])]
        )  # fmt: skip
    kinds = ["VARCHAR", "VARCHAR", "VARCHAR", "DATE", "DATE", "DATE", "DOUBLE", "VARCHAR"]
    columns = ["beleg", "debtor", "area", "issued", "due", "settled", "gross", "channel"]
    return Table("ledger", list(zip(columns, kinds, strict=True)), made)


def odd_adjusters(rows: int, seed: int, *, people: int, odd: int, tail_only: bool = False) -> Table:
    """Some handlers pay about 40 % more; or (tail_only) half of their payments are five times as high."""
    rng = random.Random(seed)
    names = [f"H-{chr(65 + n % 26)}{n}" for n in range(people)]
    made: list[Row] = []
    for number in range(rows):
        who = rng.randrange(people)
        amount = rng.lognormvariate(7, 0.5)
        if who < odd:
            amount *= 1.5 if not tail_only else (5 if rng.random() < 0.5 else 1)
        made.append([number + 1, names[who], rng.choice(["fire", "water", "theft"]), round(amount, 2), rng.randrange(1, 60),
                     rng.random() < 0.1, f"note {rng.random():.8f}"])  # fmt: skip
    kinds = ["BIGINT", "VARCHAR", "VARCHAR", "DOUBLE", "BIGINT", "BOOLEAN", "VARCHAR"]
    columns = ["case_no", "handler", "peril", "indemnity", "age_of_case", "appealed", "remark"]
    return Table("cases", list(zip(columns, kinds, strict=True)), made)


def denying_adjusters(rows: int, seed: int, *, people: int, odd: int) -> Table:
    """Some people turn down twice as many requests."""
    rng = random.Random(seed)
    names = [f"P{n}" for n in range(people)]
    made: list[Row] = []
    for _ in range(rows):
        who = rng.randrange(people)
        outcome = "denied" if rng.random() < (0.45 if who < odd else 0.2) else rng.choice(["granted", "open"])
        made.append([names[who], outcome, round(rng.gauss(50, 12), 1), rng.choice(["x", "y"])])
    columns = ["clerk", "decision", "size", "site"]
    return Table("requests", list(zip(columns, ["VARCHAR", "VARCHAR", "DOUBLE", "VARCHAR"], strict=True)), made)


def broken_trend(rows: int, seed: int, *, turn: bool = True) -> Table:
    """A yield that rises for two thirds of the time and falls from then on; or (turn=False) drops once to another level."""
    rng = random.Random(seed)
    start, days = dt.date(2022, 1, 1), 900
    made: list[Row] = []
    for _ in range(rows):
        t = rng.randrange(days)
        level: float = 100 if t < 500 else 85
        if turn:
            level = 100 + 30 * t / 600 if t < 600 else 130 - 40 * (t - 600) / 300
        made.append([start + dt.timedelta(days=t), round(rng.gauss(level, 12), 2), rng.choice(["m1", "m2", "m3"]),
                     round(rng.gauss(20, 3), 2)])  # fmt: skip
    columns = ["measured_on", "yield_kg", "machine", "temp_c"]
    return Table("output", list(zip(columns, ["DATE", "DOUBLE", "VARCHAR", "DOUBLE"], strict=True)), made)


def outliers(rows: int, seed: int, *, count: int) -> Table:
    """Some values with the decimal point two places off."""
    rng = random.Random(seed)
    wrong = set(rng.sample(range(rows), count))
    made: list[Row] = []
    for number in range(rows):
        weight = rng.gauss(70, 9)
        made.append([f"id-{number}", round(weight * (100 if number in wrong else 1), 1), round(rng.expovariate(0.1), 3),
                     round(rng.lognormvariate(3, 0.8), 2), rng.randrange(18, 80), rng.choice(["f", "m"]),
                     round(rng.random(), 4)])  # fmt: skip
    kinds = ["VARCHAR", "DOUBLE", "DOUBLE", "DOUBLE", "BIGINT", "VARCHAR", "DOUBLE"]
    columns = ["subject", "mass", "wait", "cost", "age", "sex", "score"]
    return Table("subjects", list(zip(columns, kinds, strict=True)), made)


def linked(rows: int, seed: int) -> Table:
    """Two measures that rise together, one that differs by class, and few makers that hold most of the value."""
    rng = random.Random(seed)
    makers = [f"maker {n}" for n in range(40)]
    made: list[Row] = []
    for _ in range(rows):
        x = rng.gauss(10, 3)
        kind = rng.choice(["basic", "plus", "pro"])
        maker = rng.randrange(40)
        value = rng.lognormvariate(4, 0.4) * (12 if maker < 6 else 1)
        made.append([round(x, 3), round(2 * x + rng.gauss(0, 6), 3), kind,
                     round(rng.gauss({"basic": 10, "plus": 13, "pro": 18}[kind], 6), 2), makers[maker], round(value, 2)])  # fmt: skip
    columns = ["pressure", "flow", "grade", "lifetime", "maker", "turnover"]
    kinds = ["DOUBLE", "DOUBLE", "VARCHAR", "DOUBLE", "VARCHAR", "DOUBLE"]
    return Table("parts", list(zip(columns, kinds, strict=True)), made)
