"""Kills the process that works on an operation at every point of it, and compares what is left in the end with a run that
nobody disturbed.

`python -m tests.faults.kill_sweep [operation ...]` kills one run at each of its points in turn; with `--all` each point has a
run of its own as well, and every change of the file store inside of a step is a point too (some 1,450 kills, 40 minutes on two
busy cores). Lives are forked from a process that has imported everything and started nothing, so a restart costs what opening
the data folder costs.
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

from tests.faults.kill_lives import WORKFLOW, Cancel, Run, live, prepare
from tests.faults.kill_scenarios import SCENARIOS, Scenario
from tests.faults.kill_verdict import faults_of

PR_SET_CHILD_SUBREAPER: Final = 36
LONGEST_LIFE: Final = 90.0
ORPHAN_SECONDS: Final = 5.0
MOST_DEATHS: Final = 400


@dataclass
class Swept:
    """One scenario's verdict."""

    name: str
    kills: int = 0
    points: int = 0
    steps: list[str] = field(default_factory=list[str])
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list[str])


def become_reaper() -> None:
    """Children of a killed life become ours, so that those that outlive it are found."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def in_a_life(work: Callable[[], Awaitable[None]], output: Path) -> tuple[int, list[str]]:
    """How a forked process that does the work ended (0, or minus the signal), and what outlived it."""
    pid = os.fork()
    if pid == 0:
        _redirect(output)
        code = 1
        try:
            asyncio.run(work())  # pyright: ignore[reportArgumentType]
            code = 0
        finally:
            if code:
                traceback.print_exc()
            os._exit(code)
    code = _wait(pid, LONGEST_LIFE)
    return code, _orphans()


def _redirect(output: Path) -> None:
    descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)


def _wait(pid: int, seconds: float) -> int:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    raise TimeoutError("a life did not end")


def _orphans() -> list[str]:
    """Waits until no child is left; the commands of those that stay, which are killed."""
    deadline = time.monotonic() + ORPHAN_SECONDS
    while time.monotonic() < deadline:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.002)
        except ChildProcessError:
            return []
    found = [int(pid) for path in Path("/proc/self/task").glob("*/children") for pid in path.read_text().split()]
    commands = [Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ") for pid in found]
    for pid in found:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return commands


class Sweep:
    """Sweeps scenarios in a folder; sessions that several of them work on are prepared once."""

    def __init__(self, folder: Path, *, every: bool) -> None:
        self._folder = folder
        self._every = every
        self._prepared: dict[Callable[..., object], Path] = {}
        self._number = 0

    def of(self, scenario: Scenario) -> list[Swept]:
        """The operation as it is, then cancelled in its first step and, where it asks, while it waits."""
        swept = [self._sweep(scenario, None)]
        journal = swept[0].steps
        cancels = [next(point for point in journal if point.startswith("workflow.step_started"))]
        cancels += [point for point in journal if point.startswith("workflow.asked")][:1]
        return [*swept, *(self._sweep(scenario, Cancel(point)) for point in cancels)]

    def _sweep(self, scenario: Scenario, cancel: Cancel | None) -> Swept:
        begun = time.monotonic()
        swept = Swept(f"{scenario.name}{', cancelled at ' + cancel.at if cancel else ''}")
        calm = self._run(scenario, cancel)
        self._finish(calm, swept, only="")
        points = calm.notes("seen")
        swept.steps = [point.removeprefix("after ") for point in points if point.startswith("after ")]
        wanted = _outcome(calm)
        if wanted is not None:
            swept.faults += faults_of(calm, wanted, wanted, cancel)
            self._judge(scenario, cancel, None, wanted, swept)
            missed = [point for point in points if f"step_completed {WORKFLOW}" in point and point not in self._died]
            swept.faults += [f"never died {point}" for point in missed if not self._every]
            for point in points if self._every else ():
                self._judge(scenario, cancel, point, wanted, swept)
        swept.points = len(points)
        swept.seconds = time.monotonic() - begun
        return swept

    def _judge(
        self, scenario: Scenario, cancel: Cancel | None, only: str | None, wanted: dict[str, Any], swept: Swept
    ) -> None:
        killed = self._run(scenario, cancel)
        self._finish(killed, swept, only=only)
        self._died = set(killed.notes("died"))
        swept.kills += len(killed.notes("died"))
        found = _outcome(killed)
        if found is None:
            swept.faults.append(f"[{only or 'everywhere'}] there is no outcome")
        else:
            swept.faults += [f"[{only or 'everywhere'}] {item}" for item in faults_of(killed, wanted, found, cancel)]
        if not swept.faults:
            shutil.rmtree(killed.folder)

    def _finish(self, run: Run, swept: Swept, *, only: str | None) -> None:
        """Life after life until one is not killed."""
        within = self._every and only is not None
        for _ in range(MOST_DEATHS):
            code, orphans = in_a_life(lambda: live(run, only=only, within=within), run.folder / "output")
            swept.faults += [f"outlived its server: {command}" for command in orphans]
            if code != -signal.SIGKILL:
                if code:
                    swept.faults.append(f"a life ended with {code}: {_tail(run.folder / 'output')}")
                return
        swept.faults.append(f"killed {MOST_DEATHS} times and not at its end")

    def _run(self, scenario: Scenario, cancel: Cancel | None) -> Run:
        """A copy of the prepared session: its ids are the same in each run."""
        self._number += 1
        folder = self._folder / f"run-{self._number}"
        shutil.copytree(self._session_for(scenario), folder)
        return Run(folder, scenario, cancel)

    def _session_for(self, scenario: Scenario) -> Path:
        if scenario.prepare not in self._prepared:
            folder = self._folder / f"session-{len(self._prepared)}"
            folder.mkdir()
            code, _ = in_a_life(lambda: prepare(folder, scenario), folder / "output")
            assert code == 0, _tail(folder / "output")
            self._prepared[scenario.prepare] = folder
        return self._prepared[scenario.prepare]


def _outcome(run: Run) -> dict[str, Any] | None:
    path = run.folder / "outcome.json"
    return orjson.loads(path.read_bytes()) if path.exists() else None


def _tail(path: Path) -> str:
    return path.read_text(errors="replace")[-1500:]


def chosen(names: Iterable[str]) -> list[Scenario]:
    wanted = set(names)
    return [item for item in SCENARIOS if not wanted or item.operation in wanted or item.name in wanted]


def serve(sweep: Sweep) -> None:
    """For a test: an operation a line in, its verdicts as a line of JSON out."""
    for line in sys.stdin:
        verdicts = [swept for scenario in chosen([line.strip()]) for swept in sweep.of(scenario)]
        print(orjson.dumps(verdicts).decode(), flush=True)


def report(sweep: Sweep, operations: list[str]) -> bool:
    """Whether there was no fault."""
    faults = kills = 0
    for scenario in chosen(operations):
        for swept in sweep.of(scenario):
            faults, kills = faults + len(swept.faults), kills + swept.kills
            print(f"{swept.name}: {swept.kills} kills, {swept.seconds:.1f} s, {len(swept.faults)} faults", flush=True)
            print("".join(f"  {fault}\n" for fault in swept.faults), end="", flush=True)
    print(f"{kills} kills, {faults} faults")
    return not faults


def main() -> None:
    parser = argparse.ArgumentParser(description="Kills every operation at every point of it.")
    parser.add_argument("operations", nargs="*", help="these only; every one where none is named")
    parser.add_argument("--all", action="store_true", help="each point in a run of its own too")
    parser.add_argument("--serve", action="store_true", help="operations come on standard input")
    options = parser.parse_args()
    become_reaper()
    folder = Path(tempfile.mkdtemp(prefix="kills-"))
    sweep = Sweep(folder, every=options.all)
    good = True
    try:
        if options.serve:
            serve(sweep)
        else:
            good = report(sweep, options.operations)
    finally:
        if good:
            shutil.rmtree(folder)
    if not good:
        print(f"what the runs left is in {folder}")
    sys.exit(not good)


if __name__ == "__main__":
    main()
