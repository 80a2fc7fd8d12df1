"""What the content liaison says about a workflow of its domain: when it begins, and when it has ended."""

from __future__ import annotations

from symphainy.session import Action, AgentType, File, JsonObject, OrchestratorName, Status, Workflow
from symphainy.workflows import Report


def opening_report(file: File, workflow: Workflow) -> Report:
    """The analysis is accepted; its steps show below the message as they go on."""
    services = ", ".join(step.service for step in workflow.steps)
    return Report(
        f"I am reading **{file.name}** ({_size(file.size)}). {services} work on it one after the other; "
        "you can go on asking meanwhile.",
        (Action("Stop", "cancel_workflow", {"workflow_id": workflow.workflow_id}),),
        ({"file_id": file.file_id, "workflow_id": workflow.workflow_id},),
    )


def ending_report(file: File, workflow: Workflow) -> Report:
    """What came of it: the result in a few words, or why there is none, what was kept, and what to do."""
    evidence = ({"file_id": file.file_id, "workflow_id": workflow.workflow_id},)
    match workflow.status:
        case Status.COMPLETED:
            return Report(_result(file, workflow.result or {}), _next_steps(file), evidence)
        case Status.FAILED:
            reason = workflow.error.message if workflow.error else "The reason was not recorded."
            again = _again(file)
            return Report(f"I could not analyse **{file.name}**. {reason}", (again, _open(file)), evidence)
        case _:
            done = [step.name for step in workflow.steps if step.status is Status.COMPLETED]
            kept = f" Finished before that: {', '.join(done)}." if done else ""
            text = f"I stopped analysing **{file.name}**. The uploaded file is kept.{kept}"
            return Report(text, (_again(file),), evidence)


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


def _again(file: File) -> Action:
    target = {
        "orchestrator": OrchestratorName.CONTENT.value,
        "operation": "analyze_file",
        "input": {"file_id": file.file_id},
    }
    return Action("Try again", "start_workflow", target)


def _size(size: int) -> str:
    value, unit = float(size), "bytes"
    for larger in ("KB", "MB", "GB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{value:,.0f} {unit}" if unit == "bytes" or value >= 100 else f"{value:,.1f} {unit}"
