"""Heavy work happens in a process that can be limited, killed and forgotten."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from symphainy.enabling_services import FileParser, Limits, ServiceError

from .conftest import Bench

MEBIBYTE = 1024 * 1024
SOURCES = Path(__file__).parents[2] / "src"


def children_of(pid: int) -> set[int]:
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").iterdir():
        found.update(int(child) for child in (task / "children").read_text().split())
    return found


def environment_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except FileNotFoundError:
        return False


async def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four million rows, 100 MB: long enough to be interrupted anywhere."""
    path = tmp_path_factory.mktemp("large") / "large"
    block = [f",customer {number % 977},{number % 1000}.{number % 90 + 10}\n" for number in range(1000)]
    with path.open("w") as out:
        out.write("id,name,amount\n")
        for start in range(0, 4_000_000, 1000):
            out.write("".join(f"{start + number}{rest}" for number, rest in enumerate(block)))
    return path


class Started:
    """A progress callback that remembers which children it saw, and can be waited for."""

    def __init__(self, at: float = 0.05) -> None:
        self.at = at
        self.reached = asyncio.Event()
        self.children: set[int] = set()

    async def __call__(self, fraction: float, detail: str) -> None:
        self.children |= children_of(os.getpid())
        if fraction >= self.at:
            self.reached.set()


async def test_cancelling_kills_the_child_at_once_and_leaves_nothing(bench: Bench, large: Path) -> None:
    before = children_of(os.getpid())
    started = Started()
    task = asyncio.create_task(
        FileParser().parse(large, file_name="l.csv", media_type=None, output_dir=bench.output, progress=started)
    )
    await asyncio.wait_for(started.reached.wait(), 20)
    ours = started.children - before
    assert ours
    begun = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - begun < 0.1
    assert not any(alive(pid) for pid in ours)
    assert bench.leftovers() == []
    assert (await bench.parse("next.csv", "a,b\n1,2\n")).tables[0].rows == 1


async def test_cancelling_before_the_child_says_anything_leaves_no_process(bench: Bench, large: Path) -> None:
    before = children_of(os.getpid())
    for pause in (0, 0.005, 0.02, 0.05, 0.1):
        task = asyncio.create_task(
            FileParser().parse(large, file_name="l.csv", media_type=None, output_dir=bench.output, progress=Started())
        )
        await asyncio.sleep(pause)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    await until(lambda: not any(alive(pid) for pid in children_of(os.getpid()) - before))
    assert bench.leftovers() == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT])
async def test_a_child_that_dies_is_an_error_with_a_code(bench: Bench, large: Path, number: signal.Signals) -> None:
    before = children_of(os.getpid())

    async def kill(fraction: float, detail: str) -> None:
        if fraction > 0.05:
            for pid in children_of(os.getpid()) - before:
                os.kill(pid, number)

    with pytest.raises(ServiceError) as caught:
        await FileParser().parse(large, file_name="l.csv", media_type=None, output_dir=bench.output, progress=kill)
    assert caught.value.service_code == "worker_killed"
    assert bench.leftovers() == []
    assert (await bench.parse("next.csv", "a,b\n1,2\n")).tables[0].rows == 1


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(wall_seconds=0.4), "time_limit"),
        (Limits(cpu_seconds=1, database_threads=1), "time_limit"),
        (Limits(database_memory=16 * MEBIBYTE), "memory_limit"),
        (Limits(output_file_bytes=100_000), "disk_full"),
    ],
)
async def test_each_limit_ends_the_child_with_its_code(bench: Bench, large: Path, limits: Limits, code: str) -> None:
    with pytest.raises(ServiceError) as caught:
        await bench.parse_path(large, "l.csv", limits=limits)
    assert caught.value.service_code == code
    if code == "memory_limit":
        assert "more than 17 MB" in caught.value.message, "the limit that was met, not another one"
    assert bench.leftovers() == []
    assert (await bench.parse("next.csv", "a,b\n1,2\n")).tables[0].rows == 1


