"""From sentences to steps: what each says, where it belongs, and what it does to the steps before it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Final

from symphainy.enabling_services.operations.drafting import Draft
from symphainy.enabling_services.operations.leaving import leaving, pieces_of, repeated
from symphainy.enabling_services.operations.names import RESPONSIBLE, Names
from symphainy.enabling_services.operations.nesting import AT_ONCE, IN_ORDER
from symphainy.enabling_services.operations.sentences import (
    as_role,
    read_sentence,
    split_condition,
    split_otherwise,
)
from symphainy.enabling_services.operations.side_by_side import branches_in, joined, speaks_of_it, statement
from symphainy.enabling_services.operations.sop import (
    NO,
    Parts,
    Step,
    branch_condition,
    jump_target,
    opposite,
    written_number,
)
from symphainy.enabling_services.operations.verbs import VERBS, imperative
from symphainy.enabling_services.operations.waiting import wait_in

SENTENCE: Final = re.compile(
    r"(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bapprox\.)(?<!\bno\.)(?<!\bNo\.)(?<!\bMr\.)(?<!\bMs\.)(?<=[.!?])\s+(?=[A-Z\"(])"
)
_SYSTEM: Final = re.compile(r"(?i)^(?:systems?|tools?|applications?|software)\s*[:=]\s*(?P<systems>[^.]+)\.?$")
_OTHERWISE: Final = re.compile(r"(?i)^(?:otherwise|else|if not|if no)\b\s*,?\s*(?P<rest>.+)$")
_IF_SO: Final = re.compile(r"(?i)^(?:if so|if yes|if this is the case|if that is the case)\b\s*,?\s*(?P<rest>.+)$")
_PRONOUN: Final = re.compile(r"^(?:He|She|They|It|he|she|they)(?:/(?:he|she|they))?\s+")
_QUESTION: Final = re.compile(r"(?i)\b(?:whether|if|that)\s+(?P<clause>.+)$")
_ELSE_IF: Final = re.compile(r"(?i)^(?:if|unless|in case)\b")


@dataclass(slots=True)
class StepWriter:
    """`heading_role` does all that names nobody else. `place` is where the sentence stands that is being read."""

    names: Names = field(default_factory=lambda: Names([], []))
    draft: Draft = field(default_factory=Draft)
    heading_role: str | None = None
    place: str = ""
    shift: int = 0
    """By how much numbers such as 4.1, 4.2 below a numbered heading are too deep."""
    unread: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """Sentences, and where they stand."""
    statements: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    """`Steps 3 and 4 run in parallel`: the first, the last and the sentence."""

    @property
    def steps(self) -> list[Step]:
        return self.draft.steps

    def add(self, text: str, level: int, number: str | None) -> None:
        """One item: its first sentence is the step, further ones that act follow it."""
        first, *others = (piece for sentence in SENTENCE.split(text) for piece in pieces_of(sentence))
        if not self.attach(first):
            self.append(first, level, number)
        for sentence in others:
            if self.attach(sentence):
                continue
            if self.acts(sentence) or (sentence.endswith(":") and speaks_of_it(sentence)):
                self.append(sentence, max(level, 1) + 1, None)
            else:
                self.leave_unread(sentence)

    def append(self, sentence: str, level: int, number: str | None) -> None:
        level = level if self.steps else 1
        together, beside, again = statement(sentence), joined(sentence), repeated(sentence)
        if together is not None:
            self.statements.append((*together, self._quoted(sentence)))
        elif again is not None:
            self._repeat(again, sentence, level, number)
        elif beside is not None and (depth := self.draft.join(level, beside)) is not None:
            self._one(beside.rest, depth, number)
        elif not self._branches(sentence, level, number):
            self._one(sentence, level, number)
            if speaks_of_it(sentence) or beside is not None:
                self.draft.doubts[self.steps[-1].no] = self._quoted(sentence)

    def _branches(self, sentence: str, level: int, number: str | None) -> bool:
        """Two things at the same time, or another condition after `otherwise`: a step that holds them."""
        roles = self.names.roles
        head, otherwise = split_otherwise(sentence.rstrip(" .;,"))
        condition, rest = split_condition(head, roles, has_otherwise=otherwise is not None)
        branches = branches_in(rest, roles)
        if branches:
            other = read_sentence(f"If so, go on; otherwise {otherwise}", roles).otherwise if otherwise else None
            no = self.draft.number(level, self._written(number))
            self.steps.append(Step(no, AT_ONCE, None, condition, other, parts=Parts.PARALLEL))
            for branch in branches:
                self._one(branch, level + 1, None)
            return True
        if otherwise and condition and _ELSE_IF.match(otherwise):
            self._one(head, level, number)
            self._else_if(condition, otherwise, level)
            return True
        return False

    def _else_if(self, condition: str, sentence: str, level: int) -> None:
        holder = Step(self.draft.number(level), IN_ORDER, None, opposite(condition), parts=Parts.ORDERED)
        self.steps.append(holder)
        self.append(sentence[:1].upper() + sentence[1:], level + 1, None)

    def _repeat(self, again: tuple[str | None, str], sentence: str, level: int, number: str | None) -> None:
        """`Repeat steps 2 to 4 until the balance matches`."""
        target, until = again
        before = next((step for step in reversed(self.steps) if step.is_work), None)
        if target is None and before is None:
            self._one(sentence, level, number)
            return
        back = target or (written_number(before.no) if before is not None else "")
        no = self.draft.number(level, self._written(number))
        self.steps.append(Step(no, f"Go back to step {back}", None, branch_condition(until, NO)))

    def _one(self, sentence: str, level: int, number: str | None) -> None:
        """A sentence that is one step, with what leads away from it as a second one."""
        before = next((step for step in reversed(self.steps) if step.is_work), None)
        pronoun = _PRONOUN.match(sentence)
        if pronoun and before is not None:
            sentence = sentence[pronoun.end() :]
        read = read_sentence(sentence, self.names.roles, self.names.systems)
        known = before.role if before is not None and (level > 1 or pronoun) else None
        at = self.draft.holder_at(level)
        known = None if wait_in(read.action) is not None else known
        holder = self.steps[at] if at is not None and level > 1 else None
        if holder is not None and holder.parts is not None and not pronoun:
            inside = holder.parts is Parts.ORDERED and before in self.steps[at:]
            known = holder.role or (known if inside else None)
        action, away = leaving(imperative(_lowered(read.action)) if pronoun else read.action, read.condition)
        no = self.draft.number(level, self._written(number))
        step = replace(read.step(no, self.heading_role or known), action=action)
        if step.leaves:
            # Who is named in `the process ends` does nothing.
            step = replace(step, role=None, systems=())
        elif read.role:
            self.names.add_role(read.role)
        self.steps.append(step)
        if away:
            self.steps.append(Step(self.draft.number(level + 1), away, None, read.condition))

    def acts(self, sentence: str) -> bool:
        beside = joined(sentence)
        if statement(sentence) is not None:
            return True
        sentence = beside.rest if beside is not None else sentence
        read = read_sentence(sentence, self.names.roles, self.names.systems)
        first = read.action.split()[0].lower() if read.action else ""
        return (
            read.role is not None
            or first in VERBS
            or jump_target(read.action) is not None
            or bool(_PRONOUN.match(sentence))
        )

    def attach(self, sentence: str) -> bool:
        """A sentence that completes the step before it: `Otherwise ...`, `If not, ...`, `Responsible: ...`."""
        if not self.steps:
            return False
        if self.complete(sentence):
            return True
        last = self.steps[-1]
        otherwise, so = _OTHERWISE.match(sentence), _IF_SO.match(sentence)
        if otherwise and last.condition and last.otherwise is None:
            if _ELSE_IF.match(otherwise.group("rest")):
                self._else_if(last.condition, otherwise.group("rest"), last.depth)
                return True
            read = read_sentence(otherwise.group("rest"), self.names.roles, self.names.systems)
            text = f"{read.role}: {read.action}" if read.role and read.role != last.role else read.action
            self.steps[-1] = replace(last, otherwise=text)
            return True
        asked = _QUESTION.search(last.action)
        if (otherwise or so) and asked and last.condition is None:
            found = otherwise or so
            assert found is not None
            read = read_sentence(found.group("rest"), self.names.roles, self.names.systems)
            condition = branch_condition(asked.group("clause"), NO) if otherwise else asked.group("clause")
            no = self.draft.number(last.depth + 1)
            self.steps.append(replace(read.step(no, last.role), condition=condition))
            return True
        return False

    def complete(self, text: str) -> bool:
        """A line that names who does the step before it, or in which systems."""
        if not self.steps:
            return False
        if responsible := RESPONSIBLE.match(text):
            self._set_role(responsible.group("role"))
        elif system := _SYSTEM.match(text):
            names = [part.strip() for part in re.split(r"[,;]|\band\b", system.group("systems")) if part.strip()]
            last = self.steps[-1]
            self.steps[-1] = replace(last, systems=tuple(dict.fromkeys((*last.systems, *names))))
        else:
            return False
        return True

    def _set_role(self, text: str) -> None:
        role = as_role(re.split(r"\s*[,;/]\s*|\s+and\s+", text.strip())[0], self.names.roles)
        self.names.add_role(role)
        self.steps[-1] = replace(self.steps[-1], role=role)

    def leave_unread(self, text: str) -> None:
        """Kept word for word, with its place."""
        self.unread.append((text, self.place))

    def _written(self, number: str | None) -> str | None:
        return number.split(".", self.shift)[-1] if number else None

    def _quoted(self, sentence: str) -> str:
        where = f"{self.place.capitalize()}: " if self.place else ""
        return f"{where}\N{LEFT DOUBLE QUOTATION MARK}{sentence.strip()}\N{RIGHT DOUBLE QUOTATION MARK}"


def _lowered(action: str) -> list[str]:
    return (action[:1].lower() + action[1:]).split()
