"""A large table is stored in one reading, by what its first rows are; a value further down that is unlike them changes nothing of
what is found."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from symphainy.enabling_services.delimited import parse_delimited
from symphainy.enabling_services.kinds import FileKind
from symphainy.enabling_services.limits import Limits
from symphainy.enabling_services.parsed_file import ParsedFile
from symphainy.enabling_services.reporting import Reporter, Stage

ROWS = 5_200
HEADER = "value,place"
CASES = {
    "1": (
        *(" 7 ", "+7", "-0", "007", "1_000", "1e5", "1,234", "0.5", "", "N/A", "seven"),
        *("123456789012345678", "1234567890123456789", "99999999999999999999999"),
    ),
    "12.5": (
        "-3.25",
        "+3.2",
        "3.",
        ".5",
        "3.456",
        "3.1234567",
        "123456789012.2",
        "1234567890123.2",
        "00.5",
        "inf",
        "1,2",
    ),
    "2024-01-31": (
        "2024-2-3",
        "2024-02-30",
        " 2024-02-29 ",
        "12024-01-01",
        "0044-03-15 (BC)",
        "infinity",
        "31.01.2024",
    ),
    "north": ("1", ""),
}


def parsed(folder: Path, header: str, rows: list[str]) -> tuple[ParsedFile, list[tuple[object, ...]]]:
    folder.mkdir()
    source = folder / "source.csv"
    source.write_text("\n".join([header, *rows]) + "\n")
    progress = Stage(Reporter(lambda data: None), 0.0, 1.0, "")
    found = parse_delimited(source, FileKind.CSV, "t", Limits(), folder, progress)
    with duckdb.connect() as connection:
        stored = connection.execute(f"SELECT * FROM '{folder / found.tables[0].file_name}'").fetchall()
    return found, stored


@pytest.mark.parametrize("usual", CASES)
def test_an_odd_value_further_down_is_found_as_if_all_was_looked_at_first(tmp_path: Path, usual: str) -> None:
    """A column without a name has everything looked at first: its values may be all that tells whether it is one."""
    for number, odd in enumerate(CASES[usual]):
        rows = [f"{usual},north"] * (ROWS - 2) + [f'"{odd}",north', f"{usual},north"]
        at_once, values = parsed(tmp_path / f"{number}-once", HEADER, rows)
        first, expected = parsed(tmp_path / f"{number}-first", f"{HEADER},", [f"{row},x" for row in rows])
        assert at_once.tables[0].columns == first.tables[0].columns[:-1], odd
        assert values == [row[:-1] for row in expected], odd
        warnings = [warning for warning in first.warnings if "had no name" not in warning]
        assert list(at_once.warnings) == warnings, odd


def test_rows_that_cannot_be_read_are_counted_once_when_all_is_read_again(tmp_path: Path) -> None:
    rows = ["1,north"] * ROWS
    rows[100] = rows[ROWS - 3] = "1"
    rows[ROWS - 2] = "seven,north"
    found, values = parsed(tmp_path / "t", HEADER, rows)
    assert found.rejected_rows.count == 2
    assert [row.line for row in found.rejected_rows.first] == [102, ROWS - 1]
    assert len(values) == ROWS - 2
    assert values[-2][0] == "seven"


def test_first_rows_without_a_value_decide_nothing(tmp_path: Path) -> None:
    found, values = parsed(tmp_path / "t", "empty,n", [",1"] * ROWS + ["2.5,1"])
    assert [column.type.value for column in found.tables[0].columns] == ["decimal", "integer"]
    assert float(str(values[-1][0])) == 2.5
