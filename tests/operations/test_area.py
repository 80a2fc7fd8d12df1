"""The area as a user meets it in a running application: files in, SOP, workflow and blueprint out, answers from them."""

from __future__ import annotations

from pathlib import Path

import pytest

from symphainy.agents.grounding import Grounding
from symphainy.domains.operations.wizard_chat import KEY
from symphainy.enabling_services.operations.documents import steps_table
from symphainy.errors import ArtifactNotFound, InvalidInput
from symphainy.library import content_of, read_document
from symphainy.session import AgentType, JsonObject, Message, OrchestratorName, Status, Workflow
from tests.agents.conftest import Desk

SAMPLES = Path(__file__).parents[2] / "src/symphainy/samples"
OPERATIONS = OrchestratorName.OPERATIONS


async def run(desk: Desk, operation: str, input: JsonObject) -> Workflow:
    """A workflow of the area, ended."""
    workflow = await desk.app.business.start(desk.session_id, OPERATIONS, operation, input, requested_by="user:ada")
    await desk.settled()
    return (await desk.session()).workflows[workflow.workflow_id]


async def ask(desk: Desk, words: str) -> Message:
    answer = await desk.ask(AgentType.OPERATIONS, words)
    await desk.settled()
    return answer


async def document(desk: Desk, artifact_id: str) -> JsonObject:
    return await read_document(desk.app.files, await desk.session(), artifact_id)


async def compared(desk: Desk) -> Workflow:
    sop = await desk.upload("refund_sop.docx", (SAMPLES / "refund_sop.docx").read_bytes())
    diagram = await desk.upload("refund_process.bpmn", (SAMPLES / "refund_process.bpmn").read_bytes())
    return await run(desk, "analyze_coexistence", {"sop_file_id": sop.file_id, "workflow_file_id": diagram.file_id})


async def test_sop_and_workflow_become_a_blueprint_and_the_chat_says_the_same_score(desk: Desk) -> None:
    workflow = await compared(desk)
    assert workflow.status is Status.COMPLETED, workflow.error
    assert [step.service for step in workflow.steps] == [
        "SOPBuilder", "ReportGenerator", "WorkflowConversion", "ReportGenerator", "CoexistenceAnalysis", "ReportGenerator",
    ]  # fmt: skip
    result = workflow.result or {}
    blueprint = await document(desk, result["artifacts"]["blueprint"])
    assert blueprint["score"] == result["score"]
    assert 0 < blueprint["score"] < 100
    assert {gap["kind"] for gap in blueprint["gaps"]} == {"missing_in_sop", "missing_in_workflow", "mismatch"}
    answer = await ask(desk, "What's the coexistence score?")
    assert f"**{blueprint['score']:g}** of 100" in answer.content
    assert blueprint["formula"] in answer.content
    assert answer.evidence[0]["artifact_id"] == result["artifacts"]["blueprint"]
    assert answer.evidence[0]["facts"]["score"] == blueprint["score"]


async def test_every_result_has_its_formats_and_a_state_with_provenance(desk: Desk) -> None:
    workflow = await compared(desk)
    session = await desk.session()
    made = (workflow.result or {})["artifacts"]
    formats = {
        kind: {item.media_type for item in session.artifacts[artifact_id].versions[-1].renditions}
        for kind, artifact_id in made.items()
    }
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    assert formats == {
        "sop": {"text/markdown", word},
        "workflow_model": {"text/markdown", word, "application/xml"},
        "blueprint": {"text/markdown", word, "application/xml"},
    }
    bpmn = await content_of(desk.app.files, session, made["workflow_model"], None, "application/xml")
    assert bpmn.path.read_text() == (SAMPLES / "refund_process.bpmn").read_text()
    state = await desk.app.sessions.get_state(desk.session_id, (workflow.result or {})["state_id"])
    services = {item.service for item in state.orchestrator_metadata.enabling_service_contributions}
    assert services == {"SOPBuilder", "WorkflowConversion", "CoexistenceAnalysis", "ReportGenerator"}


