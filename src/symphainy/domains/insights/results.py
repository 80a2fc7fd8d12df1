"""What the area has found so far, and answers that the liaison gives within its own turn."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from typing import Final

import orjson

from symphainy import entries as log
from symphainy.agents.base import Turn
from symphainy.agents.wording import newest_first
from symphainy.artifacts import Artifact
from symphainy.domains.insights.documents import answer_document, chart_document
from symphainy.domains.insights.orchestrator import answer_result, subject_of
from symphainy.domains.insights.sources import Table
from symphainy.enabling_services.insights.data_insights_query import TableAnswer
from symphainy.enabling_services.insights.query import Query
from symphainy.enabling_services.insights.visualization_engine import VisualizationEngine
from symphainy.entries import Draft
from symphainy.files.base import FileStore
from symphainy.ids import derived_id
from symphainy.library import JSON_TYPE, read_document
from symphainy.orchestrators.results import ARTIFACT_LIMIT, artifact_id_of
from symphainy.session import AgentType, JsonObject, Role, Session
from symphainy.sessions import SessionManagerService

_READ: Final = 4


class AreaResults:
    """Keeps nothing itself: all of it is in the session and its files."""

    def __init__(self, sessions: SessionManagerService, files: FileStore, charts: VisualizationEngine) -> None:
        self._sessions = sessions
        self._files = files
        self._charts = charts

    async def keep(self, turn: Turn, table: Table, answer: TableAnswer, *, charted: bool) -> JsonObject:
        """The answer as an artifact, durable on return; the same turn again keeps it once. Raises ServiceError "
        "`no_chart`."""
        make = chart_document if charted else answer_document
        document = make(table, answer, self._charts)
        kind = "chart" if charted else "answer"
        artifact_id = artifact_id_of(turn.session_id, kind, subject_of(table, document))
        content = orjson.dumps(document)
        blob = derived_id("blob", turn.run_id, artifact_id, hashlib.sha256(content).hexdigest())

        async def chunks() -> AsyncIterator[bytes]:
            yield content

        await self._files.write(turn.session_id, blob, chunks(), max_bytes=ARTIFACT_LIMIT)
        body = log.ArtifactCreated(
            artifact_id, answer.question[:120], kind, JSON_TYPE, len(content), table.file.file_id, blob=blob
        )
        actor = f"agent:{AgentType.INSIGHTS.value}"
        await self._sessions.record(turn.session_id, [Draft(body, actor)], op_id=f"answer:{turn.run_id}")
        return answer_result(table, document, artifact_id, kind)

    async def findings(self, session: Session) -> list[tuple[str, JsonObject]]:
        """The newest analyses, newest first: artifact ids and documents. Raises ServiceError if their bytes are "
        "gone."""
        kinds = ("insights", "document_insights")
        kept = [item for item in session.artifacts.values() if item.kind in kinds and item.file_id in session.files]
        kept.sort(key=lambda item: item.created_at, reverse=True)
        return [
            (item.artifact_id, await read_document(self._files, session, item.artifact_id)) for item in kept[:_READ]
        ]


def last_answer(turn: Turn) -> JsonObject | None:
    """The evidence of the newest answer from rows in this conversation: what a follow-up goes on from."""
    messages = (
        turn.session.conversations[AgentType.INSIGHTS.value].messages
        if AgentType.INSIGHTS.value in turn.session.conversations
        else ()
    )
    for message in reversed(messages):
        if message.role is Role.ASSISTANT and message.seq < turn.message.seq:
            for item in message.evidence:
                if item.get("kind") == "artifact" and item.get("query"):
                    return item
    return None


def query_of(evidence: JsonObject | None) -> Query | None:
    return Query.from_json(evidence["query"]) if evidence else None


def latest_artifact(session: Session, kind: str) -> Artifact | None:
    return next((item for item in newest_first(session.artifacts) if item.kind == kind), None)
