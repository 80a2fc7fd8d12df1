"""One server process: the application, its API, and an orderly end."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final

import uvicorn

from symphainy.agents.model import Model
from symphainy.api import Api, create_api
from symphainy.app import open_symphainy
from symphainy.config import Settings
from symphainy.errors import InvalidInput

GRACE_SECONDS: Final = 2
"""How long requests that are being answered have after the signal, before they are cut off."""
KEEP_ALIVE_SECONDS: Final = 75
SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


async def serve(settings: Settings, announce: Callable[[str], None], *, model: Model | None = None) -> None:
    """Serves until SIGTERM or SIGINT: then feeds are told, requests are answered, and the store is closed.

    `announce` is called with the URL once connections are accepted. Raises InvalidInput if the address cannot be listened on,
    and what `open_symphainy` raises.
    """
    with _bind(settings) as bound:
        async with open_symphainy(settings, model=model) as app:
            api = create_api(app)
            config = uvicorn.Config(
                api,
                http="httptools",
                loop="none",
                ws="none",
                lifespan="off",
                access_log=False,
                log_config=None,
                server_header=False,
                timeout_graceful_shutdown=GRACE_SECONDS,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
            )
            bound.listen(1024)
            announce(url_of(settings.host, bound.getsockname()[1]))
            await _Server(config, api).serve(sockets=[bound])


class _Server(uvicorn.Server):
    """Ends the feeds when the signal comes: an open feed would keep the process until it is cut off, and the lifespan's end
    comes only after that. Leaves `serve` by returning, so that whoever opened the application can close it."""

    def __init__(self, config: uvicorn.Config, api: Api) -> None:
        super().__init__(config)
        self._api = api

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self._stop)
        try:
            yield
        finally:
            for number in SIGNALS:
                loop.remove_signal_handler(number)

    def _stop(self) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True
        self._api.end_feeds()


def _bind(settings: Settings) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, socket.SOCK_STREAM)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if hasattr(socket, "TCP_USER_TIMEOUT"):
                # accepted connections inherit it: the kernel drops a peer that takes nothing, which no application can do
                bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(settings.write_seconds * 3_000))
            bound.bind(address)
        except OSError:
            bound.close()
            raise
    except OSError as refused:
        reason = os.strerror(refused.errno) if refused.errno and refused.errno > 0 else str(refused.strerror)
        raise InvalidInput(
            f"Cannot listen on {settings.host}:{settings.port}: {reason}. Choose another port with --port, or stop what"
            " uses this one."
        ) from refused
    return bound


def url_of(host: str, port: int) -> str:
    shown = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"
