"""What the operations liaison says from the area's results. Every number stands in the artifact that the evidence names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from symphainy.agents.answers import Answer, ask
from symphainy.agents.wording import bullets, plain, plural
from symphainy.enabling_services.operations.sop import Sop, Step
from symphainy.enabling_services.operations.wizard_words import said_step
from symphainy.enabling_services.operations.wordforms import concepts_of
from symphainy.session import Action, AgentType, Artifact, JsonObject

SHOWN: Final = 8
BY_LABELS: Final = {"human": "people", "ai": "AI", "shared": "AI and people together"}
_STEP: Final = re.compile(r"(?i)\b(?:step|gap|number|no\.?)\s*#?\s*(\d+(?:\.\d+)?)")
_GAP: Final = re.compile(r"(?i)\bgap\s*#?\s*(\d+)")


@dataclass(frozen=True, slots=True)
class Result:
    """An artifact with its document."""

    artifact: Artifact
    document: JsonObject

    def evidence(self, **facts: object) -> JsonObject:
        return {
            "kind": "artifact",
            "artifact_id": self.artifact.artifact_id,
            "artifact_kind": self.artifact.kind,
            "name": self.artifact.name,
            "version": self.artifact.version,
            "facts": facts,
        }

    def open(self, label: str) -> Action:
        return Action(label, "open_artifact", {"artifact_id": self.artifact.artifact_id})


def score(result: Result) -> Answer:
    """The number that the page shows, with its formula and everything that goes into it."""
    document = result.document
    counts = document["counts"]
    text = (
        f"The coexistence score is **{document['score']:g}** of 100 (**{plain(result.artifact.name)}**).\n\n"
        f"{document['formula']}\n\n"
        + bullets(
            [
                f"steps of the SOP: {counts['sop_steps']}, of the workflow: {counts['workflow_steps']}",
                f"aligned pairs: {counts['aligned']}, mismatches in them: {counts['mismatches']}",
                f"missing in the SOP: {counts['missing_in_sop']}, in the workflow: {counts['missing_in_workflow']}",
            ]
        )
    )
    facts = result.evidence(score=document["score"], formula=document["formula"], counts=counts)
    return Answer(text, (result.open("Open the blueprint"), _ask("Show the gaps", "Which gaps are there?")), (facts,))


def gaps(result: Result, question: str) -> Answer:
    """All of them, gravest first; or the one that is asked about, with its recommendation."""
    found: list[JsonObject] = result.document["gaps"]
    opened = (result.open("Open the blueprint"), _ask("What is the score?", "What is the coexistence score?"))
    if not found:
        return Answer(
            "There are no gaps: the SOP and the workflow describe the same steps.", opened, (result.evidence(gaps=0),)
        )
    asked = _asked_gaps(found, question)
    if asked and len(asked) < len(found):
        lines = [
            f"**{gap['severity']}**: {plain(gap['statement'])} {plain(gap['recommendation'])}" for gap in asked[:3]
        ]
        return Answer(
            "\n\n".join(lines), opened, (result.evidence(gaps=asked[:3], rule=result.document["severity_rule"]),)
        )
    lines = [
        f"{number}. **{gap['severity']}**: {plain(gap['statement'])}" for number, gap in enumerate(found[:SHOWN], 1)
    ]
    more = f"\n\nAnd {len(found) - SHOWN} more on the page." if len(found) > SHOWN else ""
    text = (
        f"{plural(len(found), 'gap')} between the SOP and the workflow, the gravest first:\n\n"
        + "\n".join(lines)
        + more
    )
    evidence = result.evidence(gaps=found[:SHOWN], count=len(found), more=max(0, len(found) - SHOWN))
    return Answer(text + "\n\nAsk about one of them and I say what to do.", opened, (evidence,))


def _asked_gaps(found: Sequence[JsonObject], question: str) -> list[JsonObject]:
    numbered = _GAP.search(question)
    if numbered and 1 <= int(numbered.group(1)) <= len(found):
        return [found[int(numbered.group(1)) - 1]]
    step = _STEP.search(question)
    if step:
        wanted = step.group(1)
        return [gap for gap in found if wanted in (gap.get("sop_step"), gap.get("workflow_step"))]
    lowered = question.lower()
    for words, key, value in (
        (("serious", "grave", "worst", "high", "important"), "severity", "high"),
        (("missing in the sop", "missing in sop", "not in the sop", "forget to write"), "kind", "missing_in_sop"),
        (
            ("missing in the workflow", "missing from the diagram", "not in the workflow", "not in the diagram"),
            "kind",
            "missing_in_workflow",
        ),
        (("mismatch", "contradict"), "kind", "mismatch"),
    ):
        if any(word in lowered for word in words):
            return [gap for gap in found if gap[key] == value]
    return []


def assignments(result: Result, question: str) -> Answer:
    """Who does what in the future; or why one step is given to whom it is given."""
    found: list[JsonObject] = [item for item in result.document["assignments"] if item["rule"] != "control flow"]
    step = _STEP.search(question)
    chosen = [item for item in found if step and item["step"] == step.group(1)]
    opened = (result.open("Open the blueprint"), _ask("Where are the hand-offs?", "Where are the handoffs?"))
    if step and not chosen:
        return Answer(
            f"The future procedure has no step {step.group(1)} that somebody works on.",
            opened,
            (result.evidence(asked=step.group(1)),),
        )
    if chosen:
        item = chosen[0]
        text = f"Step {item['step']}, {plain(item['action'])}: **{BY_LABELS[item['by']]}**. {plain(item['reason'])}"
        return Answer(text, opened, (result.evidence(assignment=item),))
    if re.search(r"(?i)hand-?\s?offs?", question):
        return _hand_offs(result, opened)
    lines: list[str] = []
    counts: dict[str, int] = {}
    for by, label in BY_LABELS.items():
        those = [item for item in found if item["by"] == by]
        counts[by] = len(those)
        if those:
            named = "; ".join(f"{item['step']}. {plain(item['action'])}" for item in those[:SHOWN])
            lines.append(f"**{label}** ({len(those)}): {named}")
    text = f"Of {plural(len(found), 'step')} in the future process:\n\n{bullets(lines)}\n\nEvery step has its reason on the page."
    return Answer(text, opened, (result.evidence(assignments=found, counts=counts, steps=len(found)),))


def _hand_offs(result: Result, opened: tuple[Action, ...]) -> Answer:
    found: list[JsonObject] = result.document["handoffs"]
    if not found:
        return Answer("The work never changes hands in the future process.", opened, (result.evidence(handoffs=0),))
    lines = bullets([plain(item["statement"]) for item in found[:SHOWN]])
    text = f"The work changes hands {plural(len(found), 'time')} in the future process:\n\n{lines}"
    return Answer(text, opened, (result.evidence(handoffs=found, count=len(found)),))


def steps(result: Result, question: str) -> Answer:
    """The steps, or the ones that are asked about: by number, by role, by what is done."""
    sop = sop_of(result)
    chosen = _asked_steps(sop, question)
    opened = (result.open(f"Open the {'SOP' if result.artifact.kind == 'sop' else 'workflow'}"),)
    title = plain(sop.title)
    number = _STEP.search(question)
    if number and not chosen:
        text = f"**{title}** has no step {number.group(1)}. It has {plural(len(sop.steps), 'step')}."
        return Answer(text, opened, (result.evidence(asked=number.group(1), steps=len(sop.steps)),))
    if re.search(r"(?i)\b(?:which|what) (?:roles|people)\b|\broles\b", question) and sop.roles:
        text = f"**{title}** has {plural(len(sop.roles), 'role')}: {', '.join(plain(role) for role in sop.roles)}."
        return Answer(text, opened, (result.evidence(roles=list(sop.roles), count=len(sop.roles)),))
    if re.search(r"(?i)\bsystems?\b|\btools?\b", question):
        used = list(dict.fromkeys(name for step in sop.steps for name in step.systems))
        text = (
            f"**{title}** names {', '.join(plain(name) for name in used)}." if used else f"**{title}** names no system."
        )
        return Answer(text, opened, (result.evidence(systems=used),))
    shown = chosen or sop.steps
    lines = [f"{step.no}. {_escaped(step)}" for step in shown[: 3 * SHOWN]]
    heading = f"**{title}** has {plural(len(sop.steps), 'step')}:\n\n" if not chosen else ""
    more = f"\n\nAnd {len(shown) - 3 * SHOWN} more on the page." if len(shown) > 3 * SHOWN else ""
    facts = [
        {
            "no": step.no,
            "action": step.action,
            "role": step.role,
            "condition": step.condition,
            "otherwise": step.otherwise,
        }
        for step in shown
    ]
    evidence = result.evidence(steps=facts, count=len(sop.steps), more=max(0, len(shown) - 3 * SHOWN))
    return Answer(heading + bullets(lines) + more, opened, (evidence,))


def sop_of(result: Result) -> Sop:
    """An SOP, or a workflow's steps read as one."""
    return Sop.from_json(
        dict(result.document["steps"] if result.artifact.kind == "workflow_model" else result.document)
    )


