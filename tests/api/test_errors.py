"""Problem documents: one mapping, one shape, nothing of the inside."""

from __future__ import annotations

import inspect
import logging
from typing import Any

import httpx
import pytest

from symphainy import errors
from symphainy.api import Api
from symphainy.api.auth import CrossOrigin
from symphainy.api.conversations import RunGoing
from symphainy.api.errors import STATUS, status_of
from symphainy.app import Symphainy

from .conftest import Visitor, client

FIELDS = {"type", "title", "status", "detail", "code", "request_id"}
CLASSES = [item for _, item in inspect.getmembers(errors, inspect.isclass) if issubclass(item, errors.SymphainyError)]


def made(kind: type[errors.SymphainyError]) -> errors.SymphainyError:
    if kind is errors.DataDamaged:
        return errors.DataDamaged("damaged", session_id="ses_1", seq=7)
    if issubclass(kind, errors.ServiceError):
        return kind("encrypted", "cannot be read")
    return kind("it went wrong", details={"seq": 3})


@pytest.mark.parametrize("kind", [*CLASSES, CrossOrigin, RunGoing])
async def test_every_error_is_answered_with_its_status_and_code(
    kind: type[errors.SymphainyError], visitor: Visitor, app: Symphainy, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*args: Any, **options: Any) -> None:
        raise made(kind)

    monkeypatch.setattr(type(app.sessions), "update_session", fail)
    answer = await visitor.http.patch(visitor.path, json={"title": "x"})
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.status_code == problem["status"] == status_of(made(kind))
    assert problem["code"] == kind.code
    assert problem.keys() >= FIELDS
    assert ("retry-after" in answer.headers) == (answer.status_code in (429, 503, 507))
    assert ("www-authenticate" in answer.headers) == (answer.status_code == 401)


def test_the_statuses_are_those_of_the_contract() -> None:
    expected = {
        "session_not_found": 404,
        "not_authenticated": 401,
        "cross_origin": 403,
        "run_going": 409,
        "version_conflict": 409,
        "idempotency_mismatch": 409,
        "too_large": 413,
        "invalid_input": 422,
        "too_many": 429,
        "storage_full": 507,
        "store_unavailable": 503,
    }
    held = {kind.code: status_of(made(kind)) for kind in [*CLASSES, CrossOrigin, RunGoing]}
    assert {code: held[code] for code in expected} == expected
    assert set(STATUS) <= set(CLASSES)


