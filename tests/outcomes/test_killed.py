"""D6: killed at every step, and while it waits for answers, a proposal is made with the same result and no step twice."""

from __future__ import annotations

import asyncio
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest

ROOT = Path(__file__).parents[2]


async def life(folder: Path, *options: str) -> int:
    """The exit code of one process."""
    folder.mkdir(exist_ok=True)
    command = (sys.executable, "-m", "tests.outcomes.crash_driver", str(folder), *options)
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stderr=asyncio.subprocess.PIPE)
    async with asyncio.timeout(60):
        _, errors = await process.communicate()
    assert process.returncode in (0, -9), errors.decode()[-2000:]
    return process.returncode or 0


def result_of(folder: Path) -> dict[str, Any]:
    """Without the ids, which differ between any two sessions."""
    text = re.sub(r"\b(art|file|ses|blob|st)_[0-9a-f]{32}", r"\1", (folder / "result.json").read_text())
    return orjson.loads(text)


@pytest.mark.timeout(180)
async def test_killed_at_every_step_and_question_the_result_is_the_same_and_no_finished_step_runs_again(
    tmp_path: Path,
) -> None:
    await life(tmp_path / "calm")
    deaths = 0
    while await life(tmp_path / "killed", "--die") == -9:
        deaths += 1
    calm, killed = result_of(tmp_path / "calm"), result_of(tmp_path / "killed")
    assert calm["status"] == killed["status"] == "completed", killed["error"]
    assert killed["documents"] == calm["documents"]
    assert killed["versions"] == {"roadmap": 1, "proposal": 1}
    assert not killed["left_over"]
    steps = [event for event in killed["journal"] if event.startswith("workflow.step")]
    done: set[str] = set()
    for event in steps:
        kind, step = event.split()
        assert step not in done, f"{event} after it was completed"
        if kind == "workflow.step_completed":
            done.add(step)
    assert done == {
        "collect",
        "initiatives",
        "schedule",
        "roadmap_document",
        "financials",
        "proposal",
        "proposal_document",
    }
    asked = Counter(event for event in killed["journal"] if event.startswith(("workflow.asked", "workflow.answered")))
    assert set(asked.values()) == {1}
    assert deaths == len(done) + len(asked)
