# pyright: reportAttributeAccessIssue=false, reportIncompatibleMethodOverride=false, reportArgumentType=false
"""A BPMN engine and a linter that are not ours: SpiffWorkflow runs what we draw, bpmnlint judges it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from bpmn_io import BpmnModdle
from bpmn_io.lint import Linter
from bpmn_io.lint.resolver import NodeResolver
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.parser.task_parsers import TaskParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.specs.defaults import ManualTask
from SpiffWorkflow.bpmn.specs.mixins import ServiceTaskMixin
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

MOST_ROUNDS = 60


class _Service(ServiceTaskMixin, ManualTask):
    """SpiffWorkflow leaves service tasks to its user: this one only completes."""

    def _execute(self, my_task: object) -> bool:
        return True


class _Parser(BpmnParser):
    OVERRIDE_PARSER_CLASSES: ClassVar = {full_tag("serviceTask"): (TaskParser, _Service)}


def run_to_the_end(bpmn: str, data: Mapping[str, str]) -> list[tuple[str, str | None]]:
    """Name and lane of everything that ran, in order. Fails if the process does not complete."""
    parser = _Parser()
    parser.add_bpmn_str(bpmn.encode())
    workflow = BpmnWorkflow(parser.get_spec("Process_1"))
    ran: list[tuple[str, str | None]] = []
    for _ in range(MOST_ROUNDS):
        for task in workflow.get_tasks(state=TaskState.READY):
            task.data.update(data)
            task.run()
            name = getattr(task.task_spec, "bpmn_name", None)
            if name:
                ran.append((name, task.task_spec.lane))
        if workflow.completed:
            return ran
    raise AssertionError("the process did not complete")


def findings_of_the_linter(bpmn: str) -> dict[str, object]:
    root = BpmnModdle().from_xml(bpmn).root_element
    return dict(Linter(resolver=NodeResolver()).lint(root, {"extends": "bpmnlint:recommended"}))
