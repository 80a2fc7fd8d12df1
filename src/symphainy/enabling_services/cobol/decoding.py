"""The values of a field in many records at once, as text that the query engine casts to the column's type."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from typing import Final

from symphainy.enabling_services.cobol.code_pages import codec_of, readable
from symphainy.enabling_services.cobol.layouts import Field, Storage

_PLUS: Final = frozenset("acef")
_MINUS: Final = frozenset("bd")
_ASCII_SIGNS: Final = {
    **{character: (digit, "") for digit, character in enumerate("{ABCDEFGHI")},
    **{character: (digit, "-") for digit, character in enumerate("}JKLMNOPQR")},
    **{character: (digit, "-") for digit, character in enumerate("pqrstuvwxy")},
    **{str(digit): (digit, "") for digit in range(10)},
}
_EDITING: Final = str.maketrans("", "", "$,*B/ +")


class Invalid(ValueError):
    """The bytes at `record`, counted from 0 within the records at hand, are no value of the field."""

    def __init__(self, record: int) -> None:
        super().__init__(record)
        self.record = record


@dataclass(frozen=True)
class Records:
    """Records side by side, each `length` bytes: shorter ones are filled up with zeros, `present` is what they have."""

    data: bytes
    length: int
    code_page: str
    present: Sequence[int] | None = None

    @cached_property
    def count(self) -> int:
        return len(self.data) // self.length

    @cached_property
    def text(self) -> str:
        return self.data.decode(codec_of(self.code_page))

    @cached_property
    def hex(self) -> str:
        return self.data.hex()

    def slices(self, field: Field, of: str, width: int = 1) -> list[str]:
        """The field's part of each record in `text` (one character a byte) or in `hex` (two)."""
        size = field.length * width
        step = self.length * width
        return [of[at : at + size] for at in range(field.offset * width, len(self.data) * width, step)]

    def blocks(self, field: Field) -> list[bytes]:
        size, data = field.length, self.data
        return [data[at : at + size] for at in range(field.offset, len(data), self.length)]

    def has(self, field: Field) -> Iterable[bool]:
        """Whether a record is long enough for the field."""
        end = field.offset + field.length
        return repeat(True, self.count) if self.present is None else (size >= end for size in self.present)


@dataclass(slots=True)
class Values:
    """One text for each record, empty for a missing value. `blank` counts numbers that were filled with spaces or
    zeros of storage, `other` bytes of an overlaid field that are not of its kind."""

    texts: list[str]
    blank: int = 0
    other: int = 0


Decoder = Callable[[str], str | None]
"""The value of one slice; None if it is no value of the field."""


def decode(field: Field, records: Records) -> Values:
    """Raises Invalid for the first record whose bytes are no value of the field, unless the field is overlaid."""
    if field.storage is Storage.TEXT:
        texts = [readable(text) for text in records.slices(field, records.text)]
        return Values([text if has else "" for text, has in zip(texts, records.has(field), strict=True)])
    slices, read = _reading(field, records)
    empty = ("00" * field.length, ("20" if records.code_page == "ascii" else "40") * field.length)
    missing = field.storage in (Storage.ZONED, Storage.PACKED, Storage.EDITED)
    values = Values([])
    raw = records.slices(field, records.hex, 2) if missing else None
    for number, (part, has) in enumerate(zip(slices, records.has(field), strict=True)):
        if not has:
            values.texts.append("")
        elif raw is not None and raw[number] in empty:
            values.texts.append("")
            values.blank += 1
        elif (value := read(part)) is not None:
            values.texts.append(value)
        elif field.overlaid:
            values.texts.append("")
            values.other += 1
        else:
            raise Invalid(number)
    return values


def _reading(field: Field, records: Records) -> tuple[Iterator[str] | list[str], Decoder]:
    match field.storage:
        case Storage.PACKED:
            return records.slices(field, records.hex, 2), _packed(field)
        case Storage.BINARY:
            return records.slices(field, records.hex, 2), _binary(field)
        case Storage.FLOAT:
            return records.slices(field, records.hex, 2), _ieee if records.code_page == "ascii" else _hexadecimal
        case Storage.EDITED:
            return records.slices(field, records.text), _edited(field)
        case _:
            return _zoned(field, records)


