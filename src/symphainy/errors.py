"""Every error Symphainy raises. Each class has a stable `code`; only `api/errors.py` knows status codes.

SymphainyError
├── NotFound
│   ├── SessionNotFound        unknown, expired, erased, or somebody else's
│   ├── ConversationNotFound
│   ├── WorkflowNotFound
│   ├── RunNotFound
│   ├── StateNotFound
│   ├── FileNotFound
│   └── ArtifactNotFound
├── NotAuthenticated           no credential, or one that is unknown, expired or revoked
├── NotAllowed                 a good credential that does not reach so far
├── InvalidInput
├── Conflict
│   ├── VersionConflict        carries the current seq and value
│   ├── IdempotencyMismatch    one client-made id used for two different writes
│   ├── SessionExists
│   ├── SessionClosed
│   ├── WorkClosed             the run or workflow has ended; nothing more may be written for it
│   ├── WorkExists             a run or workflow of this id was started before
│   ├── NotAsked               the workflow does not wait for these answers (any more)
│   ├── NotComparable          the two versions have no format in common that can be compared, or are too large for it
│   ├── TransitionNotAllowed   an artifact's status cannot become this one now; carries those that it can
│   ├── LeaseHeld              somebody else owns the lease and it is still live
│   └── LeaseLost              the fencing token is no longer the newest: stop
├── LimitExceeded
│   ├── TooLarge               one thing is too big
│   ├── TooMany                too many things, or too often: retry later or remove some
│   └── StorageFull            the store has no space left; what was acknowledged is kept
├── StoreUnavailable           the store did not answer; whether the write happened is unknown, repeat it with its op_id
├── LogSetBack                 the store has lost the end of a log that was read before: read the session again
├── DataDamaged                a checksum does not match; names session and seq; never served
├── DataFolderLocked           another server process owns the data folder
└── ServiceError               an enabling service could not do its work; says why in plain words
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

JsonValue = Any
"""A JSON value: None, bool, int, float, str, list or dict of them."""

JsonObject = Mapping[str, JsonValue]
"""An open JSON object: what a user or a service puts in and gets back unchanged."""


class SymphainyError(Exception):
    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, details: JsonObject | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.details: JsonObject = details or {}


class NotFound(SymphainyError):
    code = "not_found"


class SessionNotFound(NotFound):
    code = "session_not_found"


class ConversationNotFound(NotFound):
    code = "conversation_not_found"


class WorkflowNotFound(NotFound):
    code = "workflow_not_found"


class RunNotFound(NotFound):
    code = "run_not_found"


class StateNotFound(NotFound):
    code = "state_not_found"


class FileNotFound(NotFound):
    code = "file_not_found"


class ArtifactNotFound(NotFound):
    code = "artifact_not_found"


class NotAuthenticated(SymphainyError):
    code = "not_authenticated"


class NotAllowed(SymphainyError):
    code = "not_allowed"


class InvalidInput(SymphainyError):
    code = "invalid_input"


class Conflict(SymphainyError):
    code = "conflict"


class VersionConflict(Conflict):
    """`details` holds `seq` (the session's head) and, where the caller patched keyed state, `current`."""

    code = "version_conflict"


class IdempotencyMismatch(Conflict):
    code = "idempotency_mismatch"


class SessionExists(Conflict):
    code = "session_exists"


class SessionClosed(Conflict):
    code = "session_closed"


class WorkClosed(Conflict):
    code = "work_closed"


class WorkExists(Conflict):
    code = "work_exists"


class NotAsked(Conflict):
    """`details` hold what the workflow asks now (`asked`, or null) and its `workflow_status`."""

    code = "not_asked"


class NotComparable(Conflict):
    code = "not_comparable"


class TransitionNotAllowed(Conflict):
    """`details` hold `version`, its `current_status`, and the `allowed` next ones."""

    code = "transition_not_allowed"


class LeaseHeld(Conflict):
    code = "lease_held"


class LeaseLost(Conflict):
    code = "lease_lost"


class LimitExceeded(SymphainyError):
    code = "limit_exceeded"


class TooLarge(LimitExceeded):
    code = "too_large"


class TooMany(LimitExceeded):
    code = "too_many"

    def __init__(self, message: str, *, retry_after: float | None = None, details: JsonObject | None = None) -> None:
        super().__init__(message, details=details)
        self.retry_after = retry_after


class StorageFull(LimitExceeded):
    code = "storage_full"


class StoreUnavailable(SymphainyError):
    code = "store_unavailable"


class LogSetBack(SymphainyError):
    code = "log_set_back"


class DataDamaged(SymphainyError):
    code = "data_damaged"

    def __init__(self, message: str, *, session_id: str, seq: int | None = None) -> None:
        super().__init__(message, details={"session_id": session_id, "seq": seq})
        self.session_id = session_id
        self.seq = seq


class DataFolderLocked(SymphainyError):
    code = "data_folder_locked"


class ServiceError(SymphainyError):
    """Raised by enabling services. `service_code` is theirs (`encrypted`, `memory_limit`, ...) and ends up in the
    journal."""

    code = "service_failed"

    def __init__(self, service_code: str, message: str, *, details: JsonObject | None = None) -> None:
        super().__init__(message, details=details)
        self.service_code = service_code
