"""How well intents are recognised: floors on utterances that were never used for tuning, and on those that were.

The floors of the held-out sets lie a little below what was measured (see the module's constants), so that a change that costs
understanding is seen. A misroute becomes a line in the files of prototypes; never one of the held-out utterances.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from symphainy.agents.areas import area_of
from symphainy.agents.coming_area import OWN as COMING_OWN
from symphainy.agents.guide import OWN as GUIDE_OWN
from symphainy.agents.listening import COLUMN, FILE, OWN_FAVOUR
from symphainy.agents.understanding.router import Surroundings, Understanding, area_router
from symphainy.domains.content.liaison import OWN as CONTENT_OWN
from symphainy.session import AgentType

UTTERANCES = Path(__file__).parent / "utterances"
OWN = {
    AgentType.GUIDE: GUIDE_OWN,
    AgentType.CONTENT: CONTENT_OWN,
    AgentType.INSIGHTS: COMING_OWN,
    AgentType.OPERATIONS: COMING_OWN,
    AgentType.BUSINESS_OUTCOMES: COMING_OWN,
}
FILES: dict[str, str] = dict.fromkeys(["claims.csv", "claims", "Customers 2024.xlsx", "Customers 2024"], FILE)
COLUMNS: dict[str, str] = dict.fromkeys(("customer_id", "region", "premium", "late_days"), COLUMN)

FLOORS = {AgentType.GUIDE: 0.76, AgentType.CONTENT: 0.86}
FLOOR_OF_ALL = 0.83
FLOOR_SEEN = 0.97
FLOOR_DECLINED = 0.90


def heard(agent_type: AgentType, words: str) -> Understanding:
    names = {**FILES, **COLUMNS} if agent_type is AgentType.CONTENT else FILES
    return area_router(area_of(agent_type)).understand(
        words, Surroundings(names, dict.fromkeys(OWN[agent_type], OWN_FAVOUR))
    )


def lines(name: str) -> Iterator[list[str]]:
    for line in (UTTERANCES / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield [part.strip() for part in line.split("|", 2)]


def right_or_asked_back(name: str) -> dict[AgentType, list[bool]]:
    """By agent: whether the intent was recognised, or offered among the options of a question back."""
    found: dict[AgentType, list[bool]] = {agent_type: [] for agent_type in AgentType}
    for agent, intents, words in lines(name):
        understood = heard(AgentType(agent), words)
        offered = {understood.intent, understood.area} if understood.intent else parts_of(understood.options)
        found[AgentType(agent)].append(bool(offered & set(intents.split(","))))
    return found


def parts_of(keys: tuple[str, ...]) -> set[str]:
    return {part for key in keys for part in key.split(".")}


def share(results: list[bool]) -> float:
    return sum(results) / len(results)


@pytest.mark.parametrize("agent_type", FLOORS)
def test_an_agent_understands_utterances_it_was_never_tuned_on(agent_type: AgentType) -> None:
    assert share(right_or_asked_back("held_out.txt")[agent_type]) >= FLOORS[agent_type]


def test_all_agents_together_understand_utterances_they_were_never_tuned_on() -> None:
    results = right_or_asked_back("held_out.txt")
    assert share([result for found in results.values() for result in found]) >= FLOOR_OF_ALL


def test_utterances_that_were_tuned_on_stay_understood() -> None:
    results = right_or_asked_back("tune.txt")
    assert share([result for found in results.values() for result in found]) >= FLOOR_SEEN


@pytest.mark.parametrize("part", ["tune", "held"])
def test_what_is_not_our_business_is_declined(part: str) -> None:
    understood = [heard(AgentType(agent), words) for kind, agent, words in lines("out_of_domain.txt") if kind == part]
    assert share([item.intent is None and not item.options for item in understood]) >= FLOOR_DECLINED


def test_no_utterance_is_both_tuned_on_and_held_out() -> None:
    tuned = {words.lower() for _, _, words in lines("tune.txt")}
    assert not [words for _, _, words in lines("held_out.txt") if words.lower() in tuned]
