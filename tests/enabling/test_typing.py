"""The cheap tests of column typing settle exactly what the dear ones would."""

from __future__ import annotations

from pathlib import Path

import pytest

from symphainy.enabling_services import Limits, column_typing
from symphainy.enabling_services.column_typing import TextColumn, TextTable, Typing, type_table
from symphainy.enabling_services.database import Database, literal

USUAL = {
    "whole": ("7", "-12", "+5", "0", "999999999999999999"),
    "decimal": ("12.5", "-0.25", "3", "+100.125"),
    "thousands": ("1.234", "12.345", "7"),
    "day": ("2024-02-29", "1999-12-31"),
    "text": ("alpha", "beta 2", ""),
}
LAST = (
    "7",
    "-0",
    "007",
    "1e5",
    ".5",
    "5.",
    "1,234",
    "1.234",
    "1234.5",
    "1.234,5",
    "1000000000000000000",
    "1234567890123.5",
    "0.1234567",
    " 12 ",
    "N/A",
    "-",
    "",
    None,
    "2024-02-30",
    "2024-03-01 10:00",
    "2024-03-01T10:00:00Z",
    "yes",
    "nan",
    "inf",
)
ROWS = 1_200


def typed(folder: Path, usual: tuple[str, ...]) -> Typing:
    """One column for each last value, whose other rows are usual."""
    values = ", ".join(literal(value) for value in usual)
    columns = [
        f"CASE WHEN range = {ROWS - 1} THEN {'NULL' if last is None else literal(last)} "
        f"ELSE list_value({values})[1 + range % {len(usual)}] END AS c{number}"
        for number, last in enumerate(LAST)
    ]
    table = TextTable(
        f"(SELECT {', '.join(columns)} FROM range({ROWS}))", tuple(TextColumn(f"{last}") for last in LAST)
    )
    with Database(folder, (), Limits()) as db:
        return type_table(db, table, lambda fraction: None)


@pytest.mark.parametrize("usual", USUAL.values(), ids=USUAL)
def test_a_cheap_test_settles_what_the_dear_one_would(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, usual: tuple[str, ...]
) -> None:
    cheap = typed(tmp_path, usual)
    monkeypatch.setattr(column_typing, "_cheap_sums", lambda fact: None)  # pyright: ignore[reportUnknownLambdaType]
    dear = typed(tmp_path, usual)
    for found, expected in zip(cheap.columns, dear.columns, strict=True):
        assert found == expected, found.name
    assert cheap == dear
    assert cheap.rows == ROWS
