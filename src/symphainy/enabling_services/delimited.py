"""CSV and TSV: encoding, dialect, ragged rows, types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from symphainy.enabling_services.column_typing import TextColumn, TextTable, TypedColumn, Typing, type_table
from symphainy.enabling_services.database import Database, Unfit, literal
from symphainy.enabling_services.dialects import Layout, find_layout, repair_names
from symphainy.enabling_services.encodings import NotText, TextScan, scan_text, write_utf8
from symphainy.enabling_services.errors import not_a
from symphainy.enabling_services.kinds import FileKind
from symphainy.enabling_services.limits import Limits
from symphainy.enabling_services.open_quotes import check_balance, never_closes, reads_to_the_end
from symphainy.enabling_services.parsed_file import Dialect, ParsedFile, ParsedTable, RejectedRow, RejectedRows
from symphainy.enabling_services.reporting import Stage
from symphainy.enabling_services.table_files import TableFiles, check_columns, check_rows

_SAMPLE_BYTES: Final = 262_144
_REPORTED_ROWS: Final = 20
_FIRST_ROWS: Final = 5_000
"""Say what the columns are where all other rows agree."""
_WIDEST_AT_ONCE: Final = 64
_REASONS: Final = {
    "MISSING COLUMNS": "has fewer values than the table has columns",
    "TOO MANY COLUMNS": "has more values than the table has columns",
    "UNQUOTED VALUE": "has a quote in the wrong place",
    "LINE SIZE OVER MAXIMUM": "is longer than 2 MB",
    "INVALID ENCODING": "contains characters in another encoding",
}


@dataclass(frozen=True, slots=True)
class _Readable:
    """A UTF-8 file with one newline style, without preamble; `first_line` is the line of the source it starts at, from
    1."""

    path: Path
    newline: str
    skip: int
    first_line: int


@dataclass(frozen=True, slots=True)
class _Stored:
    table: ParsedTable
    typing: Typing
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Storing:
    """The readable file as a typed table."""

    db: Database
    readable: _Readable
    layout: Layout
    names: tuple[str, ...]
    table_name: str
    files: TableFiles

    def at_once(self, lines: int, progress: Stage) -> _Stored | None:
        """In one reading: every value is tried while it is stored. None, and nothing is stored, if a value is unlike those of
        the first rows, or these say too little."""
        whole = all(name.strip() for name in self.layout.names) or not self.layout.header
        if not whole or len(self.names) > _WIDEST_AT_ONCE:
            return None
        self.db.rows(f"CREATE TEMP TABLE first_rows AS SELECT * FROM {self._lenient()} LIMIT {_FIRST_ROWS}")
        if int(self.db.one("SELECT count(*) FROM first_rows")[0]) < _FIRST_ROWS:
            return None
        typing = type_table(self.db, self._text("first_rows"), lambda part: None)
        columns = [replace(column, expression=column.strict) for column in typing.columns if column.strict]
        if len(columns) < len(typing.columns):
            return None
        try:
            return _Stored(self._write(columns, lines, progress), typing)
        except Unfit:
            return None

    def after_looking(self, lines: int, progress: Stage) -> _Stored:
        """Reads everything once to see what the columns are, and once more to store it."""
        reading = progress.part(0.0, 0.5, "read")
        typing = type_table(
            self.db,
            self._text(self._lenient()),
            lambda part: reading(part, f"{int(part * lines):,} of about {lines:,} rows read"),
        )
        check_rows(typing.rows, self.files.limits)
        columns, dropped = _without_empty(self.layout, typing.columns)
        table = self._write(columns, typing.rows, progress.part(0.5, 1.0, "write"))
        return _Stored(table, typing, dropped)

    def _text(self, relation: str) -> TextTable:
        return TextTable(relation, tuple(TextColumn(name) for name in self.names), self.layout.delimiter == ",")

    def _lenient(self) -> str:
        return _relation(self.readable, self.layout, "ignore_errors = true")

    def _write(self, columns: Sequence[TypedColumn], rows: int, progress: Stage) -> ParsedTable:
        noting = "store_rejects = true, rejects_table = 'rejected', rejects_scan = 'scans', rejects_limit = 0"
        relation = _relation(self.readable, self.layout, noting)
        return self.files.write(
            self.db,
            1,
            self.table_name,
            relation,
            columns,
            lambda part: progress(part, f"{int(part * rows):,} of {rows:,} rows stored"),
        )


def parse_delimited(
    source: Path, kind: FileKind, table_name: str, limits: Limits, work_dir: Path, progress: Stage
) -> ParsedFile:
    """Raises ServiceError `not_a_csv`, `not_a_tsv`, `encoding`, `truncated`, `too_many_columns`, `too_many_rows`."""
    try:
        scan = scan_text(source, progress.part(0.0, 0.1, "check").of("checking the encoding"))
    except NotText as error:
        raise not_a(
            kind, f"This file is named like {kind.label}, but it contains binary data. Nothing was read from it."
        ) from error
    sample, complete = _sample(source, scan)
    layout = find_layout(sample, complete=complete)
    check_columns(len(layout.names), limits)
    progress(0.1, "recognised how the table is written")
    readable = _readable(source, scan, layout, work_dir, progress.part(0.1, 0.2, "convert"))
    check_balance(readable.path, layout, readable.first_line)
    names, warnings = repair_names(layout.names)
    with Database(work_dir, (readable.path,), limits) as db:
        storing = _Storing(db, readable, layout, names, table_name, TableFiles(work_dir, limits))
        stored = storing.at_once(scan.lines, progress.part(0.2, 0.6, "write")) or storing.after_looking(
            scan.lines, progress.part(0.6, 0.98, "read")
        )
        rejected = _rejected(db, readable, layout, kind, stored.table.rows)
    return ParsedFile(
        kind,
        kind.media_type,
        tables=(stored.table,),
        encoding=scan.encoding,
        dialect=Dialect(layout.shown_delimiter, layout.quote, layout.escape, layout.header, stored.typing.decimal),
        rejected_rows=rejected,
        warnings=(
            *_layout_warnings(layout, stored.table.rows, scan),
            *warnings,
            *stored.dropped,
            *stored.typing.warnings,
            *_rejection_warning(rejected),
        ),
    )


def _sample(source: Path, scan: TextScan) -> tuple[str, bool]:
    with source.open("rb") as stream:
        stream.seek(scan.skip)
        data = stream.read(_SAMPLE_BYTES)
        complete = not stream.read(1)
    text = data.decode(scan.codec, "ignore").replace("\r\n", "\n").replace("\r", "\n")
    return text, complete


def _readable(source: Path, scan: TextScan, layout: Layout, work_dir: Path, progress: Stage) -> _Readable:
    if scan.plain and layout.skip_lines == int(layout.header):
        return _Readable(source, scan.newline, layout.skip_lines, 1)
    target = work_dir / "readable.csv"
    write_utf8(source, scan, target, progress.of(f"converting from {scan.encoding}"), drop_lines=layout.skip_lines)
    return _Readable(target, "\n", 0, 1 + layout.skip_lines)


def _relation(readable: _Readable, layout: Layout, on_error: str) -> str:
    columns = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(len(layout.names)))
    newline = "\\r\\n" if readable.newline == "\r\n" else "\\n"
    return (
        f"read_csv({literal(str(readable.path.resolve()))}, auto_detect = false, delim = {literal(layout.delimiter)}, "
        f"quote = {literal(layout.quote)}, escape = {literal(layout.escape)}, header = false, skip = {readable.skip}, "
        f"columns = {{{columns}}}, nullstr = '', new_line = '{newline}', {on_error})"
    )


def _without_empty(layout: Layout, columns: tuple[TypedColumn, ...]) -> tuple[tuple[TypedColumn, ...], tuple[str, ...]]:
    """Columns without a name and without a value come from a delimiter at the end of each line."""
    kept = tuple(
        column
        for name, column in zip(layout.names, columns, strict=True)
        if name.strip() or column.filled or not layout.header
    )
    count = len(columns) - len(kept)
    if not count or not kept:
        return columns, ()
    return kept, (f"{count:,} column{'' if count == 1 else 's'} without a name and without any value left out.",)


def _rejected(db: Database, readable: _Readable, layout: Layout, kind: FileKind, kept: int) -> RejectedRows:
    count = int(db.one("SELECT count(DISTINCT line) FROM rejected")[0])
    if not count:
        return RejectedRows()
    _check_open_quote(db, readable, layout)
    if count > kept and count > 1:
        raise not_a(
            kind,
            f"This file does not look like a table: {count:,} of {count + kept:,} rows do not have the columns of "
            "the others. Nothing was kept. Check that it is complete and that every row uses the same delimiter.",
            {"rejected_rows": count, "rows": kept},
        )
    rows = db.rows(
        "SELECT min(line_byte_position), first(error_type ORDER BY byte_position) FROM rejected "
        f"GROUP BY line ORDER BY line LIMIT {_REPORTED_ROWS}"
    )
    lines = _line_numbers(readable, [int(row[0]) - 1 for row in rows])
    first = tuple(
        RejectedRow(line, _REASONS.get(str(row[1]), "could not be read")) for line, row in zip(lines, rows, strict=True)
    )
    return RejectedRows(count, first)


def _check_open_quote(db: Database, readable: _Readable, layout: Layout) -> None:
    """The engine reports one bad row, however much it lost behind it."""
    rows = db.rows(
        "SELECT DISTINCT line_byte_position FROM rejected "
        "WHERE error_type IN ('UNQUOTED VALUE', 'LINE SIZE OVER MAXIMUM') "
        f"ORDER BY line_byte_position LIMIT {_REPORTED_ROWS}"
    )
    for row in rows:
        offset = int(row[0]) - 1
        if reads_to_the_end(readable.path, offset, layout):
            raise never_closes(_line_numbers(readable, [offset])[0])


def _line_numbers(readable: _Readable, offsets: list[int]) -> list[int]:
    """Which line each byte offset is in. The engine counts rows, not lines, when a value contains a newline."""
    numbers: list[int] = []
    line, at = readable.first_line, 0
    with readable.path.open("rb") as stream:
        for offset in offsets:
            while at < offset and (block := stream.read(min(1 << 20, offset - at))):
                line += block.count(b"\n")
                at += len(block)
            numbers.append(line)
    return numbers


def _layout_warnings(layout: Layout, rows: int, scan: TextScan) -> tuple[str, ...]:
    warnings: list[str] = []
    if layout.preamble_lines:
        warnings.append(
            f"{layout.preamble_lines:,} line{'' if layout.preamble_lines == 1 else 's'} above the table skipped."
        )
    if not layout.header:
        warnings.append("The first row does not look like column names, so the columns were numbered.")
    if rows == 0:
        warnings.append("The file has column names, but no rows.")
    if scan.encoding == "latin-1":
        warnings.append(
            "The encoding could not be told for sure; accented letters may be wrong. Save the file as UTF-8 to be safe."
        )
    return tuple(warnings)


def _rejection_warning(rejected: RejectedRows) -> tuple[str, ...]:
    if not rejected.count:
        return ()
    one = rejected.count == 1
    first = rejected.first[0]
    return (
        f"{rejected.count:,} row{' was' if one else 's were'} left out because {'it does' if one else 'they do'} not "
        f"fit the table; the first is line {first.line:,}, which {first.reason}.",
    )
