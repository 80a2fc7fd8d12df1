"""Profiles parsed tables and documents."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Final

from symphainy.enabling_services.child_process import ProgressCallback, Request, absolute, own_folder, run_in_child
from symphainy.enabling_services.limits import Limits
from symphainy.enabling_services.parsed_file import ParsedFile
from symphainy.enabling_services.profile import Profile
from symphainy.enabling_services.spare_children import SpareChildren
from symphainy.enabling_services.stored_tables import check_stored
from symphainy.ids import Clock, SystemClock, timestamp

_WORK: Final = ".work-profile"
INDEX_FILE: Final = "table-index.json"
"""What questions need to know of the tables, for `QueryEngine.index`; not there where it would be too large."""


class DataAnalyzer:
    name = "DataAnalyzer"

    def __init__(
        self, limits: Limits | None = None, *, spares: SpareChildren | None = None, clock: Clock | None = None
    ) -> None:
        self._limits = limits or Limits()
        self._spares = spares
        self._clock = clock or SystemClock()

    async def profile(self, parsed: ParsedFile, *, output_dir: Path, progress: ProgressCallback) -> Profile:
        """Counts every value of every table, and leaves their `INDEX_FILE` in `output_dir`, where the parser put them; today's
        date, which decides what is in the future, comes from the clock.

        Raises ServiceError `missing_input`, `memory_limit`, `time_limit`, `disk_full` or `worker_killed`.
        """
        check_stored(parsed, output_dir)
        arguments = {
            "output_dir": absolute(output_dir),
            "parsed": parsed.to_json(),
            "today": timestamp(self._clock.now())[:10],
        }
        work_dir = own_folder(output_dir, _WORK)

        def keep() -> None:
            (output_dir / INDEX_FILE).unlink(missing_ok=True)
            if (work_dir / INDEX_FILE).is_file():
                os.replace(work_dir / INDEX_FILE, output_dir / INDEX_FILE)

        request = Request("profile", {**arguments, "index_file": INDEX_FILE}, work_dir)
        result = await run_in_child(request, self._limits, progress, keep, spares=self._spares)
        # In a thread: a very wide table has tens of thousands of values to make.
        return await asyncio.to_thread(Profile.from_json, result)
