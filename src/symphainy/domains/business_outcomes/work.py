"""One workflow of the area in progress: its services, what it collected, and how it keeps its results."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

import orjson

from symphainy.domains.business_outcomes.gathering import gather
from symphainy.enabling_services.json_values import Json
from symphainy.enabling_services.outcomes import Evidence, MetricsCalculator, POCGeneration, RoadmapGeneration
from symphainy.enabling_services.outcomes.figures import count, listed
from symphainy.enabling_services.outcomes.poc_generation import Proposal
from symphainy.enabling_services.outcomes.roadmap import Roadmap
from symphainy.enabling_services.reports import Report, ReportGenerator
from symphainy.files.base import FileStore
from symphainy.library import content_of
from symphainy.orchestrators.results import ARTIFACT_LIMIT, NewRendition, Results, artifact_id_of, read_document
from symphainy.session import JsonObject, JsonValue, Session
from symphainy.workflows import Flow, ProgressCallback, StepOutcome

SUBJECT: Final = "session"
"""A session has one summary, one roadmap and one proposal, in versions."""
EVIDENCE_TYPE: Final = "application/vnd.symphainy.evidence+json"


@dataclass(frozen=True, slots=True)
class Services:
    metrics: MetricsCalculator
    roadmaps: RoadmapGeneration
    proposals: POCGeneration
    reports: ReportGenerator


@dataclass(frozen=True, slots=True)
class Held:
    """The newest roadmap of the session, when the work began."""

    roadmap: Roadmap
    version: int
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Collected:
    """`roadmap_version` is that of the session's roadmap at the time; None if there was none."""

    evidence: Evidence
    roadmap_version: int | None


class Work:
    def __init__(self, files: FileStore, flow: Flow, services: Services) -> None:
        self._files = files
        self._results = Results(files, flow)
        self.flow = flow
        self.services = services

    async def session(self) -> Session:
        return await self.flow.sessions.get_session(self.flow.session_id)

    async def started_at(self) -> str:
        """The time that stands in the documents: the same after any restart."""
        return (await self.session()).workflows[self.flow.workflow_id].started_at

    async def collect(self) -> Collected:
        """What there is to build on, as of the first time: later steps, and those after a restart, see the same."""

        async def gathered(_: ProgressCallback) -> StepOutcome:
            session = await self.session()
            evidence = await gather(self.flow.sessions, self._files, session)
            await self._files.work_folder(self.flow.session_id, folder_name(self.flow.workflow_id))
            await self._write(evidence.to_json())
            found = _counts(evidence)
            roadmap = session.artifacts.get(self.artifact_id("roadmap"))
            counted: dict[str, JsonValue] = {**found, "roadmap_version": roadmap.version if roadmap else None}
            return StepOutcome(counted, listed([count(number, name) for name, number in found.items()]))

        counted = await self.flow.step("collect", MetricsCalculator.name, gathered)
        path = await self._files.path(self.flow.session_id, evidence_name(self.flow.workflow_id))
        evidence = Evidence.from_json(orjson.loads(await asyncio.to_thread(path.read_bytes)))
        return Collected(evidence, counted["roadmap_version"])

    async def roadmap(self, version: int) -> Held:
        session, artifact_id = await self.session(), self.artifact_id("roadmap")
        document = await read_document(self._files, session, artifact_id, version)
        content = await content_of(self._files, session, artifact_id, version, EVIDENCE_TYPE)
        evidence = Evidence.from_json(orjson.loads(await asyncio.to_thread(content.path.read_bytes)))
        return Held(Roadmap.from_json(dict(document)), version, evidence)

    async def newest(self, kind: str) -> tuple[Json, int] | None:
        """The document of the session's newest artifact of the kind, and its version."""
        session, artifact_id = await self.session(), self.artifact_id(kind)
        artifact = session.artifacts.get(artifact_id)
        if artifact is None:
            return None
        return dict(await read_document(self._files, session, artifact_id, artifact.version)), artifact.version

    async def newest_roadmap(self) -> tuple[Roadmap, int] | None:
        found = await self.newest("roadmap")
        return (Roadmap.from_json(found[0]), found[1]) if found else None

    async def newest_proposal(self) -> tuple[Proposal, int] | None:
        found = await self.newest("proposal")
        return (Proposal.from_json(found[0]), found[1]) if found else None

    async def publish(
        self, step: str, kind: str, report: Report, document: Json, *, evidence: Evidence | None = None
    ) -> JsonObject:
        """Writes the report, and keeps it with its data as the artifact's next version. The step's output names it."""

        async def written(progress: ProgressCallback) -> StepOutcome:
            folder = await self._files.work_folder(self.flow.session_id, folder_name(self.flow.workflow_id))
            rendered = await self.services.reports.render(report, work_dir=folder, progress=progress)
            formats = [NewRendition(item.media_type, f"{report.title}{item.ending}", item.content) for item in rendered]
            if evidence is not None:
                content = orjson.dumps(evidence.to_json())
                formats.append(NewRendition(EVIDENCE_TYPE, f"{report.title} evidence.json", content))
            kept = await self._results.keep(
                kind=kind, subject=SUBJECT, name=report.title, document=document, renditions=formats
            )
            return StepOutcome({"artifact_id": kept.artifact_id}, f"{report.title} as Markdown and Word", kept.drafts)

        return await self.flow.step(step, ReportGenerator.name, written)

    def artifact_id(self, kind: str) -> str:
        return artifact_id_of(self.flow.session_id, kind, SUBJECT)

    async def _write(self, document: Json) -> None:
        content = orjson.dumps(document)

        async def chunks() -> AsyncIterator[bytes]:
            yield content

        name = evidence_name(self.flow.workflow_id)
        await self._files.write(self.flow.session_id, name, chunks(), max_bytes=ARTIFACT_LIMIT)


def evidence_name(workflow_id: str) -> str:
    return f"evidence-{workflow_id}"


def folder_name(workflow_id: str) -> str:
    return f"work-{workflow_id}"


def _counts(evidence: Evidence) -> dict[str, int]:
    return {"file": len(evidence.files), "finding": len(evidence.findings), "gap": len(evidence.gaps)}
