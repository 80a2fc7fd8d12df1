"""Code pages of mainframe text. One byte is one character in all of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from symphainy.enabling_services.cobol.layouts import Layout, Storage

CODE_PAGES: Final = ("cp037", "cp273", "cp500", "cp1140", "ascii")
"""EBCDIC of the US, of Germany and Austria, international, of the US with the euro sign; and ASCII."""

DEFAULT: Final = "cp037"
_EBCDIC: Final = frozenset(
    [
        0x40,
        *(zone + digit for zone in (0x80, 0x90, 0xC0, 0xD0) for digit in range(1, 10)),
        *(zone + digit for zone in (0xA0, 0xE0) for digit in range(2, 10)),
        *range(0xF0, 0xFA),
    ]
)
"""Space, letters and digits."""
_ASCII: Final = frozenset([0x20, *range(0x30, 0x3A), *range(0x41, 0x5B), *range(0x61, 0x7B)])
_NEITHER: Final = dict.fromkeys([*range(1, 0x20), *range(0x7F, 0xA0)], "\ufffd")
_MOSTLY: Final = 0.8


def codec_of(code_page: str) -> str:
    """`ascii` is read with its western extension, which gives every byte a character."""
    return "latin-1" if code_page == "ascii" else code_page


def readable(text: str) -> str:
    """Without padding; a control character is shown as a replacement character."""
    return text.rstrip(" \0").replace("\0", " ").translate(_NEITHER)


def guess_code_page(layout: Layout, records: Sequence[bytes]) -> str:
    """ASCII or the default EBCDIC page, by what stands where the layout has characters."""
    text = b"".join(
        record[field.offset : field.offset + field.length]
        for record in records
        for field in layout.fields
        if field.storage in (Storage.TEXT, Storage.ZONED, Storage.EDITED)
    )
    return "ascii" if _count(text, _ASCII) > _count(text, _EBCDIC) else DEFAULT


def looks_ebcdic(head: bytes) -> bool:
    """Whether these bytes are EBCDIC text: hardly anything but its letters, digits and spaces, and no line of ASCII."""
    return len(head) > 20 and not re.search(rb"[ \n\r]", head) and _count(head, _EBCDIC) >= _MOSTLY * len(head)


def _count(data: bytes, wanted: frozenset[int]) -> int:
    return len(data) - len(data.translate(None, bytes(wanted)))
