"""Writes spec/openapi.json: the HTTP API as the server itself describes it. Run it after a change of the API (`make types`)."""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path

from symphainy.api import create_api
from symphainy.app import open_symphainy
from symphainy.config import Settings

DOCUMENT = Path(__file__).resolve().parent.parent / "spec" / "openapi.json"


async def main() -> None:
    with tempfile.TemporaryDirectory() as data:
        async with open_symphainy(Settings(data=Path(data), store="memory://")) as app:
            document = create_api(app).openapi()
    DOCUMENT.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())
