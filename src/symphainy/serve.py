"""One server process: the application, its API, and an orderly end."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable
from typing import Final

import uvicorn

from symphainy.agents.model import Model
from symphainy.api import create_api
from symphainy.app import open_symphainy
from symphainy.config import Settings
from symphainy.errors import InvalidInput

GRACE_SECONDS: Final = 2


async def serve(settings: Settings, announce: Callable[[str], None], *, model: Model | None = None) -> None:
    """Serves until SIGTERM or SIGINT: then feeds are told, requests are answered, and the store is closed.

    Raises InvalidInput if the port is taken, and what `open_symphainy` raises.
    """
    listening = _listen(settings)
    with listening:
        async with open_symphainy(settings, model=model) as app:
            api = create_api(app)
            config = uvicorn.Config(
                api,
                http="httptools",
                loop="none",
                lifespan="off",
                access_log=False,
                log_config=None,
                server_header=False,
                timeout_graceful_shutdown=GRACE_SECONDS,
                timeout_keep_alive=75,
            )
            server = _Server(config, api.end_feeds)
            announce(f"http://{settings.host}:{listening.getsockname()[1]}")
            await server.serve(sockets=[listening])


class _Server(uvicorn.Server):
    """Ends the feeds when the signal comes: an open feed would otherwise keep the process until it is cut off."""

    def __init__(self, config: uvicorn.Config, end_feeds: Callable[[], None]) -> None:
        super().__init__(config)
        self._end_feeds = end_feeds

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]
        loop = asyncio.get_running_loop()

        def end() -> None:
            self._end_feeds()
            self.should_exit = True

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, end)
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)


def _listen(settings: Settings) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        listening = socket.create_server((settings.host, settings.port), family=family, backlog=1024)
    except OSError as taken:
        raise InvalidInput(
            f"Cannot listen on {settings.host}:{settings.port}: {taken.strerror}. Choose another one with --port."
        ) from taken
    listening.set_inheritable(False)
    return listening
