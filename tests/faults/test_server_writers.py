"""Many client processes, one server: 4 x 50 messages and 4 x 50 patches of different keys to one session."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import httpx

from tests.api.server_process import ServerProcess

PROCESSES = 4
EACH = 50
WRITER = """
import asyncio, json, sys, httpx
url, token, path, kind, name, count = sys.argv[1:]
async def main():
    statuses = []
    async with httpx.AsyncClient(base_url=url, headers={"authorization": f"Bearer {token}"}, timeout=30) as http:
        async def write(number):
            key = f"{name}-{number:05d}"
            if kind == "append":
                answer = await http.put(f"{path}/states/{key}", json={"state_data": {"n": number}})
            else:
                answer = await http.patch(f"{path}/state", json={key: number}, headers={"Idempotency-Key": key})
            statuses.append(answer.status_code)
        for start in range(0, int(count), 10):
            await asyncio.gather(*(write(n) for n in range(start, start + 10)))
    print(json.dumps(statuses))
asyncio.run(main())
"""


async def run_writers(server: ServerProcess, session_id: str, token: str, kind: str) -> list[int]:
    path = f"/api/v1/sessions/{session_id}"

    async def writer(number: int) -> list[int]:
        arguments = (server.url, token, path, kind, f"writer{number}", str(EACH))
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", WRITER, *arguments, stdout=asyncio.subprocess.PIPE
        )
        output, _ = await process.communicate()
        return json.loads(output)

    return sum(await asyncio.gather(*(writer(number) for number in range(PROCESSES))), [])


async def document(server: ServerProcess, session_id: str, token: str) -> dict[str, Any]:
    async with httpx.AsyncClient(base_url=server.url, headers={"authorization": f"Bearer {token}"}) as http:
        return (await http.get(f"/api/v1/sessions/{session_id}")).json()


async def test_200_appends_and_200_patches_are_all_acknowledged_and_none_is_lost(tmp_path: Path) -> None:
    async with ServerProcess(tmp_path / "data") as server:
        session_id, token = await server.new_session()
        keys = {f"writer{process}-{number:05d}" for process in range(PROCESSES) for number in range(EACH)}
        assert set(await run_writers(server, session_id, token, "append")) == {201}
        after = await document(server, session_id, token)
        assert set(after["states"]) == keys
        assert after["seq"] == 1 + len(keys)
        patched = await run_writers(server, session_id, token, "patch")
        assert patched == [200] * len(keys)
        after = await document(server, session_id, token)
        assert {key: after["state"][key] for key in keys} == {key: int(key[-5:]) for key in keys}
        assert after["seq"] == 1 + 2 * len(keys)
        await server.stop()
