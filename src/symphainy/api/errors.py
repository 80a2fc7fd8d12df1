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
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

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
    err.DataDamaged: 500,
    err.DataFolderLocked: 503,
    err.ServiceError: 422,
}


class Problem(BaseModel):
    """What went wrong (RFC 9457). `code` never changes its meaning; `detail` is for people."""

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
    503: "The store does not answer; repeat the request with the same ids.",
    507: "No space is left; what was acknowledged is kept.",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The documented errors of an operation; 400, 401, 429, 500 and 503 go with every one."""
    return {
        status: {
            "description": PROBLEM_DESCRIPTIONS.get(status, HTTPStatus(status).phrase),
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in sorted({400, 401, 422, 429, 500, 503, *statuses})
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
    return Response(orjson.dumps(body), status, media_type="application/problem+json")


def request_id_of(request: Request) -> str:
    return getattr(request.state, "request_id", "") or new_id("req")


async def answer_symphainy_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, err.SymphainyError)
    status = status_of(error)
    request_id = request_id_of(request)
    if status >= 500:
        logger.error("%s %s failed (%s)", request.method, request.url.path, request_id, exc_info=error)
    response = problem(status, error.code, error.message, request_id, error.details)
    if isinstance(error, err.NotAuthenticated):
        response.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, err.TooMany | err.StoreUnavailable | err.StorageFull):
        response.headers["Retry-After"] = str(math.ceil(getattr(error, "retry_after", None) or 1))
    return response


async def answer_invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = [{"where": ".".join(str(part) for part in item["loc"]), "what": item["msg"]} for item in error.errors()]
    unreadable = any(item["type"] == "json_invalid" for item in error.errors())
    detail = "; ".join(f"{item['where']}: {item['what']}" for item in found[:5])
    status, code = (400, "invalid_json") if unreadable else (422, "invalid_input")
    return problem(status, code, detail, request_id_of(request), {"errors": found})


async def answer_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "_")
    response = problem(error.status_code, code, str(error.detail), request_id_of(request))
    response.headers.update(error.headers or {})
    return response


def unexpected(request_id: str, error: Exception, what: str) -> Response:
    """The answer to a bug: it is logged whole and says nothing of the inside."""
    logger.error("%s failed (%s)", what, request_id, exc_info=error)
    return problem(
        500, "internal_error", "Something went wrong inside the server. What was acknowledged is kept.", request_id
    )


def install(api: FastAPI) -> None:
    api.add_exception_handler(err.SymphainyError, answer_symphainy_error)
    api.add_exception_handler(RequestValidationError, answer_invalid_request)
    api.add_exception_handler(HTTPException, answer_http_error)
