"""A stand-in for an ArangoDB server, because none can be had from PyPI: strict, and built only from the published HTTP
API description (repository arangodb/docs-hugo, Apache-2.0, the OpenAPI blocks of 3.12 and 4.x).

Whatever it does not know it refuses with 501: a path, a parameter, a header, an attribute of a body, and any AQL text
that is not one of the registered ones (`arango_statements`). It shows that what the store sends is what the description
allows, and that the store understands the answers. It cannot show that the real server means the same by a statement,
which plan it chooses, or what it does under load: `ARANGO_URL` runs the same tests against one.

It runs in a thread of its own and outlives the stores that use it. `apart=True` makes it a cluster at its worst: a
statement reads each collection, and changes each document, at a moment of its own, with other statements in between.
"""

from __future__ import annotations

import asyncio
import base64
import json
import random
import re
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import aiohttp
import jwt
import orjson
from aiohttp import web

from symphainy.ids import new_id
from symphainy.stores.arango.connection import address_of
from tests.servers.arango_statements import NAMES, STATEMENTS, Collection, Conflict, Database, Steps

HEADERS: Final = {
    "host", "accept", "accept-encoding", "authorization", "charset", "connection", "content-length", "content-type",
    "user-agent", "x-arango-driver",
}  # fmt: skip
CURSOR: Final = {"query", "bindVars", "batchSize", "count", "ttl", "memoryLimit", "cache", "options"}
COLLECTION: Final = {
    "name", "waitForSync", "isSystem", "schema", "computedValues", "keyOptions", "type", "cacheEnabled", "numberOfShards",
    "shardKeys", "replicationFactor", "writeConcern", "shardingStrategy", "distributeShardsLike",
}  # fmt: skip
INDEX: Final = {
    "persistent": {"type", "name", "fields", "storedValues", "unique", "sparse", "deduplicate", "estimates", "inBackground"},
    "ttl": {"type", "name", "fields", "expireAfter", "inBackground"},
}  # fmt: skip

Fault = Literal["refuse", "conflict", "lose_answer", "hold"]


class Refused(Exception):
    def __init__(self, code: int, number: int, message: str) -> None:
        super().__init__(message)
        self.code, self.number, self.message = code, number, message


def unknown(what: str) -> Refused:
    return Refused(501, 9, f"not implemented: {what}")


@dataclass(slots=True)
class _Planned:
    fault: Fault
    statement: str | None
    skip: int
    times: int


