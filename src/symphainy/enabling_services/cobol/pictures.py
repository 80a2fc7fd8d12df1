"""PICTURE clauses: what a field holds, and in how many characters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_REPEATED: Final = re.compile(r"(.)\((\d+)\)")
_TEXT: Final = re.compile(r"[XA9B0/]+")
_NUMERIC: Final = re.compile(r"S?V?P*9+V?9*P*")
_EDITED: Final = re.compile(r"[-+$CRDBZ*9,.0/BVP]+")
_LONGEST: Final = 32_767
_MOST_DIGITS: Final = 31


class BadPicture(ValueError):
    """The clause is not one that COBOL knows, or not one that can be read."""


@dataclass(frozen=True, slots=True)
class Picture:
    """`size` in characters of display form. For numbers: `digits` stored, and `scale`, the digits right of the point
    (negative: zeros left of it that are not stored). `edited` numbers are written for people, with point and sign."""

    size: int
    numeric: bool = False
    digits: int = 0
    scale: int = 0
    signed: bool = False
    edited: bool = False


def read_picture(clause: str) -> Picture:
    """Raises BadPicture."""
    text = _expanded(clause.upper())
    if not text or len(text) > _LONGEST:
        raise BadPicture(f"PICTURE {clause} has no length that can be read")
    if "N" in text or "G" in text:
        raise BadPicture(f"PICTURE {clause} is for double-byte characters, which cannot be read")
    if text.count("V") < 2 and _NUMERIC.fullmatch(text):
        return _numeric(text, clause)
    if _TEXT.fullmatch(text) and ("X" in text or "A" in text):
        return Picture(len(text))
    if _EDITED.fullmatch(text):
        return _edited(text, clause)
    raise BadPicture(f"PICTURE {clause} is not one that can be read")


def _expanded(clause: str) -> str:
    if any(int(count) > _LONGEST for _, count in _REPEATED.findall(clause)):
        return ""
    return _REPEATED.sub(lambda match: match[1] * int(match[2]), clause)


def _numeric(text: str, clause: str) -> Picture:
    digits = text.count("9")
    if digits > _MOST_DIGITS:
        raise BadPicture(f"PICTURE {clause} has more than {_MOST_DIGITS} digits")
    whole, _, fraction = text.lstrip("S").partition("V")
    if whole.startswith("P") or fraction.startswith("P"):
        scale = text.count("P") + digits
    elif whole.endswith("P"):
        scale = -whole.count("P")
    else:
        scale = len(fraction)
    return Picture(digits, True, digits, scale, text.startswith("S"))


def _edited(text: str, clause: str) -> Picture:
    """A floating sign or currency symbol stands for one position less than it has characters."""
    size = len(text) - text.count("V") - text.count("P")
    whole, _, fraction = text.replace("V", ".").partition(".")
    digits = sum(text.count(symbol) for symbol in "9Z*")
    digits += sum(max(text.count(symbol) - 1, 0) for symbol in "$+-")
    points = text.count("V") + text.count(".")
    if points > 1 or not digits or digits > _MOST_DIGITS or whole.count("P") or fraction.count("P"):
        raise BadPicture(f"PICTURE {clause} is not one that can be read")
    scale = sum(1 for symbol in fraction if symbol in "9Z*")
    return Picture(size, True, digits, scale, True, True)
