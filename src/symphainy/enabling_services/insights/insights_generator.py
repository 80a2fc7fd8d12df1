"""Finds what is worth knowing in a parsed table."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from symphainy.enabling_services.child_process import ProgressCallback, Request, absolute, own_folder, run_in_child
from symphainy.enabling_services.errors import ServiceError
from symphainy.enabling_services.json_values import Json
from symphainy.enabling_services.limits import Limits
from symphainy.enabling_services.spare_children import SpareChildren

_WORK: Final = ".work-insights"


class InsightsGenerator:
    name = "InsightsGenerator"

    def __init__(self, limits: Limits | None = None, *, spares: SpareChildren | None = None) -> None:
        self._limits = limits or Limits()
        self._spares = spares

    async def generate(self, path: Path, table: str, *, work_dir: Path, progress: ProgressCallback) -> Json:
        """`findings`, best first, `distributions` of single columns, and how many tests were made.

        Each finding has `type`, `title`, `statement`, `formula`, `numbers`, `rows`, `sql` (gives exactly the numbers, from
        a table called `table`), `rows_sql`, `recommendation` or None, `chart` (Vega-Lite) or None, `score` and `test`.
        A finding is reported if its adjusted p is below 0.001 (Benjamini and Hochberg over all tests of the table) and it
        is large enough to matter; tables above 50,000 rows are tested on a fixed sample, the numbers are of all rows.

        Raises ServiceError `too_few_rows`, `missing_input`, `memory_limit`, `time_limit`, `disk_full`, `worker_killed`.
        """
        if not await asyncio.to_thread(path.is_file):
            message = "The data that was read from this file is no longer stored. Upload the file again."
            raise ServiceError("missing_input", message)
        arguments = {"path": absolute(path), "table": table}
        return await run_in_child(
            Request("insights", arguments, own_folder(work_dir, _WORK)), self._limits, progress, spares=self._spares
        )
