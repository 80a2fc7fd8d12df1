"""What a word of the product means, with the way to where the user meets it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from symphainy.agents.answers import Answer, ask, open_area
from symphainy.agents.areas import BY_NAME, agent_of
from symphainy.agents.inventory import called
from symphainy.agents.next_steps import about_artifact
from symphainy.agents.understanding.glossary import Term, glossary
from symphainy.agents.understanding.prototypes import GUIDE, intents
from symphainy.agents.wording import and_list, bullets, plain
from symphainy.artifacts import Artifact
from symphainy.session import Action, AgentType, Session

_SHOWN: Final = 4
_MAKING: Final = frozenset(
    {
        "operations.start_wizard",
        "operations.to_workflow",
        "operations.coexistence",
        "operations.blueprint",
        "insights.analyze",
        "business_outcomes.roadmap",
        "business_outcomes.proposal",
    }
)
"""What there is no need to offer where it was done already."""


def meaning(session: Session, names: Sequence[str], asked: AgentType) -> Answer:
    """Of terms of the glossary. Where the session has such a result, it is named and can be opened; else the button asks for
    what leads to one. `asked` is the agent that answers."""
    terms = [glossary().terms[name] for name in names][:_SHOWN]
    held = {term.name: found for term in terms if (found := _newest(session, term)) is not None}
    lines = [f"**{term.name[0].upper()}{term.name[1:]}** is {term.means}." for term in terms]
    actions = [action for term in terms for action in _actions(term, held.get(term.name), asked)]
    evidence = (
        *({"kind": "glossary", "term": term.name, "facts": {"means": term.means}} for term in terms),
        *(about_artifact(artifact) for artifact in {item.artifact_id: item for item in held.values()}.values()),
    )
    text = lines[0] if len(lines) == 1 else bullets(lines)
    if held:
        gap = " " if len(lines) == 1 else "\n\n"
        shown = list(dict.fromkeys(f"**{plain(item.name)}**" for item in held.values()))
        text += f"{gap}In this session: {and_list(shown)}."
    return Answer(text, tuple({action.label: action for action in actions}.values()), evidence)


def _actions(term: Term, held: Artifact | None, asked: AgentType) -> list[Action]:
    intent = intents()[term.ask]
    follow = ask(intent.label, agent_of(intent.area or term.area or GUIDE) if intent.area else asked, intent.question)
    elsewhere = term.area is not None and agent_of(term.area) is not asked
    there = [open_area(f"Open {BY_NAME[term.area].label}", term.area)] if term.area and elsewhere else []
    if held is None:
        return [follow, *there]
    opened = Action(f"Open the {called(held)}", "open_artifact", {"artifact_id": held.artifact_id})
    return [opened, *(there if term.ask in _MAKING else [follow, *there])]


def _newest(session: Session, term: Term) -> Artifact | None:
    found = [item for item in session.artifacts.values() if term.kind is not None and item.kind == term.kind]
    return max(found, key=lambda item: item.created_at, default=None)
