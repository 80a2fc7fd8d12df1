"""How well a procedure and a workflow describe the same work: aligned steps, gaps, a score with its formula."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from symphainy.enabling_services.errors import ServiceError
from symphainy.enabling_services.json_values import Json, decode, encode
from symphainy.enabling_services.operations.alignment import Pair, Unit, align, other_timing, out_of_order, units_of
from symphainy.enabling_services.operations.assignments import RULES
from symphainy.enabling_services.operations.sop import NO, Sop, Step, decision
from symphainy.enabling_services.operations.verbs import base_form, word_set
from symphainy.enabling_services.operations.waiting import wait_in
from symphainy.enabling_services.operations.wordforms import concepts_of, dice, numbers_in, same_name

MISMATCH_COST: Final = 0.25
FORMULA: Final = (
    "score = 100 * (aligned pairs - 0.25 * mismatches) / (aligned pairs + steps missing in the SOP + steps missing in the "
    "workflow). A mismatch is a difference in role, order, condition or system of an aligned pair; a pair never counts less "
    "than 0."
)
SEVERITY_RULE: Final = (
    "A missing step is high if it decides, checks or moves money, low if it only informs, files or leads to another step, else "
    "medium. Another condition is high; another role is high for a step that decides, checks or moves money, else medium; "
    "another order is medium; another system is low."
)
_SAME_CONDITION: Final = 0.6
_INFORMING: Final = word_set(
    """
    send notify inform email remind archive file record log print save store thank announce publish
    """
)
_CONTROL: Final = frozenset(
    word for rule in RULES if rule.name in ("decision", "check", "money") for word in rule.words
) - {"report", "test", "agree"}


class GapKind(StrEnum):
    MISSING_IN_SOP = "missing_in_sop"
    MISSING_IN_WORKFLOW = "missing_in_workflow"
    MISMATCH = "mismatch"


class Severity(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Gap:
    """`aspect` is `step`, `role`, `order`, `condition` or `system`. `sop_step` and `workflow_step` are the numbers concerned."""

    gap_id: str
    kind: GapKind
    aspect: str
    statement: str
    severity: Severity
    recommendation: str
    sop_step: str | None = None
    workflow_step: str | None = None


@dataclass(frozen=True, slots=True)
class Aligned:
    sop_step: str
    sop_action: str
    sop_role: str | None
    workflow_step: str
    workflow_action: str
    workflow_role: str | None
    likeness: float
    mismatches: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """Everything that goes into the score."""

    sop_steps: int
    workflow_steps: int
    aligned: int
    missing_in_sop: int
    missing_in_workflow: int
    mismatches: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """`score` is 0 to 100 with one decimal; it follows from `counts` by `FORMULA`."""

    score: float
    counts: Counts
    aligned: tuple[Aligned, ...]
    gaps: tuple[Gap, ...]

    def to_json(self) -> Json:
        return encode(self)

    @classmethod
    def from_json(cls, data: Json) -> Self:
        return decode(cls, data)


def compare(sop: Sop, workflow: Sop) -> Comparison:
    """`workflow` is the workflow read as a procedure. Raises ServiceError `nothing_to_compare` if one of them has no steps."""
    one, other = units_of(sop), units_of(workflow)
    if not one or not other:
        which = "SOP" if not one else "workflow"
        raise ServiceError(
            "nothing_to_compare", f"The {which} has no steps, so the two cannot be compared. Add steps to it first."
        )
    pairs = align(one, other)
    moved, timing = out_of_order(pairs, other), other_timing(pairs, one, other)
    gaps: list[Gap] = []
    aligned: list[Aligned] = []
    credit = 0.0
    for at, pair in enumerate(pairs):
        left, right = one[pair.one], other[pair.other]
        found = _mismatches(left, right, moved=at in moved or at in timing)
        than = one[pairs[timing[at]].one] if at in timing else None
        gaps += [_mismatch(aspect, left, right, len(gaps) + number, than) for number, aspect in enumerate(found, 1)]
        credit += max(0.0, 1 - MISMATCH_COST * len(found))
        aligned.append(
            Aligned(
                left.label, left.step.action, left.step.role, right.label, right.step.action, right.step.role,
                pair.likeness, tuple(found),
            )
        )  # fmt: skip
    lost = [unit for at, unit in enumerate(one) if at not in {pair.one for pair in pairs}]
    extra = [at for at in range(len(other)) if at not in {pair.other for pair in pairs}]
    gaps += [_missing_in_workflow(unit, one, other, pairs, len(gaps) + n) for n, unit in enumerate(lost, 1)]
    gaps += [_missing_in_sop(other[at], at, one, pairs, len(gaps) + n) for n, at in enumerate(extra, 1)]
    total = len(pairs) + len(lost) + len(extra)
    mismatches = sum(len(item.mismatches) for item in aligned)
    counts = Counts(len(one), len(other), len(pairs), len(extra), len(lost), mismatches)
    ranked = sorted(gaps, key=lambda gap: -list(Severity).index(gap.severity))
    return Comparison(round(100 * credit / total, 1), counts, tuple(aligned), tuple(ranked))


def _mismatches(one: Unit, other: Unit, *, moved: bool) -> list[str]:
    left, right = one.step, other.step
    """What differs. The condition of what is done otherwise is the opposite of its step's, which is compared there."""
    found: list[str] = []
    roles_differ = (left.role is None) != (right.role is None) or (
        left.role is not None and right.role is not None and not same_name(left.role, right.role)
    )
    timer = wait_in(left.action) is not None and (left.role is None or right.role is None)
    if roles_differ and not left.leaves and not timer:
        found.append("role")
    if moved:
        found.append("order")
    both_otherwise = left.no.endswith("b") and right.no.endswith("b")
    if not both_otherwise and not _same_condition(left.condition, right.condition):
        found.append("condition")
    if {name.casefold() for name in left.systems} != {name.casefold() for name in right.systems} and not _covered(
        left, right
    ):
        found.append("system")
    return found


