"""Which procedure or workflow a message is about: by its name, or the newest there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from symphainy.agents.base import Turn
from symphainy.domains.operations.sources import SOP, diagrams, procedures, results
from symphainy.session import Artifact, File, JsonValue


@dataclass(frozen=True, slots=True)
class Found:
    """One of the two is set."""

    file: File | None = None
    artifact: Artifact | None = None

    @property
    def name(self) -> str:
        item = self.file or self.artifact
        return item.name if item else ""

    def input(self, prefix: str) -> dict[str, JsonValue]:
        """`sop_artifact_id`, `sop_file_id` or, without a prefix, `file_id`."""
        if self.file is not None:
            return {f"{prefix}file_id": self.file.file_id}
        return {f"{prefix}artifact_id": self.artifact.artifact_id if self.artifact else None}


def find(turn: Turn, kind: str) -> Found | None:
    """Attached or named files and results first, then the newest result, then the newest file of the right kind."""
    session = turn.session
    files = procedures(session) if kind == SOP else diagrams(session)
    held = results(session, kind)
    attached = [file for file in files if file.file_id in turn.message.files]
    if attached:
        return Found(file=attached[0])
    named = _named(turn.message.content, files)
    if named is not None:
        return Found(file=named)
    said = turn.message.content.casefold()
    by_name = next((item for item in held if item.name.casefold() in said), None)
    if by_name is not None or held:
        return Found(artifact=by_name or held[0])
    return Found(file=files[0]) if files else None


def _named(text: str, files: Sequence[File]) -> File | None:
    said = text.casefold()
    return next(
        (file for file in files if file.name.casefold() in said or PurePath(file.name).stem.casefold() in said), None
    )
