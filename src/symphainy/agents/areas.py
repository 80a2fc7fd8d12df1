"""The four areas of the journey: what each is for, and which data serves it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from symphainy.session import AgentType, OrchestratorName


@dataclass(frozen=True, slots=True)
class Area:
    """`purpose` continues the sentence "this is where"; `serves` names the data that the area works with."""

    name: str
    label: str
    agent_type: AgentType
    orchestrator: OrchestratorName
    purpose: str
    results: str
    serves: tuple[str, ...]
    from_tables: bool


CONTENT: Final = Area(
    "content",
    "Content",
    AgentType.CONTENT,
    OrchestratorName.CONTENT,
    purpose="files are uploaded, read into tables or text, and checked",
    results="tables, a profile of every column, quality findings, a preview and the file's metadata",
    serves=("tables (CSV, Excel, JSON, Parquet)", "documents (PDF, Word, PowerPoint, HTML, text)"),
    from_tables=True,
)
INSIGHTS: Final = Area(
    "insights",
    "Insights",
    AgentType.INSIGHTS,
    OrchestratorName.INSIGHTS,
    purpose="the tables are analysed and questions about single rows are answered",
    results="findings, charts and drill-downs",
    serves=(
        "a table with one row for each invoice, claim, order or customer",
        "a date, an amount and something to group by in it",
        "a key that it shares with your other tables",
    ),
    from_tables=True,
)
OPERATIONS: Final = Area(
    "operations",
    "Operations",
    AgentType.OPERATIONS,
    OrchestratorName.OPERATIONS,
    purpose="procedures become workflow diagrams, and the work of people and AI is planned together",
    results="standard operating procedures, workflow diagrams and a coexistence blueprint",
    serves=("a written procedure (Word, PDF or text)", "a workflow diagram (.bpmn)"),
    from_tables=False,
)
BUSINESS_OUTCOMES: Final = Area(
    "business_outcomes",
    "Business Outcomes",
    AgentType.BUSINESS_OUTCOMES,
    OrchestratorName.BUSINESS_OUTCOMES,
    purpose="the results of the other areas become a plan",
    results="a roadmap and a proof of concept proposal with its costs and benefits",
    serves=("what came out of the other areas", "costs and rates, as a table", "your goal in your own words"),
    from_tables=True,
)

JOURNEY: Final = (CONTENT, INSIGHTS, OPERATIONS, BUSINESS_OUTCOMES)
"""In the recommended order."""

BY_NAME: Final[Mapping[str, Area]] = MappingProxyType({area.name: area for area in JOURNEY})

_GUIDE: Final = "guide"


def agent_of(area: str) -> AgentType:
    """The liaison of an area; `guide` is the guide's own part."""
    return AgentType.GUIDE if area == _GUIDE else BY_NAME[area].agent_type


def area_of(agent_type: AgentType) -> str:
    """The name of an agent's area; `guide` for the guide."""
    return next((area.name for area in JOURNEY if area.agent_type is agent_type), _GUIDE)
