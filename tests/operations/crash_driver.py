"""One life of a server process that compares an SOP with a workflow, and kills itself (SIGKILL) at the first step it has not
died at.

`python -m tests.operations.crash_driver <data folder> [--die]`. It goes on with what earlier lives left. Without `--die`, or
when there is nothing left to die at, it ends with the workflow and writes `result.json`.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson

from symphainy.app import Symphainy, open_symphainy
from symphainy.config import Settings
from symphainy.library import read_document
from symphainy.session import OrchestratorName

WORKFLOW = "wf-coexistence"
SAMPLES = Path(__file__).parents[2] / "src/symphainy/samples"


async def session_of(app: Symphainy, note: Path) -> str:
    if note.exists():
        return note.read_text()
    session_id = (await app.sessions.create_session("ada")).session_id
    for name in ("refund_sop.docx", "refund_process.bpmn"):
        await app.uploads.add(
            session_id, name, chunks(name), user_id="ada", file_id=f"file-{name[7:10]}", process=False
        )
    note.write_text(session_id)
    return session_id


async def chunks(name: str) -> AsyncIterator[bytes]:
    yield (SAMPLES / name).read_bytes()


async def live(folder: Path, *, dying: bool) -> None:
    deaths = folder / "deaths.json"
    died: list[str] = orjson.loads(deaths.read_bytes()) if deaths.exists() else []
    async with open_symphainy(Settings(data=folder / "data")) as app, asyncio.timeout(50):
        session_id = await session_of(app, folder / "session")
        await app.business.start(
            session_id,
            OrchestratorName.OPERATIONS,
            "analyze_coexistence",
            {"sop_file_id": "file-sop", "workflow_file_id": "file-pro"},
            requested_by="user:ada",
            workflow_id=WORKFLOW,
        )
        async for entry in app.sessions.watch(session_id, 0):
            body: Any = entry.body
            if entry.workflow_id != WORKFLOW:
                continue
            if dying and body.type == "workflow.step_started" and body.step not in died:
                deaths.write_bytes(orjson.dumps([*died, body.step]))
                os.kill(os.getpid(), signal.SIGKILL)
            if body.type == "workflow.finished":
                break
        (folder / "result.json").write_bytes(orjson.dumps(await outcome(app, session_id)))


async def outcome(app: Symphainy, session_id: str) -> dict[str, Any]:
    session = await app.sessions.get_session(session_id)
    made = [item for item in session.artifacts.values() if item.workflow_id == WORKFLOW]
    journal: list[Any] = [entry.body for entry in await app.business.journal(session_id, WORKFLOW)]
    return {
        "status": session.workflows[WORKFLOW].status.value,
        "error": str(session.workflows[WORKFLOW].error),
        "documents": {item.kind: await read_document(app.files, session, item.artifact_id) for item in made},
        "versions": {item.kind: item.version for item in made},
        "completed": [body.step for body in journal if body.type == "workflow.step_completed"],
        "started": [body.step for body in journal if body.type == "workflow.step_started"],
    }


if __name__ == "__main__":
    asyncio.run(live(Path(sys.argv[1]), dying="--die" in sys.argv))
