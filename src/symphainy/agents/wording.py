"""Numbers, lists and tables in the words of an answer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

from symphainy.session import JsonValue

CELL_CHARACTERS: Final = 40
_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]<>|#])")

Item = TypeVar("Item")


def newest_first(items: Mapping[str, Item]) -> list[Item]:
    """The values of a mapping in log order, the other way round."""
    return list(items.values())[::-1]


def plural(count: int, noun: str, many: str = "") -> str:
    """`1 row`, `1,200 rows`."""
    return f"{count:,} {noun if count == 1 else many or noun + 's'}"


def size_text(size: int) -> str:
    """Bytes in decimal units, three digits."""
    value, unit = float(size), "bytes"
    for larger in ("KB", "MB", "GB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{value:,.0f} {unit}" if unit == "bytes" or value >= 100 else f"{value:,.1f} {unit}"


def elapsed_text(seconds: float) -> str:
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def number_text(value: JsonValue) -> str:
    """A number with six digits that count, thousands separated; anything else as it is."""
    match value:
        case bool() | None:
            return cell_text(value)
        case int():
            return f"{value:,}"
        case float():
            return f"{value:,.0f}" if value.is_integer() and abs(value) < 1e15 else f"{value:,.6g}"
        case _:
            return cell_text(value)


def cell_text(value: JsonValue) -> str:
    """A value in a Markdown table: one line, cut, nothing in it read as Markdown."""
    if value is None:
        return ""
    text = " ".join(str(value).split()) if not isinstance(value, bool) else str(value).lower()
    return plain(text if len(text) <= CELL_CHARACTERS else text[: CELL_CHARACTERS - 1] + "\N{HORIZONTAL ELLIPSIS}")


def plain(text: str) -> str:
    """The user's own text inside Markdown: names and values keep their characters and format nothing."""
    return _MARKDOWN.sub(r"\\\1", text)


def table_text(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table. Cells are Markdown already."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def and_list(items: Sequence[str]) -> str:
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def bullets(items: Sequence[str]) -> str:
    return "\n".join(f"- {item}" for item in items)