def _asked_steps(sop: Sop, question: str) -> tuple[Step, ...]:
    number = _STEP.search(question)
    if number:
        return tuple(step for step in sop.steps if step.no == number.group(1))
    for role in sop.roles:
        if re.search(rf"(?i)\b{re.escape(role)}s?\b", question):
            return tuple(step for step in sop.steps if step.role == role)
    wanted = concepts_of(question) - concepts_of(
        f"{sop.title} step sop workflow procedure show list process what who happens which role do"
    )
    best = max((len(wanted & concepts_of(f"{step.action} {step.condition or ''}")) for step in sop.steps), default=0)
    if not best or len(wanted) > 4 * best:
        return ()
    after = re.search(r"(?i)\bafter\b", question)
    places = [
        at
        for at, step in enumerate(sop.steps)
        if len(wanted & concepts_of(f"{step.action} {step.condition or ''}")) == best
    ]
    if after:
        places = [at + 1 for at in places if at + 1 < len(sop.steps)]
    return tuple(sop.steps[at] for at in places)


def _escaped(step: Step) -> str:
    who, _, rest = said_step(step).partition("**: ")
    return f"{who}**: {plain(rest)}" if rest else plain(said_step(step))


def _ask(label: str, content: str) -> Action:
    return ask(label, AgentType.OPERATIONS, content)
