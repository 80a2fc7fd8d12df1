"""The one place where Redis' errors, and the refusals of our Lua texts, become ours."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from typing import Any, Final

from redis.exceptions import AuthenticationError, RedisError, ResponseError

from symphainy.errors import (
    LeaseLost,
    StorageFull,
    StoreUnavailable,
    SymphainyError,
    VersionConflict,
    WorkClosed,
    WorkExists,
)
from symphainy.stores.base import Lease
from symphainy.stores.checks import not_found
from symphainy.stores.redis.wire import Broken, NotReplicated

FUNCTION_MISSING: Final = "Function not found"
NOT_YET: Final = ("LOADING", "CLUSTERDOWN", "TRYAGAIN", "MASTERDOWN", "READONLY", "BUSY", "NOREPLICAS")
"""The server did nothing, and may be able to in a moment."""

REPEAT: Final = "Whether the write happened is unknown: repeat it with the same op_id."


def code_of(error: ResponseError) -> str:
    """The first word of what the server answered; the client library has cut off those that it knows."""
    return error.status_code or str(error).partition(" ")[0]


def ours(error: Exception, where: str) -> SymphainyError:
    """`where` names the server."""
    match error:
        case NotReplicated():
            return StoreUnavailable(f"Redis at {where}: only {error.replicas} replicas confirmed the write. {REPEAT}")
        case Broken():
            return _no_answer(error, where)
        case ResponseError():
            return _refusal(error, where)
        case RedisError() | OSError():
            return StoreUnavailable(f"Redis at {where}: {error}. {REPEAT}")
        case _:
            raise error


def _no_answer(error: Broken, where: str) -> StoreUnavailable:
    why = error.__cause__
    while isinstance(why, Broken):
        why = why.__cause__
    if isinstance(why, AuthenticationError):
        return StoreUnavailable(f"Redis at {where} refuses the credentials: {why}")
    if (refused := _certificate_error(why)) is not None:
        return StoreUnavailable(f"The certificate of Redis at {where} is not accepted: {refused.verify_message}")
    said = f" ({why})" if why is not None and str(why) else ""
    unknown = f" {REPEAT}" if error.sent else ""
    return StoreUnavailable(f"Redis at {where} does not answer{said}.{unknown}")


def _certificate_error(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    """The client library wraps it."""
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error


def _refusal(error: ResponseError, where: str) -> SymphainyError:
    code, text = code_of(error), str(error)
    if code == "OOM":
        return StorageFull(f"Redis at {where} has no memory left. What was acknowledged is kept and can be read.")
    if code == "MISCONF":
        return StorageFull(f"Redis at {where} cannot write to its disk. What was acknowledged is kept and can be read.")
    if code in ("NOPERM", "NOAUTH", "WRONGPASS"):
        return StoreUnavailable(f"Redis at {where} does not permit what the store needs ({code}): {text}")
    return StoreUnavailable(f"Redis at {where} refused ({code}): {text}")


def refusal_of(
    refusal: bytes, reply: Sequence[Any], session_id: str, expected_seq: int | None, fence: Lease | None
) -> SymphainyError:
    """What an append was refused for, as its Lua text names it."""
    match refusal:
        case b"SessionNotFound":
            return not_found(session_id)
        case b"LeaseLost":
            lane = fence.lane if fence is not None else ""
            return LeaseLost(f"The lease on {lane!r} has a newer owner.", details={"lane": lane})
        case b"VersionConflict":
            return VersionConflict(f"The session has changed after {expected_seq}.", details={"seq": reply[0]})
        case b"WorkExists" | b"WorkClosed":
            work_id = reply[0].decode()
            details = {"work_id": work_id}
            if refusal == b"WorkExists":
                return WorkExists(f"{work_id!r} was started before.", details=details)
            return WorkClosed(f"{work_id!r} is not open.", details=details)
        case _:
            return StoreUnavailable("Whether the write happened is unknown: repeat it with an op_id.")
