"""What is going on in a session, in words: every statement is read off the session, and its evidence says from where."""

from __future__ import annotations

from typing import Final

from symphainy.agents.answers import (
    Answer,
    about_file,
    about_workflow,
    analyse,
    ask,
    context_of,
    open_area,
    open_file,
    stop,
    upload,
)
from symphainy.agents.areas import JOURNEY
from symphainy.agents.wording import bullets, elapsed_text, newest_first, plain, plural
from symphainy.ids import seconds_of
from symphainy.session import (
    Action,
    AgentType,
    File,
    FileStatus,
    JsonObject,
    JsonValue,
    OrchestratorName,
    Session,
    Status,
    Step,
    Workflow,
)

_SHOWN: Final = 3
_READING: Final = frozenset({"analyze_file", "extract_metadata"})


def running(session: Session) -> list[Workflow]:
    """Unfinished workflows, newest first."""
    return [workflow for workflow in newest_first(session.workflows) if not workflow.status.finished]


def latest_ended(session: Session, file: File | None = None) -> Workflow | None:
    """The workflow that ended last, of one file or of all."""
    return _latest([item for item in session.workflows.values() if item.status.finished], file)


def latest_completed(session: Session, file: File | None = None) -> Workflow | None:
    """The workflow that was completed last, of one file or of all."""
    return _latest([item for item in session.workflows.values() if item.status is Status.COMPLETED], file)


def _latest(workflows: list[Workflow], file: File | None) -> Workflow | None:
    ended = [item for item in workflows if file is None or (reads_file(item) and file_id_of(item) == file.file_id)]
    return max(ended, key=lambda workflow: workflow.seq, default=None)


def reads_file(workflow: Workflow) -> bool:
    """Whether it is what makes a file known: other work on a file needs that."""
    return workflow.orchestrator is OrchestratorName.CONTENT and workflow.operation in _READING


def file_id_of(workflow: Workflow) -> str:
    return str(workflow.input.get("file_id"))


def file_of(session: Session, workflow: Workflow) -> File | None:
    return session.files.get(file_id_of(workflow))


def analysed(session: Session, file: File) -> bool:
    """Whether there are results of the file, from its newest analysis or one before it."""
    return any(item.file_id == file.file_id and item.kind == "profile" for item in session.artifacts.values())


def with_status(session: Session, status: FileStatus) -> list[File]:
    """Files of that status, newest first."""
    return [file for file in newest_first(session.files) if file.status is status]


def status(session: Session) -> Answer:
    """What is happening; where nothing is, how the last piece of work ended."""
    if going := running(session):
        return _several([progress(session, workflow) for workflow in going[:_SHOWN]], len(going))
    ended = latest_ended(session)
    if ended is None:
        return nothing_yet(session)
    return Answer("Nothing is running.").then(ending(session, ended))


def progress(session: Session, workflow: Workflow) -> Answer:
    """Step n of m, its service, how far it is and how long it takes, as of the session's newest entry."""
    title = f"**{plain(workflow.title)}**"
    total = len(workflow.steps)
    elapsed = elapsed_text(seconds_of(session.updated_at) - seconds_of(workflow.started_at))
    current = next((item for item in enumerate(workflow.steps, 1) if item[1].status is Status.PROCESSING), None)
    done = sum(step.status is Status.COMPLETED for step in workflow.steps)
    facts: dict[str, JsonValue] = {"steps": total, "done": done, "elapsed": elapsed, "title": workflow.title}
    if workflow.status is Status.WAITING_FOR_USER:
        text = f"{title} waits for you."
        if workflow.asked is not None:
            asked = plural(len(workflow.asked.questions), "question")
            text = f"{title} waits for your answers to {asked} ({plain(workflow.asked.title)})."
            facts["questions"] = len(workflow.asked.questions)
    elif current is not None:
        text, more = _step_text(title, *current, total, elapsed)
        facts |= more
    elif done:
        text = f"{title} is between two steps: {done} of {total} are done, after {elapsed}."
    else:
        text = f"{title} waits for its turn. It has {plural(total, 'step')} to do."
    actions = (stop(workflow), ask("How far is it now?", workflow.conversation or AgentType.CONTENT, "How far is it?"))
    return Answer(text, actions, (about_workflow(workflow, **facts),), context_of(workflow))


