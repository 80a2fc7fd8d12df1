"""Several server processes on one store: whichever a client talks to, and whichever dies, there is one session."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.server_process import ServerProcess
from tests.faults.crash_loop import Backend, crash_loop, shared_store
from tests.faults.takeovers import WORKS_IN
from tests.faults.test_server_writers import EACH, WRITER

ROWS = b"name,amount,when\n" + b"".join(b"n%d,%d,2026-01-%02d\n" % (n, n * 3, n % 28 + 1) for n in range(200_000))
TAKEOVER_SECONDS = 5.0


@pytest.fixture(scope="module", params=["postgres", "valkey"])
def store(request: pytest.FixtureRequest) -> Iterator[tuple[str, Backend]]:
    with shared_store(request.param) as opened:
        yield opened


class Servers:
    def __init__(self, processes: list[ServerProcess], session_id: str, token: str) -> None:
        self.processes = processes
        self.session_id = session_id
        self.token = token
        self.path = f"/api/v1/sessions/{session_id}"
        self.http = httpx.AsyncClient(headers={"authorization": f"Bearer {token}"}, timeout=30)

    async def get(self, process: ServerProcess, what: str = "") -> dict[str, Any]:
        return (await self.http.get(f"{process.url}{self.path}{what}")).raise_for_status().json()

    async def upload(self, process: ServerProcess) -> str:
        parts = [("files", ("big.csv", ROWS, "text/csv"))]
        made = await self.http.post(f"{process.url}{self.path}/files", files=parts)
        return made.raise_for_status().json()["files"][0]["workflow_id"]

    async def entries(self, process: ServerProcess, workflow_id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        more, after = True, ""
        while more:
            answer = await self.http.get(
                f"{process.url}{self.path}/events{after}", headers={"accept": "application/json"}
            )
            page = answer.raise_for_status().json()
            found += page["entries"]
            more, after = page["has_more"], f"?after={page['epoch']}.{found[-1]['seq']}"
        return [entry for entry in found if entry["workflow_id"] == workflow_id]

    async def until(
        self, process: ServerProcess, workflow_id: str, holds: Callable[[list[dict[str, Any]]], bool]
    ) -> None:
        async with asyncio.timeout(30):
            while not holds(await self.entries(process, workflow_id)):
                await asyncio.sleep(0.02)

    def owner(self) -> ServerProcess:
        """The process that executes a step just now."""
        return next(process for process in self.processes if process.running and children(process.pid))


def children(pid: int) -> list[int]:
    """Those that execute a step."""
    found: list[int] = []
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        with suppress(FileNotFoundError):
            if WORKS_IN.search(os.readlink(f"/proc/{child}/cwd")):
                found.append(int(child))
    return found


def started(count: int) -> Callable[[list[dict[str, Any]]], bool]:
    return lambda entries: sum(entry["type"] == "workflow.step_started" for entry in entries) >= count


def ended(entries: list[dict[str, Any]]) -> bool:
    return any(entry["type"] == "workflow.finished" for entry in entries)


@pytest.fixture
async def servers(store: tuple[str, Backend], tmp_path: Path) -> AsyncIterator[Servers]:
    async with AsyncExitStack() as stack:
        processes = [ServerProcess(tmp_path / "data", store=store[0]) for _ in range(2)]
        for process in processes:
            stack.push_async_exit(process)
        await asyncio.gather(*(process.start() for process in processes))
        found = Servers(processes, *await processes[0].new_session())
        yield found
        await found.http.aclose()


async def with_a_step_going(servers: Servers) -> tuple[str, ServerProcess, ServerProcess]:
    """A workflow in its first step, the process that executes it, and the other."""
    workflow_id = await servers.upload(servers.processes[0])
    async with asyncio.timeout(20):
        while not any(children(process.pid) for process in servers.processes):
            await asyncio.sleep(0.005)
    owner = servers.owner()
    return workflow_id, owner, next(process for process in servers.processes if process is not owner)


async def test_what_a_killed_process_executed_goes_on_in_another_within_five_seconds(servers: Servers) -> None:
    workflow_id, owner, other = await with_a_step_going(servers)
    before = len(await servers.entries(other, workflow_id))
    await owner.stop(signal.SIGKILL)
    killed = time.monotonic()
    await servers.until(other, workflow_id, lambda entries: started(2)(entries[before:]) or len(entries) > before)
    assert time.monotonic() - killed < TAKEOVER_SECONDS
    await servers.until(other, workflow_id, ended)
    entries = await servers.entries(other, workflow_id)
    assert [entry["data"]["status"] for entry in entries if entry["type"] == "workflow.finished"] == ["completed"]
    done = [entry["data"]["step"] for entry in entries if entry["type"] == "workflow.step_completed"]
    assert len(done) == len(set(done))
    assert "symphainy_lane_takeovers_total 1.0" in (await servers.http.get(f"{other.url}/metrics")).text


async def test_a_frozen_owner_that_wakes_up_writes_nothing(servers: Servers) -> None:
    workflow_id, owner, other = await with_a_step_going(servers)
    asleep = children(owner.pid)
    owner.send(signal.SIGSTOP)
    await servers.until(other, workflow_id, ended)
    finished = await servers.entries(other, workflow_id)
    owner.send(signal.SIGCONT)
    async with asyncio.timeout(20):
        while set(asleep) & set(children(owner.pid)):
            await asyncio.sleep(0.05)
    assert (await servers.get(owner))["session_id"] == servers.session_id
    assert await servers.entries(owner, workflow_id) == finished


async def test_a_workflow_is_cancelled_through_a_process_that_does_not_execute_it(servers: Servers) -> None:
    workflow_id, owner, other = await with_a_step_going(servers)
    cancelled = await servers.http.post(f"{other.url}{servers.path}/workflows/{workflow_id}/cancel")
    assert cancelled.is_success
    async with asyncio.timeout(5):
        while children(owner.pid):
            await asyncio.sleep(0.02)
    entries = await servers.entries(owner, workflow_id)
    assert [entry["data"]["status"] for entry in entries if entry["type"] == "workflow.finished"] == ["cancelled"]


async def test_an_orderly_stop_hands_over_at_once(servers: Servers) -> None:
    workflow_id, owner, other = await with_a_step_going(servers)
    assert await owner.stop() == 0
    stopped = time.monotonic()
    before = len(await servers.entries(other, workflow_id))
    await servers.until(other, workflow_id, lambda entries: len(entries) > before or ended(entries))
    assert time.monotonic() - stopped < TAKEOVER_SECONDS
    await servers.until(other, workflow_id, ended)


async def test_writers_at_different_processes_lose_nothing_and_are_never_refused(servers: Servers) -> None:
    async def write(kind: str) -> list[int]:
        async def at(number: int) -> list[int]:
            process = servers.processes[number % len(servers.processes)]
            arguments = (process.url, servers.token, servers.path, kind, f"writer{number}", str(EACH))
            writer = await asyncio.create_subprocess_exec(
                sys.executable, "-c", WRITER, *arguments, stdout=asyncio.subprocess.PIPE
            )
            return json.loads((await writer.communicate())[0])

        return list(itertools.chain(*await asyncio.gather(*(at(number) for number in range(4)))))

    keys = {f"writer{process}-{number:05d}" for process in range(4) for number in range(EACH)}
    assert set(await write("append")) == {201}
    assert set(await write("patch")) == {200}
    for process in servers.processes:
        after = await servers.get(process)
        assert set(after["states"]) == keys
        assert {key: after["state"][key] for key in keys} == {key: int(key[-5:]) for key in keys}
        assert after["seq"] == 1 + 2 * len(keys)


@pytest.mark.timeout(120)
async def test_killed_servers_and_a_killed_store_lose_nothing(store: tuple[str, Backend], tmp_path: Path) -> None:
    url, backend = store
    verdict = await crash_loop(tmp_path / "data", kills=4, seed=11, servers=2, store=url, backend=backend)
    assert verdict.faults == []
    assert verdict.acknowledged > 20
