from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from symphainy.api import Api, create_api
from symphainy.app import Symphainy, open_symphainy
from symphainy.config import Settings
from symphainy.testing import ManualClock

from .feed_client import served

ORIGIN = "http://symphainy.test"
GENEROUS: dict[str, Any] = {
    "sessions_per_minute": 100_000,
    "messages_per_minute": 100_000,
    "writes_per_minute": 100_000,
    "failures_per_minute": 100_000,
}
"""For tests that are not about rates."""


@dataclass(frozen=True)
class Visitor:
    """Somebody with a session and a client that shows the session's token, or the browser's cookie."""

    http: httpx.AsyncClient
    session: dict[str, Any]

    @property
    def session_id(self) -> str:
        return self.session["session_id"]

    @property
    def path(self) -> str:
        return f"/api/v1/sessions/{self.session_id}"

    @property
    def token(self) -> str:
        return self.session["session_token"] or self.http.cookies["symphainy"]


def client(api: Api, **options: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url=ORIGIN, timeout=20, **options)


async def with_bearer(api: Api) -> Visitor:
    http = client(api)
    answer = await http.post("/api/v1/sessions", json={})
    assert answer.status_code == 201, answer.text
    http.headers["authorization"] = f"Bearer {answer.json()['session_token']}"
    return Visitor(http, answer.json())


async def with_cookie(api: Api) -> Visitor:
    http = client(api, headers={"origin": ORIGIN})
    answer = await http.post("/api/v1/sessions", json={"credential": "cookie"})
    assert answer.status_code == 201, answer.text
    return Visitor(http, answer.json())


@pytest.fixture
def changes() -> dict[str, Any]:
    """Settings that a test module wants to be different."""
    return {}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def app(tmp_path: Path, clock: ManualClock, changes: dict[str, Any]) -> AsyncIterator[Symphainy]:
    settings = Settings(data=tmp_path / "data", store="memory://", **{**GENEROUS, **changes})
    async with open_symphainy(settings, clock=clock) as opened:
        yield opened


@pytest.fixture
def api(app: Symphainy, tmp_path: Path) -> Api:
    return create_api(app, web=tmp_path / "web")


@pytest.fixture
async def visitor(api: Api) -> AsyncIterator[Visitor]:
    made = await with_bearer(api)
    yield made
    await made.http.aclose()


@pytest.fixture
async def browser(api: Api) -> AsyncIterator[Visitor]:
    made = await with_cookie(api)
    yield made
    await made.http.aclose()


@pytest.fixture
async def nobody(api: Api) -> AsyncIterator[httpx.AsyncClient]:
    async with client(api) as made:
        yield made


@pytest.fixture
async def url(api: Api) -> AsyncIterator[str]:
    """Where the API is served over real connections."""
    async with served(api) as (where, _):
        yield where