def pointed(digits: str, scale: int, sign: str = "") -> str:
    """The digits with their decimal point."""
    if scale <= 0:
        return sign + digits + "0" * -scale
    digits = digits.zfill(scale + 1)
    return f"{sign}{digits[:-scale]}.{digits[-scale:]}"


def _packed(field: Field) -> Decoder:
    unused, scale, signed = field.length * 2 - 1 - field.digits, field.scale, field.signed

    def read(part: str) -> str | None:
        digits, sign = part[:-1], part[-1]
        if not digits.isdecimal() or (unused and digits[0] != "0"):
            return None
        if sign in _PLUS:
            return pointed(digits, scale)
        return pointed(digits, scale, "-") if sign in _MINUS and signed else None

    return read


def _binary(field: Field) -> Decoder:
    bits, scale, signed = field.length * 8, field.scale, field.signed
    most = 1 << bits if field.native else 10**field.digits

    def read(part: str) -> str | None:
        value = int(part, 16)
        if signed and value >> (bits - 1):
            value -= 1 << bits
        if not -most < value < most:
            return None
        return pointed(str(abs(value)), scale, "-" if value < 0 else "")

    return read


def _zoned(field: Field, records: Records) -> tuple[Iterator[str] | list[str], Decoder]:
    scale, leading = field.scale, field.sign_leading
    if field.signed and field.sign_separate:

        def separate(part: str) -> str | None:
            sign, digits = (part[0], part[1:]) if leading else (part[-1], part[:-1])
            if sign not in "+-" or not digits.isdecimal():
                return None
            return pointed(digits, scale, "-" if sign == "-" else "")

        return records.slices(field, records.text), separate
    if records.code_page == "ascii":
        return records.slices(field, records.text), _ascii_zoned(field)
    at = 0 if leading else -2
    signed = field.signed

    def overpunched(part: str) -> str | None:
        """Each byte is a zone and a digit; the zone of the last one (or the first) is the sign."""
        zone, digits = part[at], part[1::2]
        zones = part[2::2] if leading else part[:-2:2]
        if zones.strip("f") or not digits.isdecimal():
            return None
        if zone in _PLUS:
            return pointed(digits, scale)
        return pointed(digits, scale, "-") if zone in _MINUS and signed else None

    return records.slices(field, records.hex, 2), overpunched


def _ascii_zoned(field: Field) -> Decoder:
    scale, leading, signed = field.scale, field.sign_leading, field.signed

    def read(part: str) -> str | None:
        if part.isdecimal():
            return pointed(part, scale)
        found = _ASCII_SIGNS.get(part[0] if leading else part[-1])
        digits = part[1:] if leading else part[:-1]
        if found is None or not signed or (digits and not digits.isdecimal()):
            return None
        digits = f"{found[0]}{digits}" if leading else f"{digits}{found[0]}"
        return pointed(digits, scale, found[1])

    return read


def _edited(field: Field) -> Decoder:
    """As it is printed: `1,234.50-`, `$12.00CR`."""

    def read(part: str) -> str | None:
        text = part.strip()
        negative = "-" in text or text.endswith(("CR", "DB"))
        digits = text.removesuffix("CR").removesuffix("DB").replace("-", "").translate(_EDITING)
        whole, point, fraction = digits.partition(".")
        if not (whole + fraction).isdecimal() or (point and not fraction):
            return None
        if not point and field.scale:
            return pointed(whole, field.scale, "-" if negative else "")
        return ("-" if negative else "") + (whole or "0") + (point + fraction)

    return read


def _hexadecimal(part: str) -> str | None:
    """IBM System/360 floating point: sign, exponent of 16 with an excess of 64, and a fraction below 1."""
    first = int(part[:2], 16)
    fraction = int(part[2:], 16) / 16.0 ** (len(part) - 2)
    value = fraction * 16.0 ** ((first & 0x7F) - 64)
    return repr(-value if first & 0x80 else value)


def _ieee(part: str) -> str | None:
    (value,) = struct.unpack(">f" if len(part) == 8 else ">d", bytes.fromhex(part))
    return repr(value) if value - value == 0 else None
