"""One life of a process that runs the real application on a real data folder, and the points at which it kills itself.

A point is an append of a workflow's entries, `before` it reached the store or `after` it was durable; a moment at which a step
has a child process; or a change of the file store. The process ends by SIGKILL exactly there.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

import symphainy.app
from symphainy.app import Symphainy, open_symphainy
from symphainy.codec import decode_entry, to_json
from symphainy.config import Settings
from symphainy.entries import Entry
from symphainy.ids import Clock
from symphainy.session import Session
from symphainy.stores.base import Appended, Lease, Record
from symphainy.stores.sqlite import SQLiteStore
from symphainy.workflows.flow import Flow, ProgressCallback, StepFunction, StepOutcome
from tests.faults.kill_scenarios import Scenario

WORKFLOW: Final = "wf-main"
ORIGIN: Final = 1_800_000_000.0
SECONDS_EACH: Final = 60.0
LIFE_SECONDS: Final = 60.0
CHILD_SECONDS: Final = 0.05
"""Long enough for a child to have begun, too short for it to have imported what it needs."""
TIDY_SECONDS: Final = 3.0
_FILE_EVENTS: Final = ("os.rename", "os.link", "os.remove", "shutil.rmtree")
_STEP: ContextVar[str] = ContextVar("step", default="")


@dataclass(frozen=True)
class Cancel:
    """Cancelled by its user when this entry of the workflow is seen. A step that is going on then does not come to its end."""

    at: str


@dataclass(frozen=True)
class Run:
    """A folder with the data and, beside it, what its lives note: `died`, the points at which they ended; `seen`, the points that
    were passed; `ran`, each execution of a step and each record of one; `outcome.json`."""

    folder: Path
    scenario: Scenario
    cancel: Cancel | None = None

    def note(self, name: str, line: str) -> None:
        descriptor = os.open(self.folder / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(descriptor, f"{line}\n".encode())
        os.close(descriptor)

    def notes(self, name: str) -> list[str]:
        path = self.folder / name
        return path.read_text().splitlines() if path.exists() else []


class Points:
    """`only` None: dies at every point that no earlier life died at. Otherwise at that one, once; "" is nowhere."""

    def __init__(self, run: Run, *, only: str | None, within: bool) -> None:
        self._run = run
        self._only = only
        self._within = within
        self._died = set(run.notes("died"))
        self._seen = set(run.notes("seen"))
        self._counts: dict[str, int] = {}

    def reach(self, point: str) -> None:
        if point not in self._seen:
            self._seen.add(point)
            self._run.note("seen", point)
        if point in self._died or self._only not in (None, point):
            return
        if self._only is None and _told_by_others(point):
            return
        self._run.note("died", point)
        self._run.note("ran", f"died {point}")
        os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(60)

    def watch_files(self, folder: Path) -> None:
        sys.addaudithook(lambda event, arguments: self._audited(event, arguments, str(folder)))

    def _audited(self, event: str, arguments: Any, folder: str) -> None:
        step = _STEP.get()
        if event == "subprocess.Popen" and step and "enabling_services" in str(arguments[1]):
            asyncio.get_running_loop().call_later(CHILD_SECONDS, self.reach, f"child {step}")
        if event in _FILE_EVENTS and folder in str(arguments[0]) and (self._within or not step):
            kind = f"{event} {step or 'outside of a step'}"
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self.reach(f"{kind} {self._counts[kind]}")


def _told_by_others(point: str) -> bool:
    """In a workflow that the operation starts, a kill right before a record says the most; the rest is what the same
    operation meets when it is asked for by itself."""
    return f" {WORKFLOW}" not in point and (point.startswith("child ") or "step_started" in point)


class MortalStore(SQLiteStore):
    points: Points
    run: Run

    async def append(
        self,
        session_id: str,
        records: Sequence[Record],
        *,
        op_id: str | None = None,
        expected_seq: int | None = None,
        fence: Lease | None = None,
    ) -> Appended:
        names = [name for record in records if (name := point_of(decode_entry(1, record.data)))]
        for name in names:
            if not name.startswith("workflow.step_started"):
                self.points.reach(f"before {name}")
        done = await super().append(session_id, records, op_id=op_id, expected_seq=expected_seq, fence=fence)
        for name in names:
            if name.startswith("workflow.step_completed"):
                self.run.note("ran", f"recorded {name.partition(' ')[2]}")
        for name in names:
            self.points.reach(f"after {name}")
        return done


def point_of(entry: Entry) -> str | None:
    """What an append is called by; None for entries that only say how far a step is."""
    body: Any = entry.body
    if entry.workflow_id is None or not body.type.startswith("workflow.") or body.type == "workflow.progressed":
        return None
    return f"{body.type} {entry.workflow_id} {getattr(body, 'step', getattr(body, 'name', ''))}".strip()


class LifeClock(Clock):
    """Stands still during a life and is later in each: what depends on when it is executed differs after a kill."""

    def __init__(self, run: Run) -> None:
        # the workflow has not begun before: it begins at the same time in every run
        lives = [point for point in run.notes("died") if point != f"before workflow.started {WORKFLOW}"]
        self._now = ORIGIN + SECONDS_EACH * len(lives)

    def now(self) -> float:
        return self._now


async def prepare(folder: Path, scenario: Scenario) -> None:
    """A session of its own, as the operation needs it; its id is in `session`."""
    run = Run(folder, scenario)
    async with open_symphainy(Settings(data=folder / "data"), clock=LifeClock(run)) as app:
        session_id = (await app.sessions.create_session("ada")).session_id
        await scenario.prepare(app, session_id)
        await until_quiet(app, session_id, run)
    (folder / "session").write_text(session_id)


async def live(run: Run, *, only: str | None, within: bool) -> None:
    """Goes on with what earlier lives left, to the end of the workflow or to this life's point."""
    points = Points(run, only=only, within=within)
    points.watch_files(run.folder / "data" / "files")
    MortalStore.points, MortalStore.run = points, run
    symphainy.app.open_store = lambda url, clock=None: MortalStore(url.removeprefix("sqlite:///"), clock=clock)
    _count_executions(run)
    session_id = (run.folder / "session").read_text()
    async with open_symphainy(Settings(data=run.folder / "data"), clock=LifeClock(run)) as app:
        await work(app, session_id, run)
        (run.folder / "outcome.json").write_bytes(orjson.dumps(await outcome(app, session_id, run.folder)))


