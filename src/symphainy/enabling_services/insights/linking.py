"""Which column or value of a table a few words mean: by its name, by words for the same, by its values, with a typing
error."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from symphainy.enabling_services.insights.same_values import SAME
from symphainy.enabling_services.insights.synonyms import ABBREVIATIONS, CONCEPTS, IRREGULAR, stem
from symphainy.enabling_services.insights.table_index import IndexedColumn, TableIndex
from symphainy.enabling_services.insights.vocabulary import (
    IDENTIFYING,
    IGNORED,
    MONEY,
    MONEY_COLUMNS,
    NOT_REVENUE,
    singular,
)

_PART: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_]+")
_LONGEST: Final = 7
_NEAR: Final = 0.02
_PARTS: Final = 8
"""A word that stands in more values than this is none of their names, unless they are texts."""
_VOWELS: Final = frozenset("aeiou")
_SPANS: Final = {"daily": "day", "hourly": "hour", "weekly": "week", "yearly": "year", "annual": "year"}
"""`daily rate` is a rate of a day."""
_PIECES: Final = frozenset({"unit", "piece"})
_PRICES: Final = frozenset({"price", "cost", "rate", "value", "amount"})
_STATES: Final = 30
"""Up to so many different values a column tells states or kinds, whose words may be bent: `cancellations`."""


@dataclass(frozen=True, slots=True)
class Mention:
    """Columns that the words may mean, the likeliest first and all about equally likely, or one value in columns."""

    columns: tuple[IndexedColumn, ...]
    score: float
    value: str | None = None
    values: tuple[str, ...] = ()
    """All values where the words are a part of several."""
    others: tuple[IndexedColumn, ...] = ()
    """Columns that are less likely, but may be meant where only their kind makes sense; the likeliest first."""

    @property
    def ranked(self) -> tuple[IndexedColumn, ...]:
        return (*self.columns, *self.others)


def name_words(name: str) -> tuple[str, ...]:
    """`customerName`, `CUSTOMER_NAME` and `Customer names` are all (`customer`, `name`)."""
    return tuple(whole_word(part.lower()) for part in _PART.findall(name))


def readable(name: str) -> str:
    """How a column is called in a sentence: `days late` for Days_late and daysLate; what is written in words stays."""
    parts = _PART.findall(name)
    return name if " " in name.strip() or len(parts) < 2 else " ".join(part.lower() for part in parts)


def whole_word(word: str) -> str:
    """Singular, and not abbreviated."""
    return ABBREVIATIONS.get(word) or singular(word)


@dataclass(slots=True)
class Linker:
    index: TableIndex
    _names: list[tuple[IndexedColumn, tuple[str, ...]]] = field(init=False)
    _values: dict[tuple[str, ...], list[tuple[IndexedColumn, str]]] = field(init=False)
    _concepts: dict[str, set[int]] = field(init=False)
    _single: dict[int, list[str]] = field(init=False)
    _stems: dict[str, list[tuple[IndexedColumn, str]]] = field(init=False)

    def __post_init__(self) -> None:
        self._names = [(column, name_words(column.name)) for column in self.index.columns]
        self._values = defaultdict(list)
        for column in self.index.columns:
            for value in column.values:
                words = value_words(value)
                if words and len(words) <= _LONGEST:
                    self._values[words].append((column, value))
        self._single = defaultdict(list)
        for words in self._values:
            if len(words) == 1:
                self._single[len(words[0])].append(words[0])
        self._stems = {}
        for words, found in self._values.items():
            if len(words) == 1 and all(column.distinct <= _STATES for column, _ in found):
                self._stems.setdefault(stem(words[0]), found)
        self._concepts = defaultdict(set)
        for number, group in enumerate(CONCEPTS):
            for word in group:
                self._concepts[word].add(number)
                self._concepts[stem(word)].add(number)

    @property
    def names(self) -> list[tuple[str, ...]]:
        """The words of each column's name."""
        return [words for _, words in self._names]

    def exact_column(self, name: str) -> IndexedColumn | None:
        return next((column for column in self.index.columns if column.name.lower() == name.lower()), None)

    def columns(self, words: Sequence[str]) -> Mention | None:
        """`words` are lower case. A column that has all of them in its name; the more of its name they are the "
        "better."""
        asked = tuple(whole_word(part) for word in words for part in _parts(word))
        money = len(asked) == 1 and asked[0] in MONEY
        scored = [
            (score, column)
            for column, name in self._names
            if (score := self._score(asked, name)) == 1.0 or not money or column.type.is_numeric
        ]
        found = self._chosen(scored) or self._money(asked)
        if found is None and len(asked) > 1 and _SPANS.keys() & set(asked):
            return self.columns([_SPANS.get(word, word) for word in asked])
        return found

    def numbers(self, words: Sequence[str]) -> Mention | None:
        """As `columns`, of measures only."""
        found = self.columns(words)
        return None if found is None else self.of_kind(found, lambda column: _is_measure(column))

    def of_kind(self, mention: Mention, fits: Callable[[IndexedColumn], bool]) -> Mention | None:
        """The columns of that kind that the words may mean, also where another kind is likelier."""
        columns = tuple(column for column in mention.columns if fits(column)) or tuple(
            column for column in mention.others if fits(column)
        )
        return replace(mention, columns=columns, others=()) if columns else None

    def _chosen(self, scored: Sequence[tuple[float, IndexedColumn]]) -> Mention | None:
        best = max((score for score, _ in scored), default=0.0)
        if best < 0.5:
            return None
        ranked = sorted((pair for pair in scored if pair[0] >= 0.5), key=lambda pair: -pair[0])
        likely = [column for score, column in ranked if score > best - (_NEAR if best < 0.98 else 0.001)]
        things = [column for column in likely if is_identifying(column.name) or name_words(column.name)[-1] == "name"]
        if (
            things
            and len(things) < len(likely)
            and best < 0.98
            and any(_is_measure(c) for c in likely if c not in things)
        ):
            likely = things  # of a guest's name and a guest's rating the guest is the name
        return Mention(tuple(likely), best, others=tuple(column for _, column in ranked if column not in likely))

    def _money(self, asked: tuple[str, ...]) -> Mention | None:
        """`revenue` where only one column can be it."""
        if len(asked) != 1 or asked[0] not in MONEY:
            return None
        found = [
            column
            for column, name in self._names
            if column.type.is_numeric and MONEY_COLUMNS & set(name) and not NOT_REVENUE & set(name)
        ]
        return Mention((found[0],), 0.5) if len(found) == 1 else None

    def values(self, words: Sequence[str]) -> Mention | None:
        asked = tuple(words)
        found, score = self._values.get(asked), 1.0
        if found is None:
            found = self._values.get(tuple(singular(word) for word in asked))
        if found is None and len(asked) == 1:
            found = self._values.get((asked[0] + "s",))
        if found is None and len(asked) == 1:
            found, score = self._stems.get(stem(asked[0])), 0.9
        if found is None:
            same = next((words for words in SAME.get(asked, ()) if words in self._values), None)
            found, score = (self._values[same], 0.95) if same is not None else (None, 0.0)
        if found is None:
            return None
        return Mention(tuple(dict.fromkeys(column for column, _ in found)), score, found[0][1])

    def parts(self, word: str) -> tuple[IndexedColumn, tuple[str, ...]] | None:
        """The values of one column that have the word among others: `Acorn` of `Acorn Ltd`."""
        forms = {word, singular(word)} - IGNORED
        found: dict[str, list[str]] = defaultdict(list)
        for words, places in self._values.items():
            if len(words) > 1 and forms & set(words):
                for column, value in places:
                    found[column.name].append(value)
        if len(found) != 1:
            return None
        (name, values), *_ = found.items()
        column = self.index.column(name)
        texts = column.distinct > _STATES or column.distinct > 0.5 * self.index.rows
        return (column, tuple(sorted(values))) if texts or len(values) <= _PARTS else None

    def misspelt(self, word: str) -> Mention | None:
        """A single value or column word that differs by one letter, from five letters on."""
        if len(word) < 5:
            return None
        for column, name in self._names:
            if any(len(part) >= 4 and near(singular(word), part) for part in name):
                fixed = next(part for part in name if len(part) >= 4 and near(singular(word), part))
                mention = self.columns((fixed,))
                return Mention(mention.columns, mention.score - 0.1) if mention else Mention((column,), 0.6)
        for length in (len(word) - 1, len(word), len(word) + 1):
            for candidate in self._single.get(length, ()):
                if near(word, candidate):
                    found = self._values[(candidate,)]
                    return Mention(tuple(dict.fromkeys(column for column, _ in found)), 0.8, found[0][1])
        return None

    def spelling(self, column: IndexedColumn, value: str) -> list[str]:
        """All spellings of the value in the column that differ in case only."""
        return [item for item in column.values if item.lower() == value.lower()] or [value]

    def _concepts_of(self, word: str) -> set[int]:
        return self._concepts.get(word) or self._concepts.get(stem(word), set())

    def _score(self, asked: tuple[str, ...], name: tuple[str, ...]) -> float:
        if not asked or not name:
            return 0.0
        if asked == name or "".join(asked) == "".join(name):
            return 1.0
        if asked[0] in _PIECES and len(asked) == 1 and _PRICES & set(name):
            return 0.0  # the unit of a unit price is none that can be counted
        if len(asked) > 1 and "".join(map(_bare, asked)) in name:
            return 0.9 * (0.6 + 0.3 / len(name))  # "signed up": the sign-up date
        if len(asked) == 1 and len(name) > 1 and asked[0] == "".join(map(_bare, name[:2])):
            return 0.9 * (0.6 + 0.3 / len(name))  # "pickup": picked up on
        same = self._matched(asked, name)
        if same == 0.0:
            return 0.0
        return same * (0.6 + 0.3 * min(1.0, len(asked) / len(name)))

    def _matched(self, asked: tuple[str, ...], name: tuple[str, ...]) -> float:
        """1 if every asked word is in the name, a little less where it is there in other words, else 0."""
        total = 0.0
        for word in asked:
            bent = _forms(word)
            if word in name or any(form in name for form in bent) or any(IRREGULAR.get(part) in bent for part in name):
                total += 1.0
            elif any(_shortens(part, word) for part in name):
                total += 0.9
            elif len(stem(word)) >= 4 and any(stem(word) == stem(part) for part in name):
                total += 0.95
            elif any(self._concepts_of(word) & self._concepts.get(part, set()) for part in (*name, "".join(name[:2]))):
                total += 0.75
            else:
                return 0.0
        return total / len(asked)


