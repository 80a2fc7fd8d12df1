"""What each entry does to one workflow and its steps."""

from __future__ import annotations

from symphainy import entries as log
from symphainy.entries import Entry
from symphainy.fold.values import replace, union
from symphainy.questions import Asked
from symphainy.session import Status, Step, Workflow

WorkflowChange = (
    log.WorkflowStepStarted
    | log.WorkflowStepCompleted
    | log.WorkflowProgressed
    | log.WorkflowAsked
    | log.WorkflowAnswered
    | log.WorkflowFinished
)


def started_workflow(workflow_id: str, entry: Entry, body: log.WorkflowStarted) -> Workflow:
    return Workflow(
        workflow_id=workflow_id,
        orchestrator=body.orchestrator,
        operation=body.operation,
        title=body.title,
        status=Status.QUEUED,
        input=body.input,
        steps=tuple(Step(plan.name, plan.service) for plan in body.steps),
        enabling_services=body.enabling_services,
        conversation=body.conversation,
        started_at=entry.ts,
        updated_at=entry.ts,
        seq=entry.seq,
    )


def workflow_after(held: Workflow, entry: Entry, body: WorkflowChange) -> Workflow:
    match body:
        case log.WorkflowStepStarted():
            workflow = _step_started(held, entry, body)
        case log.WorkflowStepCompleted():
            workflow = replace(held, steps=tuple(_step_completed(step, entry, body) for step in held.steps))
        case log.WorkflowProgressed():
            workflow = replace(
                held,
                status=body.status or held.status,
                enabling_services=union(held.enabling_services, body.enabling_services),
                steps=tuple(_step_progressed(step, body) for step in held.steps),
            )
        case log.WorkflowAsked():
            asked = Asked(body.name, body.title, body.questions, entry.ts)
            workflow = replace(held, status=Status.WAITING_FOR_USER, asked=asked)
        case log.WorkflowAnswered():
            workflow = _answered(held, body)
        case log.WorkflowFinished():
            workflow = replace(
                held,
                status=body.status,
                asked=None,
                result=body.result,
                error=body.error,
                finished_at=entry.ts,
                steps=tuple(_step_ended(step, entry, body) for step in held.steps),
            )
    return replace(workflow, updated_at=entry.ts, seq=entry.seq)


def _step_started(workflow: Workflow, entry: Entry, body: log.WorkflowStepStarted) -> Workflow:
    started = Step(body.step, body.service, Status.PROCESSING, body.attempt, started_at=entry.ts)
    known = any(step.name == body.step for step in workflow.steps)
    steps = tuple(started if step.name == body.step else step for step in workflow.steps)
    return replace(
        workflow,
        status=Status.PROCESSING,
        steps=steps if known else (*steps, started),
        enabling_services=union(workflow.enabling_services, (body.service,)),
    )


def _answered(workflow: Workflow, body: log.WorkflowAnswered) -> Workflow:
    """An answer to something else than what is asked now changes nothing."""
    if workflow.asked is None or workflow.asked.name != body.name:
        return workflow
    answers = {**workflow.answers, body.name: body.answers}
    return replace(workflow, status=Status.PROCESSING, asked=None, answers=answers)


def _step_completed(step: Step, entry: Entry, body: log.WorkflowStepCompleted) -> Step:
    if step.name != body.step:
        return step
    return replace(
        step,
        status=Status.COMPLETED,
        fraction=1.0,
        detail=body.detail,
        finished_at=entry.ts,
        elapsed_ms=body.elapsed_ms,
    )


def _step_progressed(step: Step, body: log.WorkflowProgressed) -> Step:
    if step.name != body.step:
        return step
    fraction = step.fraction if body.fraction is None else body.fraction
    return replace(step, fraction=fraction, detail=step.detail if body.detail is None else body.detail)


def _step_ended(step: Step, entry: Entry, body: log.WorkflowFinished) -> Step:
    """Ending a workflow ends the step that was going on; steps that never began stay queued."""
    if step.status is not Status.PROCESSING:
        return step
    return replace(step, status=body.status, finished_at=entry.ts)
