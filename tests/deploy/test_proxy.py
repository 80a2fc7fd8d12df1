"""The reverse proxy of compose.yaml, with the very file that it has there: feeds are live through it, uploads pass as they come, a
dead server is not asked, and nobody can pretend to have another address."""

from __future__ import annotations

import asyncio
import signal
import statistics
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.api.feed_client import Feed
from tests.api.server_process import ServerProcess
from tests.servers import valkey
from tests.servers.caddy import CADDYFILE, Caddy
from tests.servers.otlp import collecting

pytestmark = pytest.mark.asyncio(loop_scope="module")

SHOWN_SECONDS = 0.15
BACK_SECONDS = 5.0
SESSIONS_PER_MINUTE = 30
MEGABYTE = 1024 * 1024
UPLOAD = 100
"""Megabytes."""
REQUESTS = "symphainy_http_requests_total"
MOST_MEMORY = 32 * MEGABYTE
"""What the proxy may need for an upload of any size."""


@dataclass(frozen=True)
class Site:
    """Two servers on one store, and the proxy before them."""

    servers: list[ServerProcess]
    proxy: Caddy

    def client(self, token: str | None = None, **options: Any) -> httpx.AsyncClient:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return httpx.AsyncClient(
            base_url=self.proxy.url, verify=self.proxy.trust(), timeout=30, headers=headers, **options
        )

    @asynccontextmanager
    async def feed(self, path: str, token: str, cursor: str | None = None) -> AsyncIterator[Feed]:
        headers = {"accept": "text/event-stream", **({"last-event-id": cursor} if cursor else {})}
        async with self.client(token) as http, http.stream("GET", f"{path}/events", headers=headers) as answer:
            assert answer.status_code == 200
            yield Feed(answer)

    async def feeds_open(self) -> list[int]:
        return [await feeds_open(server) for server in self.servers]


async def feeds_open(server: ServerProcess) -> int:
    return int(await counted(server, "symphainy_feeds_open"))


async def counted(server: ServerProcess, name: str) -> float:
    async with httpx.AsyncClient(timeout=20) as http:
        lines = (await http.get(f"{server.url}/metrics")).text.splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


