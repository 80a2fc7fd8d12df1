"""The tests of the stores notice bugs. Every run plants these; `python scripts/planted_bugs.py` plants all that it
knows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"
SCRIPT = SCRIPTS / "planted_bugs.py"

EVERY_RUN = (
    "commit turned into rollback",
    "rollback turned into commit",
    "subscriber never woken (sqlite)",
    "lost update swallowed",
    "op_id not stored",
    "fence ignored",
    "seq reused",
    "gap",
    "checksum not verified",
    "field dropped by the codec",
)


@pytest.mark.parametrize("script", ["planted_bugs.py", "planted_fakes.py"])
def test_every_bug_can_still_be_planted(script: str) -> None:
    command = [sys.executable, str(SCRIPTS / script), "--places"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.timeout(300)
def test_every_planted_bug_turns_the_tests_red() -> None:
    done = subprocess.run([sys.executable, str(SCRIPT), *EVERY_RUN], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(EVERY_RUN)} planted, 0 survived" in done.stdout
