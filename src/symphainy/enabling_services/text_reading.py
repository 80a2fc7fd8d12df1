"""The ways in which text can be read as a number, a date or a truth value. Each is a test and an expression in SQL, so
that every value of a column is tried, not a sample."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from symphainy.enabling_services.database import UNFIT
from symphainy.enabling_services.parsed_file import ColumnType

MISSING_WORDS: Final = ("", "NA", "N/A", "n/a", "#N/A", "NULL", "null", "None", "NaN", "nan", "-")
"""Read as missing in a column of numbers, dates or truth values; kept as written in a column of text."""

_MISSING: Final = "|".join(MISSING_WORDS)
_LONGEST_MISSING: Final = max(map(len, MISSING_WORDS))


class NumberStyle(StrEnum):
    """`plain` 1234.5 · `grouped` 1,234.5 · `comma` 1.234,5. Leading zeros make a text in all of them."""

    PLAIN = "plain"
    GROUPED = "grouped"
    COMMA = "comma"


_NUMBER_PATTERNS: Final = {
    NumberStyle.PLAIN: r"[+-]?(0|[1-9]\d*)?(\.\d+)?([eE][+-]?\d{1,3})?",
    NumberStyle.GROUPED: r"[+-]?(0|[1-9]\d{0,2}(,\d{3})+|[1-9]\d*)(\.\d+)?",
    NumberStyle.COMMA: r"[+-]?(0|[1-9]\d{0,2}(\.\d{3})+|[1-9]\d*)(,\d+)?",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """`test` and `value` are SQL over `{x}`, a trimmed text. `test` is never null for a text that is not null."""

    name: str
    type: ColumnType
    test: str
    value: str
    style: NumberStyle | None = None
    day_first: bool | None = None


def plain_text(style: NumberStyle, x: str) -> str:
    """The number in the plain style: `1.234,5` becomes `1234.5`."""
    match style:
        case NumberStyle.PLAIN:
            return x
        case NumberStyle.GROUPED:
            return f"replace({x}, ',', '')"
        case NumberStyle.COMMA:
            return f"replace(replace({x}, '.', ''), ',', '.')"


def _only_if(pattern: str, test: str) -> str:
    """CASE, not AND: the engine would evaluate both sides for every row, and failing conversions are slow."""
    return f"CASE WHEN regexp_full_match({{x}}, '{_braces(pattern)}') THEN {test} ELSE false END"


def _number(style: NumberStyle) -> Reading:
    plain = plain_text(style, "{x}")
    test = _only_if(_NUMBER_PATTERNS[style], f"isfinite(coalesce(TRY_CAST({plain} AS DOUBLE), 'inf'::DOUBLE))")
    return Reading(f"number_{style.value}", ColumnType.NUMBER, test, f"CAST({plain} AS DOUBLE)", style=style)


def _braces(pattern: str) -> str:
    return pattern.replace("{", "{{").replace("}", "}}")


def _date(name: str, pattern: str, form: str, day_first: bool | None = None) -> Reading:
    test = _only_if(pattern, f"try_strptime({{x}}, '{form}') IS NOT NULL")
    return Reading(name, ColumnType.DATE, test, f"CAST(strptime({{x}}, '{form}') AS DATE)", day_first=day_first)


def _timestamp(name: str, date_pattern: str, date_form: str, day_first: bool | None = None) -> Reading:
    forms = f"['{date_form}', '{date_form} %H:%M', '{date_form} %H:%M:%S']"
    test = _only_if(date_pattern + r"( \d{1,2}:\d{2}(:\d{2})?)?", f"try_strptime({{x}}, {forms}) IS NOT NULL")
    return Reading(name, ColumnType.TIMESTAMP, test, f"strptime({{x}}, {forms})", day_first=day_first)


_ISO_DATE: Final = r"\d{4}-\d{2}-\d{2}"
_ISO_TIME: Final = r"\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?"
_POINT: Final = "replace({x}, ',', '.')"
_SLASHES: Final = r"\d{1,2}/\d{1,2}/\d{4}"
_DOTS: Final = r"\d{1,2}\.\d{1,2}\.\d{4}"

NUMBERS: Final = {style: _number(style) for style in NumberStyle}

BOOLEANS: Final = (
    Reading("true_false", ColumnType.BOOLEAN, "lower({x}) IN ('true', 'false')", "lower({x}) = 'true'"),
    Reading("yes_no", ColumnType.BOOLEAN, "lower({x}) IN ('yes', 'no')", "lower({x}) = 'yes'"),
)

ISO_TIMES: Final = (
    _date("iso_date", _ISO_DATE, "%Y-%m-%d"),
    Reading(
        "iso_timestamp",
        ColumnType.TIMESTAMP,
        _only_if(f"{_ISO_DATE}([T ]{_ISO_TIME})?", f"TRY_CAST({_POINT} AS TIMESTAMP) IS NOT NULL"),
        f"CAST({_POINT} AS TIMESTAMP)",
    ),
    Reading(
        "iso_timestamp_with_offset",
        ColumnType.TIMESTAMP,
        _only_if(
            f"{_ISO_DATE}[T ]{_ISO_TIME} ?(Z|[+-]\\d{{2}}(:?\\d{{2}})?)",
            f"TRY_CAST({_POINT} AS TIMESTAMPTZ) IS NOT NULL",
        ),
        f"make_timestamp(epoch_us(CAST({_POINT} AS TIMESTAMPTZ)))",
    ),
)

LOCAL_TIMES: Final = (
    _date("slash_iso_date", r"\d{4}/\d{1,2}/\d{1,2}", "%Y/%m/%d"),
    _date("dotted_date", _DOTS, "%d.%m.%Y"),
    _date("month_first_date", _SLASHES, "%m/%d/%Y", day_first=False),
    _date("day_first_date", _SLASHES, "%d/%m/%Y", day_first=True),
    _date("dashed_date", r"\d{1,2}-\d{1,2}-\d{4}", "%d-%m-%Y"),
    _date("named_month_date", r"\d{1,2}-[A-Za-z]{3}-\d{4}", "%d-%b-%Y"),
    _timestamp("slash_iso_timestamp", r"\d{4}/\d{1,2}/\d{1,2}", "%Y/%m/%d"),
    _timestamp("dotted_timestamp", _DOTS, "%d.%m.%Y"),
    _timestamp("month_first_timestamp", _SLASHES, "%m/%d/%Y", day_first=False),
    _timestamp("day_first_timestamp", _SLASHES, "%d/%m/%Y", day_first=True),
    Reading(
        "time",
        ColumnType.TIME,
        _only_if(r"\d{1,2}:\d{2}(:\d{2})?", "try_strptime({x}, ['%H:%M', '%H:%M:%S']) IS NOT NULL"),
        "CAST(strptime({x}, ['%H:%M', '%H:%M:%S']) AS TIME)",
    ),
)

ALL_READINGS: Final = (*BOOLEANS, *NUMBERS.values(), *ISO_TIMES, *LOCAL_TIMES)
"""In order of preference."""


def trimmed(column: str) -> str:
    return f"trim({column})"


def present(column: str) -> str:
    """The text without spaces around it; null when it is a blank or a word for missing."""
    x = trimmed(column)
    # One pattern, because IN would keep a copy of the trimmed column for each word; and only for short texts, because it is slow.
    is_missing = f"CASE WHEN strlen({x}) <= {_LONGEST_MISSING} THEN regexp_full_match({x}, '{_MISSING}') ELSE false END"
    return f"CASE WHEN {is_missing} THEN NULL ELSE {x} END"


def failures(reading: Reading, x: str) -> str:
    """Counts the values of `x`, a column made by `present`, that cannot be read."""
    return f"count(*) FILTER ({x} IS NOT NULL AND NOT ({reading.test.format(x=x)}))"


def digits(style: NumberStyle, x: str) -> tuple[str, str, str]:
    """The most digits before and after the decimal point and the number of exponents, in a column made by `present`."""
    plain = f"ltrim({plain_text(style, x)}, '+-')"
    point = f"strpos({plain}, '.')"
    before = f"coalesce(max(CASE WHEN {point} > 0 THEN {point} - 1 ELSE length({plain}) END), 0)"
    after = f"coalesce(max(CASE WHEN {point} > 0 THEN length({plain}) - {point} ELSE 0 END), 0)"
    exponents = f"count(*) FILTER (contains({x}, 'e') OR contains({x}, 'E'))"
    return before, after, exponents


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A cheap test in SQL over `{x}`: values that all pass it fit every number style that is tried with it, with at most
    `before` digits before the decimal point, without an exponent, and with the most digits after it that `after` gives."""

    test: str
    before: int
    after: str


