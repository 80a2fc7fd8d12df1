"""ArtifactLibrary: the artifacts of a session as their readers and reviewers use them, by version and format."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import orjson

from symphainy import entries as log
from symphainy.artifacts import NEXT_STATUSES, VERSIONS_KEPT, Artifact, ArtifactStatus, ArtifactVersion, Rendition
from symphainy.comparison import Comparison, compare_documents, compare_lines
from symphainy.entries import Draft
from symphainy.errors import (
    ArtifactNotFound,
    FileNotFound,
    JsonObject,
    NotComparable,
    ServiceError,
    TransitionNotAllowed,
    VersionConflict,
)
from symphainy.files.base import FileStore, OpenFile
from symphainy.fold.artifacts import version_made
from symphainy.session import Session
from symphainy.sessions import SessionManagerService
from symphainy.traffic_cop import artifact_topic

MOST_COMPARED = 8 * 1024 * 1024
JSON_TYPE = "application/json"
TEXT_TYPES = ("text/markdown", "text/plain", "text/csv")


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of one version in one format, on this machine."""

    path: Path
    name: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Download:
    """The same on the way to a reader. `name` is the one to save it under."""

    file: OpenFile
    name: str
    media_type: str


class ArtifactLibrary:
    """Keeps nothing: what is there is in the session, and the bytes are in the file store."""

    def __init__(self, sessions: SessionManagerService, files: FileStore) -> None:
        self._sessions = sessions
        self._files = files

    async def open(
        self, session: Session, artifact_id: str, *, version: int | None = None, media_type: str | None = None
    ) -> Download:
        """The version's own bytes, or its rendition of that media type. None: the newest version. Raises
        ArtifactNotFound."""
        held = format_of(await self._version(session, artifact_id, version), media_type)
        try:
            return Download(await self._files.open(session.session_id, held.blob), held.name, held.media_type)
        except FileNotFound as missing:
            raise _deleted() from missing

    async def versions(
        self, session: Session, artifact_id: str, *, before: int | None = None, limit: int = VERSIONS_KEPT
    ) -> list[ArtifactVersion]:
        """The newest `limit` versions before the number `before`, oldest first. Those that the session no longer holds are
        read from the log. Raises ArtifactNotFound."""
        artifact = _artifact(session, artifact_id)
        last = min(artifact.version, artifact.version if before is None else before - 1)
        first = max(1, last - limit + 1)
        if first >= artifact.versions[0].version:
            return [item for item in artifact.versions if first <= item.version <= last]
        return [item async for item in read_versions(self._sessions, session, artifact_id, first, last)]

    async def _version(self, session: Session, artifact_id: str, number: int | None) -> ArtifactVersion:
        artifact = _artifact(session, artifact_id)
        if number is not None and 1 <= number < artifact.versions[0].version:
            return (await self.versions(session, artifact_id, before=number + 1, limit=1))[0]
        return version_of(session, artifact_id, number)

    async def set_status(
        self,
        session_id: str,
        artifact_id: str,
        status: ArtifactStatus,
        *,
        version: int | None = None,
        actor: str,
        op_id: str | None = None,
    ) -> Artifact:
        """Gives a version (None: the newest) its next status, durable on return; the one it has already changes
        nothing. The same `op_id` again changes nothing either.

        Raises ArtifactNotFound; TransitionNotAllowed, whose details hold those that are allowed.
        """
        op_id = f"artifact:{artifact_id}:{op_id}" if op_id else None
        while True:
            session = await self._sessions.get_session(session_id)
            held = await self._version(session, artifact_id, version)
            if held.status is status or (op_id and await self._was_done(session_id, artifact_id, op_id)):
                return session.artifacts[artifact_id]
            allowed = NEXT_STATUSES[held.status]
            if status not in allowed:
                raise _refused(held, status)
            body = log.ArtifactUpdated(artifact_id, held.version, status)
            try:
                await self._sessions.record(session_id, [Draft(body, actor)], op_id=op_id, expected_seq=session.seq)
            except VersionConflict:
                continue  # somebody else changed the artifact meanwhile
            return (await self._sessions.get_session(session_id)).artifacts[artifact_id]

    async def _was_done(self, session_id: str, artifact_id: str, op_id: str) -> bool:
        seq = 0
        while page := await self._sessions.entries(session_id, after=seq, topic=artifact_topic(artifact_id)):
            if any(entry.op_id == op_id for entry in page):
                return True
            seq = page[-1].seq
        return False

    async def compare(
        self, session: Session, artifact_id: str, *, first: int | None = None, second: int | None = None
    ) -> Comparison:
        """What differs from the version `first` (None: the one before `second`) to `second` (None: the newest).

        Raises ArtifactNotFound; NotComparable.
        """
        to = await self._version(session, artifact_id, second)
        start = await self._version(session, artifact_id, max(to.version - 1, 1) if first is None else first)
        formats = [
            media_type
            for media_type in (JSON_TYPE, *TEXT_TYPES)
            if all(media_type in media_types(item) for item in (start, to))
        ]
        if not formats:
            raise NotComparable(
                f"Versions {start.version} and {to.version} have no format in common that can be compared. "
                "Download both.",
            )
        text_types = [media_type for media_type in formats if media_type != JSON_TYPE]
        paths = {
            media_type: [await self._path(session, item, media_type) for item in (start, to)]
            for media_type in (*formats[: JSON_TYPE in formats], *text_types[:1])
        }
        return await asyncio.to_thread(_compared, artifact_id, start, to, paths)

    async def _path(self, session: Session, version: ArtifactVersion, media_type: str) -> Path:
        held = format_of(version, media_type)
        if held.size > MOST_COMPARED:
            raise NotComparable(
                f"A version has more than {MOST_COMPARED:,} bytes. Download both to compare them.",
            )
        return (await _content(self._files, session, held)).path


