"""What deserves attention in a table or a document: a sentence, the number of rows, and the SQL that shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from symphainy.enabling_services.column_profiles import COUNTED
from symphainy.enabling_services.database import Database, identifier
from symphainy.enabling_services.json_values import JsonValue
from symphainy.enabling_services.kinds import FileKind
from symphainy.enabling_services.parsed_file import ColumnType, Document, ParsedTable, RejectedRows
from symphainy.enabling_services.previewing import json_safe
from symphainy.enabling_services.profile import ColumnProfile, Finding, FindingCode, Severity

_EXAMPLES: Final = 5
_REPEATED: Final = 10
"""Values that are there so often on average are looked at once each."""
_MOSTLY: Final = 0.9
_NEARLY: Final = 0.99
_FEWEST_FOR_KEYS: Final = 10
_FEWEST_FOR_OUTLIERS: Final = 10
_OUTLIER_SCORE: Final = 3.5
_MAD_TO_SIGMA: Final = 0.6745
_MOST_CATEGORIES: Final = 1_000
_NUMBER: Final = r"[$€£]?\s*[+-]?[$€£]?\s*(\d+([.,]\d+)?|\d{1,3}([.,'' ]\d{3})+([.,]\d+)?)\s*[%€$£]?"
_DATE: Final = r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ].*)?|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2})( .*)?"
_WITH_HEADINGS: Final = frozenset({FileKind.PDF, FileKind.DOCX, FileKind.PPTX, FileKind.HTML, FileKind.MARKDOWN})
_LEADING_ZERO: Final = r"0\d+"


@dataclass(frozen=True, slots=True)
class Facts:
    """Where to look, and what is true of the whole table. `today` is `YYYY-MM-DD`; `counted` says that `COUNTED` tells of the
    column that is looked at."""

    db: Database
    relation: str
    table: str
    rows: int
    today: str
    counted: bool = False

    def count(self, condition: str) -> int:
        return self.counts(condition)[0]

    def counts(self, *conditions: str) -> tuple[int, ...]:
        parts = ", ".join(f"count(*) FILTER ({condition})" for condition in conditions)
        return tuple(int(count) for count in self.db.one(f"SELECT {parts} FROM {self.relation}"))

    def counts_by_value(self, column: str, *conditions: Callable[[str], str]) -> tuple[int, ...]:
        """The same, for conditions on one column whose values repeat: each value is looked at once."""
        parts = ", ".join(f"coalesce(sum(n) FILTER ({condition('v')}), 0)" for condition in conditions)
        return tuple(int(count) for count in self.db.one(f"SELECT {parts} FROM {self.values_of(column)}"))

    def values_of(self, column: str) -> str:
        """The different values (`v`) of a column, and how many rows have each (`n`)."""
        values = f"(SELECT {column} AS v, count(*) AS n FROM {self.relation} WHERE {column} IS NOT NULL GROUP BY 1)"
        return COUNTED if self.counted else values

    def examples(self, column: str, condition: str) -> tuple[JsonValue, ...]:
        rows = self.db.rows(
            f"SELECT DISTINCT {column} AS v FROM {self.relation} WHERE {condition} ORDER BY 1 LIMIT {_EXAMPLES}"
        )
        return tuple(_short(json_safe(row[0])) for row in rows)

    def rows_where(self, condition: str) -> str:
        """The evidence, over a table that is called like the parsed table."""
        return f"SELECT * FROM {identifier(self.table)} WHERE {condition}"


def column_findings(facts: Facts, column: ColumnProfile) -> Iterator[Finding]:
    name = identifier(column.name)
    present = facts.rows - column.nulls
    if not facts.rows:
        return
    yield from _missing(facts, column, name)
    if present and column.distinct == 1 and facts.rows > 1 and column.distinct_exact:
        yield Finding(
            FindingCode.CONSTANT_COLUMN,
            Severity.INFO,
            f"Every value of column {column.name!r} is the same.",
            present,
            column.name,
            f"SELECT DISTINCT {name} FROM {identifier(facts.table)} WHERE {name} IS NOT NULL",
            tuple(value.value for value in column.top_values[:1]),
        )
    if column.type is ColumnType.TEXT and present:
        yield from _text(facts, column, name, present)
    if column.type.is_numeric:
        yield from _outliers(facts, column, name, present)
    if column.type.is_temporal:
        yield from _future(facts, column, name)
    yield from _keys(facts, column, name, present)


def table_findings(
    table: ParsedTable, columns: Sequence[ColumnProfile], duplicates: int, rejected: RejectedRows
) -> Iterator[Finding]:
    if not table.rows:
        yield Finding(FindingCode.NO_ROWS, Severity.WARNING, f"Table {table.name!r} has column names, but no rows.", 0)
    if rejected.count:
        yield Finding(
            FindingCode.REJECTED_ROWS,
            Severity.WARNING,
            f"{_rows(rejected.count)} of the file did not fit the table and {_be(rejected.count)} left out.",
            rejected.count,
            examples=tuple(f"line {row.line} {row.reason}" for row in rejected.first[:_EXAMPLES]),
        )
    if duplicates:
        names = ", ".join(identifier(column.name) for column in columns)
        yield Finding(
            FindingCode.DUPLICATE_ROWS,
            Severity.WARNING,
            f"{_rows(duplicates)} repeat{'s' if duplicates == 1 else ''} an earlier row in every column.",
            duplicates,
            sql=f"SELECT {names}, count(*) AS times FROM {identifier(table.name)} GROUP BY {names} HAVING count(*) > 1",
        )


def document_findings(kind: FileKind, document: Document) -> tuple[Finding, ...]:
    found: list[Finding] = []
    if not document.words:
        why = "no text layer (is it a scan?)" if kind is FileKind.PDF else "no text"
        found.append(
            Finding(FindingCode.NO_TEXT, Severity.WARNING, f"The document has {why}, so nothing can be found in it.", 0)
        )
    elif not document.headings and kind in _WITH_HEADINGS and document.words > 300:
        found.append(
            Finding(
                FindingCode.NO_HEADINGS,
                Severity.INFO,
                "The document has no headings, so its parts cannot be told apart.",
                document.words,
            )
        )
    return tuple(found)


def _missing(facts: Facts, column: ColumnProfile, name: str) -> Iterator[Finding]:
    if not column.nulls:
        return
    where = f"{name} IS NULL"
    if column.nulls == facts.rows:
        message = f"Column {column.name!r} has no value in any row."
        yield Finding(
            FindingCode.EMPTY_COLUMN, Severity.NOTICE, message, column.nulls, column.name, facts.rows_where(where)
        )
        return
    share = column.nulls / facts.rows
    severity = Severity.WARNING if share >= 0.2 else Severity.NOTICE if share >= 0.01 else Severity.INFO
    message = f"Column {column.name!r} has no value in {_rows(column.nulls)} ({_percent(share)})."
    yield Finding(FindingCode.MISSING_VALUES, severity, message, column.nulls, column.name, facts.rows_where(where))


def _text(facts: Facts, column: ColumnProfile, name: str, present: int) -> Iterator[Finding]:
    looks = (_looks_like_number, _looks_like_date, _begins_or_ends_with_space)
    numbers, dates, spaces = (look(name) for look in looks)
    repeated = column.distinct * _REPEATED <= present
    number_count, date_count, count = (
        facts.counts_by_value(name, *looks) if repeated else facts.counts(numbers, dates, spaces)
    )
    if number_count > _MOSTLY * present:
        yield _written_as_text(facts, column, name, present, FindingCode.TEXT_NUMBERS, numbers, number_count, "numbers")
    if date_count > _MOSTLY * present:
        yield _written_as_text(facts, column, name, present, FindingCode.TEXT_DATES, dates, date_count, "dates")
    if count:
        yield Finding(
            FindingCode.SURROUNDING_SPACES,
            Severity.NOTICE,
            f"{_rows(count)} of column {column.name!r} begin{'s' if count == 1 else ''} or "
            f"end{'s' if count == 1 else ''} with a space.",
            count,
            column.name,
            facts.rows_where(spaces),
            facts.examples(name, spaces),
        )
    if 1 < column.distinct <= _MOST_CATEGORIES:
        yield from _case(facts, column, name)


def _looks_like_number(name: str) -> str:
    """Codes with leading zeros, and those longer than 18 characters, are meant to be text."""
    return (
        f"CASE WHEN regexp_full_match(trim({name}), '{_NUMBER}') "
        f"THEN length({name}) <= 18 AND NOT regexp_full_match(trim({name}), '{_LEADING_ZERO}') ELSE false END"
    )


def _looks_like_date(name: str) -> str:
    return f"regexp_full_match(trim({name}), '{_DATE}')"


def _begins_or_ends_with_space(name: str) -> str:
    return f"{name} <> trim({name})"


def _written_as_text(
    facts: Facts, column: ColumnProfile, name: str, present: int, code: FindingCode, fits: str, count: int, what: str
) -> Finding:
    """More than 90 % of the values look alike."""
    others = f"{name} IS NOT NULL AND NOT ({fits})"
    rest = present - count
    if rest:
        share = _percent(count / present)
        others_are = f"{_rows(rest)} {_be(rest, 'is', 'are')} not"
        message = f"Column {column.name!r} is text, but {share} of its values are {what}; {others_are}."
        rows, examples = facts.rows_where(others), facts.examples(name, others)
        return Finding(code, Severity.WARNING, message, rest, column.name, rows, examples)
    message = f"Column {column.name!r} is text, but all of its values are {what} written as text."
    rows, examples = facts.rows_where(fits), facts.examples(name, fits)
    return Finding(code, Severity.NOTICE, message, count, column.name, rows, examples)


def _case(facts: Facts, column: ColumnProfile, name: str) -> Iterator[Finding]:
    """Categories that differ only in upper and lower case or in spaces around them. The most frequent spelling is the
    right one."""
    place = "row_number() OVER (PARTITION BY lower(trim({v})) ORDER BY {n} DESC, {v}) AS place"
    spelled = f"SELECT v, n, {place.format(v='v', n='n')} FROM {facts.values_of(name)}"
    rows = facts.db.rows(f"SELECT v, n FROM ({spelled}) WHERE place > 1 ORDER BY n DESC, v")
    count = sum(int(row[1]) for row in rows)
    if not count:
        return
    message = (
        f"Column {column.name!r} spells some categories in more than one way (upper and lower case, spaces); "
        f"{_rows(count)} {'differs' if count == 1 else 'differ'} from the usual spelling."
    )
    evidence = (
        f"SELECT v, n FROM (SELECT {name} AS v, count(*) AS n, {place.format(v=name, n='count(*)')} "
        f"FROM {identifier(facts.table)} WHERE {name} IS NOT NULL GROUP BY {name}) WHERE place > 1"
    )
    examples = tuple(_short(row[0]) for row in rows[:_EXAMPLES])
    yield Finding(FindingCode.INCONSISTENT_CASE, Severity.WARNING, message, count, column.name, evidence, examples)


def _outliers(facts: Facts, column: ColumnProfile, name: str, present: int) -> Iterator[Finding]:
    """Modified z-score (Iglewicz and Hoaglin, 1993): 0.6745 * |x - median| / MAD > 3.5, where MAD is the median of |x
    - median|. Not computed for fewer than 10 values, nor when MAD is 0, that is when half of the values are equal."""
    if present < _FEWEST_FOR_OUTLIERS or column.median is None or column.distinct <= 2:
        return
    if _all_near(column, column.median, present):
        return
    value = f"CAST({name} AS DOUBLE)"
    distance = f"abs({value} - {column.median!r})"
    mad = facts.db.one(f"SELECT median({distance}) FROM {facts.relation}")[0]
    if not mad:
        return
    condition = f"{distance} > {_OUTLIER_SCORE / _MAD_TO_SIGMA * float(mad)!r}"
    count = facts.count(condition)
    if count:
        yield Finding(
            FindingCode.OUTLIERS,
            Severity.NOTICE,
            f"{_rows(count)} of column {column.name!r} {_be(count, 'is', 'are')} unusually far from the median of "
            f"{column.median:,.6g}.",
            count,
            column.name,
            facts.rows_where(condition),
            facts.examples(name, condition),
        )


def _all_near(column: ColumnProfile, median: float, present: int) -> bool:
    """Whether the histogram alone shows that there are no outliers. The MAD is at least as far from the median as the nearer end of
    the bin in which, counted outwards, the middle value is."""
    if not column.histogram:
        return False
    bins = [(float(str(bin.start)), float(str(bin.end)), bin.count) for bin in column.histogram]
    farthest = max(abs(bins[0][0] - median), abs(bins[-1][1] - median))
    counted = 0
    for nearest, count in sorted((max(0.0, start - median, median - end), count) for start, end, count in bins):
        counted += count
        if 2 * counted >= present:
            return farthest <= _OUTLIER_SCORE / _MAD_TO_SIGMA * nearest * (1 - 1e-9)
    return False


def _future(facts: Facts, column: ColumnProfile, name: str) -> Iterator[Finding]:
    condition = f"CAST({name} AS DATE) > DATE '{facts.today}'"
    count = facts.count(condition)
    if count:
        yield Finding(
            FindingCode.FUTURE_DATES,
            Severity.NOTICE,
            f"{_rows(count)} of column {column.name!r} {_be(count, 'lies', 'lie')} after today ({facts.today}).",
            count,
            column.name,
            facts.rows_where(condition),
            facts.examples(name, condition),
        )


def _keys(facts: Facts, column: ColumnProfile, name: str, present: int) -> Iterator[Finding]:
    """Whole numbers and texts whose values are all, or nearly all, different."""
    if column.type not in (ColumnType.INTEGER, ColumnType.TEXT) or not column.distinct_exact:
        return
    if present != facts.rows or present < _FEWEST_FOR_KEYS:
        return
    if column.distinct == present:
        yield Finding(
            FindingCode.POSSIBLE_KEY,
            Severity.INFO,
            f"Column {column.name!r} has a different value in every row, so it can identify a row.",
            present,
            column.name,
            f"SELECT count(DISTINCT {name}) FROM {identifier(facts.table)}",
        )
    elif column.distinct >= _NEARLY * present:
        repeated = present - column.distinct
        yield Finding(
            FindingCode.NEARLY_UNIQUE,
            Severity.NOTICE,
            f"Column {column.name!r} has a different value in nearly every row; {_rows(repeated)} "
            f"repeat{'s' if repeated == 1 else ''} an earlier value.",
            repeated,
            column.name,
            f"SELECT {name}, count(*) AS times FROM {identifier(facts.table)} GROUP BY {name} HAVING count(*) > 1",
        )


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def _be(count: int, one: str = "was", many: str = "were") -> str:
    return one if count == 1 else many


def _percent(share: float) -> str:
    if share < 0.001:
        return "less than 0.1 %"
    return f"{min(share * 100, 99.9) if share < 1 else 100:.3g} %"


def _short(value: JsonValue) -> JsonValue:
    return value[:99] + "…" if isinstance(value, str) and len(value) > 100 else value
