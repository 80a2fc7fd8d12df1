"""What the operations liaison says about a workflow of its domain: when it begins, and when it has ended."""

from __future__ import annotations

from typing import Final

from symphainy.agents.wording import bullets, plain, plural
from symphainy.session import Action, AgentType, JsonObject, OrchestratorName, Session, Status, Workflow
from symphainy.workflows import Report

_SHOWN: Final = 3


def opening_report(workflow: Workflow) -> Report:
    steps = ", ".join(step.name for step in workflow.steps)
    stop = Action("Stop", "cancel_workflow", {"workflow_id": workflow.workflow_id})
    return Report(f"**{plain(workflow.title)}** has begun: {steps}.", (stop,), _evidence(workflow))


def ending_report(session: Session, workflow: Workflow) -> Report:
    """What came of it, or why there is nothing, what was kept, and what to do."""
    match workflow.status:
        case Status.COMPLETED:
            result = workflow.result or {}
            said = _compared(result) if "score" in result else _written(workflow, result)
            return Report(said, next_actions(session, result), _evidence(workflow, result))
        case Status.FAILED:
            reason = workflow.error.message if workflow.error else "The reason was not recorded."
            return Report(
                f"**{plain(workflow.title)}** did not work. {reason}", (_again(workflow),), _evidence(workflow)
            )
        case _:
            return Report(
                f"I stopped: **{plain(workflow.title)}**. What was there before is kept.",
                (_again(workflow),),
                _evidence(workflow),
            )


def next_actions(session: Session, result: JsonObject) -> tuple[Action, ...]:
    """Opens what was made, and starts what follows from it."""
    made: dict[str, str] = result.get("artifacts") or {}
    labels = {"blueprint": "Open the blueprint", "workflow_model": "Open the workflow", "sop": "Open the SOP"}
    actions = [
        Action(label, "open_artifact", {"artifact_id": made[kind]}) for kind, label in labels.items() if kind in made
    ]
    if "blueprint" in made:
        return (*actions[:1], _ask("Explain the gaps", "Which gaps are there between SOP and workflow?"))
    kinds = {artifact.kind for artifact in session.artifacts.values()}
    if "sop" in made and "workflow_model" not in made:
        actions.append(start("Draw the workflow", "generate_workflow_from_sop", {"sop_artifact_id": made["sop"]}))
    if "workflow_model" in made and "sop" not in made:
        actions.append(
            start("Write the SOP", "generate_sop_from_workflow", {"workflow_artifact_id": made["workflow_model"]})
        )
    if {"sop", "workflow_model"} <= kinds | set(made):
        actions.append(_ask("Compare SOP and workflow", "Analyse the coexistence of SOP and workflow"))
    return tuple(actions)


def start(label: str, operation: str, input: JsonObject) -> Action:
    target = {"orchestrator": OrchestratorName.OPERATIONS.value, "operation": operation, "input": input}
    return Action(label, "start_workflow", target)


def _written(workflow: Workflow, result: JsonObject) -> str:
    made: dict[str, str] = result.get("artifacts") or {}
    what = "The workflow of" if "workflow_model" in made else "The SOP"
    roles = [plain(str(role)) for role in result["roles"]]
    parts = [f"{what} **{plain(str(result['title']))}** is ready: {plural(int(result['steps']), 'step')}"]
    parts.append(f", {plural(len(roles), 'role')} ({', '.join(roles[:4])})" if roles else ", no roles")
    parts.append(f", {plural(int(result['conditions']), 'condition')}." if result["conditions"] else ".")
    warnings = [plain(str(item)) for item in result.get("warnings") or ()]
    return "".join(parts) + (f"\n\n{bullets(warnings[:_SHOWN])}" if warnings else "")


def _compared(result: JsonObject) -> str:
    gaps, counts = result["gaps"], result["counts"]
    grave = ", ".join(f"{count} {level}" for level, count in gaps.items() if count)
    found = f"{plural(sum(gaps.values()), 'gap')} ({grave})" if grave else "no gaps"
    return (
        f"**{plain(str(result['title']))}**: the coexistence score is **{result['score']:g}** of 100, with {found}. "
        f"{plural(int(counts['aligned']), 'step')} could be aligned."
    )


def _evidence(workflow: Workflow, result: JsonObject | None = None) -> tuple[JsonObject, ...]:
    facts = {name: value for name, value in (result or {}).items() if name not in ("artifacts", "state_id")}
    return (
        {
            "kind": "workflow",
            "workflow_id": workflow.workflow_id,
            "status": workflow.status.value,
            "facts": {"title": workflow.title, **facts},
        },
    )


def _again(workflow: Workflow) -> Action:
    return start("Try again", workflow.operation, workflow.input)


def _ask(label: str, content: str) -> Action:
    return Action(label, "send_message", {"agent_type": AgentType.OPERATIONS.value, "content": content})
