"""Results: how an orchestrator keeps what a workflow made, and reads back what others made."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import orjson

from symphainy import entries as log
from symphainy.artifacts import Rendition
from symphainy.entries import Draft
from symphainy.files.base import FileStore
from symphainy.ids import derived_id
from symphainy.library import JSON_TYPE, read_document
from symphainy.session import Contribution, JsonObject, JsonValue, OrchestratorMetadata, Session, Status, Workflow
from symphainy.workflows import Flow

__all__ = [
    "ARTIFACT_LIMIT",
    "Kept",
    "NewRendition",
    "Results",
    "artifact_id_of",
    "read_document",
    "state_id_of",
    "state_of",
]

ARTIFACT_LIMIT: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class NewRendition:
    """Another format of a result, as the user downloads it."""

    media_type: str
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """The bytes are durable; the artifact's next version is in the session once `drafts` are recorded."""

    artifact_id: str
    drafts: tuple[Draft, ...]


class Results:
    """The results of one workflow. Keeping the same again, after a crash for example, leaves no second copy."""

    def __init__(self, files: FileStore, flow: Flow) -> None:
        self._files = files
        self._flow = flow

    async def keep(
        self,
        *,
        kind: str,
        subject: str,
        name: str,
        document: JsonObject,
        renditions: Sequence[NewRendition] = (),
        file_id: str | None = None,
    ) -> Kept:
        """The next version of the session's artifact of this kind about this subject, to be recorded with a step:
        `StepOutcome(..., also=kept.drafts)`.

        `name` is shown, and is the name of a download. Raises TooLarge, StorageFull.
        """
        artifact_id = artifact_id_of(self._flow.session_id, kind, subject)
        content = orjson.dumps(document)
        blob = await self._write(artifact_id, content)
        made = [
            Rendition(item.media_type, item.name, await self._write(artifact_id, item.content), len(item.content))
            for item in renditions
        ]
        created = log.ArtifactCreated(
            artifact_id, name, kind, JSON_TYPE, len(content), file_id, blob=blob, renditions=tuple(made)
        )
        return Kept(artifact_id, (self._flow.draft(created),))

    async def read_document(self, session: Session, artifact_id: str, version: int | None = None) -> JsonObject:
        """A version's JSON document (None: the newest version's), of any workflow of the session. Raises
        ArtifactNotFound, ServiceError."""
        return await read_document(self._files, session, artifact_id, version)

    async def _write(self, artifact_id: str, content: bytes) -> str:
        blob = derived_id("blob", self._flow.workflow_id, artifact_id, hashlib.sha256(content).hexdigest())

        async def chunks() -> AsyncIterator[bytes]:
            yield content

        await self._files.write(self._flow.session_id, blob, chunks(), max_bytes=ARTIFACT_LIMIT)
        return blob


def artifact_id_of(session_id: str, kind: str, subject: str) -> str:
    """A session has one artifact of a kind about a subject; making it again makes its next version."""
    return derived_id("art", session_id, kind, subject)


def state_id_of(workflow_id: str) -> str:
    """The id of the state that `state_of` stores: it can be named in the workflow's result before that is recorded."""
    return derived_id("st", workflow_id)


def state_of(
    session: Session, workflow: Workflow, contributions: Mapping[str, str], kind: str, metadata: JsonObject
) -> Draft:
    """A completed workflow's result as a stored state, for `Orchestrator.consequences`.

    `contributions` say what each enabling service contributed; those whose step was completed are named, with the time
    of it.
    """
    chain = dict.fromkeys(link.target for link in session.delegations if link.workflow_id == workflow.workflow_id)
    provenance = OrchestratorMetadata(
        created_by_orchestrator=workflow.orchestrator.value,
        workflow_id=workflow.workflow_id,
        enabling_service_contributions=tuple(
            Contribution(step.service, contributions[step.service], step.finished_at or workflow.updated_at)
            for step in workflow.steps
            if step.status is Status.COMPLETED and step.service in contributions
        ),
        delegation_chain=tuple(chain),
    )
    about: dict[str, JsonValue] = {"title": workflow.title, "kind": kind, **metadata}
    body = log.StateStored(state_id_of(workflow.workflow_id), workflow.result or {}, provenance, about)
    return Draft(body, f"orchestrator:{workflow.orchestrator.value}", workflow_id=workflow.workflow_id)
