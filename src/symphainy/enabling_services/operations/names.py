"""The roles and systems that a document names anywhere, so that its first sentence can be read with them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from symphainy.enabling_services.operations.blocks import Block, BlockKind
from symphainy.enabling_services.operations.sections import Section, labelled, section_of
from symphainy.enabling_services.operations.sentences import as_role, match_role, role_and_action
from symphainy.enabling_services.operations.step_tables import read_table
from symphainy.enabling_services.operations.verbs import VERBS, base_form

RESPONSIBLE: Final = re.compile(
    r"(?i)^(?:responsible|responsibility|role|owner|performed by|done by|actor|who)(?: role| person)?\s*[:=]\s*(?P<role>[^.;]+)\.?$"
)
_ROLE_ITEM: Final = re.compile(r"^(?P<role>[A-Z][\w/&' .-]{1,50}?)\s*(?:[:\u2013\u2014]|\s-\s|\(|$)")
_ACTING: Final = re.compile(
    r"\b(?:The|the)\s+([a-z][a-z'/-]+(?:\s+[a-z][a-z'/-]+){0,3}?)\s+(?:must|shall|should|will|then|also)?\s*([a-z]+)\b"
)
_LONGEST_ROLE: Final = 5


@dataclass(slots=True)
class Names:
    """`declared` roles stand in a list or table of roles, in its order."""

    roles: list[str]
    systems: list[str]
    declared: list[str] = field(default_factory=list[str])

    def add_role(self, name: str) -> None:
        """Once, in its first spelling; what is too long for a name is none."""
        if name and not match_role(name, self.roles) and len(name.split()) <= _LONGEST_ROLE:
            self.roles.append(name)

    def declare(self) -> None:
        """Those that are known by now count as declared."""
        self.declared = [*self.roles]

    def add_roles(self, text: str) -> None:
        """`Clerk, manager and accountant`."""
        for name in re.split(r"\s*[,;/]\s*|\s+and\s+", text):
            self.add_role(as_role(name))

    def role_line(self, text: str) -> None:
        """A line of a list of roles: `Clerk: checks the request`, `The clerk checks the request`, `Clerk and manager`."""
        acting, _ = role_and_action(text, ())
        named = _ROLE_ITEM.match(text)
        if named and (not acting or ":" in text):
            self.add_role(as_role(named.group("role")))
        elif acting:
            self.add_role(acting)
        elif not named:
            self.add_roles(text)


def names_in(blocks: Sequence[Block], roles: Sequence[str] = ()) -> Names:
    names = Names([*roles], [])
    section: Section | None = None
    for block in blocks:
        label = labelled(block.text) if block.kind is BlockKind.PARAGRAPH else None
        if block.kind is BlockKind.HEADING or (label and not label[1]):
            section = (label[0] if label else section_of(block.text)) or (None if block.level <= 2 else section)
        elif label and label[0] is Section.ROLES:
            names.add_roles(label[1])
            names.declare()
        elif section is Section.ROLES and block.kind is not BlockKind.TABLE:
            names.role_line(block.text)
            names.declare()
        elif block.kind is BlockKind.TABLE:
            for role in read_table(block.rows, names.roles).roles:
                names.add_role(role)
            names.declare()
        elif section is Section.SYSTEMS and block.kind is BlockKind.ITEM:
            names.systems.append(re.split(r"[:(\u2013]", block.text)[0].strip())
        elif responsible := RESPONSIBLE.match(block.text):
            names.add_roles(responsible.group("role"))
        else:
            _acting(block.text, names)
    return names


def _acting(text: str, names: Names) -> None:
    """`the clerk checks ...` in running text."""
    for found in _ACTING.finditer(text):
        name, verb = as_role(found.group(1)), found.group(2)
        if base_form(verb) and verb not in VERBS and "system" not in name.lower():
            names.add_role(name)
