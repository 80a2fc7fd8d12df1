"""Durable workflows: a workflow's journal is in its session's log, so whoever can read the session can go on with it.

A step's function may run more than once (a crash between its end and its record); its record is made exactly once,
and a recorded step is never run again. Effects outside of the session need the step's own key to be idempotent.
"""

from symphainy.workflows.engine import Workflows
from symphainy.workflows.flow import Flow, ProgressCallback, StepFunction, StepOutcome, outcome_of
from symphainy.workflows.plans import Dispatcher, Executor, Plan, Report
from symphainy.workflows.watching import unless_ended

__all__ = [
    "Dispatcher",
    "Executor",
    "Flow",
    "Plan",
    "ProgressCallback",
    "Report",
    "StepFunction",
    "StepOutcome",
    "Workflows",
    "outcome_of",
    "unless_ended",
]
