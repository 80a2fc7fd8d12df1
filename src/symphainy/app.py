"""The composition root: the only place that builds the parts and connects them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from symphainy.agents.base import Agent
from symphainy.agents.guide import GuideCrossDomainAgent
from symphainy.agents.model import Model
from symphainy.agents.pydantic_model import Bounds, open_model
from symphainy.agents.tools import Toolbox
from symphainy.chat import ChatService
from symphainy.config import Settings
from symphainy.dispatch import LaneKind, lane_metrics
from symphainy.dispatch.choosing import RunningDispatcher, choose_dispatcher
from symphainy.domains.business_outcomes.liaison import BusinessOutcomesLiaisonAgent
from symphainy.domains.business_outcomes.orchestrator import BusinessOutcomesOrchestrator
from symphainy.domains.content.liaison import ContentLiaisonAgent
from symphainy.domains.content.orchestrator import ContentAnalysisOrchestrator
from symphainy.domains.content.uploads import Uploads
from symphainy.domains.insights.liaison import InsightsLiaisonAgent
from symphainy.domains.insights.orchestrator import InsightsOrchestrator
from symphainy.domains.insights.preparing import Preparation
from symphainy.domains.operations.liaison import OperationsLiaisonAgent
from symphainy.domains.operations.orchestrator import OperationsOrchestrator
from symphainy.enabling_services import (
    DataAnalyzer,
    DataQuality,
    FileParser,
    FormatComposer,
    Limits,
    MetadataExtractor,
    PreviewBuilder,
)
from symphainy.enabling_services.insights.data_insights_query import DataInsightsQuery
from symphainy.enabling_services.insights.document_insights import DocumentInsights
from symphainy.enabling_services.insights.insights_generator import InsightsGenerator
from symphainy.enabling_services.insights.query_engine import QueryEngine
from symphainy.enabling_services.insights.visualization_engine import VisualizationEngine
from symphainy.enabling_services.outcomes import MetricsCalculator, POCGeneration, RoadmapGeneration
from symphainy.enabling_services.reports import ReportGenerator
from symphainy.enabling_services.spare_children import SpareChildren
from symphainy.errors import InvalidInput, SessionNotFound, SymphainyError
from symphainy.files import open_files
from symphainy.files.base import FileStore
from symphainy.ids import Clock, SystemClock
from symphainy.library import ArtifactLibrary
from symphainy.orchestrators.base import Orchestrator
from symphainy.orchestrators.business import BusinessOrchestrator
from symphainy.policy import SessionPolicy
from symphainy.rates import Rates, open_rates
from symphainy.session import AgentType
from symphainy.sessions import SessionManagerService
from symphainy.stores import open_store, tiers
from symphainy.stores.base import Lifetime
from symphainy.telemetry import Metrics, observe_calls
from symphainy.traffic_cop import TrafficCop
from symphainy.workflows import Workflows

logger = logging.getLogger(__name__)

EMBEDDED: Final = ("memory:", "sqlite:")
"""Stores that one process has to itself."""
STORE_CALLS: Final = (
    *("create", "append", "read", "load", "save_snapshot", "acquire_lease", "release_lease", "list_sessions"),
    *("list_open_work", "touch", "delete", "probe", "put_token", "find_token", "delete_tokens"),
)
SWEEP_SECONDS: Final = 60.0
TURNS_AT_ONCE: Final = 64


@dataclass(frozen=True, slots=True)
class Symphainy:
    """A running application. Everything durable is in the store and the file store; the rest can be built again."""

    settings: Settings
    clock: Clock
    traffic_cop: TrafficCop
    files: FileStore
    sessions: SessionManagerService
    business: BusinessOrchestrator
    uploads: Uploads
    library: ArtifactLibrary
    chat: ChatService
    preparation: Preparation
    agents: tuple[Agent, ...]
    model: Model | None
    rates: Rates
    dispatcher: RunningDispatcher
    spares: SpareChildren
    metrics: Metrics


@asynccontextmanager
async def open_symphainy(
    settings: Settings, *, model: Model | None = None, clock: Clock | None = None
) -> AsyncGenerator[Symphainy]:
    """Opens the store, goes on with what an earlier process left open, and on leaving stops without losing anything.

    Without `model` the settings say which one words the answers. Raises DataFolderLocked if another server uses the data folder,
    StoreUnavailable, InvalidInput for an unknown store or a language model that cannot be used.
    """
    # without a clock, a store that several processes share goes by its own server's
    store = open_store(settings.store_url, clock=clock)
    embedded = settings.store_url.startswith(EMBEDDED)
    files = open_files(settings.files, settings.data / "files", alone=embedded, cache_bytes=settings.files_cache)
    clock = clock or SystemClock()
    model = model or _model(settings)
    settings.data.mkdir(parents=True, exist_ok=True)
    metrics = Metrics()
    observe_calls(store, STORE_CALLS, metrics.store, kind="store")
    async with store, files, SpareChildren() as spares:
        traffic_cop = TrafficCop(store, clock=clock)
        redis_url = _redis_url(settings)
        dispatcher = choose_dispatcher(traffic_cop, redis_url, embedded=embedded)
        metrics.collect(lambda: lane_metrics(dispatcher.lanes))
        rates = open_rates(redis_url)
        engine = QueryEngine()
        app, kinds = _build(settings, clock, traffic_cop, files, dispatcher, rates, metrics, model, engine, spares)
        await dispatcher.start(kinds)
        sweeper = asyncio.create_task(_sweep(app))
        try:
            yield app
        finally:
            sweeper.cancel()
            await dispatcher.close()
            await app.preparation.close()
            await engine.close()
            await rates.close()
            await traffic_cop.close()


def _build(
    settings: Settings,
    clock: Clock,
    traffic_cop: TrafficCop,
    files: FileStore,
    dispatcher: RunningDispatcher,
    rates: Rates,
    metrics: Metrics,
    model: Model | None,
    engine: QueryEngine,
    spares: SpareChildren,
) -> tuple[Symphainy, dict[str, LaneKind]]:
    sessions = SessionManagerService(traffic_cop, files, _policy(settings))
    limits = _limits(settings)
    query, charts = DataInsightsQuery(engine, clock=clock), VisualizationEngine()
    content = ContentAnalysisOrchestrator(
        files,
        FileParser(limits, spares=spares),
        DataAnalyzer(limits, spares=spares),
        MetadataExtractor(limits, spares=spares),
        PreviewBuilder(limits, spares=spares),
        DataQuality(limits, spares=spares),
        FormatComposer(limits, spares=spares),
        query,
    )
    calculator, reports = MetricsCalculator(), ReportGenerator()
    outcomes = BusinessOutcomesOrchestrator(files, calculator, RoadmapGeneration(), POCGeneration(), reports)
    insights = InsightsOrchestrator(files, InsightsGenerator(limits, spares=spares), charts, query, DocumentInsights())
    operations = OperationsOrchestrator(files)
    orchestrators: tuple[Orchestrator, ...] = (content, insights, operations, outcomes)
    workflows = Workflows(sessions, dispatcher, orchestrators, begun=partial(metrics.begun, "workflow", clock))
    business = BusinessOrchestrator(workflows, {item.name: tuple(item.described) for item in orchestrators})

    agents = _agents(
        sessions, business, files, calculator, query, charts, model, (content, insights, operations, outcomes)
    )
    speakers = {agent.agent_type: agent for agent in agents}
    chat = ChatService(sessions, dispatcher, speakers, begun=partial(metrics.begun, "turn", clock))
    app = Symphainy(
        settings,
        clock,
        traffic_cop,
        files,
        sessions,
        business,
        Uploads(sessions, files, business, max_bytes=settings.max_upload),
        ArtifactLibrary(sessions, files),
        chat,
        Preparation(files, query),
        agents,
        model,
        rates,
        dispatcher,
        spares,
        metrics,
    )
    return app, {
        "turn": LaneKind(chat.execute, TURNS_AT_ONCE, chat.pending),
        "workflow": LaneKind(workflows.execute, settings.workflows_at_once, workflows.pending, workflows.has_begun),
    }


def _agents(
    sessions: SessionManagerService,
    business: BusinessOrchestrator,
    files: FileStore,
    calculator: MetricsCalculator,
    query: DataInsightsQuery,
    charts: VisualizationEngine,
    model: Model | None,
    orchestrators: tuple[Orchestrator, Orchestrator, Orchestrator, Orchestrator],
) -> tuple[Agent, ...]:
    content, insights, operations, outcomes = orchestrators

    def toolbox(agent: AgentType, *of: Orchestrator) -> Toolbox:
        """The guide may start everything, a liaison what its own orchestrator does."""
        return Toolbox(sessions, business, agent, {item.name: item.described for item in of or orchestrators})

    return (
        GuideCrossDomainAgent(model, toolbox(AgentType.GUIDE)),
        ContentLiaisonAgent(business, files, query, model, toolbox(AgentType.CONTENT, content)),
        InsightsLiaisonAgent(sessions, business, files, query, charts, model, toolbox(AgentType.INSIGHTS, insights)),
        OperationsLiaisonAgent(business, sessions, files, model, toolbox(AgentType.OPERATIONS, operations)),
        BusinessOutcomesLiaisonAgent(
            sessions, business, files, calculator, model, toolbox(AgentType.BUSINESS_OUTCOMES, outcomes)
        ),
    )


def _redis_url(settings: Settings) -> str | None:
    """The Redis through which server processes share work and counts: the one that is set, or the store's own."""
    hot = tiers(settings.store_url)[0]
    url = settings.redis or (hot if hot.startswith("redis") else None)
    if url is not None and not url.startswith("redis"):
        raise InvalidInput(
            "The setting redis must be the URL of a Redis or Valkey: redis://, rediss://, redis+cluster://, ..."
        )
    return url


