"""How a delimited text is written, found by trying: each delimiter, quote and escape is scored by how evenly it splits
the first lines, and the first best one wins. The same bytes always give the same answer."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from _csv import Reader

_DELIMITERS: Final = (",", ";", "\t", "|")
_NO_DELIMITER: Final = "\x1f"
"""Stands for a table of one column: a character that office files never contain."""
_ENGINE_NAME: Final = "file_row_number"
"""The query engine's own name for the position of a row, so no column may have it."""
_SAMPLE_ROWS: Final = 500
_PREAMBLE_ROWS: Final = 20
_EVEN_ENOUGH: Final = 0.6
_SEPARATOR_LINE: Final = re.compile(r"sep=([,;\t|])\r?\n", re.I)
_NUMERIC: Final = re.compile(r"[+-]?(?:\d[\d.,' ]*|\.\d+)(?:[eE][+-]?\d+)?\s*[%€$£]?")
_DATE_LIKE: Final = re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}(?:[T ]\d{1,2}:\d{2}.*)?|\d{1,2}:\d{2}(?::\d{2})?")
_CONSTANT: Final = frozenset({"true", "false", "yes", "no", "null", "na", "n/a"})


@dataclass(frozen=True, slots=True)
class Layout:
    """`skip_lines` physical lines stand before the data: preamble and header. `names` are as written, one for each
    column; when the header is one name short, as statistics programs write it, the first column is the one without a
    name."""

    delimiter: str
    quote: str
    escape: str
    header: bool
    names: tuple[str, ...]
    skip_lines: int
    preamble_lines: int

    @property
    def shown_delimiter(self) -> str:
        return "" if self.delimiter == _NO_DELIMITER else self.delimiter


@dataclass(frozen=True, slots=True)
class _Try:
    delimiter: str
    quote: str
    escape: str
    rows: tuple[tuple[str, ...], ...]
    line_ends: tuple[int, ...]
    width: int
    evenness: float


def find_layout(sample: str, *, complete: bool) -> Layout:
    """`sample` is the beginning of the text; unless `complete` its last line may be cut and is not looked at."""
    declared = _SEPARATOR_LINE.match(sample)
    offset = 1 if declared else 0
    body = sample[declared.end() :] if declared else sample
    if not complete and "\n" in body:
        body = body[: body.rindex("\n") + 1]
    best = _best_try(body, (declared.group(1),) if declared else _DELIMITERS)
    first = _first_table_row(best.rows, best.width)
    rows = best.rows[first:]
    header = bool(rows) and has_header(rows)
    lines_before = best.line_ends[first - 1] if first else 0
    lines_header = (best.line_ends[first] - lines_before) if header else 0
    width = max(best.width, 1)
    names = rows[0] if header else ()
    if header and len(names) == width - 1 and any(len(row) == width and row[-1].strip() for row in rows[1:]):
        names = ("", *names)
    return Layout(
        best.delimiter,
        best.quote,
        best.escape,
        header,
        tuple(names[:width]) + ("",) * (width - len(names)),
        offset + lines_before + lines_header,
        offset + lines_before,
    )


def looks_tabular(text: str) -> str | None:
    """The delimiter when the text is so evenly split that it can only be a table, None for prose."""
    body = text[:16_384]
    if len(text) > len(body) and "\n" in body:
        body = body[: body.rindex("\n") + 1]
    best = _best_try(body, _DELIMITERS)
    least = 3 if best.delimiter == "," else 2
    return best.delimiter if len(best.rows) >= 3 and best.width >= least and best.evenness >= 0.95 else None


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns: nothing in it looks like a value (years in a row excepted), and no cell
    of it is repeated below in its own column."""
    first = [cell.strip() for cell in rows[0]]
    filled = [cell for cell in first if cell]
    if not filled:
        return False
    values = [cell for cell in filled if _is_value(cell)]
    if values and not _are_consecutive_years(values):
        return False
    below = rows[1:200]
    repeated = sum(
        1
        for index, cell in enumerate(first)
        if cell and any(index < len(row) and row[index].strip() == cell for row in below)
    )
    return repeated * 2 <= len(filled) if len(filled) > 1 else repeated == 0


def first_table_row(filled: Sequence[int], width: int) -> int:
    """The index of the header among the first rows, given how many cells of each row are filled: titles above a table
    fill at most half of its width."""
    for index, count in enumerate(filled[:_PREAMBLE_ROWS]):
        if count > width // 2 or width <= 1:
            return index
    return 0


def repair_names(names: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Column names that are filled, single-spaced, at most 200 characters and different without regard to case, and one
    sentence for each kind of repair. Empty names become `column_<position>`, repeated ones get `_2`, `_3`, ..."""
    taken = {_ENGINE_NAME}
    repaired: list[str] = []
    empty: list[int] = []
    repeated: list[str] = []
    originals = [" ".join(name.replace("\0", " ").split())[:200] for name in names]
    reserved = {name.casefold() for name in originals if name}
    for position, original in enumerate(originals, 1):
        name = original
        if not name:
            empty.append(position)
            name = f"column_{position}"
        if name.casefold() in taken or (not original and name.casefold() in reserved):
            if original and name.casefold() != _ENGINE_NAME:
                repeated.append(original)
            name = next(
                candidate
                for candidate in (f"{name}_{number}" for number in range(2, len(originals) + 3))
                if candidate.casefold() not in taken and candidate.casefold() not in reserved
            )
        taken.add(name.casefold())
        repaired.append(name)
    warnings: list[str] = []
    if empty:
        warnings.append(
            f"{_count(len(empty), 'column')} had no name and got one from the position ({_some(map(str, empty))})."
        )
    if repeated:
        warnings.append(
            f"{_count(len(repeated), 'column name')} occurred more than once and got a number ({_some(repeated)})."
        )
    return tuple(repaired), tuple(warnings)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _some(items: Iterable[str]) -> str:
    shown = list(items)
    return ", ".join(shown[:5]) + (", …" if len(shown) > 5 else "")


