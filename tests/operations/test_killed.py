"""D6: killed at every step, the comparison ends with the same result, and no finished step is run again."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

ROOT = Path(__file__).parents[2]
STEPS = [
    "read the procedure",
    "write the SOP document",
    "read the diagram",
    "write the workflow document",
    "compare",
    "write the blueprint",
]


async def life(folder: Path, *options: str) -> int:
    """The exit code of one process."""
    folder.mkdir(exist_ok=True)
    command = (sys.executable, "-m", "tests.operations.crash_driver", str(folder), *options)
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
async def test_killed_at_every_step_it_ends_the_same(tmp_path: Path) -> None:
    assert await life(tmp_path / "calm") == 0
    kills = 0
    while await life(tmp_path / "killed", "--die"):
        kills += 1
        assert kills <= len(STEPS)
    calm, killed = result_of(tmp_path / "calm"), result_of(tmp_path / "killed")
    assert kills == len(STEPS)
    assert calm["status"] == "completed", calm["error"]
    assert calm["documents"] == killed["documents"]
    assert killed["versions"] == {"sop": 1, "workflow_model": 1, "blueprint": 1}
    assert calm["completed"] == killed["completed"] == calm["started"] == STEPS
    assert killed["started"] == [step for step in STEPS for _ in range(2)]
