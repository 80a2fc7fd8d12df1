"""The OpenAPI document, as true as the answers: where the framework describes what it does itself, we say what is sent."""

from __future__ import annotations

import re
from typing import Any, Final

from fastapi import FastAPI

from symphainy.api.errors import Problem

FRAMEWORKS_OWN: Final = ("HTTPValidationError", "ValidationError")
ANONYMOUS: Final = (("/api/v1/sessions", "get"), ("/api/v1/sessions", "post"))
"""Operations that also work without any credential."""
WHOLE: Final = ("Workflow", "Step", "Run", "File", "Artifact")
"""What only answers hold: every field is sent, those with a default too."""


class Described(FastAPI):
    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = _mended(super().openapi(), self.state.symphainy.settings.max_files_at_once)
        return self.openapi_schema


def _mended(document: dict[str, Any], max_files: int) -> dict[str, Any]:
    schemas: dict[str, Any] = document.setdefault("components", {}).setdefault("schemas", {})
    schemas.setdefault("Problem", Problem.model_json_schema())
    for name in FRAMEWORKS_OWN:
        schemas.pop(name, None)
    for name in WHOLE:
        schemas[name]["required"] = list(schemas[name]["properties"])
    for path, method in ANONYMOUS:
        document["paths"][path][method]["security"].append({})
    for item in document["paths"].values():
        for operation in item.values():
            for parameter in operation.get("parameters", ()):
                parameter["schema"] = _without_null(parameter["schema"])
    upload = document["paths"]["/api/v1/sessions/{session_id}/files"]["post"]["requestBody"]
    upload["content"]["multipart/form-data"]["schema"]["properties"]["files"]["maxItems"] = max_files
    return document


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter that is not there is left out: there is no null in a URL or a header."""
    chosen = [option for option in schema.get("anyOf", ()) if option != {"type": "null"}]
    if len(chosen) != 1:
        return schema
    rest = {name: value for name, value in schema.items() if name not in ("anyOf", "default")}
    return {**chosen[0], **rest}


def methods_of(document: dict[str, Any], path: str) -> set[str]:
    """Every method that the path has; the framework itself names those of one operation alone."""
    found: set[str] = set()
    for template, item in document["paths"].items():
        if re.fullmatch(re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(template)), path):
            found |= {method.upper() for method in item}
    return found
