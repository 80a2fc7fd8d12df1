"""Procedures of many shapes become steps with role, action, condition and systems; what is not read is listed."""

from __future__ import annotations

from pathlib import Path

import pytest
from docx import Document

from symphainy.enabling_services.errors import ServiceError
from symphainy.enabling_services.operations.blocks import blocks_of_docx
from symphainy.enabling_services.operations.documents import sop_report
from symphainy.enabling_services.operations.sentences import read_sentence
from symphainy.enabling_services.operations.sop import Parts
from symphainy.enabling_services.operations.sop_reading import read_blocks
from symphainy.enabling_services.reports.markdown import to_markdown
from tests.operations.procedures import read, refund

SENTENCES = [
    ("The clerk checks the invoice in SAP.", ("Check the invoice in SAP", "Clerk", None, None, ("SAP",))),
    (
        "If the amount exceeds 1,000 EUR, the manager approves it; otherwise the clerk approves it.",
        ("Approve it", "Manager", "the amount exceeds 1,000 EUR", "Clerk: Approve it", ()),
    ),
    ("Escalate to the team lead if the customer is a VIP.", ("Escalate to the team lead", None, "the customer is a VIP", None, ())),
    ("Check if the amount is complete.", ("Check if the amount is complete", None, None, None, ())),
    (
        "The invoice is approved by the finance manager in the ERP system.",
        ("Approve the invoice in the ERP system", "Finance manager", None, None, ("ERP",)),
    ),
    ("Enter the data. Responsible: Finance team", ("Enter the data", "Finance team", None, None, ())),
    ("The head of sales must sign the contract.", ("Sign the contract", "Head of sales", None, None, ())),
    ("If approved, pay the refund, else reject the request.", ("Pay the refund", None, "approved", "Reject the request", ())),
    ("When the order arrives, the packer picks the items.", ("Pick the items when the order arrives", "Packer", None, None, ())),
    ("Customer submits refund request", ("Submit refund request", "Customer", None, None, ())),
    (
        "Log in to the ticketing system and open a ticket.",
        ("Log in to the ticketing system and open a ticket", None, None, None, ("ticketing system",)),
    ),
    (
        "Unless the amount is below 50 EUR, the manager approves the refund.",
        ("Approve the refund", "Manager", "the amount is below 50 EUR is “No”", None, ()),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "expected"), SENTENCES)
def test_one_sentence(sentence: str, expected: tuple[object, ...]) -> None:
    found = read_sentence(sentence)
    assert (found.action, found.role, found.condition, found.otherwise, found.systems) == expected


def test_a_whole_procedure_with_sections() -> None:
    sop = refund()
    assert (sop.title, sop.purpose) == ("Refund of a purchase", "Refunds are paid quickly and correctly.")
    assert sop.scope == "All purchases in the online shop."
    assert sop.roles == ("Service agent", "Team lead", "Accountant")
    assert [step.no for step in sop.steps] == ["1", "2", "2.1", "3", "4", "4.1", "5", "6"]
    asked = sop.steps[2]
    assert (asked.action, asked.condition) == ("Ask the customer for the receipt", "the receipt is attached is “No”")
    assert (sop.steps[5].action, sop.steps[5].condition) == ("End the process", "the refund is rejected")


def test_what_is_not_read_is_listed_word_for_word() -> None:
    sop = refund()
    assert sop.unread == ("This takes two days.", "Policy 12.")
    assert any("2 sentences were not read" in warning for warning in sop.warnings)


def test_step_headings_with_responsible_lines() -> None:
    sop = read(
        "Standard Operating Procedure: Employee onboarding\nPurpose: Make new hires productive.\n"
        "Step 1: Prepare the contract\nResponsible: HR\nStep 2: The IT team creates an account in Jira.\n"
        "Step 3: Manager welcomes the employee\n"
    )
    assert (sop.title, sop.purpose) == ("Employee onboarding", "Make new hires productive.")
    assert [(step.role, step.action) for step in sop.steps] == [
        ("HR", "Prepare the contract"),
        ("IT team", "Create an account in Jira"),
        ("Manager", "Welcome the employee"),
    ]


