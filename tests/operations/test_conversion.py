"""Procedures become runnable, laid-out BPMN and come back with their steps, roles and conditions; foreign BPMN is read."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from bpmn_io import check

from symphainy.enabling_services.errors import ServiceError
from symphainy.enabling_services.operations.bpmn_reading import has_drawing, read_bpmn
from symphainy.enabling_services.operations.bpmn_writing import write_bpmn
from symphainy.enabling_services.operations.drawing import draw_svg
from symphainy.enabling_services.operations.layout import layout
from symphainy.enabling_services.operations.process import NodeKind
from symphainy.enabling_services.operations.sop import Parts, Sop
from symphainy.enabling_services.operations.to_process import to_process
from symphainy.enabling_services.operations.to_sop import to_sop
from tests.operations.engine import findings_of_the_linter, run_to_the_end
from tests.operations.procedures import read, refund

FOREIGN = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn2:definitions xmlns:bpmn2="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
 id="D" targetNamespace="x">
 <bpmn2:collaboration id="C"><bpmn2:participant id="P1" name="Shop" processRef="Pr"/><bpmn2:participant id="P2" name="Customer"/>
 </bpmn2:collaboration>
 <bpmn2:process id="Pr" isExecutable="false">
  <bpmn2:laneSet id="L">
   <bpmn2:lane id="l1" name="Sales"><bpmn2:flowNodeRef>a</bpmn2:flowNodeRef><bpmn2:flowNodeRef>g</bpmn2:flowNodeRef></bpmn2:lane>
   <bpmn2:lane id="l2" name="Warehouse"><bpmn2:flowNodeRef>b</bpmn2:flowNodeRef><bpmn2:flowNodeRef>sp</bpmn2:flowNodeRef></bpmn2:lane>
  </bpmn2:laneSet>
  <bpmn2:startEvent id="s" name="Order in"/><bpmn2:userTask id="a" name="Check order" camunda:assignee="x"/>
  <bpmn2:exclusiveGateway id="g" name="Complete?"/><bpmn2:serviceTask id="b" name="Reserve goods in SAP"/>
  <bpmn2:subProcess id="sp" name="Ship order"><bpmn2:startEvent id="s2"/><bpmn2:task id="c" name="Pack goods"/>
   <bpmn2:task id="d" name="Print label"/><bpmn2:endEvent id="e2"/><bpmn2:sequenceFlow id="x1" sourceRef="s2" targetRef="c"/>
   <bpmn2:sequenceFlow id="x2" sourceRef="c" targetRef="d"/><bpmn2:sequenceFlow id="x3" sourceRef="d" targetRef="e2"/></bpmn2:subProcess>
  <bpmn2:parallelGateway id="pg"/><bpmn2:task id="h" name="Send invoice"/><bpmn2:task id="i" name="Send parcel"/>
  <bpmn2:parallelGateway id="pj"/><bpmn2:endEvent id="e" name="Order shipped"/>
  <bpmn2:sequenceFlow id="f1" sourceRef="s" targetRef="a"/><bpmn2:sequenceFlow id="f2" sourceRef="a" targetRef="g"/>
  <bpmn2:sequenceFlow id="f3" name="yes" sourceRef="g" targetRef="b"/><bpmn2:sequenceFlow id="f4" name="no" sourceRef="g" targetRef="a"/>
  <bpmn2:sequenceFlow id="f5" sourceRef="b" targetRef="sp"/><bpmn2:sequenceFlow id="f6" sourceRef="sp" targetRef="pg"/>
  <bpmn2:sequenceFlow id="f7" sourceRef="pg" targetRef="h"/><bpmn2:sequenceFlow id="f8" sourceRef="pg" targetRef="i"/>
  <bpmn2:sequenceFlow id="f9" sourceRef="h" targetRef="pj"/><bpmn2:sequenceFlow id="f10" sourceRef="i" targetRef="pj"/>
  <bpmn2:sequenceFlow id="f11" sourceRef="pj" targetRef="e"/>
 </bpmn2:process></bpmn2:definitions>"""


def facts(sop: Sop) -> list[tuple[object, ...]]:
    """What a round trip keeps: everything but the numbering of parts."""
    return [
        (step.action.split(" step ")[0], step.role, step.condition, step.otherwise, step.systems) for step in sop.steps
    ]


def test_a_round_trip_keeps_steps_roles_conditions_and_systems() -> None:
    sop = refund()
    again = to_sop(read_bpmn(write_bpmn(to_process(sop)), "x"))
    assert facts(again) == facts(sop)
    assert again.roles == sop.roles
    assert again.steps[-1].action == "Go back to step 7"


def test_roles_are_lanes_conditions_gateways_and_systems_service_tasks() -> None:
    process = to_process(refund())
    assert process.lanes == ("Service agent", "Team lead", "Accountant")
    gateways = [node.name for node in process.nodes if node.kind is NodeKind.EXCLUSIVE and node.name]
    assert gateways == [
        "The receipt is attached?", "The amount exceeds 500 EUR?", "The refund is rejected?", "The payment fails?",
    ]  # fmt: skip
    answers = {flow.name for flow in process.flows if flow.name}
    assert answers == {"Yes", "No"}
    services = {node.name: node.lane for node in process.nodes if node.kind is NodeKind.SERVICE}
    assert services == {
        "Receive the refund request in the CRM system": "Service agent",
        "Pay the refund in SAP": "Accountant",
    }