@dataclass(slots=True)
class ArangoServer:
    """`url` is that of the store. `refused` lists what was answered with 501; `sent` counts statements by name."""

    apart: bool = False
    username: str = "symphainy"
    password: str = "p@ss/word"
    authenticates: bool = True
    port: int = 0
    databases: dict[str, Database] = field(default_factory=lambda: {"_system": Database()})
    refused: list[str] = field(default_factory=list[str])
    sent: dict[str, int] = field(default_factory=dict[str, int])
    secret: str = "the secret of a stand-in, at least 32 bytes long"
    session_seconds: float = 3600.0
    holds: threading.Event = field(default_factory=threading.Event)
    _released: asyncio.Event = field(default_factory=asyncio.Event)
    planned: list[_Planned] = field(default_factory=list[_Planned])
    _cursors: dict[str, list[Any]] = field(default_factory=dict[str, list[Any]])
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _thread: threading.Thread | None = None
    _runner: web.AppRunner | None = None

    def url(self, database: str = "symphainy") -> str:
        return f"arangodb://{self.username}:p%40ss%2Fword@127.0.0.1:{self.port}/{database}"

    def plan(self, fault: Fault, statement: str | None = None, *, skip: int = 0, times: int = 1) -> None:
        """What befalls the next statements (of that name, if given), after `skip` of them: `refuse` is a 503 and
        `conflict` a 409 before anything is done; after `lose_answer` the connection breaks when all is done;
        `hold` keeps it on its way until `release`."""
        self.planned.append(_Planned(fault, statement, skip, times))

    def release(self) -> None:
        self._loop.call_soon_threadsafe(self._released.set)

    def start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._loop.run_forever, name="arango", daemon=True)
            self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)

    def stop(self) -> None:
        """Gone, with every connection; what was written stays for the next start, on the same port."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)

    def remove(self) -> None:
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        assert self._thread is not None
        self._thread.join(10)
        self._loop.close()

    async def _listen(self) -> None:
        app = web.Application(client_max_size=1 << 30)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        assert site._server is not None
        self.port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]

    async def _end(self) -> None:
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        try:
            strange = {name.lower() for name in request.headers} - HEADERS
            if strange:
                raise unknown(f"headers {sorted(strange)}")
            code, body = await self._route(request)
        except Refused as error:
            if error.code == 501:
                self.refused.append(error.message)
            code = error.code
            body = {"error": True, "code": code, "errorNum": error.number, "errorMessage": error.message}
        if body is None:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        return web.Response(status=code, body=orjson.dumps(body), content_type="application/json")

    async def _route(self, request: web.Request) -> tuple[int, Any]:
        method, path = request.method, request.path
        body = json.loads(await request.read()) if request.can_read_body else None
        if (method, path) == ("POST", "/_open/auth"):
            if not self.authenticates:
                raise Refused(404, 404, "unknown path '/_open/auth'")
            return 200, self._signed_in(_only(body, {"username", "password"}))
        self._check_user(request.headers.get("authorization", ""))
        found = re.fullmatch(r"/_db/([^/]+)/_api/(cursor|collection|index|database)(/.+)?", path)
        if found is None:
            raise unknown(f"{method} {path}")
        name, api, rest = found.groups()
        database = self.databases.get(name)
        if database is None:
            raise Refused(404, 1228, "database not found")
        match method, api, (rest or "").split("/")[1:]:
            case "POST", "cursor", []:
                _no_parameters(request)
                return await self._query(database, _only(body, CURSOR))
            case "POST", "cursor", [cursor]:
                _no_parameters(request)
                return 200, self._next_batch(cursor)
            case "DELETE", "cursor", [cursor]:
                if self._cursors.pop(cursor, None) is None:
                    raise Refused(404, 1600, "cursor not found")
                return 202, {"error": False, "code": 202, "id": cursor}
            case "GET", "collection", []:
                return 200, {"error": False, "code": 200, "result": [{"name": each} for each in database]}
            case "POST", "collection", []:
                return 200, self._make_collection(database, _only(body, COLLECTION))
            case "GET", "collection", [collection, "properties"]:
                kept = _collection(database, collection)
                return 200, {"error": False, "code": 200, "name": collection, "waitForSync": kept.wait_for_sync}
            case "POST", "index", []:
                if set(request.query) != {"collection"}:
                    raise unknown(f"parameters {sorted(request.query)} of index")
                return self._make_index(_collection(database, request.query["collection"]), body)
            case "POST", "database", [] if name == "_system":
                return self._make_database(_only(body, {"name", "options", "users"}))
            case "DELETE", "database", [dropped] if name == "_system":
                if self.databases.pop(dropped, None) is None:
                    raise Refused(404, 1228, "database not found")
                return 200, {"error": False, "code": 200, "result": True}
            case _:
                raise unknown(f"{method} {path}")

    def _signed_in(self, body: dict[str, Any]) -> dict[str, Any]:
        if (body.get("username"), body["password"]) != (self.username, self.password):
            raise Refused(401, 401, "Wrong credentials")
        now = time.time()
        claims = {"iat": int(now), "exp": int(now + self.session_seconds), "iss": "arangodb"}
        return {"jwt": jwt.encode({**claims, "preferred_username": self.username}, self.secret, algorithm="HS256")}

    def _check_user(self, header: str) -> None:
        if not self.authenticates:
            return
        kind, _, value = header.partition(" ")
        refused = Refused(401, 11, "not authorized to execute this request")
        if kind.lower() == "bearer":
            try:
                jwt.decode(value, self.secret, algorithms=["HS256"], issuer="arangodb")
            except jwt.PyJWTError:
                raise refused from None
        elif header != "Basic " + base64.b64encode(f"{self.username}:{self.password}".encode()).decode():
            raise refused

    async def _query(self, database: Database, body: dict[str, Any]) -> tuple[int, Any]:
        text, values = body["query"], body.get("bindVars", {})
        name = NAMES.get(text)
        if name is None:
            raise unknown(f"AQL text {text}")
        wanted = set(re.findall(r"@(\w+)", text))
        if wanted - set(values):
            raise Refused(400, 1551, f"no value specified for declared bind parameters {sorted(wanted - set(values))}")
        if set(values) - wanted:
            raise Refused(400, 1552, f"bind parameters {sorted(set(values) - wanted)} were not declared in the query")
        self.sent[name] = self.sent.get(name, 0) + 1
        fault = self._due(name)
        if fault == "refuse":
            raise Refused(503, 30, "shutdown in progress")
        if fault == "conflict":
            raise Refused(409, 1200, "write-write conflict")
        if fault == "hold":
            self.holds.set()
            await self._released.wait()
        rows = await self._run(STATEMENTS[name](database, values))
        if fault == "lose_answer":
            return 0, None
        size = body.get("batchSize", 1000)
        batch, left = rows[:size], rows[size:]
        answer: dict[str, Any] = {"error": False, "code": 201, "result": batch, "hasMore": bool(left), "cached": False}
        if left:
            cursor = new_id("cursor")
            self._cursors[cursor] = [size, left]
            answer["id"] = cursor
        return 201, answer

    async def _run(self, statement: Steps) -> list[Any]:
        """On one server a statement is one moment. Apart, others come between any two of its steps."""
        try:
            while True:
                next(statement)
                if self.apart:
                    for _ in range(random.randrange(4)):
                        await asyncio.sleep(0)
        except StopIteration as end:
            return end.value
        except Conflict as error:
            raise Refused(error.code, error.number, error.message) from None

    def _due(self, name: str) -> Fault | None:
        """One after the other: a plan counts from when the one before it is over."""
        for planned in self.planned:
            if planned.statement in (None, name):
                if planned.skip:
                    planned.skip -= 1
                    return None
                planned.times -= 1
                if not planned.times:
                    self.planned.remove(planned)
                return planned.fault
        return None

    def _next_batch(self, cursor: str) -> dict[str, Any]:
        if cursor not in self._cursors:
            raise Refused(404, 1600, "cursor not found: disposed or unknown cursor")
        size, rows = self._cursors[cursor]
        batch, left = rows[:size], rows[size:]
        answer = {"error": False, "code": 200, "result": batch, "hasMore": bool(left)}
        if left:
            self._cursors[cursor] = [size, left]
            answer["id"] = cursor
        else:
            del self._cursors[cursor]
        return answer

    def _make_collection(self, database: Database, body: dict[str, Any]) -> dict[str, Any]:
        if body["name"] in database:
            raise Refused(409, 1207, "duplicate name")
        database[body["name"]] = Collection(wait_for_sync=body.get("waitForSync", False))
        return {"error": False, "code": 200, "name": body["name"]}

    def _make_index(self, collection: Collection, body: Any) -> tuple[int, Any]:
        kind = body.get("type")
        if kind not in INDEX:
            raise unknown(f"index type {kind}")
        index = _only(body, INDEX[kind])
        known = index in collection.indexes
        if kind == "ttl" and not known and any(other["type"] == "ttl" for other in collection.indexes):
            raise Refused(400, 10, "there can only be one ttl index per collection")
        if not known:
            collection.indexes.append(index)
        code = 200 if known else 201
        return code, {"error": False, "code": code, "isNewlyCreated": not known, "id": "symphainy/1", **index}

    def _make_database(self, body: dict[str, Any]) -> tuple[int, Any]:
        if body["name"] in self.databases:
            raise Refused(409, 1207, "duplicate database name")
        self.databases[body["name"]] = Database()
        return 201, {"error": False, "code": 201, "result": True}


def _only(body: Any, allowed: set[str]) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise Refused(400, 600, "expected a JSON object")
    if set(body) - allowed:
        raise unknown(f"attributes {sorted(set(body) - allowed)}")
    return body


def _no_parameters(request: web.Request) -> None:
    if request.query:
        raise unknown(f"parameters {sorted(request.query)}")


def _collection(database: Database, name: str) -> Collection:
    if name not in database:
        raise Refused(404, 1203, f"collection or view not found: {name}")
    return database[name]


async def drop_database(url: str, name: str) -> None:
    """On a real server."""
    address = address_of(url)
    headers = {"authorization": aiohttp.encode_basic_auth(address.username, address.password)}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.delete(f"{address.hosts[0]}/_db/_system/_api/database/{name}") as answer,
    ):
        assert answer.status in (200, 404), await answer.text()
