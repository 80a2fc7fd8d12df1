"""A server that starts child processes while understanding is loaded must not hang in the fork handler of native code."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

SCRIPT = """
import asyncio
import uvloop
from symphainy.agents.understanding.router import warm_up

async def main():
    warming = asyncio.create_task(asyncio.to_thread(warm_up))
    children = 0
    while not warming.done():
        child = await asyncio.create_subprocess_exec("true")
        children += await child.wait() == 0
    print(children)

with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    runner.run(main())
"""


@pytest.mark.timeout(90)
def test_children_start_while_understanding_is_loaded() -> None:
    """Two threads of OpenBLAS, which is what a machine with two cores gets unless it is told otherwise, hang every time."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "2"}
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=environment, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert int(done.stdout) > 10
