"""How soon work went on whose server was killed or frozen, and whether whoever was frozen wrote anything afterwards."""

from __future__ import annotations

import os
import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

Entries = Sequence[dict[str, Any]]

NOTE: Final = re.compile(
    r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}) .* lane workflow:(\S+) of \S+"
    r" (is taken over|was left by another process and waits|is stopped here)",
    re.MULTILINE,
)

WORKS_IN: Final = re.compile(r"/work-(wf_[^/ ]+)")
"""The folder of a child that executes a step. A server's other children, which wait or answer questions, are elsewhere."""


@dataclass(frozen=True)
class Hit:
    """A workflow in the middle of a step whose server was killed or frozen."""

    workflow_id: str
    server: int
    at: float


@dataclass(frozen=True)
class Note:
    """What a server's log says of a workflow."""

    workflow_id: str
    server: int
    at: float
    what: Literal["is taken over", "was left by another process and waits", "is stopped here"]


@dataclass(frozen=True)
class Takeover:
    workflow_id: str
    seconds: float
    """From the last hit to the first entry that its new owner wrote."""
    hits: int
    """1, or more where a server died that had taken the workflow over and not yet written anything."""
    waited: bool
    """For a slot, and not only for the lease."""
    store_away: bool
    """The store's own server was killed meanwhile: nothing could be written for a time."""


def working(pid: int) -> set[str]:
    """The workflows for which the process executes a step in a child just now."""
    found: set[str] = set()
    with suppress(FileNotFoundError, ProcessLookupError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            with suppress(FileNotFoundError, ProcessLookupError):
                found |= set(WORKS_IN.findall(os.readlink(f"/proc/{child}/cwd")))
    return found


def notes_of(log: Path, server: int) -> list[Note]:
    found = NOTE.findall(log.read_text()) if log.exists() else []
    return [
        Note(workflow_id, server, datetime.strptime(at, "%Y-%m-%d %H:%M:%S,%f").astimezone().timestamp(), what)
        for at, workflow_id, what in found
    ]


def seconds(entry: dict[str, Any]) -> float:
    return datetime.fromisoformat(entry["ts"]).timestamp()


def takeovers(
    entries: Entries, hits: Iterable[Hit], notes: Sequence[Note], store_kills: Sequence[float] = ()
) -> list[Takeover]:
    """One for each entry that came first after a hit. Who takes a workflow over, and dies before it has written anything, is a
    hit, too: the time counts from the last one."""
    written = {workflow_id: [seconds(entry) for entry in mine] for workflow_id, mine in journals(entries).items()}
    deaths = {(hit.server, hit.at) for hit in hits}
    for note in notes:
        later = [at for server, at in deaths if server == note.server and at > note.at]
        if note.what == "is taken over" and later:
            hits = {*hits, Hit(note.workflow_id, note.server, min(later))}
    by_entry: dict[tuple[str, float], set[float]] = defaultdict(set)
    for hit in hits:
        following = [at for at in written.get(hit.workflow_id, ()) if at > hit.at]
        if following:
            by_entry[hit.workflow_id, min(following)].add(hit.at)
    return [
        Takeover(
            workflow_id,
            first - max(at),
            len(at),
            any(
                note.workflow_id == workflow_id and note.what.endswith("waits") and max(at) < note.at < first
                for note in notes
            ),
            any(min(at) < kill < first for kill in store_kills),
        )
        for (workflow_id, first), at in by_entry.items()
    ]


def journals(entries: Entries) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for entry in entries:
        if entry["workflow_id"] is not None and entry["type"].startswith("workflow."):
            found[entry["workflow_id"]].append(entry)
    return found


def written_beside(entries: Entries) -> list[str]:
    """Whatever no single owner at a time would have written: each step is begun once after the other, goes forward, and is
    recorded once. Only of workflows whose steps come one after the other."""
    faults: list[str] = []
    for workflow_id, mine in journals(entries).items():
        attempts: Counter[str] = Counter()
        done: set[str] = set()
        going, reached = None, 0.0
        for entry in mine:
            kind, data = entry["type"].removeprefix("workflow."), entry["data"]
            step = data.get("step")
            if kind == "step_started":
                attempts[step] += 1
                allowed = going in (None, step) and step not in done and data["attempt"] == attempts[step]
                going, reached = step, 0.0
            elif kind == "progressed":
                allowed = going == step and data["fraction"] >= reached
                reached = data["fraction"]
            elif kind == "step_completed":
                allowed = going == step and step not in done
                going = None
                done.add(step)
            else:
                continue
            if not allowed:
                faults.append(f"written by two at once: {workflow_id} {kind} {step} at {entry['seq']}")
    return faults


def told(found: Sequence[Takeover]) -> str:
    """The figures in words. Takeovers while the store was away are counted apart."""
    times = sorted(takeover.seconds for takeover in found if not takeover.store_away)
    away = [takeover.seconds for takeover in found if takeover.store_away]
    text = f"{len(times)} takeovers"
    if times:
        nearest = times[min(len(times) - 1, int(0.95 * len(times)))]
        text += f": median {statistics.median(times):.1f} s, p95 {nearest:.1f} s, max {times[-1]:.1f} s"
    waited = sum(takeover.waited for takeover in found)
    again = sum(takeover.hits > 1 for takeover in found)
    text += f"; {waited} waited for a slot, the others for the lease alone; {again} counted from a second kill"
    return text + (f"; {len(away)} more while the store was down, max {max(away):.1f} s" if away else "")
