"""What can be computed though no column holds it: spans between dates, profits, products of quantity and price."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from symphainy.enabling_services.database import identifier
from symphainy.enabling_services.insights.linking import Linker, name_words
from symphainy.enabling_services.insights.operands import difference, newest_day, operand_of, ratio_of, span, starting
from symphainy.enabling_services.insights.query import Operand
from symphainy.enabling_services.insights.row_nouns import kinds_of, row_words
from symphainy.enabling_services.insights.table_index import IndexedColumn
from symphainy.enabling_services.insights.vocabulary import DONE, DUE, ENDS, MONEY, singular, words_of

_SPANS: Final = words_of("time duration period span interval length")
_VERB_LEADS: Final = words_of("to until till")
_TIME_UNITS: Final = words_of("time day days hour hours")
_TAKING: Final = (("it", "takes", "to"), ("it", "took", "to"))
_SIGNS: Final = {
    "less": "-", "minus": "-", "plus": "+", "incl": "+", "including": "+", "times": "*", "multiplied": "*"
}  # fmt: skip
_WHOLE: Final = words_of("lead turnaround cycle processing fulfilment fulfillment throughput completion handling")
_PAIRS: Final = tuple(
    (words_of(first), words_of(last))
    for first, last in (
        ("in checkin arrival", "out checkout departure"), ("start begin from", "end finish to until"),
        ("admission admitted", "discharge discharged"), ("pickup", "return dropoff"), ("opened open", "closed close"),
    )
)  # fmt: skip
_BIRTHS: Final = words_of("birth born dob birthday birthdate")
_ENTRIES: Final = words_of("hire hired join joined start signup registered registration since")
_PROFITS: Final = words_of("profit profits earnings gain gains")
_COSTS: Final = words_of("cost cogs expense")
_SPENDINGS: Final = words_of("spend spends spending spent expenditure purchases cost costs worth")
_QUANTITIES: Final = words_of("quantity unit piece count")
_PRICES: Final = words_of("price cost rate")
_EACH: Final = words_of("unit each item price per")
_RECEIVED: Final = words_of("received returned shipped delivered damaged rejected")


@dataclass(frozen=True, slots=True)
class Deriving:
    linker: Linker
    today: dt.date

    def read(self, words: Sequence[str], at: int) -> tuple[int, Operand] | None:
        """What the words from there on name, and how many they are. Names of columns come first elsewhere."""
        for reader in (self._span, self._gap, self._computed, self._age, self._money):
            found = reader(words, at)
            if found is not None:
                return found
        return None

    def named(self, word: str) -> Operand | None:
        """What one word means: `profit`."""
        found = self.read((word,), 0)
        return found[1] if found is not None else None

    # --- time

    @property
    def _dates(self) -> list[IndexedColumn]:
        return [column for column in self.linker.index.columns if column.type.is_temporal]

    def _span(self, words: Sequence[str], at: int) -> tuple[int, Operand] | None:
        """`lead time`, `delivery time`, `time to complete`, `days to close`, `length of stay`."""
        word, following = words[at], words[at + 1] if at + 1 < len(words) else ""
        verb = ""
        taken = 2
        if (
            word in _TIME_UNITS
            and following in ("from", "between")
            and (found := self._two_ends(words, at)) is not None
        ):
            return found
        if word in ("nights", "night") or (word == "length" and following == "of"):
            pair = self._pair()
            if pair is not None:
                return (1 if word.startswith("night") else min(3, len(words) - at)), span(*pair)
        if following in _SPANS and word not in ("the", "a", "of", "average", "mean", "total", "per", "over"):
            verb = word
        elif (word in _TIME_UNITS and following in _VERB_LEADS and at + 2 < len(words)) or (
            word == "length" and following == "of" and at + 2 < len(words)
        ):
            verb, taken = words[at + 2], 3
        if word in _TIME_UNITS and tuple(words[at + 1 : at + 4]) in _TAKING and at + 4 < len(words):
            verb, taken = words[at + 4], 5
        if not verb:
            return None
        end = self._end(verb)
        start = self._start(end) if end is not None else None
        if end is None and following in _SPANS and self._of_rows(verb) and (pair := self._whole()) is not None:
            start, end = pair
        if end is None or start is None:
            return None
        unit = "hour" if word.startswith("hour") else "day" if word.startswith("day") else ""
        return taken, span(start, end, unit)

    def _two_ends(self, words: Sequence[str], at: int) -> tuple[int, Operand] | None:
        """`days from sowing to harvest`, `days between spending and submitting`."""
        middle = next(
            (k for k in range(at + 3, min(at + 7, len(words))) if words[k] in ("to", "and", "until", "till")), None
        )
        if middle is None:
            return None
        start = self._date(words[at + 2 : middle])
        for end_at in range(min(middle + 5, len(words)), middle + 1, -1):
            end = self._date(words[middle + 1 : end_at])
            if start is not None and end is not None and start != end:
                unit = "hour" if words[at].startswith("hour") else "day" if words[at].startswith("day") else ""
                return end_at - at, span(start, end, unit)
        return None

    def _date(self, words: Sequence[str]) -> IndexedColumn | None:
        bare = [word for word in words if word not in ("the", "of", "its", "their", "being", "date", "day")]
        mention = self.linker.columns(bare) if bare else None
        found = self.linker.of_kind(mention, lambda column: column.type.is_temporal) if mention else None
        return found.columns[0] if found is not None else None

    def _of_rows(self, word: str) -> bool:
        """Whether the word calls the rows: the length of a rental."""
        rows = row_words(name_words(self.linker.index.table))
        return singular(word) in rows or any(singular(word) in kind.nouns for kind in kinds_of(rows, frozenset()))

    def _whole(self) -> tuple[IndexedColumn, IndexedColumn] | None:
        """From its beginning to its end: a pair of dates, else the start and what was done last."""
        if (pair := self._pair()) is not None:
            return pair
        done = [c for c in self._dates if (DONE | ENDS) & set(name_words(c.name)) and not DUE & set(name_words(c.name))]
        start = starting(self._dates, done[-1]) if done else None
        return (start, done[-1]) if start is not None else None

    def _pair(self) -> tuple[IndexedColumn, IndexedColumn] | None:
        """The two dates of which one opens what the other closes: check in and check out, start and end."""
        for first, last in _PAIRS:
            starts = [column for column in self._dates if first & set(name_words(column.name))]
            ends = [column for column in self._dates if last & set(name_words(column.name)) and column not in starts]
            if len(starts) == 1 and len(ends) == 1:
                return starts[0], ends[0]
        return None

    def _end(self, verb: str) -> IndexedColumn | None:
        dates = self._dates
        if verb in _WHOLE:
            done = [column for column in dates if DONE & set(name_words(column.name))]
            return done[-1] if done else None
        mention = self.linker.columns((verb,))
        found = self.linker.of_kind(mention, lambda column: column.type.is_temporal) if mention else None
        if found is None:
            return None
        done = [column for column in found.columns if not DUE & set(name_words(column.name))]
        return done[-1] if done else None

    def _start(self, end: IndexedColumn) -> IndexedColumn | None:
        return starting(self._dates, end)

    def _age(self, words: Sequence[str], at: int) -> tuple[int, Operand] | None:
        """Years since the day of birth, or of joining: `age`, `tenure`, `years of service`."""
        text = " ".join(words[at : at + 3])
        if words[at] in ("lifetime", "lifespan") and (pair := self._whole()) is not None:
            return 1, span(*pair)
        for phrase, leads in (
            ("age", _BIRTHS),
            ("tenure", _ENTRIES),
            ("seniority", _ENTRIES),
            ("years of service", _ENTRIES),
            ("been with us", _ENTRIES),
            ("been with the", _ENTRIES),
            ("been here", _ENTRIES),
            ("worked here", _ENTRIES),
        ):
            if text == phrase or text.startswith(phrase + " "):
                dates = [column for column in self._dates if leads & set(name_words(column.name))]
                if len(dates) == 1 and (leads is _BIRTHS or not self._left()):
                    day = newest_day(self.linker.index, self.today)
                    sql = f"date_diff('day', CAST({identifier(dates[0].name)} AS DATE), DATE '{day.isoformat()}') / 365.25"
                    note = f"The {phrase} in years is counted from {dates[0].name} to {day.isoformat()}."
                    return len(phrase.split()), Operand(phrase, sql, "number", (dates[0].name,), note)
        return None

    def _left(self) -> bool:
        """Whether a date tells when it ended: then how long it lasted is no longer one thing."""
        return any(ENDS & set(name_words(column.name)) for column in self._dates)

    # --- numbers

    def _gap(self, words: Sequence[str], at: int) -> tuple[int, Operand] | None:
        """`the difference between A and B`, of two columns of numbers."""
        lead = next(
            (lead for lead in (("difference", "between"), ("gap", "between")) if tuple(words[at : at + 2]) == lead),
            None,
        )
        if lead is None:
            return None
        rest = list(words[at + 2 :])
        for middle in range(1, min(5, len(rest))):
            if rest[middle] != "and":
                continue
            one = self._number(rest[:middle])
            for end in range(min(middle + 5, len(rest)), middle + 1, -1):
                other = self._number(rest[middle + 1 : end])
                if one is not None and other is not None and one != other:
                    found = difference(operand_of(one), operand_of(other))
                    return 2 + end, found
        return None

    def _computed(self, words: Sequence[str], at: int) -> tuple[int, Operand] | None:
        """`principal less balance`, `cost including surcharge`, `hours times rate`: two columns and a sign in words."""
        for middle in range(at + 1, min(at + 5, len(words) - 1)):
            sign = _SIGNS.get(words[middle])
            if sign is None:
                continue
            behind = middle + 1 + (words[middle + 1] in ("by", "the"))
            one = self._number(words[at:middle])
            for end in range(min(behind + 4, len(words)), behind, -1):
                other = self._number(words[behind:end])
                if one is not None and other is not None and one != other:
                    return end - at, _signed(operand_of(one), sign, operand_of(other))
        return None

    def _number(self, words: Sequence[str]) -> IndexedColumn | None:
        bare = [word for word in words if word not in ("the", "of", "and")]
        mention = self.linker.numbers(bare) if bare else None
        return mention.columns[0] if mention is not None and len(mention.columns) == 1 else None

    def _money(self, words: Sequence[str], at: int) -> tuple[int, Operand] | None:
        """Profit as revenue less cost, its margin, and amounts as quantity times price, where no column holds them."""
        word, following = words[at], words[at + 1] if at + 1 < len(words) else ""
        taken = 1
        if word in ("net", "gross", "order", "stock", "inventory") and following in (
            "profit", "margin", "value", "amount", "spend", "spending",
        ):  # fmt: skip
            word, taken = following, 2
        if word in _PROFITS:
            profit = self.profit()
            return (taken, profit) if profit is not None else None
        if singular(word) in MONEY or word in _SPENDINGS or word in ("value", "amount"):
            amount = self._amount()
            if amount is None and word in ("spend", "spends", "spending", "spent", "expenditure"):
                found = self.linker.columns(("revenue",))
                amount = operand_of(found.columns[0]) if found is not None and len(found.columns) == 1 else None
            return (taken, amount) if amount is not None else None
        return None

    def profit(self) -> Operand | None:
        revenue, cost = self._revenue(), self._cost()
        if revenue is None or cost is None:
            return None
        found = difference(revenue, cost)
        return Operand("profit", found.sql, "number", found.columns, f"Profit is {revenue.label} less {cost.label}.")

    def margin(self) -> Operand | None:
        """Profit by revenue, total by total."""
        revenue = self._revenue()
        stored = self.linker.columns(("profit",))
        if revenue is None:
            return None
        if stored is not None and len(stored.columns) == 1 and stored.columns[0].type.is_numeric:
            return ratio_of(operand_of(stored.columns[0]), revenue)
        profit = self.profit()
        return ratio_of(profit, revenue) if profit is not None else None

    def _revenue(self) -> Operand | None:
        mention = self.linker.numbers(("revenue",))
        if mention is not None and len(mention.columns) == 1:
            return operand_of(mention.columns[0])
        return self._amount()

    def _cost(self) -> Operand | None:
        costs = [c for c in self._numbers() if _COSTS & set(name_words(c.name)[-1:])]
        if len(costs) != 1:
            return None
        if not _EACH & set(name_words(costs[0].name)):
            return operand_of(costs[0])
        quantity = self.quantity()
        return _times(quantity, costs[0]) if quantity is not None else None

    def _amount(self) -> Operand | None:
        """Quantity times the price of one, if there is just one such price and no column of amounts."""
        if self.linker.numbers(("revenue",)) is not None:
            return None
        prices = [
            column
            for column in self._numbers()
            if _PRICES & set(name_words(column.name)) and _EACH & set(name_words(column.name))
        ]
        quantity = self.quantity()
        return _times(quantity, prices[0]) if quantity is not None and len(prices) == 1 else None

    def quantity(self) -> IndexedColumn | None:
        """The column that counts pieces; of several the one that is not about what became of them."""
        found = [column for column in self._numbers() if self.counts_pieces(column)]
        plain = [column for column in found if not _RECEIVED & set(name_words(column.name))]
        return plain[0] if len(plain) == 1 else found[0] if len(found) == 1 else None

    def counts_pieces(self, column: IndexedColumn) -> bool:
        return column.type.is_numeric and bool(_QUANTITIES & set(name_words(column.name)[-1:]))

    def _numbers(self) -> list[IndexedColumn]:
        return [column for column in self.linker.index.columns if column.type.is_numeric]


def _signed(one: Operand, sign: str, other: Operand) -> Operand:
    if sign == "-":
        return difference(one, other)
    return Operand(
        f"{one.label} {sign} {other.label}", f"({one.sql} {sign} {other.sql})", "number", (*one.columns, *other.columns)
    )


def _times(quantity: IndexedColumn, price: IndexedColumn) -> Operand:
    label = f"{quantity.name} x {price.name}"
    sql = f"({identifier(quantity.name)} * {identifier(price.name)})"
    return Operand(label, sql, "number", (quantity.name, price.name))
