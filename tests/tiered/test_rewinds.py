"""What the hot store loses is told to everybody who had seen it, over HTTP as in the library, and never taken for something
else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from symphainy.api import Api, create_api
from symphainy.app import Symphainy, open_symphainy
from symphainy.config import Settings
from symphainy.errors import LogSetBack
from symphainy.session import AgentType, Role, Session
from symphainy.stores.base import Stored
from symphainy.stores.memory import MemoryStore
from symphainy.stores.tiered import TieredStore, drainer
from tests.api.conftest import GENEROUS, Visitor, client, with_bearer
from tests.api.feed_client import opened, served

pytestmark = pytest.mark.timeout(30)


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[Symphainy]:
    store = f"memory://+sqlite:///{tmp_path}/durable/symphainy.db"
    async with open_symphainy(Settings(data=tmp_path / "data", store=store, **GENEROUS)) as opened:
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
async def url(api: Api) -> AsyncIterator[str]:
    async with served(api) as (url, _):
        yield url


def store_of(app: Symphainy) -> TieredStore:
    store = app.traffic_cop._store
    assert isinstance(store, TieredStore)
    return store


async def say(app: Symphainy, session_id: str, *texts: str) -> None:
    for text in texts:
        await app.sessions.add_conversation_message(session_id, AgentType.GUIDE, Role.USER, text)


def said(session: Session) -> list[str]:
    return [message.content for message in session.conversations[AgentType.GUIDE.value].messages]


async def nobody_looks() -> None:
    return None


async def lose(
    app: Symphainy,
    session_id: str,
    monkeypatch: pytest.MonkeyPatch,
    *texts: str,
    seen: Callable[[], Awaitable[object]] = nobody_looks,
) -> None:
    """Says something that is acknowledged, and that others may see, and then empties the hot store before it is drained."""
    await store_of(app).settled()
    with monkeypatch.context() as patched:
        patched.setattr(drainer, "GATHER_SECONDS", 3600.0)
        await say(app, session_id, *texts)
        await seen()
        hot = store_of(app)._hot
        assert isinstance(hot, MemoryStore)
        hot._sessions.clear()
        hot._tokens.clear()
    for name in store_of(app)._drainer.undrained:
        store_of(app)._drainer._queue.put_nowait(name)


async def test_who_has_seen_a_lost_entry_is_told_even_if_the_log_has_grown_past_it(
    app: Symphainy, url: str, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    await say(app, visitor.session_id, "kept")
    await lose(app, visitor.session_id, monkeypatch, "lost 1", "lost 2")
    epoch, head = visitor.session["epoch"], 4
    await say(app, visitor.session_id, *(f"later {number}" for number in range(5)))
    async with opened(url, visitor.session_id, visitor.token, after=f"{epoch}.{head}") as feed:
        first = await feed.next()
    assert (first.event, first.data["reason"]) == ("snapshot", "rewound")
    assert first.data["epoch"] != epoch
    messages = first.data["session"]["conversations"]["guide_agent"]["messages"]
    assert [item["content"] for item in messages] == ["kept", *(f"later {number}" for number in range(5))]
    page = await visitor.http.get(
        f"{visitor.path}/events", params={"after": f"{epoch}.{head}"}, headers={"accept": "application/json"}
    )
    assert page.json()["epoch"] == first.data["epoch"]
    assert page.json()["entries"][0]["seq"] == 1


async def test_an_open_feed_ends_and_its_client_comes_back_to_a_rewound_session(
    app: Symphainy, url: str, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    epoch = visitor.session["epoch"]
    async with opened(url, visitor.session_id, visitor.token, after=f"{epoch}.1") as feed:
        assert (await feed.next()).event == "resume"
        await lose(app, visitor.session_id, monkeypatch, "lost", seen=lambda: feed.until(2))
        bye = await feed.next("bye")
        assert bye.data["reason"] == "rotate"
    async with opened(url, visitor.session_id, visitor.token, after=f"{epoch}.2") as feed:
        first = await feed.next()
        assert (first.event, first.data["reason"]) == ("snapshot", "rewound")


async def test_a_fold_that_was_kept_in_memory_is_not_carried_over_lost_entries(
    app: Symphainy, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id = visitor.session_id
    await say(app, session_id, "kept")
    await lose(app, session_id, monkeypatch, "lost 1", "lost 2", "lost 3")
    assert said(await app.sessions.get_session(session_id)) == ["kept"]
    await lose(app, session_id, monkeypatch, "lost 4", "lost 5")
    await say(app, session_id, *(f"later {number}" for number in range(8)))
    assert said(await app.sessions.get_session(session_id)) == ["kept", *(f"later {number}" for number in range(8))]
    answer = await visitor.http.get(visitor.path)
    assert answer.json()["conversations"]["guide_agent"]["messages"][0]["content"] == "kept"


async def test_a_subscriber_in_the_library_is_told(
    app: Symphainy, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    got: list[Stored] = []

    async def follow() -> None:
        async for batch in app.traffic_cop.subscribe(visitor.session_id, 0):
            got.extend(batch)

    following = asyncio.create_task(follow())
    await say(app, visitor.session_id, "kept")

    async def all_of_it() -> None:
        while len(got) < 3:
            await asyncio.sleep(0.01)

    await lose(app, visitor.session_id, monkeypatch, "lost", seen=all_of_it)
    with pytest.raises(LogSetBack):
        await following


async def test_readyz_and_metrics_say_how_far_the_durable_store_is_behind(
    app: Symphainy, api: Api, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with client(api) as http:
        await store_of(app).settled()
        ready = (await http.get("/readyz")).json()
        assert ready["store"] == "memory+sqlite"
        assert ready["lag"] == {"entries": 0, "seconds": 0.0, "most_entries": 100_000, "most_seconds": 600.0}
        monkeypatch.setattr(drainer, "GATHER_SECONDS", 3600.0)
        await say(app, visitor.session_id, "one", "two")
        lag = (await http.get("/readyz")).json()["lag"]
        assert lag["entries"] == 2
        assert lag["seconds"] > 0
        metrics = (await http.get("/metrics")).text
        assert "symphainy_store_lag_entries 2.0" in metrics
        assert "symphainy_store_lag_seconds " in metrics
        monkeypatch.setattr(store_of(app)._drainer, "_most_entries", 2)
        refusal = await http.get("/readyz")
        assert (refusal.status_code, refusal.json()["code"]) == (503, "store_unavailable")
        assert "by 2 entries" in refusal.json()["detail"]
        answer = await visitor.http.patch(visitor.path, json={"title": "no"})
        assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
        for name in store_of(app)._drainer.undrained:
            store_of(app)._drainer._queue.put_nowait(name)
