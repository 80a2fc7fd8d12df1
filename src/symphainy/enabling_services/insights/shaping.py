"""What kind of answer a question asks for: rows, values, one number, a table of groups, a share, a summary."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from symphainy.enabling_services.insights.contrasting import contrasted, set_against
from symphainy.enabling_services.insights.leftovers import unplaced
from symphainy.enabling_services.insights.lexing import Item
from symphainy.enabling_services.insights.linking import is_identifying, name_words
from symphainy.enabling_services.insights.operands import dates_of, is_averaged, is_unique, measures_of, operand_of
from symphainy.enabling_services.insights.query import AskBack, Filter, Group, Measure, Operand, Option, Order, Query
from symphainy.enabling_services.insights.ranking import Ranking
from symphainy.enabling_services.insights.relating import related
from symphainy.enabling_services.insights.sentence import MOST_OPTIONS, Sentence
from symphainy.enabling_services.insights.table_index import IndexedColumn, TableIndex

_WHICH: Final = re.compile(r"^\W*(which|who|whose|what|list|show|name|find|give|display|get)\b", re.I)
_VALUES: Final = re.compile(
    r"^\W*(list|show|name|give|what|which)\b.*\b(all|different|distinct|unique|exist|there|available)\b", re.I
)
_VERB: Final = re.compile(
    r"\b(is|are|was|were|has|have|had|comes?|came|works?|worked|pays?|lives?|uses?|used|owns?|takes?|took|goes|went|gets?|got|arrived?|needs?|needed)\b",
    re.I,
)


@dataclass(slots=True)
class Shaping:
    """Decides what kind of answer is asked for."""

    sentence: Sentence
    measuring: Ranking
    index: TableIndex
    query: Query
    late: Operand | None
    complete: bool = True

    def shaped(self) -> Query:
        """Raises AskBack where something that was said has no place in the query."""
        query = self._shaped()
        return query if query.shape in ("rows", "summary") else self._complete(query)

    def _complete(self, query: Query) -> Query:
        """`jobs that are closed`: a date that tells a state is filled in. What else is left over is asked about."""
        sentence, filters = self.sentence, list(query.filters)
        operands = [*(m.operand for m in query.measures), *(g.operand for g in (*query.groups, *query.over))]
        operands += [item.operand for item in (*query.filters, *query.part, *(h.measure for h in query.having))]
        told = {name for operand in operands if operand is not None for name in operand.columns}
        for item in list(sentence.unused("column")):
            names = {column.name for column in item.mention.ranked} if item.mention is not None else set[str]()
            item.used = True
            if (
                names & told
                or self._names_rows(item)
                or (item.operand is not None and set(item.operand.columns) & told)
            ):
                continue
            if item.text.lower().endswith(("ed", "en", "left", "paid", "done")) and sentence.may_be_date(item):
                column = sentence.date_column(item)
                if column.nulls:
                    filters.append(Filter(operand_of(column), "not_null", (), f"{column.name} is filled in"))
                continue
            raise unplaced(item)
        return replace(query, filters=tuple(filters))

    def _names_rows(self, item: Item) -> bool:
        """`how long do patients wait`: who or what the rows are about, which limits nothing."""
        if not self.sentence.is_entity(item) or item.mention is None:
            return False
        things = any(is_identifying(c.name) or name_words(c.name)[-1] == "name" for c in item.mention.ranked)
        return things or self.sentence.calls_rows(item) or self._is_row(item)

    def _shaped(self) -> Query:
        sentence = self.sentence
        if sentence.has("agg", "summary") and not self.query.groups and not self._numbers():
            return replace(self.query, shape="summary")
        if sentence.has("relate"):
            return related(sentence, self.query, self.late)
        if sentence.has("agg", "share") or self._rate():
            return self._share()
        if (contrast := contrasted(sentence.text, self.query)) is not None:
            for item in sentence.unused("more", "compare"):
                item.used = True
            return contrast
        self._compared()
        self._loose_measures()
        if sentence.has("growth"):
            return self._growing()
        if (nested := self._nested()) is not None:
            return nested
        if sentence.has("agg", "summary") and not self.query.groups:
            operands = [sentence.measure(item) for item in self._numbers()]
            named = tuple(Measure("avg", operand) for operand in operands)
            return replace(self.query, shape="summary", measures=self.query.measures or named)
        if self.query.measures or self.query.groups or self.query.having:
            return self._grouped()
        return self._rows()

    def _rate(self) -> bool:
        """`return rate`: how often something is the case. Only where a value or a yes/no column stands before it."""
        rate = next((item for item in self.sentence.items if item.kind == "agg" and item.meaning == "rate"), None)
        if rate is None:
            return False
        dated = [item for item in self.sentence.unused("column") if self.sentence.may_be_date(item)]
        if dated and dated[-1].end <= rate.start and self.sentence.date_column(dated[-1]).nulls:
            column = self.sentence.date_column(dated[-1])  # "completion rate": of how many there is that day
            dated[-1].used = True
            done = Filter(operand_of(column), "not_null", (), f"{column.name} is filled in")
            self.query = replace(self.query, filters=(*self.query.filters, done))
            return True
        if not any(item.op not in ("period", "month", "not_period") for item in self.query.filters):
            raise AskBack(
                "The rate of what? Say what counts, for example a value of a column: `share of … that are …`."
            )
        return True

    def _numbers(self) -> list[Item]:
        return [item for item in self.sentence.unused("column") if self.sentence.is_number(item)]

    def _entities(self) -> list[Item]:
        sentence = self.sentence
        return [item for item in sentence.unused("column") if sentence.is_entity(item) and not sentence.is_number(item)]

    def _compared(self) -> None:
        sentence = self.sentence
        if not sentence.has("compare") or self.query.groups:
            return
        against = set_against(self.query)
        entities = self._entities() if against is None else []
        if entities:
            entities[0].used = True
            against = replace(self.query, groups=(Group(operand_of(sentence.entity_column(entities[0]))),))
        self.query = against or self.query

    def _growing(self) -> Query:
        """`how did sales grow`: each period beside the one before."""
        sentence, query = self.sentence, self.query
        for item in sentence.unused("growth"):
            item.used = True
        if not any(group.bucket for group in query.groups):
            column = self.measuring.default_date(None)
            periods = [item for item in query.filters if item.op == "period" and None not in item.values]
            bucket = "year" if periods and all(_whole_years(item) for item in periods) else self.measuring.span(column)
            query = replace(query, groups=(*query.groups, Group(operand_of(column), bucket)))
        measures = query.measures
        if not measures:
            money = sentence.linker.numbers(("revenue",))
            measures = (Measure("sum", operand_of(money.columns[0])),) if money else (Measure("count"),)
        return replace(query, measures=measures, shape="groups", change=True)

    def _nested(self) -> Query | None:
        """`orders per customer on average`, `how many customers have more than five orders`: groups, and then what of them."""
        query, sentence = self.query, self.sentence
        counted = query.measures[0] if len(query.measures) == 1 else None
        if query.having and not query.groups and counted is not None and counted.aggregate == "count_distinct":
            assert counted.operand is not None
            over = (Group(counted.operand),)
            return replace(query, shape="value", over=over, outer="count", measures=(query.having[0].measure,))
        if self.measuring.outer is None or not query.measures:
            return None
        groups = query.groups
        if not groups:
            entities = self._entities()
            if not entities:
                raise AskBack("The average for each of what? Name it, for example a column: `… per …`.")
            entities[0].used = True
            groups = (Group(operand_of(sentence.entity_column(entities[0]))),)
        over = tuple(group for group in groups if group in self.measuring.per) or groups[:1]
        groups = tuple(group for group in groups if group not in over)
        shape = "groups" if groups else "value"
        return replace(query, shape=shape, over=over, groups=groups, outer=self.measuring.outer, order=(), limit=None)

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
        said = next((item for item in sentence.items if item.kind != "filler"), None)
        short = short or (said is not None and said in numbers)  # "travel costs for Nova"
        if not numbers or self.measuring.row_order or not (wanted or (short and not self._entities())):
            return
        if sentence.has("chart", "point") or (sentence.has("chart") and len(numbers) > 1 and not self.query.groups):
            return
        measures = list(self.query.measures)
        for item in numbers:
            item.used = True
            operand = sentence.measure(item)
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
            measures.append(Measure("sum", sentence.measure(item)))
        if not measures:
            measures = [Measure("count")]
        part = tuple(item for item in query.filters if item.op not in ("period", "not_period", "month"))
        part = self._said_of_the_rest(part)
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

    def _said_of_the_rest(self, part: tuple[Filter, ...]) -> tuple[Filter, ...]:
        """`what percentage of A is B`: A are the rows looked at, B is what is counted among them."""
        if len(part) < 2:
            return part
        ends = self._head_ends()
        if ends is None:
            return part
        before = {name for item in self.sentence.items if item.end <= ends[0] for name in _columns(item)}
        after = {name for item in self.sentence.items if item.start >= ends[1] for name in _columns(item)}
        late = [item for item in self.sentence.items if item.kind == "late" and item.start >= ends[1]]
        after |= set(self.late.columns) if late and self.late is not None else set()
        told = tuple(
            item for item in part if set(item.operand.columns) & after and not set(item.operand.columns) <= before
        )
        return told if told and len(told) < len(part) else part

    def _head_ends(self) -> tuple[int, int] | None:
        """Where the words for the whole end, and those for the part begin: at the verb; without one behind the word for the
        rows; `of the delivered ones, what share` at the comma."""
        text = self.sentence.text
        if (first := re.match(r"^\W*of\b[^,]*(,)", text, re.I)) is not None:
            return first.start(1), first.end(1)
        match = _VERB.search(text, text.lower().find(" of ") + 1)
        if match is not None:
            return match.start(), match.end()
        noun = next((item for item in self.sentence.items if item.kind == "noun"), None)
        return (noun.end, noun.end) if noun is not None else None

    def _grouped(self) -> Query:
        sentence, query = self.sentence, self.query
        groups = query.groups or self._each() or self._ranked_by()
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
        if measures == (Measure("count"),):
            query = replace(query, filters=(*query.filters, *self._done()))
        query = replace(query, groups=groups, measures=measures, shape="groups" if groups else "value")
        orders = [self._measured(order, query) for order in query.order]
        return replace(query, order=tuple(orders))

    def _ranked_by(self) -> tuple[Group, ...]:
        """`adjusters ranked by average delay`: what stands in front is what is ranked."""
        sort = next((item for item in self.sentence.items if item.kind == "sort"), None)
        entities = [item for item in self._entities() if sort is not None and item.end <= sort.start]
        if len(entities) != 1 or not self.query.measures:
            return ()
        entities[0].used = True
        return (Group(operand_of(self.sentence.entity_column(entities[0]))),)

    def _each(self) -> tuple[Group, ...]:
        """`the average of A and B` is one for each."""
        query, items = self.query, self.sentence.items
        if not query.measures or any(measure.aggregate not in ("avg", "median") for measure in query.measures):
            return ()
        for item in items:
            beside = (self.sentence.before_any(item, "value"), self.sentence.after_any(item, "value"))
            if item.kind == "and" and all(beside):
                return next(((Group(told.operand),) for told in query.filters if told.op == "in"), ())
        return ()

    def _done(self) -> list[Filter]:
        """`who resolved the most`: only rows in which the date of it is filled in."""
        sentence, found = self.sentence, list[Filter]()
        for item in list(sentence.unused("column")):
            if sentence.is_date(item):
                item.used = True
                column = sentence.any_column(item)
                found.append(Filter(operand_of(column), "not_null", (), f"{column.name} is filled in"))
        return found

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
        conditions = [item for item in query.filters if item.operand.kind == "number" and item.op != "null"]
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
            for item in sentence.unused("agg"):
                item.used = item.meaning == "distinct"
            return replace(query, shape="distinct", groups=groups)
        shown = [column for item in sentence.unused("column") for column in self._shown(item)]
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
        order = query.order or tuple(Order(item.op in (">", ">="), None, item.operand) for item in conditions[:1])
        return replace(query, order=order, shown=tuple(column.name for column in shown))

    def _shown(self, item: Item) -> list[IndexedColumn]:
        """The column that the words name, or those from which something is computed."""
        if item.operand is not None:
            return [self.index.column(name) for name in item.operand.columns]
        return [self.sentence.any_column(item)]

    def _is_row(self, item: Item) -> bool:
        column = self.sentence.entity_column(item)
        return is_unique(column, self.index)

    def _examples(self) -> tuple[Option, ...]:
        return examples(self.index)


def _whole_years(period: Filter) -> bool:
    return all(str(day).endswith("-01-01") for day in period.values)


def _columns(item: Item) -> set[str]:
    return {column.name for column in item.mention.columns} if item.mention is not None else set()


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
