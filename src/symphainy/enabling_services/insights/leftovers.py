"""Words of a question that name nothing in the table: what they may stand for, and which of them say nothing that matters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from symphainy.enabling_services.insights.lexing import Item
from symphainy.enabling_services.insights.linking import Mention, name_words, value_words
from symphainy.enabling_services.insights.operands import dates_of, measures_of, operand_of, yes_of
from symphainy.enabling_services.insights.query import AskBack, Doubt, Filter, Option
from symphainy.enabling_services.insights.row_nouns import is_giving
from symphainy.enabling_services.insights.sentence import Sentence
from symphainy.enabling_services.insights.synonyms import CONCEPTS
from symphainy.enabling_services.insights.table_index import IndexedColumn
from symphainy.enabling_services.insights.vocabulary import (
    AFTER_NAMES,
    DONE,
    ENDS,
    NOT_DONE,
    PERSONS,
    UNITS,
    singular,
    words_of,
)
from symphainy.enabling_services.parsed_file import ColumnType

NOTHING_MORE: Final = "as saying nothing more."
_PREPOSITIONS: Final = words_of("by from to in at with via on for")
_AUXILIARIES: Final = words_of("did do does have has our the")
_DOING: Final = words_of("did do does we i you they to can could will would who")
"""What stands before a verb."""
_BEING: Final = words_of("is are was were be been being a an the not")
_OBTAINING: Final = words_of("win gain acquire sign land secure obtain get record register log see")
_NAMED: Final = frozenset(word for group in CONCEPTS for word in group)
_NOT_ADVERBS: Final = words_of("family supply reply assembly monthly weekly yearly daily hourly early only")


@dataclass(frozen=True, slots=True)
class Leftovers:
    """Reads what the lexer could not: before the conditions are read what a word may mean (`respell`), and after all else
    whether it may be left out (`explain`)."""

    sentence: Sentence

    # --- what a word may mean

    def respell(self, item: Item) -> None:
        sentence, word = self.sentence, item.text.lower()
        if word in NOT_DONE:
            ended = [c for c in dates_of(sentence.index) if c.nulls and (DONE | ENDS) & set(name_words(c.name))]
            if len(ended) == 1:
                item.kind, item.mention = "not_done", Mention(tuple(ended), 0.8)
            return
        if (opposite := self._opposite(word)) is not None:
            item.kind, item.mention = "not_done", opposite
            return
        if item.kind != "unknown":
            return
        parts = sentence.linker.parts(word) if len(word) > 2 else None
        before, _ = self._around(item)
        if parts is not None and len(word) < 4 and not all(value_words(value)[1:] == (word,) for value in parts[1]):
            parts = None  # the gas of “Natural gas”, and not the new of “New starter needs access”
        if parts is not None and item.text.islower() and all(_is_inside(word, value) for value in parts[1]):
            parts = None  # the coffee of “Island Coffee Co”
        if parts is not None and before is not None and before.mention and before.mention.value is not None:
            parts = None if parts[0] in before.mention.columns else parts  # "storm damage"
        if parts is not None:
            column, values = parts
            item.kind, item.mention = "value", Mention((column,), 0.9, values[0], values)
            shown = (
                " or ".join(values) if len(values) <= _SHOWN else f"every value with that word, {len(values)} of them,"
            )
            sentence.notes.append(f"I take “{item.text}” for {shown} in {column.name}.")
            return
        mention = sentence.linker.misspelt(word)
        if mention is None:
            return
        meant = mention.value if mention.value is not None else mention.columns[0].name
        sentence.notes.append(f"I read “{item.text}” as “{meant}”.")
        item.kind = "value" if mention.value is not None else "column"
        item.mention = mention

    def _opposite(self, word: str) -> Mention | None:
        """`unpaid`, `inactive`, `non-returned`: what the rest of the word names, as a date, a yes or no, or a value."""
        linker = self.sentence.linker
        prefix = next((prefix for prefix in ("non", "un", "in", "dis") if word.startswith(prefix)), None)
        rest = word.removeprefix(prefix).lstrip("-") if prefix else ""
        if len(rest) < 4:
            return None
        done, value = linker.columns((rest,)), linker.values((rest,))
        if value is not None and len(value.columns) == 1:
            return value
        if done is None:
            return None
        truths = tuple(column for column in done.columns if yes_of(column) is not None)
        dates = tuple(column for column in done.columns if column.type.is_temporal)
        return replace(done, columns=truths or dates) if truths or dates else None

    # --- what may be left out

    def explain(self) -> None:
        """Raises AskBack for a word that nothing explains: it may be what matters most."""
        sentence = self.sentence
        told = next(
            (item.operand for item in sentence.items if item.operand is not None and len(item.operand.columns) > 1),
            None,
        )
        for item in list(sentence.unused("unknown")):
            if told is not None and _EXPLAINED.search(sentence.text[item.end :]):
                item.used = True
                sentence.notes.append(f"“{item.text}” is {told.label}.")
            elif self._is_harmless(item):
                item.used = True
                sentence.notes.append(f"I took “{item.text}” {NOTHING_MORE}")
            elif self._calls_rows(item):
                item.used = True
                sentence.notes.append(f"I take “{item.text}” for the rows of {sentence.index.table}.")
        for item in sentence.unused("op", "number"):
            reason = f"I do not understand “{item.text}” in this question. Say it with a column and a number."
            text, at = sentence.text, item.start
            named = (Option(c.name, f'{text[:at]}"{c.name}" {text[at:]}') for c in measures_of(sentence.index))
            raise AskBack(reason, doubt=Doubt("measure", at, at, tuple(named)) if _is_of_numbers(item) else None)
        unknown = [item for item in sentence.items if item.kind == "unknown" and not item.used]
        if unknown:
            raise self._unexplained(unknown)

    def nothing_dropped(self) -> None:
        """Raises AskBack where a word that computes, compares or limits has no part in the query."""
        for item in self.sentence.items:
            if not item.used and item.kind in _TELLING and item.meaning not in _SHAPES:
                raise unplaced(item)

    def _is_harmless(self, item: Item) -> bool:
        word = item.text.lower()
        before, after = self._around(item)
        if before is not None and before.text.lower() in _AUXILIARIES and singular(word) in PERSONS:
            return True  # "how much did customers pay": whoever paid
        if before is not None and before.kind == "column" and word in AFTER_NAMES:
            return True  # "email address"
        timed = any(other.kind in ("period", "bucket", "bucket_noun") for other in self.sentence.items)
        if word == "new" and timed and after is not None and after.kind == "noun":
            return True  # "new policies per month": those of the month
        adverb = word.endswith("ly") and len(word) > 5 and word not in _NOT_ADVERBS
        return adverb or self._is_mere_verb(item, before, after) or self._follows_name(item, before)

    def _is_mere_verb(self, item: Item, before: Item | None, after: Item | None) -> bool:
        """A verb between who does and what is measured of it, `each carrier moved the most weight`, `operated by X`. One that
        tells a state of the rows, `were escalated`, is none of them."""
        sentence, word = self.sentence, item.text.lower()
        at = sentence.items.index(item)
        columns = [other for other in sentence.items if other.kind == "column"]
        numbers = any(sentence.is_number(other) or sentence.is_flag(other) for other in columns)
        if numbers and is_giving(word):
            return True
        beyond = next((other for other in sentence.items[at + 1 :] if other.kind not in ("filler", "by")), None)
        joined = after is not None and after.text.lower() in _PREPOSITIONS
        told = beyond is not None and (beyond.kind == "value" or (beyond.used and sentence.is_flag(beyond)))
        if word.endswith(("ed", "en")) and joined and told:
            return True
        if before is None or before.text.lower() in _BEING:
            return False
        if word in _OBTAINING and before.text.lower() in _DOING:
            return True  # "how many subscriptions did we win"
        acting = before.text.lower() in _DOING or before.kind == "noun" or sentence.is_entity(before)
        measured = any(sentence.is_number(other) for other in columns)
        helped = before.text.lower() in _DOING
        objected = beyond is not None and not joined and beyond.kind in ("super", "agg", "op", "number", "more")
        objected = objected or (
            beyond is not None and beyond.kind == "column" and sentence.is_number(beyond) and not joined
        )
        return acting and measured and (helped or objected)

    def _follows_name(self, item: Item, before: Item | None) -> bool:
        """`printer problems`, `the Nova account`, `peak load`: what stands behind a value or a measure only says what kind of
        thing it is."""
        word = item.text.lower()
        if before is None or word.endswith(("ed", "ing")) or not word.isalpha() or word in _NAMED:
            return False
        if before.kind == "value":
            return before.used
        return (
            before.kind == "column" and before.used and self.sentence.is_number(before) and before.end + 1 == item.start
        )

    def _calls_rows(self, item: Item) -> bool:
        """`how many payslips`: a thing that is counted or listed, where nothing else says what the rows are."""
        sentence, word = self.sentence, item.text.lower()
        before, _ = self._around(item)
        known = any(other.kind in ("noun", "column") and sentence.items.index(other) < sentence.items.index(item)
                    for other in sentence.items)  # fmt: skip
        asked = before is not None and (before.meaning == "count" or before.text.lower() in ("which", "list", "all"))
        bare = singular(word)
        return asked and not known and bare != word and bare not in _NAMED | PERSONS | UNITS and self._is_specific()

    def _is_specific(self) -> bool:
        """Whether something of the table is asked for besides."""
        return any(item.kind in ("value", "period", "column", "late", "not_done") for item in self.sentence.items)

    def _around(self, item: Item) -> tuple[Item | None, Item | None]:
        items = self.sentence.items
        at = items.index(item)
        return (items[at - 1] if at else None), (items[at + 1] if at + 1 < len(items) else None)

    def _unexplained(self, unknown: list[Item]) -> AskBack:
        names = [column.name for column in self.sentence.index.columns]
        words = " and ".join(f"“{item.text}”" for item in unknown[:3])
        reason = f"I do not know what {words} means in this table. Its columns are: {', '.join(names[:12])}"
        reason += f" and {len(names) - 12} more." if len(names) > 12 else "."
        text = self.sentence.text
        rest = " ".join(f"{text[: unknown[0].start]} {text[unknown[0].end :]}".split())
        single = len(unknown) == 1 and len(rest.split()) > 2
        options = (Option(f"Ask without “{unknown[0].text}”", rest),) if single else ()
        return AskBack(reason, options, Doubt("unknown", unknown[0].start, unknown[0].end))


def _is_of_numbers(item: Item) -> bool:
    return item.kind == "op" and item.text.lower() not in ("after", "before", "prior to", "later than", "earlier than")


def _is_inside(word: str, value: str) -> bool:
    """Whether the word stands in the middle of a name and so does not stand for it."""
    words = value.split()
    return word.capitalize() in words[1:-1]


_EXPLAINED: Final = re.compile(r"[(=:]|\b(?:i\.?e|that is|meaning|namely|as in|so)\b", re.I)
_SHOWN: Final = 4
_TELLING: Final = words_of(
    "more sign contains null super time_super late not value period number op agg sort direction bucket growth"
)
"""Kinds of items that change what is computed."""
_SHAPES: Final = frozenset({"share", "rate", "summary"})
"""Say what kind of answer is meant, and are read as such."""


def unplaced(item: Item) -> AskBack:
    """What is asked about words that were understood and have no part in the query."""
    return AskBack(
        f"I do not see what “{item.text}” has to do with the rest of the question. Say it in other words.",
        doubt=Doubt("unplaced", item.start, item.end),
    )


def opposites(items: list[Item]) -> Iterator[Filter]:
    """`unpaid`, `inactive`: the date of it is missing, it is not so, it has another value."""
    for item in items:
        if item.kind == "not_done" and item.mention is not None:
            column, value = item.mention.columns[0], item.mention.value
            yield _opposite_of(column, value)


def _opposite_of(column: IndexedColumn, value: str | None) -> Filter:
    operand = operand_of(column)
    if value is not None or column.type is ColumnType.TEXT:
        other = value if value is not None else yes_of(column)
        return Filter(operand, "!=", (other,), f"{column.name} is not {other}")
    if column.type is ColumnType.BOOLEAN:
        return Filter(operand, "=", (False,), f"{column.name} is false")
    return Filter(operand, "null", (), f"{column.name} is missing")
