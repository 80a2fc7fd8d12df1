"""The wizard is a pure function of its state and the message; corrections are applied, and unsure texts asked about."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symphainy.enabling_services.operations.sop import Sop
from symphainy.enabling_services.operations.wizard import (
    Said,
    Stage,
    WizardState,
    begin,
    is_meant_for,
    is_question,
    take,
    title_in,
)

OPENING = ("Customer onboarding", "To win customers", "skip", "clerk, team lead and accountant")
STEPS = (
    "The clerk receives the application",
    "The clerk checks the form in the CRM",
    "If the amount exceeds 500 EUR, the team lead approves the contract; otherwise the clerk approves the contract",
    "The accountant opens the account",
)


def told(*messages: str, state: WizardState | None = None) -> tuple[WizardState, Said]:
    """Every state goes through JSON, as it does in a session."""
    said = Said("")
    if state is None:
        state, said = begin()
    for message in messages:
        state, said = take(WizardState.from_json(state.to_json()), message)
    return state, said


def written() -> WizardState:
    return told(*OPENING, *STEPS)[0]


def actions(state: WizardState) -> list[str]:
    return [step.action for step in state.sop.steps]


def test_from_the_title_to_the_end() -> None:
    state, said = told("done", state=written())
    assert state.stage is Stage.REVIEW
    assert "Approve the contract" in said.text
    state, _ = told("looks good", state=state)
    assert state.stage is Stage.COMPLETE
    assert (state.sop.title, state.sop.purpose, state.sop.scope) == ("Customer onboarding", "To win customers", None)
    assert state.sop.roles == ("Clerk", "Team lead", "Accountant")
    assert [step.no for step in state.sop.steps] == ["1", "2", "3", "4"]
    third = state.sop.steps[2]
    assert (third.role, third.condition, third.otherwise) == (
        "Team lead",
        "the amount exceeds 500 EUR",
        "Clerk: Approve the contract",
    )


def test_the_title_can_be_given_with_the_request() -> None:
    title = title_in("create an SOP for customer onboarding, please")
    assert title is not None
    state, said = begin(title)
    assert state.stage is Stage.PURPOSE
    assert "Customer onboarding" in said.text
    assert title_in("create an sop") is None


CORRECTIONS = [
    ("change step 2 to The clerk verifies the identity", ["Receive the application", "Verify the identity"]),
    ("Step 2 should be: verify the identity", ["Receive the application", "Verify the identity"]),
    ("please delete step 1", ["Check the form in the CRM", "Approve the contract"]),
    ("remove the first step", ["Check the form in the CRM", "Approve the contract"]),
    ("insert after 1: the clerk thanks the customer", ["Receive the application", "Thank the customer"]),
    ("add a step before step 1: the clerk opens the letter", ["Open the letter", "Receive the application"]),
    ("swap 1 and 2", ["Check the form in the CRM", "Receive the application"]),
    ("move step 4 to 1", ["Open the account", "Receive the application"]),
    ("move step 1 after step 2", ["Check the form in the CRM", "Receive the application"]),
]


@pytest.mark.parametrize(("message", "first_two"), CORRECTIONS)
def test_a_correction_is_applied_and_can_be_undone(message: str, first_two: list[str]) -> None:
    before = written()
    after, _ = told(message, state=before)
    assert actions(after)[:2] == first_two
    assert [step.no for step in after.sop.steps] == [str(n) for n in range(1, len(after.sop.steps) + 1)]
    assert told("undo", state=after)[0].sop == before.sop


def test_role_condition_system_and_title_are_changed() -> None:
    state, _ = told(
        "step 4 is done by finance",
        "step 2 only if the form is complete",
        "step 1 is done in Outlook",
        "rename the title to new customers",
        "rename clerk to agent",
        state=written(),
    )
    assert [step.role for step in state.sop.steps] == ["Agent", "Agent", "Team lead", "Finance"]
    assert state.sop.steps[1].condition == "the form is complete"
    assert state.sop.steps[0].systems == ("Outlook",)
    assert state.sop.steps[2].otherwise == "Agent: Approve the contract"
    assert state.sop.title == "New customers"


def test_a_step_that_does_not_exist_changes_nothing() -> None:
    before = written()
    after, said = told("delete step 9", state=before)
    assert after.sop == before.sop
    assert "There are 4 steps" in said.text


def test_several_steps_in_one_message() -> None:
    state, _ = told(
        *OPENING, "1. The clerk opens the mail\n2. The clerk scans the letter\n3. If it is private, the clerk closes it"
    )
    assert actions(state) == ["Open the mail", "Scan the letter", "Close it"]
    state, _ = told("The clerk archives it, then the accountant books it.", state=state)
    assert actions(state)[3:] == ["Archive it", "Book it"]


def test_a_missing_role_is_asked_for_and_filled() -> None:
    state, said = told(*OPENING, "Enter the data in SAP")
    assert "Who does step 1?" in said.text
    assert [label for label, _ in said.options] == ["Clerk", "Team lead", "Accountant", "Skip"]
    assert told("the accountant", state=state)[0].sop.steps[0].role == "Accountant"
    assert actions(told("The clerk prints it", state=state)[0]) == ["Enter the data in SAP", "Print it"]


def test_what_is_unclear_is_asked_about_and_not_added() -> None:
    state, said = told(*OPENING, "hmm maybe")
    assert "not sure" in said.text
    assert state.sop.steps == ()
    assert told("no", state=state)[0].sop.steps == ()
    assert actions(told("yes", state=state)[0]) == ["Hmm maybe"]


def test_back_start_over_and_cancel() -> None:
    state = written()
    assert told("back", state=state)[0].stage is Stage.ROLES
    fresh, _ = told("start over", state=state)
    assert (fresh.stage, fresh.sop) == (Stage.TITLE, Sop(""))
    assert told("undo", state=fresh)[0].sop == state.sop
    assert told("cancel", state=state)[0].stage is Stage.CANCELLED


def test_a_saved_procedure_can_be_opened_again() -> None:
    saved, _ = told("done", "save", state=written())
    state, said = begin(artifact=saved.sop, artifact_id="art_1")
    assert (state.stage, state.artifact_id) == (Stage.REVIEW, "art_1")
    assert "Receive the application" in said.text
    state, _ = told("delete step 2", "save", state=state)
    assert (state.stage, len(state.sop.steps)) == (Stage.COMPLETE, 3)


def test_what_is_for_the_wizard_and_what_is_a_question() -> None:
    state = written()
    for message in ("done", "undo", "change step 2 to check it", "swap 1 and 2", "cancel", "show me the steps"):
        assert is_meant_for(state, message), message
    for message in ("what is the coexistence score?", "Which files do I have?"):
        assert is_question(message), message
        assert not is_meant_for(state, message), message


WORDS = st.sampled_from(
    [
        *STEPS,
        "done",
        "back",
        "undo",
        "yes",
        "no",
        "save",
        "skip",
        "delete step 1",
        "swap 1 and 2",
        "start over",
        "?",
        "hm",
        "1",
        "\n",
    ]
)


@given(st.lists(WORDS, max_size=14))
@settings(max_examples=60, deadline=None)
def test_any_conversation_leaves_a_sound_state(messages: list[str]) -> None:
    state, said = told(*messages)
    assert said.text or not messages
    assert state == WizardState.from_json(state.to_json())
    assert [step.no for step in state.sop.steps] == [str(n) for n in range(1, len(state.sop.steps) + 1)]


def test_what_is_said_to_be_at_the_same_time_becomes_branches() -> None:
    state, said = told("Meanwhile, the clerk prints the contract", state=written())
    assert [(step.no, step.action) for step in state.sop.steps[3:]] == [
        ("4", "At the same time"),
        ("4.1", "Open the account"),
        ("4.2", "Print the contract"),
    ]
    assert "What is step 5?" in said.text
    state, _ = told("While the clerk calls the customer, the team lead signs the contract", state=state)
    assert [step.no for step in state.sop.steps[-3:]] == ["5", "5.1", "5.2"]
    assert told("undo", "undo", state=state)[0].sop == written().sop


def test_steps_are_put_side_by_side_and_one_after_the_other_again() -> None:
    before = written()
    state, said = told("steps 1 and 2 are done at the same time", state=before)
    assert [step.no for step in state.sop.steps] == ["1", "1.1", "1.2", "2", "3"]
    assert "same time" in said.text
    again, _ = told("step 1 is done one after the other", state=state)
    assert again.sop == before.sop
    refused, said = told("steps 1 and 4 are done at the same time", state=state)
    assert refused.sop == state.sop
    assert "do not stand next to each other" in said.text


def test_what_belongs_to_a_step_goes_with_it() -> None:
    state, _ = told("steps 1 and 2 are done at the same time", state=written())
    moved, _ = told("move step 1 after step 2", state=state)
    assert [step.no for step in moved.sop.steps] == ["1", "2", "2.1", "2.2", "3"]
    swapped, _ = told("swap 1 and 3", state=state)
    assert [step.action for step in swapped.sop.steps][0] == "Open the account"
    assert [step.no for step in swapped.sop.steps] == ["1", "2", "3", "3.1", "3.2"]
    deleted, said = told("delete step 1", state=state)
    assert [step.no for step in deleted.sop.steps] == ["1", "2"]
    assert "Receive the application" in said.text
    inside, _ = told("insert after 1.1: the clerk files the form", state=state)
    assert [step.action for step in inside.sop.steps][1:4] == [
        "Receive the application",
        "File the form",
        "Check the form in the CRM",
    ]
    alone, _ = told("delete step 1.1", state=state)
    assert [step.no for step in alone.sop.steps] == ["1", "2", "3"]
    given_away, _ = told("step 1 is done by finance", state=state)
    assert [step.role for step in given_away.sop.steps][:3] == [None, "Finance", "Finance"]
