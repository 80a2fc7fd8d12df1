"""What the content liaison says about a workflow of its domain: when it begins, and when it has ended."""

from __future__ import annotations

from symphainy.agents.wording import plural, size_text
from symphainy.session import Action, AgentType, File, JsonObject, OrchestratorName, Session, Status, Workflow
from symphainy.workflows import Report


def opening_report(file: File, workflow: Workflow) -> Report:
    """The analysis is accepted; its steps show below the message as they go on."""
    services = ", ".join(step.service for step in workflow.steps)
    return Report(
        f"I am reading **{file.name}** ({size_text(file.size)}). {services} work on it one after the other; "
        "you can go on asking meanwhile.",
        (Action("Stop", "cancel_workflow", {"workflow_id": workflow.workflow_id}),),
        ({"file_id": file.file_id, "workflow_id": workflow.workflow_id},),
    )


def ending_report(session: Session, file: File, workflow: Workflow) -> Report:
    """What came of it: the result in a few words, or why there is none, what was kept, and what to do."""
    evidence = ({"file_id": file.file_id, "workflow_id": workflow.workflow_id},)
    result = workflow.result or {}
    match workflow.status:
        case Status.COMPLETED if result.get("metadata_only"):
            text = f"I read the metadata of **{file.name}**: {_extent(result)}. No value of it is stored beside the file itself."
            return Report(text, (_open(file), _again(file, "Analyse it fully")), evidence)
        case Status.COMPLETED if result.get("kind") == "copybook":
            return Report(*_copybook(session, file, result), evidence)
        case Status.COMPLETED:
            return Report(_result(file, result) + _attached(result), _next_steps(file), evidence)
        case Status.FAILED:
            reason = workflow.error.message if workflow.error else "The reason was not recorded."
            again = _again(file)
            return Report(f"I could not analyse **{file.name}**. {reason}", (again, _open(file)), evidence)
        case _:
            done = [step.name for step in workflow.steps if step.status is Status.COMPLETED]
            kept = f" Finished before that: {', '.join(done)}." if done else ""
            text = f"I stopped analysing **{file.name}**. The uploaded file is kept.{kept}"
            return Report(text, (_again(file),), evidence)


def checking_report(file: File, workflow: Workflow) -> Report:
    """About a validation or a conversion: begun, or ended."""
    evidence: tuple[JsonObject, ...] = ({"file_id": file.file_id, "workflow_id": workflow.workflow_id},)
    result = workflow.result or {}
    see = Action("Open the file", "open_file", {"file_id": file.file_id})
    match workflow.status:
        case Status.COMPLETED:
            evidence = (*evidence, {"artifact_id": result["artifact_id"], "facts": result})
            show = Action("Show it", "open_artifact", {"artifact_id": result["artifact_id"]})
            if workflow.operation == "validate_content":
                return Report(_validated(file, result), (show, see), evidence)
            text = f"**{result['name']}** is ready to download: {plural(result['rows'], 'row')}, {size_text(result['size'])}."
            return Report(text, (Action("Download", "open_artifact", show.target), see), evidence)
        case Status.FAILED:
            reason = workflow.error.message if workflow.error else "The reason was not recorded."
            return Report(f"{workflow.title}: this did not work. {reason}", (see,), evidence)
        case Status.CANCELLED:
            return Report(f"{workflow.title}: stopped. The file and its results are as before.", (see,), evidence)
        case _:
            stop = Action("Stop", "cancel_workflow", {"workflow_id": workflow.workflow_id})
            return Report(f"{workflow.title}: I am at it.", (stop,), evidence)


def batch_report(workflow: Workflow) -> Report:
    """About several analyses that are started together."""
    evidence: tuple[JsonObject, ...] = ({"workflow_id": workflow.workflow_id},)
    if workflow.status is Status.CANCELLED:
        return Report(f"{workflow.title}: cancelled. Analyses that have begun go on.", (), evidence)
    if workflow.status is Status.FAILED and workflow.error:
        return Report(workflow.error.message, (), evidence)
    if workflow.status is not Status.COMPLETED:
        return Report(f"{workflow.title}: {workflow.status.value.replace('_', ' ')}.", (), evidence)
    files: list[JsonObject] = (workflow.result or {}).get("files") or []
    listed = "\n".join(f"- {file['name']}: {_became(file)}" for file in files)
    text = f"{(workflow.result or {})['analysed']:,} of {plural(len(files), 'file')} analysed:\n\n{listed}"
    return Report(text, (Action("Open Content", "open_area", {"area": "content"}),), evidence)


