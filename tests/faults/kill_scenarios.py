"""What every operation of every orchestrator is asked to do while it is killed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from email.policy import SMTP
from pathlib import Path
from typing import Any, Final

import symphainy.app
from symphainy.app import Symphainy
from symphainy.entries import FileUpdated
from symphainy.orchestrators.base import Orchestrator
from symphainy.session import JsonObject, OrchestratorName, Session, Workflow
from tests.enabling.ebcdic_files import COPYBOOK, policies
from tests.enabling.test_mail import with_claims
from tests.insights.planted_tables import late_payers
from tests.operations.procedures import refund
from tests.outcomes.conftest import INVOICES, MONEY, plan_of
from tests.outcomes.results_of_others import put_all, put_analysed_file

PREPARED_SECONDS: Final = 60.0
SAMPLES: Final = Path(symphainy.app.__file__).parent / "samples"

Prepare = Callable[[Symphainy, str], Awaitable[None]]
Answer = Callable[[Workflow], JsonObject]


def operations() -> list[tuple[OrchestratorName, str]]:
    """Every operation of every orchestrator of the product."""
    ours = [item for item in Orchestrator.__subclasses__() if item.__module__.startswith("symphainy.")]
    return [(item.name, operation) for item in ours for operation in item.described]


@dataclass(frozen=True)
class Scenario:
    """`prepare` makes the session that the operation works on; sessions with the same one are made once. `results` are the
    inputs that name an artifact of the session, by its kind. `answers` are by the name under which the workflow asks. A variant
    is another way through the same operation."""

    orchestrator: OrchestratorName
    operation: str
    prepare: Prepare
    input: JsonObject = field(default_factory=dict[str, Any])
    answers: Mapping[str, Answer] = field(default_factory=dict[str, Answer])
    variant: str = ""
    results: Mapping[str, str] = field(default_factory=dict[str, str])

    def input_in(self, session: Session) -> JsonObject:
        kinds = {item.kind: item.artifact_id for item in session.artifacts.values()}
        return {**self.input, **{name: kinds[kind] for name, kind in self.results.items()}}

    @property
    def name(self) -> str:
        return f"{self.operation}{f' ({self.variant})' if self.variant else ''}"


async def _add(app: Symphainy, session_id: str, file_id: str, name: str, data: bytes, *, process: bool = False) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield data

    await app.uploads.add(session_id, name, chunks(), user_id="ada", file_id=file_id, process=process)


def _table(rows: int) -> bytes:
    table = late_payers(rows, 1, customers=40, late=3)
    lines = [",".join(name for name, _ in table.columns)]
    return "\n".join([*lines, *(",".join(str(value) for value in row) for row in table.rows)]).encode()


async def _uploaded(app: Symphainy, session_id: str) -> None:
    await _add(app, session_id, "file-table", "ledger.csv", _table(60))
    await _add(app, session_id, "file-other", "other.csv", b"a,b\n1,2\n3,4\n")
    await _add(app, session_id, "file-mail", "claims.eml", with_claims().as_bytes(policy=SMTP))
    await _add(app, session_id, "file-policies", "policies.dat", policies(12)[0])
    await _add(app, session_id, "file-copybook", "policies.cpy", COPYBOOK.encode())


async def _analysed(app: Symphainy, session_id: str) -> None:
    await _add(app, session_id, "file-ledger", "ledger.csv", _table(600), process=True)
    await _add(app, session_id, "file-note", "note.md", (SAMPLES / "refund_sop.md").read_bytes(), process=True)


async def _described(app: Symphainy, session_id: str) -> None:
    for file_id, name in (("file-sop", "refund_sop.docx"), ("file-diagram", "refund_process.bpmn")):
        await _add(app, session_id, file_id, name, (SAMPLES / name).read_bytes())


async def _found(app: Symphainy, session_id: str) -> None:
    await put_all(app, session_id, await put_analysed_file(app, session_id, "invoices.csv", INVOICES))


async def _examined(app: Symphainy, session_id: str) -> None:
    await _analysed(app, session_id)
    async with asyncio.timeout(PREPARED_SECONDS):
        async for entry in app.sessions.watch(session_id, 0):
            if isinstance(entry.body, FileUpdated) and (entry.body.file_id, entry.body.status) == (
                "file-ledger",
                "parsed",
            ):
                break
    await _ended(app, session_id, _INSIGHTS, "analyze_content_for_insights", _LEDGER)


async def _drawn(app: Symphainy, session_id: str) -> None:
    await _described(app, session_id)
    await _ended(app, session_id, _OPERATIONS, "build_sop", {"file_id": "file-sop"})
    await _ended(app, session_id, _OPERATIONS, "read_workflow", {"file_id": "file-diagram"})


async def _planned(app: Symphainy, session_id: str) -> None:
    await _found(app, session_id)
    await _ended(app, session_id, _OUTCOMES, "generate_strategic_roadmap", {})


async def _ended(
    app: Symphainy, session_id: str, orchestrator: OrchestratorName, operation: str, input: JsonObject
) -> None:
    started = await app.business.start(session_id, orchestrator, operation, input, requested_by="user:ada")
    async with asyncio.timeout(PREPARED_SECONDS):
        async for entry in app.sessions.watch(session_id, 0):
            if entry.workflow_id == started.workflow_id and entry.body.type == "workflow.asked":
                waiting = await app.business.get_workflow(session_id, started.workflow_id)
                await app.business.answer(
                    session_id, started.workflow_id, "plan", plan_of(waiting), requested_by="user:ada"
                )
            if entry.workflow_id == started.workflow_id and entry.body.type == "workflow.finished":
                break


_CONTENT, _INSIGHTS = OrchestratorName.CONTENT, OrchestratorName.INSIGHTS
_OPERATIONS, _OUTCOMES = OrchestratorName.OPERATIONS, OrchestratorName.BUSINESS_OUTCOMES
_LEDGER: Final = {"file_id": "file-ledger"}
_PLAN: Final[Mapping[str, Answer]] = {"plan": plan_of}
_MONEY: Final[Mapping[str, Answer]] = {"assumptions": lambda _: MONEY}
_COPYBOOK: Final[Mapping[str, Answer]] = {"copybook": lambda _: {"copybook": "policies.cpy"}}

SCENARIOS: Final = (
    Scenario(_CONTENT, "analyze_file", _uploaded, {"file_id": "file-table"}),
    Scenario(_CONTENT, "analyze_file", _uploaded, {"file_id": "file-mail"}, variant="a message with attachments"),
    Scenario(_CONTENT, "analyze_file", _uploaded, {"file_id": "file-policies"}, _COPYBOOK, "asks for its copybook"),
    Scenario(_CONTENT, "extract_metadata", _uploaded, {"file_id": "file-table"}),
    Scenario(_CONTENT, "validate_content", _analysed, {**_LEDGER, "rules": [{"column": "gross", "rule": "unique"}]}),
    Scenario(_CONTENT, "convert_format", _analysed, {**_LEDGER, "format": "json"}),
    Scenario(_CONTENT, "process_documents", _uploaded, {"file_ids": ["file-table", "file-other"]}),
    Scenario(_INSIGHTS, "analyze_content_for_insights", _analysed, _LEDGER),
    Scenario(_INSIGHTS, "analyze_content_for_insights", _analysed, {"file_id": "file-note"}, variant="a text"),
    Scenario(
        _INSIGHTS,
        "query_analysis_results",
        _analysed,
        {**_LEDGER, "question": "Which debtor is more than 60 days late on average?"},
    ),
    Scenario(
        _INSIGHTS,
        "query_analysis_results",
        _examined,
        {**_LEDGER, "question": "Rows", "finding_id": "f1"},
        variant="the rows of a finding",
        results={"artifact_id": "insights"},
    ),
    Scenario(_INSIGHTS, "create_visualization", _analysed, {**_LEDGER, "question": "gross by area"}),
    Scenario(_OPERATIONS, "build_sop", _described, {"file_id": "file-sop"}),
    Scenario(_OPERATIONS, "build_sop", _described, {"procedure": refund().to_json()}, variant="written in the chat"),
    Scenario(
        _OPERATIONS,
        "build_sop",
        _drawn,
        {"procedure": refund().to_json()},
        variant="its next version",
        results={"artifact_id": "sop"},
    ),
    Scenario(_OPERATIONS, "read_workflow", _described, {"file_id": "file-diagram"}),
    Scenario(_OPERATIONS, "generate_workflow_from_sop", _described, {"file_id": "file-sop"}),
    Scenario(_OPERATIONS, "generate_sop_from_workflow", _described, {"file_id": "file-diagram"}),
    Scenario(
        _OPERATIONS,
        "analyze_coexistence",
        _described,
        {"sop_file_id": "file-sop", "workflow_file_id": "file-diagram"},
    ),
    Scenario(
        _OPERATIONS,
        "analyze_coexistence",
        _drawn,
        variant="of what was read before",
        results={"sop_artifact_id": "sop", "workflow_artifact_id": "workflow_model"},
    ),
    Scenario(_OUTCOMES, "summarize_areas", _found),
    Scenario(_OUTCOMES, "calculate_kpis", _found),
    Scenario(_OUTCOMES, "generate_strategic_roadmap", _found, answers=_PLAN),
    Scenario(_OUTCOMES, "generate_poc_proposal", _found, answers={**_PLAN, **_MONEY}),
    Scenario(_OUTCOMES, "generate_poc_proposal", _planned, {}, _MONEY, "on the roadmap that is there"),
)
