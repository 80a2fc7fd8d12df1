"""Where each record of a file begins and ends: fixed lengths, lines, varying tables, or descriptor words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from symphainy.enabling_services.cobol.layouts import Layout
from symphainy.enabling_services.errors import ServiceError

_WORD: Final = 4
_LINE_ENDS: Final = (b"\n", b"\r\n")


@dataclass(frozen=True, slots=True)
class Span:
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Framing:
    """`how` completes `The records are ...`."""

    how: str
    spans: Sequence[Span]


def frame(data: bytes, layout: Layout, count_of: Callable[[bytes], int | None]) -> Framing:
    """Raises ServiceError `copybook_mismatch` when no way of dividing the file into records works out to its end.
    `count_of` reads the counter of a varying table from a record, None if it is no number."""
    for how, spans in (
        ("of variable length, with descriptor words", _described(data, 0, len(data), layout)),
        ("of variable length, in blocks", _blocked(data, layout)),
    ):
        if spans:
            return Framing(how, spans)
    if layout.varying is not None:
        spans = _varying(data, layout, count_of)
        if spans:
            return Framing("of variable length", spans)
    if len(data) % layout.length == 0:
        return Framing(f"of {layout.length:,} bytes", _Every(layout.length, layout.length, len(data)))
    for end in _LINE_ENDS:
        stride = layout.length + len(end)
        size = len(data) if data.endswith(end) else len(data) + len(end)
        if size % stride == 0 and all(
            data[at : at + len(end)] == end for at in range(layout.length, len(data), stride)
        ):
            return Framing(f"lines of {layout.length:,} characters", _Every(layout.length, stride, len(data)))
    raise _does_not_divide(len(data), layout)


class _Every(Sequence[Span]):
    """Records of one length at equal distances."""

    def __init__(self, length: int, stride: int, size: int) -> None:
        self._length = length
        self._stride = stride
        self._count = -(-size // stride)

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> Span:  # pyright: ignore[reportIncompatibleMethodOverride]
        if not 0 <= index < self._count:
            raise IndexError(index)
        return Span(index * self._stride, self._length)

    def __iter__(self) -> Iterator[Span]:
        return (Span(number * self._stride, self._length) for number in range(self._count))


def _described(data: bytes, start: int, end: int, layout: Layout) -> list[Span] | None:
    """Record descriptor words: two bytes with the length, themselves included, and two of zeros."""
    spans: list[Span] = []
    while start < end:
        length = int.from_bytes(data[start : start + 2])
        body = length - _WORD
        if data[start + 2 : start + _WORD] != b"\0\0" or not layout.shortest <= body <= layout.length:
            return None
        spans.append(Span(start + _WORD, body))
        start += length
    return spans if start == end else None


def _blocked(data: bytes, layout: Layout) -> list[Span] | None:
    """Block descriptor words around records with descriptor words."""
    spans: list[Span] = []
    start = 0
    while start < len(data):
        length = int.from_bytes(data[start : start + 2])
        if data[start + 2 : start + _WORD] != b"\0\0" or length < 2 * _WORD or start + length > len(data):
            return None
        records = _described(data, start + _WORD, start + length, layout)
        if records is None:
            return None
        spans.extend(records)
        start += length
    return spans


def _varying(data: bytes, layout: Layout, count_of: Callable[[bytes], int | None]) -> list[Span] | None:
    """Each record's own counter says how long it is."""
    table = layout.varying
    assert table is not None
    spans: list[Span] = []
    start = 0
    while start < len(data):
        count = count_of(data[start : start + table.offset])
        if count is None or not table.least <= count <= table.most:
            return None
        length = table.offset + count * table.entry
        spans.append(Span(start, length))
        start += length
    return spans if start == len(data) else None


def _does_not_divide(size: int, layout: Layout) -> ServiceError:
    whole, rest = divmod(size, layout.length)
    return ServiceError(
        "copybook_mismatch",
        f"This copybook does not describe this file: its record {layout.name} has {layout.length:,} bytes, and the file's "
        f"{size:,} bytes are {whole:,} such records and {rest:,} bytes more. Nothing was read. Choose the copybook that "
        "belongs to the file, or upload the file again if it was cut.",
        {"reason": "length", "record_bytes": layout.length, "file_bytes": size, "rest": rest},
    )
