"""The orchestrator's operations on a real session: questions, results, versions, and what there is no result of."""

from __future__ import annotations

import io

import docx
import pytest

from symphainy.enabling_services.operations.to_process import to_process
from symphainy.errors import InvalidInput
from symphainy.library import content_of
from symphainy.session import AgentType, OrchestratorName, Status

from ..operations.procedures import refund
from .conftest import MONEY, Desk, completed, plan_of
from .results_of_others import blueprint, finding, insights, put


async def test_a_roadmap_asks_for_effort_and_team_and_offers_nothing_invented(found: Desk) -> None:
    waiting = await found.start("generate_strategic_roadmap")
    assert waiting.status is Status.WAITING_FOR_USER
    assert waiting.asked is not None
    questions = {item.name: item for item in waiting.asked.questions}
    assert list(questions) == [
        "team_size",
        "people_each",
        "start_date",
        *(f"effort_I{n}" for n in range(1, 6)),
        "order",
    ]
    assert all(item.suggestion is None for item in questions.values())
    assert (
        questions["effort_I1"].label
        == "I1 Find the cause of: 212 invoices are more than 90 days late: how many person-days?"
    )
    assert "I2 after I1" in (questions["order"].help or "")


async def test_the_roadmap_has_phases_dates_and_the_findings_it_comes_from(found: Desk) -> None:
    result = completed(await found.roadmap())
    assert (result["start"], result["finish"], result["phases"], result["effort"]) == (
        "2026-12-07",
        "2026-12-25",
        3,
        50,
    )
    document = await found.document("roadmap")
    sources = {item["no"]: [source["item"] for source in item["sources"]] for item in document["initiatives"]}
    assert sources == {"I1": ["f_late"], "I2": ["f_trend"], "I3": ["g_approval"], "I4": ["g_check"], "I5": [None]}
    text = await found.text("roadmap")
    assert "Find the cause of: 212 invoices are more than 90 days late" in text
    assert "data:image/png;base64," in text


async def test_a_roadmap_is_a_stored_state_with_provenance_and_an_artifact_with_formats(found: Desk) -> None:
    workflow = await found.roadmap()
    state = await found.app.sessions.get_state(found.session_id, str(completed(workflow)["state_id"]))
    provenance = state.orchestrator_metadata
    assert provenance.created_by_orchestrator == "BusinessOutcomesOrchestrator"
    assert [item.service for item in provenance.enabling_service_contributions] == [
        "MetricsCalculator",
        "RoadmapGeneration",
        "RoadmapGeneration",
        "ReportGenerator",
    ]
    session = await found.session()
    artifact = session.artifacts[str(completed(workflow)["artifact_id"])]
    assert [item.media_type.split(".")[-1] for item in artifact.versions[-1].renditions] == [
        "text/markdown",
        "document",
        "evidence+json",
    ]
    word = await content_of(
        found.app.files, session, artifact.artifact_id, None, artifact.versions[-1].renditions[1].media_type
    )
    assert docx.Document(io.BytesIO(word.path.read_bytes())).paragraphs[0].text == "Roadmap"


async def test_answers_that_do_not_go_together_are_asked_again_with_the_reason(found: Desk) -> None:
    waiting = await found.start("generate_strategic_roadmap")
    again = await found.answer(waiting, {**plan_of(waiting), "order": "I1 after I2"})
    assert again.asked is not None
    assert again.asked.name == "plan_2"
    assert "wait for each other, so none of them can begin: I1 after I2 after I1" in (
        again.asked.questions[0].help or ""
    )
    assert again.asked.questions[0].suggestion == 4
    assert again.asked.questions[0].source == "your last answer"
    completed(await found.answer(again, plan_of(again)))


async def test_a_new_run_makes_the_next_version_and_offers_the_answers_of_the_last(found: Desk) -> None:
    await found.roadmap(effort=7)
    file_id = next(iter((await found.session()).files))
    more = [
        *insights(file_id)["findings"],
        finding("f_new", "concentration", "3 customers owe half", "3 of 7 owe 52 %."),
    ]
    await put(
        found.app, found.session_id, "insights", insights(file_id, findings=more), subject=file_id, file_id=file_id
    )
    waiting = await found.start("generate_strategic_roadmap")
    assert waiting.asked is not None
    offered = {
        item.name: (item.suggestion, item.source) for item in waiting.asked.questions if item.name.startswith("effort")
    }
    assert offered["effort_I1"] == (7, "your answer in roadmap version 1")
    assert [name for name, (value, _) in offered.items() if value is None] == ["effort_I3"]
    completed(await found.answer(waiting, plan_of(waiting)))
    artifact = next(item for item in (await found.session()).artifacts.values() if item.kind == "roadmap")
    comparison = await found.app.library.compare(await found.session(), artifact.artifact_id)
    assert (comparison.from_version, comparison.to_version) == (1, 2)
    assert "Act on the concentration: 3 customers owe half" in str(comparison)


