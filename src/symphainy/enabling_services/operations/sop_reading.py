"""From the blocks of a document to a procedure. Nothing is dropped silently: what no field takes up is listed as unread."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from symphainy.enabling_services.errors import ServiceError
from symphainy.enabling_services.operations.blocks import Block, BlockKind
from symphainy.enabling_services.operations.names import RESPONSIBLE, Names, names_in
from symphainy.enabling_services.operations.sections import Section, clean_title, labelled, section_of
from symphainy.enabling_services.operations.sentences import as_role, match_role, read_sentence
from symphainy.enabling_services.operations.sop import (
    NO,
    Sop,
    Step,
    branch_condition,
    ending_name,
    jump_target,
    renumbered,
    roles_of,
)
from symphainy.enabling_services.operations.step_tables import read_table
from symphainy.enabling_services.operations.verbs import VERBS, imperative

_SENTENCE: Final = re.compile(
    r"(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bapprox\.)(?<!\bno\.)(?<!\bNo\.)(?<!\bMr\.)(?<!\bMs\.)(?<=[.!?])\s+(?=[A-Z\"(])"
)
_SYSTEM: Final = re.compile(r"(?i)^(?:systems?|tools?|applications?|software)\s*[:=]\s*(?P<systems>[^.]+)\.?$")
_OTHERWISE: Final = re.compile(r"(?i)^(?:otherwise|else|if not|if no)\b\s*,?\s*(?P<rest>.+)$")
_IF_SO: Final = re.compile(r"(?i)^(?:if so|if yes|if this is the case|if that is the case)\b\s*,?\s*(?P<rest>.+)$")
_PRONOUN: Final = re.compile(r"^(?:He|She|They|It|he|she|they)(?:/(?:he|she|they))?\s+")
_QUESTION: Final = re.compile(r"(?i)\b(?:whether|if|that)\s+(?P<clause>.+)$")
_AND: Final = re.compile(r"(?i)[,;]?\s+and\s+(?:then\s+)?")


@dataclass(slots=True)
class _Reader:
    fallback_title: str
    title: str | None = None
    texts: dict[Section, list[str]] = field(default_factory=dict[Section, list[str]])
    names: Names = field(default_factory=lambda: Names([], []))
    steps: list[Step] = field(default_factory=list[Step])
    responsible: dict[str, str] = field(default_factory=dict[str, str])
    unread: list[str] = field(default_factory=list[str])
    warnings: list[str] = field(default_factory=list[str])
    section: Section | None = None
    heading_role: str | None = None
    heading_step: bool = False
    section_level: int = 0
    has_items: bool = False
    shift: int = 0
    """By how much numbers such as 4.1, 4.2 below a numbered heading are too deep."""

    def read(self, blocks: Sequence[Block], roles: Sequence[str] = ()) -> None:
        self._look_ahead(blocks, roles)
        for number, block in enumerate(blocks):
            following = blocks[number + 1] if number + 1 < len(blocks) else None
            match block.kind:
                case BlockKind.HEADING:
                    self._heading(block)
                case BlockKind.ITEM:
                    self._item(block)
                case BlockKind.PARAGRAPH:
                    self._paragraph(block, following)
                case BlockKind.TABLE:
                    self._table(block)

    def _look_ahead(self, blocks: Sequence[Block], roles: Sequence[str]) -> None:
        self.names = names_in(blocks, roles)
        depths = [
            block.level
            for block in blocks
            if block.kind is BlockKind.ITEM and block.number and not section_of(block.text)
        ]
        self.shift = min(depths, default=1) - 1
        self.has_items = any(block.kind is BlockKind.ITEM and block.numbered for block in blocks) or any(
            section_of(block.text) is Section.STEPS for block in blocks if block.kind is BlockKind.HEADING
        )

    def _heading(self, block: Block) -> None:
        self.heading_step = False
        label = labelled(block.text)
        section = section_of(block.text)
        if block.number is not None or re.match(r"(?i)^step\s+\d", block.text):
            text = re.sub(r"(?i)^step\s+[\d.]+\s*[:.)\u2013\u2014-]?\s*", "", block.text)
            self.section = Section.STEPS
            self._add_step(text, 1, block.number)
            self.heading_step = True
            return
        if label and label[0] is Section.TITLE:
            self.title = clean_title(label[1])
        elif self.title is None and section is None and block.level <= 2 and not self.steps:
            self.title = clean_title(block.text)
        elif section is not None:
            self.section, self.heading_role, self.section_level = section, None, block.level
        elif self.section is Section.STEPS and (
            role := match_role(re.sub(r"^[\d.)]+\s+", "", block.text), self.names.roles)
        ):
            self.heading_role = role
        elif self.section is Section.STEPS and block.level > self.section_level:
            self._add_step(re.sub(r"^\s*[\d.]+[.)]?\s+", "", block.text), 1, None)
            self.heading_step = True
        else:
            self.section, self.heading_role, self.section_level = Section.OTHER, None, block.level
            self.unread.append(block.text)

    def _item(self, block: Block) -> None:
        if self.section is not Section.STEPS and block.numbered and section_of(block.text):
            self.section = section_of(block.text)
            return
        label = labelled(block.text)
        if label and label[0] in (Section.PURPOSE, Section.SCOPE, Section.ROLES) and self.section is not Section.STEPS:
            self._labelled(*label)
        elif self.section is Section.PURPOSE or self.section is Section.SCOPE:
            self.texts.setdefault(self.section, []).append(block.text)
        elif self.section in (Section.ROLES, Section.SYSTEMS):
            return
        elif self.section is Section.OTHER:
            self.unread.append(block.text)
        else:
            count, parent = len(self.steps), self._parent()
            level = block.level - self.shift + (1 if self.heading_step else 0)
            self._add_step(block.text, level, block.number)
            if level > 1 and parent is not None and parent.condition and parent.otherwise is None:
                self._under(parent, count)

    def _parent(self) -> Step | None:
        """The step that parts belong to now."""
        return next((step for step in reversed(self.steps) if "." not in step.no), None)

    def _under(self, parent: Step, count: int) -> None:
        """Parts of a step with a condition have it too, and come before its end of the process."""
        parts = [step if step.condition else replace(step, condition=parent.condition) for step in self.steps[count:]]
        ends = count and ending_name(self.steps[count - 1].action) is not None
        at = count - 1 if ends else count
        self.steps[at:] = [*parts, *self.steps[at:count]]

    def _paragraph(self, block: Block, following: Block | None) -> None:
        text = block.text
        label = labelled(text)
        heading_like = text.endswith(":") or (len(text) < 60 and not text.endswith((".", ";", ",")))
        section = section_of(text) if heading_like else None
        if section is not None:
            self.section, self.heading_role, self.section_level, self.heading_step = section, None, 2, False
        elif label is not None:
            self._labelled(*label)
        elif self.section is Section.PURPOSE or self.section is Section.SCOPE:
            self.texts.setdefault(self.section, []).append(text)
        elif self.section is Section.ROLES:
            return
        elif self.steps and (responsible := RESPONSIBLE.match(text)):
            self._set_role(responsible.group("role"))
        elif self.steps and (system := _SYSTEM.match(text)):
            names = tuple(part.strip() for part in re.split(r"[,;]|\band\b", system.group("systems")) if part.strip())
            self.steps[-1] = replace(self.steps[-1], systems=tuple(dict.fromkeys((*self.steps[-1].systems, *names))))
        elif (
            self.title is None
            and self.section is None
            and heading_like
            and not self.steps
            and (self.has_items or not self._acts(text))
        ):
            self.title = clean_title(text)
        elif (
            self.section is Section.STEPS and heading_like and (role := match_role(text.rstrip(":"), self.names.roles))
        ):
            self.heading_role = role
        elif self.section is Section.OTHER or (self.section is None and self.has_items and not self.steps):
            self._introduction(text)
        else:
            self._sentences(text)

    def _introduction(self, text: str) -> None:
        """Text before the steps: `This procedure describes ...` is the purpose; the rest stays unread."""
        for sentence in _SENTENCE.split(text):
            if self.section is None and re.match(
                r"(?i)^(?:this|the) (?:procedure|sop|document|process|purpose)\b", sentence
            ):
                self.texts.setdefault(Section.PURPOSE, []).append(sentence)
            else:
                self.unread.append(sentence)

    def _labelled(self, section: Section, rest: str) -> None:
        if section is Section.TITLE:
            self.title = clean_title(rest)
        elif not rest:
            self.section = section
        elif section in (Section.PURPOSE, Section.SCOPE):
            self.texts.setdefault(section, []).append(rest)
        elif section is Section.STEPS:
            self.section = section
            self._sentences(rest)
        elif section is Section.OTHER:
            self.unread.append(rest)

    def _sentences(self, text: str) -> None:
        """Running text: each sentence that says what somebody does is a step; below a step it is a part of it."""
        below = self.heading_step or (self.has_items and bool(self.steps))
        for sentence in _SENTENCE.split(text):
            if self._attach(sentence):
                continue
            if self._acts(sentence):
                self._add_step(sentence, 2 if below else 1, None)
            elif (
                self.section is None
                and not self.steps
                and re.match(r"(?i)^this (?:procedure|sop|document|process)\b", sentence)
            ):
                self.texts.setdefault(Section.PURPOSE, []).append(sentence)
            else:
                self.unread.append(sentence)

    def _acts(self, sentence: str) -> bool:
        read = read_sentence(sentence, self.names.roles, self.names.systems)
        first = read.action.split()[0].lower() if read.action else ""
        return (
            read.role is not None
            or first in VERBS
            or jump_target(read.action) is not None
            or bool(_PRONOUN.match(sentence))
        )

    def _add_step(self, text: str, level: int, number: str | None) -> None:
        """One item: its first sentence is the step, further ones that act are its parts."""
        first, *others = _SENTENCE.split(text)
        if not self._attach(first):
            self._append(first, level, number)
        for sentence in others:
            if self._attach(sentence):
                continue
            if self._acts(sentence):
                self._append(sentence, max(level, 1) + 1, None)
            else:
                self.unread.append(sentence)

    def _append(self, sentence: str, level: int, number: str | None) -> None:
        before = next((step for step in reversed(self.steps) if not step.leaves), None)
        pronoun = _PRONOUN.match(sentence)
        if pronoun and before is not None:
            sentence = sentence[pronoun.end() :]
        read = read_sentence(sentence, self.names.roles, self.names.systems)
        if read.role:
            self.names.add_role(read.role)
        parent = before.role if before is not None and (level > 1 or pronoun) else None
        is_part = level > 1 and bool(self.steps)
        written = number.split(".", self.shift)[-1] if number else None
        no = (
            written
            if written and is_part == ("." in written)
            else f"x.{len(self.steps)}"
            if is_part
            else f"x{len(self.steps)}"
        )
        action, leaving = _leaving(imperative(_lowered(read.action)) if pronoun else read.action)
        step = replace(read.step(no, self.heading_role or parent), action=action)
        self.steps.append(step)
        if leaving:
            self.steps.append(Step(f"x.{len(self.steps)}", leaving, None, step.condition))

    def _attach(self, sentence: str) -> bool:
        """A sentence that completes the step before it: `Otherwise ...`, `If not, ...`, `Responsible: ...`."""
        if not self.steps:
            return False
        last = self.steps[-1]
        responsible, system = RESPONSIBLE.match(sentence), _SYSTEM.match(sentence)
        if responsible:
            self._set_role(responsible.group("role"))
            return True
        if system:
            names = tuple(part.strip() for part in re.split(r"[,;]", system.group("systems")))
            self.steps[-1] = replace(last, systems=tuple(dict.fromkeys((*last.systems, *names))))
            return True
        otherwise, so = _OTHERWISE.match(sentence), _IF_SO.match(sentence)
        if otherwise and last.condition and last.otherwise is None:
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
            self.steps.append(replace(read.step(f"x.{len(self.steps)}", last.role), condition=condition))
            return True
        return False

    def _set_role(self, text: str) -> None:
        role = as_role(re.split(r"\s*[,;/]\s*|\s+and\s+", text.strip())[0], self.names.roles)
        self.names.add_role(role)
        self.steps[-1] = replace(self.steps[-1], role=role)

    def _table(self, block: Block) -> None:
        reading = read_table(block.rows, self.names.roles)
        if not reading.understood:
            self.unread += [" | ".join(cell for cell in row if cell) for row in block.rows]
            return
        self.responsible |= reading.responsible
        if not reading.responsible or not self.steps:
            self.steps += reading.steps


def _lowered(action: str) -> list[str]:
    return (action[:1].lower() + action[1:]).split()


def _leaving(action: str) -> tuple[str, str | None]:
    """`Inform the customer and the process ends` as what is done, and how it goes on after that."""
    for found in _AND.finditer(action):
        rest = action[found.end() :]
        if ending_name(rest) is not None:
            return action[: found.start()], "End the process"
        if jump_target(rest) is not None:
            return action[: found.start()], rest[:1].upper() + rest[1:]
    return action, None


def read_steps(blocks: Sequence[Block], roles: Sequence[str]) -> tuple[Step, ...]:
    """The steps alone, with `roles` known already; empty where there are none."""
    reader = _Reader("")
    reader.section = Section.STEPS
    reader.read(blocks, roles)
    return tuple(reader.steps)


def read_blocks(blocks: Sequence[Block], fallback_title: str) -> Sop:
    """Raises ServiceError `no_steps` where nothing in the document says what somebody does."""
    reader = _Reader(fallback_title)
    reader.read(blocks)
    if not reader.steps:
        raise ServiceError(
            "no_steps",
            "No steps were found in this text. A procedure needs sentences that say what somebody does, such as "
            "“The clerk checks the request.”, or a numbered list. Nothing was made from it.",
        )
    return _finished(reader)


def _finished(reader: _Reader) -> Sop:
    steps = [_with_responsible(step, reader.responsible) for step in reader.steps]
    steps = list(renumbered(steps))
    used = roles_of(steps)
    listed = [role for role in reader.names.declared if role in used]
    warnings = list(reader.warnings)
    without = [step.no for step in steps if step.role is None and not step.leaves]
    if without:
        many = f"Steps {', '.join(without[:8])} name" if len(without) > 1 else f"Step {without[0]} names"
        warnings.append(f"{many} no role.")
    numbers = {step.no for step in steps}
    for step in steps:
        for text in (step.action, step.otherwise or ""):
            target = jump_target(text)
            if target is not None and target not in numbers:
                warnings.append(f"Step {step.no} refers to step {target}, which does not exist.")
    if reader.unread:
        count = len(reader.unread)
        warnings.append(f"{count} {'sentence was' if count == 1 else 'sentences were'} not read as a step.")
    return Sop(
        reader.title or clean_title(reader.fallback_title),
        " ".join(reader.texts.get(Section.PURPOSE, [])) or None,
        " ".join(reader.texts.get(Section.SCOPE, [])) or None,
        roles_of(steps, listed),
        tuple(steps),
        tuple(warnings),
        tuple(reader.unread),
    )


def _with_responsible(step: Step, responsible: dict[str, str]) -> Step:
    if step.role is not None:
        return step
    words = set(re.findall(r"\w+", step.action.lower()))
    for activity, role in responsible.items():
        named = set(re.findall(r"\w+", activity.lower()))
        if named and len(named & words) >= 0.6 * len(named):
            return replace(step, role=role)
    return step
