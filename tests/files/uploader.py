"""A server process that takes a file, reads it, and dies before the next step: `python -m tests.files.uploader FILES STORE DATA`."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from symphainy.app import open_symphainy
from symphainy.config import Settings
from symphainy.enabling_services import DataAnalyzer

TABLE = b"region,amount\n" + b"".join(f"{'NESW'[n % 4]},{n * 1.5}\n".encode() for n in range(400))


async def table() -> AsyncIterator[bytes]:
    yield TABLE


async def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def main(files: str, store: str, data: str) -> None:
    DataAnalyzer.profile = die  # pyright: ignore[reportAttributeAccessIssue]
    async with open_symphainy(Settings(data=Path(data), store=store, files=files)) as app:
        session = await app.sessions.open_session("ada", session_id="ses_takeover")
        await app.uploads.add(session.session_id, "sales.csv", table(), user_id="ada", file_id="file_1")
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
