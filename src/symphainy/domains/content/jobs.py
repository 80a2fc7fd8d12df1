"""One workflow's files: where its steps read and write, and how their results get names of their own."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import orjson

from symphainy import entries as log
from symphainy.enabling_services import ParsedFile
from symphainy.enabling_services.data_analyzer import INDEX_FILE
from symphainy.entries import Draft
from symphainy.errors import FileNotFound
from symphainy.files.base import FileStore
from symphainy.ids import derived_id
from symphainy.orchestrators.results import ARTIFACT_LIMIT
from symphainy.session import File, JsonObject, Session
from symphainy.workflows import Flow, StepOutcome

INDEX_KIND = "table_index"
PARQUET = "application/vnd.apache.parquet"


class Job:
    def __init__(self, files: FileStore, flow: Flow, file: File) -> None:
        self._files = files
        self._flow = flow
        self._file = file

    async def source(self) -> Path:
        """Raises FileNotFound."""
        return await self._files.path(self._flow.session_id, self._file.file_id)

    async def folder(self) -> Path:
        return await self._files.work_folder(self._flow.session_id, folder_name(self._flow.workflow_id))

    async def keep_parsed(self, parsed: ParsedFile) -> tuple[Draft, ...]:
        """The tables and the text, as artifacts to be recorded with the step."""
        created: list[Draft] = []
        folder = await self.folder()
        for number, table in enumerate(parsed.tables):
            source = folder / table.file_name
            created.append(await self._adopt("table", number, f"{table.name}.parquet", PARQUET, source))
        if parsed.document is not None:
            text = folder / parsed.document.text_file
            created.append(await self._adopt("document_text", 0, f"{self._file.name}.md", "text/markdown", text))
        return tuple(created)

    async def parsed_folder(self, parsed: ParsedFile) -> Path:
        """The work folder with what `keep_parsed` kept, also where another machine has read the file."""
        folder = await self.folder()
        wanted = {table.file_name: self.artifact_id("table", number) for number, table in enumerate(parsed.tables)}
        if parsed.document is not None:
            wanted[parsed.document.text_file] = self.artifact_id("document_text")
        for name, artifact_id in wanted.items():
            if not (folder / name).exists():
                kept = await self._files.path(self._flow.session_id, artifact_id)
                await asyncio.to_thread(os.link, kept, folder / name)
        return folder

    async def keep_index(self) -> tuple[Draft, ...]:
        """What questions need to know of the tables, if the profile left it."""
        source = await self.folder() / INDEX_FILE
        if not await asyncio.to_thread(source.is_file):
            return ()
        return (await self._adopt(INDEX_KIND, 0, f"{self._file.name}.index.json", "application/json", source),)

    async def keep(self, kind: str, document: JsonObject, facts: JsonObject) -> StepOutcome:
        artifact_id = self.artifact_id(kind)
        content = orjson.dumps(document)

        async def chunks() -> AsyncIterator[bytes]:
            yield content

        stored = await self._files.write(self._flow.session_id, artifact_id, chunks(), max_bytes=ARTIFACT_LIMIT)
        created = self._created(artifact_id, f"{self._file.name}.{kind}.json", kind, "application/json", stored.size)
        return StepOutcome({"artifact_id": artifact_id, **facts}, None, (created,))

    def artifact_id(self, kind: str, number: int = 0) -> str:
        return derived_id("art", self._flow.workflow_id, kind, str(number))

    async def _adopt(self, kind: str, number: int, name: str, media_type: str, source: Path) -> Draft:
        artifact_id = self.artifact_id(kind, number)
        stored = await self._files.adopt(self._flow.session_id, artifact_id, source)
        return self._created(artifact_id, name, kind, media_type, stored.size)

    def _created(self, artifact_id: str, name: str, kind: str, media_type: str, size: int) -> Draft:
        return self._flow.draft(log.ArtifactCreated(artifact_id, name, kind, media_type, size, self._file.file_id))


def file_of_input(session: Session, input: JsonObject) -> File:
    """Raises FileNotFound."""
    file = session.files.get(str(input.get("file_id")))
    if file is None:
        raise FileNotFound(f"There is no file {input.get('file_id')!r} in this session.")
    return file


def folder_name(workflow_id: str) -> str:
    return f"work-{workflow_id}"
