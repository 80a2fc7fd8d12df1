"""Tables in a procedure: lists of steps, lists of roles, and RACI charts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from symphainy.enabling_services.operations.sentences import as_role, read_sentence
from symphainy.enabling_services.operations.side_by_side import announced
from symphainy.enabling_services.operations.sop import Step

_COLUMNS: Final = {
    "no": r"no\.?|nr\.?|#|step ?(?:no\.?|number|#)|number|id",
    "action": r"steps?|activit(?:y|ies)|actions?|tasks?|description|what|process steps?|instructions?|activity description",
    "role": r"roles?|responsible|responsibility|who|owner|performed by|actor|responsible (?:role|person|party)|done by|assignee",
    "systems": r"systems?|tools?|application|software|where|it system",
    "condition": r"conditions?|if|when|decision|criteria|precondition",
    "otherwise": r"otherwise|else|if not|alternative|exception",
}
_PATTERNS: Final = {name: re.compile(rf"(?i)^(?:{names})$") for name, names in _COLUMNS.items()}
_RACI: Final = re.compile(r"^[RACISV](?:\s*[/,+&]\s*[RACISV])*$")


@dataclass(slots=True)
class TableReading:
    steps: list[Step] = field(default_factory=list[Step])
    roles: list[str] = field(default_factory=list[str])
    responsible: dict[str, str] = field(default_factory=dict[str, str])
    """From a RACI chart: who does which activity."""
    understood: bool = False


def read_table(rows: Sequence[Sequence[str]], roles: Sequence[str]) -> TableReading:
    """What a table says about steps and roles; `understood` is false for a table about something else."""
    reading = TableReading()
    if len(rows) < 2:
        return reading
    header = [cell.strip().rstrip(":") for cell in rows[0]]
    columns = _columns(header, rows[1:])
    if _is_raci(rows):
        _read_raci(rows, roles, reading)
    elif "action" in columns and (set(columns) & {"role", "no", "systems", "condition"}):
        _read_steps(rows[1:], columns, roles, reading)
    elif "role" in columns:
        reading.roles = [as_role(row[columns["role"]]) for row in rows[1:] if row[columns["role"]].strip()]
        reading.understood = True
    return reading


def _columns(header: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, int]:
    """Where each field stands. A column of numbers is never the action, whatever it is called."""
    numeric = {
        at
        for at in range(len(header))
        if all(re.fullmatch(r"[\d.]*", row[at].strip()) for row in rows if at < len(row))
    }
    found: dict[str, int] = {}
    for name, pattern in _PATTERNS.items():
        for at, cell in enumerate(header):
            fits = pattern.match(cell) or (name == "no" and at in numeric and _PATTERNS["action"].match(cell))
            if fits and name not in found and at not in found.values() and (name == "no") == (at in numeric):
                found[name] = at
    return found


def _is_raci(rows: Sequence[Sequence[str]]) -> bool:
    cells = [cell.strip().upper() for row in rows[1:] for cell in row[1:] if cell.strip()]
    return len(rows[0]) > 2 and bool(cells) and all(_RACI.match(cell) for cell in cells)


def _read_raci(rows: Sequence[Sequence[str]], roles: Sequence[str], reading: TableReading) -> None:
    names = [as_role(cell, roles) for cell in rows[0]]
    reading.roles = [name for name in names[1:] if name]
    reading.understood = True
    for number, row in enumerate(rows[1:], 1):
        by = next((names[at] for at, cell in enumerate(row) if at and "R" in cell.upper()), None)
        by = by or next((names[at] for at, cell in enumerate(row) if at and "A" in cell.upper()), None)
        read = read_sentence(row[0], (*roles, *reading.roles))
        reading.steps.append(read.step(str(number), by))
        if by:
            reading.responsible[read.action] = by


def _read_steps(
    rows: Sequence[Sequence[str]], columns: dict[str, int], roles: Sequence[str], reading: TableReading
) -> None:
    reading.understood = True

    def cell(row: Sequence[str], name: str) -> str:
        at = columns.get(name)
        return row[at].strip() if at is not None and at < len(row) else ""

    named = [as_role(cell(row, "role"), roles) for row in rows if cell(row, "role") not in ("", "-")]
    reading.roles = list(dict.fromkeys(named))
    known = (*roles, *reading.roles)
    for number, row in enumerate(rows, 1):
        text = re.sub(r"^(?:\N{EN DASH} )+", "", cell(row, "action"))
        if not text:
            continue
        read = read_sentence(text, known)
        written = cell(row, "no").rstrip(".")
        systems = tuple(part.strip() for part in re.split(r"[,;/]", cell(row, "systems")) if part.strip(" -"))
        role = cell(row, "role")
        condition = re.sub(r"(?i)^(?:if|when)\s+", "", cell(row, "condition")).strip(" -.,")
        otherwise = cell(row, "otherwise").strip(" -.,")
        action, parts = announced(read.action) if text.endswith(":") else (read.action, None)
        reading.steps.append(
            Step(
                written if re.fullmatch(r"\d+(?:\.\d+)*", written) else str(number),
                re.sub(r"\s*\($", "", action),
                as_role(role, known) if role.strip(" -") else read.role,
                condition or read.condition,
                otherwise or read.otherwise,
                tuple(dict.fromkeys((*systems, *read.systems))),
                parts,
            )
        )