async def test_a_proposal_without_a_roadmap_makes_the_roadmap_first(found: Desk) -> None:
    workflow = await found.proposal(target_I1=1.5)
    result = completed(workflow)
    assert result["investment"] == 5 * 10 * 800 + 12_000
    assert result["npv"] == pytest.approx(-52_000 + 55_000 * 3.1698654, abs=0.5)
    document = await found.document("proposal")
    assert [item["sources"][0]["item"] for item in document["objectives"] if item["initiative"] == "I1"] == ["f_late"]
    assert document["criteria"][0]["text"] == (
        "I1: share late percent from 4.24 to 1.5, measured as in Insights of invoices.csv."
    )
    kinds = [item.kind for item in (await found.session()).artifacts.values()]
    assert kinds.count("roadmap") == 1
    assert {step.name for step in workflow.steps} >= {"initiatives", "schedule", "financials", "proposal"}


async def test_a_proposal_rests_on_the_roadmap_that_is_there(found: Desk) -> None:
    await found.roadmap()
    waiting = await found.start("generate_poc_proposal")
    assert waiting.asked is not None
    assert waiting.asked.name == "assumptions"
    again = await found.answer(waiting, {**MONEY, "scope": "the best ones"})
    assert again.asked is not None
    assert "names no initiative" in (again.asked.questions[0].help or "")
    result = completed(await found.answer(again, {**MONEY, "scope": "I1, I3"}))
    assert result["investment"] == 2 * 10 * 800 + 12_000
    assert result["roadmap"]["version"] == 1


async def test_the_proposal_shows_assumptions_context_and_pictures(found: Desk) -> None:
    patch = {"business_context": {"ctx_1": {"text": "our budget is 50k", "added_at": "2026-11-25T01:00:00Z"}}}
    await found.app.sessions.patch_state(found.session_id, patch)
    await found.proposal()
    text = await found.text("proposal")
    for line in (
        "| Discount rate | 10 % |",
        "| Cost of a person-day | 800 EUR |",
        "- our budget is 50k",
        "from 4.24 to a target",
    ):
        assert line in text
    assert "The investment exceeds “our budget is 50k” by 2,000 EUR." in text
    assert text.count("data:image/png;base64,") == 3


async def test_the_proposal_shows_the_diagram_of_the_process_that_is_introduced(found: Desk) -> None:
    process = to_process(refund()).to_json()
    await put(found.app, found.session_id, "blueprint", blueprint(future_process=process))
    await found.proposal()
    text = await found.text("proposal")
    assert text.count("data:image/png;base64,") == 4
    assert "![Diagram of the future process." in text


async def test_summaries_hold_the_numbers_of_the_three_areas(found: Desk) -> None:
    result = completed(await found.start("summarize_areas"))
    assert result["areas"] == [{"area": name, "ready": True} for name in ("content", "insights", "operations")]
    text = await found.text("summary")
    for fact in ("invoices.csv: 200 rows", "212 of 5,000 invoices", "score 71.4, 5 aligned steps, 2 gaps"):
        assert fact in text


async def test_an_area_without_results_says_so_and_what_to_do(desk: Desk) -> None:
    await desk.upload()
    completed(await desk.start("summarize_areas"))
    areas = {area["area"]: (area["ready"], area["action"]) for area in (await desk.document("summary"))["areas"]}
    assert areas == {
        "content": (True, None),
        "insights": (False, "Analyse a file in Insights."),
        "operations": (
            False,
            "Bring a procedure or a workflow to Operations, have the other one made, and compare both.",
        ),
    }


async def test_key_figures_name_where_each_stands(found: Desk) -> None:
    await found.proposal()
    figures = {item["key"]: item for item in completed(await found.start("calculate_kpis"))["key_figures"]}
    assert figures["rows"]["value"] == 200
    assert figures["findings"]["value"] == 2
    assert figures["gaps_high"]["value"] == 1
    assert figures["effort"]["value"] == 50
    assert figures["npv"]["sources"][0]["artifact_kind"] == "proposal"
    assert all(item["sources"] for item in figures.values())


@pytest.mark.parametrize(
    "operation", ["generate_strategic_roadmap", "generate_poc_proposal", "summarize_areas", "calculate_kpis"]
)
async def test_with_nothing_to_build_on_it_fails_with_a_reason_and_an_action(desk: Desk, operation: str) -> None:
    workflow = await desk.start(operation)
    assert workflow.status is Status.FAILED
    assert workflow.error is not None
    assert workflow.error.code == "nothing_to_build_on"
    session = await desk.session()
    assert not session.artifacts
    said = session.conversations[AgentType.BUSINESS_OUTCOMES].messages[-1]
    assert workflow.error.message in said.content
    assert [action.kind for action in said.actions] == ["open_area", "open_area"]


async def test_unknown_operations_and_inputs_are_refused(desk: Desk) -> None:
    for operation, given in (("make_money", {}), ("summarize_areas", {"rows": 3})):
        with pytest.raises(InvalidInput):
            await desk.app.business.start(
                desk.session_id, OrchestratorName.BUSINESS_OUTCOMES, operation, given, requested_by="user:ada"
            )


async def test_a_cancelled_run_leaves_no_file_behind(found: Desk) -> None:
    waiting = await found.start("generate_strategic_roadmap")
    await found.app.business.cancel(found.session_id, waiting.workflow_id, requested_by="user:ada")
    folder = found.app.settings.data / "files" / found.session_id
    assert not [path.name for path in folder.iterdir() if waiting.workflow_id in path.name]
