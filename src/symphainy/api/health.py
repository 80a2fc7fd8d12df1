"""Is the server there, can it keep what it acknowledges, what has it done, and what can it do."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request, Response

from symphainy.agents.understanding.router import routing_name
from symphainy.api.auth import App
from symphainy.api.errors import problem_response
from symphainy.api.models import (
    MESSAGE_CHARACTERS,
    TITLE_CHARACTERS,
    AgentInfo,
    Alive,
    LimitsInfo,
    Meta,
    Ready,
)
from symphainy.enabling_services.kinds import FileKind
from symphainy.stores import tiers
from symphainy.telemetry import MEDIA_TYPE

router = APIRouter(tags=["operation"])

FAULTS: Final[dict[int | str, dict[str, Any]]] = {500: problem_response(500)}


@router.get("/healthz", response_model=Alive, responses=FAULTS)
async def healthz() -> Alive:
    """The process answers."""
    return Alive()


@router.get(
    "/readyz", response_model=Ready, responses={**FAULTS, 503: problem_response(503), 507: problem_response(507)}
)
async def readyz(app: App) -> Ready:
    """The store has just made a durable write, and the file store answers; `durability` says what an acknowledgement is
    worth. A tiered store says how far its durable part is behind, and is not ready at the limit."""
    durability = await app.traffic_cop.probe()
    await app.files.probe()
    return Ready(
        store="+".join(url.partition(":")[0] for url in tiers(app.settings.store_url)),
        durability=durability,
        files=app.files.kind,
        lag=app.traffic_cop.lag(),
    )


@router.get(
    "/metrics",
    response_class=Response,
    responses={**FAULTS, 200: {"description": "Counters.", "content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def read_metrics(request: Request) -> Response:
    """Prometheus text."""
    return Response(request.app.state.metrics.text(), media_type=MEDIA_TYPE)


@router.get("/api/v1/meta", response_model=Meta, responses=FAULTS)
async def meta(app: App, request: Request) -> Meta:
    """What this server is and can do."""
    settings, policy = app.settings, app.sessions.policy
    limits = LimitsInfo(
        message_characters=MESSAGE_CHARACTERS,
        title_characters=TITLE_CHARACTERS,
        body_bytes=settings.max_body,
        upload_bytes=settings.max_upload,
        files_at_once=settings.max_files_at_once,
        state_bytes=policy.max_state_bytes,
        states=policy.max_states,
        sessions_per_user=settings.sessions_per_user,
        feeds_per_user=settings.feeds_per_user,
        messages_per_minute=settings.messages_per_minute,
        writes_per_minute=settings.writes_per_minute,
        sessions_per_minute=settings.sessions_per_minute,
    )
    return Meta(
        version=request.app.version,
        agents=[AgentInfo(agent_type=agent.agent_type, label=agent.label) for agent in app.agents],
        orchestrators={name: list(operations) for name, operations in app.business.operations().items()},
        limits=limits,
        model=app.model.name if app.model else None,
        routing=routing_name(),
        max_upload_bytes=settings.max_upload,
        file_kinds=[kind.value for kind in FileKind],
    )
