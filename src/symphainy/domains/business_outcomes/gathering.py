"""The session's results as evidence: read from artifacts, file analyses and what the user told, each with its source."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from symphainy.artifacts import Artifact
from symphainy.domains.business_outcomes.context import notes_of
from symphainy.enabling_services.outcomes.evidence import (
    Blueprint,
    DataFile,
    Evidence,
    Finding,
    FindingType,
    Gap,
    GapKind,
    Level,
    Procedure,
    Source,
)
from symphainy.errors import StateNotFound
from symphainy.files.base import FileStore
from symphainy.orchestrators.results import read_document, state_id_of
from symphainy.session import File, JsonObject, JsonValue, Session
from symphainy.sessions import SessionManagerService

_TYPES = {item.value: item for item in FindingType}
_GAPS = {item.value: item for item in GapKind}
_LEVELS = {item.value: item for item in Level}


async def gather(sessions: SessionManagerService, files: FileStore, session: Session) -> Evidence:
    """Of the newest version of every artifact. Raises ServiceError if a result that should be there cannot be read."""

    async def documents(kind: str) -> list[tuple[Source, JsonObject]]:
        held = [item for item in session.artifacts.values() if item.kind == kind]
        read = await asyncio.gather(*(read_document(files, session, item.artifact_id) for item in held))
        return [(source_of(item, document), document) for item, document in zip(held, read, strict=True)]

    insights = await documents("insights")
    return Evidence(
        files=tuple([await _file(sessions, session, file) for file in session.files.values()]),
        findings=tuple(finding for source, document in insights for finding in _findings(source, document)),
        summaries=tuple(Procedure(source, _title(document), _count(document, "rows")) for source, document in insights),
        procedures=tuple(_procedure(*item, "steps") for item in await documents("sop")),
        workflow_models=tuple(_workflow_model(*item) for item in await documents("workflow_model")),
        blueprints=tuple(_blueprint(*item) for item in await documents("blueprint")),
        context=notes_of(session),
    )


def source_of(artifact: Artifact, document: JsonObject) -> Source:
    title = str(document.get("title") or artifact.name)
    return Source("artifact", artifact.artifact_id, title, artifact.kind, artifact.version)


async def _file(sessions: SessionManagerService, session: Session, file: File) -> DataFile:
    source = Source("file", file.file_id, file.name)
    result = await _analysis(sessions, session, file)
    if result is None:
        return DataFile(source, file.status.value, file.reason)
    return DataFile(
        source,
        "parsed",
        None,
        _count(result, "rows"),
        _count(result, "columns"),
        _count(result, "words"),
        _count(result, "rejected_rows"),
        _count(result, "findings"),
        tuple(str(item) for item in _list(result, "worst_findings")),
    )


async def _analysis(sessions: SessionManagerService, session: Session, file: File) -> JsonObject | None:
    """What the newest completed analysis of the file stated; its workflow may be older than the snapshot remembers."""
    profiles = [item for item in session.artifacts.values() if item.kind == "profile" and item.file_id == file.file_id]
    if not profiles or (workflow_id := profiles[-1].workflow_id) is None:
        return None
    workflow = session.workflows.get(workflow_id)
    if workflow is not None and workflow.result is not None:
        return workflow.result
    try:
        return (await sessions.get_state(session.session_id, state_id_of(workflow_id))).state_data
    except StateNotFound:
        return None


def _findings(source: Source, document: JsonObject) -> Iterator[Finding]:
    for item in _list(document, "findings"):
        if item.get("type") in _TYPES:
            yield Finding(
                source=source.of(str(item.get("finding_id"))),
                type=_TYPES[item["type"]],
                title=str(item.get("title") or item.get("statement") or ""),
                statement=str(item.get("statement") or item.get("title") or ""),
                score=float(item.get("score") or 0.0),
                rows=_count(item, "rows"),
                numbers=_numbers(item.get("numbers") or {}),
                file_id=str(document.get("file_id")),
                table=str(document.get("table")),
                recommendation=item.get("recommendation"),
                chart=item.get("chart"),
            )


def _numbers(found: JsonObject) -> dict[str, JsonValue]:
    return {name: value for name, value in found.items() if value is not None}


def _procedure(source: Source, document: JsonObject, counted: str) -> Procedure:
    return Procedure(source, _title(document), len(_list(document, counted)))


def _workflow_model(source: Source, document: JsonObject) -> Procedure:
    """Counts the steps that Operations shows; events and gateways of the diagram are none."""
    steps = document.get("steps")
    if not isinstance(steps, Mapping):
        return _procedure(source, document, "nodes")
    return Procedure(source, _title(document), len(_list(cast("JsonObject", steps), "steps")))


def _blueprint(source: Source, document: JsonObject) -> Blueprint:
    doers = [str(item.get("by")) for item in _list(document, "assignments")]
    return Blueprint(
        source=source,
        title=_title(document),
        score=float(document.get("score") or 0.0),
        formula=str(document.get("formula") or ""),
        aligned=len(_list(document, "aligned")),
        gaps=tuple(_gaps(source, document)),
        human=doers.count("human"),
        ai=doers.count("ai"),
        shared=doers.count("shared"),
        handoffs=len(_list(document, "handoffs")),
        future_process=document.get("future_process"),
    )


def _gaps(source: Source, document: JsonObject) -> Iterator[Gap]:
    for item in _list(document, "gaps"):
        if item.get("kind") in _GAPS:
            yield Gap(
                source.of(str(item.get("gap_id"))),
                _GAPS[item["kind"]],
                str(item.get("statement") or ""),
                _LEVELS.get(str(item.get("severity")), Level.MEDIUM),
                str(item.get("recommendation") or ""),
            )


def _title(document: JsonObject) -> str:
    return str(document.get("title") or "")


def _list(document: JsonObject, name: str) -> Sequence[JsonValue]:
    return document.get(name) or ()


def _count(document: JsonObject, name: str) -> int:
    return int(document.get(name) or 0)
