"""Who does a step in the future: a human, AI, or both. The rule and the words that triggered it are the reason.

The step's first verb decides; where it decides nothing, any other word of the step does, in the order human, shared, AI. Work
that no rule knows stays with people.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from symphainy.enabling_services.operations.sop import Step
from symphainy.enabling_services.operations.verbs import base_form


class By(StrEnum):
    HUMAN = "human"
    AI = "ai"
    SHARED = "shared"


@dataclass(frozen=True, slots=True)
class Rule:
    by: By
    name: str
    words: frozenset[str]
    because: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """`words` are the words of the step that triggered the rule; empty where none did."""

    step: str
    action: str
    role: str | None
    by: By
    rule: str
    words: tuple[str, ...]
    reason: str


def _rule(by: By, name: str, words: str, because: str) -> Rule:
    return Rule(by, name, frozenset(words.split()), because)


RULES: Final = (
    _rule(
        By.HUMAN,
        "decision",
        "approve authorise authorize decide sign grant reject decline accept appoint choose negotiate agree settle",
        "somebody has to answer for this decision",
    ),
    _rule(
        By.HUMAN,
        "personal contact",
        "call phone meet visit interview welcome greet coach negotiate consult discuss escalate guide train talk thank introduce",
        "it lives from personal contact or judgement",
    ),
    _rule(
        By.HUMAN,
        "physical work",
        "pack ship repair install inspect weigh pick stamp clean deliver assemble hand park lock count unload load",
        "it is work with things, not with data",
    ),
    _rule(
        By.SHARED,
        "check",
        "check verify review assess evaluate examine validate audit compare reconcile investigate analyse analyze test determine "
        "identify clarify",
        "AI can prepare the check and point out what is odd, a person confirms it",
    ),
    _rule(
        By.SHARED,
        "text",
        "write draft prepare answer reply respond summarise summarize describe explain design plan recommend report",
        "AI can draft it, a person corrects and releases it",
    ),
    _rule(
        By.SHARED,
        "money",
        "pay refund reimburse transfer credit debit remit",
        "it moves money: prepared automatically, released by a person",
    ),
    _rule(
        By.AI,
        "data entry",
        "enter record register log input copy capture scan update save store book type extract convert complete fill",
        "it moves data that is there already",
    ),
    _rule(
        By.AI,
        "message",
        "send notify inform email remind confirm acknowledge forward publish request ask announce invite warn",
        "the message follows from data that is there already",
    ),
    _rule(
        By.AI,
        "routine",
        "create open close assign route sort classify categorise categorize prioritise prioritize calculate compute match file "
        "archive schedule search find look print label generate receive collect gather download upload import export monitor "
        "track activate deactivate cancel order trigger",
        "it follows fixed rules on data",
    ),
)
UNKNOWN: Final = "no rule"
CONTROL: Final = "control flow"
_WORD: Final = re.compile(r"[^\W\d_]+")


def assign(step: Step) -> Assignment:
    """The same step always gets the same assignment."""
    if step.leaves or step.parts is not None:
        reason = (
            "It only says where the process goes on, so nobody works on it."
            if step.parts is None
            else "It is done by doing its parts, each of which has its own answer."
        )
        return Assignment(step.no, step.action, step.role, By.AI, CONTROL, (), reason)
    words = _WORD.findall(step.action)
    verbs = {word: base for word in words if (base := base_form(word)) is not None}
    first = words[0] if words else ""
    rule, triggers = _matching({first: verbs[first]}) if first in verbs else (None, ())
    if rule is None:
        rule, triggers = _matching(verbs)
    if rule is None and step.systems:
        reason = f"It is done in {', '.join(step.systems)}, but no word says that a machine can do it alone; a person stays with it."
        return Assignment(step.no, step.action, step.role, By.SHARED, "work in a system", step.systems, reason)
    if rule is None:
        reason = "No word of the step says that a machine can do it, so it stays with people."
        return Assignment(step.no, step.action, step.role, By.HUMAN, UNKNOWN, (), reason)
    quoted = ", ".join(f"“{word.lower()}”" for word in triggers)
    return Assignment(
        step.no,
        step.action,
        step.role,
        rule.by,
        rule.name,
        triggers,
        f"{rule.name.capitalize()} ({quoted}): {rule.because}.",
    )


def _matching(verbs: Mapping[str, str]) -> tuple[Rule | None, tuple[str, ...]]:
    for rule in RULES:
        triggers = tuple(word for word, base in verbs.items() if base in rule.words)
        if triggers:
            return rule, triggers
    return None, ()