async def test_a_bug_tells_nothing_of_the_inside_and_is_logged(
    visitor: Visitor, app: Symphainy, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(*args: Any, **options: Any) -> None:
        raise RuntimeError("the password is swordfish")

    monkeypatch.setattr(type(app.sessions), "update_session", fail)
    with caplog.at_level(logging.ERROR):
        answer = await visitor.http.patch(visitor.path, json={"title": "x"})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "swordfish" not in answer.text
    assert answer.headers["x-request-id"] == answer.json()["request_id"]
    assert answer.json()["request_id"] in caplog.text
    assert "swordfish" in caplog.text
    assert answer.headers["content-security-policy"]


async def test_what_was_sent_is_not_repeated_in_the_refusal(visitor: Visitor) -> None:
    answer = await visitor.http.patch(visitor.path, json={"title": ["sym_secret-value"], "context": "sym_secret-value"})
    assert answer.status_code == 422
    assert "sym_secret-value" not in answer.text
    assert {item["where"] for item in answer.json()["errors"]} >= {"body.title", "body.context"}


UNREADABLE = {
    "not JSON": b"{title:",
    "not UTF-8": b'{"title": "\xff"}',
    "NaN": b'{"context": {"a": NaN}}',
    "infinity": b'{"context": {"a": -Infinity}}',
    "a float out of range": b'{"context": {"a": 1e999}}',
    "an integer out of range": b'{"context": {"a": 123456789012345678901234567890}}',
    "two million digits": b'{"context": {"a": ' + b"9" * 1_000_000 + b"}}",
    "half a surrogate pair": rb'{"title": "\ud800"}',
    "nested too deeply": b'{"context": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}",
    "nested deeper than can be stored": b'{"context": ' + b'{"a":' * 600 + b"1" + b"}" * 600 + b"}",
    "a name twice": b'{"title": "a", "title": "b"}',
    "UTF-16": '{"title": "a"}'.encode("utf-16"),
}


@pytest.mark.parametrize("what", UNREADABLE)
async def test_json_that_cannot_be_kept_as_it_is_is_refused(what: str, visitor: Visitor, app: Symphainy) -> None:
    headers = {"content-type": "application/json"}
    answer = await visitor.http.patch(visitor.path, content=UNREADABLE[what], headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "unreadable_request")
    assert (await app.sessions.get_session(visitor.session_id)).seq == visitor.session["seq"]


async def test_what_is_accepted_is_kept_exactly(visitor: Visitor) -> None:
    context = {
        "zero": "a\u0000b",
        "big": 2**63,
        "small": -(2**63),
        "float": 1.5,
        "text": "\U0001f600",
        "deep": [[[[1]]]],
    }
    answer = await visitor.http.patch(visitor.path, json={"context": context})
    assert answer.json()["context"] == context
    assert (await visitor.http.get(visitor.path)).json()["context"] == context


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None])
async def test_a_body_that_a_form_of_another_site_could_send_is_not_json(
    visitor: Visitor, media_type: str | None
) -> None:
    headers = {"content-type": media_type} if media_type else {}
    answer = await visitor.http.patch(visitor.path, content=b'{"title": "x"}', headers=headers)
    assert answer.status_code == 415


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/api/v1/sessions", "GET, POST"),
        ("/api/v1/sessions/ses_1", "DELETE, GET, PATCH"),
        ("/api/v1/sessions/ses_1/states/a", "DELETE, GET, PUT"),
        ("/api/v1/meta", "GET"),
    ],
)
async def test_405_names_every_method(nobody: httpx.AsyncClient, path: str, allowed: str) -> None:
    answer = await nobody.request("TRACE", path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    assert answer.json()["code"] == "method_not_allowed"


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_an_unknown_path_of_the_api_is_404(nobody: httpx.AsyncClient, method: str) -> None:
    answer = await nobody.request(method, "/api/v1/nothing/here")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("changes", [{"max_body": 2_000}])
async def test_a_body_may_be_as_long_as_the_limit_and_not_one_byte_longer(visitor: Visitor) -> None:
    def body(length: int) -> bytes:
        frame = b'{"context": {"a": "%b"}}'
        return frame % (b"x" * (length - len(frame) + 2))

    async def chunked(content: bytes):
        yield content[:500]
        yield content[500:]

    headers = {"content-type": "application/json"}
    for sent in (lambda content: content, chunked):
        assert (await visitor.http.patch(visitor.path, content=sent(body(2_000)), headers=headers)).status_code == 200
        answer = await visitor.http.patch(visitor.path, content=sent(body(2_001)), headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_too_long_is_said_before_anything_is_read(api: Api) -> None:
    async def endless():
        yield b"x"
        raise AssertionError("the body was read")

    async with client(api) as http:
        headers = {"content-length": "99999999999", "content-type": "application/json"}
        answer = await http.post("/api/v1/sessions", content=endless(), headers=headers)
    assert answer.status_code == 413


@pytest.mark.parametrize("kind", ["", "text/plain", "application/xml", "multipart/form-data", "application/jsonp"])
async def test_a_body_that_does_not_say_it_is_json_is_refused_as_such(visitor: Visitor, kind: str) -> None:
    for method, path, body in (("PATCH", "/state", b'{"a":1}'), ("POST", "/workflows", b"{}"), ("PATCH", "", b"{}")):
        answer = await visitor.http.request(method, visitor.path + path, content=body, headers={"content-type": kind})
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type"), path
    for good in ("application/json", "application/merge-patch+json", "Application/JSON; charset=utf-8"):
        answer = await visitor.http.patch(f"{visitor.path}/state", content=b"{}", headers={"content-type": good})
        assert answer.status_code == 200


async def test_a_message_of_nothing_but_blanks_is_refused(visitor: Visitor) -> None:
    path = f"{visitor.path}/conversations/guide_agent/messages"
    for blank in ("", " ", "\n\t", "\u3000"):
        assert (await visitor.http.post(path, json={"content": blank})).status_code == 422


@pytest.mark.parametrize(
    ("kind", "stack"), [(errors.StoreUnavailable, False), (errors.StorageFull, False), (errors.DataDamaged, True)]
)
async def test_an_outage_is_one_line_in_the_log_and_a_riddle_has_its_stack(
    kind: type[errors.SymphainyError],
    stack: bool,
    visitor: Visitor,
    app: Symphainy,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail(*args: Any, **options: Any) -> None:
        raise made(kind)

    monkeypatch.setattr(type(app.sessions), "update_session", fail)
    answer = await visitor.http.patch(visitor.path, json={"title": "new"})
    told = [record for record in caplog.records if answer.json()["request_id"] in record.getMessage()]
    assert [bool(record.exc_info) for record in told] == [stack]
