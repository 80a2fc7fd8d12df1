"""JSON bodies, read strictly: what comes in is what will be stored and given back, or it is refused."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

import orjson
from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from symphainy.api.errors import Unreadable


def read_json(body: bytes) -> Any:
    """The value. Raises Unreadable for what is not JSON (RFC 8259) in UTF-8, and for what cannot be kept as it is: numbers
    out of range, halves of surrogate pairs, two values under one name, nesting deeper than any document needs."""
    try:
        value = json.loads(
            body.decode(), parse_constant=_refuse, parse_float=_finite, object_pairs_hook=_without_repeats
        )
        orjson.dumps(value)
    except UnicodeDecodeError:
        raise Unreadable("The body is not UTF-8.") from None
    except json.JSONDecodeError as wrong:
        raise Unreadable(f"The body is not JSON: {wrong.msg} at position {wrong.pos}.") from None
    except RecursionError:
        raise Unreadable("The body's JSON is nested too deeply.") from None
    except (ValueError, TypeError) as unsuitable:
        raise Unreadable(f"The body's JSON cannot be kept as it is: {unsuitable}.") from None
    return value


def _check_media_type(request: Request) -> None:
    """Raises HTTPException 415 for a body that does not say that it is JSON."""
    headers = request.headers
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    has_body = "transfer-encoding" in headers or headers.get("content-length", "0") != "0"
    if has_body and kind != "application/json" and not kind.endswith("+json"):
        raise HTTPException(415, "This operation reads JSON: send the body with Content-Type: application/json.")


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is out of range")
    return number


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name occurs twice in one object")
    return found


class _StrictRequest(Request):
    async def json(self) -> Any:
        return read_json(await self.body())


class StrictRoute(APIRoute):
    """An operation whose JSON body is read by `read_json`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        reads_json = self.body_field is not None

        async def strictly(request: Request) -> Response:
            if reads_json:
                _check_media_type(request)
            return await handle(_StrictRequest(request.scope, request.receive))

        return strictly
