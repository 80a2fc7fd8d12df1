from __future__ import annotations

import random
from pathlib import Path

import pytest

from .crash_loop import Session, crash_loop, judge


@pytest.mark.timeout(300)
async def test_i1_i4_nothing_acknowledged_is_lost_and_all_work_ends_once_however_often_the_server_is_killed(
    tmp_path: Path,
) -> None:
    seed = random.SystemRandom().randrange(2**32)
    verdict = await crash_loop(tmp_path / "data", kills=8, seed=seed)
    assert verdict.faults == [], f"seed {seed}"
    assert verdict.acknowledged > 20
    assert verdict.workflows > 0


def entry(seq: int, kind: str, **more: object) -> dict[str, object]:
    return {"seq": seq, "type": kind, "run_id": None, "workflow_id": None, "data": {}, **more}


def message(seq: int, message_id: str) -> dict[str, object]:
    return entry(seq, "message.added", data={"role": "user", "message_id": message_id})


@pytest.mark.parametrize(
    ("entries", "fault"),
    [
        ([message(1, "a"), message(3, "b")], "gap"),
        ([message(1, "a")], "lost"),
        ([message(1, "a"), message(2, "b"), message(3, "a")], "duplicated"),
        ([message(1, "b"), message(2, "a")], "reordered"),
        ([message(1, "a"), message(2, "b"), entry(3, "run.started", run_id="r")], "never ended"),
        (
            [message(1, "a"), message(2, "b"), *(entry(n, "run.finished", run_id="r") for n in (3, 4))],
            "ended 2 times",
        ),
    ],
)
def test_the_judge_sees_each_kind_of_fault(entries: list[dict[str, object]], fault: str) -> None:
    session = Session("s", {}, {"a": 1, "b": 2}, {0: ["a", "b"]})
    assert any(fault in found for found in judge(session, entries))
