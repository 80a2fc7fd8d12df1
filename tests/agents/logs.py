"""Sessions folded from logs, for moments that are hard to meet in a running application."""

from __future__ import annotations

from symphainy import entries as log
from symphainy.entries import Body, Entry
from symphainy.fold import fold
from symphainy.ids import timestamp
from symphainy.session import AgentType, FileStatus, OrchestratorName, Session, StepPlan

START = 1_700_000_000.0
STEPS = (
    StepPlan("parse", "FileParser"),
    StepPlan("profile", "DataAnalyzer"),
    StepPlan("metadata", "MetadataExtractor"),
    StepPlan("preview", "PreviewBuilder"),
)


def session_of(*lines: tuple[float, Body, str | None]) -> Session:
    """Folds (seconds after the start, entry, workflow id)."""
    entries = [
        Entry(seq, timestamp(START + after), "system", body, workflow_id=workflow_id)
        for seq, (after, body, workflow_id) in enumerate(lines, 1)
    ]
    return fold(Session("ses_1"), entries)


def second_step_going() -> Session:
    return session_of(*_until_second_step())


def _until_second_step() -> list[tuple[float, Body, str | None]]:
    return [
        (0.0, log.SessionCreated("ada", "ep_1", timestamp(START + 1e6)), None),
        (1.0, log.FileAdded("file_1", "claims.csv", "text/csv", 1_000, "0" * 64), None),
        (2.0, _started(), "wf_1"),
        (2.0, log.FileUpdated("file_1", FileStatus.PARSING), "wf_1"),
        (3.0, log.WorkflowStepStarted("parse", "FileParser"), "wf_1"),
        (8.0, log.WorkflowStepCompleted("parse", {}, 5_000), "wf_1"),
        (9.0, log.WorkflowStepStarted("profile", "DataAnalyzer"), "wf_1"),
        (14.0, log.WorkflowProgressed("profile", 0.42, "column 3 of 7: premium"), "wf_1"),
    ]


def _started() -> log.WorkflowStarted:
    return log.WorkflowStarted(
        OrchestratorName.CONTENT,
        "analyze_file",
        "Analyse claims.csv",
        {"file_id": "file_1"},
        STEPS,
        conversation=AgentType.CONTENT,
    )
