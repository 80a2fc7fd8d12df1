"""The OpenAPI document is true: schemathesis tries the running server against it, with all of its checks."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from symphainy.api import Api
from symphainy.entries import Body

from .conftest import Visitor
from .server_process import ServerProcess

SETTINGS = """
[auth]
auto-signup = false

[auth.openapi]
{scheme} = {{ {credential} }}

[checks]
positive_data_acceptance.expected-statuses = ["2xx", "3xx", 400, 403, 404, 409, 413]

[parameters]
"path.session_id" = "{session_id}"

# which operations an orchestrator has is not in the document
[[operations]]
include-operation-id = "start_workflow"
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 404, 409, 422]

# resume and title go with one credential each
[[operations]]
include-operation-id = "create_session"
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 403, 409, 413, 422]
"""
FINAL = ("delete_session", "rotate_token", "revoke_token")
"""Operations after which the credential that a run uses is dead."""


async def run_schemathesis(
    server: ServerProcess, folder: Path, session_id: str, credential: tuple[str, str], *arguments: str
) -> None:
    scheme, token = credential
    shown = f'{"bearer" if scheme == "bearer" else "api_key"} = "{token}"'
    settings = folder / "schemathesis.toml"
    settings.write_text(SETTINGS.format(session_id=session_id, scheme=scheme, credential=shown))
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        *("--config-file", str(settings), "run", f"{server.url}/api/v1/openapi.json"),
        *("--checks", "all", "--seed", "7", "--suppress-health-check", "all", "--max-failures", "5", *arguments),
    ]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate()
    text = output.decode(errors="replace")
    assert process.returncode == 0, text[-8_000:]
    assert "generated" in text
    assert "Traceback" not in server.output, server.output[-8_000:]


@pytest.mark.timeout(240)
async def test_every_answer_is_as_documented_for_a_bearer(tmp_path: Path) -> None:
    async with ServerProcess(tmp_path / "data", feed_seconds=0.02) as server:
        session_id, token = await server.new_session()
        without = [argument for name in FINAL for argument in ("--exclude-operation-id", name)]
        await run_schemathesis(server, tmp_path, session_id, ("bearer", token), "-n", "12", *without)


@pytest.mark.timeout(240)
async def test_every_answer_is_as_documented_for_a_cookie(tmp_path: Path) -> None:
    async with ServerProcess(tmp_path / "data", feed_seconds=0.02) as server:
        async with httpx.AsyncClient(base_url=server.url, headers={"origin": server.url}) as http:
            made = (await http.post("/api/v1/sessions", json={"credential": "cookie"})).json()
            token = http.cookies["symphainy"]
        without = [argument for name in FINAL[1:] for argument in ("--exclude-operation-id", name)]
        options = ("-n", "6", "--phases", "coverage,fuzzing", "-H", f"Origin: {server.url}", *without)
        await run_schemathesis(server, tmp_path, made["session_id"], ("cookie", token), *options)


def test_every_operation_documents_its_problems(api: Api) -> None:
    document = api.openapi()
    reference = {"$ref": "#/components/schemas/Problem"}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            where = f"{method} {path}"
            errors = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
            assert all(
                answer["content"] == {"application/problem+json": {"schema": reference}} for answer in errors.values()
            ), where
            if "{session_id}" in path:
                assert {"400", "401", "404", "422", "429", "500", "503"} <= set(errors), where
                assert operation["security"] == [{"bearer": []}, {"cookie": []}], where
                assert method == "get" or {"403", "413", "507"} <= set(errors), where


def test_operations_have_names_of_their_own_and_say_what_they_do(api: Api) -> None:
    operations = [operation for item in api.openapi()["paths"].values() for operation in item.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names))
    assert [operation["operationId"] for operation in operations if not operation.get("description")] == ["get_file"]


def test_every_reference_has_its_schema(api: Api) -> None:
    document = api.openapi()
    text = json.dumps(document)
    named = {part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]}
    assert named <= set(document["components"]["schemas"])


def test_the_log_is_described_by_its_closed_union(api: Api) -> None:
    schemas: dict[str, Any] = api.openapi()["components"]["schemas"]
    union = schemas["EntryPage"]["properties"]["entries"]["items"]
    assert set(union["discriminator"]["mapping"]) == {body.type for body in Body.__args__}
    assert len(union["oneOf"]) == len(Body.__args__)


def test_the_document_in_the_repository_is_the_servers(api: Api) -> None:
    kept = json.loads((Path(__file__).parents[2] / "spec" / "openapi.json").read_text(encoding="utf-8"))
    assert kept == api.openapi(), "spec/openapi.json is stale: make types"


async def test_the_document_is_served(visitor: Visitor, api: Api) -> None:
    assert (await visitor.http.get("/api/v1/openapi.json")).json() == api.openapi()


def test_schemathesis_is_installed() -> None:
    assert shutil.which("schemathesis", path=str(Path(sys.executable).parent))
