"""The three services of the area: they read procedures, convert them to workflows and back, and compare the two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from symphainy.enabling_services.child_process import ProgressCallback, Request, absolute, own_folder, run_in_child
from symphainy.enabling_services.json_values import Json, JsonValue
from symphainy.enabling_services.limits import MEBIBYTE, Limits
from symphainy.enabling_services.operations.process import Process
from symphainy.enabling_services.operations.sop import Sop

LIMITS: Final = Limits(
    address_space=1024 * MEBIBYTE, cpu_seconds=60, wall_seconds=90.0, output_file_bytes=64 * MEBIBYTE
)
_WORK: Final = ".work-operations"

Form = Literal["docx", "text"]


@dataclass(frozen=True, slots=True)
class Workflow:
    """A process, its BPMN with a drawing, and its steps read as a procedure."""

    process: Process
    bpmn: str
    steps: Sop


class SOPBuilder:
    name = "SOPBuilder"

    async def read(self, source: Path, form: Form, *, title: str, work_dir: Path, progress: ProgressCallback) -> Sop:
        """`text` is plain text or Markdown. `title` stands in where the document has none. Sentences that no field took up
        are in `unread`. Raises ServiceError `no_steps`, `not_a_docx`, `too_large`, or one of the child process."""
        arguments = {"source": absolute(source), "form": form, "title": title}
        result = await _child("read_procedure", arguments, work_dir, progress)
        return Sop.from_json(result["sop"])


class WorkflowConversion:
    name = "WorkflowConversion"

    async def to_workflow(self, sop: Sop, *, work_dir: Path, progress: ProgressCallback) -> Workflow:
        """Roles become lanes, conditions exclusive gateways, what is done at the same time parallel ones, steps with parts groups,
        waits timers, steps in a system service tasks. Raises ServiceError `no_steps`."""
        result = await _child("draw_workflow", {"sop": sop.to_json()}, work_dir, progress)
        return Workflow(Process.from_json(result["process"]), str(result["bpmn"]), sop)

    async def read(self, source: Path, *, title: str, work_dir: Path, progress: ProgressCallback) -> Workflow:
        """Any BPMN 2.0 file. One without a drawing is drawn. Raises ServiceError `not_a_bpmn`, `too_large`."""
        arguments = {"source": absolute(source), "title": title}
        return _workflow(await _child("read_workflow", arguments, work_dir, progress))

    async def to_sop(self, bpmn: str, *, title: str, work_dir: Path, progress: ProgressCallback) -> Sop:
        """Lanes become roles, gateways conditions or branches, loops `Go back to step ...`. Raises ServiceError `not_a_bpmn`."""
        result = await _child("read_workflow", {"bpmn": bpmn, "title": title}, work_dir, progress)
        return Sop.from_json(result["sop"])


class CoexistenceAnalysis:
    name = "CoexistenceAnalysis"

    async def analyze(self, sop: Sop, workflow: Sop, *, work_dir: Path, progress: ProgressCallback) -> Json:
        """`comparison` (score, counts, aligned, gaps), `assignments`, `handoffs`, `future_sop`, `future_process`,
        `future_bpmn`. The same input gives the same result. Raises ServiceError `nothing_to_compare`, `too_large`."""
        arguments = {"sop": sop.to_json(), "workflow": workflow.to_json()}
        return await _child("compare_procedures", arguments, work_dir, progress)


def _workflow(result: Json) -> Workflow:
    return Workflow(Process.from_json(result["process"]), str(result["bpmn"]), Sop.from_json(result["sop"]))


async def _child(
    operation: str, arguments: Mapping[str, JsonValue], work_dir: Path, progress: ProgressCallback
) -> Json:
    return await run_in_child(Request(operation, arguments, own_folder(work_dir, _WORK)), LIMITS, progress)
