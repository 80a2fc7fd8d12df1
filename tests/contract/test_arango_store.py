"""What the ArangoDB store promises beyond the contract, and that the stand-in for its server is strict."""

from __future__ import annotations

import random
import re
import sys
from collections.abc import AsyncIterator, Iterator
from importlib.abc import MetaPathFinder
from typing import Any

import aiohttp
import pytest
from arangoasync.exceptions import ArangoError, ArangoServerError
from arangoasync.request import Method, Request
from arangoasync.response import Response

from symphainy.errors import (
    DataDamaged,
    InvalidInput,
    NotAllowed,
    StorageFull,
    StoreUnavailable,
    SymphainyError,
    TooLarge,
)
from symphainy.stores import open_store
from symphainy.stores.arango import ArangoStore, log
from symphainy.stores.arango.connection import Changed, NotThere, Passing, Taken, address_of, meaning
from symphainy.stores.arango.documents import key_of
from symphainy.stores.base import Lifetime, Record, StoredSnapshot, Token, Work, roll
from symphainy.stores.memory import MemoryStore
from symphainy.testing import ManualClock
from tests.servers.arango import ArangoServer
from tests.servers.arango_statements import KEY_CHARACTERS, MEANINGS, digest, texts

LIFETIME = Lifetime(1e6, 1e7)


@pytest.fixture
def server() -> Iterator[ArangoServer]:
    server = ArangoServer()
    server.start()
    yield server
    server.remove()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def store(server: ArangoServer, clock: ManualClock) -> AsyncIterator[ArangoStore]:
    async with ArangoStore(server.url(), clock=clock) as store:
        yield store


def test_the_meaning_of_every_statement_was_looked_at_when_its_text_last_changed() -> None:
    assert {name: digest(text) for name, text in texts().items()} == {
        name: kept for name, (kept, _) in MEANINGS.items()
    }


@pytest.mark.parametrize("forbidden", ["overwrite:", "UPSERT", "CONCAT", "V8", "UPDATE d IN", "INBOUND", "//"])
def test_no_statement_uses_what_is_deprecated_or_not_atomic(forbidden: str) -> None:
    assert [name for name, text in texts().items() if forbidden in text] == []


@pytest.mark.parametrize("name", texts())
def test_no_statement_declares_a_variable_twice(name: str) -> None:
    """AQL has no shadowing: a variable of an outer scope cannot be declared again in a subquery (error 1511)."""
    scopes: list[set[str]] = [set()]
    for sign, variable in re.findall(r"([()])|\b(?:FOR|LET)\s+(\w+)", texts()[name]):
        if sign == "(":
            scopes.append(set())
        elif sign:
            scopes.pop()
        else:
            assert not any(variable in scope for scope in scopes), variable
            scopes[-1].add(variable)
    assert len(scopes) == 1


async def test_the_stand_in_refuses_every_text_that_it_does_not_know(server: ArangoServer, store: ArangoStore) -> None:
    for text in ("RETURN 1", f"{texts()['LOOK']} "):
        with pytest.raises(StoreUnavailable, match="not implemented"):
            await store._connection.run(text)
    assert len(server.refused) == 2


@pytest.mark.parametrize(
    ("method", "path", "headers", "body"),
    [
        ("GET", "/_db/symphainy/_api/version", {}, None),
        ("POST", "/_db/symphainy/_api/transaction/begin", {}, {}),
        ("GET", "/_db/symphainy/_api/wal/tail", {}, None),
        ("POST", "/_db/symphainy/_api/cursor?explain=true", {}, {"query": "RETURN 1"}),
        ("POST", "/_db/symphainy/_api/cursor", {"x-arango-trx-id": "1"}, {"query": "RETURN 1"}),
        ("POST", "/_db/symphainy/_api/cursor", {}, {"query": "RETURN 1", "stream": True}),
        ("POST", "/_db/symphainy/_api/index?collection=symphainy_log", {}, {"type": "skiplist", "fields": ["a"]}),
        ("POST", "/_db/symphainy/_api/document/symphainy_log", {}, {}),
    ],
)
async def test_the_stand_in_refuses_what_is_not_in_the_description(
    server: ArangoServer, store: ArangoStore, method: str, path: str, headers: dict[str, str], body: Any
) -> None:
    url = f"http://127.0.0.1:{server.port}{path}"
    signed_in = {"authorization": aiohttp.encode_basic_auth(server.username, server.password), **headers}
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, url, headers=signed_in, json=body) as answer,
    ):
        assert (answer.status, (await answer.json())["errorNum"]) == (501, 9)


