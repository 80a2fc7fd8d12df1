"""The live feed as spec/SYNC.md has it, over a real server."""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any

import httpx
import pytest

from symphainy.api import Api
from symphainy.app import Symphainy
from symphainy.codec import entry_from_json, from_json, snapshot_document
from symphainy.fold import fold
from symphainy.session import Session

from .conftest import Visitor
from .feed_client import opened


async def write(app: Symphainy, session_id: str, count: int, text: str = "x") -> None:
    for number in range(count):
        await app.sessions.patch_state(session_id, {f"k{number % 7}": f"{text}{number}"})


def epoch_of(visitor: Visitor) -> str:
    return visitor.session["epoch"]


async def test_a_feed_begins_with_a_snapshot_and_folds_to_the_next_one(
    url: str, visitor: Visitor, app: Symphainy
) -> None:
    async with opened(url, visitor.session_id, visitor.token) as feed:
        assert feed.answer.headers["content-type"].startswith("text/event-stream")
        assert feed.answer.headers["cache-control"] == "no-store"
        assert feed.answer.headers["x-accel-buffering"] == "no"
        first = await feed.next()
        assert first.event == "snapshot"
        assert first.id == f"{epoch_of(visitor)}.1"
        assert {name: first.data[name] for name in ("v", "epoch", "seq", "reason")} == {
            "v": 1,
            "epoch": epoch_of(visitor),
            "seq": 1,
            "reason": "start",
        }
        session = from_json(Session, first.data["session"])
        await write(app, visitor.session_id, 40)
        await app.sessions.add_conversation_message(visitor.session_id, "guide_agent", "user", "hello\r\n\r\ndata: x")
        while session.seq < 42:
            frame = await feed.next("events")
            assert frame.id == f"{epoch_of(visitor)}.{frame.seqs[-1]}"
            session = fold(session, (entry_from_json(entry) for entry in frame.data))
    expected = snapshot_document(await app.sessions.get_session(visitor.session_id))
    assert snapshot_document(session) == expected


async def test_a_frame_has_at_most_16_entries_or_16_kilobytes(url: str, visitor: Visitor, app: Symphainy) -> None:
    await write(app, visitor.session_id, 60)
    await write(app, visitor.session_id, 30, "y" * 3_000)
    await write(app, visitor.session_id, 3, "z" * 20_000)
    found: list[int] = []
    async with opened(url, visitor.session_id, visitor.token, after=f"{epoch_of(visitor)}.0") as feed:
        resume = await feed.next()
        assert (resume.event, resume.id) == ("resume", None)
        assert resume.data == {"v": 1, "epoch": epoch_of(visitor), "after": 0, "head": 94}
        while len(found) < 94:
            frame = await feed.next("events")
            assert len(frame.data) == 1 or (len(frame.data) <= 16 and frame.size <= 16_384 + 200)
            found += frame.seqs
    assert found == list(range(1, 95))


async def test_what_is_sent_is_what_is_stored(url: str, visitor: Visitor, app: Symphainy) -> None:
    await write(app, visitor.session_id, 3)
    stored = await app.traffic_cop.read(visitor.session_id)
    async with opened(url, visitor.session_id, visitor.token, after=f"{epoch_of(visitor)}.0") as feed:
        frame = await feed.next("events")
    assert frame.data == [{"seq": item.seq, **json.loads(item.data)} for item in stored]


@pytest.mark.parametrize("seed", range(3))
async def test_resumed_at_any_point_every_entry_comes_exactly_once(
    url: str, visitor: Visitor, app: Symphainy, seed: int
) -> None:
    chance = random.Random(seed)
    total, found = 300, list[int]()
    place = f"{epoch_of(visitor)}.1"
    writing = asyncio.create_task(write(app, visitor.session_id, total))
    async with asyncio.timeout(30):
        while len(found) < total:
            header = chance.random() < 0.5
            places = {"last_event_id" if header else "after": place}
            async with opened(url, visitor.session_id, visitor.token, **places) as feed:
                assert (await feed.next()).event == "resume"
                for _ in range(chance.randint(0, 6)):
                    if len(found) == total:
                        break
                    frame = await feed.next("events")
                    found += frame.seqs
                    assert frame.id is not None
                    place = frame.id
    await writing
    assert found == list(range(2, total + 2))


