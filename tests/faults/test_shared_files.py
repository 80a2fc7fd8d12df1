"""Server processes that share a database and a bucket, and no folder: each has its own, as on a machine of its own."""

from __future__ import annotations

import asyncio
import hashlib
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from symphainy.ids import new_id
from tests.api.server_process import ServerProcess
from tests.faults.crash_loop import shared_store
from tests.faults.test_many_servers import ROWS, Servers, ended
from tests.servers.s3 import KEY, SECRET, S3Server

CREDENTIALS = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
AWAY_SECONDS = 15.0


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    with shared_store("postgres") as (url, _):
        yield url


@pytest.fixture
def bucket(tmp_path: Path) -> Iterator[S3Server]:
    server = S3Server(tmp_path)
    server.start()
    try:
        yield server
    finally:
        server.kill()


class Shared:
    """Two servers, of which the second starts when it is told to."""

    def __init__(self, folder: Path, database: str, bucket: S3Server) -> None:
        self.bucket, self.prefix = bucket, new_id("test")
        self.processes = [
            ServerProcess(folder / name, environment=CREDENTIALS, store=database, files=bucket.url(self.prefix))
            for name in ("one", "two")
        ]

    def kept(self, session_id: str) -> dict[str, bytes]:
        """What is in the bucket of the session, by name."""
        return self.bucket.kept(f"{self.prefix}/sessions/{session_id}")


@pytest.fixture
async def shared(tmp_path: Path, database: str, bucket: S3Server) -> AsyncIterator[Shared]:
    async with AsyncExitStack() as stack:
        shared = Shared(tmp_path, database, bucket)
        for process in shared.processes:
            stack.push_async_exit(process)
        await asyncio.gather(*(process.start() for process in shared.processes))
        yield shared


def begun(entries: list[dict[str, Any]], step: str) -> int:
    return sum(entry["type"] == "workflow.step_started" and entry["data"]["step"] == step for entry in entries)


def done(entries: list[dict[str, Any]]) -> list[str]:
    return [entry["data"]["step"] for entry in entries if entry["type"] == "workflow.step_completed"]


async def test_another_machine_finishes_what_a_killed_one_had_begun_to_read(shared: Shared) -> None:
    one, two = shared.processes
    servers = Servers(shared.processes, *await one.new_session())
    async with servers.http:
        workflow_id = await servers.upload(one)  # and so executed by it: there is no queue
        await servers.until(two, workflow_id, lambda entries: begun(entries, "parse") == 1)
        await one.stop(signal.SIGKILL)
        assert done(await servers.entries(two, workflow_id)) == []
        await servers.until(two, workflow_id, ended)
        entries = await servers.entries(two, workflow_id)
        assert [entry["data"]["status"] for entry in entries if entry["type"] == "workflow.finished"] == ["completed"]
        assert begun(entries, "parse") == 2
        assert len(done(entries)) == len(set(done(entries)))

        session = await servers.get(two)
        (file,) = session["files"].values()
        artifacts = session["artifacts"]
        assert {item["kind"] for item in artifacts.values()} >= {"table", "profile", "metadata", "preview"}
        kept = shared.kept(servers.session_id)
        assert kept.keys() == {file["file_id"], *artifacts}
        paths = {
            file["file_id"]: f"files/{file['file_id']}/content",
            **{name: f"artifacts/{name}" for name in artifacts},
        }
        for name, path in paths.items():
            answer = await servers.http.get(f"{two.url}{servers.path}/{path}")
            assert answer.status_code == 200
            assert answer.content == kept[name]
        assert kept[file["file_id"]] == ROWS
        assert file["sha256"] == hashlib.sha256(ROWS).hexdigest()

        (await servers.http.delete(f"{two.url}{servers.path}")).raise_for_status()
        assert shared.kept(servers.session_id) == {}
    for path in two.data.rglob("*"):
        assert servers.session_id not in path.name


async def test_a_bucket_that_is_away_for_a_while_fails_nothing_that_was_begun(shared: Shared) -> None:
    one, two = shared.processes
    servers = Servers(shared.processes, *await one.new_session())
    async with servers.http:
        workflow_id = await servers.upload(one)
        await servers.until(two, workflow_id, lambda entries: begun(entries, "parse") == 1)
        shared.bucket.kill()
        began = time.monotonic()
        refused = await servers.http.post(
            f"{two.url}{servers.path}/files", files=[("files", ("more.csv", b"a,b\n1,2\n", "text/csv"))]
        )
        assert (refused.status_code, refused.json()["code"]) == (503, "store_unavailable")
        assert "unchanged" in refused.json()["detail"]
        assert (await servers.http.get(f"{two.url}/readyz")).status_code == 503
        assert time.monotonic() - began < AWAY_SECONDS
        assert (await servers.get(two))["files"].keys() == (await servers.get(one))["files"].keys()
        shared.bucket.start()
        await servers.until(two, workflow_id, ended)
        entries = await servers.entries(two, workflow_id)
        assert [entry["data"]["status"] for entry in entries if entry["type"] == "workflow.finished"] == ["completed"]
        assert (await servers.http.get(f"{two.url}/readyz")).status_code == 200
