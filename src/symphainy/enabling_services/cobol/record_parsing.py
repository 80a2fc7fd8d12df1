"""The child's side: records to a typed table, and a copybook to the table of its fields."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Final

from symphainy.enabling_services.cobol.code_pages import CODE_PAGES, guess_code_page
from symphainy.enabling_services.cobol.decoding import Invalid, Records, decode
from symphainy.enabling_services.cobol.framing import Framing, Span, frame
from symphainy.enabling_services.cobol.layouts import STORED, Field, Layout, Storage, lay_out
from symphainy.enabling_services.column_typing import TypedColumn
from symphainy.enabling_services.database import Database, literal
from symphainy.enabling_services.errors import ServiceError
from symphainy.enabling_services.json_values import JsonValue
from symphainy.enabling_services.kinds import FileKind
from symphainy.enabling_services.limits import Limits
from symphainy.enabling_services.parsed_file import ColumnType, ParsedFile
from symphainy.enabling_services.reporting import Stage
from symphainy.enabling_services.table_files import TableFiles, check_rows

_AT_ONCE: Final = 5_000
_LOOKED_AT: Final = 200
_SHOWN_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Copybook:
    """`code_page` None: told by the data."""

    text: str
    code_page: str | None


def parse_records(
    source: Path, copybook: Copybook, table_name: str, limits: Limits, work_dir: Path, progress: Stage
) -> ParsedFile:
    """One column for each field that has a name, one row for each record.

    Raises ServiceError `not_a_copybook`, `copybook_mismatch`, `too_many_rows`, `too_many_columns`.
    """
    layout = lay_out(copybook.text)
    data = source.read_bytes()
    progress(0.05, f"records of {layout.length:,} bytes")
    framing = _framed(data, layout, copybook.code_page)
    check_rows(len(framing.spans), limits)
    sample = [data[span.offset : span.offset + span.length] for span in islice(framing.spans, _LOOKED_AT)]
    code_page = copybook.code_page or guess_code_page(layout, sample)
    writer = _Writer(layout, code_page, data, framing)
    path = work_dir / "records.csv"
    writer.write(path, progress.part(0.1, 0.8, "records"))
    with Database(work_dir, (), limits) as db:
        columns = [_column(field, index) for index, field in enumerate(layout.fields)]
        table = TableFiles(work_dir, limits).write(db, 1, table_name, _relation(path, len(columns)), columns)
    path.unlink()
    guessed = "" if copybook.code_page else "; the code page was told by the data, choose another if letters look wrong"
    how = f"The records are {framing.how}, in {code_page}{guessed}."
    return ParsedFile(
        FileKind.RECORDS,
        FileKind.RECORDS.media_type,
        (table,),
        encoding=code_page,
        warnings=(how, *writer.warnings()),
    )


def _framed(data: bytes, layout: Layout, code_page: str | None) -> Framing:
    def count_of(start: bytes) -> int | None:
        """The counter may be in any code page before the code page is known."""
        assert layout.varying is not None
        field = _counter(layout, layout.varying.counter)
        if len(start) < field.offset + field.length:
            return None
        for page in (code_page,) if code_page else (CODE_PAGES[0], CODE_PAGES[-1]):
            try:
                return int(decode(field, Records(start, len(start), page)).texts[0])
            except (Invalid, ValueError):
                continue
        return None

    return frame(data, layout, count_of)


def _counter(layout: Layout, name: str) -> Field:
    found = next((field for field in layout.fields if field.name.partition(" #")[0] == name), None)
    if found is None:
        raise ServiceError(
            "not_a_copybook",
            f"This copybook cannot be used: a table depends on {name}, which is no field of the record. Correct the "
            "copybook and upload it again.",
            {"field": name},
        )
    return found


class _Writer:
    """Decodes the records block by block and counts what was missing."""

    def __init__(self, layout: Layout, code_page: str, data: bytes, framing: Framing) -> None:
        self._layout = layout
        self._code_page = code_page
        self._data = data
        self._framing = framing
        self._blank: Counter[str] = Counter()
        self._other: Counter[str] = Counter()
        self._counters = {name: _counter(layout, name).name for field in layout.fields for name, _ in field.counted}

    def write(self, path: Path, progress: Stage) -> None:
        total, done = len(self._framing.spans), 0
        spans = iter(self._framing.spans)
        with path.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
            while block := list(islice(spans, _AT_ONCE)):
                writer.writerows(zip(*self._columns(block, done), strict=True))
                done += len(block)
                progress(done / total, f"{done:,} of {total:,} records")

    def warnings(self) -> Iterator[str]:
        for name, count in self._blank.items():
            yield f"{name}: {count:,} records have nothing in this number (spaces or zeros of storage); it is missing there."
        for name, count in self._other.items():
            yield f"{name}: {count:,} records use its bytes for another field (REDEFINES); it is missing there."

    def _columns(self, spans: Sequence[Span], done: int) -> list[list[str]]:
        records = self._records(spans)
        columns: dict[str, list[str]] = {}
        for field in self._layout.fields:
            counted = [(columns[self._counters[name]], entry) for name, entry in field.counted]
            # Beyond a table's own count stands whatever was in the storage.
            lenient = replace(field, overlaid=True) if counted else field
            try:
                values = decode(lenient, records)
            except Invalid as error:
                raise self._mismatch(field, spans[error.record], done + error.record) from error
            for counts, entry in counted:
                for number, count in enumerate(counts):
                    if not count or entry >= int(count):
                        values.texts[number] = ""
            columns[field.name] = values.texts
            if not counted:
                self._blank.update({field.name: values.blank} if values.blank else {})
                self._other.update({field.name: values.other} if values.other else {})
        return list(columns.values())

    def _records(self, spans: Sequence[Span]) -> Records:
        length, data = self._layout.length, self._data
        first, last = spans[0], spans[-1]
        if all(span.length == length for span in spans):
            if last.offset + length - first.offset == length * len(spans):
                return Records(data[first.offset : last.offset + length], length, self._code_page)
            joined = b"".join(data[span.offset : span.offset + length] for span in spans)
            return Records(joined, length, self._code_page)
        padded = b"".join(data[span.offset : span.offset + span.length].ljust(length, b"\0") for span in spans)
        return Records(padded, length, self._code_page, [span.length for span in spans])

    def _mismatch(self, field: Field, span: Span, record: int) -> ServiceError:
        at = span.offset + field.offset
        found = self._data[at : at + min(field.length, _SHOWN_BYTES)].hex(" ")
        details: dict[str, JsonValue] = {
            "reason": "value",
            "record": record + 1,
            "offset": at,
            "field": field.name,
            "bytes": found,
        }
        return ServiceError(
            "copybook_mismatch",
            f"This copybook does not describe this file: in record {record + 1:,}, field {field.name} (at byte {at:,} of the "
            f"file) should be a {STORED[field.storage]}, but the bytes there are {found}. Nothing was kept. Choose the "
            "copybook that belongs to the file, or another code page; if both are right, the file is damaged there.",
            details,
        )


def _column(field: Field, index: int) -> TypedColumn:
    if field.storage is Storage.TEXT:
        return TypedColumn(field.name, ColumnType.TEXT, f"c{index}", 1)
    if field.storage is Storage.FLOAT:
        return TypedColumn(field.name, ColumnType.NUMBER, f"CAST(c{index} AS DOUBLE)", 1)
    digits = 20 if field.native else field.digits
    whole = max(digits - field.scale, 0)
    if field.scale <= 0 and whole <= 18:
        return TypedColumn(field.name, ColumnType.INTEGER, f"CAST(c{index} AS BIGINT)", 1)
    width = min(max(whole + max(field.scale, 0), 1), 38)
    return TypedColumn(field.name, ColumnType.DECIMAL, f"CAST(c{index} AS DECIMAL({width}, {max(field.scale, 0)}))", 1)


def _relation(path: Path, columns: int) -> str:
    described = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(columns))
    return (
        f"read_csv({literal(str(path.resolve()))}, auto_detect = false, delim = ',', quote = '\"', escape = '\"', "
        f"header = false, columns = {{{described}}}, nullstr = '', new_line = '\\n')"
    )