async def test_the_header_goes_before_the_parameter(url: str, visitor: Visitor, app: Symphainy) -> None:
    await write(app, visitor.session_id, 5)
    places = {"last_event_id": f"{epoch_of(visitor)}.4", "after": f"{epoch_of(visitor)}.1"}
    async with opened(url, visitor.session_id, visitor.token, **places) as feed:
        assert await feed.until(6) == [5, 6]


async def test_a_cursor_of_another_epoch_is_told_that_it_is_rewound(url: str, visitor: Visitor) -> None:
    async with opened(url, visitor.session_id, visitor.token, after="ep_other.1") as feed:
        first = await feed.next()
    assert (first.event, first.data["reason"], first.data["epoch"]) == ("snapshot", "rewound", epoch_of(visitor))


async def test_a_cursor_ahead_of_the_head_renews_the_epoch_for_everybody(
    url: str, visitor: Visitor, app: Symphainy
) -> None:
    async with opened(url, visitor.session_id, visitor.token, after=f"{epoch_of(visitor)}.1") as other:
        assert (await other.next()).event == "resume"
        async with opened(url, visitor.session_id, visitor.token, after=f"{epoch_of(visitor)}.99") as feed:
            first = await feed.next()
            renewed = first.data["epoch"]
            assert (first.event, first.data["reason"]) == ("snapshot", "rewound")
            assert renewed != epoch_of(visitor)
            assert first.data["session"]["epoch"] == renewed
            await write(app, visitor.session_id, 1)
            assert (await feed.next("events")).id == f"{renewed}.3"
        seen = [await other.next("events")]
        while seen[-1].seqs[-1] < 3:
            seen.append(await other.next("events"))
        assert {frame.id for frame in seen} <= {f"{renewed}.2", f"{renewed}.3"}
    async with opened(url, visitor.session_id, visitor.token, after=f"{renewed}.3") as feed:
        assert (await feed.next()).event == "resume"


STRANGE = [
    "x",
    "1",
    ".1",
    "ep.",
    "ep.-1",
    "ep.1.5",
    "ep.1e3",
    "ep.0x1",
    "ep.9999999999999999",
    "ep.1 ",
    "ep/../x.1",
    "e" * 65 + ".1",
    "ep_\u00e9.1",
    "x" * 1_000_000,
    "ep." + "9" * 100_000,
    "%00.1",
    "ep.\u0661",
]


@pytest.mark.parametrize("text", STRANGE, ids=range(len(STRANGE)))
async def test_what_is_no_cursor_is_refused(visitor: Visitor, app: Symphainy, text: str) -> None:
    path = f"{visitor.path}/events"
    headers: dict[bytes, bytes] = {b"Last-Event-ID": text.encode()}
    params = {"after": text[:10_000]}
    for answer in (
        await visitor.http.get(path, headers=list(headers.items())),
        await visitor.http.get(path, params=params),
    ):
        assert (answer.status_code, answer.json()["code"]) == (400, "unreadable_request")
    assert (await app.sessions.get_session(visitor.session_id)).seq == 1


async def test_random_cursors_never_break_the_server_or_show_another_session(
    visitor: Visitor, browser: Visitor
) -> None:
    chance = random.Random(5)
    pieces = [epoch_of(browser), epoch_of(visitor), ".", "1", "0", "-", "_", "\x7f", "\xff", "ep_", "9" * 15, " ", '"']
    for _ in range(200):
        text = "".join(chance.choices(pieces, k=chance.randint(1, 5)))
        headers = {"Last-Event-ID": text.encode("latin-1"), "accept": "application/json"}
        answer = await visitor.http.get(f"{visitor.path}/events", headers=headers)
        assert answer.status_code in (200, 400), text
        assert browser.session_id not in answer.text


async def test_the_log_can_be_read_page_by_page(visitor: Visitor, app: Symphainy) -> None:
    await write(app, visitor.session_id, 25)
    found: list[int] = []
    after = None
    while True:
        params: dict[str, Any] = {"limit": 10, **({"after": after} if after else {})}
        answer = await visitor.http.get(f"{visitor.path}/events", params=params, headers={"accept": "application/json"})
        page = answer.json()
        assert (page["epoch"], page["head"]) == (epoch_of(visitor), 26)
        found += [entry["seq"] for entry in page["entries"]]
        after = f"{page['epoch']}.{found[-1]}"
        if not page["has_more"]:
            break
    assert found == list(range(1, 27))
    for limit in (0, 501):
        params = {"limit": limit}
        answer = await visitor.http.get(f"{visitor.path}/events", params=params, headers={"accept": "application/json"})
        assert answer.status_code == 422


