"""Sessions over HTTP: who gets what, and what a repeated or concurrent request changes."""

from __future__ import annotations

import httpx
import pytest

from symphainy.api import Api

from .conftest import ORIGIN, Visitor, client, with_bearer


async def test_a_new_session_is_the_snapshot_with_the_token_that_opens_it(nobody: httpx.AsyncClient) -> None:
    answer = await nobody.post("/api/v1/sessions", json={"title": "Claims", "context": {"project": "x"}})
    made = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/api/v1/sessions/{made['session_id']}"
    assert "set-cookie" not in answer.headers
    assert made["title"] == "Claims"
    assert made["session_token"].startswith("sym_")
    assert len(made["conversations"]) == 5
    token = {"authorization": f"Bearer {made.pop('session_token')}"}
    assert (await nobody.get(f"/api/v1/sessions/{made['session_id']}", headers=token)).json() == made


async def test_the_cookie_is_given_once_and_hides_from_scripts_and_other_sites(api: Api) -> None:
    async with client(api, headers={"origin": ORIGIN}) as http:
        answer = await http.post("/api/v1/sessions", json={"credential": "cookie"})
        assert answer.json()["session_token"] is None
        flags = answer.headers["set-cookie"].lower()
        assert flags.startswith("symphainy=sym_")
        assert all(flag in flags for flag in ("httponly", "samesite=lax", "path=/", "max-age="))
        assert "secure" not in flags
        assert "domain" not in flags
        again = await http.post("/api/v1/sessions", json={"credential": "cookie"})
        assert "set-cookie" not in again.headers
        assert again.json()["user_id"] == answer.json()["user_id"]
        listed = (await http.get("/api/v1/sessions")).json()["sessions"]
        assert {item["session_id"] for item in listed} == {answer.json()["session_id"], again.json()["session_id"]}


@pytest.mark.parametrize("changes", [{"host": "0.0.0.0"}])
async def test_the_cookie_is_secure_off_loopback(browser: Visitor, api: Api) -> None:
    async with client(api, headers={"origin": ORIGIN}) as http:
        answer = await http.post("/api/v1/sessions", json={"credential": "cookie"})
    assert "; secure" in answer.headers["set-cookie"].lower()


async def test_every_visitor_is_a_user_of_their_own(api: Api) -> None:
    first, second = await with_bearer(api), await with_bearer(api)
    assert first.session["user_id"] != second.session["user_id"]
    assert first.session["user_id"].startswith("usr_")


async def test_an_idempotency_key_answers_its_user_with_the_same_session(browser: Visitor) -> None:
    key = {"Idempotency-Key": "create-0001"}
    first = await browser.http.post("/api/v1/sessions", json={"credential": "cookie"}, headers=key)
    again = await browser.http.post("/api/v1/sessions", json={"credential": "cookie"}, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()


async def test_a_guessed_idempotency_key_opens_nothing(api: Api) -> None:
    key = {"Idempotency-Key": "create-0001"}
    async with client(api) as victim, client(api) as thief:
        made = (await victim.post("/api/v1/sessions", json={}, headers=key)).json()
        stolen = (await thief.post("/api/v1/sessions", json={}, headers=key)).json()
    assert stolen["session_id"] != made["session_id"]
    assert stolen["user_id"] != made["user_id"]


async def test_the_token_of_one_session_buys_no_cookie_for_all_of_them(visitor: Visitor) -> None:
    answer = await visitor.http.post("/api/v1/sessions", json={"credential": "cookie"}, headers={"origin": ORIGIN})
    assert answer.status_code == 403
    assert answer.json()["code"] == "not_allowed"
    assert "set-cookie" not in answer.headers


async def test_a_browser_with_a_dead_cookie_gets_a_new_one(browser: Visitor, api: Api) -> None:
    browser.http.cookies.set("symphainy", "sym_dead")
    refused = await browser.http.get("/api/v1/sessions")
    assert refused.status_code == 401
    async with client(api, headers={"origin": ORIGIN}, cookies={"symphainy": "sym_dead"}) as http:
        answer = await http.post("/api/v1/sessions", json={"credential": "cookie"})
        assert answer.status_code == 201
        assert "sym_dead" not in answer.headers["set-cookie"]


async def test_a_bearer_token_that_nobody_issued_is_never_adopted(nobody: httpx.AsyncClient) -> None:
    answer = await nobody.post("/api/v1/sessions", json={}, headers={"authorization": "Bearer sym_mine"})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_an_unchanged_session_is_answered_with_304(visitor: Visitor) -> None:
    etag = (await visitor.http.get(visitor.path)).headers["etag"]
    assert etag == f'"{visitor.session["epoch"]}.{visitor.session["seq"]}"'
    for held in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        answer = await visitor.http.get(visitor.path, headers={"If-None-Match": held})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag)
    await visitor.http.patch(visitor.path, json={"title": "New"})
    changed = await visitor.http.get(visitor.path, headers={"If-None-Match": etag})
    assert changed.status_code == 200
    assert changed.json()["title"] == "New"


