"""Where each field of a record stands: offsets and lengths as the compiler lays them out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from symphainy.enabling_services.cobol.copybooks import Item, bad_copybook, read_copybook

_MOST_FIELDS: Final = 2_000
_LONGEST_RECORD: Final = 1_000_000


class Storage(StrEnum):
    TEXT = "text"
    ZONED = "zoned"
    PACKED = "packed"
    BINARY = "binary"
    FLOAT = "float"
    EDITED = "edited"


STORED: Final = {
    Storage.TEXT: "text",
    Storage.ZONED: "display number",
    Storage.PACKED: "packed number",
    Storage.BINARY: "binary number",
    Storage.FLOAT: "floating-point number",
    Storage.EDITED: "edited number",
}
"""In words, with `a` to stand before."""


@dataclass(frozen=True, slots=True)
class Field:
    """`offset` and `length` in bytes. `native` binaries use all their bits, not only as many as the digits need.
    `overlaid`: another field describes the same bytes, so these need not be of this
    kind. `counted`: for each table with a varying number of entries that the field is in, the field that counts them
    and the entry, from 0, that this is."""

    name: str
    offset: int
    length: int
    storage: Storage
    digits: int = 0
    scale: int = 0
    signed: bool = False
    sign_leading: bool = False
    sign_separate: bool = False
    native: bool = False
    overlaid: bool = False
    counted: tuple[tuple[str, int], ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class VaryingTable:
    """A table at the end of a record, whose length depends on the record."""

    counter: str
    offset: int
    entry: int
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Layout:
    """`length` is that of the longest record, `shortest` that of the shortest."""

    name: str
    length: int
    shortest: int
    fields: tuple[Field, ...]
    varying: VaryingTable | None = None

    def field(self, name: str) -> Field:
        return next(item for item in self.fields if item.name == name)


def lay_out(text: str) -> Layout:
    """The layout of the copybook's record. Several records describe the same bytes, as in a file description.

    Raises ServiceError `not_a_copybook`.
    """
    records = read_copybook(text)
    placed = _Placing()
    ends = [placed.place(record, 0, _Above(overlaid=len(records) > 1)) for record in records]
    length = max(ends)
    if not placed.fields:
        raise bad_copybook(records[0].line, "it describes no field")
    if length > _LONGEST_RECORD:
        raise bad_copybook(records[0].line, f"its record has {length:,} bytes; at most {_LONGEST_RECORD:,} can be read")
    varying = placed.varying(records, length)
    shortest = length - (varying.most - varying.least) * varying.entry if varying else min(ends)
    return Layout(records[0].name, length, shortest, _uniquely_named(placed.fields), varying)


@dataclass(frozen=True, slots=True)
class _Above:
    """What the groups above an item say of it."""

    usage: str | None = None
    sign: tuple[bool, bool] = (False, False)
    overlaid: bool = False
    subscripts: tuple[int, ...] = ()
    counted: tuple[tuple[str, int], ...] = ()


class _Placing:
    def __init__(self) -> None:
        self.fields: list[Field] = []
        self._tables: list[tuple[Item, int, int]] = []

    def place(self, item: Item, offset: int, above: _Above) -> int:
        """Adds the item's fields from `offset` on, once for each entry if it is a table; returns where it ends."""
        above = replace(
            above,
            usage=item.usage or above.usage,
            sign=(item.sign_leading, item.sign_separate) if item.sign_leading or item.sign_separate else above.sign,
        )
        if item.occurs is None:
            return self._place_once(item, offset, above)
        start, entry = offset, 0
        for number in range(item.occurs.most):
            counted = above.counted
            if item.occurs.depending is not None:
                counted = (*counted, (item.occurs.depending, number))
            within = replace(above, subscripts=(*above.subscripts, number + 1), counted=counted)
            end = self._place_once(item, offset, within)
            entry, offset = end - offset, end
        if item.occurs.depending is not None:
            self._tables.append((item, start, entry))
        return offset

    def _place_once(self, item: Item, offset: int, above: _Above) -> int:
        if not item.children:
            return self._place_field(item, offset, above)
        starts: dict[str, int] = {}
        redefined = {child.redefines for child in item.children if child.redefines}
        at = offset
        for child in item.children:
            start = at
            if child.redefines is not None:
                if child.redefines not in starts:
                    raise bad_copybook(
                        child.line, f"{child.name} redefines {child.redefines}, which does not stand before it"
                    )
                start = starts[child.redefines]
            overlaid = above.overlaid or child.redefines is not None or child.name in redefined
            end = self.place(child, start, replace(above, overlaid=overlaid))
            starts[child.name] = start
            at = max(at, end)
        return at

    def _place_field(self, item: Item, offset: int, above: _Above) -> int:
        made = _field(item, offset, above)
        if item.name != "FILLER":
            self.fields.append(made)
        if len(self.fields) > _MOST_FIELDS:
            raise bad_copybook(item.line, f"it describes more than {_MOST_FIELDS:,} fields, entries of tables included")
        return offset + made.length

    def varying(self, records: Sequence[Item], length: int) -> VaryingTable | None:
        """The one table of varying length, if it ends the record; others are stored with their greatest length."""
        if len(self._tables) != 1 or len(records) != 1:
            return None
        item, start, entry = self._tables[0]
        assert item.occurs is not None
        assert item.occurs.depending is not None
        if not any(found.name == item.occurs.depending and found.offset < start for found in self.fields):
            raise bad_copybook(
                item.line, f"{item.name} depends on {item.occurs.depending}, which does not stand before it"
            )
        if start + entry * item.occurs.most != length:
            return None
        return VaryingTable(item.occurs.depending, start, entry, item.occurs.least, item.occurs.most)


def _field(item: Item, offset: int, above: _Above) -> Field:
    subscript = f"({','.join(map(str, above.subscripts))})" if above.subscripts else ""
    made = Field(
        item.name + subscript, offset, 0, Storage.TEXT, overlaid=above.overlaid, counted=above.counted, line=item.line
    )
    usage, picture = above.usage or "display", item.picture
    if usage in ("float", "double"):
        return replace(made, length=4 if usage == "float" else 8, storage=Storage.FLOAT)
    if picture is None:
        raise bad_copybook(item.line, f"{item.name} has neither a PICTURE nor fields below it")
    made = replace(made, digits=picture.digits, scale=picture.scale, signed=picture.signed, length=picture.size)
    if not picture.numeric:
        return made
    if picture.edited:
        return replace(made, storage=Storage.EDITED)
    if usage == "packed":
        return replace(made, storage=Storage.PACKED, length=picture.digits // 2 + 1)
    if usage in ("binary", "native"):
        if picture.digits > 18:
            raise bad_copybook(item.line, f"{item.name} is binary with more than 18 digits")
        length = 2 if picture.digits < 5 else 4 if picture.digits < 10 else 8
        return replace(made, storage=Storage.BINARY, length=length, native=usage == "native")
    leading, separate = above.sign
    length = picture.digits + (1 if separate and picture.signed else 0)
    return replace(made, storage=Storage.ZONED, length=length, sign_leading=leading, sign_separate=separate)


def _uniquely_named(fields: Sequence[Field]) -> tuple[Field, ...]:
    """Names that several groups use get the number of their occurrence."""
    times = Counter(item.name for item in fields)
    seen: Counter[str] = Counter()
    named: list[Field] = []
    for item in fields:
        seen[item.name] += 1
        named.append(replace(item, name=f"{item.name} #{seen[item.name]}") if times[item.name] > 1 else item)
    return tuple(named)
