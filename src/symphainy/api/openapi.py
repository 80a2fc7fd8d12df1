"""The OpenAPI document, as true as the answers: where the framework describes what it does itself, we say what is sent."""

from __future__ import annotations

import re
from typing import Any, Final

from fastapi import FastAPI

from symphainy.api.errors import Problem

FRAMEWORKS_OWN: Final = ("HTTPValidationError", "ValidationError")
ANONYMOUS: Final = (("/api/v1/sessions", "post"),)
"""Operations that also work without any credential."""


class Described(FastAPI):
    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = _mended(super().openapi())
        return self.openapi_schema


def _mended(document: dict[str, Any]) -> dict[str, Any]:
    schemas: dict[str, Any] = document.setdefault("components", {}).setdefault("schemas", {})
    schemas.setdefault("Problem", Problem.model_json_schema())
    for name in FRAMEWORKS_OWN:
        schemas.pop(name, None)
    for path, method in ANONYMOUS:
        document["paths"][path][method]["security"].append({})
    return document


def methods_of(document: dict[str, Any], path: str) -> set[str]:
    """Every method that the path has; the framework itself names those of one operation alone."""
    found: set[str] = set()
    for template, item in document["paths"].items():
        if re.fullmatch(re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(template)), path):
            found |= {method.upper() for method in item}
    return found
