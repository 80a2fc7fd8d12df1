"""D6: killed at every step of every operation, each ends with the same result, and no finished step is executed again."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from symphainy.app import open_symphainy
from symphainy.config import Settings
from tests.faults.kill_scenarios import SCENARIOS, operations

ROOT = Path(__file__).parents[2]
Sweep = Callable[[str], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sweep]:
    """`kill_sweep` as a process: it forks, which a process with threads should not."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.kill_sweep", "--serve"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "TMPDIR": str(tmp_path_factory.mktemp("kills"))},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None

    def verdicts(operation: str) -> list[dict[str, Any]]:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{operation}\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    yield verdicts
    process.stdin.close()
    process.wait(20)
    process.stdout.close()


@pytest.mark.timeout(240)
@pytest.mark.parametrize("operation", [operation for _, operation in operations()])
def test_killed_at_every_step_it_ends_the_same(sweep: Sweep, operation: str) -> None:
    verdicts = sweep(operation)
    assert verdicts, f"{operation} has no scenario: give it one in kill_scenarios.py"
    assert [(item["name"], item["faults"]) for item in verdicts if item["faults"]] == []
    for item in verdicts:
        # a kill inside of each step or at its record, and one on each side of the workflow's end
        steps = {point for point in item["steps"] if point.startswith("workflow.step_completed wf-main")}
        assert item["kills"] >= 2 * len(steps) + 4


async def test_every_operation_of_the_application_is_among_them(tmp_path: Path) -> None:
    async with open_symphainy(Settings(data=tmp_path, store="memory://")) as app:
        offered = {(name, operation) for name, held in app.business.operations().items() for operation in held}
    assert offered == set(operations())
    assert {(item.orchestrator, item.operation) for item in SCENARIOS} <= offered
