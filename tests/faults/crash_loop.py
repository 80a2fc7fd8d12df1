"""Servers under load that are killed again and again, and the judgement of what was kept.

Run by itself for the published numbers: `python -m tests.faults.crash_loop --kills 50` for the embedded store, and with
`--store valkey`, `postgres` or `tiered` (the one over the other) for several server processes on one store whose own server,
or one of the two, is killed, too. With `--freeze 5` servers are also frozen until others have taken over what they executed.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import httpx

from tests.faults.crash_witness import Feed
from tests.faults.takeovers import Hit, Note, Takeover, notes_of, takeovers, told, working, written_beside

WRITERS_PER_SESSION = 3
SESSIONS = 3
UPLOAD_EVERY = 20
CATCH_UP_SECONDS = 10.0
START_SECONDS = 60.0
BUSY_SECONDS = 10.0
"""A server that executes nothing is not worth freezing: so long one is waited for that does."""
FROZEN_SECONDS = 15.0
"""At most; usually until what it executed is taken over."""
TABLE = b"name,amount,when\n" + b"".join(b"n%d,%d,2026-01-%02d\n" % (n, n * 3, n % 28 + 1) for n in range(300))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A real server process on a port of its own."""

    def __init__(self, data: Path, store: str = "") -> None:
        self.data = data
        self.store = store
        self.port = free_port()
        self.log = data.with_name(f"server-{self.port}.log")
        self.process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        arguments = ("-m", "symphainy", "serve", "--port", str(self.port), "--data", str(self.data))
        environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": os.pathsep.join(sys.path)}
        environment |= {f"SYMPHAINY_{what}_PER_MINUTE": "1000000" for what in ("WRITES", "MESSAGES")}
        environment |= {"SYMPHAINY_STORE": self.store} if self.store else {}
        with self.log.open("a") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, *arguments, env=environment, stdout=asyncio.subprocess.DEVNULL, stderr=log
            )
        async with httpx.AsyncClient() as client, asyncio.timeout(START_SECONDS):
            while True:
                try:
                    if (await client.get(f"{self.url}/healthz")).is_success:
                        return
                except httpx.TransportError:
                    await asyncio.sleep(0.02)

    def freeze(self) -> list[Hit]:
        """Stops it where it is. What it was executing."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)
        now = time.time()
        return [Hit(workflow_id, self.port, now) for workflow_id in working(self.process.pid)]

    def wake(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    async def kill(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    def notes(self) -> list[Note]:
        return notes_of(self.log, self.port)


class Backend(Protocol):
    """The server of a store that several server processes share."""

    def kill(self) -> None: ...
    def start(self) -> None: ...


class Alternating:
    """The servers of a pair of stores: one is killed after the other."""

    def __init__(self, backends: list[Backend]) -> None:
        self._backends = backends

    def kill(self) -> None:
        self._backends.reverse()
        self._backends[0].kill()

    def start(self) -> None:
        self._backends[0].start()


@dataclass
class Fleet:
    """Server processes on one store, of which a client takes any."""

    servers: list[Server]
    chance: random.Random
    backend: Backend | None = None
    store_kills: list[float] = field(default_factory=list[float])
    hits: list[Hit] = field(default_factory=list[Hit])
    frozen: list[Hit] = field(default_factory=list[Hit])

    def url(self) -> str:
        return self.chance.choice(self.servers).url

    async def start(self) -> None:
        await asyncio.gather(*(server.start() for server in self.servers))

    async def kill_one(self) -> None:
        """Any server process, or now and then the store's own server, and starts it again."""
        if self.backend is not None and self.chance.random() < 1 / (len(self.servers) + 1):
            self.store_kills.append(time.time())
            self.backend.kill()
            await asyncio.to_thread(self.backend.start)
            return
        server = self.chance.choice(self.servers)
        self.hits += server.freeze()
        await server.kill()
        await server.start()

    async def freeze_one(self) -> None:
        """A server that executes something, until others have taken all of it over: it wakes up in the middle of what they
        do."""
        server = await self._busy()
        frozen = server.freeze()
        self.hits += frozen
        self.frozen += frozen
        deadline = time.monotonic() + FROZEN_SECONDS
        while time.monotonic() < deadline and not all(self._is_taken_over(hit) for hit in frozen):
            await asyncio.sleep(0.02)
        server.wake()

    async def _busy(self) -> Server:
        deadline = time.monotonic() + BUSY_SECONDS
        while time.monotonic() < deadline:
            for server in self.chance.sample(self.servers, len(self.servers)):
                if server.process is not None and working(server.process.pid):
                    return server
            await asyncio.sleep(0.01)
        return self.chance.choice(self.servers)

    def _is_taken_over(self, hit: Hit) -> bool:
        others = [server for server in self.servers if server.port != hit.server]
        return any(_says(server, hit, "is taken over") for server in others)

    def refused(self) -> int:
        """How often an owner that woke up was stopped."""
        return sum(
            _says(server, hit, "is stopped here")
            for hit in self.frozen
            for server in self.servers
            if server.port == hit.server
        )

    async def end(self) -> None:
        await asyncio.gather(*(server.kill() for server in self.servers))


