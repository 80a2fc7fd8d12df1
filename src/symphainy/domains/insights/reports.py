"""What the insights liaison says about a workflow of its domain: when it begins, and when it has ended."""

from __future__ import annotations

from symphainy.agents.answers import Answer, ask, open_file
from symphainy.agents.wording import and_list, bullets, plain, plural
from symphainy.domains.insights.statements import answered, open_artifact, unclear
from symphainy.session import Action, AgentType, JsonObject, Session, Status, Workflow
from symphainy.workflows import Report


def report_on(session: Session, workflow: Workflow) -> Report:
    match workflow.status:
        case Status.COMPLETED:
            told = _result(session, workflow)
        case Status.FAILED:
            told = _failure(session, workflow)
        case Status.CANCELLED:
            told = Answer(f"I stopped: {plain(workflow.title)}. What was found before is kept.", (_again(workflow),))
        case _:
            told = _opening(workflow)
    about: JsonObject = {"kind": "workflow", "workflow_id": workflow.workflow_id, "status": workflow.status.value}
    return Report(told.text, told.actions[:4], (*told.evidence, {**about, "facts": {"title": workflow.title}}))


def _opening(workflow: Workflow) -> Answer:
    stop = Action("Stop", "cancel_workflow", {"workflow_id": workflow.workflow_id})
    if workflow.operation != "analyze_content_for_insights":
        return Answer(f"Looking that up: {plain(workflow.title)}", (stop,))
    services = and_list(list(dict.fromkeys(step.service for step in workflow.steps)))
    text = f"I am looking for insights: **{plain(workflow.title)}**. {services} work on it; you can go on asking meanwhile."
    return Answer(text, (stop,))


def _result(session: Session, workflow: Workflow) -> Answer:
    result = workflow.result or {}
    if "unclear" in result:
        return unclear(result)
    if workflow.operation != "analyze_content_for_insights":
        return answered(result)
    return _analysis(session, result)


def _analysis(session: Session, result: JsonObject) -> Answer:
    file = session.files.get(str(result["file_id"]))
    name = f"**{plain(file.name)}**" if file else "The file"
    tables: list[JsonObject] = result["analyses"]
    actions: list[Action] = []
    evidence: list[JsonObject] = []
    lines: list[str] = []
    for table in tables:
        if "skipped" in table:
            lines.append(f"{plain(str(table['table']))}: {table['skipped']}")
            continue
        lines += [plain(str(title)) for title in table["titles"]]
        actions.append(open_artifact("Open the findings", str(table["artifact_id"])))
        evidence.append(
            _about(table, "insights", findings=table["findings"], rows=table["rows"], summary=table["summary"])
        )
    text = f"{name}: {plural(int(result['findings']), 'finding')}."
    if tables and not result["findings"] and not any("skipped" in table for table in tables):
        text = f"{name}: nothing in its rows differs from chance enough to be reported."
    if lines:
        text += f" The most important first:\n\n{bullets(lines[:6])}"
    document: JsonObject | None = result.get("document")
    if document is not None:
        text += f"\n\n{document['summary'][0]}"
        actions.append(open_artifact("Open the facts of the text", str(document["artifact_id"])))
        evidence.append(_about(document, "document_insights", facts=document["facts"], summary=document["summary"]))
    actions.append(ask("Insights summary", AgentType.INSIGHTS, "Give me the insights summary"))
    actions += [open_file(file)] if file else []
    return Answer(text, tuple(actions), tuple(evidence))


def _failure(session: Session, workflow: Workflow) -> Answer:
    reason = workflow.error.message if workflow.error else "The reason was not recorded."
    return Answer(f"That could not be done: {plain(workflow.title)}. {reason}", (_again(workflow),))


def _again(workflow: Workflow) -> Action:
    target: JsonObject = {
        "orchestrator": workflow.orchestrator.value,
        "operation": workflow.operation,
        "input": dict(workflow.input),
    }
    return Action("Try again", "start_workflow", target)


def _about(item: JsonObject, kind: str, **facts: object) -> JsonObject:
    return {"kind": "artifact", "artifact_id": item["artifact_id"], "artifact_kind": kind, "name": kind, "facts": facts}
