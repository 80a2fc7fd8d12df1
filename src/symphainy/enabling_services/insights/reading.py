"""From a question in plain English to a query. What is not understood is asked about, never guessed."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from typing import Final

from symphainy.enabling_services.insights.conditions import Conditions
from symphainy.enabling_services.insights.lexing import Item, Lexer
from symphainy.enabling_services.insights.linking import Linker, is_identifying, name_words
from symphainy.enabling_services.insights.measuring import Measuring, counts_rows
from symphainy.enabling_services.insights.operands import (
    dates_of,
    is_averaged,
    is_unique,
    lateness,
    measures_of,
    newest_of,
    operand_of,
)
from symphainy.enabling_services.insights.periods import Calendar
from symphainy.enabling_services.insights.query import AskBack, Filter, Group, Measure, Operand, Option, Order, Query
from symphainy.enabling_services.insights.ranking import Ranking
from symphainy.enabling_services.insights.sentence import MOST_OPTIONS, Sentence
from symphainy.enabling_services.insights.table_index import TableIndex

_WHICH: Final = re.compile(r"^\W*(which|who|whose|what|list|show|name|find|give|display|get)\b", re.I)
_VALUES: Final = re.compile(
    r"^\W*(list|show|name|give|what|which)\b.*\b(all|different|distinct|unique|exist|there|available)\b", re.I
)


@dataclass(frozen=True, slots=True)
class Read:
    """A query, and whether the sentence stands alone: fragments (`only 2024`) continue the question before."""

    query: Query
    complete: bool
    asked_groups: bool
    asked_order: bool


@dataclass(frozen=True, slots=True)
class Reader:
    index: TableIndex
    today: dt.date

    def read(self, question: str) -> Read:
        """Raises AskBack where something is unclear."""
        sentence = self._sentence(question)
        conditions = Conditions(sentence)
        conditions.read()
        measuring = Ranking(sentence, conditions.default_date, conditions.late_operand, conditions.late_measure)
        measuring.read()
        self._left_over(sentence)
        return self._assembled(sentence, conditions, measuring)

    def read_on(self, question: str) -> Read:
        """As `read`, for words that may be a fragment: only a chart, only an order, only a limit."""
        try:
            return self.read(question)
        except AskBack as asked:
            sentence = self._sentence(question)
            telling = [item for item in sentence.items if item.kind not in ("filler", "noun", "not", "and", "by")]
            if telling and all(item.kind in ("chart", "direction", "sort", "number", "super") for item in telling):
                chart = next((item.meaning for item in telling if item.kind == "chart"), None)
                number = next((int(item.number or 0) for item in telling if item.kind == "number"), None)
                down = next((item.meaning == "desc" for item in telling if item.kind in ("direction", "super")), None)
                order = (Order(down, 0),) if down is not None and number is None else ()
                return Read(Query("rows", chart=chart, limit=number, order=order), False, False, bool(order))
            raise asked

    def _sentence(self, question: str) -> Sentence:
        linker = Linker(self.index)
        dates = dates_of(self.index)
        reference = newest_of(dates[0], self.today) if dates else self.today
        years = [int(str(day)[:4]) for column in dates for day in (column.minimum, column.maximum) if day]
        calendar = Calendar(reference, range(min(years) - 3, max(years) + 4)) if years else None
        sentence = Sentence(question, Lexer(linker, calendar, self._nouns()).items(question), linker, self.today)
        for item in sentence.items:
            if item.kind == "unknown":
                self._respelt(sentence, item)
        return sentence

    def _nouns(self) -> frozenset[str]:
        """What the rows are called: like the table, or like a column whose every value is different."""
        words = set(name_words(self.index.table)[-1:])
        for column in self.index.columns:
            if is_unique(column, self.index) and self.index.rows > 1:
                words |= counts_rows(column)
        others = [column for column in self.index.columns if not is_unique(column, self.index)]
        named = {word for column in others for word in counts_rows(column)}
        return frozenset(words - named)

    def _respelt(self, sentence: Sentence, item: Item) -> None:
        word = item.text.lower()
        if word.startswith("un") and (done := sentence.linker.columns((word[2:],))) is not None:
            dates = [column for column in done.columns if column.type.is_temporal]
            if dates:
                item.kind, item.mention = "value", None
                item.kind = "not_done"
                item.mention = replace(done, columns=tuple(dates))
                return
        mention = sentence.linker.misspelt(word)
        if mention is None:
            return
        meant = mention.value if mention.value is not None else mention.columns[0].name
        sentence.notes.append(f"I read “{item.text}” as “{meant}”.")
        item.kind = "value" if mention.value is not None else "column"
        item.mention = mention

    def _left_over(self, sentence: Sentence) -> None:
        """A word that nothing explains may be what matters most."""
        unknown = [item for item in sentence.items if item.kind == "unknown" and not item.used]
        if not unknown:
            return
        names = [column.name for column in self.index.columns]
        words = " and ".join(f"“{item.text}”" for item in unknown[:3])
        reason = f"I do not know what {words} means in this table. Its columns are: {', '.join(names[:12])}"
        reason += f" and {len(names) - 12} more." if len(names) > 12 else "."
        text = sentence.text
        rest = " ".join(f"{text[: unknown[0].start]} {text[unknown[0].end :]}".split())
        options = (
            [Option(f"Ask without “{unknown[0].text}”", rest)] if len(unknown) == 1 and len(rest.split()) > 2 else []
        )
        raise AskBack(reason, tuple(options))

    def _assembled(self, sentence: Sentence, conditions: Conditions, measuring: Measuring) -> Read:
        filters = [*conditions.filters, *_not_done(sentence)]
        query = Query(
            "rows",
            tuple(measuring.measures),
            tuple(measuring.groups),
            tuple(filters),
            having=tuple(conditions.having),
            order=tuple(measuring.order),
            limit=measuring.limit,
            chart=next((item.meaning for item in sentence.items if item.kind == "chart"), None),
        )
        shaping = _Shaping(sentence, measuring, self.index, query, lateness(self.index, self.today))
        shaped = shaping.shaped()
        first = measuring.order[0].operand if measuring.order else None
        if first is not None and first.note and shaped.shape == "rows":
            sentence.notes.append(first.note)
        return Read(
            replace(shaped, notes=tuple(dict.fromkeys(sentence.notes))),
            shaping.complete,
            measuring.asked_groups,
            bool(measuring.order),
        )


@dataclass(slots=True)
class _Shaping:
    """Decides what kind of answer is asked for."""

    sentence: Sentence
    measuring: Measuring
    index: TableIndex
    query: Query
    late: Operand | None
    complete: bool = True

    def shaped(self) -> Query:
        sentence = self.sentence
        if sentence.has("agg", "summary") and not self.query.groups and not self._numbers():
            return replace(self.query, shape="summary")
        if sentence.has("agg", "share"):
            return self._share()
        self._compared()
        self._loose_measures()
        if sentence.has("agg", "summary") and not self.query.groups:
            return replace(self.query, shape="summary")
        if self.query.measures or self.query.groups or self.query.having:
            return self._grouped()
        return self._rows()

    def _numbers(self) -> list[Item]:
        return [item for item in self.sentence.unused("column") if self.sentence.is_number(item)]

    def _entities(self) -> list[Item]:
        sentence = self.sentence
        return [item for item in sentence.unused("column") if sentence.is_entity(item) and not sentence.is_number(item)]

    def _compared(self) -> None:
        """Values or periods that stand against each other become groups."""
        sentence, query = self.sentence, self.query
        if not sentence.has("compare") or query.groups:
            return
        for filter in query.filters:
            if filter.op == "in":
                self.query = replace(query, groups=(*query.groups, Group(filter.operand)))
                return
        periods = [filter for filter in query.filters if filter.op == "period"]
        if len(periods) > 1:
            days = [day for item in periods for day in item.values if day]
            merged = Filter(
                periods[0].operand, "period", (min(days), max(days)), " or ".join(item.words for item in periods)
            )
            others = tuple(item for item in query.filters if item.op != "period")
            whole = all(str(day).endswith("-01-01") for day in days)
            bucket = "year" if whole else "month"
            self.query = replace(query, filters=(*others, merged), groups=(Group(merged.operand, bucket),))
            return
        entities = self._entities()
        if entities:
            entities[0].used = True
            column = sentence.entity_column(entities[0])
            self.query = replace(query, groups=(Group(operand_of(column)),))

    def _loose_measures(self) -> None:
        """`sales by region`: a number without a word for what to do with it is added up, or averaged if it is a "
        "rate."""
        sentence = self.sentence
        late = next((item for item in sentence.unused("late")), None)
        if late is not None and self.late is not None and not self.query.measures:
            late.used = True
            self.query = replace(self.query, measures=(Measure("avg", self.late),))
        wanted = bool(self.query.groups or sentence.has("chart") or sentence.has("compare"))
        short = re.match(r"^\W*(what|how)\b", sentence.text, re.I) is not None
        numbers = self._numbers()
        if not numbers or self.measuring.row_order or not (wanted or (short and not self._entities())):
            return
        if sentence.has("chart", "point") or (sentence.has("chart") and len(numbers) > 1 and not self.query.groups):
            return
        measures = list(self.query.measures)
        for item in numbers:
            item.used = True
            operand = operand_of(sentence.number_column(item))
            if not any(measure.operand == operand for measure in measures):
                measures.append(Measure("avg" if is_averaged(operand) else "sum", operand))
        self.query = replace(self.query, measures=tuple(measures))

    def _share(self) -> Query:
        sentence, query = self.sentence, self.query
        numbers = self._numbers()
        measures = [
            measure for measure in query.measures if measure.operand is not None or measure.aggregate == "count"
        ]
        for item in numbers:
            item.used = True
            measures.append(Measure("sum", operand_of(sentence.number_column(item))))
        if not measures:
            measures = [Measure("count")]
        part = tuple(item for item in query.filters if item.op not in ("period", "not_period", "month"))
        base = tuple(item for item in query.filters if item not in part)
        entities = [] if query.groups or part else self._entities()
        groups = query.groups
        if entities and any(item.kind == "by" for item in sentence.items):
            groups = (Group(operand_of(sentence.entity_column(entities[0]))),)
        if groups:
            return replace(query, shape="share", measures=tuple(measures[:1]), groups=groups, filters=base, part=part)
        if not part:
            raise AskBack("The share of what? Name what counts, for example a value of a column, or `share of … by …`.")
        return replace(query, shape="share", measures=tuple(measures[:1]), filters=base, part=part)

    def _grouped(self) -> Query:
        sentence, query = self.sentence, self.query
        groups = query.groups
        if not groups and (query.having or (sentence.has("compare") and not query.filters)):
            entities = self._entities()
            if entities:
                groups = (Group(operand_of(sentence.entity_column(entities[0]))),)
        elif not groups and _WHICH.match(sentence.text) and self._entities() and query.measures and not query.filters:
            groups = (Group(operand_of(sentence.entity_column(self._entities()[0]))),)
        if query.having and not groups:
            raise AskBack("Which groups shall fulfil that? Name a column, for example `customers with …`.")
        measures = query.measures
        for having in query.having:
            if having.measure not in measures:
                measures = (*measures, having.measure)
        if not measures:
            measures = (Measure("count"),)
        query = replace(query, groups=groups, measures=measures, shape="groups" if groups else "value")
        orders = [self._measured(order, query) for order in query.order]
        return replace(query, order=tuple(orders))

    def _measured(self, order: Order, query: Query) -> Order:
        """An order by a column that is one of the measures is an order by that measure."""
        if order.operand is None:
            return order
        for number, measure in enumerate(query.measures):
            if measure.operand == order.operand:
                return Order(order.descending, number)
        return order

    def _rows(self) -> Query:
        sentence, query = self.sentence, self.query
        entities, numbers = self._entities(), self._numbers()
        conditions = [item for item in query.filters if item.operand.kind == "number"]
        named = [item for item in entities if not self._is_row(item)]
        if not sentence.has("agg", "distinct"):
            named = [item for item in named if not is_identifying(sentence.entity_column(item).name)]
        listed = sentence.has("agg", "distinct") or (not conditions and _VALUES.match(sentence.text) is not None)
        only_values = bool(query.filters) and not conditions and _WHICH.match(sentence.text) is not None
        dates = [item for item in sentence.unused("column") if sentence.is_date(item)]
        if (
            named
            and not numbers
            and not dates
            and not query.order
            and (listed or only_values or (_WHICH.match(sentence.text) and not query.filters))
        ):
            groups = tuple(Group(operand_of(sentence.entity_column(item))) for item in named[:3])
            return replace(query, shape="distinct", groups=groups)
        shown = [sentence.any_column(item) for item in sentence.unused("column")]
        noun = any(item.kind == "noun" for item in sentence.items)
        verb = re.match(r"^\W*(show|list|give|display|find|get|see)\b", sentence.text, re.I) is not None
        self.complete = bool(
            shown
            or query.filters
            or query.order
            or noun
            or (verb and len(sentence.items) > 1 and "row" in sentence.text.lower())
        )
        if not self.complete:
            raise AskBack(
                "I did not find a column or a value of this table in the question. Try one of these:", self._examples()
            )
        return replace(query, shown=tuple(column.name for column in shown))

    def _is_row(self, item: Item) -> bool:
        column = self.sentence.entity_column(item)
        return is_unique(column, self.index)

    def _examples(self) -> tuple[Option, ...]:
        return examples(self.index)


def _not_done(sentence: Sentence) -> list[Filter]:
    """`unpaid`: the date of it is missing."""
    found: list[Filter] = []
    for item in sentence.items:
        if item.kind == "not_done" and item.mention is not None:
            column = item.mention.columns[0]
            found.append(Filter(operand_of(column), "null", (), f"{column.name} is missing"))
    return found


def examples(index: TableIndex) -> tuple[Option, ...]:
    """Questions that this table can answer."""
    measures = measures_of(index)
    groups = [column for column in index.columns if column.values and 1 < column.distinct <= 50]
    found: list[str] = []
    if measures and groups:
        found.append(f"{measures[0].name} by {groups[0].name}")
        found.append(f"Top 5 {groups[-1].name} by {measures[-1].name}")
    if measures and dates_of(index):
        found.append(f"{measures[0].name} per month")
    if measures:
        found.append(f"What is the average {measures[0].name}?")
    if groups:
        found.append(f"How many rows per {groups[0].name}?")
    return tuple(Option(text, text) for text in found[:MOST_OPTIONS])
