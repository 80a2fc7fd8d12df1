"""Uploads: a file comes into the session, and with it the workflow that analyses it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from weakref import WeakValueDictionary

from symphainy import entries as log
from symphainy.artifacts import blobs_of
from symphainy.domains.content.copybooks import is_copybook
from symphainy.domains.content.orchestrator import ANALYZE_FILE, EXTRACT_METADATA
from symphainy.entries import Draft
from symphainy.errors import FileNotFound, IdempotencyMismatch, SessionNotFound, TooMany
from symphainy.files.base import FileStore
from symphainy.ids import derived_id
from symphainy.library import read_versions
from symphainy.orchestrators.business import BusinessOrchestrator
from symphainy.samples import SampleFile, find_sample
from symphainy.session import File, OrchestratorName
from symphainy.sessions import SessionManagerService

MAX_FILES: Final = 500


class Uploads:
    def __init__(
        self, sessions: SessionManagerService, files: FileStore, business: BusinessOrchestrator, *, max_bytes: int
    ) -> None:
        self._sessions = sessions
        self._files = files
        self._business = business
        self._max_bytes = max_bytes
        self._adding: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def add(
        self,
        session_id: str,
        name: str,
        chunks: AsyncIterator[bytes],
        *,
        user_id: str,
        file_id: str,
        process: bool = True,
        media_type: str | None = None,
        metadata_only: bool = False,
        copybook_file_id: str | None = None,
    ) -> File:
        """The file, its bytes and its entry durable on return; with `process` its workflow too, in the same append: the
        whole analysis, or with `metadata_only` one that keeps no value of it.

        The same `file_id` again changes nothing. Raises TooLarge and StorageFull, and then nothing is kept; TooMany;
        IdempotencyMismatch if the file was deleted since.
        """
        async with self._alone(session_id, file_id):
            session = await self._sessions.get_session(session_id)
            if file_id in session.files:
                return session.files[file_id]
            if len(session.files) >= MAX_FILES:
                raise TooMany(f"A session may hold {MAX_FILES} files. Delete some first.")
            stored = await self._files.write(session_id, file_id, chunks, max_bytes=self._max_bytes)
            body = log.FileAdded(file_id, name, media_type or "application/octet-stream", stored.size, stored.sha256)
            actor = f"user:{user_id}"
            if process:
                await self._business.start(
                    session_id,
                    OrchestratorName.CONTENT,
                    EXTRACT_METADATA if metadata_only else ANALYZE_FILE,
                    {"file_id": file_id, **({"copybook_file_id": copybook_file_id} if copybook_file_id else {})},
                    requested_by=actor,
                    workflow_id=derived_id("wf", session_id, file_id),
                    before=[Draft(body, actor)],
                )
            else:
                await self._sessions.record(session_id, [Draft(body, actor)], op_id=f"file:{file_id}")
            held = (await self._sessions.get_session(session_id)).files.get(file_id)
            if held is None:
                await self._files.delete(session_id, file_id)
                raise IdempotencyMismatch("This file was uploaded before and deleted since. Upload it under a new key.")
            return held

    @asynccontextmanager
    async def _alone(self, session_id: str, file_id: str) -> AsyncGenerator[None]:
        """One upload of an id at a time: a second one must find the first, not write over its bytes. Where the session is
        erased meanwhile nothing of it is left."""
        lock = self._adding.setdefault(f"{session_id}/{file_id}", asyncio.Lock())
        async with lock:
            try:
                yield
            except SessionNotFound:
                await self._files.delete_session(session_id)
                raise

    async def add_sample(self, session_id: str, name: str, *, user_id: str) -> list[File]:
        """The sample's files with their analyses, as if they were uploaded; those that are here already are left alone.
        Raises NotFound for an unknown sample, TooMany."""
        added: list[File] = []
        for item in find_sample(name).files:
            copybook = next((file.file_id for file in added if is_copybook(file)), None)
            added.append(await self._add_sample_file(session_id, name, item, user_id=user_id, copybook=copybook))
        return added

    async def _add_sample_file(
        self, session_id: str, sample: str, item: SampleFile, *, user_id: str, copybook: str | None
    ) -> File:
        """Under the next id if the one before was deleted: a sample may be taken again."""
        content = await asyncio.to_thread(item.content)

        async def chunks() -> AsyncIterator[bytes]:
            yield content

        for attempt in range(MAX_FILES):
            file_id = derived_id("file", session_id, "sample", sample, item.name, str(attempt))
            try:
                return await self.add(
                    session_id, item.name, chunks(), user_id=user_id, file_id=file_id, copybook_file_id=copybook
                )
            except IdempotencyMismatch:
                continue
        raise TooMany("This sample was taken and deleted too often in this session. Start another session.")

    async def remove(self, session_id: str, file_id: str, *, user_id: str) -> None:
        """Cancels what is going on with the file, and erases its bytes and artifacts. Raises FileNotFound."""
        session = await self._sessions.get_session(session_id)
        if file_id not in session.files:
            raise FileNotFound(f"There is no file {file_id!r} in this session.")
        actor = f"user:{user_id}"
        for workflow in session.workflows.values():
            if workflow.input.get("file_id") == file_id and not workflow.status.finished:
                await self._business.cancel(session_id, workflow.workflow_id, requested_by=actor)
        await self._sessions.record(session_id, [Draft(log.FileRemoved(file_id), actor)])
        artifacts = [item for item in session.artifacts.values() if item.file_id == file_id]
        await self._files.delete(session_id, file_id)
        for artifact in artifacts:
            async for version in read_versions(self._sessions, session, artifact.artifact_id):
                for blob in blobs_of(version):
                    await self._files.delete(session_id, blob)
