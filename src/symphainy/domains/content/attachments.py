"""Attachments of an e-mail: each becomes a file of the session with an analysis of its own, once."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from symphainy import entries as log
from symphainy.enabling_services import ParsedFile
from symphainy.files.base import FileStore
from symphainy.ids import derived_id
from symphainy.session import JsonObject
from symphainy.workflows import Flow

DEEPEST: Final = 3
"""How many messages an attachment may be inside of."""

MOST_FILES: Final = 500


async def add_attachments(
    flow: Flow, files: FileStore, folder: Path, parsed: ParsedFile, operation: str
) -> list[JsonObject]:
    """The files that were added, or were added by an earlier attempt of the step; their ids follow from the workflow and
    the number of the attachment. What is empty, nested too deeply or beyond the session's limit is not added."""
    depth = int(flow.input.get("depth") or 0)
    added: list[JsonObject] = []
    if depth >= DEEPEST:
        return added
    for number, attachment in enumerate(parsed.attachments):
        file_id = derived_id("file", flow.workflow_id, "attachment", str(number))
        session = await flow.sessions.get_session(flow.session_id)
        if not attachment.size or (file_id not in session.files and len(session.files) >= MOST_FILES):
            continue
        stored = await files.adopt(flow.session_id, file_id, folder / attachment.file_name)
        body = log.FileAdded(file_id, attachment.name, attachment.media_type, stored.size, stored.sha256)
        workflow = await flow.start(
            operation,
            {"file_id": file_id, "depth": depth + 1},
            workflow_id=derived_id("wf", flow.session_id, file_id),
            before=[flow.draft(body)],
        )
        added.append({"file_id": file_id, "name": attachment.name, "workflow_id": workflow.workflow_id})
    return added
