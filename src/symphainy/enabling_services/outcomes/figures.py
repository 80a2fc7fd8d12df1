"""Numbers and dates in the words of a document: rounded for reading, never for computing."""

from __future__ import annotations

from datetime import date


def number(value: float) -> str:
    """Thousands separated; whole numbers without a point, others with as many decimals as six digits allow."""
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{value:,.0f}"
    decimals = max(0, 6 - len(str(int(abs(value)))))
    text = f"{value:,.{min(decimals, 4)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def money(value: float, currency: str) -> str:
    """Whole units: `-12,400 EUR`."""
    return f"{round(value):,} {currency}"


def percent(fraction: float) -> str:
    """A fraction of 1 with one decimal: `12.5 %`."""
    return f"{fraction * 100:,.1f} %"


def day(iso_date: str) -> str:
    """`Mon 7 Dec 2026`."""
    made = date.fromisoformat(iso_date)
    return f"{made:%a} {made.day} {made:%b %Y}"


def count(amount: int, noun: str, many: str = "") -> str:
    """`1 row`, `1,200 rows`."""
    return f"{amount:,} {noun if amount == 1 else many or noun + 's'}"


def listed(items: list[str]) -> str:
    """`a, b and c`."""
    return "".join(items) if len(items) < 2 else f"{', '.join(items[:-1])} and {items[-1]}"
