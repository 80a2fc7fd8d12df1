"""What a file may cost. All of it is enforced: sizes before anything is read, the rest by the operating system in a
child process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from symphainy.enabling_services.json_values import Json, decode, encode

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes, seconds and counts. `address_space` bounds everything the child process maps (`RLIMIT_AS`), so a file can
    never cost the server's memory. A CSV of 100 MB is parsed and profiled within 768 MiB of it (512 MiB is too little:
    the libraries alone map 400); the default leaves room for workbooks, which are held in memory whole.
    `database_memory` is what the query engine inside it may hold before it spills to disk."""

    file_bytes: int = 200 * MEBIBYTE
    unpacked_bytes: int = 1024 * MEBIBYTE
    unpacked_ratio: int = 100
    unpacked_ratio_floor: int = 16 * MEBIBYTE
    """Archives that unpack to less are never refused for their ratio: small repetitive files compress very well."""
    archive_entries: int = 10_000
    rows: int = 5_000_000
    columns: int = 2_000
    document_tables: int = 100
    table_pages: int = 200
    """Pages of a PDF in which tables are looked for."""
    attachments: int = 50
    """Of one e-mail; each becomes a file."""
    picture_pixels: int = 50_000_000
    """A picture with more is not read: unpacked it would fill the memory."""
    address_space: int = 2048 * MEBIBYTE
    private_memory: int | None = None
    """What the child may write to (`RLIMIT_DATA`), for engines that reserve far more addresses than they use."""
    database_memory: int = 512 * MEBIBYTE
    database_threads: int = 2
    spill_bytes: int = 4096 * MEBIBYTE
    output_file_bytes: int = 2048 * MEBIBYTE
    """No single file that a child writes may grow beyond this (`RLIMIT_FSIZE`)."""
    cpu_seconds: int = 120
    wall_seconds: float = 180.0
    exact_distinct_rows: int = 2_000_000
    """Above this many rows distinct counts are estimated, and marked as estimated."""
    detailed_columns: int = 200
    """Columns of one table that get top values and a histogram in a profile; the others get their numbers only."""
    preview_columns: int = 100
    preview_cell_characters: int = 200
    preview_characters: int = 200_000
    preview_document_characters: int = 4_000

    def to_json(self) -> Json:
        return encode(self)

    @classmethod
    def from_json(cls, data: Json) -> Self:
        return decode(cls, data)
