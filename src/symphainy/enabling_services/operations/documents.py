"""Procedures and blueprints as reports, to be written as Markdown and as Word documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from symphainy.enabling_services.json_values import JsonValue
from symphainy.enabling_services.operations.drawing import draw_svg
from symphainy.enabling_services.operations.process import Process
from symphainy.enabling_services.operations.side_by_side import announced
from symphainy.enabling_services.operations.sop import Parts, Sop, Step
from symphainy.enabling_services.reports import Facts, Heading, List, Paragraph, Picture, Report, Table

BY_LABELS: Final = {"human": "Human", "ai": "AI", "shared": "Human and AI"}
_Blocks = list[Heading | Paragraph | List | Facts | Table | Picture]


def sop_report(sop: Sop, created_at: str, process: Process | None = None) -> Report:
    """The procedure, with its diagram where there is one. Its table can be read back as the same steps."""
    blocks: _Blocks = []
    for heading, text in (("Purpose", sop.purpose), ("Scope", sop.scope)):
        if text:
            blocks += [Heading(heading), Paragraph(text)]
    if sop.roles:
        blocks += [Heading("Roles"), List(sop.roles)]
    blocks += [Heading("Procedure"), steps_table(sop.steps)]
    if process is not None:
        blocks += [Heading("Diagram"), diagram(process)]
    if sop.warnings:
        blocks += [Heading("Notes"), List(sop.warnings)]
    if sop.unread:
        blocks += [Heading("Not read as steps"), List(sop.unread)]
    return Report(sop.title, created_at, tuple(blocks))


def workflow_report(title: str, process: Process, steps: Sop, created_at: str) -> Report:
    """The diagram, and the same in words."""
    return Report(title, created_at, (diagram(process), Heading("Steps"), steps_table(steps.steps)))


def steps_table(steps: Sequence[Step]) -> Table:
    """What belongs to a step has a dash for each level in front; a step that holds parts ends with a colon, and says whether they are done
    at the same time."""
    rows = tuple(
        (step.no, _written(step), step.role or "", step.condition or "", step.otherwise or "", ", ".join(step.systems))
        for step in steps
    )
    return Table(("No", "Step", "Responsible", "If", "Otherwise", "Systems"), rows)


def _written(step: Step) -> str:
    text = "\N{EN DASH} " * (step.depth - 1) + step.action
    if step.parts is None:
        return text
    told = step.parts is Parts.PARALLEL and announced(step.action)[1] is not Parts.PARALLEL
    return f"{text} (at the same time):" if told else f"{text}:"


def diagram(process: Process) -> Picture:
    work = sum(node.kind.is_work for node in process.nodes)
    lanes = f" in the lanes {', '.join(process.lanes)}" if process.lanes else ""
    return Picture(f"Diagram of {process.title}: {work} activities{lanes}.", svg=draw_svg(process))


def blueprint_report(blueprint: Mapping[str, JsonValue], created_at: str) -> Report:
    """Score with its formula and inputs, gaps, assignments, hand-offs, and the future state with its diagram."""
    counts = blueprint["counts"]
    future, process = Sop.from_json(blueprint["future_sop"]), Process.from_json(blueprint["future_process"])
    blocks: _Blocks = [
        Heading("Score"),
        Paragraph(f"{blueprint['score']:g} of 100."),
        Paragraph(str(blueprint["formula"])),
        Facts(
            (
                ("Steps of the SOP", str(counts["sop_steps"])),
                ("Steps of the workflow", str(counts["workflow_steps"])),
                ("Aligned pairs", str(counts["aligned"])),
                ("Missing in the SOP", str(counts["missing_in_sop"])),
                ("Missing in the workflow", str(counts["missing_in_workflow"])),
                ("Mismatches", str(counts["mismatches"])),
            )
        ),
        Heading("Gaps"),
    ]
    gaps = tuple((item["severity"], item["statement"], item["recommendation"]) for item in blueprint["gaps"])
    blocks += (
        [Table(("Severity", "Gap", "What to do"), gaps), Paragraph(str(blueprint["severity_rule"]))]
        if gaps
        else [Paragraph("None: the SOP and the workflow describe the same steps.")]
    )
    who = tuple(
        (item["step"], item["action"], BY_LABELS[item["by"]], item["reason"]) for item in blueprint["assignments"]
    )
    blocks += [Heading("Who does what"), Table(("Step", "Action", "By", "Reason"), who), Heading("Hand-offs")]
    hand_offs = tuple(str(item["statement"]) for item in blueprint["handoffs"])
    blocks += [List(hand_offs) if hand_offs else Paragraph("None: the work never changes hands.")]
    aligned = tuple(
        (
            item["sop_step"],
            item["sop_action"],
            item["workflow_step"],
            item["workflow_action"],
            ", ".join(item["mismatches"]) or "none",
        )
        for item in blueprint["aligned"]
    )
    blocks += [
        Heading("Future procedure"),
        steps_table(future.steps),
        Heading("Future workflow"),
        diagram(process),
        Heading("Aligned steps"),
        Table(("SOP step", "In the SOP", "Workflow step", "In the workflow", "Mismatches"), aligned),
    ]
    return Report(str(blueprint["title"]), created_at, tuple(blocks))
