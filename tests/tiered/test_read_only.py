"""A pair that is opened for reading only reads both stores and changes neither."""

from __future__ import annotations

import pytest

from symphainy.errors import NotAllowed
from symphainy.ids import new_id
from symphainy.stores import open_store
from tests.servers.valkey import valkey_url

from .pair import LIFE, line

__all__ = ["valkey_url"]


async def test_a_pair_for_reading_reads_both_stores(valkey_url: str, postgres_url: str) -> None:
    url = f"{valkey_url}?prefix={new_id('t')}+{postgres_url}"
    async with open_store(url) as store:
        for name in ("hot", "parked"):
            await store.create(name, "user", LIFE, [line(name)])
        await store.settled()  # type: ignore[attr-defined]
        assert await store._residence.park((await store.load("parked"))[0])  # type: ignore[attr-defined]
        async with open_store(url, read_only=True) as beside:
            heads, _ = await beside.list_sessions()
            assert sorted(head.session_id for head in heads) == ["hot", "parked"]
            for name in ("hot", "parked"):
                assert [item.data for item in await beside.read(name)] == [name.encode()]
            for write in (
                beside.append("parked", [line("x")]),
                beside.create("new", "user", LIFE, []),
                beside.touch("hot"),
                beside.delete("hot"),
                beside.acquire_lease("hot", "lane", "a", 1),
                beside.probe(),
            ):
                with pytest.raises(NotAllowed):
                    await write
        assert len(await store.read("parked")) == 1
