"""From a question in plain English to a query. What is not understood is asked about, never guessed."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from symphainy.enabling_services.insights.conditions import Conditions
from symphainy.enabling_services.insights.derived import Deriving
from symphainy.enabling_services.insights.leftovers import Leftovers, opposites
from symphainy.enabling_services.insights.lexing import Item, Lexer
from symphainy.enabling_services.insights.linking import Linker, Mention, name_words
from symphainy.enabling_services.insights.measuring import counts_rows
from symphainy.enabling_services.insights.operands import (
    dates_of,
    event_date,
    is_unique,
    lateness,
    newest_of,
    persons_of,
)
from symphainy.enabling_services.insights.periods import Calendar
from symphainy.enabling_services.insights.query import AskBack, Doubt, Order, Query
from symphainy.enabling_services.insights.ranking import Ranking
from symphainy.enabling_services.insights.row_nouns import RowKind, kinds_of, row_words
from symphainy.enabling_services.insights.sentence import Sentence
from symphainy.enabling_services.insights.shaping import Shaping
from symphainy.enabling_services.insights.spelling import Speller
from symphainy.enabling_services.insights.synonyms import stem
from symphainy.enabling_services.insights.table_index import IndexedColumn, TableIndex
from symphainy.enabling_services.insights.vocabulary import (
    NOT_DONE,
    ROW_NOUNS,
    singular,
    words_of,
)
from symphainy.enabling_services.parsed_file import ColumnType

_GIVEN: Final = words_of("paid refunded charged billed claimed invoiced")
_HELPING: Final = words_of("has have had did does was were is are we they actually ever always usually")


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
        try:
            conditions = Conditions(sentence)
            conditions.read()
            measuring = Ranking(sentence, conditions.default_date, conditions.late_operand, conditions.late_measure)
            measuring.read()
            Leftovers(sentence).explain()
            return self._assembled(sentence, conditions, measuring)
        except AskBack as asked:
            unknown = next(sentence.unused("unknown"), None)
            if asked.doubt is not None or unknown is None:
                raise
            doubt = Doubt("unknown", unknown.start, unknown.end)
            raise AskBack(asked.unclear.reason, asked.unclear.options, doubt) from asked

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
        placed = event_date(self.index)
        reference = newest_of(placed, self.today) if placed is not None else self.today
        years = [int(str(day)[:4]) for column in dates for day in (column.minimum, column.maximum) if day]
        calendar = Calendar(reference, range(min(years) - 3, max(years) + 4), self.today) if years else None
        nouns = self._nouns()
        kinds = self._kinds(nouns)
        lexer = Lexer(
            linker, calendar, nouns, kinds, Deriving(linker, self.today).read, Speller(linker, nouns).corrected
        )
        sentence = Sentence(question, lexer.items(question), linker, self.today, kinds)
        sentence.notes += [f"I read “{text}” as “{meant}”." for text, meant in lexer.respelt]
        for item in sentence.unused("noun"):
            word = singular(item.text.lower())
            if word not in nouns and word not in ROW_NOUNS:
                sentence.notes.append(f"I take “{item.text}” for the rows of {self.index.table}.")
        self._explained(sentence)
        self._directions(sentence)
        self._year_columns(sentence)
        self._paid(sentence)
        self._who(sentence)
        self._correlatives(sentence)
        leftovers = Leftovers(sentence)
        before: Item | None = None
        for item in sentence.items:
            guessed = item.kind == "column" and sentence.is_date(item) and item.mention and item.mention.score < 0.8
            if item.kind == "unknown" or ((item.kind == "filler" or guessed) and item.text.lower() in NOT_DONE):
                leftovers.respell(item)
            if before is not None and item.kind == "agg" and item.meaning == "count":
                counted = sentence.after(item, "noun", "column")
                if counted is not None and (counted.kind == "noun" or not sentence.is_number(counted)):
                    before.kind = "outer"  # "average number of orders per customer"
                else:
                    item.kind = "filler"  # "average number of calls"
            if item.kind != "filler":
                before = item if item.kind == "agg" and item.meaning in ("avg", "median") else None
        return sentence

    def _directions(self, sentence: Sentence) -> None:
        """`fastest first` says an order."""
        for item, following in pairwise(list(sentence.items)):
            if item.kind == "super" and following.kind == "time_super" and following.text.lower() == "first":
                item.kind, item.text, item.end = "direction", f"{item.text} first", following.end
                sentence.items.remove(following)

    def _year_columns(self, sentence: Sentence) -> None:
        """`season 2024`, `the 2024 season`: a column of years is meant, not a date."""
        for one, other in pairwise(sentence.items):
            for column, year in ((one, other), (other, one)):
                told = re.search(r"\b((?:19|20)\d\d)$", year.text) if year.kind == "period" else None
                if (
                    told is None
                    or column.kind != "column"
                    or column.mention is None
                    or len(column.mention.columns) != 1
                ):
                    continue
                named = column.mention.columns[0]
                if (
                    named.type is ColumnType.INTEGER
                    and 1900 <= int(named.minimum or 0) <= int(named.maximum or 0) <= 2100
                ):
                    year.kind, year.number, year.period = "number", float(told.group(1)), None

    def _paid(self, sentence: Sentence) -> None:
        """`how much have we paid out`: the amount that was, though the word is a state too."""
        asked = next((item for item in sentence.items if item.text.lower() == "how much"), None)
        for item in sentence.items:
            if asked is None or item.kind != "value" or item.text.lower() not in _GIVEN or item.start < asked.start:
                continue
            mention = sentence.linker.numbers((item.text.lower(),))
            if mention is not None and len(mention.columns) == 1:
                item.kind, item.mention = "column", mention

    def _who(self, sentence: Sentence) -> None:
        """`who` is the only column of persons, where no other word says who is meant."""
        first = sentence.items[0] if sentence.items else None
        if first is None or first.text.lower() != "who" or any(item.kind == "noun" for item in sentence.items):
            return
        persons = persons_of(self.index)
        columns = [item for item in sentence.items if item.kind == "column" and item.mention is not None]
        named = any(item.mention and set(item.mention.columns) & set(persons) for item in columns)
        being = re.match(r"^\W*who (is|are|was|were)\b", sentence.text, re.I) is not None
        meant = being and any(sentence.is_entity(item) for item in columns)  # "who are our oldest clients"
        if len(persons) != 1 and (done := self._doer(sentence)) is not None:
            done[1].kind, persons, named = "filler", [done[0]], False
        if len(persons) == 1 and not named and not meant:
            first.kind, first.mention = "column", Mention((persons[0],), 1.0)
            sentence.notes.append(f"“Who” is taken from {persons[0].name}.")

    def _doer(self, sentence: Sentence) -> tuple[IndexedColumn, Item] | None:
        """`who roasted` is the roaster, `who approved it` is told by approved_by."""
        verb = next((item for item in sentence.items[1:] if item.text.lower() not in _HELPING), None)
        if verb is None:
            return None
        root = stem(verb.text.lower())
        found = [
            column
            for column in self.index.columns
            if column.is_text
            and len(root) >= 3
            and any(
                (stem(word) == root and "by" in name_words(column.name))
                or (word.startswith(root) and word[len(root) :] in ("er", "or", "r", "eer", "ter"))
                for word in name_words(column.name)
            )
        ]
        return (found[0], verb) if len(found) == 1 else None

    def _correlatives(self, sentence: Sentence) -> None:
        """`are older drivers causing more damage`: whether more of one goes with more of another."""
        compared = [item for item in sentence.items if item.kind == "more"]
        than = any(item.text.lower() == "than" for item in sentence.items)
        if len(compared) < 2 or than or not re.match(r"^\W*(do|does|did|is|are|was|were|will)\b", sentence.text, re.I):
            return
        for item in compared:
            implied = sentence.implied(item)
            item.kind = "filler"
            if implied is not None:
                item.kind, item.mention, item.operand = "column", implied.mention, implied.operand
        compared[-1].kind = "relate" if compared[-1].kind == "filler" else compared[-1].kind
        if not sentence.has("relate"):
            sentence.items.append(Item("relate", "", len(sentence.text), len(sentence.text)))

    def _explained(self, sentence: Sentence) -> None:
        """`scored above 90 in math`: a word for several columns says nothing more where another names one of them."""
        columns = [item for item in sentence.items if item.kind == "column" and item.mention is not None]
        for item in columns:
            mine = set(item.mention.columns) if item.mention else set[IndexedColumn]()
            for other in columns:
                theirs = set(other.mention.columns) if other.mention else set[IndexedColumn]()
                if len(mine) > 1 and len(theirs) == 1 and theirs < mine and sentence.is_number(item):
                    item.kind = "filler"

    def _nouns(self) -> frozenset[str]:
        """What the rows are called: like the table, or like a column whose every value is different."""
        words = set(row_words(name_words(self.index.table)))
        for column in self.index.columns:
            if is_unique(column, self.index) and self.index.rows > 1:
                words |= counts_rows(column)
        others = [column for column in self.index.columns if not is_unique(column, self.index)]
        named = {word for column in others for word in counts_rows(column)}
        return frozenset(words - named)

    def _kinds(self, nouns: frozenset[str]) -> tuple[RowKind, ...]:
        return kinds_of(nouns, frozenset(word for column in self.index.columns for word in name_words(column.name)))

    def _assembled(self, sentence: Sentence, conditions: Conditions, measuring: Ranking) -> Read:
        filters = [*conditions.filters, *measuring.filled, *opposites(sentence.items)]
        query = Query(
            "rows",
            tuple(measuring.measures),
            tuple(measuring.groups),
            tuple(filters),
            having=tuple(conditions.having),
            order=tuple(measuring.order),
            limit=measuring.limit,
            each=measuring.each,
            chart=next((item.meaning for item in sentence.items if item.kind == "chart"), None),
        )
        shaping = Shaping(sentence, measuring, self.index, query, lateness(self.index, self.today))
        shaped = shaping.shaped()
        Leftovers(sentence).nothing_dropped()
        first = measuring.order[0].operand if measuring.order else None
        if first is not None and first.note and shaped.shape == "rows":
            sentence.notes.append(first.note)
        return Read(
            replace(shaped, notes=tuple(dict.fromkeys(sentence.notes))),
            shaping.complete,
            measuring.asked_groups,
            bool(measuring.order),
        )
