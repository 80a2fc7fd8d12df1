"""I7: nothing is read or written by bare id. Every operation of the OpenAPI document x every way of not being allowed."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from symphainy.api import Api
from symphainy.app import Symphainy
from symphainy.config import DAY
from symphainy.testing import ManualClock

from .conftest import ORIGIN, Visitor, client, with_bearer, with_cookie

PARAMETERS = {
    "agent_type": "guide_agent",
    "run_id": "run-00000001",
    "workflow_id": "workflow-1",
    "file_id": "file_1",
    "artifact_id": "art_1",
    "state_id": "notes",
}
BODIES: dict[tuple[str, str], Any] = {
    ("/messages", "post"): {"content": "hello"},
    ("/workflows", "post"): {"orchestrator": "ContentAnalysisOrchestrator", "operation": "x"},
    ("/states/notes", "put"): {"state_data": {}},
    ("/state", "patch"): {"a": 1},
}
NEEDS_NOTHING = {"/healthz", "/readyz", "/metrics", "/api/v1/meta", "/api/v1/samples"}
REFUSALS = (
    "nothing",
    "id only",
    "unknown token",
    "foreign bearer",
    "foreign cookie",
    "sister session",
    "expired",
    "rotated",
)


_described: dict[str, Any] = {}


def document(api: Api) -> dict[str, Any]:
    """The same for every server, and slow to make."""
    if not _described:
        _described.update(api.openapi())
    return _described


def operations(api: Api, session_id: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for template, item in document(api)["paths"].items():
        if "{session_id}" in template:
            path = template.replace("{session_id}", session_id)
            for name, value in PARAMETERS.items():
                path = path.replace(f"{{{name}}}", value)
            found += [(method.upper(), path) for method in item]
    return found


async def call(http: httpx.AsyncClient, method: str, path: str) -> httpx.Response:
    body = next((body for (end, verb), body in BODIES.items() if path.endswith(end) and verb == method.lower()), None)
    headers = {"origin": ORIGIN, "accept": "application/json"}
    return await http.request(method, path, json=body, headers=headers)


async def refused_client(api: Api, app: Symphainy, victim: Visitor, how: str, clock: ManualClock) -> httpx.AsyncClient:
    """A client that is not allowed to open the victim's session."""
    match how:
        case "nothing":
            return client(api)
        case "id only":
            return client(api, headers={"authorization": f"Bearer {victim.session_id}"})
        case "unknown token":
            return client(api, headers={"authorization": f"Bearer sym_{'x' * 43}"})
        case "foreign bearer":
            return (await with_bearer(api)).http
        case "foreign cookie":
            return (await with_cookie(api)).http
        case "sister session":
            made = await app.sessions.create_session(victim.session["user_id"])
            return client(api, headers={"authorization": f"Bearer {made.session_token}"})
        case "expired":
            token = await app.sessions.issue_token(victim.session["user_id"])
            clock.advance(29 * DAY)
            await app.sessions.update_session(victim.session_id, title="still used")
            clock.advance(DAY)
            return client(api, cookies={"symphainy": token})
        case _:
            credential = await app.sessions.resolve_session_token(victim.token)
            await app.sessions.rotate_session_token(credential)
            return client(api, headers={"authorization": f"Bearer {victim.token}"})


def test_every_operation_that_needs_no_credential_is_named_here(api: Api) -> None:
    open_ = {path for path, item in document(api)["paths"].items() for it in item.values() if not it.get("security")}
    assert open_ == NEEDS_NOTHING


def test_the_matrix_covers_the_whole_api(api: Api) -> None:
    assert len(operations(api, "s")) >= 27


@pytest.mark.parametrize("how", REFUSALS)
async def test_i7_no_operation_opens_a_session_without_its_credential(
    api: Api, app: Symphainy, visitor: Visitor, clock: ManualClock, how: str
) -> None:
    http = await refused_client(api, app, visitor, how, clock)
    before = (await app.sessions.get_session(visitor.session_id)).seq
    expected = (404, "session_not_found") if how.startswith(("foreign", "sister")) else (401, "not_authenticated")
    for method, path in operations(api, visitor.session_id):
        answer = await call(http, method, path)
        assert (answer.status_code, answer.json()["code"]) == expected, f"{method} {path} with {how}"
    assert (await app.sessions.get_session(visitor.session_id)).seq == before


async def test_a_foreign_session_looks_exactly_like_one_that_does_not_exist(api: Api, visitor: Visitor) -> None:
    other = await with_bearer(api)
    foreign = (await visitor.http.get(other.path)).json()
    unknown = (await visitor.http.get("/api/v1/sessions/ses_none")).json()
    strange = (await visitor.http.get("/api/v1/sessions/%00%2e")).json()
    for answer in (foreign, unknown, strange):
        answer.pop("request_id")
    assert foreign == unknown == strange


async def test_the_cookie_opens_every_session_of_its_user(browser: Visitor) -> None:
    second = (await browser.http.post("/api/v1/sessions", json={"credential": "cookie"})).json()
    for session_id in (browser.session_id, second["session_id"]):
        assert (await browser.http.get(f"/api/v1/sessions/{session_id}")).status_code == 200


async def test_no_token_is_read_from_a_url(visitor: Visitor, nobody: httpx.AsyncClient) -> None:
    for name in ("token", "session_token", "access_token", "symphainy", "authorization"):
        assert (await nobody.get(visitor.path, params={name: visitor.token})).status_code == 401


SAFE = [{"origin": ORIGIN}, {"sec-fetch-site": "same-origin"}, {"origin": ORIGIN, "sec-fetch-site": "same-origin"}]
UNSAFE = [
    {},
    {"origin": "null"},
    {"origin": "http://evil.test"},
    {"origin": f"{ORIGIN}.evil.test"},
    {"origin": f"http://evil.test/{ORIGIN}"},
    {"origin": "http://symphainy.test@evil.test"},
    {"origin": "http://[broken"},
    {"origin": "http://symphainy.test:81"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": ORIGIN, "sec-fetch-site": "cross-site"},
]


@pytest.mark.parametrize("headers", SAFE)
async def test_a_write_from_our_own_page_is_done(browser: Visitor, api: Api, headers: dict[str, str]) -> None:
    async with client(api, cookies={"symphainy": browser.token}, headers=headers) as http:
        assert (await http.patch(browser.path, json={"title": "x"})).status_code == 200


@pytest.mark.parametrize("headers", UNSAFE)
async def test_no_other_site_can_write_with_the_cookie(
    browser: Visitor, api: Api, app: Symphainy, headers: dict[str, str]
) -> None:
    async with client(api, cookies={"symphainy": browser.token}, headers=headers) as http:
        for method, path in [*operations(api, browser.session_id), ("POST", "/api/v1/sessions")]:
            if method != "GET":
                answer = await http.request(method, path, json={})
                assert (answer.status_code, answer.json()["code"]) == (403, "cross_origin"), f"{method} {path}"
        assert (await http.get(browser.path)).status_code == 200
    assert (await app.sessions.get_session(browser.session_id)).seq == browser.session["seq"]


async def test_a_page_elsewhere_cannot_plant_a_cookie(nobody: httpx.AsyncClient) -> None:
    answer = await nobody.post(
        "/api/v1/sessions", json={"credential": "cookie"}, headers={"origin": "http://evil.test"}
    )
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_a_bearer_needs_no_origin(visitor: Visitor) -> None:
    answer = await visitor.http.patch(visitor.path, json={"title": "x"}, headers={"origin": "http://elsewhere.test"})
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers
