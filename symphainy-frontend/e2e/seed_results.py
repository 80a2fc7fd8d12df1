"""Puts results of Insights and Operations into a session of a server that is not running, and one of two versions that has no
viewer of its own."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.outcomes.results_of_others import blueprint, put, put_all

from symphainy.app import open_symphainy
from symphainy.config import Settings

KIND = "list_of_gaps"
VERSIONS = 53
"""Of the notes: more than a session holds."""
ADDED = {
    "gap_id": "g_log",
    "kind": "missing_in_workflow",
    "severity": "medium",
    "statement": "Nobody records why a refund was refused.",
    "recommendation": "Record the reason with the refusal.",
}


async def seed(data: Path, session_id: str) -> None:
    async with open_symphainy(Settings(data=data)) as app:
        session = await app.sessions.get_session(session_id)
        await put_all(app, session_id, next(iter(session.files)))
        first: dict[str, Any] = blueprint()
        await put(app, session_id, KIND, first)
        gaps = [{**first["gaps"][0], "severity": "medium"}, ADDED, *first["gaps"][1:]]
        await put(app, session_id, KIND, {**first, "score": 66.7, "gaps": gaps})
        for number in range(1, VERSIONS + 1):
            await put(app, session_id, "notes", {"title": "Notes", "text": f"This is note {number}."})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--session", required=True)
    options = parser.parse_args()
    asyncio.run(seed(options.data, options.session))
