"""Which part of a procedure a heading opens."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final


class Section(StrEnum):
    TITLE = "title"
    PURPOSE = "purpose"
    SCOPE = "scope"
    ROLES = "roles"
    STEPS = "steps"
    SYSTEMS = "systems"
    OTHER = "other"


_NAMES: Final = {
    Section.PURPOSE: "purpose|objectives?|goals?|aims?|introduction|background|summary|overview|description",
    Section.SCOPE: "scope|applicability|applies to|area of application|scope of application|validity",
    Section.ROLES: "roles?|responsibilit(?:y|ies)|roles? (?:and|&) responsibilit(?:y|ies)|responsible (?:persons|people|roles|parties)"
    "|participants?|actors?|people involved|who is involved|stakeholders|raci(?: matrix| chart| table)?",
    Section.STEPS: "procedures?|steps?|process|process steps?|instructions?|workflow|activities|work instructions?|process flow"
    "|process description|procedure steps?|detailed (?:steps|procedure)|the (?:process|steps|procedure)|how it works|main (?:process|flow)"
    "|step[- ]by[- ]step(?: instructions?| guide)?|tasks|sequence of (?:steps|activities)|execution",
    Section.SYSTEMS: "systems?|tools?|systems? (?:and|&) tools?|tools? (?:and|&) systems?|it systems?|software|applications?",
    Section.OTHER: "definitions?|references?|(?:revision|version|change|document) (?:history|control|log)|versions?|approvals?|signatures?"
    "|appendix.*|annex.*|attachments?|notes?|records?|glossary|abbreviations?|related documents?|document information|exceptions?"
    "|safety|metrics|kpis?|key performance indicators|prerequisites|materials|frequency|distribution|compliance|training|contacts?"
    "|effective date|date|author|owner|department|document (?:number|id|no)|review|status|sop (?:number|id|no)|table of contents|contents",
}
_PATTERNS: Final = {section: re.compile(rf"(?i)^(?:{names})$") for section, names in _NAMES.items()}
_NUMBER: Final = re.compile(r"^\s*(?:\d+(?:\.\d+)*[.)]?|[A-Z][.)])\s+")
_LABEL: Final = re.compile(r"^(?P<label>[A-Za-z][\w &/-]{1,40}?)\s*:\s*(?P<rest>.*)$")
_TITLE: Final = re.compile(
    r"(?i)^(?:title|sop|sop title|name|procedure name|process name|standard operating procedure)\s*[:\u2013\u2014-]\s*(?P<rest>\S.*)$"
)


def section_of(heading: str) -> Section | None:
    """None for a heading that names no known part: it may be a step or a role."""
    text = _NUMBER.sub("", heading).strip().rstrip(":").strip()
    return next((section for section, pattern in _PATTERNS.items() if pattern.match(text)), None)


def labelled(text: str) -> tuple[Section, str] | None:
    """`Purpose: to pay refunds in time` as its section and the rest."""
    title = _TITLE.match(text)
    if title:
        return Section.TITLE, title.group("rest")
    found = _LABEL.match(_NUMBER.sub("", text))
    section = section_of(found.group("label")) if found else None
    return (section, found.group("rest").strip()) if found and section else None


def clean_title(text: str) -> str:
    """Without the words that say what kind of document it is."""
    text = re.sub(
        r"(?i)^(?:\d+[.)]?\s+)?(?:sop|standard operating procedure|procedure)\s*[:\u2013\u2014-]\s*", "", text.strip()
    )
    text = re.sub(r"(?i)\s*[:(\u2013\u2014-]\s*(?:sop|standard operating procedure)\)?$", "", text)
    return text.strip(" .:") or "Procedure"