async def test_a_callback_that_fails_ends_the_child_too(bench: Bench, large: Path) -> None:
    before = children_of(os.getpid())

    async def fail(fraction: float, detail: str) -> None:
        if fraction > 0.05:
            raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        await FileParser().parse(large, file_name="l.csv", media_type=None, output_dir=bench.output, progress=fail)
    assert children_of(os.getpid()) <= before
    assert bench.leftovers() == []


async def test_a_server_that_is_killed_takes_its_children_with_it(bench: Bench, large: Path) -> None:
    script = (
        "import asyncio, pathlib, sys\n"
        "from symphainy.enabling_services import FileParser\n"
        "async def say(fraction, detail): print(fraction, flush=True)\n"
        "asyncio.run(FileParser().parse(pathlib.Path(sys.argv[1]), file_name='l.csv', media_type=None,"
        " output_dir=pathlib.Path(sys.argv[2]), progress=say))\n"
    )
    server = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        script,
        str(large),
        str(bench.output),
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": str(SOURCES)},
    )
    assert server.stdout is not None
    async with asyncio.timeout(20):
        while float(await server.stdout.readline()) < 0.05:
            pass
    workers = children_of(server.pid)
    assert workers
    server.kill()
    await server.wait()
    await until(lambda: not any(alive(pid) for pid in workers))
    parsed = await bench.parse("l.csv", "a,b\n1,2\n")
    left, kept = bench.leftovers()
    assert (kept, left[:6]) == (parsed.tables[0].file_name, ".work-"), "what it left goes with the workflow's folder"


async def test_the_child_sees_nothing_of_the_servers_environment(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_SERVER", "hunter2")
    before = children_of(os.getpid())
    seen: list[bytes] = []

    async def look(fraction: float, detail: str) -> None:
        if not seen:
            seen.extend(environment_of(pid) for pid in children_of(os.getpid()) - before)

    bench.progress.also = look
    await bench.parse("t.csv", "a,b\n" + "1,2\n" * 3_000_000)
    assert seen
    assert not any(b"hunter2" in environment for environment in seen)


async def test_parsing_again_replaces_the_files_of_the_first_time(bench: Bench) -> None:
    first = await bench.parse("t.csv", "a,b\n1,2\n")
    second = await bench.parse("t.csv", "a,b\n3,4\n5,6\n")
    assert first.tables[0].file_name == second.tables[0].file_name
    assert bench.leftovers() == [second.tables[0].file_name]
    assert await bench.cells(second) == [[3, 4], [5, 6]]


async def test_one_that_is_stopped_takes_nothing_away_from_another_one_in_the_same_step(bench: Bench) -> None:
    """As when a frozen process, which has lost the step to another one, wakes up."""
    first_goes = asyncio.Event()

    async def first_reads(fraction: float, detail: str) -> None:
        first_goes.set()

    source = "a,b\n" + "1,2\n" * 3_000_000
    bench.progress.also = first_reads
    first = asyncio.create_task(bench.parse("t.csv", source))
    await asyncio.wait_for(first_goes.wait(), 20)
    second_goes = asyncio.Event()

    async def stop_first(fraction: float, detail: str) -> None:
        if fraction > 0 and not second_goes.is_set():
            second_goes.set()
            first.cancel()
            await asyncio.wait({first})

    bench.progress.also = stop_first
    parsed = await bench.parse("t.csv", source)
    assert first.cancelled()
    assert parsed.tables[0].rows == 3_000_000
    assert bench.leftovers() == [parsed.tables[0].file_name]


async def test_progress_never_falls_and_ends_at_one(bench: Bench) -> None:
    await bench.parse("t.csv", "a,b\n" + "1,2\n" * 3_000_000)
    fractions = [fraction for fraction, _ in bench.progress.calls]
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0.0, 1.0)
    assert len(fractions) >= 5
    assert any("rows" in detail for _, detail in bench.progress.calls)
