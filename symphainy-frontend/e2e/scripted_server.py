"""The real server with a scripted model behind its agents: answers come word by word, so that a test can act in the middle."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from symphainy.agents.model import Prompt
from symphainy.config import Settings
from symphainy.serve import serve

WORDS = 120
SECONDS_PER_WORD = 0.03


class SlowModel:
    name = "scripted"
    patience = 60.0

    async def stream(self, prompt: Prompt) -> AsyncIterator[str]:
        yield "About the file that is next: "
        for number in range(1, WORDS + 1):
            await asyncio.sleep(SECONDS_PER_WORD)
            yield f"word{number} "


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True)
    options = parser.parse_args()
    asyncio.run(serve(Settings(port=options.port, data=options.data), print, model=SlowModel()))
