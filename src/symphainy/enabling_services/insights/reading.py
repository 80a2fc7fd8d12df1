"""From a question in plain English to a query. What is not understood is asked about, never guessed."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from typing import Final

from symphainy.enabling_services.insights.conditions import Conditions
from symphainy.enabling_services.insights.derived import Deriving
from symphainy.enabling_services.insights.lexing import Item, Lexer
from symphainy.enabling_services.insights.linking import Linker, Mention, name_words
from symphainy.enabling_services.insights.measuring import counts_rows
from symphainy.enabling_services.insights.operands import (
    dates_of,
    event_date,
    is_unique,
    lateness,
    newest_of,
    operand_of,
    prefer_names,
    yes_of,
)
from symphainy.enabling_services.insights.periods import Calendar
from symphainy.enabling_services.insights.query import AskBack, Filter, Option, Order, Query
from symphainy.enabling_services.insights.ranking import Ranking
from symphainy.enabling_services.insights.row_nouns import RowKind, is_giving, kinds_of, row_words
from symphainy.enabling_services.insights.sentence import Sentence
from symphainy.enabling_services.insights.shaping import Shaping
from symphainy.enabling_services.insights.spelling import Speller
from symphainy.enabling_services.insights.table_index import IndexedColumn, TableIndex
from symphainy.enabling_services.insights.vocabulary import (
    AFTER_NAMES,
    DONE,
    ENDS,
    NOT_DONE,
    PERSONS,
    ROW_NOUNS,
    singular,
)
from symphainy.enabling_services.parsed_file import ColumnType


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
        placed = event_date(self.index)
        reference = newest_of(placed, self.today) if placed is not None else self.today
        years = [int(str(day)[:4]) for column in dates for day in (column.minimum, column.maximum) if day]
        calendar = Calendar(reference, range(min(years) - 3, max(years) + 4)) if years else None
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
        self._who(sentence)
        self._correlatives(sentence)
        before: Item | None = None
        for item in sentence.items:
            guessed = item.kind == "column" and sentence.is_date(item) and item.mention and item.mention.score < 0.8
            if item.kind == "unknown" or ((item.kind == "filler" or guessed) and item.text.lower() in NOT_DONE):
                self._respelt(sentence, item)
            if before is not None and item.kind == "agg" and item.meaning == "count":
                counted = sentence.after(item, "noun", "column")
                if counted is not None and (counted.kind == "noun" or not sentence.is_number(counted)):
                    before.kind = "outer"  # "average number of orders per customer"
                else:
                    item.kind = "filler"  # "average number of calls"
            if item.kind != "filler":
                before = item if item.kind == "agg" and item.meaning in ("avg", "median") else None
        return sentence

    def _who(self, sentence: Sentence) -> None:
        """`who` is the only column of persons, where no other word says who is meant."""
        first = sentence.items[0] if sentence.items else None
        if first is None or first.text.lower() != "who" or any(item.kind == "noun" for item in sentence.items):
            return
        persons = [c for c in self.index.columns if c.is_text and PERSONS & set(name_words(c.name))]
        columns = [item for item in sentence.items if item.kind == "column" and item.mention is not None]
        named = any(item.mention and set(item.mention.columns) & set(persons) for item in columns)
        being = re.match(r"^\W*who (is|are|was|were)\b", sentence.text, re.I) is not None
        meant = being and any(sentence.is_entity(item) for item in columns)  # "who are our oldest clients"
        persons = list(prefer_names(persons, ("person",)))
        if len(persons) == 1 and not named and not meant:
            first.kind, first.mention = "column", Mention((persons[0],), 1.0)
            sentence.notes.append(f"“Who” is taken from {persons[0].name}.")

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

    def _respelt(self, sentence: Sentence, item: Item) -> None:
        word = item.text.lower()
        if word in NOT_DONE:
            ended = [
                column
                for column in dates_of(self.index)
                if column.nulls and (DONE | ENDS) & set(name_words(column.name))
            ]
            if len(ended) == 1:
                item.kind, item.mention = "not_done", Mention(tuple(ended), 0.8)
            return
        if (opposite := self._opposite(sentence, word)) is not None:
            item.kind, item.mention = "not_done", opposite
            return
        if item.kind != "unknown":
            return
        parts = sentence.linker.parts(word) if len(word) > 3 else None
        if parts is not None:
            column, values = parts
            item.kind, item.mention = "value", Mention((column,), 0.9, values[0], values)
            sentence.notes.append(f"I take “{item.text}” for {' or '.join(values)} in {column.name}.")
            return
        mention = sentence.linker.misspelt(word)
        if mention is None:
            return
        meant = mention.value if mention.value is not None else mention.columns[0].name
        sentence.notes.append(f"I read “{item.text}” as “{meant}”.")
        item.kind = "value" if mention.value is not None else "column"
        item.mention = mention

    def _opposite(self, sentence: Sentence, word: str) -> Mention | None:
        """`unpaid`, `inactive`, `non-returned`: what the rest of the word names, as a date, a yes or no, or a value."""
        prefix = next((prefix for prefix in ("non", "un", "in", "dis") if word.startswith(prefix)), None)
        rest = word.removeprefix(prefix).lstrip("-") if prefix else ""
        if len(rest) < 4:
            return None
        done, value = sentence.linker.columns((rest,)), sentence.linker.values((rest,))
        if value is not None and len(value.columns) == 1:
            return value
        if done is None:
            return None
        truths = tuple(column for column in done.columns if yes_of(column) is not None)
        dates = tuple(column for column in done.columns if column.type.is_temporal)
        return replace(done, columns=truths or dates) if truths or dates else None

    def _mere_verbs(self, sentence: Sentence) -> None:
        """`operated by X`, `subscribed to the newsletter`: between a subject and a value or a yes or no that are understood a
        verb adds nothing, and neither does one of giving and taking where the sentence names a number; it is said."""
        columns = [item for item in sentence.items if item.kind == "column"]
        numbers = any(sentence.is_number(item) or sentence.is_flag(item) for item in columns)
        for item in sentence.unused("unknown"):
            word = item.text.lower()
            at = sentence.items.index(item)
            following = sentence.items[at + 1] if at + 1 < len(sentence.items) else None
            beyond = next((other for other in sentence.items[at + 1 :] if other.kind not in ("filler", "by")), None)
            joined = following is not None and following.text.lower() in _PREPOSITIONS
            told = beyond is not None and (beyond.kind == "value" or (beyond.used and sentence.is_flag(beyond)))
            if (word.endswith(("ed", "en")) and joined and told) or (numbers and is_giving(word)):
                item.used = True
                sentence.notes.append(f"I took “{item.text}” as saying nothing more.")

    def _left_over(self, sentence: Sentence) -> None:
        """A word that nothing explains may be what matters most."""
        self._mere_verbs(sentence)
        for item in sentence.unused("unknown"):
            at = sentence.items.index(item)
            if at and sentence.items[at - 1].text.lower() in _AUXILIARIES and singular(item.text.lower()) in PERSONS:
                item.used = True  # "how much did customers pay": whoever paid
            if at and sentence.items[at - 1].kind == "column" and item.text.lower() in AFTER_NAMES:
                item.used = True  # "email address"
            timed = any(other.kind in ("period", "bucket", "bucket_noun") for other in sentence.items)
            if item.text.lower() == "new" and timed and at + 1 < len(sentence.items):
                item.used = sentence.items[at + 1].kind == "noun"  # "new policies per month": those of the month
        for item in sentence.unused("op", "number"):
            raise AskBack(f"I do not understand “{item.text}” in this question. Say it with a column and a number.")
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

    def _assembled(self, sentence: Sentence, conditions: Conditions, measuring: Ranking) -> Read:
        filters = [*conditions.filters, *measuring.filled, *_not_done(sentence)]
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
        first = measuring.order[0].operand if measuring.order else None
        if first is not None and first.note and shaped.shape == "rows":
            sentence.notes.append(first.note)
        return Read(
            replace(shaped, notes=tuple(dict.fromkeys(sentence.notes))),
            shaping.complete,
            measuring.asked_groups,
            bool(measuring.order),
        )


_PREPOSITIONS: Final = ("by", "from", "to", "in", "at", "with", "via", "on", "for")
_AUXILIARIES: Final = ("did", "do", "does", "have", "has", "our", "the")


def _not_done(sentence: Sentence) -> list[Filter]:
    """`unpaid`, `inactive`: the date of it is missing, it is not so, it has another value."""
    found: list[Filter] = []
    for item in sentence.items:
        if item.kind == "not_done" and item.mention is not None:
            column, value = item.mention.columns[0], item.mention.value
            if value is not None:
                found.append(Filter(operand_of(column), "!=", (value,), f"{column.name} is not {value}"))
            elif column.type is ColumnType.TEXT:
                yes = yes_of(column)
                found.append(Filter(operand_of(column), "!=", (yes,), f"{column.name} is not {yes}"))
            elif column.type is ColumnType.BOOLEAN:
                found.append(Filter(operand_of(column), "=", (False,), f"{column.name} is false"))
            else:
                found.append(Filter(operand_of(column), "null", (), f"{column.name} is missing"))
    return found
