"""Gives each column of text the most exact type that every one of its values can be read as."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from symphainy.enabling_services.database import Database, literal
from symphainy.enabling_services.parsed_file import ColumnType
from symphainy.enabling_services.text_reading import (
    ALL_READINGS,
    BOOLEANS,
    INTEGERS,
    ISO_DATES,
    ISO_TIMES,
    LOCAL_TIMES,
    NUMBERS,
    PLAIN_DECIMALS,
    WHOLE_NUMBERS,
    NumberStyle,
    Reading,
    Shortcut,
    Strict,
    decimals,
    digits,
    failures,
    plain_text,
    present,
    trimmed,
    typed,
)

_SAMPLE_ROWS: Final = 20_000
_SAMPLE_CELLS: Final = 400_000
_FIRST_ROWS: Final = 1_000
"""Rule out most readings, so that few are left to try on the sample."""
_TESTS_A_QUERY: Final = 150
"""Each test keeps buffers of its own for every thread, so that a thousand of them need hundreds of megabytes."""
_LONGEST_INTEGER: Final = 18
_MOST_DECIMALS: Final = 6
_COLUMNS_OF_A_NARROW_TABLE: Final = 64
_COLUMNS_OF_A_PART: Final = 250
"""The engine holds a block of rows of so many columns at once."""


@dataclass(frozen=True, slots=True)
class TextColumn:
    """`candidates` are tried in their order; none of them: the column stays text."""

    name: str
    candidates: tuple[Reading, ...] = ALL_READINGS


@dataclass(frozen=True, slots=True)
class TextTable:
    """`relation` is SQL that gives the columns c0, c1, ... as VARCHAR, the same rows each time it runs."""

    relation: str
    columns: tuple[TextColumn, ...]
    comma_delimited: bool = True
    """Decides how `1,234` and `03/04/2024` are read when nothing else in the table tells."""


@dataclass(frozen=True, slots=True)
class TypedColumn:
    name: str
    type: ColumnType
    expression: str
    filled: int
    strict: str | None = None
    """As `expression`, but raises `Unfit` for a value that would change the type; None where that is not told by one value."""


@dataclass(frozen=True, slots=True)
class Typing:
    rows: int
    columns: tuple[TypedColumn, ...]
    decimal: str
    warnings: tuple[str, ...]


@dataclass(slots=True)
class _Facts:
    """What was counted in one column: `fits` are the readings without a failure."""

    source: TextColumn
    sql: str
    filled: int = 0
    present: int = 0
    words_seen: bool = False
    """Whether blanks or words for missing are in the sample."""
    fits: list[Reading] = field(default_factory=list[Reading])
    digits: dict[NumberStyle, tuple[int, int, int]] = field(default_factory=dict[NumberStyle, tuple[int, int, int]])

    @property
    def value(self) -> str:
        """The name of the column without blanks and words for missing."""
        return f"v{self.sql}"

    @property
    def text(self) -> str:
        """The name of the column without spaces around it."""
        return f"t{self.sql}"

    @property
    def missing_words(self) -> int:
        return self.filled - self.present

    def note(self, counts: Iterator[int]) -> None:
        """What was counted, in the order of `_sums`."""
        self.filled, self.present = next(counts), next(counts)
        fits: list[Reading] = []
        for reading in self.fits:
            if next(counts) == 0 and self.present:
                fits.append(reading)
            if reading.style is not None:
                self.digits[reading.style] = (next(counts), next(counts), next(counts))
        self.fits = fits

    @property
    def shortcut(self) -> Shortcut | None:
        """The cheap test that probably settles a column of numbers."""
        styles = {reading.style for reading in self.fits}
        if not styles or None in styles:
            return None
        if NumberStyle.COMMA in styles:
            return WHOLE_NUMBERS if len(styles) > 1 else None
        return PLAIN_DECIMALS

    def note_cheap(self, counts: Iterator[int]) -> bool:
        """What was counted, in the order of `_cheap_sums`; False if it settles nothing."""
        self.filled = self.present = next(counts)
        if not self.fits:
            return True
        self.present = next(counts)
        shortcut = self.shortcut
        failed = next(counts)
        after = next(counts) if shortcut is not None else 0
        if failed or not self.present:
            return False
        if shortcut is None:
            self.fits = self.fits[:1]
        else:
            self.digits = {reading.style: (shortcut.before, after, 0) for reading in self.fits if reading.style}
        return True

    def typed(
        self, reading: Reading, kind: ColumnType | None = None, value: str | None = None, strict: Strict | None = None
    ) -> TypedColumn:
        expression = typed(reading, self.sql, value, missing_words=self.missing_words > 0)
        checked = strict.expression(self.sql) if strict is not None and not self.missing_words else None
        return TypedColumn(self.source.name, kind or reading.type, expression, self.filled, checked)

    def fits_style(self, style: NumberStyle) -> bool:
        return NUMBERS[style] in self.fits


def type_table(db: Database, table: TextTable, progress: Callable[[float], None]) -> Typing:
    """Looks at a sample to rule readings out, then tries those that are left on every value."""
    facts = [_Facts(column, f"c{index}", fits=list(column.candidates)) for index, column in enumerate(table.columns)]
    limit = max(200, min(_SAMPLE_ROWS, _SAMPLE_CELLS // max(len(facts), 1)))
    relation, sample = _prepare(db, table, limit)
    rows = int(db.one(f"SELECT count(*) FROM {sample}")[0])
    if rows < limit:
        relation = sample
    progress(0.1)
    if len(facts) > _COLUMNS_OF_A_NARROW_TABLE:
        return _decide(table, facts, _try_by_cells(db, relation, sample, facts, progress))
    for rows_of_sample in (f"(SELECT * FROM {sample} LIMIT {_FIRST_ROWS})", sample):
        for chunk in _chunks(facts):
            _rule_out(db, rows_of_sample, chunk)
    progress(0.2)
    chunks = list(_chunks(facts))
    for number, chunk in enumerate(chunks):
        rows = _measure(db, relation, chunk, _scaled(progress, 0.2 + 0.8 * number / len(chunks), 0.8 / len(chunks)))
    return _decide(table, facts, rows)


def _prepare(db: Database, table: TextTable, limit: int) -> tuple[str, str]:
    """What to read everything from, and what to read the sample from. A wide table is stored by columns first, because
    it is read once for each group of them; not in memory, where every column takes a block however few its values are.
    """
    if len(table.columns) <= _COLUMNS_OF_A_NARROW_TABLE:
        db.rows(f"CREATE OR REPLACE TEMP TABLE sample AS SELECT * FROM {table.relation} LIMIT {limit}")
        return table.relation, "sample"
    path = literal(str(db.scratch_file()))
    db.rows(f"COPY (SELECT * FROM {table.relation}) TO {path} (FORMAT parquet)")
    return f"read_parquet({path})", f"(SELECT * FROM read_parquet({path}) LIMIT {limit})"


def _try_by_cells(
    db: Database, relation: str, sample: str, facts: Sequence[_Facts], progress: Callable[[float], None]
) -> int:
    """As `_rule_out` and `_measure`, for a wide table: its cells become rows of a long one, in which a query looks at all
    columns with the same readings at once. A query for each few columns would be planned over all of them each time."""
    readings = tuple(dict.fromkeys(reading for fact in facts for reading in fact.fits))
    failed = ", ".join(failures(reading, "v") for reading in readings) or "0"
    found = {row[0]: row[1:] for row in db.rows(f"SELECT c, {failed} FROM {_cells(sample, facts)} GROUP BY c")}
    for fact in facts:
        counts = dict(zip(readings, found.get(fact.sql, ()), strict=False))
        fact.fits = [reading for reading in fact.fits if not counts.get(reading, 0)]
    progress(0.2)
    groups: dict[tuple[Reading, ...], list[_Facts]] = {}
    for fact in facts:
        groups.setdefault(tuple(fact.fits), []).append(fact)
    parts = [(fits, part) for fits, group in groups.items() for part in _split(group, _COLUMNS_OF_A_PART)]
    for number, (fits, part) in enumerate(parts):
        sums = ", ".join(_sums(fits, "x", "v"))
        rows = {row[0]: row[1:] for row in db.rows(f"SELECT c, {sums} FROM {_cells(relation, part)} GROUP BY c")}
        for fact in part:
            # a column without any value has no cells, and fits nothing
            fact.note(iter(rows.get(fact.sql) or [0] * len(_sums(fits, "x", "v"))))
        progress(0.2 + 0.8 * (number + 1) / len(parts))
    return int(db.one(f"SELECT count(*) FROM {relation}")[0])


def _cells(relation: str, facts: Sequence[_Facts]) -> str:
    """One row for each value: `c` names its column, `x` is the text, `v` is null where that is a word for missing."""
    names = ", ".join(fact.sql for fact in facts)
    cells = f"(UNPIVOT (SELECT {names} FROM {relation}) ON {names} INTO NAME c VALUE x)"
    return f"(SELECT c, x, {present('x')} AS v FROM {cells})"


def _split(facts: Sequence[_Facts], size: int) -> list[Sequence[_Facts]]:
    return [facts[start : start + size] for start in range(0, len(facts), size)]


def _sums(fits: Sequence[Reading], x: str, value: str) -> list[str]:
    """SQL for what `_Facts.note` takes: how many values there are, how many of them fail each reading, their digits."""
    parts = [f"count({x})", f"count({value})"]
    for reading in fits:
        parts.append(failures(reading, value))
        if reading.style is not None:
            parts.extend(digits(reading.style, value))
    return parts


def _scaled(progress: Callable[[float], None], start: float, width: float) -> Callable[[float], None]:
    return lambda fraction: progress(start + width * fraction)


def _chunks(facts: Sequence[_Facts]) -> Iterator[Sequence[_Facts]]:
    chunk: list[_Facts] = []
    tests = 0
    for fact in facts:
        chunk.append(fact)
        tests += 3 + sum(1 if reading.style is None else 4 for reading in fact.fits)
        if tests >= _TESTS_A_QUERY:
            yield chunk
            chunk, tests = [], 0
    if chunk:
        yield chunk


def _prepared(relation: str, chunk: Sequence[_Facts]) -> str:
    columns = ", ".join(
        f"{fact.sql}, {trimmed(fact.sql)} AS {fact.text}, {present(fact.sql)} AS {fact.value}" for fact in chunk
    )
    return f"(SELECT {columns} FROM {relation})"


def _rule_out(db: Database, relation: str, chunk: Sequence[_Facts]) -> None:
    parts = ["count(*)"]
    for fact in chunk:
        parts.append(f"count({fact.sql}) - count({fact.value})")
        parts.extend(failures(reading, fact.value) for reading in fact.fits)
    counts = iter(db.one(f"SELECT {', '.join(parts)} FROM {_prepared(relation, chunk)}")[1:])
    for fact in chunk:
        fact.words_seen = next(counts) > 0
        fact.fits = [reading for reading in fact.fits if next(counts) == 0]


def _measure(db: Database, relation: str, chunk: Sequence[_Facts], progress: Callable[[float], None]) -> int:
    """Tries every value. Most columns pass a cheap test that settles what the dear ones would find; those that do not are
    looked at once more."""
    cheap = {fact.sql: _cheap_sums(fact) for fact in chunk}
    parts = ["count(*)"]
    for fact in chunk:
        parts.extend(cheap[fact.sql] or _sums(fact.fits, fact.sql, fact.value))
    row = db.one(f"SELECT {', '.join(parts)} FROM {_prepared(relation, chunk)}", progress)
    counts = iter(int(value) for value in row[1:])
    again: list[_Facts] = []
    for fact in chunk:
        if cheap[fact.sql] is None:
            fact.note(counts)
        elif not fact.note_cheap(counts):
            again.append(fact)
    if again:
        parts = [part for fact in again for part in _sums(fact.fits, fact.sql, fact.value)]
        found = db.one(f"SELECT {', '.join(parts)} FROM {_prepared(relation, again)}")
        counts = iter(int(value) for value in found)
        for fact in again:
            fact.note(counts)
    return int(row[0])


def _cheap_sums(fact: _Facts) -> list[str] | None:
    """SQL for what `_Facts.note_cheap` takes; None if there is no cheap test for what is left to try."""
    filled = [f"count({fact.sql})"]
    if not fact.fits:
        return filled
    # A blank and a word for missing fail every test: where the sample has none they are looked for only if something fails.
    value, counted = (fact.value, fact.value) if fact.words_seen else (fact.text, fact.sql)
    filled.append(f"count({counted})")
    if fact.fits[0] is ISO_TIMES[0]:
        return [*filled, failures(fact.fits[0], value)]
    shortcut = fact.shortcut
    if shortcut is None:
        return None
    failed = f"count(*) FILTER ({value} IS NOT NULL AND NOT {shortcut.test.format(x=value)})"
    return [*filled, failed, shortcut.after.format(x=value)]


def _decide(table: TextTable, facts: Sequence[_Facts], rows: int) -> Typing:
    styles, comma = _style_order(table, facts)
    day_first, assumed = _day_first(facts, comma or not table.comma_delimited)
    columns: list[TypedColumn] = []
    warnings: list[str] = []
    for fact in facts:
        column = _choose(fact, styles, day_first)
        columns.append(column)
        if column.type is not ColumnType.TEXT and fact.missing_words:
            warnings.append(
                f"In column {fact.source.name!r}, blanks and words such as N/A were read as missing "
                f"({fact.missing_words:,})."
            )
        if "epoch_us" in column.expression:
            warnings.append(f"The times in column {fact.source.name!r} name an offset; they were converted to UTC.")
    if assumed:
        order = "day/month/year" if day_first else "month/day/year"
        warnings.append(
            f"Dates such as {assumed[1]} in column {assumed[0]!r} could be read in two ways; they were read as {order}."
        )
    return Typing(rows, tuple(columns), "," if comma else ".", tuple(warnings))


def _style_order(table: TextTable, facts: Sequence[_Facts]) -> tuple[tuple[NumberStyle, ...], bool]:
    """A column that fits the decimal comma and nothing else decides for the whole table, and so does the reverse."""
    plain, grouped, comma = NumberStyle.PLAIN, NumberStyle.GROUPED, NumberStyle.COMMA
    only_comma = any(f.fits_style(comma) and not f.fits_style(plain) and not f.fits_style(grouped) for f in facts)
    only_point = any((f.fits_style(plain) or f.fits_style(grouped)) and not f.fits_style(comma) for f in facts)
    if only_comma and not only_point:
        return (comma, plain, grouped), True
    if only_point or table.comma_delimited:
        return (plain, grouped, comma), False
    ambiguous_comma = any(f.fits_style(comma) and not f.fits_style(plain) for f in facts)
    return (plain, comma, grouped), ambiguous_comma


def _day_first(facts: Sequence[_Facts], default: bool) -> tuple[bool, tuple[str, str] | None]:
    """Which order slashed dates have, and the first column where that had to be assumed."""
    both: list[_Facts] = []
    for fact in facts:
        orders = {reading.day_first for reading in fact.fits if reading.day_first is not None}
        if len(orders) == 1:
            return orders == {True}, None
        if len(orders) == 2:
            both.append(fact)
    return default, (both[0].source.name, "03/04/2024") if both else None


def _choose(fact: _Facts, styles: Sequence[NumberStyle], day_first: bool) -> TypedColumn:
    for reading in fact.fits:
        if reading in BOOLEANS:
            return fact.typed(reading)
    for style in styles:
        if fact.fits_style(style):
            return _number(fact, NUMBERS[style], style)
    for reading in (*ISO_TIMES, *LOCAL_TIMES):
        if reading in fact.fits and reading.day_first in (None, day_first):
            return fact.typed(reading, strict=ISO_DATES if reading is ISO_TIMES[0] else None)
    for reading in LOCAL_TIMES:
        if reading in fact.fits:
            return fact.typed(reading)
    return _text(fact)


def _number(fact: _Facts, reading: Reading, style: NumberStyle) -> TypedColumn:
    """Whole numbers of up to 18 digits are integers, longer ones are codes and stay text; up to 6 decimals are kept
    exactly."""
    before, after, exponents = fact.digits[style]
    plain = plain_text(style, "{x}")
    if exponents or after > _MOST_DECIMALS or (after and before + after > _LONGEST_INTEGER):
        return fact.typed(reading)
    if after:
        value = f"CAST({plain} AS DECIMAL({_LONGEST_INTEGER}, {after}))"
        strict = decimals(_LONGEST_INTEGER, after) if style is NumberStyle.PLAIN else None
        return fact.typed(reading, ColumnType.DECIMAL, value, strict)
    if before > _LONGEST_INTEGER:
        return _text(fact)
    strict = INTEGERS if style is NumberStyle.PLAIN else None
    return fact.typed(reading, ColumnType.INTEGER, f"CAST({plain} AS BIGINT)", strict)


def _text(fact: _Facts) -> TypedColumn:
    settled = fact.present and not fact.fits
    return TypedColumn(fact.source.name, ColumnType.TEXT, fact.sql, fact.filled, fact.sql if settled else None)
