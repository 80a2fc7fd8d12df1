"""What a roadmap is: initiatives with dates, phases, milestones and risks, each with where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from symphainy.enabling_services.json_values import Json, decode, encode
from symphainy.enabling_services.outcomes.evidence import Level, Source
from symphainy.enabling_services.outcomes.initiatives import Dependency, Kind


@dataclass(frozen=True, slots=True)
class Planned:
    """An initiative with its place in the plan. `start` and `finish` are ISO dates, both worked on; `begins` counts
    working days from the start of the plan. `effort` is in person-days, as answered."""

    no: str
    key: str
    kind: Kind
    title: str
    why: str
    sources: tuple[Source, ...]
    recommendations: tuple[str, ...]
    after: tuple[Dependency, ...]
    effort: float
    days: int
    begins: int
    start: str
    finish: str
    phase: int
    critical: bool
    waited_for: str | None
    waited_because: str


@dataclass(frozen=True, slots=True)
class Phase:
    """Initiatives with the same number of initiatives before them in their longest chain of dependencies."""

    no: int
    title: str
    start: str
    finish: str
    initiatives: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Milestone:
    """A dated event of the plan. `kind` is `handover` (others can begin now), `end` or `deadline` (the user's own)."""

    date: str
    kind: str
    title: str
    initiatives: tuple[str, ...] = ()
    met: bool | None = None


@dataclass(frozen=True, slots=True)
class Risk:
    """`treated_by` names the initiative that works on it; None where nothing in the plan does."""

    statement: str
    severity: Level
    source: Source | None
    treated_by: str | None = None


@dataclass(frozen=True, slots=True)
class Team:
    """As answered. `start_date` is an ISO date."""

    size: int
    people_each: int
    start_date: str

    @property
    def places(self) -> int:
        return self.size // self.people_each


@dataclass(frozen=True, slots=True)
class Roadmap:
    title: str
    team: Team
    start: str
    finish: str
    working_days: int
    effort: float
    initiatives: tuple[Planned, ...]
    phases: tuple[Phase, ...]
    milestones: tuple[Milestone, ...]
    critical_path: tuple[str, ...]
    risks: tuple[Risk, ...]
    rules: tuple[str, ...]
    not_planned: tuple[str, ...] = ()

    def initiative(self, no: str) -> Planned | None:
        return next((item for item in self.initiatives if item.no == no), None)

    def to_json(self) -> Json:
        return encode(self)

    @classmethod
    def from_json(cls, data: Json) -> Self:
        return decode(cls, data)
