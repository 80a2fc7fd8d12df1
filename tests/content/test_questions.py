"""Questions to the content liaison about the rows, the checks and other formats of real files."""

from __future__ import annotations

import pytest

from symphainy.session import AgentType
from tests.agents.conftest import Desk, desk

__all__ = ["desk"]

CUSTOMERS = """customer,email,city,days_late
Meyer,meyer@example.org,Bern,12
Weber,,Lyon,95
Novak,novak@example.org,Bern,120
Costa,,Porto,3
"""


@pytest.fixture
async def customers(desk: Desk) -> Desk:
    await desk.upload("customers.csv", CUSTOMERS)
    return desk


async def test_rows_without_a_value_are_counted_from_the_rows(customers: Desk) -> None:
    answer = await customers.content("How many rows have no email?")
    assert "2" in answer.content
    assert any(item.get("facts", {}).get("sql") for item in answer.evidence)


async def test_a_row_is_shown_by_its_number(customers: Desk) -> None:
    answer = await customers.content("What is in row 3?")
    assert "Novak" in answer.content
    assert "120" in answer.content
    assert "Meyer" not in answer.content
    beyond = await customers.content("Show me row 17")
    assert "4 rows" in beyond.content


async def test_a_customer_is_found_by_name(customers: Desk) -> None:
    answer = await customers.content("Show me the customer Meyer")
    assert "meyer@example.org" in answer.content
    assert "Weber" not in answer.content


async def test_the_types_of_the_files_are_listed(customers: Desk) -> None:
    answer = await customers.content("What file types did I upload?")
    assert "customers.csv" in answer.content
    assert "csv" in answer.content


async def test_checks_and_conversions_are_started_from_the_chat(customers: Desk) -> None:
    for words, operation in (
        ("Validate customers.csv", "validate_content"),
        ("Convert customers.csv to json", "convert_format"),
    ):
        answer = await customers.content(words)
        assert answer.orchestrator_context is not None
        await customers.settled()
        session = await customers.session()
        workflow = session.workflows[answer.orchestrator_context["workflow_id"]]
        assert (workflow.operation, workflow.status.value) == (operation, "completed")
        said = [message.content for message in session.conversations[AgentType.CONTENT].messages]
        assert any("checks failed" in text or "ready to download" in text or "passed" in text for text in said[-2:])