def _became(file: JsonObject) -> str:
    if file["status"] != Status.COMPLETED.value:
        return str(file["reason"] or file["status"])
    size = plural(file["words"], "word") if not file["rows"] and file["words"] else plural(file["rows"], "row")
    return f"{size}, {plural(file['findings'], 'finding')}"


def _validated(file: File, result: JsonObject) -> str:
    failed: list[str] = result["worst"]
    if not result["failed"]:
        return f"**{file.name}** passed: {plural(result['checks'], 'check')}, and none of them failed."
    text = (
        f"**{file.name}**: {result['failed']:,} of {plural(result['checks'], 'check')} failed, the first of them:\n\n"
    )
    return text + "\n".join(f"- {statement}" for statement in failed)


def _copybook(session: Session, file: File, result: JsonObject) -> tuple[str, tuple[Action, ...]]:
    """A button for each file that waits for a copybook."""
    waiting = [item for item in session.workflows.values() if item.asked and item.asked.name.startswith("copybook")]
    text = f"**{file.name}** is a copybook that describes {plural(result['rows'], 'field')}."
    actions = [
        Action(
            f"Use it for {other.name}",
            "answer_workflow",
            {
                "workflow_id": item.workflow_id,
                "name": item.asked.name if item.asked else "",
                "answers": {"copybook": file.file_id},
            },
        )
        for item in waiting[:3]
        if (other := session.files.get(str(item.input.get("file_id")))) is not None
    ]
    if not actions:
        text += " Upload the file it describes, and choose this copybook for it."
    return text, (*actions, _open(file))


def _attached(result: JsonObject) -> str:
    attached: list[JsonObject] = result.get("attachments") or []
    if not attached:
        return ""
    names = ", ".join(f"**{item['name']}**" for item in attached[:5])
    return f"\n\nIts {plural(len(attached), 'attachment')} came into the session as files of their own: {names}."


def _result(file: File, result: JsonObject) -> str:
    parts = [f"**{file.name}** is ready: {_extent(result)}."]
    if result.get("rejected_rows"):
        parts.append(f"{result['rejected_rows']:,} rows could not be read; the file's page names their lines.")
    worst: list[str] = result.get("worst_findings") or []
    if worst:
        count = result["findings"]
        noun = "finding" if count == 1 else "findings"
        parts.append(f"{count} {noun} about its quality, the most important first:")
        return " ".join(parts) + "\n\n" + "\n".join(f"- {sentence}" for sentence in worst[:2])
    parts.append("No problems with its quality were found.")
    return " ".join(parts)


def _extent(result: JsonObject) -> str:
    tables: list[JsonObject] = result.get("tables") or []
    if len(tables) == 1:
        return f"{tables[0]['rows']:,} rows and {tables[0]['columns']} columns"
    if tables:
        return f"{len(tables)} tables with {result['rows']:,} rows together"
    pages = f"{result['pages']} pages, " if result.get("pages") else ""
    return f"{pages}{result.get('words') or 0:,} words of text"


def _next_steps(file: File) -> tuple[Action, ...]:
    def ask(label: str, content: str) -> Action:
        return Action(label, "send_message", {"agent_type": AgentType.CONTENT.value, "content": content})

    return (
        _open(file),
        ask("Which columns are there?", f"Which columns does {file.name} have?"),
        ask("Any problems?", f"Are there any problems with the data in {file.name}?"),
    )


def _open(file: File) -> Action:
    return Action("Open the file", "open_file", {"file_id": file.file_id})


def _again(file: File, label: str = "Try again") -> Action:
    target = {
        "orchestrator": OrchestratorName.CONTENT.value,
        "operation": "analyze_file",
        "input": {"file_id": file.file_id},
    }
    return Action(label, "start_workflow", target)
