"""A request that is sent again with its id: the same content changes nothing, other content is refused."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from symphainy.app import Symphainy

from .conftest import Visitor

KEY = "repeat-0001"


@dataclass(frozen=True)
class Write:
    """A write with a client-made id, and the same write with other content under that id."""

    method: str
    path: str
    first: Any
    others: tuple[Any, ...]


WRITES = [
    Write("PATCH", "/state", {"a": 1}, ({"a": 2}, {"b": 1}, {"a": 1, "b": 1}, {"a": None}, {})),
    Write("PATCH", "", {"title": "A", "context": {"x": 1}}, ({"title": "B"}, {"title": "A"}, {"context": {"x": 1}})),
    Write(
        "PUT",
        "/states/notes",
        {"state_data": {"n": 1}, "ttl": 60},
        ({"state_data": {"n": 2}, "ttl": 60}, {"state_data": {"n": 1}}, {"state_data": {"n": 1}, "metadata": {"m": 1}}),
    ),
]


@pytest.mark.parametrize("write", WRITES, ids=lambda write: f"{write.method} {write.path}")
async def test_a_write_sent_again_with_its_key_changes_nothing_and_other_content_is_refused(
    visitor: Visitor, write: Write
) -> None:
    key = {"Idempotency-Key": KEY}

    async def send(body: Any, headers: dict[str, str]) -> Any:
        return await visitor.http.request(write.method, visitor.path + write.path, json=body, headers=headers)

    first = await send(write.first, key)
    assert first.is_success, first.text
    seq = (await visitor.http.get(visitor.path)).json()["seq"]
    again = await send(write.first, key)
    assert again.is_success
    assert again.json() == first.json()
    for body in write.others:
        refused = await send(body, key)
        assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_mismatch"), body
    assert (await visitor.http.get(visitor.path)).json()["seq"] == seq
    assert (await send(write.others[0], {"Idempotency-Key": "repeat-0002"})).is_success


async def test_a_state_stored_again_after_it_was_deleted_is_answered_and_stays_deleted(visitor: Visitor) -> None:
    path, key = f"{visitor.path}/states/notes", {"Idempotency-Key": KEY}
    first = await visitor.http.put(path, json={"state_data": {"n": 1}}, headers=key)
    await visitor.http.delete(path)
    again = await visitor.http.put(path, json={"state_data": {"n": 1}}, headers=key)
    assert again.json() == first.json()
    assert (await visitor.http.get(path)).status_code == 404


async def test_a_key_for_one_state_is_not_good_for_another(visitor: Visitor) -> None:
    key, body = {"Idempotency-Key": KEY}, {"state_data": {}}
    await visitor.http.put(f"{visitor.path}/states/one", json=body, headers=key)
    refused = await visitor.http.put(f"{visitor.path}/states/two", json=body, headers=key)
    assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_mismatch")


async def test_a_conditional_write_whose_answer_was_lost_is_no_conflict(visitor: Visitor) -> None:
    path, key = f"{visitor.path}/states/notes", {"Idempotency-Key": KEY}
    body = {"state_data": {"n": 1}, "expected_seq": 1}
    assert (await visitor.http.put(path, json=body, headers=key)).status_code == 201
    assert (await visitor.http.put(path, json=body, headers=key)).status_code == 200
    assert (await visitor.http.put(path, json=body)).json()["code"] == "version_conflict"


async def test_a_session_made_again_with_its_key_has_the_same_content(browser: Visitor) -> None:
    key = {"Idempotency-Key": KEY}
    body = {"credential": "cookie", "title": "A", "context": {"x": 1}}
    first = await browser.http.post("/api/v1/sessions", json=body, headers=key)
    await browser.http.patch(f"/api/v1/sessions/{first.json()['session_id']}", json={"title": "Renamed"})
    again = await browser.http.post("/api/v1/sessions", json=body, headers=key)
    assert (again.status_code, again.json()["session_id"]) == (201, first.json()["session_id"])
    for other in ({"title": "B"}, {"context": {}}):
        refused = await browser.http.post("/api/v1/sessions", json={**body, **other}, headers=key)
        assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_mismatch")


async def test_a_message_sent_again_with_other_content_files_or_to_another_agent_is_refused(visitor: Visitor) -> None:
    upload = {"files": ("a.csv", b"a,b\n1,2\n")}
    (file,) = (await visitor.http.post(f"{visitor.path}/files", files=upload, params={"process": False})).json()[
        "files"
    ]
    path = f"{visitor.path}/conversations/guide_agent/messages"
    body = {"message_id": "message-0001", "content": "Hello", "files": [file["file_id"]]}
    first = await visitor.http.post(path, json=body)
    assert (await visitor.http.post(path, json=body)).json() == first.json()
    for other in ({"content": "Bye"}, {"files": []}):
        refused = await visitor.http.post(path, json={**body, **other})
        assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_mismatch"), other
    elsewhere = await visitor.http.post(path.replace("guide_agent", "content_liaison"), json=body)
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (409, "idempotency_mismatch")


async def test_an_upload_sent_again_with_other_files_is_refused(visitor: Visitor) -> None:
    async def upload(*files: tuple[str, bytes]) -> Any:
        parts = [("files", file) for file in files]
        headers = {"Idempotency-Key": KEY}
        return await visitor.http.post(f"{visitor.path}/files", files=parts, headers=headers, params={"process": False})

    one, two = ("a.csv", b"a\n1\n"), ("b.csv", b"b\n2\n")
    first = await upload(one, two)
    assert first.status_code == 201
    assert (await upload(one, two)).json() == first.json()
    for others in ((two, one), (one,), (("a.csv", b"a\n2\n"), two), (("c.csv", one[1]), two)):
        refused = await upload(*others)
        assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_mismatch"), others
    assert len((await visitor.http.get(f"{visitor.path}/files")).json()["files"]) == 2


async def test_the_same_upload_several_times_at_once_is_one_file(visitor: Visitor) -> None:
    async def upload(content: bytes) -> Any:
        files = {"files": ("a.csv", content)}
        headers, params = {"Idempotency-Key": KEY}, {"process": False}
        return await visitor.http.post(f"{visitor.path}/files", files=files, headers=headers, params=params)

    one, other = b"a\n" + b"1\n" * 200_000, b"a\n" + b"2\n" * 200_000
    answers = await asyncio.gather(*(upload(one if number % 2 else other) for number in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [409] * 3
    (file,) = (await visitor.http.get(f"{visitor.path}/files")).json()["files"]
    content = (await visitor.http.get(f"{visitor.path}/files/{file['file_id']}/content")).content
    assert hashlib.sha256(content).hexdigest() == file["sha256"], "the bytes are those that were acknowledged"


async def test_an_upload_into_a_session_that_is_erased_meanwhile_finds_none_and_leaves_nothing(
    visitor: Visitor, app: Symphainy
) -> None:
    erased = asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.csv"\r\n\r\na,b\n'
        yield b"1,2\n" * 1_000
        await app.sessions.close_session(visitor.session_id)
        erased.set()
        yield b"1,2\n" * 1_000 + b"\r\n--b--\r\n"

    headers = {"content-type": "multipart/form-data; boundary=b"}
    answer = await visitor.http.post(f"{visitor.path}/files", content=body(), headers=headers)
    assert erased.is_set()
    assert (answer.status_code, answer.json()["code"]) == (404, "session_not_found")
    assert not (app.settings.data / "files" / visitor.session_id).exists()


async def test_a_workflow_started_again_is_answered_as_the_first_time(visitor: Visitor) -> None:
    upload = {"files": ("a.csv", b"a,b\n1,2\n")}
    (file,) = (await visitor.http.post(f"{visitor.path}/files", files=upload, params={"process": False})).json()[
        "files"
    ]
    body = {
        "orchestrator": "ContentAnalysisOrchestrator",
        "operation": "analyze_file",
        "input": {"file_id": file["file_id"]},
        "workflow_id": "workflow-0001",
    }
    path = f"{visitor.path}/workflows"
    first = await visitor.http.post(path, json=body)
    await visitor.http.post(f"{path}/workflow-0001/cancel")
    assert (await visitor.http.post(path, json=body)).json() == first.json()
    refused = await visitor.http.post(path, json={**body, "operation": "describe_file"})
    assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_mismatch")