def _best_try(body: str, delimiters: Sequence[str]) -> _Try:
    best: _Try | None = None
    escapes = ('"', "\\") if '\\"' in body else ('"',)
    quotes = ('"', "'") if "'" in body else ('"',)
    for quote in quotes:
        for escape in escapes:
            for delimiter in delimiters:
                attempt = _attempt(body, delimiter, quote, quote if escape == '"' else escape)
                if attempt.width > 1 and (best is None or _score(attempt) > _score(best) + 1e-9):
                    best = attempt
    if best is None or (best.evenness < _EVEN_ENOUGH and not _header_supports(best)):
        return _attempt(body, _NO_DELIMITER, '"', '"')
    return best


def _score(attempt: _Try) -> float:
    return attempt.evenness * (2 - 1 / attempt.width) - (0.05 if attempt.quote == "'" else 0)


def _header_supports(attempt: _Try) -> bool:
    """Uneven rows still are a table when its first row has the usual width and is not prose."""
    return len(attempt.rows[0]) == attempt.width and all(0 < len(cell.strip()) <= 40 for cell in attempt.rows[0])


def csv_reader(lines: Iterable[str], delimiter: str, quote: str, escape: str, *, strict: bool = False) -> Reader:
    """The standard library's reader for this way of writing."""
    doubled = escape == quote
    return csv.reader(
        lines,
        delimiter=delimiter,
        quotechar=quote,
        doublequote=doubled,
        escapechar=None if doubled else escape,
        strict=strict,
    )


def _attempt(body: str, delimiter: str, quote: str, escape: str) -> _Try:
    reader = csv_reader(io.StringIO(body, newline=""), delimiter, quote, escape)
    rows: list[tuple[str, ...]] = []
    ends: list[int] = []
    try:
        for row in reader:
            if row:
                rows.append(tuple(row))
                ends.append(reader.line_num)
            if len(rows) >= _SAMPLE_ROWS:
                break
    except csv.Error:
        if not rows:
            return _Try(delimiter, quote, escape, ((body[:200],),), (1,), 1, 0.0)
    counts = Counter(len(row) for row in rows)
    if not counts:
        return _Try(delimiter, quote, escape, (), (), 1, 0.0)
    width, often = max(counts.items(), key=lambda item: (item[1] if item[0] > 1 else 0, item[0]))
    if len(rows) == 2 and len(rows[0]) > 1:
        width, often = len(rows[0]), counts[len(rows[0])]
    return _Try(delimiter, quote, escape, tuple(rows), tuple(ends), width, often / len(rows))


def _first_table_row(rows: Sequence[Sequence[str]], width: int) -> int:
    return first_table_row([sum(1 for cell in row if cell.strip()) for row in rows], width)


def _is_value(cell: str) -> bool:
    return bool(_NUMERIC.fullmatch(cell) or _DATE_LIKE.fullmatch(cell)) or cell.casefold() in _CONSTANT


def _are_consecutive_years(values: Sequence[str]) -> bool:
    if len(values) < 2 or not all(re.fullmatch(r"(?:19|20)\d\d", value) for value in values):
        return False
    years = [int(value) for value in values]
    return all(later - earlier == 1 for earlier, later in pairwise(years))
