"""A canary for credentials: whatever happened, no token is in a log line, a file, or the metrics."""

from __future__ import annotations

from pathlib import Path

import httpx

from tests.api.feed_client import opened
from tests.api.server_process import ServerProcess


async def provoke(server: ServerProcess, tokens: set[str]) -> str:
    """Uses, misuses and misplaces tokens, collects them all, and returns the metrics."""
    origin = {"origin": server.url}
    async with httpx.AsyncClient(base_url=server.url, timeout=20) as http:
        made = (await http.post("/api/v1/sessions", json={"context": {"project": "canary-in-a-value"}})).json()
        session_id, token = made["session_id"], made["session_token"]
        path = f"/api/v1/sessions/{session_id}"
        tokens.add(token)
        headers = {"authorization": f"Bearer {token}"}
        async with opened(server.url, session_id, token) as feed:
            await feed.next()
            fresh = (await http.post(f"{path}/token", headers=headers)).json()["session_token"]
            tokens.add(fresh)
            assert (await feed.next("bye")).data["reason"] == "auth"
        headers = {"authorization": f"Bearer {fresh}"}
        guessed = "sym_guessed-by-somebody-0123456789"
        tokens.add(guessed)
        await http.get(path, headers={"authorization": f"Bearer {guessed}"})
        await http.get(path, headers={"authorization": guessed})
        await http.get(path, params={"token": fresh})
        await http.get(f"/api/v1/sessions/{fresh}", headers=headers)
        await http.get(f"/{fresh}")
        await http.patch(path, json={"title": [fresh]}, headers=headers)
        await http.request("TRACE", path, headers=headers)
        await http.get(f"{path}/events", params={"after": fresh}, headers=headers)
        await http.post("/api/v1/sessions", json={"credential": "cookie"}, headers=origin)
        tokens.add(http.cookies["symphainy"])
        await http.post(f"{path}/token", headers={**origin, "origin": "http://evil.test"})
        await http.delete(f"{path}/token", headers=headers)
        return (await http.get("/metrics")).text


async def test_no_token_is_written_anywhere(tmp_path: Path) -> None:
    tokens: set[str] = set()
    async with ServerProcess(tmp_path / "data") as server:
        metrics = await provoke(server, tokens)
        await server.stop()
    assert len(tokens) == 4
    everything = {"metrics": metrics.encode(), "output": server.output.encode()}
    everything |= {str(path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert any(b"canary-in-a-value" in content for content in everything.values())
    found = [name for name, content in everything.items() for token in tokens if token.encode() in content]
    assert found == []