def _compared(
    artifact_id: str, start: ArtifactVersion, to: ArtifactVersion, paths: Mapping[str, Sequence[Path]]
) -> Comparison:
    """`paths` of both versions by format."""
    changes = hunks = None
    text_type = next((item for item in paths if item != JSON_TYPE), None)
    if JSON_TYPE in paths:
        old, new = (orjson.loads(path.read_bytes()) for path in paths[JSON_TYPE])
        changes = compare_documents(old, new)
    if text_type is not None:
        old, new = (path.read_bytes().decode(errors="replace") for path in paths[text_type])
        hunks = compare_lines(old, new)
    return Comparison(artifact_id, start.version, to.version, changes, text_type, hunks)


async def read_versions(
    sessions: SessionManagerService, session: Session, artifact_id: str, first: int = 1, last: int | None = None
) -> AsyncIterator[ArtifactVersion]:
    """The versions of these numbers (None: to the newest) from the log, in order, each with its status as of now."""
    made: dict[int, ArtifactVersion] = {}
    number = seq = 0
    while page := await sessions.entries(session.session_id, after=seq, topic=artifact_topic(artifact_id)):
        for entry in page:
            if isinstance(entry.body, log.ArtifactCreated):
                number += 1
                if first <= number and (last is None or number <= last):
                    made[number] = version_made(number, entry, entry.body)
            elif isinstance(entry.body, log.ArtifactUpdated) and entry.body.version in made:
                made[entry.body.version] = replace(made[entry.body.version], status=entry.body.status)
        seq = page[-1].seq
    for item in made.values():
        yield item


def _artifact(session: Session, artifact_id: str) -> Artifact:
    artifact = session.artifacts.get(artifact_id)
    if artifact is None:
        raise ArtifactNotFound(f"There is no artifact {artifact_id!r} in this session.")
    return artifact


def version_of(session: Session, artifact_id: str, version: int | None = None) -> ArtifactVersion:
    """One of those that the session holds; None: the newest. Raises ArtifactNotFound."""
    artifact = _artifact(session, artifact_id)
    number = artifact.version if version is None else version
    found = next((item for item in reversed(artifact.versions) if item.version == number), None)
    if found is None:
        raise ArtifactNotFound(
            f"This artifact has no version {number} at hand; its newest is {artifact.version}.",
            details={"newest": artifact.version},
        )
    return found


def media_types(version: ArtifactVersion) -> list[str]:
    return [version.media_type, *(item.media_type for item in version.renditions)]


def format_of(held: ArtifactVersion, media_type: str | None) -> Rendition:
    """Which file holds it; None: in the version's own format. Raises ArtifactNotFound."""
    if media_type in (None, held.media_type):
        return Rendition(held.media_type, held.name, held.blob, held.size)
    rendition = next((item for item in held.renditions if item.media_type == media_type), None)
    if rendition is None:
        formats = media_types(held)
        raise ArtifactNotFound(
            f"Version {held.version} has no format {media_type!r}. It has: {', '.join(formats)}.",
            details={"formats": formats},
        )
    return rendition


async def content_of(
    files: FileStore, session: Session, artifact_id: str, version: int | None, media_type: str | None
) -> Content:
    """Of a version that the session holds. Raises ArtifactNotFound."""
    return await _content(files, session, format_of(version_of(session, artifact_id, version), media_type))


async def _content(files: FileStore, session: Session, held: Rendition) -> Content:
    try:
        return Content(await files.path(session.session_id, held.blob), held.name, held.media_type)
    except FileNotFound as missing:
        raise _deleted() from missing


async def read_document(files: FileStore, session: Session, artifact_id: str, version: int | None = None) -> JsonObject:
    """A version's JSON document (None: the newest version's). Raises ArtifactNotFound; ServiceError if its bytes are
    gone or damaged."""
    path = (await content_of(files, session, artifact_id, version, JSON_TYPE)).path
    try:
        return orjson.loads(await asyncio.to_thread(path.read_bytes))
    except (OSError, orjson.JSONDecodeError) as damaged:
        raise ServiceError("artifact_damaged", "This result can no longer be read. Make it again.") from damaged


def _deleted() -> ArtifactNotFound:
    return ArtifactNotFound("This artifact's file was deleted.")


def _refused(held: ArtifactVersion, status: ArtifactStatus) -> TransitionNotAllowed:
    allowed = [item.value for item in NEXT_STATUSES[held.status]]
    ways = f"it can become: {', '.join(allowed)}" if allowed else "that is the last one"
    return TransitionNotAllowed(
        f"Version {held.version} is {held.status.value} and cannot become {status.value}; {ways}.",
        details={"version": held.version, "current_status": held.status.value, "allowed": allowed},
    )
