from __future__ import annotations

import random
from pathlib import Path

import pytest

from .crash_loop import Session, content_of, crash_loop, judge
from .crash_witness import Feed


@pytest.mark.timeout(300)
async def test_i1_i4_nothing_acknowledged_is_lost_and_all_work_ends_once_however_often_the_server_is_killed(
    tmp_path: Path,
) -> None:
    seed = random.SystemRandom().randrange(2**32)
    verdict = await crash_loop(tmp_path / "data", kills=8, seed=seed)
    assert verdict.faults == [], f"seed {seed}"
    assert verdict.acknowledged > verdict.kills
    assert verdict.workflows > 0


def entry(seq: int, kind: str, **more: object) -> dict[str, object]:
    return {"seq": seq, "type": kind, "run_id": None, "workflow_id": None, "data": {}, **more}


def message(seq: int, message_id: str) -> dict[str, object]:
    return entry(seq, "message.added", data=said(message_id, content_of(message_id)))


def said(message_id: str, content: str) -> dict[str, object]:
    return {"role": "user", "message_id": message_id, "content": content}


@pytest.mark.parametrize(
    ("entries", "fault"),
    [
        ([message(1, "a"), message(3, "b")], "gap"),
        ([message(1, "a")], "lost"),
        ([message(1, "a"), entry(2, "message.added", data=said("b", "something else"))], "altered"),
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


@pytest.mark.parametrize(
    ("seqs", "again", "fault"),
    [([4, 6], 0, "gap"), ([4, 5, 5, 6], 0, "repeat"), ([4, 5], 0, "gap"), ([4, 5, 6], 1, "anew")],
)
def test_a_feed_says_what_it_was_not_given(seqs: list[int], again: int, fault: str) -> None:
    feed = Feed(str, "", {}, seqs, begun=3, again=again)
    assert any(fault in found for found in feed.faults(6))
    assert Feed(str, "", {}, [4, 5, 6], begun=3).faults(6) == []