def _says(server: Server, hit: Hit, what: str) -> bool:
    return any(
        note.workflow_id == hit.workflow_id and note.at >= hit.at and note.what == what for note in server.notes()
    )


@dataclass
class Session:
    session_id: str
    headers: dict[str, str]
    acknowledged: dict[str, int] = field(default_factory=dict[str, int])
    sent: dict[int, list[str]] = field(default_factory=dict[int, list[str]])
    uploads: set[str] = field(default_factory=set[str])

    @property
    def path(self) -> str:
        return f"/api/v1/sessions/{self.session_id}"


@dataclass
class Verdict:
    kills: int
    acknowledged: int
    workflows: int
    faults: list[str]
    takeovers: list[Takeover]
    frozen: int
    """Workflows whose owner was frozen in the middle of a step."""
    refused: int
    """Those of them that their old owner wanted to go on with when it woke up, and was refused."""
    stacks: list[str]
    """What servers wrote with a stack. A server that only lost its store has nothing to say that needs one: an operator reads its
    log in that hour."""


async def create(client: httpx.AsyncClient) -> Session:
    document = (await client.post("/api/v1/sessions", json={})).raise_for_status().json()
    return Session(document["session_id"], {"Authorization": f"Bearer {document['session_token']}"})


async def until_answered(request: Any, stop: asyncio.Event) -> httpx.Response | None:
    """Sends the same request, with the same ids, until there is an answer: the server may be dead at any moment."""
    while True:
        try:
            answer: httpx.Response = await request()
        except httpx.TransportError:
            await asyncio.sleep(0.02)
            continue
        if answer.status_code == 429 or answer.status_code >= 500:
            if stop.is_set():
                return None
            await asyncio.sleep(0.05)
            continue
        return answer.raise_for_status()


def content_of(message_id: str) -> str:
    return f"{message_id} what is happening?"


async def write(client: httpx.AsyncClient, fleet: Fleet, session: Session, writer: int, stop: asyncio.Event) -> None:
    path = session.path
    agents = ("guide_agent", "content_liaison")
    number = 0
    while not stop.is_set():
        number += 1
        message_id = f"w{writer:02d}-{number:06d}"
        body = {"message_id": message_id, "content": content_of(message_id)}
        target = f"{path}/conversations/{agents[number % 2]}/messages"
        answer = await until_answered(
            lambda t=target, b=body: client.post(fleet.url() + t, json=b, headers=session.headers), stop
        )
        if answer is None:
            return
        session.acknowledged[message_id] = answer.json()["seq"]
        session.sent.setdefault(writer, []).append(message_id)
        if number % UPLOAD_EVERY == 1:
            headers = {**session.headers, "Idempotency-Key": f"upload-{message_id}"}
            parts = [("files", (f"{message_id}.csv", TABLE, "text/csv"))]
            answer = await until_answered(
                lambda h=headers, p=parts: client.post(f"{fleet.url()}{path}/files", files=p, headers=h), stop
            )
            if answer is not None:
                session.uploads.add(answer.json()["files"][0]["workflow_id"])


