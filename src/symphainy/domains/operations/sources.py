"""What an operation works on: an uploaded file or a result of this session, as a procedure or as a workflow."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from symphainy.agents.wording import newest_first
from symphainy.enabling_services.kinds import DOCUMENTS, FileKind
from symphainy.enabling_services.operations.services import Form
from symphainy.errors import ArtifactNotFound, FileNotFound, InvalidInput
from symphainy.session import Artifact, File, JsonObject, JsonValue, Session

SOP: Final = "sop"
WORKFLOW: Final = "workflow_model"
BLUEPRINT: Final = "blueprint"
_AS_WRITTEN: Final = (".md", ".markdown", ".txt", ".text")


@dataclass(frozen=True, slots=True)
class Source:
    """One of the two is set. `name` is how it is called to people."""

    name: str
    file: File | None = None
    artifact: Artifact | None = None

    @property
    def subject(self) -> str:
        """What a result that is made from it is about: the same source gives the next version of the same artifact."""
        if self.file is not None:
            return f"file:{self.file.file_id}"
        return f"artifact:{self.artifact.artifact_id if self.artifact else ''}"

    def to_json(self) -> dict[str, JsonValue]:
        if self.file is not None:
            return {"file_id": self.file.file_id, "name": self.name}
        return {"artifact_id": self.artifact.artifact_id if self.artifact else None, "name": self.name}


def source_of(session: Session, input: JsonObject, kind: str, prefix: str = "") -> Source:
    """The artifact named by `<kind>_artifact_id`, or the file named by `<prefix>file_id`. Raises InvalidInput if neither or the
    wrong one is named, FileNotFound, ArtifactNotFound."""
    word = "sop" if kind == SOP else "workflow"
    artifact_id, file_id = input.get(f"{word}_artifact_id"), input.get(f"{prefix}file_id")
    if (artifact_id is None) == (file_id is None):
        raise InvalidInput(f"Name either {word}_artifact_id or {prefix}file_id.")
    if artifact_id is not None:
        artifact = session.artifacts.get(str(artifact_id))
        if artifact is None or artifact.kind != kind:
            raise ArtifactNotFound(f"There is no {kind} artifact {artifact_id!r} in this session.")
        return Source(artifact.name, artifact=artifact)
    file = session.files.get(str(file_id))
    if file is None:
        raise FileNotFound(f"There is no file {file_id!r} in this session.")
    if (kind == WORKFLOW) != is_diagram(file):
        wanted = "a BPMN diagram (.bpmn)" if kind == WORKFLOW else "a written procedure"
        raise InvalidInput(f"{file.name} is not {wanted}.")
    return Source(file.name, file=file)


def is_diagram(file: File) -> bool:
    return PurePath(file.name).suffix.lower() in (".bpmn", ".bpmn2")


def is_procedure(file: File) -> bool:
    """Whether it may hold a written procedure: a document that was read."""
    if is_diagram(file):
        return False
    return file.kind in DOCUMENTS or PurePath(file.name).suffix.lower() in (".docx", *_AS_WRITTEN)


def procedures(session: Session) -> list[File]:
    return [file for file in newest_first(session.files) if is_procedure(file)]


def diagrams(session: Session) -> list[File]:
    return [file for file in newest_first(session.files) if is_diagram(file)]


def results(session: Session, kind: str) -> list[Artifact]:
    """The session's artifacts of a kind, the one with the newest version first."""
    found = [artifact for artifact in session.artifacts.values() if artifact.kind == kind]
    return sorted(found, key=lambda artifact: artifact.versions[-1].created_at, reverse=True)


def text_source(session: Session, file: File) -> tuple[str, Form]:
    """Which file holds a procedure's text, and in which form: Word and plain text as uploaded, other documents as they were read in
    Content. Raises InvalidInput for a document that was not read yet."""
    suffix = PurePath(file.name).suffix.lower()
    if file.kind == FileKind.DOCX or suffix in (".docx", ".docm"):
        return file.file_id, "docx"
    if suffix in _AS_WRITTEN:
        return file.file_id, "text"
    read = [
        item
        for item in newest_first(session.artifacts)
        if item.file_id == file.file_id and item.kind == "document_text"
    ]
    if not read:
        raise InvalidInput(
            f"{file.name} has not been read yet. Wait for its analysis in Content, or start it again there."
        )
    return read[0].versions[-1].blob, "text"


def stem(name: str) -> str:
    """A file's name as a title."""
    words = PurePath(name).stem.replace("_", " ").replace("-", " ").split()
    text = " ".join(words)
    return text[:1].upper() + text[1:] or "Procedure"