@pytest.mark.parametrize(
    ("url", "hosts", "database", "user"),
    [
        ("arangodb://u:p%40s@host/db", ("http://host:8529",), "db", ("u", "p@s")),
        ("arangodb+https://u:p@a:1,b:2/my%20db", ("https://a:1", "https://b:2"), "my db", ("u", "p")),
        ("arangodb://127.0.0.1/db", ("http://127.0.0.1:8529",), "db", ("root", "")),
    ],
)
def test_an_address(url: str, hosts: tuple[str, ...], database: str, user: tuple[str, str]) -> None:
    address = address_of(url)
    assert (address.hosts, address.database, (address.username, address.password)) == (hosts, database, user)


@pytest.mark.parametrize(
    "url",
    ["arangodb://u:secret@host", "arangodb://u:secret@/db", "arangodb://u:secret@h/a/b", "arangodb://u:secret@h/a?b=1"],
)
def test_an_address_that_is_none_is_refused_and_its_password_not_told(url: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        open_store(url)
    assert "secret" not in refusal.value.message


@pytest.mark.parametrize("missing", ["arangoasync", "aiohttp"])
def test_a_missing_extra_is_named(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Hidden(MetaPathFinder):
        def find_spec(self, fullname: str, path: Any, target: Any = None) -> None:
            if fullname.partition(".")[0] == missing:
                raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)

    for name in list(sys.modules):
        if name.startswith(("symphainy.stores.arango", missing)):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Hidden(), *sys.meta_path])
    with pytest.raises(InvalidInput, match=r"pip install 'symphainy\[arango\]'"):
        open_store("arangodb://host/db")


@pytest.mark.parametrize(
    ("code", "number", "expected"),
    [
        (409, 1210, Taken),
        (409, 1200, Changed),
        (412, 1200, Changed),
        (404, 1202, Changed),
        (404, 1203, NotThere),
        (404, 1228, NotThere),
        (503, 30, Passing),
        (503, 1429, Passing),
        (500, 4, Passing),
        (412, 21004, Passing),
        (410, 1500, Passing),
        (500, 1104, StorageFull),
        (400, 1216, TooLarge),
        (413, None, TooLarge),
        (401, 11, StoreUnavailable),
        (403, 1004, StoreUnavailable),
        (400, 1501, StoreUnavailable),
        (501, 9, StoreUnavailable),
        (502, None, Passing),
    ],
)
def test_what_an_error_of_the_server_means(code: int, number: int | None, expected: type[Exception]) -> None:
    response = Response(Method.POST, "http://host", {}, code, "status", b"")
    response.error_code, response.error_message = number, "text"
    assert isinstance(meaning(ArangoServerError(response, Request(Method.POST, "/"))), expected)


async def test_a_wrong_password_is_told_at_once(server: ArangoServer) -> None:
    url = server.url().replace("p%40ss", "wrong")
    with pytest.raises(StoreUnavailable, match="user and password") as refusal:
        await ArangoStore(url).__aenter__()
    assert "wrong" not in refusal.value.message


async def test_a_server_with_a_new_secret_is_signed_in_to_again(server: ArangoServer, store: ArangoStore) -> None:
    await store.create("s", "user", LIFETIME, [])
    server.secret = "another secret of at least 32 bytes, after a restart"
    assert (await store.load("s"))[0].seq == 0


async def test_a_server_without_authentication_needs_no_user(server: ArangoServer) -> None:
    server.authenticates = False
    with pytest.raises(StoreUnavailable, match="leave user and password out"):
        await ArangoStore(server.url()).__aenter__()
    async with ArangoStore(f"arangodb://127.0.0.1:{server.port}/symphainy") as store:
        await store.probe()


async def test_the_durability_is_what_the_collections_say(server: ArangoServer) -> None:
    async with ArangoStore(server.url()) as store:
        assert await store.probe() == "fsync"
    server.databases["symphainy"]["symphainy_log"].wait_for_sync = False
    async with ArangoStore(server.url()) as store:
        assert await store.probe() == "<=1s"


async def test_a_newer_format_is_not_touched(server: ArangoServer, store: ArangoStore) -> None:
    server.databases["symphainy"]["symphainy_meta"].change("format", {"version": 99})
    with pytest.raises(StoreUnavailable, match="newer version"):
        await ArangoStore(server.url()).__aenter__()


async def test_a_read_only_store_writes_nothing(server: ArangoServer, clock: ManualClock) -> None:
    with pytest.raises(StoreUnavailable, match="no store"):
        await ArangoStore(server.url(), read_only=True).__aenter__()
    assert "symphainy" not in server.databases
    now = clock.now()
    async with ArangoStore(server.url(), clock=clock) as store:
        head = await store.create("s", "user", LIFETIME, [Record(b"a")])
        await store.put_token(Token("hash", "user", None, now - 90, 100, now + 10, now + 100))
    before = {name: dict(kept.documents) for name, kept in server.databases["symphainy"].items()}
    async with ArangoStore(server.url(), clock=clock, read_only=True) as beside:
        assert [item.data for item in await beside.read("s")] == [b"a"]
        assert (await beside.list_sessions())[0] == [head]
        assert await beside.find_token("hash") is not None
        await beside.list_sessions(expired=True)
        await beside.list_open_work()
        for write in (beside.create("t", "u", LIFETIME, []), beside.append("s", [Record(b"b")]), beside.probe()):
            with pytest.raises(NotAllowed):
                await write
    assert {name: dict(kept.documents) for name, kept in server.databases["symphainy"].items()} == before


