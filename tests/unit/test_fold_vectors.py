"""spec/vectors: logs, and the snapshots that both folds make of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from symphainy.codec import BODY_TYPES, decode_entry, encode_draft, entry_from_json, entry_to_json, snapshot_document
from symphainy.entries import Draft, Unknown
from symphainy.fold import fold
from symphainy.session import Session

VECTORS = sorted((Path(__file__).parents[2] / "spec" / "vectors").glob("*.json"))


def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_a_vector_folds_to_its_snapshot(path: Path) -> None:
    vector = read(path)
    session = fold(Session(vector["session_id"]), map(entry_from_json, vector["entries"]))
    assert snapshot_document(session) == vector["snapshot"]


def test_the_vectors_have_every_entry_type_and_one_that_no_reader_knows() -> None:
    types = {entry["type"] for path in VECTORS for entry in read(path)["entries"]}
    assert types >= set(BODY_TYPES)
    assert types - set(BODY_TYPES)


def test_the_vectors_reach_every_bound_of_a_snapshot() -> None:
    snapshots = {path.stem: read(path)["snapshot"] for path in VECTORS}
    assert len(snapshots["window_of_messages"]["conversations"]["guide_agent"]["messages"]) == 50
    assert snapshots["window_of_messages"]["conversations"]["guide_agent"]["has_more"] is True
    assert snapshots["window_of_messages"]["conversations"]["content_liaison"]["has_more"] is False
    assert len(snapshots["evicted_workflows"]["workflows"]) == 50
    assert len(snapshots["evicted_runs_and_delegations"]["runs"]) == 21  # 20 finished and one that goes on
    assert len(snapshots["evicted_runs_and_delegations"]["delegations"]) == 200


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_entries_come_back_from_the_store_as_they_were_written(path: Path) -> None:
    for document in read(path)["entries"]:
        entry = entry_from_json(document)
        assert entry_from_json(entry_to_json(entry)) == entry
        if isinstance(entry.body, Unknown):
            continue
        draft = Draft(entry.body, entry.actor, entry.conversation, entry.run_id, entry.workflow_id, entry.traceparent)
        assert decode_entry(entry.seq, encode_draft(draft, ts=entry.ts, op_id=entry.op_id)) == entry
