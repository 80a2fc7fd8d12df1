"""The figures and the judgement of takeovers, and owners that are frozen, taken over from, and wake up."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.crash_loop import Backend, crash_loop, shared_store
from tests.faults.takeovers import Hit, Note, Takeover, notes_of, takeovers, told, written_beside


def at(second: float, kind: str, **data: object) -> dict[str, Any]:
    ts = f"1970-01-01T00:00:{second:06.3f}Z"
    return {"seq": int(second), "type": f"workflow.{kind}", "workflow_id": "w", "ts": ts, "data": data}


def begun(second: float, step: str = "one", attempt: int = 1) -> dict[str, Any]:
    return at(second, "step_started", step=step, attempt=attempt)


LOG = [begun(1), begun(9, attempt=2), at(20, "step_completed", step="one"), at(21, "finished")]


def test_a_takeover_counts_from_the_kill_to_the_first_entry_of_the_new_owner() -> None:
    assert takeovers(LOG, [Hit("w", 1, 6.0)], []) == [Takeover("w", 3.0, 1, False, False)]
    assert takeovers(LOG, [Hit("another", 1, 6.0)], []) == []


def test_who_takes_over_and_dies_before_it_has_written_begins_the_count_anew() -> None:
    hits = [Hit("w", 1, 3.0), Hit("another", 2, 8.0)]
    notes = [Note("w", 2, 6.0, "is taken over")]
    assert takeovers(LOG, hits, notes) == [Takeover("w", 1.0, 2, False, False)]
    assert takeovers(LOG, hits, []) == [Takeover("w", 6.0, 1, False, False)]


def test_two_takeovers_of_one_workflow_are_two() -> None:
    found = takeovers(LOG, [Hit("w", 1, 7.0), Hit("w", 2, 16.0)], [])
    assert [takeover.seconds for takeover in found] == [2.0, 4.0]


def test_waiting_for_a_slot_and_a_store_that_was_away_are_told_apart() -> None:
    waits = Note("w", 2, 7.0, "was left by another process and waits")
    assert takeovers(LOG, [Hit("w", 1, 6.0)], [waits], [6.5]) == [Takeover("w", 3.0, 1, True, True)]
    text = told([Takeover("w", 3.0, 1, True, False), Takeover("v", 9.0, 2, False, True)])
    assert "1 takeovers: median 3.0 s, p95 3.0 s, max 3.0 s; 1 waited for a slot" in text
    assert text.endswith("1 counted from a second kill; 1 more while the store was down, max 9.0 s")


def test_what_a_servers_log_says_of_a_takeover_is_found(tmp_path: Path) -> None:
    line = (
        "2026-11-25 10:00:00,250 WARNING symphainy.dispatch.lanes: lane workflow:w of ses_1 is taken over: the process"
    )
    (tmp_path / "log").write_text(f"something else\n{line}\n")
    (note,) = notes_of(tmp_path / "log", 7)
    assert (note.workflow_id, note.server, note.what) == ("w", 7, "is taken over")
    assert notes_of(tmp_path / "none", 7) == []


def progressed(second: float, fraction: float, step: str = "one") -> dict[str, Any]:
    return at(second, "progressed", step=step, fraction=fraction)


DONE = at(5, "step_completed", step="one")


@pytest.mark.parametrize(
    "entries",
    [
        [begun(1), DONE, DONE],
        [begun(1), DONE, begun(6, attempt=2)],
        [begun(1), begun(2)],
        [begun(1), begun(2, attempt=2), begun(3, "two")],
        [begun(1), DONE, progressed(6, 0.5)],
        [begun(1), progressed(2, 0.5), progressed(3, 0.4)],
    ],
)
def test_what_two_owners_wrote_at_once_is_noticed(entries: list[dict[str, Any]]) -> None:
    assert written_beside(entries)


def test_what_one_owner_after_the_other_wrote_is_in_order() -> None:
    first = [begun(1), progressed(2, 0.5), begun(3, attempt=2), progressed(4, 0.2), DONE]
    assert written_beside([*first, begun(6, "two"), at(7, "finished")]) == []


@pytest.fixture(scope="module", params=["postgres", "valkey"])
def store(request: pytest.FixtureRequest) -> Iterator[tuple[str, Backend]]:
    with shared_store(request.param) as opened:
        yield opened


@pytest.mark.timeout(120)
async def test_owners_that_were_frozen_write_nothing_when_they_wake_up_while_others_go_on(
    store: tuple[str, Backend], tmp_path: Path
) -> None:
    seed = random.SystemRandom().randrange(2**32)
    verdict = await crash_loop(tmp_path / "data", kills=0, freezes=3, seed=seed, servers=2, store=store[0])
    assert verdict.faults == [], f"seed {seed}"
    assert verdict.refused > 0
    assert verdict.takeovers
