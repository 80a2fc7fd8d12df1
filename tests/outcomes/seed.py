"""Puts an analysed file, its findings and a blueprint into a session of a server that is not running.

`python -m tests.outcomes.seed <data folder> <session id>`
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from symphainy.app import open_symphainy
from symphainy.config import Settings

from .conftest import INVOICES
from .results_of_others import put_all, put_analysed_file


async def seed(data: Path, session_id: str) -> None:
    async with open_symphainy(Settings(data=data)) as app:
        file_id = await put_analysed_file(app, session_id, "invoices.csv", INVOICES)
        await put_all(app, session_id, file_id)


if __name__ == "__main__":
    asyncio.run(seed(Path(sys.argv[1]), sys.argv[2]))
