"""The SOP wizard in a conversation: its state is in the session, under one key of the general state, and nowhere else.

A turn that is taken again after a crash finds its own run id there and says the same again, so no message counts twice.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import orjson

from symphainy.agents.answers import Answer, ask, context_of
from symphainy.agents.base import Turn
from symphainy.domains.operations.orchestrator import BUILD_SOP
from symphainy.enabling_services.operations import Sop
from symphainy.enabling_services.operations.wizard import Said, Stage, WizardState, begin, take
from symphainy.ids import derived_id
from symphainy.orchestrators.business import BusinessOrchestrator
from symphainy.session import AgentType, JsonObject, JsonValue, OrchestratorName, Session
from symphainy.sessions import SessionManagerService

KEY: Final = "operations_wizard"
_MOST_BYTES: Final = 120_000


class WizardChat:
    def __init__(self, sessions: SessionManagerService, business: BusinessOrchestrator) -> None:
        self._sessions = sessions
        self._business = business

    async def start(self, turn: Turn, title: str = "") -> Answer:
        return await self._said(turn, *(self._recalled(turn) or begin(title)))

    async def reopen(self, turn: Turn, sop: Sop, artifact_id: str, change: str | None = None) -> Answer:
        """A saved SOP, open for changes; `change` is applied at once."""
        recalled = self._recalled(turn)
        if recalled is None:
            state, said = begin(artifact=sop, artifact_id=artifact_id)
            recalled = take(state, change) if change else (state, said)
        return await self._said(turn, *recalled)

    async def go_on(self, turn: Turn, state: WizardState) -> Answer:
        return await self._said(turn, *(self._recalled(turn) or take(state, turn.message.content)))

    def _recalled(self, turn: Turn) -> tuple[WizardState, Said] | None:
        """What this very turn said before a crash."""
        held = _held(turn.session)
        if held is None or held.get("run_id") != turn.run_id:
            return None
        said = held["said"]
        return WizardState.from_json(dict(held["state"])), Said(said["text"], tuple((a, b) for a, b in said["options"]))

    async def _said(self, turn: Turn, state: WizardState, said: Said) -> Answer:
        document: dict[str, JsonValue] = {
            "run_id": turn.run_id,
            "state": _bounded(state).to_json(),
            "said": {"text": said.text, "options": [list(option) for option in said.options]},
        }
        await self._sessions.patch_state(
            turn.session_id, {KEY: document}, op_id=f"wizard:{turn.run_id}", actor=f"agent:{AgentType.OPERATIONS.value}"
        )
        actions = tuple(ask(label, AgentType.OPERATIONS, text) for label, text in said.options)
        answer = Answer(said.text, actions, (_evidence(state),))
        return await self._saved(turn, state, answer) if state.stage is Stage.COMPLETE else answer

    async def _saved(self, turn: Turn, state: WizardState, answer: Answer) -> Answer:
        """Hands the finished procedure to the orchestrator, once for each turn."""
        procedure = state.sop.to_json()
        input: dict[str, JsonValue] = {"procedure": procedure}
        if state.artifact_id:
            input["artifact_id"] = state.artifact_id
        workflow = await self._business.start(
            turn.session_id,
            OrchestratorName.OPERATIONS,
            BUILD_SOP,
            input,
            requested_by=f"agent:{AgentType.OPERATIONS.value}",
            workflow_id=derived_id("wf", turn.run_id, BUILD_SOP),
        )
        return Answer(f"{answer.text} I am saving it now.", (), answer.evidence, context_of(workflow))


def wizard_of(session: Session) -> WizardState | None:
    """The wizard that is going on in the session; None if there is none, or it has ended."""
    held = _held(session)
    if held is None:
        return None
    state = WizardState.from_json(dict(held["state"]))
    return state if state.active else None


def wizard_at(turn: Turn) -> WizardState | None:
    """As `wizard_of`, also for a turn that is taken again after it ended the wizard."""
    held = _held(turn.session)
    if held is not None and held.get("run_id") == turn.run_id:
        return WizardState.from_json(dict(held["state"]))
    return wizard_of(turn.session)


def _held(session: Session) -> JsonObject | None:
    held: JsonValue = session.state.get(KEY)
    return held or None


def _bounded(state: WizardState) -> WizardState:
    """With as much to undo as there is room for."""
    while state.past and len(orjson.dumps(state.to_json())) > _MOST_BYTES:
        state = replace(state, past=state.past[1:])
    return state


def _evidence(state: WizardState) -> JsonObject:
    sop = state.sop
    facts = {
        "stage": state.stage.value,
        "title": sop.title,
        "purpose": sop.purpose,
        "scope": sop.scope,
        "roles": list(sop.roles),
        "next": len(sop.steps) + 1,
        "steps": [
            {
                "no": step.no,
                "role": step.role,
                "action": step.action,
                "condition": step.condition,
                "otherwise": step.otherwise,
            }
            for step in sop.steps
        ],
    }
    return {"kind": "wizard", "name": sop.title or "New procedure", "facts": facts}
