"""COBOL copybooks as a tree of items, as ISO COBOL and IBM Enterprise COBOL write data descriptions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from symphainy.enabling_services.cobol.pictures import BadPicture, Picture, read_picture
from symphainy.enabling_services.errors import ServiceError, not_a
from symphainy.enabling_services.kinds import FileKind

_FIXED_CODE: Final = slice(6, 72)
_INDICATORS: Final = " */-Dd$"
_SEQUENCE: Final = re.compile(r" {6}|\t|[A-Za-z0-9]{6}")
_TOKEN: Final = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|[^\s'"]+""")
_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?")
_NOISE: Final = frozenset({"IS", "ARE", "TIMES", "ON", "KEY"})
_USAGES: Final = {
    "DISPLAY": "display",
    "COMP": "binary",
    "COMP-4": "binary",
    "COMP-5": "native",
    "BINARY": "binary",
    "COMP-3": "packed",
    "PACKED-DECIMAL": "packed",
    "COMP-1": "float",
    "COMP-2": "double",
}
_HEADINGS: Final = re.compile(
    r"(?:DATA\s+DIVISION|(?:FILE|WORKING-STORAGE|LINKAGE)\s+SECTION|FD\s.*|SD\s.*)", re.I | re.S
)


@dataclass(frozen=True, slots=True)
class Occurs:
    """`least` is the number of times when no item says how often, which `depending` names otherwise."""

    least: int
    most: int
    depending: str | None = None


@dataclass(slots=True)
class Item:
    """One data description. `line` counts from 1. Elementary items have a picture, or a usage that needs none."""

    level: int
    name: str
    line: int
    picture: Picture | None = None
    usage: str | None = None
    occurs: Occurs | None = None
    redefines: str | None = None
    sign_leading: bool = False
    sign_separate: bool = False
    children: list[Item] = field(default_factory=list["Item"])


def read_copybook(text: str) -> tuple[Item, ...]:
    """The records, which are the items of level 01 (or whatever level comes first).

    Raises ServiceError `not_a_copybook`, which names the line.
    """
    stack: list[Item] = []
    records: list[Item] = []
    for line, words in _sentences(text):
        item = _item(words, line)
        if item is None:
            continue
        while stack and stack[-1].level >= item.level:
            stack.pop()
        if stack:
            if stack[-1].picture is not None:
                raise bad_copybook(line, f"{item.name} stands below {stack[-1].name}, which has a PICTURE")
            stack[-1].children.append(item)
        else:
            records.append(item)
        stack.append(item)
    if not records:
        raise bad_copybook(1, "there is no data description in it")
    return tuple(records)


def looks_like_copybook(text: str) -> bool:
    """Whether the text begins with a data description: a level number, a name, and a picture soon after."""
    try:
        records = read_copybook(text)
    except ServiceError:
        return False
    return any(item.picture is not None for item in _all(records))


def bad_copybook(line: int, why: str) -> ServiceError:
    return not_a(
        FileKind.COPYBOOK,
        f"This copybook cannot be used: line {line}: {why}. Nothing was read with it. Correct the copybook and upload "
        "it again.",
        {"line": line},
    )


def _all(items: Sequence[Item]) -> Iterator[Item]:
    for item in items:
        yield item
        yield from _all(item.children)


def _code(text: str) -> Iterator[tuple[int, str]]:
    """Lines without sequence numbers, comments and identification; a continued line is joined to the one before."""
    lines = [line.expandtabs(8).rstrip("\r") for line in text.replace("\x1a", "").split("\n")]
    filled = [line for line in lines if line.strip()]
    fixed = all(_SEQUENCE.match(line) and (len(line) < 7 or line[6] in _INDICATORS) for line in filled)
    held: tuple[int, str] | None = None
    for number, line in enumerate(lines, 1):
        indicator = line[6:7] if fixed else ("*" if line.lstrip().startswith("*") else "")
        code = (line[_FIXED_CODE][1:] if fixed else line).partition("*>")[0].rstrip()
        if indicator in ("*", "/", "$") or not code.strip():
            continue
        if indicator == "-" and held is not None:
            held = (held[0], held[1] + code.strip().lstrip("'\""))
            continue
        if held is not None:
            yield held
        held = (number, code)
    if held is not None:
        yield held


def _sentences(text: str) -> Iterator[tuple[int, list[str]]]:
    """The words up to each period, with the line of the first one."""
    words: list[str] = []
    first = 0
    for line, code in _code(text):
        for token in _TOKEN.findall(code):
            first = first or line
            if token == ".":
                yield first, words
                words, first = [], 0
            elif token.endswith(".") and token[0] not in "'\"":
                yield first, [*words, token[:-1]]
                words, first = [], 0
            else:
                words.append(token)
    if words:
        raise bad_copybook(first, f"the sentence that begins with {' '.join(words[:3])!r} does not end with a period")