def _shortens(part: str, word: str) -> bool:
    """`frt` is `freight`, `descr` is `description`: its letters in order, only consonants, or its beginning."""
    if len(part) < 3 or len(word) < len(part) + 2 or part[0] != word[0]:
        return False
    if len(part) >= 4 and word.startswith(part) and part[-1] not in _VOWELS:
        return True
    rest = iter(word)
    return not _VOWELS & set(part[1:]) and all(letter in rest for letter in part)


def _forms(word: str) -> tuple[str, ...]:
    """`joined` is also `join`, `closing` also `close`."""
    if len(word) > 4 and word.endswith("ed"):
        return (word[:-2], word[:-1], word[:-3] if word[-3:-2] == word[-4:-3] else word[:-1])
    if len(word) > 5 and word.endswith("ing"):
        return (word[:-3], word[:-3] + "e")
    return (word + "ed", word + "d")


def _parts(word: str) -> tuple[str, ...]:
    """`co2` as a name of a column is cut."""
    return tuple(_PART.findall(word)) if any(letter.isdigit() for letter in word) and not word.isdigit() else (word,)


def _bare(word: str) -> str:
    """`signed` and `signing` without their endings."""
    return word.removesuffix("ed").removesuffix("ing") if len(word) > 4 else word


def _is_measure(column: IndexedColumn) -> bool:
    return column.type.is_numeric and not is_identifying(column.name)


def value_words(value: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[^\W_]+", value.lower()))


def near(one: str, other: str) -> bool:
    """One letter too many, too few, different, or two swapped."""
    if one == other or abs(len(one) - len(other)) > 1 or one[0] != other[0]:
        return one == other
    if len(one) == len(other):
        different = [index for index in range(len(one)) if one[index] != other[index]]
        if len(different) == 1:
            return True
        return (
            len(different) == 2
            and different[1] == different[0] + 1
            and one[different[0]] == other[different[1]]
            and one[different[1]] == other[different[0]]
        )
    short, long = sorted((one, other), key=len)
    return any(long[:index] + long[index + 1 :] == short for index in range(len(long)))


def is_identifying(name: str) -> bool:
    words = name_words(name)
    return bool(words) and (words[-1] in IDENTIFYING or "#" in name)