async def work(app: Symphainy, session_id: str, run: Run) -> None:
    scenario = run.scenario
    session = await app.sessions.get_session(session_id)
    await app.business.start(
        session_id,
        scenario.orchestrator,
        scenario.operation,
        scenario.input_in(session),
        requested_by="user:ada",
        workflow_id=WORKFLOW,
    )
    async with asyncio.timeout(LIFE_SECONDS):
        async for entry in app.sessions.watch(session_id, 0):
            if entry.workflow_id != WORKFLOW:
                continue
            point = point_of(entry)
            if run.cancel is not None and point == run.cancel.at:
                await app.business.cancel(session_id, WORKFLOW, requested_by="user:ada")
            elif entry.body.type == "workflow.asked":
                await answer(app, session_id, scenario)
            if entry.body.type == "workflow.finished":
                break
        await until_quiet(app, session_id, run)


async def answer(app: Symphainy, session_id: str, scenario: Scenario) -> None:
    """What it asks for; nothing if that was answered in an earlier life."""
    workflow = await app.business.get_workflow(session_id, WORKFLOW)
    if workflow.asked is not None:
        answers = scenario.answers[workflow.asked.name](workflow)
        await app.business.answer(session_id, WORKFLOW, workflow.asked.name, answers, requested_by="user:ada")


async def until_quiet(app: Symphainy, session_id: str, run: Run) -> None:
    """No workflow goes on, and what they leave behind is tidied up; or is not, and will be found."""
    async with asyncio.timeout(LIFE_SECONDS):
        while any(not item.status.finished for item in (await app.sessions.get_session(session_id)).workflows.values()):
            await asyncio.sleep(0.01)
    deadline = time.monotonic() + TIDY_SECONDS
    while any((run.folder / "data" / "files" / session_id).glob("work-*")) and time.monotonic() < deadline:
        await asyncio.sleep(0.01)


def _count_executions(noting: Run) -> None:
    original = Flow.step

    async def counted_step(self: Flow, name: str, service: str, run: StepFunction) -> Any:
        step = f"{self.workflow_id} {name}"

        async def counted(progress: ProgressCallback) -> StepOutcome:
            noting.note("ran", f"ran {step}")
            _STEP.set(step)
            if noting.cancel is not None and noting.cancel.at == f"workflow.step_started {step}":
                await asyncio.Event().wait()
            return await run(progress)

        try:
            return await original(self, name, service, counted)
        finally:
            _STEP.set("")

    Flow.step = counted_step


async def outcome(app: Symphainy, session_id: str, folder: Path) -> dict[str, Any]:
    """Everything that is left of the work: the session, its log, the stored states and the bytes."""
    session: Session = await app.sessions.get_session(session_id)
    entries: list[Entry] = []
    while page := await app.sessions.entries(session_id, after=entries[-1].seq if entries else 0):
        entries.extend(page)
    states = [await app.sessions.get_state(session_id, state_id) for state_id in session.states]
    files = folder / "data" / "files"
    return {
        "session": to_json(session),
        "states": {state.state_id: to_json(state) for state in states},
        "entries": [
            {"seq": entry.seq, "type": entry.body.type, "workflow_id": entry.workflow_id, "data": to_json(entry.body)}
            for entry in entries
        ],
        "files": sorted(str(path.relative_to(files)) for path in files.glob("*/*")),
    }
