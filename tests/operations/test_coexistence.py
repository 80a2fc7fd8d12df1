"""The score and the gaps follow the two documents: change one thing, and exactly that shows."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symphainy.enabling_services.errors import ServiceError
from symphainy.enabling_services.operations.alignment import assignment
from symphainy.enabling_services.operations.assignments import By, assign
from symphainy.enabling_services.operations.coexistence import Comparison, GapKind, Severity, compare
from symphainy.enabling_services.operations.future import AI_ROLE, future
from symphainy.enabling_services.operations.sop import Sop, Step, renumbered
from symphainy.enabling_services.operations.to_process import to_process
from symphainy.enabling_services.operations.to_sop import to_sop
from tests.operations.procedures import read, refund

LINES = [
    "The clerk opens the letter.",
    "The clerk enters the claim in SAP.",
    "The adjuster inspects the damaged car.",
    "The adjuster estimates the repair costs.",
    "The manager approves the settlement.",
    "The accountant pays the settlement.",
    "The clerk informs the policy holder.",
    "The archivist stores the documents in the DMS.",
]
FULL = read("\n".join(f"{number}. {line}" for number, line in enumerate(LINES, 1)))


def with_steps(*steps: Step) -> Sop:
    return replace(FULL, steps=renumbered(steps))


def recomputed(found: Comparison) -> float:
    """The score by its published formula, from the published counts."""
    counts = found.counts
    credit = sum(max(0.0, 1 - 0.25 * len(item.mismatches)) for item in found.aligned)
    return round(100 * credit / (counts.aligned + counts.missing_in_sop + counts.missing_in_workflow), 1)


def test_the_same_procedure_scores_100_and_has_no_gap() -> None:
    for sop in (FULL, refund()):
        found = compare(sop, to_sop(to_process(sop)))
        assert (found.score, found.gaps) == (100.0, ())


@given(st.integers(0, len(LINES) - 1))
@settings(max_examples=20, deadline=None)
def test_one_step_less_is_exactly_one_gap(lost: int) -> None:
    less = with_steps(*(step for at, step in enumerate(FULL.steps) if at != lost))
    in_workflow, in_sop = compare(FULL, less), compare(less, FULL)
    assert [gap.kind for gap in in_workflow.gaps] == [GapKind.MISSING_IN_WORKFLOW]
    assert [gap.kind for gap in in_sop.gaps] == [GapKind.MISSING_IN_SOP]
    assert in_workflow.score == in_sop.score == 87.5 == recomputed(in_workflow)
    assert FULL.steps[lost].action in in_workflow.gaps[0].statement


@given(st.integers(0, len(LINES) - 1))
@settings(max_examples=20, deadline=None)
def test_another_role_is_exactly_one_mismatch(changed: int) -> None:
    steps = [replace(step, role="Robot") if at == changed else step for at, step in enumerate(FULL.steps)]
    found = compare(FULL, with_steps(*steps))
    assert [(gap.kind, gap.aspect) for gap in found.gaps] == [(GapKind.MISMATCH, "role")]
    assert found.score == recomputed(found) == 96.9


@given(st.integers(0, len(LINES) - 2))
@settings(max_examples=20, deadline=None)
def test_two_steps_swapped_are_one_mismatch_in_order(at: int) -> None:
    steps = list(FULL.steps)
    steps[at], steps[at + 1] = steps[at + 1], steps[at]
    found = compare(FULL, with_steps(*steps))
    assert [(gap.kind, gap.aspect) for gap in found.gaps] == [(GapKind.MISMATCH, "order")]


@given(st.lists(st.integers(0, len(LINES) - 1), unique=True, min_size=1), st.randoms())
@settings(max_examples=40, deadline=None)
def test_any_selection_in_any_order_keeps_the_formula(kept: list[int], random: object) -> None:
    found = compare(FULL, with_steps(*(FULL.steps[at] for at in kept)))
    assert found.score == recomputed(found)
    assert found.counts.aligned == len(kept)
    assert found.counts.missing_in_workflow == len(LINES) - len(kept)
    assert len(found.gaps) == found.counts.missing_in_workflow + found.counts.mismatches


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Check the invoice", "Verify the bill"),
        ("Send a confirmation to the customer", "Notify the client with a confirmation"),
        ("Approve the refund", "Authorise the refund"),
        ("Archive the documents", "File the documents"),
        ("Enter the claim in the system", "Record the claim"),
    ],
)
def test_other_words_for_the_same_step_are_aligned(one: str, other: str) -> None:
    found = compare(read(f"1. {one}"), read(f"1. {other}"))
    assert (found.counts.aligned, found.score) == (1, 100.0)


def test_another_number_in_a_condition_is_a_mismatch() -> None:
    one = read(
        "1. If the amount exceeds 500 EUR, the manager approves the refund; otherwise the clerk approves the refund."
    )
    other = read(
        "1. If the amount exceeds 300 EUR, the manager approves the refund; otherwise the clerk approves the refund."
    )
    found = compare(one, other)
    assert [(gap.aspect, gap.severity) for gap in found.gaps] == [("condition", Severity.HIGH)]
    assert "500" in found.gaps[0].statement
    assert "300" in found.gaps[0].statement


def test_severity_follows_the_rule() -> None:
    def lost(line: str) -> Severity:
        return compare(read(f"1. Open the door\n2. {line}"), read("1. Open the door")).gaps[0].severity

    assert lost("Approve the payment") is Severity.HIGH
    assert lost("Check the total") is Severity.HIGH
    assert lost("Notify the supplier") is Severity.LOW
    assert lost("Assemble the parts") is Severity.MEDIUM


def test_nothing_to_compare_is_an_error_and_no_score() -> None:
    with pytest.raises(ServiceError) as caught:
        compare(Sop("Empty"), FULL)
    assert caught.value.service_code == "nothing_to_compare"


@pytest.mark.parametrize(
    ("action", "by", "word"),
    [
        ("Approve the refund", By.HUMAN, "approve"),
        ("Call the customer", By.HUMAN, "call"),
        ("Pack the goods", By.HUMAN, "pack"),
        ("Verify the identity", By.SHARED, "verify"),
        ("Pay the invoice", By.SHARED, "pay"),
        ("Enter the claim in SAP", By.AI, "enter"),
        ("Send the request to the manager for approval", By.AI, "send"),
    ],
)
def test_the_reason_names_the_rule_and_the_word(action: str, by: By, word: str) -> None:
    given = assign(Step("1", action, "Clerk"))
    assert given.by is by
    assert [found.lower() for found in given.words] == [word]
    assert f"“{word}”" in given.reason


def test_work_that_no_rule_knows_stays_with_people() -> None:
    assert assign(Step("1", "Contemplate the situation")).by is By.HUMAN


def test_the_future_state_has_the_steps_of_both_and_the_assignments() -> None:
    workflow = with_steps(*FULL.steps[:6], Step("9", "Ask the customer for a rating", "Clerk"), *FULL.steps[6:])
    sop, assignments, hand_offs = future(FULL, workflow)
    assert len(sop.steps) == len(LINES) + 1
    assert sop.steps[6].action == "Ask the customer for a rating"
    for step, assigned in zip(sop.steps, assignments, strict=True):
        assert (step.role == AI_ROLE) == (assigned.by is By.AI)
    assert AI_ROLE in to_process(sop).lanes
    assert all(one.giver != one.taker for one in hand_offs)
    assert {one.kind for one in hand_offs} <= {"role", "human_to_ai", "ai_to_human"}


def test_references_to_steps_follow_when_steps_are_put_in() -> None:
    sop = read("1. Open the letter\n2. Book the claim\n3. If it fails, go back to step 2.")
    extra = read("1. Open the letter\n2. Greet the visitor\n3. Book the claim\n4. If it fails, go back to step 3.")
    made, _, _ = future(sop, extra)
    assert [step.action for step in made.steps][-1] == "Go back to step 3"


def test_no_number_in_a_gap_is_invented() -> None:
    sop = refund()
    found = compare(sop, with_steps(*sop.steps[1:4]))
    known = set(re.findall(r"\d+", " ".join(f"{step.no} {step.action} {step.condition}" for step in sop.steps)))
    for gap in found.gaps:
        assert set(re.findall(r"\d+", gap.statement + gap.recommendation)) <= known


@given(
    st.integers(1, 5).flatmap(
        lambda n: st.lists(st.lists(st.integers(0, 9), min_size=n, max_size=n), min_size=n, max_size=n)
    )
)
@settings(max_examples=60, deadline=None)
def test_the_assignment_is_the_cheapest(cost: list[list[int]]) -> None:
    from itertools import permutations

    size = len(cost)
    found = assignment(cost)
    assert sorted(found) == list(range(size))
    cheapest = min(sum(cost[row][column] for row, column in enumerate(one)) for one in permutations(range(size)))
    assert sum(cost[row][found[row]] for row in range(size)) == cheapest