def _step_text(title: str, number: int, step: Step, total: int, elapsed: str) -> tuple[str, JsonObject]:
    percent = int(step.fraction * 100)
    attempt = f", attempt {step.attempt}" if step.attempt > 1 else ""
    text = f"{title} is at step {number} of {total}: *{step.name}* ({step.service}{attempt}), {percent} % of this step"
    text += f", {elapsed} since it was started."
    if step.detail:
        text += f" Now: {plain(step.detail)}."
    return text, {
        "step": step.name,
        "number": number,
        "percent": percent,
        "attempt": step.attempt,
        "detail": step.detail,
    }


def ending(session: Session, workflow: Workflow) -> Answer:
    """How a workflow ended: its result in a few words, why there is none, or what was kept."""
    file = file_of(session, workflow)
    name = f"**{plain(file.name)}**" if file else f"**{plain(workflow.title)}**"
    evidence = (about_workflow(workflow, title=workflow.title, result=workflow.result, error=_error(workflow)),)
    see = (open_file(file),) if file else ()
    if workflow.orchestrator is not OrchestratorName.CONTENT:
        return Answer(*_elsewhere(session, workflow), evidence, context_of(workflow))
    match workflow.status:
        case Status.COMPLETED:
            text, actions = f"{name} is ready: {extent(workflow.result or {})}.", see + _questions(file)
            text += _worst(workflow.result or {})
        case Status.FAILED:
            reason = workflow.error.message if workflow.error else "The reason was not recorded."
            kept = "The uploaded file is kept." if file else "The file is no longer in this session."
            text, actions = f"{name} could not be analysed. {reason} {kept}", (upload("Upload another file"), *see)
            if file:
                actions = (analyse(file, "Try again"), *actions)
        case _:
            text = f"The analysis of {name} was cancelled. {_kept(workflow)}"
            actions = ((analyse(file, "Analyse it again"),) if file else ()) + see
    return Answer(text, actions, evidence, context_of(workflow))


def _elsewhere(session: Session, workflow: Workflow) -> tuple[str, tuple[Action, ...]]:
    """How work of another area ended, with what it made and the way to its liaison."""
    area = next(area for area in JOURNEY if area.orchestrator is workflow.orchestrator)
    there = open_area(f"Open {area.label}", area.name)
    title = f"**{plain(workflow.title)}**"
    match workflow.status:
        case Status.COMPLETED:
            made = [item for item in session.artifacts.values() if item.workflow_id == workflow.workflow_id]
            shown = tuple(
                Action(f"Open {item.name}", "open_artifact", {"artifact_id": item.artifact_id}) for item in made[:2]
            )
            names = f": {', '.join(f'**{plain(item.name)}**' for item in made)}" if made else ""
            return f"{title} is done{names}.", (*shown, there)
        case Status.FAILED:
            reason = workflow.error.message if workflow.error else "The reason was not recorded."
            return f"{title} failed. {reason}", (there,)
        case _:
            return f"{title} was cancelled.", (there,)


def extent(result: JsonObject) -> str:
    """Rows and columns, or pages and words, of an analysed file."""
    tables: list[JsonObject] = result.get("tables") or []
    if len(tables) == 1:
        return f"{plural(tables[0]['rows'], 'row')} and {plural(tables[0]['columns'], 'column')}"
    if tables:
        return f"{plural(len(tables), 'table')} with {plural(result.get('rows') or 0, 'row')} together"
    pages = f"{plural(result['pages'], 'page')} and " if result.get("pages") else ""
    return f"{pages}{plural(result.get('words') or 0, 'word')} of text"


def failures(session: Session) -> Answer:
    """What failed and why, newest first; or that nothing did."""
    failed = [item for item in newest_first(session.workflows) if item.status is Status.FAILED]
    latest: dict[str, Workflow] = {}
    for workflow in failed:
        latest.setdefault(str(workflow.input.get("file_id", workflow.workflow_id)), workflow)
    unresolved = [item for item in latest.values() if not _made_good(session, item)]
    if unresolved:
        return _several([ending(session, workflow) for workflow in unresolved[:_SHOWN]], len(unresolved))
    if going := running(session):
        return Answer("Nothing has failed.").then(progress(session, going[0]))
    ended = latest_ended(session)
    if ended is None:
        return Answer("Nothing has failed; nothing was started yet.").then(nothing_yet(session))
    return Answer("Nothing has failed in this session.").then(ending(session, ended))


