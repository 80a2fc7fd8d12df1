"""A question as items: mentions of columns, values, numbers and periods, and the phrases that connect them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from symphainy.enabling_services.insights.linking import Linker, Mention, is_identifying, name_words
from symphainy.enabling_services.insights.periods import Calendar, Period, read_period
from symphainy.enabling_services.insights.query import Operand
from symphainy.enabling_services.insights.row_nouns import RowKind, calls_rows, is_event
from symphainy.enabling_services.insights.vocabulary import (
    BUCKET_NOUNS,
    COUNTED_UNITS,
    IGNORED,
    LATENESS,
    LONGEST_PHRASE,
    MONEY,
    NUMBER_WORDS,
    PERSON_NOUNS,
    PHRASES,
    ROW_NOUNS,
    TIME_UNITS,
    UNITS,
    VERBS_OF_AMOUNTS,
    singular,
    words_of,
)

_TOKEN: Final = re.compile(
    r"\"[^\"]+\"|“[^”]+”|(?<!\w)'[^']+'(?!\w)|\d{4}-\d{1,2}(?:-\d{1,2})?(?!\d)"
    r"|\d{1,2}\.\d{1,2}\.\d{4}|\d{1,2}/\d{1,2}/\d{4}"
    r"|[$€£]?-?\d[\d,]*(?:\.\d+)?(?:st|nd|rd|th|k\b|m\b|bn\b|\s?%)?"
    r"|>=|<=|!=|<>|==|[=<>&#/]|[^\W\d_][\w]*(?:[-'\u2019.][^\W_]+)*"
)
_NUMBER: Final = re.compile(r"[$€£]?(-?\d[\d,]*(?:\.\d+)?)(k|m|bn|\s?%)?")
_ACRONYMS: Final = re.compile(r"[A-Z]{2,4}s")
_SCALE: Final = {"k": 1e3, "m": 1e6, "bn": 1e9}
_MOST_WORDS: Final = 80


@dataclass(frozen=True, slots=True)
class Token:
    text: str
    start: int
    end: int

    @property
    def quoted(self) -> bool:
        return self.text[0] in "\"'“"

    @property
    def word(self) -> str:
        text = self.text[:-1] if _ACRONYMS.fullmatch(self.text) else self.text
        return text.strip("\"'“”").lower().replace("\u2019", "").replace("'", "")


@dataclass(slots=True)
class Item:
    """`kind` is one of the phrase kinds, or column, value, number, period, text (quoted), noun (rows), bucket_noun, filler
    or unknown. An item that was understood is `used`. A column may be one that is computed: `operand`."""

    kind: str
    text: str
    start: int
    end: int
    meaning: str = ""
    mention: Mention | None = None
    number: float | None = None
    unit: str = ""
    period: Period | None = None
    operand: Operand | None = None
    used: bool = False


@dataclass(slots=True)
class Lexer:
    linker: Linker
    calendar: Calendar | None
    nouns: frozenset[str] = field(default_factory=frozenset[str])
    """What the table's rows are called."""
    kinds: tuple[RowKind, ...] = ()
    derive: Callable[[Sequence[str], int], tuple[int, Operand] | None] = lambda _words, _at: None
    """Reads something computed, and how many words it takes."""
    respell: Callable[[str], str | None] = lambda _word: None
    """The word that was meant by one with a typing error."""
    tokens: list[Token] = field(init=False, default_factory=list[Token])
    respelt: list[tuple[str, str]] = field(init=False, default_factory=list[tuple[str, str]])

    def items(self, question: str) -> list[Item]:
        tokens = [self._spelt(Token(m.group(), m.start(), m.end())) for m in _TOKEN.finditer(question)][:_MOST_WORDS]
        self.tokens = tokens
        words = [token.word for token in tokens]
        found: list[Item] = []
        at = 0
        while at < len(tokens):
            taken, item = self._next(tokens, words, at, found)
            found.append(item)
            at += taken
        return found

    def _spelt(self, token: Token) -> Token:
        meant = None if token.quoted else self.respell(token.word)
        if meant is None:
            return token
        self.respelt.append((token.text, meant))
        return replace(token, text=meant)

    def _next(self, tokens: Sequence[Token], words: Sequence[str], at: int, before: Sequence[Item]) -> tuple[int, Item]:
        token = tokens[at]

        def item(kind: str, taken: int, **more: object) -> tuple[int, Item]:
            end = tokens[at + taken - 1].end
            text = " ".join(part.text for part in tokens[at : at + taken])
            return taken, Item(kind, text, token.start, end, **more)  # type: ignore[arg-type]

        if token.quoted:
            column = self.linker.exact_column(token.text.strip("\"'“”"))
            if column is not None:
                return item("column", 1, mention=Mention((column,), 1.0))
            return item("text", 1, meaning=token.text.strip("\"'“”"))
        if (own := self._coded(token, before)) is not None:
            return item("value", 1, mention=own)
        if self.calendar is not None and not (before and before[-1].kind == "op" and before[-1].meaning != "between"):
            period = read_period(words, at, self.calendar)
            if period is not None and not self._is_value(words, at, period[0]):
                return item("period", period[0], period=period[1])
        linked = self._linked(words, at, before)
        phrase = _phrase(words, at)
        computed = self.derive(words, at)
        if computed is not None and computed[0] > max(linked[0] if linked else 0, phrase[0] if phrase else 0):
            return item("column", computed[0], operand=computed[1])
        if linked is not None and (phrase is None or linked[0] > phrase[0] or (linked[0] == phrase[0] and linked[2])):
            taken, mention, _ = linked
            return item("value" if mention.value is not None else "column", taken, mention=mention)
        if phrase is not None and phrase[1] == "late":
            own = self.linker.columns((words[at + phrase[0] - 1],))
            if own is not None and own.score == 1.0 and own.columns[0].type.is_numeric:
                return item("column", phrase[0], mention=own)  # "in arrears", where a column holds them
        if phrase is not None:
            taken, kind, meaning = phrase
            return item(kind, taken, meaning=meaning)
        if number := _number(token.text, words, at):
            return item("number", number[2], number=number[0], unit=number[1])
        counted = bool(before) and before[-1].kind == "number"
        return item(*self._word(words[at], counted=counted))

    def _coded(self, token: Token, before: Sequence[Item]) -> Mention | None:
        """`grade A`: one letter or a figure in capitals behind the column that holds it."""
        named = before[-1].mention if before and before[-1].kind == "column" else None
        if named is None or len(token.text) > 2 or not token.text.isupper():
            return None
        found = tuple(column for column in named.columns if token.text in column.values)
        return Mention(found, 1.0, token.text) if found else None

    def _is_value(self, words: Sequence[str], at: int, taken: int) -> bool:
        mention = self.linker.values(words[at : at + taken])
        return mention is not None and taken > 0 and not words[at].isdigit()

    def _capitals(self, at: int) -> bool:
        """Whether the word stands in capitals: the department IT, not the pronoun."""
        return len(self.tokens[at].text) > 1 and self.tokens[at].text.isupper()

    def _spends(self, words: Sequence[str], at: int, length: int, column: Mention) -> bool:
        """`spent on travel`: the verb is about the amount, though there is a date of spending."""
        if words[at] not in VERBS_OF_AMOUNTS or not all(c.type.is_temporal for c in column.columns):
            return False
        dated = self.calendar is not None and read_period(words, at + length, self.calendar) is not None
        return not dated and not {"after", "before", "between", "from", "and", "since"} & set(
            words[max(0, at - 3) : at]
        )

    def _is_money(self, word: str, column: Mention | None, before: Sequence[Item]) -> bool:
        """The `sales` of a table of sales are its rows where they are counted or listed, else what they brought."""
        if column is None or singular(word) not in MONEY or not all(c.type.is_numeric for c in column.columns):
            return False
        return not (before and (before[-1].meaning == "count" or before[-1].text.lower() in _LISTING))

    def _linked(self, words: Sequence[str], at: int, before: Sequence[Item]) -> tuple[int, Mention, bool] | None:
        """The longest run of words that is a column or a value, and whether it is one beyond doubt."""
        for length in range(min(6, len(words) - at), 0, -1):
            if words[at + length - 1] in _SIGNS:
                continue  # "amount > 90"
            run = [word for token in words[at : at + length] for word in re.findall(r"[^\W_]+", token)]
            if not run or (length > 1 and (run[0] in ("the", "a", "of", "in", "by", "and") or run[-1] in _ENDS)):
                joined = self.linker.columns(run) if run and run[-1] in _PARTICLES and length == 2 else None
                if joined is None:
                    continue
            column, value = self.linker.columns(run), self.linker.values(run)
            bare = [word for word in run if word not in _JOINING]
            if column is None and 1 < len(bare) < len(run):
                column = self.linker.columns(bare)
            exact = _is_meant(run[0], column) or self._is_money(run[0], column, before)
            if length == 1 and singular(run[0]) in self.nouns and not exact:
                return None
            if length > 1 and not exact and all(self._calls_rows(word) or singular(word) in self.nouns for word in run):
                continue
            sure = exact or value is not None or (column is not None and column.score >= _LITERAL)
            if length == 1 and not sure and self._calls_rows(run[0]):
                return None
            named = singular(run[0]) in self.nouns and exact
            told = run[0] in VERBS_OF_AMOUNTS and _are_numbers(column)
            to_do = at > 0 and words[at - 1] == "to" and column is not None
            thing = column is not None and _is_thing(run[0], column)
            measured = run[0] in _AMOUNTS and _is_asked_for(before)
            rated = at + 1 < len(words) and words[at + 1] in ("rate", "rates")
            if (
                length == 1
                and run[0] in IGNORED
                and not (rated or told or to_do or thing or (measured and _are_numbers(column)))
                and not ((column and column.score >= 0.98) or value or named)
            ):
                continue
            named_so = value is not None and self._capitals(at)
            if len(run) == 1 and run[0] in _NEVER and not named_so:
                continue
            if column is not None and self._spends(words, at, length, column):
                continue
            if column is not None and (column.score == 1.0 or value is None or value.score < 1.0):
                return length, column, column.score == 1.0
            if value is not None:
                return length, value, True
        return None

    def _calls_rows(self, word: str) -> bool:
        return calls_rows(word, self.kinds)

    def _word(self, word: str, *, counted: bool) -> tuple[str, int]:
        stem = singular(word)
        if stem in ROW_NOUNS or stem in self.nouns or word in PERSON_NOUNS:
            return "noun", 1
        if stem in BUCKET_NOUNS:
            return ("filler" if counted else "bucket_noun"), 1
        if self._calls_rows(word):
            return "noun", 1
        if is_event(word, self.kinds):
            return "filler", 1
        if word.endswith(("ed", "ing")) and {word[:-2], word[:-1], word[:-3], word[:-3] + "e"} & self.nouns:
            return "filler", 1
        if stem in LATENESS:
            return "late", 1
        if word in IGNORED or word in UNITS:
            return "filler", 1
        return "unknown", 1


