"""One durable, live session shared by every agent, orchestrator workflow and browser tab.

Names are imported when they are used: child processes are of this package too, and start with every step of a workflow.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from symphainy.credentials import NewSession
    from symphainy.errors import (
        InvalidInput,
        NotAuthenticated,
        ServiceError,
        SessionNotFound,
        SymphainyError,
        VersionConflict,
    )
    from symphainy.files import open_files
    from symphainy.files.base import FileStore
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
    "open_files",
    "open_store",
]

_HOMES = {
    "AgentType": "session",
    "FileStore": "files.base",
    "InvalidInput": "errors",
    "NewSession": "credentials",
    "NotAuthenticated": "errors",
    "OrchestratorMetadata": "session",
    "OrchestratorName": "session",
    "Role": "session",
    "ServiceError": "errors",
    "Session": "session",
    "SessionManagerService": "sessions",
    "SessionNotFound": "errors",
    "SessionPolicy": "policy",
    "Status": "session",
    "SymphainyError": "errors",
    "TrafficCop": "traffic_cop",
    "VersionConflict": "errors",
    "open_files": "files",
    "open_store": "stores",
}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
