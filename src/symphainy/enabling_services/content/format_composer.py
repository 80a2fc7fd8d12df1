"""Writes a table that was read in another format."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from symphainy.enabling_services.child_process import ProgressCallback, Request, own_folder, run_in_child
from symphainy.enabling_services.content.stored import KeptTable
from symphainy.enabling_services.limits import Limits
from symphainy.enabling_services.spare_children import SpareChildren

FORMATS: Final = {
    "csv": ("csv", "text/csv"),
    "json": ("json", "application/json"),
    "parquet": ("parquet", "application/vnd.apache.parquet"),
    "markdown": ("md", "text/markdown"),
}
"""The ending and the media type of each format."""

_WORK: Final = ".work-convert"


class FormatComposer:
    name = "FormatComposer"

    def __init__(self, limits: Limits | None = None, *, spares: SpareChildren | None = None) -> None:
        self._limits = limits or Limits()
        self._spares = spares

    async def compose(self, table: KeptTable, form: str, *, target: Path, progress: ProgressCallback) -> None:
        """Every row and value of the table, in `target`: exact in CSV, JSON and Parquet; as text in Markdown.

        Raises ServiceError `too_many_rows` for a Markdown table that nobody could read.
        """
        work_dir = own_folder(target.parent, _WORK)
        request = Request("compose", {"table": table.to_json(), "format": form}, work_dir)
        await run_in_child(
            request,
            self._limits,
            progress,
            keep=lambda: os.replace(work_dir / "converted", target),
            spares=self._spares,
        )
