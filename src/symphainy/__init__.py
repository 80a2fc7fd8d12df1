"""One durable, live session shared by every agent, orchestrator workflow and browser tab."""

from symphainy.credentials import NewSession
from symphainy.errors import (
    InvalidInput,
    NotAuthenticated,
    ServiceError,
    SessionNotFound,
    SymphainyError,
    VersionConflict,
)
from symphainy.files import FileStore
from symphainy.policy import SessionPolicy
from symphainy.session import AgentType, OrchestratorMetadata, OrchestratorName, Role, Session, Status
from symphainy.sessions import SessionManagerService
from symphainy.stores import open_store
from symphainy.traffic_cop import TrafficCop

__all__ = [
    "AgentType",
    "FileStore",
    "InvalidInput",
    "NewSession",
    "NotAuthenticated",
    "OrchestratorMetadata",
    "OrchestratorName",
    "Role",
    "ServiceError",
    "Session",
    "SessionManagerService",
    "SessionNotFound",
    "SessionPolicy",
    "Status",
    "SymphainyError",
    "TrafficCop",
    "VersionConflict",
    "open_store",
]