def test_running_text_with_pronouns() -> None:
    sop = read(
        "The clerk opens the mail. He scans each letter into the DMS. If a letter is confidential, the clerk hands it "
        "to the secretary. The weather is nice. The secretary archives it."
    )
    assert [step.role for step in sop.steps] == ["Clerk", "Clerk", "Clerk", "Secretary"]
    assert sop.steps[1].systems == ("DMS",)
    assert sop.unread == ("The weather is nice.",)


def test_a_table_of_steps_and_a_raci_chart() -> None:
    sop = read(
        "# Purchase\n| Step | Activity | Responsible | System |\n|---|---|---|---|\n"
        "| 1 | Request item | Employee | SAP |\n| 2 | Approve request | Manager | |\n"
    )
    assert [(step.action, step.role, step.systems) for step in sop.steps] == [
        ("Request item", "Employee", ("SAP",)),
        ("Approve request", "Manager", ()),
    ]
    raci = read(
        "| Activity | Clerk | Manager |\n|---|---|---|\n| Scan the invoice | R | I |\n| Sign the invoice | C | A/R |\n"
    )
    assert [(step.action, step.role) for step in raci.steps] == [
        ("Scan the invoice", "Clerk"),
        ("Sign the invoice", "Manager"),
    ]


def test_numbered_headings_and_numbers_below_them() -> None:
    sop = read(
        "Invoice handling\n\n1. Purpose\nTo pay invoices.\n\n2. Procedure\n2.1 The clerk scans the invoice.\n2.2 The clerk books it.\n"
    )
    assert (sop.title, sop.purpose) == ("Invoice handling", "To pay invoices.")
    assert [(step.no, step.action) for step in sop.steps] == [("1", "Scan the invoice"), ("2", "Book it")]


def test_bullets_under_a_role() -> None:
    sop = read(
        "# Shipping\n## Roles\n- Packer\n- Driver\n## Procedure\n### Packer\n- Pack goods\n- Print it\n### Driver\n- Load the van\n"
    )
    assert [(step.role, step.action) for step in sop.steps] == [
        ("Packer", "Pack goods"),
        ("Packer", "Print it"),
        ("Driver", "Load the van"),
    ]


def test_word_keeps_list_numbers_and_levels(tmp_path: Path) -> None:
    document = Document()
    document.add_heading("Opening the shop", 0)
    document.add_heading("Procedure", 1)
    document.add_paragraph("The keeper unlocks the door.", style="List Number")
    document.add_paragraph("Switch the alarm off.", style="List Number 2")
    document.add_paragraph("The keeper counts the cash.", style="List Number")
    document.save(str(tmp_path / "sop.docx"))
    sop = read_blocks(blocks_of_docx(tmp_path / "sop.docx"), "file")
    assert [(step.no, step.role) for step in sop.steps] == [("1", None), ("1.1", "Keeper"), ("2", "Keeper")]
    assert sop.steps[0].parts is Parts.ORDERED


def test_a_damaged_word_file_is_a_typed_error(tmp_path: Path) -> None:
    (tmp_path / "sop.docx").write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(ServiceError) as caught:
        blocks_of_docx(tmp_path / "sop.docx")
    assert caught.value.service_code == "not_a_docx"


def test_a_text_without_steps_is_refused() -> None:
    with pytest.raises(ServiceError) as caught:
        read("Blue skies over the quiet sea.")
    assert caught.value.service_code == "no_steps"


def test_the_written_procedure_reads_back_as_the_same_steps() -> None:
    sop = refund()
    again = read(to_markdown(sop_report(sop, "2026-01-01T00:00:00Z"), ()))
    assert again.steps == sop.steps
    assert (again.title, again.purpose, again.scope, again.roles) == (sop.title, sop.purpose, sop.scope, sop.roles)