def _covered(left: Step, right: Step) -> bool:
    """Whether each one's systems are at least named in the other one's words."""
    texts = left.action.casefold(), right.action.casefold()
    return all(name.casefold() in texts[1] for name in left.systems) and all(
        name.casefold() in texts[0] for name in right.systems
    )


def _same_condition(one: str | None, other: str | None) -> bool:
    if one is None or other is None:
        return one is other
    (question, answer), (again, opposite) = decision(one), decision(other)
    alike = dice(concepts_of(question), concepts_of(again)) >= _SAME_CONDITION
    return alike and numbers_in(question) == numbers_in(again) and answer.casefold() == opposite.casefold()


def is_control(step: Step) -> bool:
    """Whether a step decides, checks or moves money."""
    first = step.action.split()[0] if step.action else ""
    return (base_form(first) or first.lower()) in _CONTROL


def _severity(step: Step) -> Severity:
    first = step.action.split()[0] if step.action else ""
    if step.leaves or (base_form(first) or "") in _INFORMING:
        return Severity.LOW
    return Severity.HIGH if is_control(step) else Severity.MEDIUM


def _who(step: Step) -> str:
    return step.role or "no role"


def _if(condition: str | None) -> str:
    if condition is None:
        return "always"
    question, answer = decision(condition)
    return f"unless {question}" if answer == NO else f"if {condition}"


def _mismatch(aspect: str, one: Unit, other: Unit, number: int, than: Unit | None) -> Gap:
    """`than` is the step that only one of the two documents does at the same time."""
    left, right = one.step, other.step
    name = f"“{left.action}”"
    match aspect:
        case "role":
            severity = Severity.HIGH if is_control(left) else Severity.MEDIUM
            statement = f"{name} is done by {_who(left)} in the SOP and by {_who(right)} in the workflow."
            advice = f"Decide whether {_who(left)} or {_who(right)} does it, and change the other document."
        case "order" if than is not None:
            severity = Severity.MEDIUM
            both, single = ("SOP", "workflow") if one.beside(than) else ("workflow", "SOP")
            statement = f"{name} is done at the same time as “{than.step.action}” in the {both}, and not at the same time in the {single}."
            advice = f"Decide whether one waits for the other, and change the {single} or the {both}."
        case "order":
            severity = Severity.MEDIUM
            statement = f"{name} is step {one.label} of the SOP, but comes at another place in the workflow (step {other.label})."
            advice = (
                f"Decide where it belongs, and move step {one.label} of the SOP or step {other.label} of the workflow."
            )
        case "condition":
            severity = Severity.HIGH
            statement = f"{name} is done {_if(left.condition)} in the SOP and {_if(right.condition)} in the workflow."
            advice = f"Decide which condition holds for step {one.label}, and use the same words in both."
        case _:
            severity = Severity.LOW
            statement = (
                f"{name} is done in {', '.join(left.systems) or 'no named system'} in the SOP and in "
                f"{', '.join(right.systems) or 'no named system'} in the workflow."
            )
            advice = "Name the same system in both."
    return Gap(f"gap_{number}", GapKind.MISMATCH, aspect, statement, severity, advice, one.label, other.label)


def _missing_in_workflow(
    unit: Unit, one: Sequence[Unit], other: Sequence[Unit], pairs: Sequence[Pair], number: int
) -> Gap:
    place = one.index(unit)
    before = next((other[pair.other] for pair in reversed(pairs) if pair.one < place), None)
    where = f"after “{before.step.action}”" if before is not None else "at the beginning"
    lane = f" in the lane of {unit.step.role}" if unit.step.role else ""
    return Gap(
        f"gap_{number}",
        GapKind.MISSING_IN_WORKFLOW,
        "step",
        f"“{unit.step.action}” (step {unit.label} of the SOP) is not in the workflow.",
        _severity(unit.step),
        f"Draw it {where}{lane}, or take step {unit.label} out of the SOP if nobody does it.",
        sop_step=unit.label,
    )


def _missing_in_sop(unit: Unit, place: int, one: Sequence[Unit], pairs: Sequence[Pair], number: int) -> Gap:
    earlier = [pair for pair in pairs if pair.other < place]
    before = one[max(earlier, key=lambda pair: pair.other).one] if earlier else None
    where = f"after step {before.label} of the SOP" if before is not None else "as the first step of the SOP"
    by = f" by {unit.step.role}" if unit.step.role else ""
    return Gap(
        f"gap_{number}",
        GapKind.MISSING_IN_SOP,
        "step",
        f"“{unit.step.action}” (step {unit.label} of the workflow) is not in the SOP.",
        _severity(unit.step),
        f"Write it down{by} {where}, or take it out of the workflow if it is not wanted.",
        workflow_step=unit.label,
    )
