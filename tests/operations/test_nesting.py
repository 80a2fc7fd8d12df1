"""Sub-steps and things that are done at the same time: read, drawn, run by an engine, and read back from the diagram."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bpmn_io import check
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from symphainy.enabling_services.operations.bpmn_reading import read_bpmn
from symphainy.enabling_services.operations.bpmn_writing import write_bpmn
from symphainy.enabling_services.operations.coexistence import GapKind, compare
from symphainy.enabling_services.operations.documents import sop_report
from symphainy.enabling_services.operations.future import future
from symphainy.enabling_services.operations.nesting import AT_ONCE, Part, flat, in_order, nested, tidied
from symphainy.enabling_services.operations.process import NodeKind, Process
from symphainy.enabling_services.operations.sop import Parts, Sop, Step
from symphainy.enabling_services.operations.to_process import to_process
from symphainy.enabling_services.operations.to_sop import to_sop
from symphainy.enabling_services.operations.waiting import wait_in
from symphainy.enabling_services.reports.markdown import to_markdown
from tests.operations.engine import Run, findings_of_the_linter, run_to_the_end
from tests.operations.everyday import EVERYDAY
from tests.operations.geometry import overlaps
from tests.operations.procedures import read

Shown = tuple[str, str, str | None, str | None, str | None]


def shown(sop: Sop) -> list[Shown]:
    """The steps as a diagram can show them: what follows a step stands beside it, every loop is a way back, and a timer takes
    the lane of what is before it."""
    steps = flat(_beside(nested(sop.steps)))
    return [
        (
            f"{step.no} {step.parts or ''}",
            step.action.replace("Return to", "Go back to"),
            None if wait_in(step.action) else step.role,
            step.condition,
            step.otherwise,
        )
        for step in steps
    ]


def _beside(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    return tuple(replace(part, inner=_beside(part.inner)) for part in in_order(parts))


def through_bpmn(sop: Sop) -> Sop:
    return to_sop(read_bpmn(write_bpmn(to_process(sop)), "x"))


def answers(process: Process, **by_word: str) -> dict[str, str]:
    """An answer for every question: of those whose text has the word, the one given, else No."""
    return {
        f"decision_{node.node_id}": next((answer for word, answer in by_word.items() if word in node.name), "No")
        for node in process.nodes
        if node.kind is NodeKind.EXCLUSIVE and node.name
    }


# A step that sends past others is drawn as the two branches that it makes.
@pytest.mark.parametrize("name", [name for name in EVERYDAY if name not in ("returns", "close")])
def test_everyday_procedures_come_back_from_their_diagram(name: str) -> None:
    sop = read(EVERYDAY[name])
    assert shown(through_bpmn(sop)) == shown(sop)


@pytest.mark.parametrize("name", EVERYDAY)
def test_a_second_round_changes_nothing(name: str) -> None:
    once = through_bpmn(read(EVERYDAY[name]))
    assert through_bpmn(once).steps == once.steps
    work = sorted(step.action for step in read(EVERYDAY[name]).steps if step.is_work)
    assert sorted(step.action for step in once.steps if step.is_work) == work


@pytest.mark.parametrize("name", EVERYDAY)
def test_their_diagrams_are_valid_and_nothing_lies_on_anything(name: str) -> None:
    process = to_process(read(EVERYDAY[name]))
    xml = write_bpmn(process)
    assert check(xml).ok
    assert findings_of_the_linter(xml) == {}
    assert overlaps(process) == []


def test_all_branches_run_and_the_join_waits_for_the_last() -> None:
    process = to_process(read(EVERYDAY["discharge"]))
    beside = {"Prepare the medication plan in the EHR", "Sign it", "Book the transport"}
    for last in beside:
        run = Run(write_bpmn(process), answers(process))
        run.go_on(without=frozenset({last}))
        assert beside - set(run.names) == {last}
        assert "Explain the medication plan to the patient" not in run.names
        run.go_on()
        assert run.completed
        assert run.names.index(last) < run.names.index("Explain the medication plan to the patient")


def test_parts_run_in_their_order_and_in_their_lanes() -> None:
    process = to_process(read(EVERYDAY["onboarding"]))
    ran = run_to_the_end(write_bpmn(process), answers(process, Problems="Yes"))
    laptop = [name for name, lane in ran if lane == "IT team"]
    assert laptop == ["Order the laptop", "Create the accounts in Jira", "Install the software"]
    assert ("Prepare the badge", "Facility manager") in ran
    assert ran[-2] == ("Inform HR", "Line manager")


def test_a_wait_is_a_timer_that_holds_the_process() -> None:
    process = to_process(read(EVERYDAY["loan"]))
    xml = write_bpmn(process)
    assert ">P14D<" in xml
    given = answers(process, complete="Yes", above="Yes", signed="Yes")
    run = Run(xml, given, at_once=False)
    run.go_on()
    assert run.names[-1] == "Send the contract to the applicant"
    assert run_to_the_end(xml, given)[-2][0] == "Pay the loan out in the core banking system"


@pytest.mark.parametrize(
    ("high", "middle", "done"),
    [
        ("Yes", "No", "Approve the loan"),
        ("No", "Yes", "Review the application"),
        ("No", "No", "Reject the application"),
    ],
)
def test_if_else_if_else_takes_exactly_one_way(high: str, middle: str, done: str) -> None:
    process = to_process(read(EVERYDAY["loan"]))
    given = answers(process, complete="Yes", **{"above 700": high, "above 600": middle}, signed="Yes")
    ran = {name for name, _ in run_to_the_end(write_bpmn(process), given)}
    ways = {"Approve the loan", "Review the application", "Reject the application"}
    assert ran & ways == {done}


def test_a_step_may_send_past_others_which_end_the_process() -> None:
    process = to_process(read(EVERYDAY["returns"]))
    whole = [name for name, _ in run_to_the_end(write_bpmn(process), answers(process))]
    assert "Update the stock in the WMS" in whole
    assert "Inform the customer" not in whole
    damaged = [name for name, _ in run_to_the_end(write_bpmn(process), answers(process, damaged="Yes"))]
    assert "Put the item back on the shelf" not in damaged
    assert damaged[-2] == "Inform the customer"


def test_an_end_beside_others_ends_all_of_them() -> None:
    sop = read(
        "1. At the same time:\n   a) The clerk calls the bank. If the bank refuses, the process ends.\n"
        "   b) The manager waits in the office.\n2. The clerk pays."
    )
    process = to_process(sop)
    run = Run(write_bpmn(process), answers(process, refuses="Yes"))
    run.go_on(without=frozenset({"Wait in the office"}))
    assert run.completed
    assert "Pay" not in run.names
    assert shown(through_bpmn(sop)) == shown(sop)


PARALLEL = [
    "1. The clerk packs the goods while the driver loads the van.",
    "1. While the clerk packs the goods, the driver loads the van.",
    "1. The clerk packs the goods.\n2. Meanwhile, the driver loads the van.",
    "1. The clerk packs the goods. At the same time, the driver loads the van.",
    "1. The clerk packs the goods, and in parallel the driver loads the van.",
    "1. The clerk packs the goods.\n2. The driver loads the van at the same time as step 1.",
    "1. The clerk packs the goods.\n2. In parallel with step 1, the driver loads the van.",
    "1. The clerk packs the goods.\n2. The driver loads the van.\n\nSteps 1 and 2 are done in parallel.",
    "In parallel:\n- The clerk packs the goods.\n- The driver loads the van.",
    "1. At the same time:\n   a) The clerk packs the goods\n   b) The driver loads the van",
    "1. The following steps are done simultaneously:\n1.1 The clerk packs the goods\n1.2 The driver loads the van",
    "Step 1: In any order:\n  i. The clerk packs the goods\n  ii. The driver loads the van",
]


@pytest.mark.parametrize("text", PARALLEL)
def test_ways_to_say_that_things_are_done_at_the_same_time(text: str) -> None:
    sop = read(f"# Shipping\n## Procedure\n{text}\n")
    assert shown(sop) == [
        ("1 parallel", AT_ONCE, None, None, None),
        ("1.1 ", "Pack the goods", "Clerk", None, None),
        ("1.2 ", "Load the van", "Driver", None, None),
    ]
    assert not any("same time" in warning for warning in sop.warnings)


def test_what_is_not_understood_is_named_with_its_line() -> None:
    sop = read(
        "# X\n\n1. The clerk packs the goods.\n\n2. Everybody works simultaneously.\n3. It is the year of the goat. Nice.\n"
    )
    assert any(w.startswith("Line 5: “Everybody works simultaneously.”") for w in sop.warnings)
    assert any("not read as a step (line 6)" in w for w in sop.warnings)
    assert "Everybody works simultaneously" in [step.action for step in sop.steps]


def test_a_list_of_things_stays_in_the_step_that_names_them() -> None:
    sop = read("1. The clerk notes the following:\n   - full address\n   - date of birth\n2. The clerk signs.")
    assert [step.action for step in sop.steps] == ["Note the following: full address, date of birth", "Sign"]


AGREE = "the figures agree is “No”"
LOOPS = [
    ("1. The clerk counts.\n2. It is sorted.\n3. Repeat steps 1 to 2 until the figures agree.", "Go back to step 1", AGREE),
    ("1. The clerk counts.\n2. Repeat until the figures agree.", "Go back to step 1", AGREE),
    ("1. The clerk counts.\n2. If they differ, return to step 1 and try again.", "Return to step 1 and try again", "they differ"),
    ("1. The clerk counts.\n2. Unless the figures agree, go back to step 1.", "Go back to step 1", AGREE),
]  # fmt: skip


@pytest.mark.parametrize(("text", "action", "condition"), LOOPS)
def test_loops(text: str, action: str, condition: str) -> None:
    sop = read(text)
    assert (sop.steps[-1].action, sop.steps[-1].condition) == (action, condition)
    process = to_process(sop)
    assert process.warnings == ()
    run = Run(write_bpmn(process), answers(process, agree="No", differ="Yes"))
    run.go_on()
    assert run.names.count("Count") > 2


ACTIONS = ("Check", "Send", "Print", "Sign", "Pack", "Count", "Enter", "Close")


@st.composite
def procedures(draw: st.DrawFn) -> Sop:
    """Any nesting of steps, named groups and branches, with conditions anywhere."""
    count = 0

    def part(depth: int) -> Part:
        nonlocal count
        count += 1
        no = f"n{count}"
        kinds = ("work",) * 4 + (("ordered", "parallel") if depth < 3 else ())
        kind = draw(st.sampled_from(kinds))
        condition = draw(st.sampled_from((None, None, f"case {count} holds", f"case {count} holds is “No”")))
        if kind == "work":
            action = f"{draw(st.sampled_from(ACTIONS))} item {count}"
            other = f"Skip item {count}" if condition and draw(st.booleans()) else None
            return Part(Step(no, action, draw(st.sampled_from(("Clerk", "Manager", "Driver"))), condition, other))
        inner = tuple(part(depth + 1) for _ in range(draw(st.integers(1 if kind == "ordered" else 2, 3))))
        if kind == "ordered":
            return Part(Step(no, f"Group {count}", None, condition, parts=Parts.ORDERED), inner)
        return Part(Step(no, AT_ONCE, None, condition, parts=Parts.PARALLEL), inner)

    parts = tuple(part(1) for _ in range(draw(st.integers(1, 5))))
    return Sop("Any", steps=tidied(flat(parts)))


@given(procedures())
@settings(max_examples=30, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
def test_any_nesting_is_drawn_clean_and_comes_back(sop: Sop) -> None:
    process = to_process(sop)
    assert overlaps(process) == []
    assert process.warnings == ()
    again = through_bpmn(sop)
    assert shown(again) == shown(sop)
    run_to_the_end(write_bpmn(process), answers(process))


def test_a_jump_into_one_of_several_branches_leads_to_where_all_of_them_begin() -> None:
    process = to_process(read(EVERYDAY["close"]))
    assert process.warnings == (
        "Step 5 leads to step 2.1; drawn is a flow to step 2, since all of it begins together.",
    )


SHOP = """1. The clerk opens the shop.
2. At the same time:
   a) The clerk counts the cash. The clerk notes the amount.
   b) The baker prepares the bread.