def _model(settings: Settings) -> Model | None:
    if not settings.model:
        return None
    bounds = Bounds(settings.model_requests, settings.model_tokens, seconds=settings.model_seconds)
    return open_model(settings.model, url=settings.model_url, key=settings.model_key, bounds=bounds)


def _limits(settings: Settings) -> Limits:
    """The query engine inside a child spills to disk before the child meets its own limit."""
    usual = Limits()
    memory = settings.child_memory
    return replace(usual, address_space=memory, database_memory=min(usual.database_memory, memory // 4))


def _policy(settings: Settings) -> SessionPolicy:
    return SessionPolicy(
        session=Lifetime(settings.session_idle, settings.session_lifetime),
        token=Lifetime(settings.token_idle, settings.token_lifetime),
        max_sessions_per_user=settings.sessions_per_user,
    )


async def _sweep(app: Symphainy) -> None:
    await _tidy(app)
    while True:
        try:
            while await app.sessions.close_expired():
                logger.info("erased expired sessions")
        except SymphainyError as reason:
            logger.warning("expired sessions are erased later: %s", reason)
        await asyncio.sleep(SWEEP_SECONDS)


async def _tidy(app: Symphainy) -> None:
    """What workflows left on this machine whose process died between their end and the tidying up."""
    for session_id, name in await app.files.work_folders():
        try:
            await app.business.tidy(session_id, name.removeprefix("work-"))
        except SessionNotFound:
            await app.files.delete_work_folder(session_id, name)
        except SymphainyError as reason:
            logger.warning("%s of %s is removed later: %s", name, session_id, reason)
