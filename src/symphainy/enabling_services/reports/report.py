"""What a report says, before any format. All text is plain: nothing in it is read as Markdown or as markup."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from symphainy.enabling_services.json_values import Json


@dataclass(frozen=True, slots=True)
class Heading:
    """`level` is 1 (a chapter) to 3; the report's title stands above all of them."""

    text: str
    level: int = 1


class Tone(Enum):
    PLAIN = "plain"
    NOTE = "note"
    """Where something comes from, or what is missing: set apart, and still read."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class List:
    items: tuple[str, ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and values, one line each."""

    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Every row has one cell for each column. Columns named in `numeric` (counted from 0) are aligned right."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    numeric: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart (a Vega-Lite specification that holds its own data) or a diagram (SVG text). Exactly one of them.

    `alt` says in a sentence what the picture shows, for those who cannot see it and where it cannot be drawn.
    """

    alt: str
    chart: Json | None = None
    svg: str | None = None


Block = Heading | Paragraph | List | Facts | Table | Picture


@dataclass(frozen=True, slots=True)
class Report:
    """`created_at` is an ISO 8601 time in UTC, stored in the document's properties."""

    title: str
    created_at: str
    blocks: tuple[Block, ...]

    @property
    def pictures(self) -> tuple[Picture, ...]:
        return tuple(block for block in self.blocks if isinstance(block, Picture))
