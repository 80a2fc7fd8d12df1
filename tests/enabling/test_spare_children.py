"""Children that wait for work are children like all others: used once, limited, and gone with their server."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from symphainy.enabling_services import FileParser, Limits, ParsedFile, ServiceError
from symphainy.enabling_services.spare_children import SpareChildren

from .conftest import Bench
from .test_child_processes import SOURCES, alive, children_of, environment_of, until

TABLE = "a,b\n" + "1,2\n" * 300_000


@pytest.fixture
async def spares() -> AsyncIterator[SpareChildren]:
    async with SpareChildren(2) as spares:
        spares.keep_ready()
        await until(lambda: len(spares) == 2, 30)
        yield spares


async def parse(bench: Bench, spares: SpareChildren, limits: Limits | None = None) -> ParsedFile:
    source = bench.folder / "upload"
    source.write_text(TABLE)
    return await FileParser(limits, spares=spares).parse(
        source, file_name="t.csv", media_type=None, output_dir=bench.output, progress=bench.progress
    )


async def test_a_step_takes_one_that_waits_and_it_is_replaced(bench: Bench, spares: SpareChildren) -> None:
    waiting = children_of(os.getpid())
    seen: set[int] = set()

    async def look(fraction: float, detail: str) -> None:
        seen.update(children_of(os.getpid()))

    bench.progress.also = look
    assert (await parse(bench, spares)).tables[0].rows == 300_000
    assert seen
    assert seen <= waiting, "no other was started for it, nor while it ran"
    assert len(spares) == 1
    await until(lambda: len(spares) == 2, 30)
    assert len(children_of(os.getpid()) - waiting) == 1
    assert bench.leftovers() == ["table-001.parquet"]


async def test_one_that_waited_has_the_limits_of_its_step(bench: Bench, spares: SpareChildren) -> None:
    for limits, code in ((Limits(database_memory=1 << 20), "memory_limit"), (Limits(wall_seconds=0.01), "time_limit")):
        with pytest.raises(ServiceError) as caught:
            await parse(bench, spares, limits)
        assert caught.value.service_code == code
    assert bench.leftovers() == []


async def test_one_that_waited_works_in_the_folder_of_its_step(bench: Bench, spares: SpareChildren) -> None:
    found: set[Path] = set()

    async def look(fraction: float, detail: str) -> None:
        for pid in children_of(os.getpid()):
            with suppress(FileNotFoundError):  # it has just ended
                found.add(Path(f"/proc/{pid}/cwd").readlink())

    bench.progress.also = look
    await parse(bench, spares)
    assert bench.output in {folder.parent for folder in found}


async def test_one_that_died_while_it_waited_is_passed_over(bench: Bench, spares: SpareChildren) -> None:
    for pid in children_of(os.getpid()):
        os.kill(pid, signal.SIGKILL)
    await until(lambda: len(spares) == 0)
    assert (await parse(bench, spares)).tables[0].rows == 300_000


async def test_none_is_started_before_somebody_may_need_one(bench: Bench) -> None:
    before = children_of(os.getpid())
    async with SpareChildren(1) as spares:
        await parse(bench, spares)
        assert len(spares) == 0
    assert children_of(os.getpid()) <= before


async def test_after_closing_none_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_SERVER", "hunter2")
    before = children_of(os.getpid())
    async with SpareChildren(2) as spares:
        spares.keep_ready()
        await until(lambda: len(spares) > 0, 30)
        started = children_of(os.getpid()) - before
        assert not any(b"hunter2" in environment_of(pid) for pid in started)
    assert len(spares) == 0
    assert children_of(os.getpid()) <= before


async def test_those_that_wait_end_with_a_server_that_is_killed() -> None:
    script = (
        "import asyncio\n"
        "from symphainy.enabling_services.spare_children import SpareChildren\n"
        "async def main():\n"
        "    spares = SpareChildren(1)\n"
        "    spares.keep_ready()\n"
        "    while not len(spares):\n"
        "        await asyncio.sleep(0.01)\n"
        "    print('waiting', flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, stdout=subprocess.PIPE, env={"PYTHONPATH": str(SOURCES)}
    )
    assert server.stdout is not None
    async with asyncio.timeout(30):
        assert await server.stdout.readline() == b"waiting\n"
    waiting = children_of(server.pid)
    assert waiting
    server.kill()
    await server.wait()
    await until(lambda: not any(alive(pid) for pid in waiting))
