"""What the business outcomes liaison says about a workflow of its area: when it begins, and when it has ended."""

from __future__ import annotations

from typing import Final

from symphainy.artifacts import Artifact
from symphainy.enabling_services.outcomes.figures import count, day, listed, money, number, percent
from symphainy.session import Action, AgentType, JsonObject, JsonValue, Session, Status, Workflow
from symphainy.workflows import Report

_KINDS: Final = {
    "summarize_areas": ("summary",),
    "generate_strategic_roadmap": ("roadmap",),
    "generate_poc_proposal": ("proposal", "roadmap"),
}


def report_on(session: Session, workflow: Workflow) -> Report:
    match workflow.status:
        case Status.COMPLETED:
            return _completed(session, workflow)
        case Status.FAILED:
            reason = workflow.error.message if workflow.error else "The reason was not recorded."
            actions = (open_area("Open Content", "content"), open_area("Open Insights", "insights"))
            if workflow.error is None or workflow.error.code != "nothing_to_build_on":
                actions = (start("Try again", workflow.operation),)
            return Report(f"I could not do this: {workflow.title}. {reason}", actions, (_about(workflow),))
        case Status.CANCELLED:
            again = start("Start again", workflow.operation)
            return Report(f"Stopped: {workflow.title}. Results from before are kept.", (again,), (_about(workflow),))
        case _:
            return _begun(workflow)


def _begun(workflow: Workflow) -> Report:
    text = f"I have begun: {workflow.title}. It is computed from the results of this session."
    if workflow.operation in ("generate_strategic_roadmap", "generate_poc_proposal"):
        text += " What only you can know, I will ask."
    stop = Action("Stop", "cancel_workflow", {"workflow_id": workflow.workflow_id})
    return Report(text, (stop,), (_about(workflow),))


def _completed(session: Session, workflow: Workflow) -> Report:
    result = workflow.result or {}
    match workflow.operation:
        case "summarize_areas":
            text, actions = _summary_text(result), (ask("Create a roadmap", "Create a roadmap"),)
        case "generate_strategic_roadmap":
            text, actions = _roadmap_text(result), (ask("Write the proposal", "Write a proof of concept proposal"),)
        case "generate_poc_proposal":
            text, actions = _proposal_text(result), (ask("Costs and benefits", "What are the costs and the benefits?"),)
        case _:
            text, actions = _key_figures_text(result), (ask("Create a roadmap", "Create a roadmap"),)
    made = [item for kind in _KINDS.get(workflow.operation, ()) if (item := _made(session, workflow, kind))]
    opening = tuple(open_artifact(item) for item in made)
    evidence = tuple(about(item, **_facts(result)) for item in made)
    return Report(text, (*opening, *actions), (*evidence, _about(workflow, result=result)))


def _summary_text(result: JsonObject) -> str:
    ready = [_label(area) for area in result["areas"] if area["ready"]]
    missing = [_label(area) for area in result["areas"] if not area["ready"]]
    text = f"The summary is ready. There are results in {listed(ready)}." if ready else "The summary is ready."
    return f"{text} There are none in {listed(missing)} yet; the summary says what to do." if missing else text


def _label(area: JsonValue) -> str:
    return str(area["area"]).capitalize()


def _roadmap_text(result: JsonObject) -> str:
    return (
        f"The **roadmap** is ready: {count(result['initiatives'], 'initiative')} in {count(result['phases'], 'phase')}, "
        f"{number(result['effort'])} person-days, from {day(result['start'])} to {day(result['finish'])}. "
        f"Critical path: {' → '.join(result['critical_path'])}."
    )


def _proposal_text(result: JsonObject) -> str:
    currency = result["currency"]
    parts = [
        f"investment {money(result['investment'], currency)}",
        f"net present value {money(result['npv'], currency)}",
    ]
    if result["irr"] is not None:
        parts.append(f"internal rate of return {percent(result['irr'])}")
    parts.append(f"payback {result['payback']:,.1f} years" if result["payback"] is not None else "no payback")
    text = f"The **proposal** is ready, with {count(result['objectives'], 'objective')}: {listed(parts)}."
    if result["npv"] < 0:
        text += " With these assumptions it costs more than it brings."
    return text


def _key_figures_text(result: JsonObject) -> str:
    figures: list[JsonObject] = result["key_figures"]
    lines = [f"- {item['label']}: {number(item['value'])} {item['unit']}".rstrip() for item in figures]
    return "The key figures of this session:\n\n" + "\n".join(lines)


def _facts(result: JsonObject) -> dict[str, JsonValue]:
    return {name: value for name, value in result.items() if name not in ("artifact_id", "state_id", "roadmap")}


def _made(session: Session, workflow: Workflow, kind: str) -> Artifact | None:
    """The artifact of the kind that this workflow made a version of."""
    held = (item for item in session.artifacts.values() if item.kind == kind)
    return next((item for item in held if any(v.workflow_id == workflow.workflow_id for v in item.versions)), None)


def _about(workflow: Workflow, **facts: JsonValue) -> JsonObject:
    return {"kind": "workflow", "workflow_id": workflow.workflow_id, "status": workflow.status.value, "facts": facts}


def about(artifact: Artifact, **facts: JsonValue) -> JsonObject:
    """A fact and the artifact it stands in."""
    return {
        "kind": "artifact",
        "artifact_id": artifact.artifact_id,
        "artifact_kind": artifact.kind,
        "name": artifact.name,
        "facts": {"version": artifact.version, **facts},
    }


def open_artifact(artifact: Artifact, label: str = "") -> Action:
    label = label or f"Open the {artifact.kind}"
    return Action(label, "open_artifact", {"artifact_id": artifact.artifact_id, "version": artifact.version})


def open_area(label: str, area: str) -> Action:
    return Action(label, "open_area", {"area": area})


def start(label: str, operation: str) -> Action:
    target: JsonObject = {"orchestrator": "BusinessOutcomesOrchestrator", "operation": operation, "input": {}}
    return Action(label, "start_workflow", target)


def ask(label: str, question: str) -> Action:
    return Action(label, "send_message", {"agent_type": AgentType.BUSINESS_OUTCOMES.value, "content": question})
