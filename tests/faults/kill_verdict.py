"""The judgement of a run that was killed: what must be the same as in one that nobody disturbed, and what must be so once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final

from tests.faults.kill_lives import Cancel, Run

PLACE_AND_TIME: Final = frozenset(
    {
        "seq",
        "ts",
        "at",
        "timestamp",
        "created_at",
        "updated_at",
        "stored_at",
        "added_at",
        "started_at",
        "finished_at",
        "last_activity",
        "last_used",
        "expires_at",
        "elapsed_ms",
        "last_workflow_update",
        "attempt",
        "invocations",
        "fraction",
    }
)
"""What the log's own order and clock decide, and how often something was tried."""
MOST_SHOWN: Final = 6


def faults_of(run: Run, wanted: dict[str, Any], found: dict[str, Any], cancel: Cancel | None) -> list[str]:
    return [
        *_executions(run),
        *_log(found["entries"], cancel),
        *_left(found["files"]),
        *_unplanned(found["session"]["workflows"].values()),
        *_differences(wanted, found),
    ]


def _executions(run: Run) -> Iterator[str]:
    """A step is executed at most once in a life, and never again once its record is durable."""
    recorded: set[str] = set()
    in_this_life: set[str] = set()
    for line in run.notes("ran"):
        kind, _, step = line.partition(" ")
        if kind == "died":
            in_this_life.clear()
        elif kind == "recorded":
            if step in recorded:
                yield f"recorded twice: {step}"
            recorded.add(step)
        else:
            if step in recorded:
                yield f"executed again after it was recorded: {step}"
            if step in in_this_life:
                yield f"executed twice without a kill: {step}"
            in_this_life.add(step)


def _log(entries: list[dict[str, Any]], cancel: Cancel | None) -> Iterator[str]:
    if [entry["seq"] for entry in entries] != list(range(1, len(entries) + 1)):
        yield "seq is not 1, 2, 3, ..."
    started = {entry["workflow_id"] for entry in entries if entry["type"] == "workflow.started"}
    ended = Counter(entry["workflow_id"] for entry in entries if entry["type"] == "workflow.finished")
    yield from (f"ended {ended[key]} times: {key}" for key in started if ended[key] != 1)
    for kind in ("workflow.started", "workflow.step_completed", "workflow.asked", "workflow.answered", "message.added"):
        counts = Counter(
            (
                entry["workflow_id"],
                entry["data"].get("step") or entry["data"].get("name") or entry["data"].get("message_id"),
            )
            for entry in entries
            if entry["type"] == kind
        )
        yield from (f"{kind} {count} times: {key}" for key, count in counts.items() if count > 1)
    done: set[tuple[str, str]] = set()
    for entry in entries:
        key = (entry["workflow_id"], entry["data"].get("step", ""))
        if entry["type"] == "workflow.step_completed":
            done.add(key)
        elif entry["type"] == "workflow.step_started" and key in done:
            yield f"started again after it was completed: {key}"
    statuses = [entry["data"]["status"] for entry in entries if entry["type"] == "workflow.finished"]
    if not set(statuses) <= {"completed", "cancelled" if cancel else "completed"}:
        yield f"ended as {statuses}"


def _left(files: list[str]) -> list[str]:
    return [f"left in the file store: {name}" for name in files if name.endswith(".part") or "/work-" in name]


def _unplanned(workflows: Iterable[dict[str, Any]]) -> Iterator[str]:
    for workflow in workflows:
        if workflow["status"] == "completed":
            idle = [step["name"] for step in workflow["steps"] if step["status"] != "completed"]
            yield from (f"planned and not done: {workflow['operation']} {name}" for name in idle)


def _differences(wanted: dict[str, Any], found: dict[str, Any]) -> list[str]:
    pairs = [(name, _comparable(wanted[name]), _comparable(found[name])) for name in ("session", "states", "files")]
    differences = [item for name, one, other in pairs for item in _walk(name, one, other)]
    return differences[:MOST_SHOWN]


def _comparable(value: Any) -> Any:
    """Without places and times; what is a set by its nature, in an order of its own."""
    if isinstance(value, dict):
        kept = {key: _comparable(item) for key, item in value.items() if key not in PLACE_AND_TIME}
        if "delegations" in kept:
            kept["delegations"] = sorted({tuple(sorted(map(str, item.items()))) for item in kept["delegations"]})
        if "messages" in kept:  # whoever spoke last decides the context: of several workflows that is any
            kept.pop("orchestrator_context")
            kept["messages"] = sorted(kept["messages"], key=lambda item: item["message_id"])
        return kept
    return [_comparable(item) for item in value] if isinstance(value, list) else value


def _walk(path: str, one: Any, other: Any) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted({*one, *other}):
            if (key in one) != (key in other):
                yield f"{path}.{key} is {'missing' if key in one else 'too much'}"
            else:
                yield from _walk(f"{path}.{key}", one[key], other[key])
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (first, second) in enumerate(zip(one, other, strict=True)):
            yield from _walk(f"{path}[{number}]", first, second)
    elif one != other:
        yield f"{path} is {str(other)[:300]} instead of {str(one)[:300]}"
