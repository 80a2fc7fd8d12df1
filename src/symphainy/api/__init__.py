"""The HTTP API. `create_api` turns a running application into an ASGI application."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp

from symphainy.api import conversations, errors, files, health, live, sessions, states, workflows
from symphainy.api.auth import Limits
from symphainy.api.edge import Edge
from symphainy.api.page import page_router
from symphainy.app import Symphainy

PREFIX = "/api/v1"


def package_version() -> str:
    try:
        return version("symphainy")
    except PackageNotFoundError:
        return "0+unknown"


def create_api(app: Symphainy) -> Api:
    return Api(app)


class Api:
    """The ASGI application. `end_feeds` asks every live feed of this process to end and its client to come back."""

    def __init__(self, app: Symphainy) -> None:
        settings = app.settings
        self.fastapi = FastAPI(
            title="Symphainy",
            version=package_version(),
            summary="One durable, live session shared by every agent, orchestrator workflow and browser tab.",
            docs_url=None,
            redoc_url=None,
            openapi_url=f"{PREFIX}/openapi.json",
        )
        self._feeds = live.Feeds()
        metrics = health.Metrics()
        state = self.fastapi.state
        state.symphainy, state.feeds, state.metrics, state.limits = app, self._feeds, metrics, Limits()
        errors.install(self.fastapi)
        for router in (
            sessions.router,
            live.router,
            conversations.router,
            files.router,
            workflows.router,
            states.router,
        ):
            self.fastapi.include_router(router, prefix=PREFIX)
        self.fastapi.include_router(health.router)
        self.fastapi.include_router(page_router())
        self._asgi: ASGIApp = Edge(
            self.fastapi,
            metrics,
            max_body=settings.max_body,
            max_upload=settings.max_upload,
            max_files=settings.max_files_at_once,
        )
        described = self.fastapi.openapi
        self.fastapi.openapi = lambda: _with_problem(described())  # type: ignore[method-assign]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._asgi(scope, receive, send)

    def end_feeds(self) -> None:
        self._feeds.ending.set()


def _with_problem(document: dict[str, Any]) -> dict[str, Any]:
    """Every error is a Problem: FastAPI's own description of validation errors is replaced by what is really sent."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = errors.Problem.model_json_schema()
    schemas["EntryPage"] = _inlined(schemas)
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    return document


def _inlined(schemas: dict[str, Any]) -> dict[str, Any]:
    from symphainy.api.models import EntryPage

    page = EntryPage.model_json_schema(ref_template="#/components/schemas/{model}")
    for name, schema in page.pop("$defs", {}).items():
        schemas.setdefault(name, schema)
    return page
