"""What a session has so far: files, results, and work that is going on or waits; all of it, or what is of one area."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from symphainy.agents.answers import Answer, about_file, open_file
from symphainy.agents.areas import BUSINESS_OUTCOMES, CONTENT, INSIGHTS, OPERATIONS, Area
from symphainy.agents.next_steps import about_artifact, show
from symphainy.agents.situation import analysed, extent, latest_completed, progress, running
from symphainy.agents.wording import bullets, newest_first, plain
from symphainy.artifacts import Artifact
from symphainy.session import File, FileStatus, Session, Workflow

_READINGS: Final = frozenset(
    {"table", "profile", "preview", "text", "document_text", "metadata", "table_index", "quality"}
)
"""What reading a file makes: parts of the file, not results of their own."""
_KINDS: Final = {
    INSIGHTS.name: frozenset({"insights", "document_insights", "answer", "chart"}),
    OPERATIONS.name: frozenset({"sop", "workflow_model", "blueprint"}),
    BUSINESS_OUTCOMES.name: frozenset({"summary", "roadmap", "proposal"}),
}
_CALLED: Final = {"sop": "SOP", "workflow_model": "workflow diagram"}
_SHOWN: Final = 8
_GOING_SHOWN: Final = 3
_OPENED: Final = 2
_SMALL: Final = frozenset({"answer", "chart"})
"""Results with a link, and too many for a button."""
_STATES: Final = {FileStatus.UPLOADED: "uploaded, not analysed", FileStatus.PARSING: "being analysed"}


def so_far(
    session: Session, next_step: Answer, area: Area | None = None, files: Sequence[File] | None = None
) -> Answer:
    """Newest first, each with the way to it; then what helps most now. `files` are those that the area works with; left out:
    all. Where nothing is there, only the next step is said, and that nothing is."""
    held = newest_first(session.files) if files is None else list(files)
    results = results_of(session, area)
    going = [item for item in running(session) if area is None or item.orchestrator is area.orchestrator]
    where = f"in **{area.label}**" if area else "in this session"
    if not (held or results or going):
        return Answer(f"There is nothing {where} yet.").then(next_step)
    parts = [
        *_part("Files", [f"**{plain(file.name)}**: {_state(session, file)}" for file in held]),
        *_part("Results", [_told(item) for item in results]),
        *_part("Going on", [_working(session, item) for item in going], _GOING_SHOWN),
    ]
    opened = [show(item) for item in results if item.kind not in _SMALL][:_OPENED] or [
        open_file(file, f"Open {file.name}") for file in held[:1]
    ]
    evidence = (
        *(about_artifact(item) for item in results[:_SHOWN]),
        *(about_file(file) for file in held[:_SHOWN]),
        *(item for workflow in going[:_GOING_SHOWN] for item in progress(session, workflow).evidence),
        {"kind": "session", "session_id": session.session_id, "facts": {"files": len(held), "results": len(results)}},
    )
    told = Answer(f"This is {where}, the newest first.\n\n" + "\n\n".join(parts), tuple(opened), evidence)
    return told.then(next_step)


def results_of(session: Session, area: Area | None = None) -> list[Artifact]:
    """What was made in the area, or in all, the newest first: not what is only read from a file."""
    return sorted(
        (item for item in session.artifacts.values() if item.kind not in _READINGS and _is_of(item, area)),
        key=lambda item: item.created_at,
        reverse=True,
    )


def _is_of(artifact: Artifact, area: Area | None) -> bool:
    if area is None:
        return True
    if area is CONTENT:
        return not any(artifact.kind in kinds for kinds in _KINDS.values())
    return artifact.kind in _KINDS[area.name]


def _part(heading: str, lines: Sequence[str], most: int = _SHOWN) -> Iterator[str]:
    if lines:
        more = [f"and {len(lines) - most} more"] if len(lines) > most else []
        yield f"**{heading}**\n\n{bullets([*lines[:most], *more])}"


def _state(session: Session, file: File) -> str:
    if file.status is FileStatus.REJECTED:
        return f"could not be read. {plain(file.reason or '')}".rstrip()
    done = latest_completed(session, file)
    if analysed(session, file) and done is not None and done.result:
        return extent(done.result)
    return _STATES.get(file.status, "analysed")


def called(artifact: Artifact) -> str:
    """What one calls such a result."""
    return _CALLED.get(artifact.kind, artifact.kind.replace("_", " "))


def _told(artifact: Artifact) -> str:
    return f"**{plain(artifact.name)}** ({called(artifact)}, version {artifact.version}, {artifact.status.value})"


def _working(session: Session, workflow: Workflow) -> str:
    return progress(session, workflow).text
