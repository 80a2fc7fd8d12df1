"""What the other areas found, in the form that roadmap, proposal and key figures are computed from.

Everything later derived from it names the artifact or file that it stands in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Self

from symphainy.enabling_services.json_values import Json, JsonValue, decode, encode


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact stands: `kind` is `artifact` (then `artifact_kind` and `version` are set), `file`, `workflow` or
    `context`; `item` is the finding or gap inside it."""

    kind: str
    id: str
    name: str
    artifact_kind: str | None = None
    version: int | None = None
    item: str | None = None

    def of(self, item: str) -> Source:
        return Source(self.kind, self.id, self.name, self.artifact_kind, self.version, item)


class FindingType(Enum):
    TREND = "trend"
    ANOMALY = "anomaly"
    CORRELATION = "correlation"
    DISTRIBUTION = "distribution"
    CONCENTRATION = "concentration"
    COMPARISON = "comparison"


class GapKind(Enum):
    MISSING_IN_SOP = "missing_in_sop"
    MISSING_IN_WORKFLOW = "missing_in_workflow"
    MISMATCH = "mismatch"


class Level(Enum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding of an insights artifact. `rows` is how many rows it is computed from; `score` is 0 to 1."""

    source: Source
    type: FindingType
    title: str
    statement: str
    score: float
    rows: int
    numbers: JsonValue
    file_id: str
    table: str
    recommendation: str | None = None
    chart: JsonValue = None


@dataclass(frozen=True, slots=True)
class Gap:
    source: Source
    kind: GapKind
    statement: str
    severity: Level
    recommendation: str = ""


@dataclass(frozen=True, slots=True)
class Blueprint:
    """A coexistence blueprint. `score` is as the blueprint states it; the counts are of its steps by who does them.
    `future_process` is the process model that Operations draws its diagrams from."""

    source: Source
    title: str
    score: float
    formula: str
    aligned: int
    gaps: tuple[Gap, ...]
    human: int = 0
    ai: int = 0
    shared: int = 0
    handoffs: int = 0
    future_process: JsonValue = None


@dataclass(frozen=True, slots=True)
class Procedure:
    """A standard operating procedure or a workflow model; `steps` counts its steps or its nodes."""

    source: Source
    title: str
    steps: int


@dataclass(frozen=True, slots=True)
class DataFile:
    """An uploaded file. `problems` are its quality findings in words, the gravest first; `problem_count` counts all."""

    source: Source
    status: str
    reason: str | None = None
    rows: int = 0
    columns: int = 0
    words: int = 0
    rejected_rows: int = 0
    problem_count: int = 0
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ContextNote:
    """What the user added in their own words. `deadline` is an ISO date and `budget` an amount where the words name
    one."""

    source: Source
    text: str
    added_at: str
    deadline: str | None = None
    budget: float | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    files: tuple[DataFile, ...] = ()
    findings: tuple[Finding, ...] = ()
    summaries: tuple[Procedure, ...] = ()
    """Insights artifacts by title; `steps` counts the rows that each is about."""
    procedures: tuple[Procedure, ...] = ()
    workflow_models: tuple[Procedure, ...] = ()
    blueprints: tuple[Blueprint, ...] = ()
    context: tuple[ContextNote, ...] = field(default=())

    @property
    def gaps(self) -> tuple[Gap, ...]:
        return tuple(gap for blueprint in self.blueprints for gap in blueprint.gaps)

    def file(self, file_id: str) -> DataFile | None:
        return next((item for item in self.files if item.source.id == file_id), None)

    def to_json(self) -> Json:
        return encode(self)

    @classmethod
    def from_json(cls, data: Json) -> Self:
        return decode(cls, data)
