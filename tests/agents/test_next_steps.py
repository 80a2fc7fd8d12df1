"""The next best step over all areas: what waits comes first, then what failed, then what can be built on what is there."""

from __future__ import annotations

import pytest

from symphainy import entries as log
from symphainy.agents import situation
from symphainy.agents.next_steps import next_step
from symphainy.entries import Body
from symphainy.session import AgentType, Failure, FileStatus, OrchestratorName, Question, Status, StepPlan

from .logs import START, session_of
from .logs import timestamp as at

Line = tuple[float, Body, str | None]

CREATED: Line = (0.0, log.SessionCreated("ada", "ep_1", at(START + 1e6)), None)


def parsed(file_id: str = "file_1", name: str = "claims.csv", kind: str = "csv") -> list[Line]:
    return [
        (1.0, log.FileAdded(file_id, name, "text/csv", 1_000, "0" * 64), None),
        (2.0, log.FileUpdated(file_id, FileStatus.PARSED, kind=kind), None),
        (2.0, log.ArtifactCreated(f"prof_{file_id}", "profile.json", "profile", "application/json", 9, file_id), None),
    ]


def made(kind: str, after: float, artifact_id: str | None = None, file_id: str | None = None) -> Line:
    name = f"{kind} of ours"
    body = log.ArtifactCreated(artifact_id or f"art_{kind}", name, kind, "application/json", 9, file_id)
    return (after, body, None)


def started(operation: str, orchestrator: OrchestratorName = OrchestratorName.OPERATIONS) -> Line:
    steps = (StepPlan("work", "Worker"),)
    body = log.WorkflowStarted(
        orchestrator, operation, "Our work", {"file_id": "file_1"}, steps, conversation=AgentType.OPERATIONS
    )
    return (3.0, body, "wf_1")


CASES: list[tuple[str, list[Line], str, str | None]] = [
    ("a table without analysis", parsed(), "analyse **claims.csv**", "analyze_content_for_insights"),
    (
        "a table read anew after its analysis",
        [
            *parsed(),
            made("insights", 4.0, file_id="file_1"),
            (9.0, log.ArtifactCreated("prof_file_1", "profile.json", "profile", "application/json", 9, "file_1"), None),
        ],
        "again: it was read anew",
        "analyze_content_for_insights",
    ),
    ("an SOP without workflow", [made("sop", 4.0)], "**sop of ours** as a workflow", "generate_workflow_from_sop"),
    ("a workflow without SOP", [made("workflow_model", 4.0)], "as an SOP", "generate_sop_from_workflow"),
    ("both without blueprint", [made("sop", 4.0), made("workflow_model", 5.0)], "compare", "analyze_coexistence"),
    (
        "a blueprint older than its SOP",
        [made("workflow_model", 4.0), made("blueprint", 5.0), made("sop", 6.0)],
        "older than they are",
        "analyze_coexistence",
    ),
    ("findings without roadmap", [made("insights", 4.0)], "make a roadmap", "generate_strategic_roadmap"),
    (
        "a roadmap older than its findings",
        [made("roadmap", 4.0), made("insights", 5.0)],
        "changed since",
        "generate_strategic_roadmap",
    ),
    (
        "a roadmap without proposal",
        [made("insights", 4.0), made("roadmap", 5.0)],
        "proof of concept proposal",
        "generate_poc_proposal",
    ),
    (
        "everything made",
        [made("insights", 4.0), made("roadmap", 5.0), made("proposal", 6.0)],
        "review **proposal of ours** (version 1, draft)",
        None,
    ),
]


@pytest.mark.parametrize(("lines", "said", "operation"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_the_next_step_is_what_can_be_built_on_what_is_there(
    lines: list[Line], said: str, operation: str | None
) -> None:
    told = next_step(session_of(CREATED, *lines))
    assert said in told.text
    assert told.actions[0].target.get("operation") == operation
    assert told.evidence


def test_how_many_tables_are_parsed_and_none_analysed_is_counted() -> None:
    told = next_step(session_of(CREATED, *parsed(), *parsed("file_2", "people.csv")))
    assert "You have 2 parsed files and no analysis" in told.text


def test_a_question_of_a_waiting_workflow_comes_before_everything() -> None:
    asked = log.WorkflowAsked("basis", "What is needed", (Question("rate", "Hourly rate", "number"),))
    told = next_step(session_of(CREATED, *parsed(), started("build_sop"), (4.0, asked, "wf_1")))
    assert "asks: Hourly rate" in told.text
    assert told.actions[0].target == {"area": "operations"}
    assert told.context is not None
    assert told.context["status"] == "waiting_for_user"


def test_many_questions_are_counted_and_not_read_out() -> None:
    asked = log.WorkflowAsked("basis", "Effort", tuple(Question(f"n{n}", f"Days {n}", "number") for n in range(12)))
    session = session_of(CREATED, *parsed(), started("build_sop"), (4.0, asked, "wf_1"))
    assert "answer the 12 questions of **" in next_step(session).text
    assert "Days 3" not in next_step(session).text
    assert "let this finish" not in situation.next_step(session).text
    assert "waits for your answers to 12 questions (Effort)" in situation.next_step(session).text


def test_failed_work_comes_before_new_work_and_can_be_tried_again() -> None:
    failed = log.WorkflowFinished(Status.FAILED, error=Failure("not_a_procedure", "It has no steps."))
    told = next_step(session_of(CREATED, *parsed(), started("build_sop"), (4.0, failed, "wf_1")))
    assert "which failed. It has no steps." in told.text
    assert told.actions[0].target["operation"] == "build_sop"