def next_step(session: Session) -> Answer:
    """The one thing that helps most now, computed from the session."""
    if going := running(session):
        told = progress(session, going[0])
        if going[0].status is Status.WAITING_FOR_USER:
            return Answer("Next: give the answers that are asked for; it goes on by itself afterwards.").then(told)
        return Answer("Next: let this finish; you can ask about it or close the page meanwhile.").then(told)
    if rejected := _unresolved(session):
        text = f"Next: look at **{plain(rejected.name)}**, which could not be read. {rejected.reason or ''}".rstrip()
        text += " Upload a corrected copy, or go on with another file."
        evidence = (about_file(rejected, reason=rejected.reason),)
        return Answer(text, (upload("Upload a corrected copy"), open_file(rejected)), evidence)
    if waiting := with_status(session, FileStatus.UPLOADED):
        file = waiting[0]
        return Answer(
            f"Next: analyse **{plain(file.name)}**. It is uploaded and not analysed yet.",
            (analyse(file), open_file(file)),
            (about_file(file),),
        )
    if parsed := with_status(session, FileStatus.PARSED):
        return _after_parsing(session, parsed[0])
    return nothing_yet(session)


def nothing_yet(session: Session) -> Answer:
    """For a session in which no work was done."""
    if session.files:
        names = [f"**{plain(file.name)}** ({file.status.value})" for file in newest_first(session.files)]
        text = f"Nothing is running. {plural(len(names), 'file is', 'files are')} in this session:\n\n{bullets(names[:_SHOWN])}"
        return Answer(
            text, (open_area("Open Content", "content"),), tuple(map(about_file, session.files.values()))[:20]
        )
    text = "Next: upload a file in Content. There is none in this session yet."
    actions = (upload(), ask("Which data should I bring?", AgentType.GUIDE, "Which data should I bring?"))
    return Answer(text, actions, ({"kind": "session", "session_id": session.session_id, "facts": {"files": 0}},))


def _after_parsing(session: Session, file: File) -> Answer:
    done = latest_ended(session, file)
    result: JsonObject = (done.result if done else None) or {}
    count = int(result.get("findings") or 0)
    if count:
        text = f"Next: look at the {plural(count, 'finding')} about **{plain(file.name)}**, and ask the content liaison about it."
        question = ask("Show the findings", AgentType.CONTENT, f"Which problems does {file.name} have?")
    else:
        text = f"Next: look at **{plain(file.name)}**; no problems were found in it. The content liaison answers questions about it."
        question = ask("What is in it?", AgentType.CONTENT, f"What is in {file.name}?")
    return Answer(
        text,
        (question, open_file(file), upload("Upload another file")),
        (about_file(file, findings=count), *((about_workflow(done, result=result),) if done else ())),
        context_of(done) if done else None,
    )


def _several(answers: list[Answer], total: int) -> Answer:
    told = answers[0]
    for answer in answers[1:]:
        told = told.then(answer)
    if total > len(answers):
        more = Answer(f"And {total - len(answers)} more.", evidence=({"kind": "session", "facts": {"total": total}},))
        told = told.then(more)
    return told


def _unresolved(session: Session) -> File | None:
    """A rejected file that nothing newer has replaced: after a good upload there is no need to look back first."""
    newest = next(iter(newest_first(session.files)), None)
    return newest if newest and newest.status is FileStatus.REJECTED else None


def _made_good(session: Session, workflow: Workflow) -> bool:
    file = file_of(session, workflow)
    return file is not None and file.status is FileStatus.PARSED


def _questions(file: File | None) -> tuple[Action, ...]:
    if file is None:
        return ()
    return (
        ask("What is in it?", AgentType.CONTENT, f"What is in {file.name}?"),
        ask("Any problems?", AgentType.CONTENT, f"Which problems does {file.name} have?"),
    )


def _worst(result: JsonObject) -> str:
    worst = [plain(str(item)) for item in result.get("worst_findings") or ()]
    count = int(result.get("findings") or 0)
    if not count:
        return " No problems were found in it."
    return f" {plural(count, 'finding')} about its quality, the gravest first:\n\n{bullets(worst[:2])}"


def _kept(workflow: Workflow) -> str:
    done = [step.name for step in workflow.steps if step.status is Status.COMPLETED]
    return f"The uploaded file is kept. Finished before: {', '.join(done)}." if done else "The uploaded file is kept."


def _error(workflow: Workflow) -> JsonObject | None:
    return {"code": workflow.error.code, "message": workflow.error.message} if workflow.error else None
