"""Artifacts and waiting workflows over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from symphainy import entries as log
from symphainy.app import Symphainy
from symphainy.entries import Draft
from symphainy.session import OrchestratorName, Question, Rendition

from .conftest import Visitor

DOCUMENTS = {"blob_1": b'{"steps": ["a", "c"]}', "blob_2": b'{"steps": ["a", "b", "c"]}', "blob_3": b"# Two\n"}


@pytest.fixture
async def path(visitor: Visitor, app: Symphainy) -> str:
    """Of an artifact with two versions; the second has a rendition."""
    folder = (await app.files.work_folder(visitor.session_id, "x")).parent
    for name, content in DOCUMENTS.items():
        (folder / name).write_bytes(content)
    rendition = Rendition("text/markdown", "Two.md", "blob_3", len(DOCUMENTS["blob_3"]))
    for number, renditions in ((1, ()), (2, (rendition,))):
        blob = f"blob_{number}"
        body = log.ArtifactCreated(
            "art_1", "Two.json", "sop", "application/json", len(DOCUMENTS[blob]), blob=blob, renditions=renditions
        )
        await app.sessions.record(visitor.session_id, [Draft(body, "system")])
    return f"{visitor.path}/artifacts/art_1"


@pytest.mark.parametrize(
    ("query", "blob", "media_type", "name"),
    [
        ({}, "blob_2", "application/json", "Two.json"),
        ({"version": 1}, "blob_1", "application/json", "Two.json"),
        ({"version": 2, "format": "application/json"}, "blob_2", "application/json", "Two.json"),
        ({"format": "text/markdown"}, "blob_3", "text/markdown; charset=utf-8", "Two.md"),
    ],
)
async def test_each_version_is_downloaded_in_each_of_its_formats(
    visitor: Visitor, path: str, query: Any, blob: str, media_type: str, name: str
) -> None:
    answer = await visitor.http.get(path, params=query)
    assert (answer.status_code, answer.content) == (200, DOCUMENTS[blob])
    assert answer.headers["content-type"] == media_type
    assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''{name}"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"version": 3}, 404),
        ({"version": 1, "format": "text/markdown"}, 404),
        ({"format": "application/pdf"}, 404),
        ({"version": 0}, 422),
        ({"version": "newest"}, 422),
        ({"version": 10**30}, 422),
    ],
)
async def test_what_is_not_there_cannot_be_downloaded(visitor: Visitor, path: str, query: Any, status: int) -> None:
    answer = await visitor.http.get(path, params=query)
    assert answer.status_code == status
    assert answer.json()["code"] == ("artifact_not_found" if status == 404 else "invalid_input")


async def test_a_status_is_changed_step_by_step_and_once_for_one_key(visitor: Visitor, path: str) -> None:
    first = await visitor.http.patch(path, json={"status": "review"}, headers={"Idempotency-Key": "step-0001"})
    assert (first.status_code, first.json()["status"]) == (200, "review")
    assert [item["status"] for item in first.json()["versions"]] == ["draft", "review"]
    refused = await visitor.http.patch(path, json={"status": "active"})
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (409, "transition_not_allowed")
    assert (problem["current_status"], problem["allowed"]) == ("review", ["approved", "draft"])
    await visitor.http.patch(path, json={"status": "approved"})
    again = await visitor.http.patch(path, json={"status": "review"}, headers={"Idempotency-Key": "step-0001"})
    assert (again.status_code, again.json()["status"]) == (200, "approved")
    other = await visitor.http.patch(path, json={"status": "review", "version": 1})
    assert [item["status"] for item in other.json()["versions"]] == ["review", "approved"]
    assert (await visitor.http.get(f"{visitor.path}/artifacts")).json()["artifacts"] == [other.json()]
    for body in ({"status": "done"}, {}, {"status": "review", "version": 0}, {"status": "review", "note": "x"}):
        assert (await visitor.http.patch(path, json=body)).status_code == 422
    assert (await visitor.http.patch(path, json={"status": "review", "version": 9})).status_code == 404


async def test_versions_are_compared(visitor: Visitor, path: str) -> None:
    answer = await visitor.http.get(f"{path}/comparison", params={"from": 1, "to": 2})
    change = {"kind": "added", "path": "/steps/1", "where": ["steps", "2"], "old": None, "new": "b"}
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "artifact_id": "art_1",
            "from_version": 1,
            "to_version": 2,
            "changes": [change],
            "text_media_type": None,
            "hunks": None,
        },
    )
    assert (await visitor.http.get(f"{path}/comparison")).json() == answer.json()
    assert (await visitor.http.get(f"{path}/comparison", params={"to": 3})).status_code == 404


@pytest.fixture
async def waiting(visitor: Visitor, app: Symphainy) -> str:
    """The path of a workflow that waits for its user."""
    questions = (Question("hours", "Hours", "number", minimum=0), Question("why", "Why", "text", required=False))
    bodies = (
        log.WorkflowStarted(OrchestratorName.BUSINESS_OUTCOMES, "", "Plan"),
        log.WorkflowAsked("basis", "The basis", questions),
    )
    drafts = [Draft(body, "system", workflow_id="workflow-1") for body in bodies]
    await app.sessions.record(visitor.session_id, drafts)
    return f"{visitor.path}/workflows/workflow-1"


async def test_a_waiting_workflow_is_answered_once(visitor: Visitor, waiting: str) -> None:
    shown = (await visitor.http.get(waiting)).json()["workflow"]
    assert (shown["status"], shown["asked"]["questions"][0]["name"]) == ("waiting_for_user", "hours")
    for answers, fields in (({}, ["hours"]), ({"hours": -1, "x": 1}, ["x", "hours"])):
        refused = await visitor.http.post(f"{waiting}/answers", json={"name": "basis", "answers": answers})
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid_input")
        assert [item["field"] for item in refused.json()["fields"]] == fields
    body = {"name": "basis", "answers": {"hours": 3}}
    key = {"Idempotency-Key": "answer-0001"}
    for _ in range(2):
        answer = await visitor.http.post(f"{waiting}/answers", json=body, headers=key)
        assert (answer.status_code, answer.json()) == (202, {"workflow_id": "workflow-1", "status": "processing"})
    journal = (await visitor.http.get(waiting)).json()["journal"]
    assert [item["type"] for item in journal].count("workflow.answered") == 1
    other = {**body, "answers": {"hours": 4}}
    for headers, code in ((key, "idempotency_mismatch"), ({}, "not_asked")):
        answer = await visitor.http.post(f"{waiting}/answers", json=other, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (409, code)
    missing = await visitor.http.post(f"{visitor.path}/workflows/wf_none/answers", json=body)
    assert (missing.status_code, missing.json()["code"]) == (404, "workflow_not_found")


async def test_older_versions_than_the_session_holds_are_read_from_the_log(
    visitor: Visitor, app: Symphainy, path: str
) -> None:
    folder = (await app.files.work_folder(visitor.session_id, "x")).parent
    for number in range(3, 121):
        document = b'{"steps": ["a", %d]}' % number
        (folder / f"later_{number}").write_bytes(document)
        body = log.ArtifactCreated(
            "art_1", f"{number}.json", "sop", "application/json", len(document), blob=f"later_{number}"
        )
        await app.sessions.record(visitor.session_id, [Draft(body, "system")])
    await visitor.http.patch(path, json={"status": "review", "version": 7})
    held = (await visitor.http.get(visitor.path)).json()["artifacts"]["art_1"]
    assert (held["version"], [item["version"] for item in held["versions"]]) == (120, list(range(71, 121)))
    before, found = None, []
    while before != 1:
        query = {"limit": 50, **({"before": before} if before else {})}
        page = (await visitor.http.get(f"{path}/versions", params=query)).json()
        found[:0] = page["versions"]
        before = page["versions"][0]["version"]
        assert page["has_more"] == (before > 1)
    assert [item["version"] for item in found] == list(range(1, 121))
    assert [item["version"] for item in found if item["status"] == "review"] == [7]
    assert found[1]["renditions"][0]["media_type"] == "text/markdown"
    assert (await visitor.http.get(path, params={"version": 5})).json() == {"steps": ["a", 5]}
    assert (await visitor.http.get(path, params={"version": 2, "format": "text/markdown"})).content == b"# Two\n"
    compared = (await visitor.http.get(f"{path}/comparison", params={"from": 4, "to": 120})).json()
    assert [(item["old"], item["new"]) for item in compared["changes"]] == [(None, 120), (4, None)]
    allowed = await visitor.http.patch(path, json={"status": "active", "version": 7})
    assert (allowed.status_code, allowed.json()["allowed"]) == (409, ["approved", "draft"])
    assert (await visitor.http.get(f"{path}/versions", params={"before": 1})).json() == {
        "versions": [],
        "has_more": False,
    }
    assert (await visitor.http.get(f"{path}x/versions")).status_code == 404


async def test_with_a_file_all_versions_of_what_was_made_of_it_are_erased(visitor: Visitor, app: Symphainy) -> None:
    parts = [("files", ("a.csv", b"a\n1\n", "text/csv"))]
    added = await visitor.http.post(f"{visitor.path}/files", files=parts, data={"process": "false"})
    file_id = added.json()["files"][0]["file_id"]
    folder = (await app.files.path(visitor.session_id, file_id)).parent
    for number in range(1, 61):
        rendition = Rendition("text/markdown", "a.md", f"text_{number}", 1)
        for name in (f"blob_{number}", rendition.blob):
            (folder / name).write_bytes(b"x")
        body = log.ArtifactCreated(
            "art_1", "a.json", "sop", "application/json", 1, file_id, blob=f"blob_{number}", renditions=(rendition,)
        )
        await app.sessions.record(visitor.session_id, [Draft(body, "system")])
    assert (await visitor.http.delete(f"{visitor.path}/files/{file_id}")).status_code == 204
    assert list(folder.iterdir()) == []
