"""The server is killed at every step of content's work: it finishes with the same result, and no finished step runs again."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.server_process import ServerProcess
from tests.enabling.test_mail import with_claims

ORCHESTRATOR = "ContentAnalysisOrchestrator"
MAIL = with_claims().as_bytes()


class Work:
    """A session with one file, and a client that outlives the server."""

    def __init__(self, server: ServerProcess) -> None:
        self.server = server
        self.path = ""
        self.headers: dict[str, str] = {}

    async def ask(self, method: str, path: str, **options: Any) -> Any:
        async with httpx.AsyncClient(base_url=self.server.url, timeout=30) as http:
            answer = await http.request(method, f"/api/v1{path}", headers=self.headers, **options)
        assert answer.status_code < 300, answer.text
        return answer.json()

    async def open(self) -> None:
        created = await self.ask("POST", "/sessions", json={})
        self.path = f"/sessions/{created['session_id']}"
        self.headers = {"authorization": f"Bearer {created['session_token']}"}

    async def upload(self, name: str, data: bytes) -> dict[str, Any]:
        return (await self.ask("POST", f"{self.path}/files", files={"files": (name, data)}))["files"][0]

    async def workflow(self, workflow_id: str) -> dict[str, Any]:
        return await self.ask("GET", f"{self.path}/workflows/{workflow_id}")

    async def ended(self) -> list[dict[str, Any]]:
        async with asyncio.timeout(60):
            while True:
                found = (await self.ask("GET", f"{self.path}/workflows"))["workflows"]
                if found and all(item["status"] in ("completed", "failed") for item in found):
                    return found
                await asyncio.sleep(0.05)

    async def kill_in(self, workflow_id: str, step: str) -> None:
        """Waits until the step has begun, and kills the server in it or right behind it."""
        async with asyncio.timeout(60):
            while True:
                steps = {item["name"]: item for item in (await self.workflow(workflow_id))["workflow"]["steps"]}
                if steps[step]["status"] != "queued":
                    break
                await asyncio.sleep(0.005)
        await self.server.stop(signal.SIGKILL)
        await self.server.start()


def completions(journal: list[dict[str, Any]]) -> Counter[str]:
    return Counter(entry["data"]["step"] for entry in journal if entry["type"] == "workflow.step_completed")


def without_ids(result: dict[str, Any]) -> dict[str, Any]:
    return {
        key: value
        for key, value in result.items()
        if key not in ("file_id", "state_id", "artifacts", "artifact_id", "attachments", "workflow_id")
    }


@pytest.mark.timeout(240)
async def test_a_message_with_attachments_survives_a_kill_in_every_step(tmp_path: Path) -> None:
    async with ServerProcess(tmp_path / "data") as server:
        calm = Work(server)
        await calm.open()
        await calm.upload("claims.eml", MAIL)
        wanted = {item["title"]: without_ids(item["result"]) for item in await calm.ended()}
        assert len(wanted) == 3
        work = Work(server)
        await work.open()
        file = await work.upload("claims.eml", MAIL)
        for step in ("parse", "profile", "metadata", "preview"):
            await work.kill_in(file["workflow_id"], step)
        found = await work.ended()
        assert {item["title"]: without_ids(item["result"]) for item in found} == wanted
        for item in found:
            journal = (await work.workflow(item["workflow_id"]))["journal"]
            assert set(completions(journal).values()) == {1}
        files = (await work.ask("GET", f"{work.path}/files"))["files"]
        assert sorted(item["name"] for item in files) == ["Inner.eml", "Schäden 2026.csv", "claims.eml"]


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("operation", "input", "step"),
    [
        ("validate_content", {"rules": [{"column": "a", "rule": "unique"}]}, "validate"),
        ("convert_format", {"format": "json"}, "convert"),
    ],
)
async def test_checks_and_conversions_survive_a_kill(
    tmp_path: Path, operation: str, input: dict[str, Any], step: str
) -> None:
    data = b"a,b\n" + b"".join(b"%d,%d\n" % (n, n % 7) for n in range(50_000))
    async with ServerProcess(tmp_path / "data") as server:
        work = Work(server)
        await work.open()
        file = await work.upload("numbers.csv", data)
        await work.ended()
        results: list[dict[str, Any]] = []
        for killed in (False, True):
            body = {
                "orchestrator": ORCHESTRATOR,
                "operation": operation,
                "input": {"file_id": file["file_id"], **input},
            }
            workflow_id = (await work.ask("POST", f"{work.path}/workflows", json=body))["workflow_id"]
            if killed:
                await work.kill_in(workflow_id, step)
            await work.ended()
            found = await work.workflow(workflow_id)
            assert completions(found["journal"]) == {step: 1}
            results.append(without_ids(found["workflow"]["result"]))
        assert results[0] == results[1]
