"""Excel and OpenDocument workbooks: every sheet becomes a table with the types its cells have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import python_calamine as calamine

from symphainy.enabling_services.archives import verify_content
from symphainy.enabling_services.database import Database
from symphainy.enabling_services.errors import ServiceError, not_a
from symphainy.enabling_services.grids import Cell, write_grid
from symphainy.enabling_services.kinds import FileKind
from symphainy.enabling_services.limits import Limits
from symphainy.enabling_services.parsed_file import ParsedFile, ParsedTable
from symphainy.enabling_services.reporting import Stage
from symphainy.enabling_services.table_files import TableFiles, check_columns, check_rows

_ROWS_BETWEEN_REPORTS: Final = 5_000


def parse_workbook(source: Path, kind: FileKind, limits: Limits, work_dir: Path, progress: Stage) -> ParsedFile:
    """Raises ServiceError `not_a_<kind>`, `encrypted`, `truncated`, `empty`, `unpacked_too_large`, `too_many_rows`,
    `too_many_columns`."""
    if kind is not FileKind.XLS:
        verify_content(source, limits, progress.part(0.0, 0.1, "check").of("checking the parts of the workbook"))
    progress(0.1, "opening the workbook")
    try:
        workbook = _open(source, kind, work_dir)
        tables, warnings = _read_sheets(workbook, limits, work_dir, progress.part(0.1, 1.0, "sheets"))
    except calamine.PasswordError as error:
        raise ServiceError(
            "encrypted",
            "This workbook is protected by a password, so it cannot be read. Save a copy without the password and "
            "upload that.",
        ) from error
    except calamine.CalamineError as error:
        raise not_a(
            kind,
            f"This file is named like {kind.label}, but its content is damaged. Nothing was kept from it. "
            "Open it in the program that made it, save it again and upload that copy.",
        ) from error
    if not tables:
        raise ServiceError(
            "empty", "This workbook has no cell with a value in any sheet. Check the original and upload it again."
        )
    return ParsedFile(kind, kind.media_type, tables, warnings=warnings)


def _open(source: Path, kind: FileKind, work_dir: Path) -> calamine.CalamineWorkbook:
    """By a name with the right ending: without one the library guesses, and says that a locked workbook is none."""
    named = work_dir / f"workbook.{kind.value}"
    named.symlink_to(source)
    return calamine.CalamineWorkbook.from_path(str(named))  # pyright: ignore[reportUnknownMemberType]


def _read_sheets(
    workbook: calamine.CalamineWorkbook, limits: Limits, work_dir: Path, progress: Stage
) -> tuple[tuple[ParsedTable, ...], tuple[str, ...]]:
    tables: list[ParsedTable] = []
    warnings: list[str] = []
    sheets = [sheet for sheet in workbook.sheets_metadata if sheet.typ is calamine.SheetTypeEnum.WorkSheet]
    for number, sheet in enumerate(sheets):
        part = progress.part(number / len(sheets), (number + 1) / len(sheets), sheet.name)
        table, notes = _read_sheet(workbook, sheet.name, len(tables) + 1, limits, work_dir, part)
        if table is not None:
            tables.append(table)
        warnings.extend(f"Sheet {sheet.name!r}: {note}" for note in notes)
        if table is not None and sheet.visible is not calamine.SheetVisibleEnum.Visible:
            warnings.append(f"Sheet {sheet.name!r}: hidden in the workbook, but read like the others.")
    return tuple(tables), tuple(warnings)


def _read_sheet(
    workbook: calamine.CalamineWorkbook, name: str, number: int, limits: Limits, work_dir: Path, progress: Stage
) -> tuple[ParsedTable | None, tuple[str, ...]]:
    progress(0.0, f"reading sheet {name}")
    sheet = workbook.get_sheet_by_name(name)
    check_rows(sheet.height, limits)
    check_columns(sheet.width, limits)
    rows = _reported(sheet, name, progress.part(0.3, 0.7, "rows"))
    grid = write_grid(rows, sheet.width, work_dir / f"sheet-{number:03}.csv")
    if grid is None:
        return None, ("no values, left out.",)
    columns, warnings = grid.typed_columns()
    notes = [*warnings]
    if grid.skipped_rows:
        notes.append(f"{grid.skipped_rows:,} row{'' if grid.skipped_rows == 1 else 's'} above the table skipped.")
    if not any(grid_name.strip() for grid_name in grid.names):
        notes.append("the first row does not look like column names, so the columns were numbered.")
    with Database(work_dir, (), limits) as db:
        table = TableFiles(work_dir, limits).write(db, number, name, grid.relation, columns)
    grid.path.unlink()
    progress(1.0, f"sheet {name}: {table.rows:,} rows")
    return table, tuple(notes)


def _reported(sheet: calamine.CalamineSheet, name: str, progress: Stage) -> Iterator[Sequence[Cell]]:
    height = max(sheet.height, 1)
    for number, row in enumerate(sheet.iter_rows()):
        if number % _ROWS_BETWEEN_REPORTS == 0:
            progress(number / height, f"sheet {name}: {number:,} of {height:,} rows")
        yield row