WHOLE_NUMBERS: Final = Shortcut(r"regexp_full_match({x}, '[+-]?(0|[1-9]\d{{0,17}})')", 18, "0")
"""For all three styles."""

PLAIN_DECIMALS: Final = Shortcut(
    r"regexp_full_match({x}, '[+-]?(0|[1-9]\d{{0,11}})(\.\d{{1,6}})?')",
    12,
    "coalesce(max(CASE WHEN contains({x}, '.') THEN strlen({x}) - strpos({x}, '.') ELSE 0 END), 0)",
)
"""For the plain and the grouped style."""


def typed(reading: Reading, column: str, value: str | None = None, *, missing_words: bool) -> str:
    """The column as the reading's type."""
    return (value or reading.value).format(x=f"({present(column)})" if missing_words else trimmed(column))


@dataclass(frozen=True, slots=True)
class Strict:
    """How nearly every value of a column is written (`usual`, with its `value`), and how else one of its type may be
    (`allowed`): SQL over `{x}`, as it is in the file."""

    usual: str
    value: str
    allowed: str
    other: str

    def expression(self, column: str) -> str:
        """The values; `Unfit` is raised for any other. Neither trims nor matches a pattern where it need not."""
        x, text = column, trimmed(column)
        return (
            f"CASE WHEN {self.usual.format(x=x)} THEN {self.value.format(x=x)} WHEN {x} IS NULL THEN NULL "
            f"WHEN {self.allowed.format(x=text)} THEN {self.other.format(x=text)} ELSE error('{UNFIT}') END"
        )


INTEGERS: Final = Strict(
    "CAST(TRY_CAST({x} AS BIGINT) AS VARCHAR) = {x} AND strlen({x}) <= 18",
    "TRY_CAST({x} AS BIGINT)",
    WHOLE_NUMBERS.test,
    "CAST({x} AS BIGINT)",
)
ISO_DATES: Final = Strict(
    "CAST(TRY_CAST({x} AS DATE) AS VARCHAR) = {x} AND strlen({x}) = 10",
    "TRY_CAST({x} AS DATE)",
    ISO_TIMES[0].test,
    ISO_TIMES[0].value,
)


def decimals(width: int, after: int) -> Strict:
    """Numbers with a decimal point and at most `after` digits behind it."""
    pattern = rf"(0|[1-9]\d{{{{0,11}}}})(\.\d{{{{1,{after}}}}})?"
    value = f"CAST({{x}} AS DECIMAL({width}, {after}))"
    return Strict(f"regexp_full_match({{x}}, '{pattern}')", value, f"regexp_full_match({{x}}, '[+-]?{pattern}')", value)
