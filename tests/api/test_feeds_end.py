"""How feeds end: revoked, deleted, expired, stalled. Each says why, and takes nothing with it."""

from __future__ import annotations

import asyncio
import time

import httpx
import pytest

from symphainy.api import feeds
from symphainy.app import Symphainy
from symphainy.config import DAY
from symphainy.testing import ManualClock

from .conftest import ORIGIN, Visitor
from .feed_client import opened, stalled_feed


async def test_a_rotated_token_ends_its_feeds_within_a_second(url: str, visitor: Visitor) -> None:
    async with opened(url, visitor.session_id, visitor.token) as feed:
        await feed.next()
        started = time.monotonic()
        fresh = (await visitor.http.post(f"{visitor.path}/token")).json()["session_token"]
        assert (await feed.next("bye")).data["reason"] == "auth"
        assert time.monotonic() - started < 1
    async with opened(url, visitor.session_id, visitor.token) as feed:
        assert feed.answer.status_code == 401
    async with opened(url, visitor.session_id, fresh) as feed:
        assert (await feed.next()).event == "snapshot"


async def test_a_revoked_cookie_ends_the_feeds_of_all_its_sessions_and_no_other(
    url: str, browser: Visitor, app: Symphainy
) -> None:
    second = (await browser.http.post("/api/v1/sessions", json={"credential": "cookie"})).json()
    other = await app.sessions.issue_token(browser.session["user_id"], browser.session_id)
    cookie = {"cookie": f"symphainy={browser.token}"}
    async with (
        httpx.AsyncClient(timeout=10) as http,
        http.stream("GET", f"{url}{browser.path}/events", headers=cookie) as mine,
        http.stream("GET", f"{url}/api/v1/sessions/{second['session_id']}/events", headers=cookie) as also_mine,
        opened(url, browser.session_id, other) as kept,
    ):
        await kept.next()
        started = time.monotonic()
        assert (await browser.http.delete(f"{browser.path}/token", headers={"origin": ORIGIN})).status_code == 204
        for answer in (mine, also_mine):
            text = (await answer.aread()).decode()
            assert '"reason":"auth"' in text.split("event: bye")[1]
        assert time.monotonic() - started < 1
        await app.sessions.update_session(browser.session_id, title="still live")
        assert (await kept.next("events")).data[0]["data"]["title"] == "still live"


async def test_a_token_revoked_by_another_process_ends_its_feeds_too(
    url: str, visitor: Visitor, app: Symphainy
) -> None:
    async with opened(url, visitor.session_id, visitor.token) as feed:
        await feed.next()
        started = time.monotonic()
        credential = await app.sessions.resolve_session_token(visitor.token)
        await app.sessions.revoke_session_token(credential)
        assert (await feed.next("bye")).data["reason"] == "auth"
        assert time.monotonic() - started < 1


@pytest.mark.parametrize("changes", [{"ping_seconds": 0.05}])
async def test_a_token_that_comes_of_age_ends_its_feeds(
    url: str, visitor: Visitor, clock: ManualClock, app: Symphainy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "CHECK_SECONDS", 0.0)
    async with opened(url, visitor.session_id, visitor.token) as feed:
        await feed.next()
        for _ in range(5):
            clock.advance(29 * DAY)
            await app.sessions.update_session(visitor.session_id, title="in use")
            await feed.next("ping")
        clock.advance(36 * DAY)
        assert (await feed.next("bye")).data["reason"] in ("auth", "deleted")


async def test_a_deleted_session_ends_its_feeds_for_good(url: str, visitor: Visitor) -> None:
    async with opened(url, visitor.session_id, visitor.token) as feed:
        await feed.next()
        assert (await visitor.http.delete(visitor.path)).status_code == 204
        assert (await feed.next("bye")).data["reason"] == "deleted"
        with pytest.raises(StopAsyncIteration):
            await feed.next()


async def test_a_feed_that_opens_while_its_token_is_revoked_does_not_slip_through(
    url: str, visitor: Visitor, app: Symphainy, monkeypatch: pytest.MonkeyPatch
) -> None:
    entering = feeds.Feeds.enter
    credential = await app.sessions.resolve_session_token(visitor.token)
    revoked: list[asyncio.Task[None]] = []

    def enter(*args: object) -> object:
        revoked.append(asyncio.ensure_future(app.traffic_cop.delete_tokens(token_hash=credential.token_hash)))  # type: ignore[arg-type]
        return entering(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(feeds.Feeds, "enter", enter)
    check = app.sessions.check_credential

    async def checked(given: object) -> None:
        await asyncio.gather(*revoked)
        await check(given)  # type: ignore[arg-type]

    monkeypatch.setattr(type(app.sessions), "check_credential", lambda self, given: checked(given))
    async with opened(url, visitor.session_id, visitor.token) as feed:
        first = await feed.next()
    assert (first.event, first.data["reason"]) == ("bye", "auth")


async def metric(visitor: Visitor, line: str) -> None:
    """Waits until the metrics have the line."""
    async with asyncio.timeout(30):
        while line not in (await visitor.http.get("/metrics")).text:
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("changes", [{"write_seconds": 0.3}])
async def test_a_slow_reader_is_told_so_and_goes_on_from_its_place(url: str, visitor: Visitor, app: Symphainy) -> None:
    for _ in range(40):
        await app.sessions.patch_state(visitor.session_id, {"a": "x" * 250_000})
    made = stalled_feed(url, visitor.session_id, visitor.token, visitor.session["epoch"])
    with made:
        await metric(visitor, 'symphainy_feeds_ended_total{reason="slow"} 1.0')
        made.setblocking(False)
        received = b""
        async with asyncio.timeout(20):
            while b"event: bye" not in received[-200:]:
                received += await asyncio.get_running_loop().sock_recv(made, 1_000_000)
    assert b'"reason":"slow"' in received.split(b"event: bye")[1]
    places = [line for line in received.split(b"\n") if line.startswith(b"id: ")]
    place = places[-1].removeprefix(b"id: ").strip().decode()
    last = int(place.rpartition(".")[2])
    assert len(places) == last < 41
    async with opened(url, visitor.session_id, visitor.token, after=place) as feed:
        assert await feed.until(41) == list(range(last + 1, 42))
