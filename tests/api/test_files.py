"""Uploads, downloads, artifacts and the workflows they start."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from symphainy.app import Symphainy

from .conftest import Visitor, client

TABLE = b"name,amount\nada,1\nbob,2\n"


def files(*contents: tuple[str, bytes]) -> list[tuple[str, tuple[str, bytes, str]]]:
    return [("files", (name, content, "text/csv")) for name, content in contents]


async def upload(
    visitor: Visitor, *contents: tuple[str, bytes], key: str | None = None, process: bool = False
) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    params = {} if process else {"process": "false"}
    return await visitor.http.post(f"{visitor.path}/files", files=files(*contents), headers=headers, params=params)


async def test_files_are_kept_byte_for_byte(visitor: Visitor) -> None:
    contents = {
        "a.csv": TABLE,
        "b.bin": bytes(range(256)) * 1000,
        "empty.txt": b"",
        "crlf.txt": b"\r\n--\r\n\r\n" * 999,
    }
    answer = await upload(visitor, *contents.items())
    assert answer.status_code == 201
    made = answer.json()["files"]
    assert [item["name"] for item in made] == list(contents)
    for item in made:
        content = contents[item["name"]]
        assert (item["size"], item["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
        assert (item["status"], item["workflow_id"]) == ("uploaded", None)
        path = f"{visitor.path}/files/{item['file_id']}"
        assert (await visitor.http.get(path)).json() == item
        assert (await visitor.http.get(f"{path}/content")).content == content
    assert (await visitor.http.get(f"{visitor.path}/files")).json() == {"files": made, "next_cursor": None}


async def test_a_download_is_saved_and_never_shown_or_run(visitor: Visitor) -> None:
    (made,) = (await upload(visitor, ('<script>.html"\r\nX-Evil: 1', b"<script>alert(1)</script>"))).json()["files"]
    answer = await visitor.http.get(f"{visitor.path}/files/{made['file_id']}/content", headers={"Range": "bytes=0-3"})
    assert (answer.status_code, len(answer.content)) == (200, made["size"])
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert "x-evil" not in answer.headers


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\a.csv", "a.csv"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("\u00e4\u00f6 \U0001f600.csv", "\u00e4\u00f6 \U0001f600.csv"),
        ("   ", "unnamed"),
        ("x" * 300 + ".csv", "x" * 251 + ".csv"),
    ],
)
async def test_a_name_is_only_ever_shown(visitor: Visitor, app: Symphainy, given: str, shown: str) -> None:
    (made,) = (await upload(visitor, (given, TABLE))).json()["files"]
    assert made["name"] == shown
    stored = await app.files.path(visitor.session_id, made["file_id"])
    assert stored.name == made["file_id"]
    assert (await visitor.http.get(f"{visitor.path}/files/{made['file_id']}/content")).status_code == 200


async def test_an_upload_sent_again_with_its_key_adds_nothing(visitor: Visitor) -> None:
    first = await upload(visitor, ("a.csv", TABLE), ("b.csv", b"x\n1\n"), key="upload-0001")
    again = await upload(visitor, ("a.csv", TABLE), ("b.csv", b"x\n1\n"), key="upload-0001")
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert len((await visitor.http.get(f"{visitor.path}/files")).json()["files"]) == 2
    for other in (("a.csv", TABLE + b"x"), ("c.csv", TABLE)):
        answer = await upload(visitor, other, key="upload-0001")
        assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_mismatch")


@pytest.mark.parametrize("process", [True, False])
async def test_a_deleted_upload_does_not_come_back_with_its_key(
    visitor: Visitor, app: Symphainy, process: bool
) -> None:
    (made,) = (await upload(visitor, ("a.csv", TABLE), key="upload-0001", process=process)).json()["files"]
    stored = await app.files.path(visitor.session_id, made["file_id"])
    await visitor.http.delete(f"{visitor.path}/files/{made['file_id']}")
    answer = await upload(visitor, ("a.csv", TABLE), key="upload-0001", process=process)
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_mismatch")
    assert not stored.exists()


@pytest.mark.parametrize("changes", [{"max_upload": 1_000, "max_files_at_once": 2}])
async def test_a_file_may_be_as_big_as_the_limit_and_not_one_byte_bigger(visitor: Visitor, app: Symphainy) -> None:
    fits = await upload(visitor, ("a.txt", b"x" * 1_000))
    assert fits.status_code == 201
    answer = await upload(visitor, ("ok.txt", b"x"), ("b.txt", b"x" * 1_001))
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (413, "too_large")
    held = {item["file_id"]: item["name"] for item in (await visitor.http.get(f"{visitor.path}/files")).json()["files"]}
    assert list(held.values()) == ["a.txt", "ok.txt"]
    assert [held[file_id] for file_id in problem["kept"]] == ["ok.txt"]
    folder = (await app.files.path(visitor.session_id, fits.json()["files"][0]["file_id"])).parent
    assert sorted(path.name for path in folder.iterdir()) == sorted(held)


@pytest.mark.parametrize("changes", [{"max_files_at_once": 2}])
async def test_one_file_too_many_is_refused(visitor: Visitor) -> None:
    assert (await upload(visitor, *((f"{n}.txt", b"x") for n in range(2)))).status_code == 201
    answer = await upload(visitor, *((f"{n}.txt", b"x") for n in range(3)))
    assert (answer.status_code, len(answer.json()["kept"])) == (422, 2)


async def test_nothing_is_read_before_the_caller_is_known(visitor: Visitor, api: Any) -> None:
    read = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(100):
            read += 1
            yield b"x" * 1_000

    async with client(api) as http:
        headers = {"content-type": "multipart/form-data; boundary=b"}
        assert (await http.post(f"{visitor.path}/files", content=body(), headers=headers)).status_code == 401
    assert read <= 1


BOUNDARY = {"content-type": "multipart/form-data; boundary=b"}
HEAD = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.csv"\r\n\r\n'
BROKEN = {
    "no boundary": ({"content-type": "multipart/form-data"}, HEAD, 400),
    "another type": ({"content-type": "application/json"}, b"{}", 415),
    "no type": ({}, b"x", 415),
    "empty": (BOUNDARY, b"", 400),
    "not multipart at all": (BOUNDARY, b"name,amount\n1,2\n", 400),
    "ends in a header": (BOUNDARY, HEAD[:40], 400),
    "ends in a file": (BOUNDARY, HEAD + b"name,amo", 400),
    "no file": (BOUNDARY, b'--b\r\nContent-Disposition: form-data; name="files"\r\n\r\nx\r\n--b--\r\n', 422),
    "other name": (BOUNDARY, HEAD.replace(b'"files"', b'"upload"') + b"x\r\n--b--\r\n", 422),
    "a large part that is no file": (
        BOUNDARY,
        b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n' + b"x" * 100_000 + b"\r\n--b--\r\n",
        400,
    ),
    "a header without end": (BOUNDARY, b"--b\r\n" + b"x" * 100_000, 400),
}


@pytest.mark.parametrize("what", BROKEN)
async def test_a_broken_upload_leaves_nothing(what: str, visitor: Visitor, app: Symphainy) -> None:
    headers, body, status = BROKEN[what]
    answer = await visitor.http.post(f"{visitor.path}/files", content=body, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await visitor.http.get(f"{visitor.path}/files")).json()["files"] == []
    left = [path for path in Path(app.settings.data / "files").rglob("*") if path.is_file()]
    assert left == []


async def test_an_upload_that_breaks_off_names_the_files_that_were_complete(visitor: Visitor) -> None:
    body = HEAD + b"x\r\n--b\r\n"
    answer = await visitor.http.post(
        f"{visitor.path}/files", content=body, headers=BOUNDARY, params={"process": "false"}
    )
    (held,) = (await visitor.http.get(f"{visitor.path}/files")).json()["files"]
    assert (answer.status_code, answer.json()["kept"]) == (400, [held["file_id"]])


@pytest.mark.parametrize("size", [1, 7, 64])
async def test_an_upload_is_the_same_however_it_is_cut(visitor: Visitor, size: int) -> None:
    content = b"\r\n-\r\n--\r\n--a\r\n\r\r\r\n" * 20
    body = HEAD + content + b"\r\n--b--\r\n"

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), size):
            yield body[start : start + size]

    answer = await visitor.http.post(
        f"{visitor.path}/files", content=pieces(), headers=BOUNDARY, params={"process": "false"}
    )
    (made,) = answer.json()["files"]
    assert made["sha256"] == hashlib.sha256(content).hexdigest()


async def test_a_deleted_file_is_gone(visitor: Visitor, app: Symphainy) -> None:
    (made,) = (await upload(visitor, ("a.csv", TABLE))).json()["files"]
    path = f"{visitor.path}/files/{made['file_id']}"
    stored = await app.files.path(visitor.session_id, made["file_id"])
    assert (await visitor.http.delete(path)).status_code == 204
    assert not stored.exists()
    for method, end in (("GET", ""), ("GET", "/content"), ("DELETE", "")):
        answer = await visitor.http.request(method, path + end)
        assert (answer.status_code, answer.json()["code"]) == (404, "file_not_found")


async def finished(visitor: Visitor, workflow_id: str) -> dict[str, Any]:
    async with asyncio.timeout(40):
        while True:
            found = (await visitor.http.get(f"{visitor.path}/workflows/{workflow_id}")).json()
            if found["workflow"]["finished_at"]:
                return found
            await asyncio.sleep(0.05)


async def test_an_upload_is_analysed_and_its_results_can_be_read(visitor: Visitor) -> None:
    (made,) = (await upload(visitor, ("sales.csv", TABLE), process=True)).json()["files"]
    found = await finished(visitor, made["workflow_id"])
    workflow = found["workflow"]
    assert workflow["status"] == "completed", workflow["error"]
    assert list(found["outputs"]) == [step["name"] for step in workflow["steps"]]
    assert [entry["seq"] for entry in found["journal"]] == sorted({entry["seq"] for entry in found["journal"]})
    assert found["journal"][0]["type"] == "workflow.started"
    artifacts = (await visitor.http.get(f"{visitor.path}/artifacts")).json()["artifacts"]
    assert {item["kind"] for item in artifacts} >= {"table", "profile", "preview", "metadata"}
    for item in artifacts:
        answer = await visitor.http.get(f"{visitor.path}/artifacts/{item['artifact_id']}")
        assert (answer.status_code, len(answer.content)) == (200, item["size"])
        assert answer.headers["content-disposition"].startswith("attachment;")
    assert (await visitor.http.get(f"{visitor.path}/artifacts/art_none")).json()["code"] == "artifact_not_found"
    ended = await visitor.http.post(f"{visitor.path}/workflows/{made['workflow_id']}/cancel")
    assert (ended.status_code, ended.json()["status"]) == (202, "completed")


async def test_a_workflow_is_started_once_for_one_id(visitor: Visitor) -> None:
    (made,) = (await upload(visitor, ("sales.csv", TABLE))).json()["files"]
    body = {
        "orchestrator": "ContentAnalysisOrchestrator",
        "operation": "analyze_file",
        "input": {"file_id": made["file_id"]},
        "workflow_id": "workflow-1",
    }
    path = f"{visitor.path}/workflows"
    first, again = [await visitor.http.post(path, json=body) for _ in range(2)]
    assert (first.status_code, again.status_code) == (202, 202)
    assert len((await visitor.http.get(path)).json()["workflows"]) == 1
    other = await visitor.http.post(path, json={**body, "input": {"file_id": made["file_id"], "more": 1}})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_mismatch")
    await visitor.http.post(f"{path}/workflow-1/cancel")
    await finished(visitor, "workflow-1")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"orchestrator": "AdminOrchestrator"}, 422, "invalid_input"),
        ({"orchestrator": "InsightsOrchestrator"}, 422, "invalid_input"),
        ({"operation": "format_disk"}, 422, "invalid_input"),
        ({"input": {"file_id": "file_none"}}, 404, "file_not_found"),
        ({"input": {}}, 404, "file_not_found"),
    ],
)
async def test_a_workflow_that_cannot_be_is_refused(visitor: Visitor, change: Any, status: int, code: str) -> None:
    body = {"orchestrator": "ContentAnalysisOrchestrator", "operation": "analyze_file", "input": {"file_id": "x"}}
    answer = await visitor.http.post(f"{visitor.path}/workflows", json={**body, **change})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
