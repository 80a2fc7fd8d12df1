"""The one place where an error becomes a status code: RFC 9457 problem documents with a stable `code`."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from symphainy import errors as err
from symphainy.ids import new_id

logger = logging.getLogger(__name__)

STATUS: Final[Mapping[type[err.SymphainyError], int]] = {
    err.SymphainyError: 500,
    err.NotFound: 404,
    err.NotAuthenticated: 401,
    err.NotAllowed: 403,
    err.InvalidInput: 422,
    err.Conflict: 409,
    err.LimitExceeded: 429,
    err.TooLarge: 413,
    err.TooMany: 429,
    err.StorageFull: 507,
    err.StoreUnavailable: 503,
    err.LogSetBack: 503,
    err.DataDamaged: 500,
    err.DataFolderLocked: 503,
    err.ServiceError: 422,
}

CODES: Final = {
    400: "unreadable_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid_input",
}
"""Codes of what the web framework refuses itself."""

ERRORS_SHOWN: Final = 10


class Unreadable(HTTPException):
    """The bytes of a request are not what they claim to be."""

    def __init__(self, detail: str) -> None:
        super().__init__(400, detail)
        self.details: Mapping[str, Any] = {}


class Problem(BaseModel):
    """What went wrong (RFC 9457). `code` never changes its meaning; `detail` is for people. Some codes say more."""

    model_config = ConfigDict(extra="allow")

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str
    request_id: str = Field(description="Name this when you ask for help: the server's log has more.")


PROBLEM_DESCRIPTIONS: Final = {
    400: "The request cannot be read.",
    401: "No credential, or one that is not good (any more).",
    403: "The credential does not allow this, or the request comes from another site.",
    404: "Not there, or not yours.",
    409: "It conflicts with what is there.",
    413: "Too large.",
    415: "The body is of another type than this operation reads.",
    422: "It was understood and cannot be done.",
    429: "Too many; `Retry-After` says when to try again.",
    500: "A fault of the server; what was acknowledged is kept.",
    503: "The store does not answer; repeat the request with the same ids.",
    507: "No space is left; what was acknowledged is kept.",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The documented errors of an operation; 400, 401, 422, 429, 500 and 503 go with every one."""
    return {status: problem_response(status) for status in sorted({400, 401, 422, 429, 500, 503, *statuses})}


def writing(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """As `problems`, for operations that write: they may also be refused as from another site, or for want of space."""
    return problems(403, 413, 415, 507, *statuses)


def problem_response(status: int) -> dict[str, Any]:
    return {
        "description": PROBLEM_DESCRIPTIONS[status],
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def status_of(error: err.SymphainyError) -> int:
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def problem(status: int, code: str, detail: str, request_id: str, more: Mapping[str, Any] | None = None) -> Response:
    body = {
        **(more or {}),
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": request_id,
    }
    return Response(
        orjson.dumps(body, default=str, option=orjson.OPT_NON_STR_KEYS),
        status,
        {"Cache-Control": "no-store"},
        media_type="application/problem+json",
    )


def request_id_of(request: Request) -> str:
    return getattr(request.state, "request_id", "") or new_id("req")


async def answer_symphainy_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, err.SymphainyError)
    status = status_of(error)
    request_id = request_id_of(request)
    if status == 500:
        logger.error("%s %s failed (%s)", request.method, request.url.path, request_id, exc_info=error)
    elif status > 500:
        # a store that is away is no riddle: a stack for every request of that hour would hide what is
        told = request.method, request.url.path, status, request_id, error.message
        logger.warning("%s %s is answered with %d (%s): %s", *told)
    response = problem(status, error.code, printable(error.message), request_id, error.details)
    if isinstance(error, err.NotAuthenticated):
        response.headers["WWW-Authenticate"] = "Bearer"
    if status in (429, 503, 507):
        response.headers["Retry-After"] = str(max(1, math.ceil(getattr(error, "retry_after", None) or 1)))
    return response


async def answer_invalid_request(request: Request, error: Exception) -> Response:
    """What was sent is not repeated in the answer: it may be a secret in the wrong place."""
    assert isinstance(error, RequestValidationError)
    found = [
        {"where": printable(".".join(str(part) for part in item["loc"]))[:200], "what": str(item["msg"])}
        for item in error.errors()[:ERRORS_SHOWN]
    ]
    detail = "; ".join(f"{item['where']}: {item['what']}" for item in found[:5])
    return problem(422, "invalid_input", detail, request_id_of(request), {"errors": found})


async def answer_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = error.status_code
    more: err.JsonObject = error.details if isinstance(error, Unreadable) else {}
    response = problem(status, CODES.get(status, "http_error"), str(error.detail), request_id_of(request), more)
    response.headers.update(error.headers or {})
    if status == 405 and (methods := request.app.state.methods_of(request.url.path)):
        response.headers["Allow"] = ", ".join(sorted(methods))
    return response


def printable(text: str) -> str:
    """The text without what cannot be encoded: it may hold a piece of the request."""
    return text.encode(errors="replace").decode()


class LastResort:
    """The API's edge: a bug becomes a problem document with status 500, is logged whole, and tells nothing of the inside."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            if scope["type"] != "http" or begun:
                raise
            request_id = str(scope.get("state", {}).get("request_id", "")) or new_id("req")
            logger.error("%s %s failed (%s)", scope["method"], scope["path"], request_id, exc_info=error)
            detail = "Something went wrong inside the server. What was acknowledged is kept."
            await problem(500, "internal_error", detail, request_id)(scope, receive, send)


def install(api: FastAPI) -> None:
    api.add_exception_handler(err.SymphainyError, answer_symphainy_error)
    api.add_exception_handler(RequestValidationError, answer_invalid_request)
    api.add_exception_handler(HTTPException, answer_http_error)
