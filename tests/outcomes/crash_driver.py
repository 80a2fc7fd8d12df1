"""One life of a server process that works on one proposal, and kills itself (SIGKILL) at the first event it has not died at.

`python -m tests.outcomes.crash_driver <data folder> [--die]`. It goes on with what earlier lives left. Without `--die`, or
when there is nothing left to die at, it ends with the workflow and writes `result.json`.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import orjson

from symphainy.app import Symphainy, open_symphainy
from symphainy.config import Settings
from symphainy.entries import Entry
from symphainy.library import read_document
from symphainy.session import OrchestratorName

from .conftest import INVOICES, MONEY, plan_of
from .results_of_others import put_all, put_analysed_file

WORKFLOW = "wf-proposal"
EVENTS = ("workflow.step_started", "workflow.asked", "workflow.answered")


async def session_of(app: Symphainy, note: Path) -> str:
    if note.exists():
        return note.read_text()
    session_id = (await app.sessions.create_session("ada")).session_id
    await put_all(app, session_id, await put_analysed_file(app, session_id, "invoices.csv", INVOICES))
    note.write_text(session_id)
    return session_id


def name_of(entry: Entry) -> str:
    body: Any = entry.body
    return f"{body.type} {getattr(body, 'step', getattr(body, 'name', ''))}"


async def live(folder: Path, *, dying: bool) -> None:
    deaths = folder / "deaths.json"
    died: list[str] = orjson.loads(deaths.read_bytes()) if deaths.exists() else []
    async with open_symphainy(Settings(data=folder / "data")) as app, asyncio.timeout(50):
        session_id = await session_of(app, folder / "session")
        await app.business.start(
            session_id,
            OrchestratorName.BUSINESS_OUTCOMES,
            "generate_poc_proposal",
            {},
            requested_by="user:ada",
            workflow_id=WORKFLOW,
        )
        async for entry in app.sessions.watch(session_id, 0):
            if entry.workflow_id != WORKFLOW:
                continue
            if dying and entry.body.type in EVENTS and name_of(entry) not in died:
                deaths.write_bytes(orjson.dumps([*died, name_of(entry)]))
                os.kill(os.getpid(), signal.SIGKILL)
            if entry.body.type == "workflow.asked":
                await answer(app, session_id)
            if entry.body.type == "workflow.finished":
                break
        (folder / "result.json").write_bytes(orjson.dumps(await outcome(app, session_id)))


async def answer(app: Symphainy, session_id: str) -> None:
    """What it asks for; nothing if that was answered in an earlier life."""
    workflow = await app.business.get_workflow(session_id, WORKFLOW)
    if workflow.asked is None:
        return
    answers = plan_of(workflow) if workflow.asked.name == "plan" else MONEY
    await app.business.answer(session_id, WORKFLOW, workflow.asked.name, answers, requested_by="user:ada")


async def outcome(app: Symphainy, session_id: str) -> dict[str, Any]:
    session = await app.sessions.get_session(session_id)
    artifacts = [item for item in session.artifacts.values() if item.kind in ("roadmap", "proposal")]
    return {
        "status": session.workflows[WORKFLOW].status.value,
        "error": str(session.workflows[WORKFLOW].error),
        "documents": {item.kind: await read_document(app.files, session, item.artifact_id) for item in artifacts},
        "versions": {item.kind: item.version for item in artifacts},
        "journal": [name_of(entry) for entry in await app.business.journal(session_id, WORKFLOW)],
        "left_over": await left_over(app.settings.data / "files" / session_id),
    }


async def left_over(folder: Path) -> list[str]:
    """The workflow's own files, a moment after its end is recorded."""
    names: list[str] = []
    for _ in range(200):
        names = [path.name for path in folder.iterdir() if WORKFLOW in path.name]
        if not names:
            return []
        await asyncio.sleep(0.02)
    return names


if __name__ == "__main__":
    asyncio.run(live(Path(sys.argv[1]), dying="--die" in sys.argv))