async def test_the_time_is_the_servers_where_no_clock_is_injected(server: ArangoServer) -> None:
    async with ArangoStore(server.url()) as store:
        head = await store.create("s", "user", Lifetime(100, 1000), [Record(b"a")])
        assert head.expires_at == pytest.approx(head.created_at + 100)
        await store.append("s", [Record(b"b")])
        again, _ = await store.load("s")
        assert again.last_activity >= head.last_activity
        assert (await store.acquire_lease("s", "lane", "a", 10)).expires_at > again.last_activity


async def test_no_id_can_name_the_documents_of_another(store: ArangoStore) -> None:
    rng = random.Random(7)
    names = {"".join(rng.choice("ab:%./_ \N{SNOWMAN}|*\n0123") for _ in range(rng.randrange(1, 6))) for _ in range(60)}
    names |= {"a:l_" + "0" * 32 + ":0000000001", "%25", "%", "x" * 300, "x" * 301, "A", "a"}
    keys = {name: key_of(name) for name in names}
    assert len(set(keys.values())) == len(names)
    assert all(set(key) <= KEY_CHARACTERS - {":"} and 0 < len(key) <= 160 for key in keys.values())
    for name in names:
        await store.create(name, "user", LIFETIME, [Record(name.encode(), name, (name,), Work(name, "open", name))])
    for name in names:
        assert [item.data for item in await store.read(name, topic=name)] == [name.encode()]
        assert (await store.acquire_lease(name, name, name, 10)).fence == 1


async def test_an_erased_session_leaves_nothing_but_the_end_of_its_log(
    server: ArangoServer, store: ArangoStore, clock: ManualClock
) -> None:
    now = clock.now()
    await store.create("gone", "user", LIFETIME, [Record(b"words of gone", "gone")], max_sessions=3)
    lease = await store.acquire_lease("gone", "gone lane", "a", 1)
    clock.advance(1)
    await store.acquire_lease("gone", "gone lane", "b", 1)
    await store.append("gone", [Record(b"gone", work=Work("gone", "open"))], op_id="gone")
    await store.save_snapshot("gone", StoredSnapshot(1, b"", b"gone"))
    await store.put_token(Token("hash of gone", "user", "gone", now, 100, now + 100, now + 100))
    assert lease.fence == 1
    everything = server.databases["symphainy"]
    assert all(
        document["remove_at"] > now + LIFETIME.absolute or name == "symphainy_tokens"
        for name in ("symphainy_log", "symphainy_leases", "symphainy_snapshots", "symphainy_tokens")
        for document in everything[name].documents.values()
    )
    await store.delete("gone")
    left = [
        (name, document)
        for name, collection in everything.items()
        for document in collection.documents.values()
        if "gone" in str({key: value for key, value in document.items() if key not in ("_key", "session")})
    ]
    assert left == []
    (end,) = everything["symphainy_log"].documents.values()
    assert end["end"]
    assert end["remove_at"] <= clock.now() + 86400


async def test_pages_of_a_topic_are_those_of_the_store_in_memory(
    store: ArangoStore, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "TOPIC_WINDOW", 3)
    rng = random.Random(11)
    async with MemoryStore(clock=clock) as model:
        for each in (store, model):
            await each.create("s", "user", LIFETIME, [])
        for _ in range(60):
            records = [Record(rng.randbytes(4), rng.choice(["t", "u", None])) for _ in range(rng.randrange(1, 6))]
            for each in (store, model):
                await each.append("s", records)
        for _ in range(150):
            asked: dict[str, Any] = {
                "after": rng.randrange(-1, 190),
                "before": rng.choice([None, rng.randrange(0, 220)]),
                "limit": rng.randrange(0, 30),
                "topic": rng.choice(["t", "u", None]),
                "newest": rng.choice([False, True]),
            }
            assert await store.read("s", **asked) == await model.read("s", **asked), asked


