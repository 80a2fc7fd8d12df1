"""The content liaison answers from real files, and starts and stops their analysis."""

from __future__ import annotations

from dataclasses import replace

from symphainy.session import AgentType, FileStatus, Status

from .conftest import CLAIMS, NOTES, Desk
from .numbers import numbers_in, unfounded

QUESTIONS = [
    "which files do i have",
    "whats in claims.csv",
    "which columns are there",
    "how many rows",
    "gimme the first 3 rows",
    "any problems with the data?",
    "which columns have blanks",
    "are there duplicates",
    "average premium",
    "show statistics of all columns",
    "show the metadata",
    "can i download the result",
    "how far is it",
    "what did you find",
]


async def test_every_number_said_stands_in_the_evidence(claims: Desk) -> None:
    for question in QUESTIONS:
        answer = await claims.content(question)
        assert numbers_in(answer.content), question
        assert await unfounded(await claims.session(), claims.app.files, question, answer) == set(), answer.content


async def test_an_invented_number_would_be_noticed(claims: Desk) -> None:
    answer = await claims.content("how many rows")
    wrong = replace(answer, content="It has 4,711 rows.")
    assert await unfounded(await claims.session(), claims.app.files, "how many rows", wrong) == {"4711"}


ANSWERS = [
    ("which columns are there", ["claim\\_id", "| integer |", "paid\\_on", "| date |"]),
    ("how many rows", ["12 rows and 5 columns"]),
    ("gimme the first 2 rows", ["first 2 of 12 rows", "| 1 | North |", "| 2 | north |"]),
    ("which columns have blanks", ["| region | 1 | 12 |", "| premium | 1 | 12 |"]),
    ("how many blanks in region", ["| region | 1 | 12 |"]),
    ("are there duplicates", ["1 row repeats an earlier row"]),
    ("highest late_days", ["from 0 to 120"]),
    ("most common value of region", ["“North” (5)"]),
    ("region", ["Column **region**"]),
    ("is late_days a number", ["| late\\_days | integer |"]),
    ("which encoding does it have", ["encoding: utf-8"]),
    ("who is the author", ["It does not state", "an author"]),
]


async def test_the_answer_is_what_the_file_says(claims: Desk) -> None:
    for question, said in ANSWERS:
        answer = await claims.content(question)
        assert [text for text in said if text not in answer.content] == [], answer.content
        assert answer.orchestrator_context is not None, question
        assert answer.orchestrator_context["status"] == "completed"


async def test_a_document_is_described_by_its_text(desk: Desk) -> None:
    await desk.upload("notes.md", NOTES)
    assert "17 words" in (await desk.content("how long is the document")).content
    assert "New customers sign the form" in (await desk.content("show me the beginning")).content
    assert "no columns" in (await desk.content("which columns are there")).content


async def test_a_file_is_meant_by_its_name_in_part_and_misspelt(claims: Desk) -> None:
    await claims.upload("notes.md", NOTES)
    assert "**claims.csv**" in (await claims.content("how many rows has Claims")).content
    assert "**claims.csv**" in (await claims.content("how many rows are in cliams.csv")).content


async def test_a_column_tells_which_file_is_meant(claims: Desk) -> None:
    await claims.upload("people.csv", "name,age\nann,30\nbob,41\n")
    assert "**claims.csv**" in (await claims.content("average premium")).content
    assert "**people.csv**" in (await claims.content("average age")).content


async def test_without_a_name_the_file_talked_about_last_is_meant(claims: Desk) -> None:
    await claims.upload("people.csv", "name,age\nann,30\nbob,41\n")
    assert "**people.csv**" in (await claims.content("how many rows")).content
    await claims.content("how many rows are in claims.csv")
    assert "**claims.csv**" in (await claims.content("which columns are there")).content


async def test_and_another_file_asks_the_same_question_again(claims: Desk) -> None:
    await claims.upload("people.csv", "name,age\nann,30\nbob,41\n")
    await claims.content("how many rows are in people.csv")
    answer = await claims.content("and claims.csv?")
    assert "12 rows" in answer.content


