"""Whether each number that an answer says can be found where its evidence points: artifacts, workflows, files, the session.

The evidence's own `facts` do not count as a source here: they were written by the same code as the answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator

from symphainy.agents.situation import latest_completed
from symphainy.agents.wording import elapsed_text, size_text
from symphainy.files.base import FileStore
from symphainy.ids import seconds_of
from symphainy.session import JsonValue, Message, Session

NUMBER = re.compile(r"(?<![A-Za-z\d.-])\d[\d,]*(?:\.\d+)?")


def numbers_in(text: str) -> set[str]:
    return {found.rstrip(",").replace(",", "") for found in NUMBER.findall(text.replace("\\", ""))}


async def unfounded(session: Session, files: FileStore, question: str, answer: Message) -> set[str]:
    """The numbers of the answer that stand nowhere in its sources, nor are a count, a share or a rounding of what does."""
    allowed = numbers_in(question)
    async for source in _sources(session, files, answer):
        allowed |= _derivable(source)
    allowed |= {str(len(session.files)), str(len(session.workflows)), str(len(session.artifacts))}
    return numbers_in(answer.content) - allowed


async def _sources(session: Session, files: FileStore, answer: Message) -> AsyncIterator[JsonValue]:
    for item in answer.evidence:
        if artifact_id := item.get("artifact_id"):
            artifact = session.artifacts[artifact_id]
            yield [artifact.name, *(version.version for version in artifact.versions)]
            if artifact.media_type == "application/json":
                path = await files.path(session.session_id, artifact.versions[-1].blob)
                yield json.loads(path.read_bytes())
        file = session.files.get(str(item.get("file_id")))
        if file is not None:
            yield [file.name, file.reason or "", size_text(file.size)]
            yield [size_text(held.size) for held in session.artifacts.values() if held.file_id == file.file_id]
            done = latest_completed(session, file)
            yield done.result if done else None
        workflow = session.workflows.get(str(item.get("workflow_id")))
        if workflow is not None:
            yield [workflow.title, workflow.result, workflow.error.message if workflow.error else ""]
            yield [[step.detail, step.fraction * 100, step.attempt] for step in workflow.steps]
            yield [{"step": [1] * number} for number in range(len(workflow.steps) + 1)]
            yield elapsed_text(seconds_of(session.updated_at) - seconds_of(workflow.started_at))


def _derivable(value: JsonValue) -> set[str]:
    """Numbers in it: as written, rounded to six digits, and how many items each list has."""
    match value:
        case bool() | None:
            return set()
        case int():
            return {str(value)}
        case float():
            return {f"{value:.6g}", f"{value:.0f}", str(int(value))}
        case str():
            return numbers_in(value)
        case list() | tuple():
            return {str(len(value))}.union(*map(_derivable, value))
        case dict():
            return {str(len(value))}.union(*map(_derivable, value.values()), *(numbers_in(key) for key in value))
        case _:
            raise TypeError(f"not JSON: {value!r}")
