"""General state and stored states over HTTP."""

from __future__ import annotations

import asyncio

import pytest

from symphainy.testing import ManualClock

from .conftest import Visitor


async def test_state_is_merged_by_key(visitor: Visitor) -> None:
    path = f"{visitor.path}/state"
    assert (await visitor.http.get(path)).json() == {"state": {}, "seq": 1}
    await visitor.http.patch(path, json={"a": 1, "b": {"c": 2}})
    answer = await visitor.http.patch(path, json={"a": None, "b": {"d": 3}})
    assert answer.json() == {"state": {"b": {"c": 2, "d": 3}}, "seq": 3}
    assert answer.headers["etag"] == f'"{visitor.session["epoch"]}.3"'


async def test_if_match_refuses_what_the_writer_has_not_seen_and_shows_it(visitor: Visitor) -> None:
    path = f"{visitor.path}/state"
    etag = (await visitor.http.patch(path, json={"mine": 1})).headers["etag"]
    await visitor.http.patch(path, json={"theirs": 1})
    kept = await visitor.http.patch(path, json={"mine": 2}, headers={"If-Match": etag})
    assert kept.status_code == 200
    answer = await visitor.http.patch(path, json={"theirs": 2}, headers={"If-Match": etag})
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "version_conflict")
    assert problem["current"] == {"theirs": 1}
    assert problem["seq"] == kept.json()["seq"]
    fresh = (await visitor.http.get(path)).headers["etag"]
    assert (await visitor.http.patch(path, json={"theirs": 2}, headers={"If-Match": fresh})).status_code == 200


async def test_an_etag_of_another_epoch_or_none_at_all_is_refused(visitor: Visitor) -> None:
    path = f"{visitor.path}/state"
    other = await visitor.http.patch(path, json={"a": 1}, headers={"If-Match": '"ep_other.1"'})
    assert (other.status_code, other.json()["code"]) == (409, "version_conflict")
    for wrong in ("1", '"x"', '"a.b"', '"ep_1.-1"', "ep_1.99999999999999999999"):
        assert (await visitor.http.patch(path, json={"a": 1}, headers={"If-Match": wrong})).status_code == 400


async def test_a_patch_sent_again_with_its_key_is_applied_once(visitor: Visitor) -> None:
    path, key = f"{visitor.path}/state", {"Idempotency-Key": "patch-0001"}
    first = await visitor.http.patch(path, json={"a": 1}, headers=key)
    await visitor.http.patch(path, json={"a": 2})
    again = await visitor.http.patch(path, json={"a": 1}, headers=key)
    assert first.json()["seq"] == 2
    assert again.json() == {"state": {"a": 2}, "seq": 3}


async def test_writers_of_different_keys_never_collide(visitor: Visitor) -> None:
    etag = visitor.session["epoch"]
    answers = await asyncio.gather(
        *(
            visitor.http.patch(f"{visitor.path}/state", json={f"k{n}": n}, headers={"If-Match": f'"{etag}.1"'})
            for n in range(50)
        )
    )
    assert {answer.status_code for answer in answers} == {200}
    assert len((await visitor.http.get(f"{visitor.path}/state")).json()["state"]) == 50


@pytest.mark.parametrize("body", ["[]", "1", '"text"', "null"])
async def test_a_patch_is_an_object(visitor: Visitor, body: str) -> None:
    headers = {"content-type": "application/json"}
    assert (await visitor.http.patch(f"{visitor.path}/state", content=body, headers=headers)).status_code == 422


async def test_state_may_be_as_big_as_the_limit_and_not_one_byte_bigger(visitor: Visitor) -> None:
    path = f"{visitor.path}/state"
    fits = "x" * (262_144 - len('{"a":""}'))
    assert (await visitor.http.patch(path, json={"a": fits})).status_code == 200
    answer = await visitor.http.patch(path, json={"a": fits + "x"})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_a_stored_state_keeps_its_provenance(visitor: Visitor) -> None:
    path = f"{visitor.path}/states/forecast.v1"
    provenance = {
        "created_by_orchestrator": "InsightsOrchestrator",
        "workflow_id": "workflow-1",
        "enabling_service_contributions": [
            {"service": "DataAnalyzer", "contribution": "profile", "timestamp": "2026-01-01T00:00:00.000Z"}
        ],
        "delegation_chain": ["InsightsOrchestrator", "DataAnalyzer"],
    }
    body = {"state_data": {"rows": 3}, "metadata": {"by": "me"}, "orchestrator_metadata": provenance, "ttl": 60}
    made = await visitor.http.put(path, json=body)
    assert made.status_code == 201
    state = made.json()
    assert {name: state[name] for name in body} == body
    assert (await visitor.http.get(path)).json() == state
    replaced = await visitor.http.put(path, json={"state_data": {}})
    assert (replaced.status_code, replaced.json()["ttl"]) == (200, None)
    (listed,) = (await visitor.http.get(f"{visitor.path}/states")).json()["states"]
    assert listed["state_id"] == "forecast.v1"
    assert (await visitor.http.delete(path)).status_code == 204
    assert (await visitor.http.delete(path)).json()["code"] == "state_not_found"


async def test_a_state_is_gone_when_its_time_is_over(visitor: Visitor, clock: ManualClock) -> None:
    path = f"{visitor.path}/states/notes"
    await visitor.http.put(path, json={"state_data": {}, "ttl": 60})
    clock.advance(59.9)
    assert (await visitor.http.get(path)).status_code == 200
    clock.advance(0.2)
    assert (await visitor.http.get(path)).status_code == 404
    assert (await visitor.http.get(f"{visitor.path}/states")).json()["states"] == []


async def test_a_state_that_was_written_meanwhile_is_not_overwritten(visitor: Visitor) -> None:
    path = f"{visitor.path}/states/notes"
    await visitor.http.put(path, json={"state_data": {"n": 1}})
    answer = await visitor.http.put(path, json={"state_data": {"n": 2}, "expected_seq": 1})
    assert (answer.status_code, answer.json()["code"]) == (409, "version_conflict")


async def test_states_are_paged_and_a_strange_cursor_refused(visitor: Visitor) -> None:
    for number in range(5):
        await visitor.http.put(f"{visitor.path}/states/s{number}", json={"state_data": {}})
    found, cursor = [], {}
    while True:
        page = (await visitor.http.get(f"{visitor.path}/states", params={"limit": 2, **cursor})).json()
        found += [item["state_id"] for item in page["states"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert found == ["s0", "s1", "s2", "s3", "s4"]
    assert (await visitor.http.get(f"{visitor.path}/states", params={"cursor": "nothing"})).status_code == 409