async def log_of(client: httpx.AsyncClient, session: Session) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    headers = {**session.headers, "Accept": "application/json"}
    after = ""
    while True:
        answer = await client.get(f"{session.path}/events{after}", headers=headers)
        page = answer.raise_for_status().json()
        entries += page["entries"]
        if not page["has_more"]:
            return entries
        after = f"?after={page['epoch']}.{entries[-1]['seq']}"


def open_work(entries: list[dict[str, Any]]) -> set[str]:
    started = {entry["run_id"] for entry in entries if entry["type"] == "run.started"}
    started |= {entry["workflow_id"] for entry in entries if entry["type"] == "workflow.started"}
    ended = {entry["run_id"] or entry["workflow_id"] for entry in entries if entry["type"].endswith(".finished")}
    return started - ended


def judge(session: Session, entries: list[dict[str, Any]]) -> list[str]:
    """Lost, duplicated, gaps, reordered, and work that did not end exactly once."""
    faults: list[str] = []
    if [entry["seq"] for entry in entries] != list(range(1, len(entries) + 1)):
        faults.append("gap: seq is not 1, 2, 3, ...")
    users = [entry for entry in entries if entry["type"] == "message.added" and entry["data"]["role"] == "user"]
    places = {entry["data"]["message_id"]: entry["seq"] for entry in users}
    counts = Counter(entry["data"]["message_id"] for entry in users)
    faults += [f"duplicated: {key} {count} times" for key, count in counts.items() if count > 1]
    faults += [f"lost or moved: {key}" for key, seq in session.acknowledged.items() if places.get(key) != seq]
    contents = {entry["data"]["message_id"]: entry["data"].get("content") for entry in users}
    faults += [f"altered: {key}" for key in session.acknowledged if contents.get(key, "") != content_of(key)]
    for writer, sent in session.sent.items():
        if [places.get(key, 0) for key in sent] != sorted(places.get(key, 0) for key in sent):
            faults.append(f"reordered: writer {writer}")
    ends = Counter(entry["run_id"] or entry["workflow_id"] for entry in entries if entry["type"].endswith(".finished"))
    faults += [f"ended {count} times: {key}" for key, count in ends.items() if count > 1]
    faults += [f"never ended: {key}" for key in open_work(entries)]
    ended = {e["workflow_id"]: e["data"] for e in entries if e["type"] == "workflow.finished"}
    unfinished = [key for key in session.uploads if ended.get(key, {}).get("status") != "completed"]
    faults += [f"workflow {key}: {ended.get(key)}" for key in unfinished]
    done = Counter(
        (entry["workflow_id"], entry["data"]["step"]) for entry in entries if entry["type"] == "workflow.step_completed"
    )
    faults += [f"step recorded {count} times: {key}" for key, count in done.items() if count > 1]
    return faults + written_beside(entries)


def stacks_of(server: Server) -> list[str]:
    log = server.log.read_text()
    return [f"{server.log.name}: {log[max(0, at - 600) : at + 3000]}" for at in [log.find("Traceback")] if at >= 0]


