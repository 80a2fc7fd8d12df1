"""The OpenAPI document, as true as the answers: where the framework describes what it does itself, we say what is sent."""

from __future__ import annotations

import re
from typing import Any, Final

from fastapi import FastAPI

from symphainy.api.errors import Problem

FRAMEWORKS_OWN: Final = ("HTTPValidationError", "ValidationError")
ANONYMOUS: Final = (("/api/v1/sessions", "post"),)
"""Operations that also work without any credential."""


def describe(api: FastAPI) -> dict[str, Any]:
    document = FastAPI.openapi(api)
    schemas: dict[str, Any] = document.setdefault("components", {}).setdefault("schemas", {})
    schemas.setdefault("Problem", Problem.model_json_schema())
    for name in FRAMEWORKS_OWN:
        schemas.pop(name, None)
    for path, method in ANONYMOUS:
        security: list[dict[str, Any]] = document["paths"][path][method]["security"]
        if {} not in security:
            security.append({})
    return document


def offered(document: dict[str, Any]) -> list[tuple[re.Pattern[str], set[str]]]:
    """Every path with its methods."""
    return [
        (re.compile(re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(path))), {method.upper() for method in item})
        for path, item in document["paths"].items()
    ]