async def test_when_names_do_not_decide_it_asks_back_with_buttons_that_work(desk: Desk) -> None:
    await desk.upload("claims_2023.csv", "id,region\n1,North\n2,South\n")
    await desk.upload("claims_2024.csv", "id,region\n1,East\n")
    await desk.upload("people.csv", "name,age\nann,30\nbob,41\n")
    answer = await desk.content("statistics of the region please")
    assert "Which file" in answer.content
    assert {action.label for action in answer.actions} == {"claims_2023.csv", "claims_2024.csv"}
    chosen = await desk.content(answer.actions[0].target["content"])
    assert f"**{answer.actions[0].label}**" in chosen.content.replace("\\", "")


async def test_an_attached_file_is_the_one_that_is_meant(claims: Desk) -> None:
    people = await claims.upload("people.csv", "name,age\nann,30\nbob,41\n")
    await claims.content("how many rows are in claims.csv")
    answer = await claims.ask(AgentType.CONTENT, "how many rows", (people.file_id,))
    assert "**people.csv**" in answer.content


async def test_why_a_file_was_rejected_is_said_with_what_to_do(desk: Desk) -> None:
    file = await desk.upload("broken.pdf", b"%PDF-1.4 this is none")
    answer = await desk.content("why was it rejected?")
    assert file.reason is not None
    assert file.reason in answer.content.replace("\\", "")
    assert "upload_file" in {action.kind for action in answer.actions}
    assert answer.orchestrator_context is not None
    assert answer.orchestrator_context["status"] == "failed"


async def test_a_question_about_a_file_that_was_not_read_says_so(desk: Desk) -> None:
    await desk.upload("broken.pdf", b"%PDF-1.4 this is none")
    assert "could not be read" in (await desk.content("which columns are in broken.pdf")).content
    await desk.upload("later.csv", CLAIMS, process=False)
    answer = await desk.content("which columns are in later.csv")
    assert "not analysed yet" in answer.content
    assert "start_workflow" in {action.kind for action in answer.actions}


async def test_an_analysis_is_started_on_request_and_the_answer_names_it(desk: Desk) -> None:
    file = await desk.upload("claims.csv", CLAIMS, process=False)
    answer = await desk.content("please analyse claims.csv")
    assert answer.orchestrator_context is not None
    workflow_id = answer.orchestrator_context["workflow_id"]
    await desk.settled()
    session = await desk.session()
    assert session.workflows[workflow_id].status is Status.COMPLETED
    assert session.files[file.file_id].status is FileStatus.PARSED
    assert session.delegations[0].source == "agent:content_liaison"


async def test_nothing_running_means_nothing_is_stopped(claims: Desk) -> None:
    answer = await claims.content("stop it")
    assert "Nothing is running" in answer.content
    assert "claims.csv" in answer.content


async def test_the_files_are_listed_with_their_status(claims: Desk) -> None:
    await claims.upload("broken.pdf", b"%PDF-1.4 this is none")
    answer = await claims.content("which files do i have")
    assert "analysed: 12 rows and 5 columns" in answer.content
    assert "could not be read" in answer.content


async def test_what_belongs_to_another_area_is_handed_over_and_not_made_up(claims: Desk) -> None:
    answer = await claims.content("plot premium over time")
    assert "Its liaison answers that" in answer.content
    assert {"agent_type": "insights_liaison", "content": "plot premium over time"} in [
        dict(action.target) for action in answer.actions
    ]


async def test_text_of_a_file_is_not_read_as_markdown(desk: Desk) -> None:
    await desk.upload("odd.csv", "name,note\n[x](http://e.com),**bold** | pipe\n<b>y</b>,`z`\n")
    content = (await desk.content("show me the first rows")).content
    assert "[x](" not in content
    assert "\\<b\\>" in content
    assert "\\| pipe" in content