3. Set the counter up:
   a) The clerk cleans the counter.
   b) If the oven is hot, the baker moves the bread.
4. The clerk unlocks the door.
"""


def test_the_written_procedure_shows_the_nesting_and_reads_back() -> None:
    for sop in (read(SHOP), *(read(text) for text in EVERYDAY.values())):
        written = to_markdown(sop_report(sop, "2026-01-01T00:00:00Z"), ())
        assert read(written).steps == sop.steps
    table = to_markdown(sop_report(read(SHOP), "2026-01-01T00:00:00Z"), ())
    assert "| 2 | At the same time: |" in table
    assert "| 2\\.1.2 | \N{EN DASH} \N{EN DASH} Note the amount |" in table


def test_the_same_procedure_scores_100_whatever_the_order_of_its_branches() -> None:
    for name in EVERYDAY:
        sop = read(EVERYDAY[name])
        if name not in ("returns", "close"):
            assert compare(sop, through_bpmn(sop)).gaps == ()
    swapped = read(
        SHOP.replace(
            "a) The clerk counts the cash. The clerk notes the amount.\n   b) The baker prepares the bread.",
            "a) The baker prepares the bread.\n   b) The clerk counts the cash. The clerk notes the amount.",
        )
    )
    assert compare(read(SHOP), swapped).score == 100.0


def test_what_only_one_document_does_at_the_same_time_is_one_mismatch() -> None:
    one_after_the_other = read(SHOP.replace("At the same time", "In this order"))
    found = compare(
        read("1. The clerk counts the cash.\n2. Meanwhile, the baker prepares the bread."),
        read("1. The clerk counts the cash.\n2. The baker prepares the bread."),
    )
    assert [(gap.kind, gap.aspect) for gap in found.gaps] == [(GapKind.MISMATCH, "order")]
    assert "at the same time as “Count the cash” in the SOP" in found.gaps[0].statement
    assert {gap.aspect for gap in compare(read(SHOP), one_after_the_other).gaps} == {"order"}


def test_branches_take_over_from_the_step_before_and_hand_over_to_the_one_after() -> None:
    sop = read(
        "1. The manager approves it.\n2. The packer packs it while the driver loads it.\n3. The manager signs it."
    )
    _, assignments, handed = future(sop, sop)
    assert [(item.from_step, item.to_step) for item in handed] == [
        ("1", "2.1"),
        ("1", "2.2"),
        ("2.1", "3"),
        ("2.2", "3"),
    ]
    assert [item.rule for item in assignments][1] == "control flow"


def test_a_step_that_only_the_workflow_has_comes_into_its_branch() -> None:
    more = SHOP.replace("notes the amount.", "notes the amount. The clerk locks the safe.")
    merged_sop, _, _ = future(read(SHOP), read(more))
    assert [step.no for step in merged_sop.steps if step.action == "Lock the safe"] == ["2.1.3"]


def test_both_answers_may_lead_to_the_same_place() -> None:
    process = to_process(read("1. The clerk counts.\n2. If it rains, go to step 3.\n3. The clerk signs."))
    assert overlaps(process) == []
    assert run_to_the_end(write_bpmn(process), answers(process))[-2][0] == "Sign"


def test_what_has_only_one_part_or_only_ends_keeps_its_own_work() -> None:
    sop = read(
        "1. The clerk checks the form:\n   a) If it is empty, the process ends.\n"
        "2. The driver cleans the cars in parallel:\n   a) The driver counts them.\n3. The clerk signs."
    )
    assert [(step.no, step.action, step.parts) for step in sop.steps] == [
        ("1", "Check the form", None),
        ("1.1", "End the process", None),
        ("2", "Clean the cars", Parts.ORDERED),
        ("2.1", "Count them", None),
        ("3", "Sign", None),
    ]
    assert shown(through_bpmn(sop)) == shown(sop)


def test_what_no_way_leads_to_is_said() -> None:
    process = to_process(
        read("1. The clerk counts.\n2. The process ends.\n3. The clerk signs.\n4. If it rains, go to step 3.")
    )
    assert process.warnings == (
        "“Sign” is drawn, but no way leads there from the start.",
        "“It rains?” is drawn, but no way leads there from the start.",
    )
    unread = to_process(read("1. If it rains, the process ends and the clerk goes home."))
    assert unread.warnings == ()


def test_parts_have_the_role_of_their_step_and_none_of_another() -> None:
    sop = read(
        "1. The baker cuts the bread.\n2. Prepare the counter:\n   a) Clean it.\n   b) The clerk counts the cash.\n   c) Note the sum.\n"
        "3. The driver prepares the van:\n   a) Load it.\n   b) Lock it."
    )
    roles = {step.action: step.role for step in sop.steps if step.depth > 1}
    assert roles == {
        "Clean it": None,
        "Count the cash": "Clerk",
        "Note the sum": "Clerk",
        "Load it": "Driver",
        "Lock it": "Driver",
    }