async def test_a_changed_entry_is_named_and_a_missing_one_too(server: ArangoServer, store: ArangoStore) -> None:
    await store.create("s", "user", LIFETIME, [])
    for number in range(4):
        await store.append("s", [Record(b"%d" % number), Record(b"more")])
    documents = server.databases["symphainy"]["symphainy_log"]
    second, third = sorted(documents.documents)[1:3]
    entries = documents.documents[second]["entries"]
    documents.change(second, {"entries": [entries[0], {**entries[1], "text": "other"}]})
    with pytest.raises(DataDamaged) as refusal:
        await store.read("s")
    assert refusal.value.seq == 4
    assert len(await store.read("s", before=4)) == 3
    documents.remove(third)
    with pytest.raises(DataDamaged) as refusal:
        await store.read("s", after=4)
    assert refusal.value.seq == 5


async def verified(store: ArangoStore) -> list[tuple[str | None, int | None]]:
    return [(damage.session_id, damage.seq) async for damage in store.verify()]


async def test_damage_is_found_and_named(server: ArangoServer, store: ArangoStore, clock: ManualClock) -> None:
    now, chain = clock.now(), b""
    for name in ("one", "two"):
        await store.create(name, "user", LIFETIME, [Record(b"a", "t")])
        await store.append(name, [Record(b"b", None, ("k",)), Record(b"c", work=Work("w", "open"))], op_id="op")
        for number in range(150):
            await store.append(name, [Record(b"%d" % number)])
    for item in await store.read("one"):
        chain = roll(chain, item)
    await store.save_snapshot("one", StoredSnapshot(153, chain, b"fold"))
    await store.put_token(Token("hash", "user", "one", now, 100, now + 100, now + 100))
    assert await verified(store) == []
    kept = server.databases["symphainy"]
    log, snapshots, tokens = (kept[f"symphainy_{name}"] for name in ("log", "snapshots", "tokens"))
    second, *_, last = sorted(key for key in log.documents if key.startswith("two:"))[1:]
    entries = log.documents[second]["entries"]
    for collection, key, changes, expected in (
        (log, second, {"entries": [{**entries[0], "text": "x"}, entries[1]]}, ("two", 2)),
        (log, second, {"entries": entries[:1]}, ("two", 2)),
        (log, second, {"op_id": "other"}, ("two", 2)),
        (log, second, {"marks": log.documents[second]["marks"][1:]}, ("two", 2)),
        (log, second, {"opens": []}, ("two", 2)),
        (log, last, {"entries": []}, ("two", 153)),
        (snapshots, next(iter(snapshots.documents)), {"text": "other"}, ("one", None)),
        (snapshots, next(iter(snapshots.documents)), {"seq": 9}, ("one", None)),
        (tokens, "hash", {"user_id": "thief"}, (None, None)),
    ):
        before = dict(collection.documents[key])
        collection.change(key, changes)
        assert (await verified(store))[0] == expected, changes
        collection.change(key, before)
    log.remove(second)
    assert await verified(store) == [("two", 2)]
    await store.delete("two")
    await store.save_snapshot("one", StoredSnapshot(154, b"another", b"fold"))
    assert await verified(store) == [("one", None)]
    await store.append("one", [Record(b"next")])
    assert await verified(store) == [("one", None)]


async def test_an_answer_of_many_rows_comes_in_batches(store: ArangoStore) -> None:
    await store.create("s", "user", LIFETIME, [])
    for number in range(450):
        await store.append("s", [Record(b"%d" % number)])
    assert [item.data for item in await store.read("s")] == [b"%d" % number for number in range(450)]


async def test_no_error_of_the_driver_passes(server: ArangoServer) -> None:
    """Whatever happens to the connection, each method raises an error of Symphainy."""
    async with ArangoStore(server.url(), patience=0.1) as store:
        head = await store.create("s", "user", LIFETIME, [])
        lease = await store.acquire_lease("s", "lane", "a", 10)
        copy = await store.copy_out("s")
        server.stop()
        token = Token("hash", "user", None, 1, 1, 1, 1)
        for call in (
            store.create("t", "user", LIFETIME, [Record(b"a")], max_sessions=3),
            store.append("s", [Record(b"a")]),
            store.read("s"),
            store.load("s"),
            store.save_snapshot("s", StoredSnapshot(1, b"", b"")),
            store.acquire_lease("s", "lane", "a", 1),
            store.release_lease(lease),
            store.list_sessions(user_id="user"),
            store.list_sessions(expired=True),
            store.list_open_work(),
            store.touch("s"),
            store.delete("s"),
            store.wait("s", 0),
            store.probe(),
            store.put_token(token),
            store.find_token("hash"),
            store.delete_tokens(token_hash="hash"),
            store.copy_out("s"),
            store.copy_in(copy),
            store.drop(head),
        ):
            with pytest.raises((SymphainyError, ArangoError, aiohttp.ClientError, OSError)) as refusal:
                await call
            assert type(refusal.value) is StoreUnavailable
        server.start()
        assert (await store.load("s"))[0] == head
