"""Callers' words to the closed sets of the session: the one place that refuses what is not in them."""

from __future__ import annotations

from typing import Final

import orjson

from symphainy.errors import InvalidInput, JsonObject, TooLarge
from symphainy.session import AgentType, OrchestratorName, Role, Status

STATUS_ALIASES: Final = {"active": Status.PROCESSING, "in_progress": Status.PROCESSING, "running": Status.PROCESSING}


def json_object(value: JsonObject, name: str, max_bytes: int) -> JsonObject:
    try:
        size = len(orjson.dumps(value))
    except TypeError as unsuitable:
        raise InvalidInput(f"{name} must be JSON: {unsuitable}") from unsuitable
    if size > max_bytes:
        raise TooLarge(f"{name} may have at most {max_bytes:,} bytes of JSON; this has {size:,}.")
    return value


def agent_type(value: AgentType | str) -> AgentType:
    try:
        return AgentType(value)
    except ValueError:
        raise InvalidInput(f"Unknown agent type {value!r}. Known: {', '.join(AgentType)}.") from None


def role(value: Role | str) -> Role:
    try:
        return Role(value)
    except ValueError:
        raise InvalidInput(f"Unknown role {value!r}. Known: {', '.join(Role)}.") from None


def orchestrator_name(value: OrchestratorName | str) -> OrchestratorName:
    try:
        return OrchestratorName(value)
    except ValueError:
        raise InvalidInput(f"Unknown orchestrator {value!r}. Known: {', '.join(OrchestratorName)}.") from None


def status(value: object) -> Status | None:
    if value is None:
        return None
    try:
        return STATUS_ALIASES.get(str(value)) or Status(str(value))
    except ValueError:
        raise InvalidInput(f"Unknown status {value!r}. Known: {', '.join(Status)}.") from None