async def crash_loop(
    data: Path,
    *,
    kills: int,
    seed: int,
    freezes: int = 0,
    servers: int = 1,
    store: str = "",
    backend: Backend | None = None,
) -> Verdict:
    """`kills` and `freezes` at random moments under load, then the judgement, once everything that was begun has ended."""
    chance = random.Random(seed)
    fleet = Fleet([Server(data, store) for _ in range(servers)], chance, backend)
    await fleet.start()
    stop = asyncio.Event()
    async with httpx.AsyncClient(base_url=fleet.servers[0].url, timeout=30) as client:
        sessions = [await create(client) for _ in range(SESSIONS)]
        writers = [
            asyncio.create_task(write(client, fleet, session, writer, stop))
            for session in sessions
            for writer in range(WRITERS_PER_SESSION)
        ]
        feeds = [Feed(fleet.url, session.path, session.headers) for session in sessions]
        followers = [asyncio.create_task(feed.follow()) for feed in feeds]
        try:
            for fault in chance.sample([fleet.kill_one, fleet.freeze_one], kills + freezes, counts=[kills, freezes]):
                await asyncio.sleep(chance.uniform(0.15, 1.2))
                await fault()
            stop.set()
            await asyncio.gather(*writers)
            async with asyncio.timeout(120):
                while any([open_work(await log_of(client, session)) for session in sessions]):
                    await asyncio.sleep(0.2)
            logs = [await log_of(client, session) for session in sessions]
            faults = [fault for session, log in zip(sessions, logs, strict=True) for fault in judge(session, log)]
            faults += [
                fault for feed, log in zip(feeds, logs, strict=True) for fault in await caught_up(feed, len(log))
            ]
            stacks = [stack for server in fleet.servers for stack in stacks_of(server)]
        finally:
            stop.set()
            for task in (*writers, *followers):
                task.cancel()
            await asyncio.gather(*writers, *followers, return_exceptions=True)
            await fleet.end()
    acknowledged = sum(len(session.acknowledged) for session in sessions)
    uploads = sum(len(session.uploads) for session in sessions)
    notes = [note for server in fleet.servers for note in server.notes()]
    found = [item for log in logs for item in takeovers(log, fleet.hits, notes, fleet.store_kills)]
    return Verdict(kills, acknowledged, uploads, faults, found, len(fleet.frozen), fleet.refused(), stacks)


async def caught_up(feed: Feed, head: int) -> list[str]:
    deadline = time.monotonic() + CATCH_UP_SECONDS
    while feed.at() < head and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
    return feed.faults(head)


@contextmanager
def shared_store(kind: str) -> Iterator[tuple[str, Backend]]:
    """The URL of a store that several processes can share, and its own server, running and syncing every write."""
    from tests.servers import valkey
    from tests.servers.postgres import PostgresServer

    urls: list[str] = []
    servers: list[Backend] = []
    with ExitStack() as stack:
        if kind in ("valkey", "tiered"):
            hot = stack.enter_context(valkey.running())
            urls.append(hot.url)
            servers.append(hot)
        if kind in ("postgres", "tiered"):
            durable = PostgresServer()
            stack.callback(durable.remove)
            durable.start()
            urls.append(durable.url())
            servers.append(durable)
        yield "+".join(urls), Alternating(servers)


async def measure(kind: str, servers: int, kills: int, freezes: int, seed: int) -> Verdict:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        if kind == "sqlite":
            return await crash_loop(Path(folder), kills=kills, seed=seed)
        store, backend = stack.enter_context(shared_store(kind))
        return await crash_loop(
            Path(folder), kills=kills, freezes=freezes, seed=seed, servers=servers, store=store, backend=backend
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--freeze", type=int, default=0, help="how often a server is frozen; needs several")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    parser.add_argument("--store", choices=("sqlite", "postgres", "valkey", "tiered"), default="sqlite")
    parser.add_argument("--servers", type=int, default=3)
    options = parser.parse_args()
    verdict = asyncio.run(measure(options.store, options.servers, options.kills, options.freeze, options.seed))
    print(f"seed {options.seed}: {verdict.kills} kills, {verdict.acknowledged} messages acknowledged,")
    print(f"{verdict.workflows} workflows, {len(verdict.faults)} faults")
    if verdict.frozen:
        print(f"{verdict.frozen} workflows whose owner was frozen; {verdict.refused} it was refused to go on with")
    print(f"{told(verdict.takeovers)}; load average {os.getloadavg()[0]:.1f}")
    for fault in (*verdict.faults[:20], *verdict.stacks):
        print(f"  {fault}")
    sys.exit(1 if verdict.faults or verdict.stacks else 0)
