"""The results of an analysed file, read back from its artifacts."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import orjson

from symphainy.agents.wording import newest_first
from symphainy.domains.content.jobs import INDEX_KIND
from symphainy.enabling_services.content.stored import KeptTable
from symphainy.enabling_services.file_metadata import FileMetadata
from symphainy.enabling_services.parsed_file import Column
from symphainy.enabling_services.preview import Preview, TablePreview
from symphainy.enabling_services.profile import ColumnProfile, Finding, Profile, Severity, TableProfile
from symphainy.errors import FileNotFound, ServiceError
from symphainy.files.base import FileStore
from symphainy.session import Artifact, File, JsonObject, Session, Workflow


@dataclass(frozen=True, slots=True)
class Results:
    """What is known of one file. `artifacts` are those it was read from, by kind."""

    file: File
    workflow: Workflow | None
    profile: Profile
    preview: Preview
    metadata: FileMetadata
    artifacts: dict[str, Artifact]

    @property
    def columns(self) -> list[Column]:
        """Of all tables, in order."""
        return [column for table in self.metadata.tables for column in table.columns]

    @property
    def findings(self) -> list[Finding]:
        """Gravest first: those of all tables and of the document."""
        found = [finding for table in self.profile.tables for finding in table.findings]
        found += self.profile.document.findings if self.profile.document else ()
        return sorted(found, key=lambda finding: list(reversed(Severity)).index(finding.severity))

    def tables_with(self, column: str) -> list[TableProfile]:
        return [table for table in self.profile.tables if any(item.name == column for item in table.columns)]

    def column(self, table: TableProfile, name: str) -> ColumnProfile:
        return next(item for item in table.columns if item.name == name)

    def preview_of(self, table: TableProfile) -> TablePreview | None:
        return next((item for item in self.preview.tables if item.name == table.name), None)

    def evidence(self, kind: str, **facts: object) -> JsonObject:
        """A fact and the artifact it stands in."""
        artifact = self.artifacts[kind]
        return {
            "kind": "artifact",
            "artifact_id": artifact.artifact_id,
            "artifact_kind": kind,
            "file_id": self.file.file_id,
            "name": self.file.name,
            "facts": facts,
        }


class FileResults:
    """Reads results; keeps nothing."""

    def __init__(self, files: FileStore) -> None:
        self._files = files

    async def of(self, session: Session, file: File) -> Results | None:
        """The file's newest results; None if it was not analysed. Raises ServiceError if their bytes are gone or damaged."""
        artifacts = {item.kind: item for item in session.artifacts.values() if item.file_id == file.file_id}
        if not {"profile", "preview", "metadata"} <= artifacts.keys():
            return None
        profile, preview, metadata = [
            await self._read(session, artifacts[kind]) for kind in ("profile", "preview", "metadata")
        ]
        workflow = session.workflows.get(artifacts["profile"].workflow_id or "")
        return Results(
            file,
            workflow,
            await asyncio.to_thread(Profile.from_json, profile),
            Preview.from_json(preview),
            FileMetadata.from_json(metadata),
            artifacts,
        )

    async def tables(self, session: Session, file: File) -> tuple[tuple[KeptTable, ...], FileMetadata]:
        """The tables of the file's newest analysis, where they are kept. Raises ServiceError if they are gone."""
        artifacts = [item for item in session.artifacts.values() if item.file_id == file.file_id]
        profiled = [item for item in artifacts if item.kind == "profile"]
        if not profiled:
            raise ServiceError("missing_input", f"{file.name} is not analysed. Analyse it first.")
        made = [item for item in artifacts if item.workflow_id == profiled[-1].workflow_id]
        described = next((item for item in made if item.kind == "metadata"), None)
        if described is None:
            raise ServiceError("missing_input", f"The results of {file.name} are not complete. Analyse it again.")
        metadata = FileMetadata.from_json(await self._read(session, described))
        kept = [item for item in made if item.kind == "table"]
        index = next((item for item in made if item.kind == INDEX_KIND), None)
        try:
            paths = [await self._files.path(session.session_id, item.versions[-1].blob) for item in kept]
            at = await self._files.path(session.session_id, index.versions[-1].blob) if index else None
        except FileNotFound as missing:
            raise ServiceError("missing_input", f"The tables of {file.name} are gone. Analyse it again.") from missing
        described_tables = zip(metadata.tables, paths, strict=False)
        return tuple(
            KeptTable(table.name, path, table.rows, table.columns, at) for table, path in described_tables
        ), metadata

    async def metadata(self, session: Session, file: File) -> tuple[FileMetadata, Artifact] | None:
        """What is known of the file apart from its data, also where only that was read; None if nothing was."""
        found = [
            item for item in session.artifacts.values() if item.file_id == file.file_id and item.kind == "metadata"
        ]
        return (FileMetadata.from_json(await self._read(session, found[-1])), found[-1]) if found else None

    async def columns(self, session: Session, file: File) -> list[str]:
        """The names of the file's columns; empty if it was not analysed."""
        artifact = next(
            (
                item
                for item in newest_first(session.artifacts)
                if item.file_id == file.file_id and item.kind == "metadata"
            ),
            None,
        )
        if artifact is None:
            return []
        metadata = FileMetadata.from_json(await self._read(session, artifact))
        return [column.name for table in metadata.tables for column in table.columns]

    async def _read(self, session: Session, artifact: Artifact) -> dict[str, object]:
        try:
            path = await self._files.path(session.session_id, artifact.artifact_id)
            document = orjson.loads(await asyncio.to_thread(path.read_bytes))
        except (FileNotFound, OSError, ValueError) as failure:
            message = f"The result {artifact.name!r} cannot be read any more. Analyse the file again to make it anew."
            raise ServiceError("result_missing", message) from failure
        return document
