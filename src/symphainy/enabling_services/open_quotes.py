"""Quotes that open and never close. The query engine resumes somewhere behind them, so everything in between would be
lost in silence, and for some such files it crashes; therefore they are looked for before and after it reads."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from symphainy.enabling_services.dialects import Layout, csv_reader
from symphainy.enabling_services.errors import ServiceError

if TYPE_CHECKING:
    from _csv import Reader

_BLOCK: Final = 1 << 20


def check_balance(path: Path, layout: Layout, first_line: int) -> None:
    """An odd number of quotes may be a measure in inches, or a quote that never closes: then the file is read to its
    end.

    Raises ServiceError `truncated`.
    """
    quote = layout.quote.encode()
    with path.open("rb") as stream:
        count = sum(block.count(quote) for block in iter(lambda: stream.read(_BLOCK), b""))
    if count % 2:
        line = _line_of_open_quote(path, layout)
        if line is not None:
            raise never_closes(first_line + line)


def reads_to_the_end(path: Path, offset: int, layout: Layout) -> bool:
    """Whether the row at `offset` has a quote that never closes."""
    quote = layout.quote.encode()
    with path.open("rb") as raw:
        raw.seek(offset)
        if not any(quote in block for block in iter(lambda: raw.read(_BLOCK), b"")):
            return False
        raw.seek(offset)
        return _is_open(io.TextIOWrapper(raw, encoding="utf-8", newline=""), layout)


def never_closes(line: int) -> ServiceError:
    return ServiceError(
        "truncated",
        f"A quote that opens in line {line:,} never closes, so everything after it would be lost. Nothing was kept. "
        "The file is cut off or has a stray quote there: correct it and upload it again.",
        {"line": line},
    )


def _line_of_open_quote(path: Path, layout: Layout) -> int | None:
    """Counted from 0. Only the last row can be open, or one with a value larger than any office program writes."""
    start = end = 0
    last = ""
    kept: list[str] = []
    with path.open(encoding="utf-8", newline="") as stream:
        reader = _reader(_kept(stream, kept), layout, strict=False)
        try:
            for _ in reader:
                start, end = end, reader.line_num
                last = "".join(kept)
                kept.clear()
        except csv.Error:
            return end
    if end - start < 1:
        return None
    return start if _is_open(io.StringIO(last, newline=""), layout) else None


def _kept(lines: Iterable[str], kept: list[str]) -> Iterator[str]:
    for line in lines:
        kept.append(line)
        yield line


def _is_open(lines: Iterable[str], layout: Layout) -> bool:
    try:
        next(_reader(lines, layout, strict=True), None)
    except csv.Error as error:
        return "expected after" not in str(error)
    return False


def _reader(lines: Iterable[str], layout: Layout, *, strict: bool) -> Reader:
    return csv_reader(lines, layout.delimiter, layout.quote, layout.escape, strict=strict)
