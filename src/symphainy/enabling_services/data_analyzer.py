"""Profiles parsed tables and documents."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from symphainy.enabling_services.child_process import ProgressCallback, Request, absolute, run_in_child
from symphainy.enabling_services.limits import Limits
from symphainy.enabling_services.parsed_file import ParsedFile
from symphainy.enabling_services.profile import Profile
from symphainy.enabling_services.stored_tables import check_stored
from symphainy.ids import Clock, SystemClock, timestamp

_WORK: Final = ".work-profile"


class DataAnalyzer:
    name = "DataAnalyzer"

    def __init__(self, limits: Limits | None = None, *, clock: Clock | None = None) -> None:
        self._limits = limits or Limits()
        self._clock = clock or SystemClock()

    async def profile(self, parsed: ParsedFile, *, output_dir: Path, progress: ProgressCallback) -> Profile:
        """Counts every value of every table. `output_dir` is where the parser put them; today's date, which decides
        what is in the future, comes from the clock.

        Raises ServiceError `missing_input`, `memory_limit`, `time_limit`, `disk_full` or `worker_killed`.
        """
        check_stored(parsed, output_dir)
        arguments = {
            "output_dir": absolute(output_dir),
            "parsed": parsed.to_json(),
            "today": timestamp(self._clock.now())[:10],
        }
        result = await run_in_child(Request("profile", arguments, output_dir / _WORK), self._limits, progress)
        # In a thread: a very wide table has tens of thousands of values to make.
        return await asyncio.to_thread(Profile.from_json, result)