async def test_context_is_merged_and_the_title_kept(visitor: Visitor) -> None:
    await visitor.http.patch(visitor.path, json={"title": "A", "context": {"a": 1, "b": {"c": 2}}})
    answer = await visitor.http.patch(visitor.path, json={"context": {"a": None, "b": {"d": 3}}})
    assert answer.json()["context"] == {"b": {"c": 2, "d": 3}}
    assert answer.json()["title"] == "A"


async def test_a_deleted_session_and_its_token_are_gone(visitor: Visitor) -> None:
    assert (await visitor.http.delete(visitor.path)).status_code == 204
    assert (await visitor.http.get(visitor.path)).status_code == 401
    assert (await visitor.http.delete(visitor.path)).status_code == 401


async def test_sessions_are_listed_page_by_page_newest_first(browser: Visitor, clock) -> None:
    for number in range(4):
        clock.advance(1)
        await browser.http.post("/api/v1/sessions", json={"credential": "cookie", "title": str(number)})
    found, cursor = [], None
    while True:
        page = (
            await browser.http.get("/api/v1/sessions", params={"limit": 2, **({"cursor": cursor} if cursor else {})})
        ).json()
        found += [item["title"] for item in page["sessions"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == ["3", "2", "1", "0", ""]


async def test_a_session_token_lists_its_own_session_alone(api: Api, browser: Visitor) -> None:
    made = (await browser.http.post("/api/v1/sessions", json={})).json()
    async with client(api, headers={"authorization": f"Bearer {made['session_token']}"}) as http:
        listed = (await http.get("/api/v1/sessions")).json()["sessions"]
    assert [item["session_id"] for item in listed] == [made["session_id"]]


async def test_a_rotated_token_is_dead_at_once_and_its_successor_works(
    visitor: Visitor, nobody: httpx.AsyncClient
) -> None:
    answer = await visitor.http.post(f"{visitor.path}/token")
    fresh = {"authorization": f"Bearer {answer.json()['session_token']}"}
    assert (await visitor.http.get(visitor.path)).status_code == 401
    assert (await nobody.get(visitor.path, headers=fresh)).status_code == 200


async def test_a_rotated_cookie_is_dead_at_once_and_its_successor_works(browser: Visitor, api: Api) -> None:
    http = browser.http
    old = http.cookies["symphainy"]
    assert (await http.post(f"{browser.path}/token")).json() == {"session_token": None}
    assert http.cookies["symphainy"] != old
    assert (await http.get(browser.path)).status_code == 200
    async with client(api, cookies={"symphainy": old}) as thief:
        assert (await thief.get(browser.path)).status_code == 401


async def rotate(visitor: Visitor, token: str, key: str | None, api: Api, *, cookie: bool = False) -> httpx.Response:
    """The answer to a rotation, which the visitor's own client never sees."""
    shown = {"cookies": {"symphainy": token}} if cookie else {"headers": {"authorization": f"Bearer {token}"}}
    async with client(api, **shown) as http:
        headers = {"origin": ORIGIN, **({"Idempotency-Key": key} if key else {})}
        return await http.post(f"{visitor.path}/token", headers=headers)


def bearer(answer: httpx.Response) -> dict[str, str]:
    return {"authorization": f"Bearer {answer.json()['session_token']}"}


KEY = "rotation-key-of-enough-length"


async def test_a_rotation_whose_answer_was_lost_is_repeated_with_its_key_and_with_nothing_else(
    visitor: Visitor, nobody: httpx.AsyncClient, api: Api
) -> None:
    lost = await rotate(visitor, visitor.token, KEY, api)
    for method in ("GET", "PATCH", "DELETE"):
        assert (await visitor.http.request(method, visitor.path)).status_code == 401
    for key in (None, f"{KEY}x", KEY[:-1]):
        assert (await rotate(visitor, visitor.token, key, api)).status_code == 401
    assert (await rotate(visitor, visitor.token + "x", KEY, api)).status_code == 401
    again = await rotate(visitor, visitor.token, KEY, api)
    assert again.json() == lost.json()
    assert (await nobody.get(visitor.path, headers=bearer(again))).status_code == 200
    assert (await rotate(visitor, visitor.token, KEY, api)).status_code == 401, "the new token has been used"
    assert (await nobody.get(visitor.path, headers=bearer(again))).status_code == 200


async def test_a_browser_that_lost_the_answer_keeps_its_sessions(browser: Visitor, api: Api) -> None:
    lost = await rotate(browser, browser.token, KEY, api, cookie=True)
    assert lost.status_code == 200
    refused = await browser.http.get("/api/v1/sessions")
    assert refused.status_code == 401
    assert "set-cookie" not in refused.headers, "or the cookie would be gone before the rotation is repeated"
    again = await browser.http.post(f"{browser.path}/token", headers={"Idempotency-Key": KEY})
    assert again.headers["set-cookie"] == lost.headers["set-cookie"]
    listed = (await browser.http.get("/api/v1/sessions")).json()["sessions"]
    assert [item["session_id"] for item in listed] == [browser.session_id]


async def test_a_rotation_can_be_repeated_for_two_minutes(visitor: Visitor, api: Api, clock) -> None:
    first = await rotate(visitor, visitor.token, KEY, api)
    clock.advance(119.9)
    assert (await rotate(visitor, visitor.token, KEY, api)).json() == first.json()
    clock.advance(0.1)
    assert (await rotate(visitor, visitor.token, KEY, api)).status_code == 401


async def test_a_rotation_cannot_be_repeated_once_the_new_token_was_rotated_or_revoked(
    visitor: Visitor, api: Api, nobody: httpx.AsyncClient
) -> None:
    first = await rotate(visitor, visitor.token, KEY, api)
    second = await rotate(visitor, first.json()["session_token"], KEY, api)
    assert (await rotate(visitor, visitor.token, KEY, api)).status_code == 401
    third = await rotate(visitor, second.json()["session_token"], None, api)
    assert (await nobody.delete(f"{visitor.path}/token", headers=bearer(third))).status_code == 204
    for token in (visitor.token, first.json()["session_token"], second.json()["session_token"]):
        assert (await rotate(visitor, token, KEY, api)).status_code == 401


async def test_a_repeated_rotation_opens_no_other_session(visitor: Visitor, api: Api) -> None:
    other = await with_bearer(api)
    await rotate(visitor, visitor.token, KEY, api)
    assert (await rotate(other, visitor.token, KEY, api)).status_code == 404


async def test_a_key_that_could_be_guessed_is_refused(visitor: Visitor, api: Api) -> None:
    assert (await rotate(visitor, visitor.token, "rotation-0001", api)).status_code == 422
    assert (await visitor.http.get(visitor.path)).status_code == 200


async def test_a_revoked_cookie_is_dead_and_cleared(browser: Visitor) -> None:
    answer = await browser.http.delete(f"{browser.path}/token")
    assert answer.status_code == 204
    assert "max-age=0" in answer.headers["set-cookie"].lower()
    assert (await browser.http.get(browser.path)).status_code == 401


async def test_nothing_is_listed_without_a_credential(nobody: httpx.AsyncClient) -> None:
    answer = await nobody.get("/api/v1/sessions")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_browser_resumes_the_session_that_was_active_last_or_gets_a_first_one(api: Api, clock) -> None:
    body = {"credential": "cookie", "resume": True}
    async with client(api, headers={"origin": ORIGIN}) as http:
        first = await http.post("/api/v1/sessions", json=body)
        assert first.status_code == 201
        assert "symphainy=sym_" in first.headers["set-cookie"]
        second = await http.post("/api/v1/sessions", json={"credential": "cookie"})
        clock.advance(1)
        await http.patch(f"/api/v1/sessions/{first.json()['session_id']}", json={"title": "Active"})
        resumed = await http.post("/api/v1/sessions", json=body)
        assert (resumed.status_code, resumed.json()["title"]) == (200, "Active")
        assert resumed.json()["session_token"] is None
        assert "set-cookie" not in resumed.headers
        for made in (first, second):
            await http.delete(f"/api/v1/sessions/{made.json()['session_id']}")
        again = await http.post("/api/v1/sessions", json=body)
        assert again.status_code == 201
        assert again.json()["user_id"] == first.json()["user_id"]


async def test_a_session_token_resumes_nothing(visitor: Visitor) -> None:
    assert (await visitor.http.post("/api/v1/sessions", json={"resume": True})).status_code == 422
    cookie = {"credential": "cookie", "resume": True}
    answer = await visitor.http.post("/api/v1/sessions", json=cookie, headers={"origin": ORIGIN})
    assert answer.status_code == 403


@pytest.mark.parametrize("changes", [{"sessions_per_minute": 1}])
async def test_coming_back_is_not_counted_as_a_new_session(browser: Visitor) -> None:
    for _ in range(5):
        answer = await browser.http.post("/api/v1/sessions", json={"credential": "cookie", "resume": True})
        assert answer.status_code == 200