_OVER: Final = words_of("over than above under below least most exceeds exceeding within")
_JOINING: Final = words_of("of for the a an to")
_ENDS: Final = words_of("in of by for from with and or the a is are per than to on")
_SIGNS: Final = words_of("> < = >= <= != <> ==")
_LISTING: Final = words_of("which list show all the")
_LITERAL: Final = 0.7
"""The score of a column whose name has the very word in it."""
_AMOUNTS: Final = words_of("amount amounts value values worth")
_PARTICLES: Final = words_of("in on to")
"""May end a name: `checked in`."""
_NEVER: Final = words_of("a an the of in on at for to from is are was and or by per i me my it no not we us am be so do he she "
                         "if as who how many any all can may will")  # fmt: skip


def _is_asked_for(before: Sequence[Item]) -> bool:
    """Whether what follows is computed, compared or grouped by: `average value`, `average order value`."""
    for item in reversed(before[-3:]):
        if item.kind in ("by", "agg", "super", "op"):
            return True
        if item.kind not in ("noun", "value"):
            return False
    return False


def _are_numbers(mention: Mention | None) -> bool:
    """A column of that very name, or only columns of numbers: what there is of `stock` are the units."""
    if mention is None:
        return False
    if mention.score == 1.0:
        return True
    return all(column.type.is_numeric and not is_identifying(column.name) for column in mention.columns)