def test_the_diagram_is_checked_linted_and_drawn_without_overlap() -> None:
    process = to_process(refund())
    xml = write_bpmn(process)
    assert check(xml).ok
    assert findings_of_the_linter(xml) == {}
    placed = layout(process)
    boxes = list(placed.nodes.values())
    assert all(
        one.x + one.width <= other.x
        or other.x + other.width <= one.x
        or one.y + one.height <= other.y
        or other.y + other.height <= one.y
        for one, other in combinations(boxes, 2)
    )
    for node in process.nodes:
        lane, box = placed.lanes[node.lane or ""], placed.nodes[node.node_id]
        assert lane.y <= box.y
        assert box.y + box.height <= lane.y + lane.height
    assert all(f"{lane}</text>" in draw_svg(process) for lane in process.lanes)


@pytest.mark.parametrize(
    ("answers", "done"),
    [
        (("Yes", "Yes", "No", "No"), ["Approve the refund", "Pay the refund in SAP"]),
        (("No", "No", "No", "No"), ["Ask the customer for the receipt", "Approve it", "Pay the refund in SAP"]),
        (("Yes", "Yes", "Yes", "No"), ["Approve the refund", "Inform the customer"]),
    ],
)
def test_the_process_runs_to_its_end_the_way_the_answers_say(answers: tuple[str, ...], done: list[str]) -> None:
    process = to_process(refund())
    named = [node.node_id for node in process.nodes if node.kind is NodeKind.EXCLUSIVE and node.name]
    ran = run_to_the_end(
        write_bpmn(process), {f"decision_{one}": answer for one, answer in zip(named, answers, strict=True)}
    )
    assert [name for name, _ in ran if name in done] == done
    lanes = {node.name: node.lane for node in process.nodes}
    assert all(lane == lanes[name] for name, lane in ran if name in done)


def test_a_camunda_file_with_pools_a_loop_a_sub_process_and_parallel_work() -> None:
    process = read_bpmn(FOREIGN, "x")
    sop = to_sop(process)
    assert sop.title == "Shop"
    assert [(step.no, step.role, step.action, step.condition) for step in sop.steps] == [
        ("1", "Sales", "Check order", None),
        ("2", None, "Go back to step 1", "complete is “No”"),
        ("3", "Warehouse", "Reserve goods in SAP", None),
        ("4", None, "Ship order", None),
        ("4.1", "Warehouse", "Pack goods", None),
        ("4.2", "Warehouse", "Print label", None),
        ("5", None, "At the same time", None),
        ("5.1", None, "Send invoice", None),
        ("5.2", None, "Send parcel", None),
    ]
    assert [step.parts for step in sop.steps if step.parts] == [Parts.ORDERED, Parts.PARALLEL]
    assert not has_drawing(FOREIGN)
    assert has_drawing(write_bpmn(process))


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "hello",
        "<a/>",
        "<bpmn>...</bpmn>",
        FOREIGN[:900],
        "<a>" * 50_000,
        '<!DOCTYPE l [<!ENTITY x "y">]><a>&x;</a>',
    ],
)
def test_what_is_no_bpmn_is_refused_with_a_reason(broken: str) -> None:
    with pytest.raises(ServiceError) as caught:
        read_bpmn(broken, "x")
    assert caught.value.service_code == "not_a_bpmn"
    assert "Nothing was read" in caught.value.message


def test_flows_that_lead_nowhere_are_said_and_left_out() -> None:
    sop = read_bpmn(FOREIGN.replace('targetRef="h"', 'targetRef="gone"'), "x")
    assert any("no start or no end" in warning or "lead nowhere" in warning for warning in sop.warnings)


def test_steps_that_no_start_reaches_are_said() -> None:
    alone = FOREIGN.replace(
        '<bpmn2:startEvent id="s" name="Order in"/>', '<bpmn2:startEvent id="s"/><bpmn2:task id="z" name="Alone"/>'
    )
    sop = to_sop(read_bpmn(alone, "x"))
    assert "Alone" in [step.action for step in sop.steps]


def test_a_procedure_without_roles_has_no_lanes_and_none_is_invented() -> None:
    process = to_process(read("1. Open the file\n2. If it is empty, delete the file\n3. Close the file\n"))
    assert process.lanes == ()
    assert all(step.role is None for step in to_sop(process).steps)


def test_the_sample_files_read_and_match_each_other() -> None:
    samples = Path(__file__).parents[2] / "src/symphainy/samples"
    xml = (samples / "refund_process.bpmn").read_text()
    assert check(xml).ok
    assert len(to_sop(read_bpmn(xml, "x")).steps) == 10
    assert len(read((samples / "refund_sop.md").read_text()).steps) == 10