async def test_a_page_after_a_rewind_is_of_another_epoch(visitor: Visitor) -> None:
    params, headers = {"after": f"{epoch_of(visitor)}.50"}, {"accept": "application/json"}
    page = (await visitor.http.get(f"{visitor.path}/events", params=params, headers=headers)).json()
    assert page["epoch"] != epoch_of(visitor)
    assert [entry["seq"] for entry in page["entries"]] == [1, 2]


@pytest.mark.parametrize("changes", [{"ping_seconds": 0.05}])
async def test_silence_is_filled_with_the_heads_seq(url: str, visitor: Visitor, app: Symphainy) -> None:
    async with opened(url, visitor.session_id, visitor.token) as feed:
        assert (await feed.next("ping")).data == {"seq": 1}
        await write(app, visitor.session_id, 1)
        await feed.next("events")
        ping = await feed.next("ping")
        assert (ping.data, ping.id) == ({"seq": 2}, None)


@pytest.mark.parametrize("changes", [{"feed_seconds": 0.2}])
async def test_a_feed_asks_to_reconnect_after_its_time(url: str, visitor: Visitor) -> None:
    async with opened(url, visitor.session_id, visitor.token) as feed:
        frames = [frame async for frame in feed.frames()]
    assert [frame.event for frame in frames] == ["snapshot", "bye"]
    assert frames[-1].data["reason"] == "rotate"
    assert 0 < frames[-1].data["retry_ms"] <= 1_000


@pytest.mark.parametrize("changes", [{"feeds_per_user": 2}])
async def test_feeds_of_a_user_are_limited_and_counted_back(url: str, visitor: Visitor, api: Api) -> None:
    async with opened(url, visitor.session_id, visitor.token) as first:
        await first.next()
        async with opened(url, visitor.session_id, visitor.token) as second:
            await second.next()
            assert "symphainy_feeds_open 2.0" in (await visitor.http.get("/metrics")).text
            async with opened(url, visitor.session_id, visitor.token) as third:
                assert third.answer.status_code == 429
                assert third.answer.headers["retry-after"] == "5"
    async with asyncio.timeout(5):
        while "symphainy_feeds_open 0.0" not in (await visitor.http.get("/metrics")).text:
            await asyncio.sleep(0.01)
    async with opened(url, visitor.session_id, visitor.token) as feed:
        assert (await feed.next()).event == "snapshot"


async def test_closing_a_feed_stops_nothing(url: str, visitor: Visitor, app: Symphainy) -> None:
    path = f"{visitor.path}/conversations/guide_agent/messages"
    async with opened(url, visitor.session_id, visitor.token) as feed:
        await feed.next()
        run_id = (await visitor.http.post(path, json={"content": "hello"})).json()["run_id"]
    async with asyncio.timeout(10):
        while not (await app.chat.get_run(visitor.session_id, run_id)).status.finished:
            await asyncio.sleep(0.01)


async def test_a_head_request_opens_no_feed(url: str, visitor: Visitor) -> None:
    async with httpx.AsyncClient() as http:
        headers = {"authorization": f"Bearer {visitor.token}"}
        assert (await http.head(f"{url}{visitor.path}/events", headers=headers)).status_code == 405


async def test_a_log_that_was_set_back_and_has_grown_is_noticed_by_what_the_client_knows(
    url: str, visitor: Visitor, app: Symphainy
) -> None:
    await write(app, visitor.session_id, 5)
    epoch = epoch_of(visitor)
    entries = (await visitor.http.get(f"{visitor.path}/events", headers={"accept": "application/json"})).json()
    third = entries["entries"][2]["ts"]
    page = {"params": {"after": f"{epoch}.3", "known": third}, "headers": {"accept": "application/json"}}
    same = (await visitor.http.get(f"{visitor.path}/events", **page)).json()
    assert (same["epoch"], same["entries"][0]["seq"]) == (epoch, 4)
    async with opened(url, visitor.session_id, visitor.token, after=f"{epoch}.3", known=third) as feed:
        assert (await feed.next()).event == "resume"
    async with opened(
        url, visitor.session_id, visitor.token, after=f"{epoch}.3", known="2020-01-01T00:00:00.000Z"
    ) as feed:
        first = await feed.next()
        assert (first.event, first.data["reason"]) == ("snapshot", "rewound")
        assert first.data["epoch"] != epoch
    other = (await visitor.http.get(f"{visitor.path}/events", **page)).json()
    assert (other["epoch"], other["entries"][0]["seq"]) == (first.data["epoch"], 1)