async def test_a_change_of_the_sop_changes_the_score(desk: Desk) -> None:
    """Fake 13: there the comparison found nothing, whatever was compared."""
    text = (SAMPLES / "refund_sop.md").read_text()
    diagram = await desk.upload("p.bpmn", (SAMPLES / "refund_process.bpmn").read_bytes())
    scores: list[float] = []
    for number, changed in enumerate(
        [text, text.replace("4. The service agent compares the returned item with the order.\n", "")]
    ):
        sop = await desk.upload(f"sop{number}.md", changed)
        done = await run(desk, "analyze_coexistence", {"sop_file_id": sop.file_id, "workflow_file_id": diagram.file_id})
        scores.append((done.result or {})["score"])
    assert scores[1] > scores[0]


async def test_sop_to_workflow_and_back(desk: Desk) -> None:
    """Fake 15: there the services reformatted what a language model said."""
    file = await desk.upload("refund_sop.md", (SAMPLES / "refund_sop.md").read_text())
    drawn = await run(desk, "generate_workflow_from_sop", {"file_id": file.file_id})
    made = (drawn.result or {})["artifacts"]
    workflow = await document(desk, made["workflow_model"])
    assert workflow["lanes"] == ["Service agent", "Team lead", "Accountant"]
    assert "BPMNShape" in workflow["bpmn"]
    back = await run(desk, "generate_sop_from_workflow", {"workflow_artifact_id": made["workflow_model"]})
    again = await document(desk, (back.result or {})["artifacts"]["sop"])
    first = await document(desk, made["sop"])
    kept = [(item["action"], item["role"], item["condition"], item["otherwise"]) for item in first["steps"]]
    assert [(item["action"], item["role"], item["condition"], item["otherwise"]) for item in again["steps"]] == kept


async def test_the_wizard_in_the_chat_makes_a_real_sop(desk: Desk) -> None:
    """Fakes 5 and 15: there it said "created successfully" in simulation mode, and corrections were only noted."""
    first = await ask(desk, "Create an SOP for customer onboarding")
    assert "Customer onboarding" in first.content
    for words in ("To win customers", "skip", "clerk and manager", "The clerk checks the form in SAP"):
        await ask(desk, words)
    await ask(desk, "If the amount exceeds 500 EUR, the manager approves the contract")
    await ask(desk, "change step 1 to The clerk verifies the identity")
    await ask(desk, "done")
    before = await desk.session()
    assert not [item for item in before.artifacts.values() if item.kind == "sop"]
    saved = await ask(desk, "save")
    assert saved.orchestrator_context is not None
    session = await desk.session()
    (sop,) = [item for item in session.artifacts.values() if item.kind == "sop"]
    made = await document(desk, sop.artifact_id)
    assert [(step["no"], step["role"], step["action"]) for step in made["steps"]] == [
        ("1", "Clerk", "Verify the identity"),
        ("2", "Manager", "Approve the contract"),
    ]
    await ask(desk, "change step 2 to The director approves the contract")
    await ask(desk, "save")
    changed = (await desk.session()).artifacts[sop.artifact_id]
    assert (changed.version, len((await desk.session()).artifacts)) == (2, len(session.artifacts))
    assert (await document(desk, sop.artifact_id))["steps"][1]["role"] == "Director"


async def test_other_questions_are_answered_while_the_wizard_waits(desk: Desk) -> None:
    await compared(desk)
    await ask(desk, "create an sop for complaints")
    await ask(desk, "To keep customers")
    answer = await ask(desk, "What is the coexistence score?")
    assert "of 100" in answer.content
    assert "Your draft of **Complaints** is still open" in answer.content
    state = (await desk.session()).state[KEY]["state"]
    assert (state["stage"], state["sop"]["purpose"]) == ("scope", "To keep customers")


