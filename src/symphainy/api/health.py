"""Is the server there, can it keep what it acknowledges, and what has it done."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from pydantic import BaseModel

from symphainy.api.auth import App
from symphainy.api.errors import problems
from symphainy.api.models import AgentInfo, Meta
from symphainy.enabling_services.kinds import FileKind

router = APIRouter(tags=["operation"])


class Alive(BaseModel):
    status: Literal["ok"] = "ok"


class Ready(BaseModel):
    status: Literal["ready"] = "ready"
    store: str
    durability: Literal["fsync", "<=1s", "none"]


class Metrics:
    """What this process counts, under Prometheus' naming rules."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "symphainy_http_requests_total", "Requests answered.", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "symphainy_http_request_seconds", "Time to the first byte of the answer.", ["route"], registry=self.registry
        )
        self.feeds = Gauge("symphainy_feeds_open", "Live feeds open now.", registry=self.registry)


@router.get("/healthz", response_model=Alive)
async def healthz() -> Alive:
    """The process answers."""
    return Alive()


@router.get("/readyz", response_model=Ready, responses=problems())
async def readyz(app: App) -> Ready:
    """The store has just made a durable write; `durability` says what an acknowledgement is worth."""
    durability = await app.traffic_cop.probe()
    return Ready(store=app.settings.store_url.partition(":")[0], durability=durability)


@router.get("/metrics", response_class=Response)
async def metrics(request: Request) -> Response:
    """Prometheus text."""
    counted: Metrics = request.app.state.metrics
    counted.feeds.set(sum(request.app.state.feeds.open.values()))
    return Response(generate_latest(counted.registry), media_type=CONTENT_TYPE_LATEST)


@router.get("/api/v1/meta", response_model=Meta)
async def meta(app: App, request: Request) -> Meta:
    """What this server is and can do."""
    return Meta(
        version=request.app.version,
        agents=[AgentInfo(agent_type=agent.agent_type, label=agent.label) for agent in app.agents],
        operations={name: list(operations) for name, operations in app.business.operations().items()},
        model=app.model.name if app.model else None,
        max_upload_bytes=app.settings.max_upload,
        max_files_at_once=app.settings.max_files_at_once,
        file_kinds=[kind.value for kind in FileKind],
    )