def _item(words: list[str], line: int) -> Item | None:
    """None for what describes no storage of its own: condition names, renamings, headings."""
    sentence = " ".join(words)
    if not words or _HEADINGS.fullmatch(sentence):
        return None
    if not words[0].isdecimal():
        raise bad_copybook(line, f"{words[0]!r} is no level number" + _hint(words[0]))
    level = int(words[0])
    if level in (66, 88):
        return None
    if level == 0 or (level > 49 and level != 77):
        raise bad_copybook(line, f"{level} is no level number")
    rest = [word for word in (token.rstrip(",;") for token in words[1:]) if word]
    named = bool(rest) and rest[0].upper() not in _CLAUSES
    name = rest[0].upper() if named else "FILLER"
    if not _NAME.fullmatch(name):
        raise bad_copybook(line, f"{name!r} is no name of a field")
    item = Item(level, name, line)
    _Clauses(item, rest[1:] if named else rest).read()
    return item


def _hint(word: str) -> str:
    if word.upper() in ("COPY", "EXEC", "REPLACE"):
        return f"; {word.upper()} statements have to be carried out by the compiler first"
    return ""


_CLAUSES: Final = frozenset(
    {
        "PIC",
        "PICTURE",
        "USAGE",
        "OCCURS",
        "REDEFINES",
        "SIGN",
        "VALUE",
        "VALUES",
        "JUST",
        "JUSTIFIED",
        "BLANK",
        *_USAGES,
    }
    | {name.replace("COMP", "COMPUTATIONAL") for name in _USAGES if name.startswith("COMP")}
)


class _Clauses:
    """The clauses of one item, word by word."""

    def __init__(self, item: Item, words: list[str]) -> None:
        self._item = item
        self._words = [word for word in words if word.upper() not in _NOISE]
        self._at = 0

    def read(self) -> None:
        while self._at < len(self._words):
            word = self._next().upper()
            usage = _USAGES.get(word.replace("COMPUTATIONAL", "COMP"))
            if usage is not None:
                self._item.usage = usage
                continue
            match word:
                case "PIC" | "PICTURE":
                    self._picture()
                case "USAGE" | "JUST" | "JUSTIFIED" | "RIGHT" | "GLOBAL" | "EXTERNAL":
                    continue
                case "OCCURS":
                    self._occurs()
                case "REDEFINES":
                    self._item.redefines = self._next().upper()
                case "SIGN" | "LEADING" | "TRAILING" | "SEPARATE" | "CHARACTER":
                    self._item.sign_leading = self._item.sign_leading or word == "LEADING"
                    self._item.sign_separate = self._item.sign_separate or word == "SEPARATE"
                case "BLANK":
                    self._skip("WHEN", "ZERO", "ZEROS", "ZEROES")
                case "VALUE" | "VALUES":
                    self._at = len(self._words) if not self._clause_follows() else self._at
                case "INDEXED" | "ASCENDING" | "DESCENDING":
                    self._skip_names()
                case _:
                    raise self._bad(f"{word!r} is not understood")

    def _picture(self) -> None:
        clause = self._next()
        try:
            self._item.picture = read_picture(clause)
        except BadPicture as error:
            raise self._bad(str(error)) from error

    def _occurs(self) -> None:
        least = most = self._number()
        if self._peek() == "TO":
            self._next()
            most = self._number()
        depending = None
        if self._peek() == "DEPENDING":
            self._next()
            depending = self._next().upper()
        if not 0 <= least <= most or most < 1:
            raise self._bad(f"OCCURS {least} TO {most} is no range")
        self._item.occurs = Occurs(least, most, depending)

    def _clause_follows(self) -> bool:
        """After a value comes at most another clause; the values in between are of no interest."""
        for at in range(self._at + 1, len(self._words)):
            if self._words[at].upper() in _CLAUSES - {"VALUE", "VALUES"}:
                self._at = at
                return True
        return False

    def _skip(self, *words: str) -> None:
        while self._peek() in words:
            self._next()

    def _skip_names(self) -> None:
        while self._peek() not in _CLAUSES | {"", "INDEXED", "ASCENDING", "DESCENDING"}:
            self._next()

    def _number(self) -> int:
        word = self._next()
        if not word.isdecimal() or len(word) > 6:
            raise self._bad(f"{word!r} is no number")
        return int(word)

    def _peek(self) -> str:
        return self._words[self._at].upper() if self._at < len(self._words) else ""

    def _next(self) -> str:
        if self._at >= len(self._words):
            raise self._bad("the sentence ends too early")
        self._at += 1
        return self._words[self._at - 1]

    def _bad(self, why: str) -> ServiceError:
        return bad_copybook(self._item.line, f"{self._item.name}: {why}")
