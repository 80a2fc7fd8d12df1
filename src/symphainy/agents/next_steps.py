"""The next best step across all areas, computed from what the session has; each with the button that takes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from symphainy.agents import situation
from symphainy.agents.answers import Answer, about_file, about_workflow, context_of, open_area
from symphainy.agents.areas import BUSINESS_OUTCOMES, INSIGHTS, JOURNEY, OPERATIONS, Area
from symphainy.agents.situation import running, with_status
from symphainy.agents.wording import and_list, newest_first, plain, plural
from symphainy.artifacts import Artifact
from symphainy.enabling_services.kinds import DOCUMENTS
from symphainy.session import Action, FileStatus, JsonObject, JsonValue, Session, Status, Workflow

INSIGHTS_KINDS: Final = ("insights", "document_insights")
SOP: Final = "sop"
WORKFLOW: Final = "workflow_model"
BLUEPRINT: Final = "blueprint"
ROADMAP: Final = "roadmap"
PROPOSAL: Final = "proposal"
_READ_OUT: Final = 3
_SOURCES: Final = {BLUEPRINT: (SOP, WORKFLOW), ROADMAP: (*INSIGHTS_KINDS, BLUEPRINT), PROPOSAL: (ROADMAP,)}
"""What each result is made from: it is out of date once one of these is newer."""


def next_step(session: Session) -> Answer:
    """The one thing that helps most now, and the buttons of what else could be done."""
    found = list(_steps(session))
    if not found:
        return situation.next_step(session)
    first, *others = found
    actions = list(first.actions)
    for step in others:
        actions += [action for action in step.actions[:1] if action not in actions]
    return Answer(
        f"Next: {first.text}",
        tuple(actions),
        first.evidence,
        first.context,
    )


def _steps(session: Session) -> Iterator[Answer]:
    """Best first: what waits for the user, what went wrong, what is unfinished, what can be built on what is there."""
    yield from _questions(session)
    if running(session) or with_status(session, FileStatus.UPLOADED):
        return
    newest = next(iter(newest_first(session.files)), None)
    if newest is not None and newest.status is FileStatus.REJECTED:
        return
    yield from _failed(session)
    yield from _unanalysed(session)
    yield from _processes(session)
    yield from _plans(session)


def _questions(session: Session) -> Iterator[Answer]:
    for workflow in running(session):
        if workflow.status is Status.WAITING_FOR_USER and workflow.asked is not None:
            asked = [plain(question.label) for question in workflow.asked.questions]
            area = _area_of(workflow)
            title = f"**{plain(workflow.title)}**"
            few = len(asked) <= _READ_OUT
            what = f"what {title} asks: {and_list(asked)}" if few else f"the {len(asked)} questions of {title}"
            yield Answer(
                f"answer {what}. It goes on by itself afterwards.",
                (open_area(f"Answer in {area.label}", area.name),),
                (about_workflow(workflow, questions=len(asked)),),
                context_of(workflow),
            )


def _failed(session: Session) -> Iterator[Answer]:
    """Work outside of Content that failed last time and was not done since."""
    latest: dict[str, Workflow] = {}
    for workflow in sorted(session.workflows.values(), key=lambda item: item.seq):
        if workflow.operation and _area_of(workflow) is not JOURNEY[0]:
            latest[f"{workflow.orchestrator.value} {workflow.operation} {sorted(workflow.input.items())}"] = workflow
    for workflow in latest.values():
        if workflow.status is Status.FAILED:
            reason = workflow.error.message if workflow.error else "The reason was not recorded."
            again = start("Try again", workflow.orchestrator.value, str(workflow.operation), workflow.input)
            yield Answer(
                f"look at **{plain(workflow.title)}**, which failed. {reason}",
                (again, open_area(f"Open {_area_of(workflow).label}", _area_of(workflow).name)),
                (about_workflow(workflow),),
                context_of(workflow),
            )


def _unanalysed(session: Session) -> Iterator[Answer]:
    tables = [file for file in with_status(session, FileStatus.PARSED) if file.kind not in DOCUMENTS]
    analyses = {item.file_id: item for item in _of_kind(session, *INSIGHTS_KINDS)}
    waiting = [file for file in tables if file.file_id not in analyses]
    orchestrator = INSIGHTS.orchestrator.value
    if waiting:
        file = waiting[0]
        have = f"You have {plural(len(tables), 'parsed file')} and {'no analysis' if len(waiting) == len(tables) else 'some not analysed'}"
        yield Answer(
            f"analyse **{plain(file.name)}**. {have}.",
            (start(f"Analyse {file.name}", orchestrator, "analyze_content_for_insights", {"file_id": file.file_id}),),
            (about_file(file, parsed=len(tables)),),
        )
    for file in tables:
        read = [item for item in _of_kind(session, "profile") if item.file_id == file.file_id]
        made = analyses.get(file.file_id)
        if made is not None and any(item.created_at > made.created_at for item in read):
            action = start(
                f"Analyse {file.name} again", orchestrator, "analyze_content_for_insights", {"file_id": file.file_id}
            )
            text = f"analyse **{plain(file.name)}** again: it was read anew after its findings were made."
            yield Answer(text, (action,), (about_file(file), about_artifact(made)))


def _processes(session: Session) -> Iterator[Answer]:
    orchestrator = OPERATIONS.orchestrator.value
    sop = next(iter(_of_kind(session, SOP)), None)
    model = next(iter(_of_kind(session, WORKFLOW)), None)
    blueprint = next(iter(_of_kind(session, BLUEPRINT)), None)
    if sop and not model:
        target: JsonObject = {"sop_artifact_id": sop.artifact_id}
        action = start("Draw the workflow", orchestrator, "generate_workflow_from_sop", target)
        yield Answer(f"draw **{plain(sop.name)}** as a workflow.", (action, show(sop)), (about_artifact(sop),))
    elif model and not sop:
        target = {"workflow_artifact_id": model.artifact_id}
        action = start("Write the SOP", orchestrator, "generate_sop_from_workflow", target)
        yield Answer(f"write **{plain(model.name)}** as an SOP.", (action, show(model)), (about_artifact(model),))
    elif sop and model and (blueprint is None or _outdated(session, blueprint)):
        target = {"sop_artifact_id": sop.artifact_id, "workflow_artifact_id": model.artifact_id}
        action = start("Make the blueprint", orchestrator, "analyze_coexistence", target)
        text = f"compare **{plain(sop.name)}** with **{plain(model.name)}** and plan the work of people and AI."
        if blueprint is not None:
            text += " The blueprint is older than they are."
        yield Answer(text, (action, show(sop)), (about_artifact(sop), about_artifact(model)))


def _plans(session: Session) -> Iterator[Answer]:
    orchestrator = BUSINESS_OUTCOMES.orchestrator.value
    sources = _of_kind(session, *INSIGHTS_KINDS, BLUEPRINT)
    roadmap = next(iter(_of_kind(session, ROADMAP)), None)
    proposal = next(iter(_of_kind(session, PROPOSAL)), None)
    if sources and (roadmap is None or _outdated(session, roadmap)):
        names = and_list([f"**{plain(item.name)}**" for item in sources[:3]])
        text = f"make a roadmap from {names}."
        if roadmap is not None:
            text = f"make the roadmap anew: {names} changed since."
        action = start("Make the roadmap", orchestrator, "generate_strategic_roadmap", {})
        yield Answer(text, (action, *map(show, sources[:1])), tuple(about_artifact(item) for item in sources[:3]))
    elif roadmap and (proposal is None or _outdated(session, proposal)):
        text = f"write the proof of concept proposal to **{plain(roadmap.name)}**."
        if proposal is not None:
            text += " The one you have is older than the roadmap."
        action = start("Write the proposal", orchestrator, "generate_poc_proposal", {})
        yield Answer(text, (action, show(roadmap)), (about_artifact(roadmap),))
    elif proposal:
        text = f"review **{plain(proposal.name)}** (version {proposal.version}, {proposal.status.value}) and decide."
        yield Answer(text, (show(proposal),), (about_artifact(proposal),))


def start(label: str, orchestrator: str, operation: str, input: JsonObject) -> Action:
    return Action(label, "start_workflow", {"orchestrator": orchestrator, "operation": operation, "input": input})


def show(artifact: Artifact) -> Action:
    return Action(f"Open {artifact.name}", "open_artifact", {"artifact_id": artifact.artifact_id})


def about_artifact(artifact: Artifact) -> JsonObject:
    facts: dict[str, JsonValue] = {"version": artifact.version, "status": artifact.status.value}
    return {
        "kind": "artifact",
        "artifact_id": artifact.artifact_id,
        "artifact_kind": artifact.kind,
        "name": artifact.name,
        "facts": facts,
    }


def _of_kind(session: Session, *kinds: str) -> Sequence[Artifact]:
    """Newest version first."""
    found: Iterable[Artifact] = (item for item in session.artifacts.values() if item.kind in kinds)
    return sorted(found, key=lambda item: item.created_at, reverse=True)


def _outdated(session: Session, artifact: Artifact) -> bool:
    sources = _of_kind(session, *_SOURCES[artifact.kind])
    return any(source.created_at > artifact.created_at for source in sources)


def _area_of(workflow: Workflow) -> Area:
    return next(area for area in JOURNEY if area.orchestrator is workflow.orchestrator)
