"""No number in a document or a reply that cannot be derived from the session's data and the user's answers."""

from __future__ import annotations

import re

import pytest

from symphainy.agents.grounding import Grounding

from .conftest import MONEY, PLAN, Desk
from .results_of_others import blueprint, insights

_PICTURES = re.compile(r"^\[picture-\d+\]: .*$|\[picture-\d+\]", re.MULTILINE)


async def grounding(desk: Desk) -> Grounding:
    """What the other areas found, what was answered, and what roadmap and proposal state as data: those numbers are
    checked by hand in the tests of plan and money."""
    roadmap, proposal, summary = [await desk.document(kind) for kind in ("roadmap", "proposal", "summary")]
    counted = [roadmap["initiatives"], proposal["objectives"], *(phase["initiatives"] for phase in roadmap["phases"])]
    found = Grounding()
    found.add(insights("f"), blueprint(), {"rows": 200, "files": 1}, PLAN, MONEY, roadmap, proposal, summary, counted)
    found.add((await desk.session()).created_at[:10])
    return found


@pytest.fixture
async def done(found: Desk) -> Desk:
    await found.proposal()
    await found.start("summarize_areas")
    return found


@pytest.mark.parametrize("kind", ["roadmap", "proposal", "summary"])
async def test_documents_say_no_number_of_their_own(done: Desk, kind: str) -> None:
    text = _PICTURES.sub("", await done.text(kind))
    assert len(text) > 500
    assert (await grounding(done)).unfounded(text) == []


async def test_replies_say_no_number_of_their_own(done: Desk) -> None:
    sources = await grounding(done)
    for words in (
        "what is the ROI?",
        "what is on the critical path?",
        "when does phase 2 start?",
        "what are the risks?",
        "summarise the results of all areas",
        "show the key figures",
        "which milestones are there and when",
        "show me the roadmap",
        "show me the proposal",
    ):
        answer = await done.ask(words)
        assert sources.unfounded(answer.content) == [], words
        assert answer.evidence, words


async def test_an_invented_number_is_found(done: Desk) -> None:
    assert (await grounding(done)).unfounded("a budget of 73,218 EUR and 777 hours") == ["73,218", "777"]
