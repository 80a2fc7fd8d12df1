"""Which date a period is about, and which of its rows are meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from symphainy.enabling_services.insights.comparing import Comparing
from symphainy.enabling_services.insights.lexing import Item
from symphainy.enabling_services.insights.operands import dates_of, event_date, operand_of
from symphainy.enabling_services.insights.query import AskBack, Filter
from symphainy.enabling_services.insights.table_index import IndexedColumn

_ARTICLES: Final = frozenset({"the", "a", "an", "any", "all", "their", "our"})


@dataclass(slots=True)
class Dating(Comparing):
    """Reads periods; what it understood are `filters`."""

    def _periods(self) -> None:
        sentence = self.sentence
        for item in list(sentence.unused("period")):
            assert item.period is not None
            column_item = sentence.before(item, "column", passing=("filler", "op", "by"))
            if column_item is None or not self._dates(column_item):
                column_item = sentence.after(item, "column")
            if column_item is None or not self._dates(column_item):
                dated = [other for other in sentence.unused("column") if self._dates(other)]
                column_item = dated[0] if len(dated) == 1 and not sentence.has("time_super") else None
            column = None
            if column_item is not None and self._dates(column_item):
                column = sentence.date_column(column_item)
                column_item.used = True
            period = item.period
            column = column or self._reaching(item) or self.default_date(item)
            if (
                period.relative
                and period.start
                and column.maximum
                and period.start.isoformat() > str(column.maximum)[:10]
            ):
                raise AskBack(
                    f"{column.name} ends on {str(column.maximum)[:10]}; the table says nothing of {item.text}."
                )
            item.used = True
            negated = self._negated(item) or (column_item is not None and self._negated(column_item))
            words = f"{column.name} {'not ' if negated else ''}{period.words if ' ' in period.words else 'in ' + period.words}"
            if period.month is not None:
                found = Filter(operand_of(column), "not_month" if negated else "month", (period.month,), words)
            else:
                ends = tuple(day.isoformat() if day else None for day in (period.start, period.end))
                found = Filter(operand_of(column), "not_period" if negated else "period", ends, words)
            if period.relative:
                sentence.notes.append("Periods like “last 30 days” count back from the newest day in the data.")
            self.filters.append(found)

    def _reaching(self, item: Item) -> IndexedColumn | None:
        """`in the next 60 days`: the one date that reaches so far, where the one that places the rows does not. `settled the
        most in 2024`: the date of what was done, though the word is a value too."""
        sentence = self.sentence
        dates = dates_of(sentence.index)
        period = item.period
        start = period.start.isoformat() if period is not None and period.start is not None else None
        if period is not None and period.relative and start is not None:
            far = [column for column in dates if str(column.maximum)[:10] >= start]
            placed = event_date(sentence.index)
            if len(far) == 1 and placed not in far:
                sentence.notes.append(f"Time is taken from {far[0].name}, the only date that reaches so far.")
                return far[0]
        for told in sentence.items:
            behind = sentence.items[sentence.items.index(told) + 1 :][:1]
            acted = (
                told.kind == "value"
                and told.text.lower().endswith("ed")
                and sentence.before_any(told, "column", "noun")
            )
            if acted and behind and (behind[0].kind in ("super", "number") or behind[0].text.lower() in _ARTICLES):
                mention = sentence.linker.columns((told.text.lower(),))
                dated = sentence.linker.of_kind(mention, lambda column: column.type.is_temporal) if mention else None
                if dated is not None and len(dated.columns) == 1:
                    return dated.columns[0]
        return None

    def _dates(self, item: Item) -> bool:
        """Whether a period beside them may be about the words: a date, or a verb that a date tells of too."""
        verb = item.text.lower().endswith("ed")
        return self.sentence.may_be_date(item, ranked=verb) and not self.sentence.is_entity(item)

    def default_date(self, item: Item | None) -> IndexedColumn:
        """The only date column; of several the first, said in a note."""
        dates = dates_of(self.sentence.index)
        if not dates:
            raise AskBack("This table has no date, so it cannot be limited to a period or shown over time.")
        meant = event_date(self.sentence.index) or dates[0]
        if len(dates) > 1:
            others = " or ".join(column.name for column in [column for column in dates if column != meant][:2])
            note = f"Time is taken from {meant.name}; {others} can be asked for by name."
            if note not in self.sentence.notes:
                self.sentence.notes.append(note)
        return meant