@asynccontextmanager
async def opened_site(store: str, folder: Path) -> AsyncIterator[Site]:
    settings = {"store": store, "ping_seconds": 0.3, "sessions_per_minute": SESSIONS_PER_MINUTE}
    async with AsyncExitStack() as stack:
        servers = [ServerProcess(folder / "data", **settings) for _ in range(2)]
        for server in servers:
            stack.push_async_exit(server)
        await asyncio.gather(*(server.start() for server in servers))
        yield Site(servers, stack.enter_context(Caddy(folder / "proxy", [server.url for server in servers])))


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    with valkey.running() as server:
        yield server.url


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(store: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with opened_site(store, tmp_path_factory.mktemp("site")) as opened:
        yield opened


async def begin(http: httpx.AsyncClient) -> tuple[str, str]:
    """A session's path and token."""
    made = (await http.post("/api/v1/sessions", json={})).raise_for_status().json()
    return f"/api/v1/sessions/{made['session_id']}", made["session_token"]


async def test_what_is_written_is_in_the_feed_at_once(site: Site) -> None:
    async with site.client() as http:
        path, token = await begin(http)
    seconds: list[float] = []
    async with site.feed(path, token) as feed, httpx.AsyncClient(timeout=20) as http:
        assert feed.answer.headers["content-type"].startswith("text/event-stream")
        await feed.next("snapshot")
        for number in range(11):
            began = time.perf_counter()
            url = f"{site.servers[number % 2].url}{path}/states/key{number}"
            headers = {"authorization": f"Bearer {token}"}
            (await http.put(url, json={"state_data": {"n": 1}}, headers=headers)).raise_for_status()
            await feed.next("events")
            seconds.append(time.perf_counter() - began)
    assert statistics.median(seconds) < SHOWN_SECONDS, seconds


async def test_a_feed_whose_client_has_gone_does_not_stay_open_at_the_server(site: Site) -> None:
    async with begun_feed(site):
        assert sorted(await site.feeds_open()) == [0, 1]
    async with asyncio.timeout(5):
        while any(await site.feeds_open()):
            await asyncio.sleep(0.02)


async def test_a_stranger_names_no_trace(tmp_path: Path) -> None:
    environment = {"OTEL_BSP_SCHEDULE_DELAY": "100"}
    theirs = "4bf92f3577b34da6a3ce929d0e0e4736"
    with collecting() as collector:
        async with ServerProcess(tmp_path / "data", environment=environment, traces=collector.endpoint) as server:
            with Caddy(tmp_path / "proxy", [server.url]) as proxy:
                async with Site([server], proxy).client() as http:
                    http.headers["traceparent"] = f"00-{theirs}-00f067aa0ba902b7-01"
                    await begin(http)
            assert await server.stop() == 0
        (request,) = [span for span in collector.spans() if span.name == "POST /api/v1/sessions"]
        assert request.trace_id.hex() != theirs
        assert not request.parent_span_id


async def test_a_feed_with_nothing_to_say_outlives_a_proxy_that_cuts_silent_answers(
    site: Site, store: str, tmp_path: Path
) -> None:
    """Others do that after 60 seconds, where a server pings every 15: here it is three seconds, and less or more than that."""
    impatient = tmp_path / "Caddyfile"
    impatient.write_text(CADDYFILE.read_text().replace("dial_timeout 2s", "dial_timeout 2s\nread_timeout 3s"))
    with Caddy(tmp_path / "proxy", [site.servers[0].url], config=impatient) as proxy:
        async with begun_feed(Site(site.servers, proxy)) as feed:
            until = time.monotonic() + 4
            while time.monotonic() < until:
                await feed.next("ping", seconds=5)
    async with ServerProcess(tmp_path / "data", store=store, ping_seconds=60) as silent:
        with Caddy(tmp_path / "other", [silent.url], config=impatient) as proxy:
            async with begun_feed(Site([silent], proxy)) as feed:
                with pytest.raises(httpx.RemoteProtocolError):
                    await feed.next("ping", seconds=20)


@asynccontextmanager
async def begun_feed(site: Site) -> AsyncIterator[Feed]:
    async with site.client() as http:
        path, token = await begin(http)
    async with site.feed(path, token) as feed:
        await feed.next("snapshot")
        yield feed


async def test_an_upload_of_100_mb_is_passed_on_as_it_comes(site: Site) -> None:
    """The server has the beginning of it while the client still holds back the end, and the proxy never holds much."""
    received = asyncio.Event()
    chunk = b"x" * MEGABYTE
    head = b'--b\r\nContent-Disposition: form-data; name="files"; filename="large.bin"\r\n\r\n'
    tail = b"\r\n--b--\r\n"

    async def body() -> AsyncIterator[bytes]:
        yield head
        for _ in range(UPLOAD // 2):
            yield chunk
        await received.wait()
        for _ in range(UPLOAD - UPLOAD // 2):
            yield chunk
        yield tail

    async def server_has_some() -> None:
        async with asyncio.timeout(20):
            while not any(path.stat().st_size > 8 * MEGABYTE for path in files_in(site.servers[0].data)):
                await asyncio.sleep(0.02)
        received.set()

    async with site.client() as http:
        path, http.headers["authorization"] = await begin_with_bearer(http)
        before = site.proxy.memory(peak=True)
        length = str(len(head) + UPLOAD * MEGABYTE + len(tail))
        headers = {"content-type": "multipart/form-data; boundary=b", "content-length": length}
        sending = http.post(f"{path}/files", content=body(), headers=headers)
        answer, _ = await asyncio.gather(sending, server_has_some())
        assert answer.status_code == 201, answer.text
        assert answer.json()["files"][0]["size"] == UPLOAD * MEGABYTE
        assert site.proxy.memory(peak=True) - before < MOST_MEMORY


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def begin_with_bearer(http: httpx.AsyncClient) -> tuple[str, str]:
    path, token = await begin(http)
    return path, f"Bearer {token}"


async def test_what_is_too_large_is_said_by_the_server(site: Site) -> None:
    async with site.client() as http:
        path, http.headers["authorization"] = await begin_with_bearer(http)
        answer = await http.put(f"{path}/states/large", content=b"x" * (2 * MEGABYTE))
    assert answer.status_code == 413
    assert answer.json()["code"] == "too_large"


async def test_a_killed_server_is_not_asked_and_feeds_go_on_through_the_other(store: str, tmp_path: Path) -> None:
    async with opened_site(store, tmp_path) as site, site.client() as http:
        path, http.headers["authorization"] = await begin_with_bearer(http)
        token = http.headers["authorization"].removeprefix("Bearer ")
        seqs: list[int] = []
        async with site.feed(path, token) as feed:
            first = await feed.next("snapshot")
            seqs, cursor = [first.data["seq"]], first.id
            serving = site.servers[(await site.feeds_open()).index(1)]
            await write(http, path, "before")
            frame = await feed.next("events")
            seqs, cursor = seqs + frame.seqs, frame.id
            await serving.stop(signal.SIGKILL)
            killed = time.monotonic()
            with pytest.raises(httpx.RemoteProtocolError):
                await feed.next("events")
        for number in range(20):
            await write(http, path, f"meanwhile{number}")
        async with site.feed(path, token, cursor) as feed:
            await feed.next("resume")
            assert time.monotonic() - killed < BACK_SECONDS
            await write(http, path, "after")
            seqs += await feed.until(seqs[-1] + 21)
    assert seqs == list(range(seqs[0], seqs[0] + 23))


async def write(http: httpx.AsyncClient, path: str, key: str) -> None:
    (await http.put(f"{path}/states/{key}", json={"state_data": {}})).raise_for_status()


async def test_a_frozen_server_is_taken_out_until_it_answers_again(site: Site) -> None:
    frozen, _ = site.servers
    async with site.client() as http:
        path, http.headers["authorization"] = await begin_with_bearer(http)

        async def asked(server: ServerProcess) -> float:
            return await counted(server, f'{REQUESTS}{{method="GET",route="/api/v1/sessions/{{session_id}}"')

        frozen.send(signal.SIGSTOP)
        try:
            async with asyncio.timeout(20):
                while not all(await asyncio.gather(*(answered(http, path) for _ in range(8)))):
                    pass
        finally:
            frozen.send(signal.SIGCONT)
        before = await asked(frozen)
        async with asyncio.timeout(20):
            while await asked(frozen) < before + 8:
                await asyncio.gather(*(http.get(path) for _ in range(4)))


async def answered(http: httpx.AsyncClient, path: str) -> bool:
    try:
        return (await http.get(path, timeout=1)).is_success
    except httpx.TimeoutException:
        return False


async def test_addresses_are_those_of_the_clients_and_cannot_be_pretended(site: Site) -> None:
    """What one address may do is counted for it: not for the proxy, and not for what a client says in a header."""

    async def new_sessions(address: str, count: int, to: str = "", **headers: str) -> list[int]:
        transport = httpx.AsyncHTTPTransport(verify=site.proxy.trust(), local_address=address)
        async with httpx.AsyncClient(transport=transport, base_url=to or site.proxy.url, timeout=30) as http:
            return [
                (await http.post("/api/v1/sessions", json={}, headers={**headers, "x-forwarded-for": f"192.0.2.{n}"}))
                .status_code
                for n in range(count)
            ]  # fmt: skip

    most, more = SESSIONS_PER_MINUTE, SESSIONS_PER_MINUTE + 5
    codes = await new_sessions("127.0.0.2", more)
    assert (codes[:most], codes[-1]) == ([201] * most, 429)
    assert await new_sessions("127.0.0.3", 1) == [201]
    assert await new_sessions("127.0.0.2", 2, forwarded="for=192.0.2.7") == [429] * 2
    codes = await new_sessions("127.0.0.4", more, site.servers[0].url)
    assert (codes[:most], codes[-1]) == ([201] * most, 429)


async def test_a_browser_gets_a_secure_cookie_and_writes_with_it(site: Site) -> None:
    async with site.client() as http:
        http.headers["origin"] = site.proxy.url
        made = await http.post("/api/v1/sessions", json={"credential": "cookie"})
        assert "Secure" in made.headers["set-cookie"]
        await write(http, f"/api/v1/sessions/{made.json()['session_id']}", "one")


async def test_what_is_for_operators_is_not_for_everybody(site: Site) -> None:
    async with site.client() as http:
        codes = {what: (await http.get(what)).status_code for what in ("/metrics", "/readyz", "/healthz", "/")}
    assert codes == {"/metrics": 404, "/readyz": 404, "/healthz": 200, "/": 200}
