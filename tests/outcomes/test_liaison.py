"""The liaison answers from the session and takes answers in words (the 6th of the fakes: an echo and four fixed suggestions)."""

from __future__ import annotations

import pytest

from symphainy.session import Status

from .conftest import Desk


async def waiting(desk: Desk) -> str:
    session = await desk.until(lambda session: any(item.asked for item in session.workflows.values()))
    return next(item.asked.name for item in session.workflows.values() if item.asked)


async def test_from_a_request_in_the_chat_to_a_proposal_in_words(found: Desk) -> None:
    answer = await found.ask("Generate the final roadmap and POC proposal")
    assert answer.orchestrator_context is not None
    assert "There is no roadmap yet, so it comes first." in answer.content
    assert await waiting(found) == "plan"
    echo = await found.ask("four people, two work together on each initiative, ten days each")
    assert "How many people work on it in all? **4 people**" in echo.content
    assert "Still needed:\n\n- On which day can the work begin?" in echo.content
    assert "I go on with" in (await found.ask("we start on 7 December")).content
    await found.until(
        lambda session: any(item.asked and item.asked.name == "assumptions" for item in session.workflows.values())
    )
    await found.ask("all of them, 800 EUR per day, licences of 12k once, running costs 5000")
    assert "I go on with" in (await found.ask("it saves 60k a year; discount 10 %; over four years")).content
    session = await found.until(lambda session: all(item.status.finished for item in session.workflows.values()))
    (workflow,) = session.workflows.values()
    assert workflow.status is Status.COMPLETED, workflow.error
    document = await found.document("roadmap")
    assert len(document["phases"]) >= 2
    proposal = await found.document("proposal")
    assert proposal["financials"]["investment"] == 52_000
    assert {source["item"] for item in proposal["objectives"] for source in item["sources"]} >= {"f_late", "g_approval"}


async def test_what_is_not_sure_is_echoed_and_only_given_when_confirmed(found: Desk) -> None:
    await found.roadmap()
    await found.start("generate_poc_proposal")
    await found.ask("all, 800 EUR per day, licences 0 once, running costs 0, saves 60k, discount 10 %")
    echo = await found.ask("4")
    assert "I am not sure about: Over how many years is it judged?" in echo.content
    assert [action.kind for action in echo.actions][0] == "answer_workflow"
    assert any(item.asked for item in (await found.session()).workflows.values())
    assert "I go on with" in (await found.ask("yes")).content


async def test_an_answer_out_of_range_is_refused_with_the_limit(found: Desk) -> None:
    await found.roadmap()
    await found.start("generate_poc_proposal")
    answer = await found.ask("discount rate 140 %")
    assert "Which discount rate do you use? At most 100 % a year." in answer.content
    assert "**140" not in answer.content


async def test_a_question_is_answered_while_a_workflow_waits(found: Desk) -> None:
    await found.roadmap()
    await found.start("generate_poc_proposal")
    assert "I3" in (await found.ask("what is on the critical path?")).content
    assert "waits for your answers" in (await found.ask("how far is it?")).content
    assert "Stopped" in (await found.ask("stop it")).content


async def test_roi_comes_with_its_formula_and_inputs(found: Desk) -> None:
    await found.proposal()
    answer = await found.ask("what is the ROI?")
    assert "50 person-days * 800 + 12,000 one-off = **52,000 EUR**" in answer.content
    assert "ROI: (4 * 55,000 EUR - 52,000 EUR) / 52,000 EUR = **323.1 %**" in answer.content
    assert answer.evidence[0]["artifact_kind"] == "proposal"


async def test_critical_path_phases_risks_and_downloads(found: Desk) -> None:
    await found.roadmap()
    assert "I3 Decide 1 difference" in (await found.ask("what is on the critical path?")).content
    phase = await found.ask("when does phase 2 start?")
    assert "**Phase 2** (Act on findings and align procedure and workflow) starts on Mon 14 Dec 2026" in phase.content
    assert "has no phase 9" in (await found.ask("when does phase 9 start?")).content
    risks = await found.ask("what are the risks?")
    assert "The procedure has the manager approve, the workflow the clerk." in risks.content
    export = await found.ask("download the roadmap as a document")
    assert [action.kind for action in export.actions] == ["open_artifact"]


async def test_summaries_hold_the_numbers_of_all_areas(found: Desk) -> None:
    answer = await found.ask("summarise the results of all areas")
    for fact in ("invoices.csv: 200 rows", "212 of 5,000 invoices", "score 71.4"):
        assert fact in answer.content
    assert {item.get("artifact_kind") for item in answer.evidence} >= {"insights", "blueprint"}


async def test_context_is_kept_with_who_said_it_and_checked_against_the_plan(found: Desk) -> None:
    said = await found.ask("our budget is 50k and we must be live before 20 December 2026")
    assert "checked against Sat 19 Dec 2026" in said.content
    held = next(iter((await found.session()).state["business_context"].values()))
    assert held["text"] == "our budget is 50k and we must be live before 20 December 2026"
    assert held["added_by"].startswith("message:")
    assert "our budget is 50k" in (await found.ask("what have I told you so far?")).content
    await found.proposal()
    assert "5 working days too late" in str((await found.document("roadmap"))["milestones"])
    assert "exceeds" in str((await found.document("proposal"))["risks"])


@pytest.mark.parametrize(
    "words", ["what is the ROI?", "what is on the critical path?", "what are the risks?", "download the proposal"]
)
async def test_without_a_result_it_says_so_and_offers_to_make_one(found: Desk, words: str) -> None:
    answer = await found.ask(words)
    assert answer.content.startswith("There is no ")
    assert [action.kind for action in answer.actions] == ["start_workflow"]
    assert not (await found.session()).workflows


async def test_every_answer_has_words_of_its_own_and_nothing_is_echoed(desk: Desk) -> None:
    said = [
        (await desk.ask(words)).content
        for words in ("hi", "what next?", "which columns are in my file?", "asdf qwer", "thanks")
    ]
    assert len(set(said)) == len(said)
    assert not any("asdf" in content for content in said)


async def test_the_same_request_again_while_it_runs_starts_nothing_new(found: Desk) -> None:
    await found.ask("create a roadmap")
    await waiting(found)
    assert "going on already" in (await found.ask("create a roadmap")).content
    assert len((await found.session()).workflows) == 1
