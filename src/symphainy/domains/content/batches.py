"""Several files at once: each is analysed by a workflow of its own, and one more workflow says what became of them."""

from __future__ import annotations

from typing import Final, cast

from symphainy.domains.content.analysis import ANALYZE_FILE
from symphainy.enabling_services import FileParser
from symphainy.errors import FileNotFound, InvalidInput, ServiceError
from symphainy.ids import derived_id
from symphainy.session import JsonObject, Session, Status, StepPlan, Workflow
from symphainy.workflows import Flow, ProgressCallback, StepOutcome

BATCH_STEPS: Final = (StepPlan("start", FileParser.name), StepPlan("results", FileParser.name))
MOST_AT_ONCE: Final = 50


async def analyze_each(flow: Flow) -> JsonObject:
    """What became of each file, in the order of the request, once all have ended. Fails only where none could be read; one
    that is cancelled leaves the analyses alone."""

    async def start(progress: ProgressCallback) -> StepOutcome:
        session = await flow.sessions.get_session(flow.session_id)
        started: list[JsonObject] = []
        for file_id in flow.input["file_ids"]:
            if file_id in session.files:
                workflow_id = derived_id("wf", flow.workflow_id, file_id)
                await flow.start(ANALYZE_FILE, {"file_id": file_id}, workflow_id=workflow_id)
                name = session.files[file_id].name
                started.append({"file_id": file_id, "name": name, "workflow_id": workflow_id})
        return StepOutcome({"files": started}, f"{len(started)} analyses started")

    started: list[JsonObject] = (await flow.step("start", FileParser.name, start))["files"]
    ended = await flow.ended([str(item["workflow_id"]) for item in started])

    async def collect(progress: ProgressCallback) -> StepOutcome:
        files = [{**item, **_outcome(workflow)} for item, workflow in zip(started, ended, strict=True)]
        read = sum(item["status"] == Status.COMPLETED.value for item in files)
        if not read:
            reasons = "; ".join(f"{item['name']}: {item['reason'] or item['status']}" for item in files)
            raise ServiceError(
                "nothing_analysed", f"None of the files could be analysed. {reasons}", details={"files": files}
            )
        return StepOutcome({"files": files, "analysed": read}, f"{read} of {len(files)} files analysed")

    return await flow.step("results", FileParser.name, collect)


def _outcome(workflow: Workflow) -> JsonObject:
    result = workflow.result or {}
    return {
        "status": workflow.status.value,
        "rows": result.get("rows"),
        "words": result.get("words"),
        "findings": result.get("findings"),
        "reason": workflow.error.message if workflow.error else None,
    }


def check_batch(session: Session, input: JsonObject) -> list[str]:
    """The ids of the files. Raises InvalidInput, FileNotFound."""
    wanted: object = input.get("file_ids")
    names = [str(item) for item in cast("list[object]", wanted)] if isinstance(wanted, list) else []
    if not 0 < len(names) <= MOST_AT_ONCE:
        raise InvalidInput(f"`file_ids` is a list of 1 to {MOST_AT_ONCE} files.")
    missing = [name for name in names if name not in session.files]
    if missing:
        raise FileNotFound(f"There is no file {missing[0]!r} in this session.")
    if len(set(names)) != len(names):
        raise InvalidInput("`file_ids` names a file twice.")
    return names
