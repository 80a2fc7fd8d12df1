"""The HTTP API. `create_api` turns a running application into an ASGI application."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from symphainy.agents.understanding.router import is_warm
from symphainy.api import (
    artifacts,
    conversations,
    errors,
    files,
    health,
    live,
    openapi,
    samples,
    sessions,
    states,
    workflows,
)
from symphainy.api.edge import PREFIX, UPLOAD_OVERHEAD, Edge
from symphainy.api.feeds import Feeds
from symphainy.api.page import WEB, Page
from symphainy.app import Symphainy

ROUTERS: Final = (
    sessions.router,
    live.router,
    conversations.router,
    files.router,
    artifacts.router,
    samples.router,
    workflows.router,
    states.router,
)


def package_version() -> str:
    try:
        return version("symphainy")
    except PackageNotFoundError:
        return "0+unknown"


def create_api(app: Symphainy, *, web: Path = WEB) -> Api:
    return Api(app, web)


class Api:
    """The ASGI application. It needs no lifespan: it opens nothing and closes nothing."""

    def __init__(self, app: Symphainy, web: Path) -> None:
        self._metrics = app.metrics
        self._metrics.gauge(
            "symphainy_understanding_loaded",
            "1 once messages are understood as well as this installation can; a server loads it after its start.",
            lambda: float(is_warm()),
        )
        self._metrics.follow_lag(app.traffic_cop.lag)
        self._feeds = Feeds(self._metrics)
        self.fastapi = self._described()
        state = self.fastapi.state
        state.symphainy, state.feeds, state.metrics = app, self._feeds, self._metrics
        state.methods_of = self._methods_of
        self.fastapi.router.default = Page(web)
        settings = app.settings
        uploads = settings.max_upload * settings.max_files_at_once + UPLOAD_OVERHEAD
        self._edge = Edge(self.fastapi, self._metrics, max_body=settings.max_body, max_upload=uploads)

    def _described(self) -> FastAPI:
        api = openapi.Described(
            title="Symphainy",
            version=package_version(),
            summary="One durable, live session shared by every agent, orchestrator workflow and browser tab.",
            docs_url=None,
            redoc_url=None,
            openapi_url=f"{PREFIX}/openapi.json",
            redirect_slashes=False,
            generate_unique_id_function=lambda route: route.name,
        )
        errors.install(api)
        api.add_middleware(errors.LastResort)
        for router in ROUTERS:
            api.include_router(router, prefix=PREFIX)
        api.include_router(health.router)
        return api

    def _methods_of(self, path: str) -> set[str]:
        return openapi.methods_of(self.openapi(), path)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._edge(scope, receive, send)

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, as it is also served at `/api/v1/openapi.json`."""
        return self.fastapi.openapi()

    def end_feeds(self) -> None:
        """Tells every live feed of this process to end, and its client to come back: the server is about to stop."""
        self._feeds.end_all()
