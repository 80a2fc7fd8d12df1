"""Which file, and which column, a question is about: by name, by what was talked about last, or not to be told."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from symphainy.agents.base import Turn
from symphainy.agents.situation import analysed
from symphainy.agents.understanding.words import distance, stem
from symphainy.agents.wording import newest_first
from symphainy.enabling_services.kinds import FileKind
from symphainy.session import File, Session

_WORD: Final = re.compile(r"[^\W_]+")
_LONG_WORD: Final = 5
_KINDS: Final[Mapping[str, frozenset[str]]] = {
    "csv": frozenset({FileKind.CSV, FileKind.TSV}),
    "excel": frozenset({FileKind.XLSX, FileKind.XLS, FileKind.ODS}),
    "workbook": frozenset({FileKind.XLSX, FileKind.XLS, FileKind.ODS}),
    "pdf": frozenset({FileKind.PDF}),
    "word": frozenset({FileKind.DOCX}),
    "presentation": frozenset({FileKind.PPTX}),
    "json": frozenset({FileKind.JSON, FileKind.JSONL}),
    "parquet": frozenset({FileKind.PARQUET}),
    "document": frozenset(
        {FileKind.PDF, FileKind.DOCX, FileKind.PPTX, FileKind.HTML, FileKind.TEXT, FileKind.MARKDOWN}
    ),
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """One file, or several between which the words do not decide; `mentioned` says that the user named it."""

    files: tuple[File, ...]
    columns: tuple[str, ...] = ()
    mentioned: bool = False

    @property
    def file(self) -> File | None:
        return self.files[0] if len(self.files) == 1 else None


def choose(turn: Turn, columns: Mapping[str, Sequence[str]]) -> Chosen:
    """`columns` are the column names of each analysed file, by file id."""
    session = turn.session
    attached = tuple(session.files[file_id] for file_id in turn.message.files if file_id in session.files)
    words = _words(turn.message.content)
    named = attached or tuple(_named(session, words)) or tuple(_of_kind(session, words))
    mentioned = {
        file_id: tuple(name for name in dict.fromkeys(names) if _mentions(words, _words(name)))
        for file_id, names in columns.items()
    }
    if not named:
        named = _by_column(session, mentioned)
    files = named or _talked_about(turn)
    if len(files) > 1 and (last := _talked_about(turn)) and last[0] in files and not attached:
        files = last
    found = mentioned.get(files[0].file_id, ()) if len(files) == 1 else ()
    return Chosen(files, _longest(found), bool(named))


def _named(session: Session, words: Sequence[str]) -> list[File]:
    """Files whose name, with or without its ending, is among the words; those with the most of it said, newest first."""
    counts: dict[str, int] = {}
    for file in newest_first(session.files):
        name = _words(PurePath(file.name).stem)
        if name and _mentions(words, name):
            whole = _mentions(words, _words(file.name))
            counts[file.file_id] = len(name) + whole
    most = max(counts.values(), default=0)
    return [session.files[file_id] for file_id, count in counts.items() if count == most]


def _of_kind(session: Session, words: Sequence[str]) -> list[File]:
    kinds = next((_KINDS[word] for word in words if word in _KINDS), frozenset[str]())
    return [file for file in newest_first(session.files) if file.kind in kinds]


def _by_column(session: Session, mentioned: Mapping[str, Sequence[str]]) -> tuple[File, ...]:
    found = [file_id for file_id, names in mentioned.items() if names]
    return tuple(session.files[file_id] for file_id in found if file_id in session.files)


def _talked_about(turn: Turn) -> tuple[File, ...]:
    """The analysed file of the newest message with one, in this conversation; else the newest file, analysed ones first."""
    session = turn.session
    for conversation in session.conversations.values():
        if not any(message.message_id == turn.message.message_id for message in conversation.messages):
            continue
        for message in reversed(conversation.messages):
            ids = dict.fromkeys(str(item.get("file_id")) for item in message.evidence if item.get("file_id"))
            known = [session.files[file_id] for file_id in ids if file_id in session.files]
            if len(known) == 1 and analysed(session, known[0]) and message.seq < turn.message.seq:
                return (known[0],)
    files = newest_first(session.files)
    readable = [file for file in files if analysed(session, file)]
    return tuple((readable or files)[:1])


def _mentions(words: Sequence[str], name: Sequence[str]) -> bool:
    """The words of the name follow each other in the text, endings and one misspelt letter aside."""
    if not name:
        return False
    length = len(name)
    spans = [words[at : at + length] for at in range(len(words) - length + 1)]
    joined = "".join(name)
    return any(all(_same(one, other) for one, other in zip(span, name, strict=True)) for span in spans) or (
        length > 1 and joined in words
    )


def _same(said: str, name: str) -> bool:
    if stem(said) == stem(name):
        return True
    return len(name) >= _LONG_WORD and said[:1] == name[:1] and distance(said, name, 1) <= 1


def _longest(names: Sequence[str]) -> tuple[str, ...]:
    """Without the names that are only a part of another one that was said."""
    return tuple(name for name in names if not any(name != other and name.lower() in other.lower() for other in names))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())
