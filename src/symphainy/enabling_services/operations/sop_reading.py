"""From the blocks of a document to a procedure. Nothing is dropped silently: what no field takes up is listed as unread."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from symphainy.enabling_services.errors import ServiceError
from symphainy.enabling_services.operations.blocks import Block, BlockKind
from symphainy.enabling_services.operations.names import names_in
from symphainy.enabling_services.operations.sections import Section, clean_title, labelled, section_of
from symphainy.enabling_services.operations.sentences import match_role
from symphainy.enabling_services.operations.side_by_side import speaks_of_it, statement
from symphainy.enabling_services.operations.sop import Sop, Step
from symphainy.enabling_services.operations.sop_finishing import Found, finished
from symphainy.enabling_services.operations.step_tables import read_table
from symphainy.enabling_services.operations.step_writing import SENTENCE, StepWriter


@dataclass(slots=True)
class _Reader:
    title: str | None = None
    texts: dict[Section, list[str]] = field(default_factory=dict[Section, list[str]])
    out: StepWriter = field(default_factory=StepWriter)
    responsible: dict[str, str] = field(default_factory=dict[str, str])
    section: Section | None = None
    heading_step: bool = False
    below: int = 0
    """How deep the items stand because of the heading or the line above their list."""
    list_below: bool | None = None
    """Below a line that announces a list: whether that list is numbered."""
    section_level: int = 0
    has_items: bool = False
    open_items: list[tuple[int, int, bool]] = field(default_factory=list[tuple[int, int, bool]])
    """The list items around this place: depth as written, depth as a step, whether they have numbers."""

    @property
    def steps(self) -> list[Step]:
        return self.out.draft.steps

    def read(self, blocks: Sequence[Block], roles: Sequence[str] = ()) -> None:
        self._look_ahead(blocks, roles)
        for number, block in enumerate(blocks):
            following = blocks[number + 1] if number + 1 < len(blocks) else None
            self.out.place = block.place
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
        self.out.names = names_in(blocks, roles)
        depths = [
            block.level
            for block in blocks
            if block.kind is BlockKind.ITEM and block.number and not section_of(block.text)
        ]
        self.out.shift = min(depths, default=1) - 1
        self.has_items = any(block.kind is BlockKind.ITEM and block.numbered for block in blocks) or any(
            section_of(block.text) is Section.STEPS for block in blocks if block.kind is BlockKind.HEADING
        )

    def _heading(self, block: Block) -> None:
        self.heading_step, self.below, self.list_below = False, 0, None
        self.open_items.clear()
        label = labelled(block.text)
        section = section_of(block.text)
        if block.number is not None or re.match(r"(?i)^step\s+\d", block.text):
            text = re.sub(r"(?i)^step\s+[\d.]+\s*[:.)\u2013\u2014-]?\s*", "", block.text)
            self.section = Section.STEPS
            self.out.add(text, 1, block.number)
            self.heading_step, self.below = True, 1
            return
        if label and label[0] is Section.TITLE:
            self.title = clean_title(label[1])
        elif self.title is None and section is None and block.level <= 2 and not self.steps:
            self.title = clean_title(block.text)
        elif section is not None:
            self.section, self.out.heading_role, self.section_level = section, None, block.level
        elif self.section is Section.STEPS and (
            role := match_role(re.sub(r"^[\d.)]+\s+", "", block.text), self.out.names.roles)
        ):
            self.out.heading_role = role
        elif self.section is Section.STEPS and block.level > self.section_level:
            self.out.add(re.sub(r"^\s*[\d.]+[.)]?\s+", "", block.text), 1, None)
            self.heading_step, self.below = True, 1
        else:
            self.section, self.out.heading_role, self.section_level = Section.OTHER, None, block.level
            self.out.leave_unread(block.text)

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
            self.out.leave_unread(block.text)
        else:
            below = self._depth_below(block)
            self._part(block, self._level(block) + below)

    def _depth_below(self, block: Block) -> int:
        """How much deeper an item stands than its list says: it belongs to the heading or the line above."""
        if self.list_below is not None and self.list_below != block.numbered and not self.open_items:
            self._after_list()
        return self.below

    def _after_list(self) -> None:
        self.below, self.list_below = int(self.heading_step), None

    def _level(self, block: Block) -> int:
        while self.open_items:
            written, _, has_number = self.open_items[-1]
            letters = has_number and block.numbered and block.number is None and written == block.level
            if written < block.level or letters:
                break
            self.open_items.pop()
        around = self.open_items[-1][1] if self.open_items else 0
        level = block.level - self.out.shift if block.number else around + 1
        self.open_items.append((block.level, level, block.number is not None))
        return level

    def _part(self, block: Block, level: int) -> None:
        """An item, which may be a part of the step above it."""
        holder = self.out.draft.holder_at(level)
        if level > 1 and holder is not None:
            self.out.draft.hold(holder)
        before = len(self.steps)
        self.out.add(block.text, level, block.number)
        if len(self.steps) > before and not self.out.acts(block.text):
            self.out.draft.listed.add(self.steps[before].no)
        if len(self.steps) > before + 1 and not self.steps[-1].leaves and self.steps[-1].parts is None:
            # Parts of an item belong to its last sentence.
            self.open_items[-1] = (block.level, self.steps[-1].depth, block.number is not None)

    def _paragraph(self, block: Block, following: Block | None) -> None:
        text = block.text
        if self.list_below is not None:
            self._after_list()
        label = labelled(text)
        heading_like = text.endswith(":") or (len(text) < 60 and not text.endswith((".", ";", ",")))
        section = section_of(text) if heading_like else None
        if section is not None:
            self.section, self.out.heading_role, self.section_level = section, None, 2
            self.heading_step, self.below = False, 0
        elif label is not None:
            self._labelled(*label)
        elif self.section is Section.PURPOSE or self.section is Section.SCOPE:
            self.texts.setdefault(self.section, []).append(text)
        elif self.section is Section.ROLES or self.out.complete(text):
            return
        elif (
            self.title is None
            and self.section is None
            and heading_like
            and not self.steps
            and (self.has_items or not self.out.acts(text))
        ):
            self.title = clean_title(text)
        elif (
            self.section is Section.STEPS
            and heading_like
            and (role := match_role(text.rstrip(":"), self.out.names.roles))
        ):
            self.out.heading_role = role
        elif self.section is Section.OTHER or (self.section is None and self.has_items and not self.steps):
            self._introduction(text)
        elif text.endswith(":") and following is not None and following.kind is BlockKind.ITEM and speaks_of_it(text):
            self._announce(text, following)
        else:
            self._sentences(text)

    def _announce(self, text: str, following: Block) -> None:
        """`In parallel:` above a list: a step, or a part of the heading's step, that the items of the list belong to."""
        level = 2 if self.heading_step else 1
        if level > 1:
            self.out.draft.hold(self.out.draft.holder_at(level) or 0)
        self.out.append(text, level, None)
        self.out.draft.hold(len(self.steps) - 1)
        self.below, self.list_below = level, following.numbered
        self.open_items.clear()

    def _introduction(self, text: str) -> None:
        """Text before the steps: `This procedure describes ...` is the purpose; the rest stays unread."""
        for sentence in SENTENCE.split(text):
            if self.section is None and re.match(
                r"(?i)^(?:this|the) (?:procedure|sop|document|process|purpose)\b", sentence
            ):
                self.texts.setdefault(Section.PURPOSE, []).append(sentence)
            elif statement(sentence) is not None:
                self.out.append(sentence, 1, None)
            else:
                self.out.leave_unread(sentence)

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
            self.out.leave_unread(rest)

    def _sentences(self, text: str) -> None:
        """Running text: each sentence that says what somebody does is a step; below a step it is a part of it."""
        below = self.heading_step or (self.has_items and bool(self.steps))
        for sentence in SENTENCE.split(text):
            if self.out.attach(sentence):
                continue
            if self.out.acts(sentence):
                if self.heading_step and self.steps:
                    self.out.draft.hold(self.out.draft.holder_at(2) or 0)
                self.out.add(sentence, 2 if below else 1, None)
            elif (
                self.section is None
                and not self.steps
                and re.match(r"(?i)^this (?:procedure|sop|document|process)\b", sentence)
            ):
                self.texts.setdefault(Section.PURPOSE, []).append(sentence)
            else:
                self.out.leave_unread(sentence)

    def _table(self, block: Block) -> None:
        reading = read_table(block.rows, self.out.names.roles)
        if not reading.understood:
            for row in block.rows:
                self.out.leave_unread(" | ".join(cell for cell in row if cell))
            return
        self.responsible |= reading.responsible
        if not reading.responsible or not self.steps:
            self.out.draft.steps += reading.steps

    def found(self, fallback_title: str) -> Found:
        missed = [sentence for first, last, sentence in self.out.statements if not self.out.draft.together(first, last)]
        return Found(
            self.title or clean_title(fallback_title),
            " ".join(self.texts.get(Section.PURPOSE, [])) or None,
            " ".join(self.texts.get(Section.SCOPE, [])) or None,
            self.out.draft,
            self.out.names.declared,
            self.responsible,
            self.out.unread,
            missed,
        )


def read_steps(blocks: Sequence[Block], roles: Sequence[str]) -> tuple[Step, ...]:
    """The steps alone, with `roles` known already; empty where there are none."""
    reader = _Reader()
    reader.section = Section.STEPS
    reader.read(blocks, roles)
    return finished(reader.found("")).steps


def read_blocks(blocks: Sequence[Block], fallback_title: str) -> Sop:
    """Raises ServiceError `no_steps` where nothing in the document says what somebody does."""
    reader = _Reader()
    reader.read(blocks)
    if not reader.steps:
        raise ServiceError(
            "no_steps",
            "No steps were found in this text. A procedure needs sentences that say what somebody does, such as "
            "“The clerk checks the request.”, or a numbered list. Nothing was made from it.",
        )
    return finished(reader.found(fallback_title))