def _is_thing(word: str, mention: Mention) -> bool:
    """Whether a column tells apart what is called so, `fields` by field_name, though the word may say nothing elsewhere."""
    return len(mention.columns) == 1 and name_words(mention.columns[0].name)[:-1] == (singular(word),)


def _is_meant(word: str, mention: Mention | None) -> bool:
    """Whether a column is meant by a word that calls the rows too: one of that name, or numbers whose name ends with it."""
    if mention is None or mention.score >= 0.98:
        return mention is not None
    return _are_numbers(mention) and all(_bare_name(c.name)[-1] == singular(word) for c in mention.columns)


def _bare_name(name: str) -> tuple[str, ...]:
    """Without its unit: `yld_t` is a yield."""
    words = name_words(name)
    unit = len(words) > 1 and (len(words[-1]) < 2 or words[-1] in UNITS | COUNTED_UNITS)
    return words[:-1] if unit else words


def _phrase(words: Sequence[str], at: int) -> tuple[int, str, str] | None:
    for length in range(min(LONGEST_PHRASE, len(words) - at), 0, -1):
        known = PHRASES.get(" ".join(words[at : at + length]))
        if known is not None:
            return length, known[0], known[1]
    return None


def _number(text: str, words: Sequence[str], at: int) -> tuple[float, str, int] | None:
    """Value, unit and words taken."""
    match = _NUMBER.fullmatch(text)
    if match is not None:
        value = float(match.group(1).replace(",", "")) * _SCALE.get((match.group(2) or "").strip(), 1)
        unit = "%" if (match.group(2) or "").strip() == "%" else "$" if text[0] in "$€£" else ""
    elif (
        words[at] in ("a", "an")
        and at + 1 < len(words)
        and words[at + 1] in TIME_UNITS
        and at
        and words[at - 1] in _OVER
    ):
        value, unit = 1.0, ""
    elif words[at] in NUMBER_WORDS:
        value, unit = float(NUMBER_WORDS[words[at]]), ""
    else:
        return None
    following = words[at + 1] if at + 1 < len(words) else ""
    if following in ("thousand", "million", "billion"):
        return value * {"thousand": 1e3, "million": 1e6, "billion": 1e9}[following], unit, 2
    if following in ("percent", "%", "pct"):
        return value, "%", 2
    return value, unit or (singular(following) if following in UNITS else ""), 1
