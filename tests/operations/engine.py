# pyright: reportAttributeAccessIssue=false, reportIncompatibleMethodOverride=false, reportArgumentType=false
"""A BPMN engine and a linter that are not ours: SpiffWorkflow runs what we draw, bpmnlint judges it."""

from __future__ import annotations

import re
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


class Run:
    """One run, a task at a time. `at_once` makes every timer due; else they wait as long as they say."""

    def __init__(self, bpmn: str, data: Mapping[str, str], *, at_once: bool = True) -> None:
        # SpiffWorkflow reads durations as Python expressions.
        timed = re.sub(r"(timeDuration[^>]*>)(P[^<]*)<", r'\1"PT0S"<' if at_once else r'\1"\2"<', bpmn)
        parser = _Parser()
        parser.add_bpmn_str(timed.encode())
        self._workflow = BpmnWorkflow(parser.get_spec("Process_1"))
        self._data = data
        self.ran: list[tuple[str, str | None]] = []

    @property
    def completed(self) -> bool:
        return self._workflow.completed

    def go_on(self, *, without: frozenset[str] = frozenset()) -> None:
        """As far as it comes if nobody does the tasks of these names."""
        for _ in range(MOST_ROUNDS):
            self._workflow.refresh_timers()
            ready = self._workflow.get_tasks(state=TaskState.READY)
            ready = [task for task in ready if getattr(task.task_spec, "bpmn_name", None) not in without]
            for task in ready:
                if task.state != TaskState.READY:
                    continue
                task.data.update(self._data)
                task.run()
                name = getattr(task.task_spec, "bpmn_name", None)
                if name:
                    self.ran.append((name, task.task_spec.lane))
            if not ready or self.completed:
                return

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.ran]


def run_to_the_end(bpmn: str, data: Mapping[str, str]) -> list[tuple[str, str | None]]:
    """Name and lane of everything that ran, in order. Fails if the process does not complete."""
    run = Run(bpmn, data)
    run.go_on()
    assert run.completed, "the process did not complete"
    return run.ran


def findings_of_the_linter(bpmn: str) -> dict[str, object]:
    root = BpmnModdle().from_xml(bpmn).root_element
    return dict(Linter(resolver=NodeResolver()).lint(root, {"extends": "bpmnlint:recommended"}))
