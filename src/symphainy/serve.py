"""One server process: the application, its API, and an orderly end."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import uvicorn

from symphainy.agents.model import Model
from symphainy.agents.understanding.learned import FILE_NAME, read_learned
from symphainy.agents.understanding.router import hold_back, lexicon_scorer, warm_up
from symphainy.api import Api, create_api, package_version
from symphainy.api.connections import Connection
from symphainy.app import open_symphainy
from symphainy.config import Settings
from symphainy.errors import InvalidInput
from symphainy.telemetry import traces_to

GRACE_SECONDS: Final = 2
"""How long requests that are being answered have after the signal, before they are cut off."""
KEEP_ALIVE_SECONDS: Final = 75
WAITING_CONNECTIONS: Final = 1024
SETTLING_SECONDS: Final = 3.0
"""After a start, unfinished work and waiting clients have the processor to themselves for so long."""
SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


async def serve(settings: Settings, announce: Callable[[str], None], *, model: Model | None = None) -> None:
    """Serves until SIGTERM or SIGINT: then feeds are told, requests are answered, and the store is closed.

    `announce` is called with the URL once connections are accepted. Raises InvalidInput if the address cannot be
    listened on, and what `open_symphainy` raises.
    """
    with bind(settings) as bound, traces_to(settings.traces, package_version()):
        async with open_symphainy(settings, model=model) as app:
            server = Server(create_api(app), trusted_proxies=settings.proxies)
            bound.listen(WAITING_CONNECTIONS)
            announce(url_of(settings.host, bound.getsockname()[1]))
            app.spares.keep_ready()
            with understanding_loads(read_learned(settings.data / FILE_NAME)):
                await server.serve(sockets=[bound])


@contextmanager
def understanding_loads(learned: Mapping[str, Sequence[str]]) -> Generator[None]:
    """Loads the embeddings once the server has had time to go on with unfinished work. Nobody waits for them: not the first
    message, and not the end of the server."""
    stopping = threading.Event()

    def load() -> None:
        lexicon_scorer()
        if not stopping.wait(SETTLING_SECONDS):
            warm_up(learned)

    hold_back()
    threading.Thread(target=load, name="symphainy-understanding", daemon=True).start()
    try:
        yield
    finally:
        stopping.set()


class Server(uvicorn.Server):
    """Ends the feeds when the signal comes: an open feed would keep the process until it is cut off, and the lifespan's
    end comes only after that. Leaves `serve` by returning, so that whoever opened the application can close it."""

    def __init__(self, api: Api, *, trusted_proxies: Sequence[str] = ()) -> None:
        config = uvicorn.Config(
            api,
            http=Connection,
            loop="none",
            ws="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
            forwarded_allow_ips=list(trusted_proxies),
            timeout_graceful_shutdown=GRACE_SECONDS,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
        )
        super().__init__(config)
        self._api = api

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self.stop)
        try:
            yield
        finally:
            for number in SIGNALS:
                loop.remove_signal_handler(number)

    def stop(self) -> None:
        """Begins the orderly end; asked for a second time, ends without waiting for anybody."""
        self.force_exit = self.should_exit
        self.should_exit = True
        self._api.end_feeds()


def bind(settings: Settings) -> socket.socket:
    """A socket on the address of the settings, not listening yet. Raises InvalidInput saying why there is none."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return _bound(socket.socket(family, kind, protocol), address, settings.write_seconds)
    except OSError as refused:
        reason = os.strerror(refused.errno) if refused.errno and refused.errno > 0 else str(refused.strerror)
        raise InvalidInput(
            f"Cannot listen on {settings.host}:{settings.port}: {reason}. Choose another address with --host and --port,"
            " or stop what uses this one."
        ) from refused


def _bound(made: socket.socket, address: tuple[Any, ...], write_seconds: float) -> socket.socket:
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            # inherited by accepted connections: the kernel drops a peer that takes nothing, which no application can
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(write_seconds * 3_000))
        made.bind(address)
    except OSError:
        made.close()
        raise
    return made


def url_of(host: str, port: int) -> str:
    shown = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"