async def test_two_users_wizards_do_not_meet(desk: Desk) -> None:
    other = Desk(desk.app, (await desk.app.sessions.create_session("bob")).session_id)
    await ask(desk, "create an sop for invoices")
    await ask(other, "create an sop for returns")
    assert (await desk.session()).state[KEY]["state"]["sop"]["title"] == "Invoices"
    assert (await other.session()).state[KEY]["state"]["sop"]["title"] == "Returns"


async def test_a_turn_taken_twice_counts_once(desk: Desk) -> None:
    from symphainy.agents.base import Reply, Text, Turn

    await ask(desk, "create an sop for returns")
    agent = next(item for item in desk.app.agents if item.agent_type is AgentType.OPERATIONS)
    sent = await desk.app.chat.send_message(desk.session_id, AgentType.OPERATIONS, "To be fair", user_id="ada")
    await ask(desk, "show")
    session = await desk.session()
    before = session.state[KEY]["state"]
    message = next(item for item in session.conversations[AgentType.OPERATIONS].messages if item.content == "show")
    run_id = next(item.run_id for item in session.runs.values() if item.message_id == message.message_id)
    texts = [
        part.text
        async for part in agent.answer(Turn(session, "ada", message, run_id))
        if isinstance(part, Text) and not isinstance(part, Reply)
    ]
    assert sent.run_id != run_id
    assert "Returns" in "".join(texts)
    assert (await desk.session()).state[KEY]["state"] == before


QUESTIONS = [
    "What is the coexistence score?",
    "Which gaps are there?",
    "which steps are missing in the sop?",
    "who does what in our process?",
    "why is step 5 for a person?",
    "where are the handoffs?",
    "list the steps of the sop",
    "what is step 7?",
    "what is step 99?",
    "which roles are involved?",
    "which systems are used?",
    "who approves?",
    "download the sop",
    "what next?",
    "how far is it?",
    "what can you do?",
]


async def test_no_number_in_an_answer_is_invented(desk: Desk) -> None:
    """Fake 14: there scores of 75, 80, 70 and 65 and a throughput of 10 an hour stood in the code."""
    await compared(desk)
    session = await desk.session()
    held = {kind: artifact for artifact in session.artifacts.values() for kind in (artifact.kind,)}
    documents = [await document(desk, held[kind].artifact_id) for kind in ("sop", "workflow_model", "blueprint")]
    for question in QUESTIONS:
        answer = await ask(desk, question)
        assert answer.status == "completed", answer.content
        grounding = Grounding()
        grounding.add(question, *documents, *answer.evidence)
        assert grounding.unfounded(answer.content) == [], (question, answer.content)


async def test_nothing_is_said_about_a_score_that_was_not_computed(desk: Desk) -> None:
    answer = await ask(desk, "what is the coexistence score?")
    assert "no coexistence analysis" in answer.content
    assert not any(character.isdigit() for character in answer.content)


async def test_bad_requests_and_broken_files_are_refused_with_a_reason(desk: Desk) -> None:
    business = desk.app.business
    with pytest.raises(InvalidInput):
        await business.start(desk.session_id, OPERATIONS, "analyze_coexistence", {}, requested_by="user:ada")
    with pytest.raises(ArtifactNotFound):
        await business.start(
            desk.session_id,
            OPERATIONS,
            "generate_workflow_from_sop",
            {"sop_artifact_id": "art_x"},
            requested_by="user:ada",
        )
    broken = await desk.upload("broken.bpmn", "<bpmn>...</bpmn>")
    ended = await run(desk, "read_workflow", {"file_id": broken.file_id})
    assert ended.status is Status.FAILED
    assert ended.error is not None
    assert ended.error.code == "not_a_bpmn"
    empty = await desk.upload("sea.txt", "Blue skies over the quiet sea.")
    ended = await run(desk, "build_sop", {"file_id": empty.file_id})
    assert ended.error is not None
    assert ended.error.code == "no_steps"


def test_a_table_of_steps_has_a_cell_for_each_column() -> None:
    assert all(len(row) == 6 for row in steps_table(()).rows)
