"""The operations liaison: it writes procedures with the user, has them converted and compared, and answers from the results."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Final

from symphainy.agents.answers import (
    Answer,
    Speaker,
    Toolbox,
    about_file,
    about_workflow,
    ask,
    context_of,
    open_area,
    stop,
    upload,
)
from symphainy.agents.areas import BY_NAME, OPERATIONS
from symphainy.agents.base import LiaisonAgent, Reply, Text, Turn
from symphainy.agents.inventory import so_far
from symphainy.agents.listening import Listener
from symphainy.agents.manners import Manners
from symphainy.agents.meanings import meaning
from symphainy.agents.model import Model
from symphainy.agents.situation import running, status
from symphainy.agents.understanding.router import Understanding, area_router
from symphainy.agents.wording import bullets, newest_first, plain
from symphainy.domains.operations import statements
from symphainy.domains.operations.choosing import Found, find
from symphainy.domains.operations.orchestrator import BUILD_SOP, COEXISTENCE, READ_WORKFLOW, TO_SOP, TO_WORKFLOW
from symphainy.domains.operations.reports import ending_report, start
from symphainy.domains.operations.sources import BLUEPRINT, SOP, WORKFLOW, diagrams, is_diagram, procedures, results
from symphainy.domains.operations.statements import Result
from symphainy.domains.operations.wizard_chat import WizardChat, wizard_at
from symphainy.enabling_services.operations.wizard import WizardState, is_meant_for, is_question, title_in
from symphainy.files.base import FileStore
from symphainy.ids import derived_id
from symphainy.library import read_document
from symphainy.orchestrators.business import BusinessOrchestrator
from symphainy.session import Action, AgentType, Artifact, JsonValue, OrchestratorName, Session
from symphainy.sessions import SessionManagerService

JOB: Final = "write procedures with you, turn them into workflow diagrams and back, and compare the two"
_SHOWN: Final = 3
_OFFERED: Final = ("start_wizard", "to_workflow", "coexistence")
_ANSWERED: Final = frozenset(
    {"score", "gaps", "assignments", "coexistence", "blueprint", "export", "to_workflow", "to_sop"}
)
_SURE: Final = 0.75
_EDITS: Final = re.compile(
    r"(?i)^(?:please\s+)?(?:(?:change|replace|edit|correct|delete|remove|move|assign)\s+(?:the\s+)?(?:\w+\s+)?step|swap\s+(?:steps?\s+)?\d"
    r"|insert\s+(?:a\s+step\s+)?(?:after|before)|step\s+\d+\s+(?:is|should|only))\b"
)
_BEGINS: Final = re.compile(
    r"(?i)^(?:please\s+|can you\s+|could you\s+|let us\s+|i want to\s+)*(?:create|write|make|build|start|begin|draft|generate)\s+"
    r"(?:me\s+)?(?:an?\s+|the\s+)?(?:new\s+|another\s+)?(?:sop|standard operating procedure|procedure|wizard)\b"
)


class OperationsLiaisonAgent(LiaisonAgent):
    agent_type = OPERATIONS.agent_type
    label = "Operations liaison"

    def __init__(
        self,
        business: BusinessOrchestrator,
        sessions: SessionManagerService,
        files: FileStore,
        model: Model | None = None,
        toolbox: Toolbox | None = None,
    ) -> None:
        self._business = business
        self._files = files
        self._wizard = WizardChat(sessions, business)
        self._listener = Listener((), area_router(OPERATIONS.name))
        self._manners = Manners(self.agent_type, "operations liaison", JOB, _OFFERED, model)
        self._speaker = Speaker(self.label, model, toolbox)
        self._scribe = Speaker(self.label, None)

    async def process_user_query(self, turn: Turn) -> AsyncIterator[Text | Reply]:
        """While a procedure is being written, messages go to the wizard, unless they clearly are another question. What the
        wizard says is never reworded by a language model: it is the state of the user's own document."""
        heard = self._listener.hear(turn)
        wizard = wizard_at(turn)
        if wizard is not None and self._is_for(wizard, turn, heard):
            told = await self._wizard.go_on(turn, wizard)
            async for part in self._scribe.say(turn, "wizard", 1.0, told):
                yield part
            return
        told = await self._told(turn, heard)
        if wizard is not None and wizard.active and heard.intent != "start_wizard":
            told = told.then(_reminder(wizard))
        speaker = self._scribe if any(item["kind"] == "wizard" for item in told.evidence) else self._speaker
        async for part in speaker.say(turn, heard.intent or "unclear", heard.confidence, told):
            yield part

    def _is_for(self, wizard: WizardState, turn: Turn, heard: Understanding) -> bool:
        text = turn.message.content
        if heard.terms:
            return False
        if turn.message.files or not wizard.active:
            return not turn.message.files
        if is_meant_for(wizard, text):
            return True
        if _BEGINS.match(text):
            return False
        if is_question(text):
            return heard.intent is None
        return not (heard.area == OPERATIONS.name and heard.intent in _ANSWERED and heard.confidence >= _SURE)

    async def _told(self, turn: Turn, heard: Understanding) -> Answer:
        session, text = turn.session, turn.message.content
        if heard.terms:
            return meaning(session, heard.terms, self.agent_type)
        if _EDITS.match(text) and results(session, SOP):
            return await self._change(turn)
        if heard.intent == "data_advice":
            return _serving(session)
        if heard.intent in ("artifacts", "files"):
            return so_far(session, next_step(session), OPERATIONS, [*procedures(session), *diagrams(session)])
        area = BY_NAME.get(heard.area or "", OPERATIONS)
        if area is not OPERATIONS:
            return Answer(
                f"That belongs to **{area.label}**, where {area.purpose}.",
                (
                    ask(f"Ask the {area.label} liaison", area.agent_type, text),
                    open_area(f"Open {area.label}", area.name),
                ),
            )
        if _BEGINS.match(text) and heard.intent not in ("to_workflow", "to_sop", "coexistence", "blueprint"):
            return await self._begin(turn)
        match heard.intent:
            case "start_wizard":
                return await self._begin(turn)
            case "to_workflow":
                return await self._convert(turn, SOP)
            case "to_sop":
                return await self._convert(turn, WORKFLOW)
            case "coexistence" | "blueprint":
                return await self._coexistence(turn)
            case "score" | "gaps" | "assignments":
                return await self._from_blueprint(turn, heard.intent)
            case "steps":
                return await self._steps(turn)
            case "change":
                return await self._change(turn)
            case "export":
                return _export(session)
            case "progress" | "outcome" | "failure":
                return _latest(session)
            case "next" | "yes":
                return next_step(session)
            case "cancel":
                return await self._cancel(session)
            case "greet" | "help":
                greeting = "Hello. " if heard.intent == "greet" else ""
                return Answer(f"{greeting}I {JOB}.", self._manners.topics(*_OFFERED)).then(next_step(session))
            case "goal" | "journey":
                return Answer("The guide answers that.", (ask("Ask the guide", AgentType.GUIDE, text),))
            case _:
                return self._manners.answer(heard) or Answer("")

    async def _begin(self, turn: Turn) -> Answer:
        """A second procedure is begun only when the draft of the first one is settled."""
        wizard = wizard_at(turn)
        if (
            wizard is not None
            and wizard.active
            and (wizard.sop.title or wizard.sop.steps)
            and wizard.sop != _untouched(wizard)
        ):
            title = plain(wizard.sop.title or "a procedure without a title")
            text = f"You are in the middle of **{title}**. Say “cancel” to drop that draft, or go on with it."
            return Answer(
                text, (ask("Go on", self.agent_type, "show"), ask("Drop the draft", self.agent_type, "cancel"))
            )
        return await self._wizard.start(turn, title_in(turn.message.content) or "")

    async def _convert(self, turn: Turn, kind: str) -> Answer:
        """Starts the conversion of what the words name, or of the newest there is."""
        found = find(turn, kind)
        if found is None:
            return _nothing(kind)
        operation = TO_WORKFLOW if kind == SOP else TO_SOP
        return await self._start(
            turn, operation, found.input("" if found.file else ("sop_" if kind == SOP else "workflow_")), found
        )

    async def _coexistence(self, turn: Turn) -> Answer:
        sop, workflow = find(turn, SOP), find(turn, WORKFLOW)
        if sop is None and workflow is None:
            return _nothing(SOP)
        if sop is None or workflow is None:
            have, lacking = (sop, "a workflow") if sop else (workflow, "an SOP")
            assert have is not None
            text = f"Two documents are compared, and {lacking} is missing. I can make it from **{plain(have.name)}**."
            make = _make_other(have, SOP if sop else WORKFLOW)
            return Answer(text, (make, upload("Upload the other one")))
        input = {**sop.input("sop_"), **workflow.input("workflow_")}
        return await self._start(turn, COEXISTENCE, input, sop)

    async def _start(self, turn: Turn, operation: str, input: dict[str, JsonValue], found: Found) -> Answer:
        workflow = await self._business.start(
            turn.session_id,
            OrchestratorName.OPERATIONS,
            operation,
            input,
            requested_by=f"agent:{self.agent_type.value}",
            workflow_id=derived_id("wf", turn.run_id, operation),
        )
        steps = ", ".join(step.name for step in workflow.steps)
        text = f"I started with **{plain(found.name)}**: {steps}."
        return Answer(text, (stop(workflow),), (about_workflow(workflow, title=workflow.title),), context_of(workflow))

    async def _from_blueprint(self, turn: Turn, intent: str) -> Answer:
        session = turn.session
        held = results(session, BLUEPRINT)
        if not held:
            text = "There is no coexistence analysis in this session yet, so there is no number to give."
            return Answer(text).then(next_step(session))
        result = await self._result(session, held[0])
        match intent:
            case "score":
                return statements.score(result)
            case "gaps":
                return statements.gaps(result, turn.message.content)
            case _:
                return statements.assignments(result, turn.message.content)

    async def _steps(self, turn: Turn) -> Answer:
        session = turn.session
        kind = WORKFLOW if re.search(r"(?i)\b(?:workflow|diagram|bpmn|model)\b", turn.message.content) else SOP
        held = results(session, kind) or results(session, SOP) or results(session, WORKFLOW)
        if not held:
            return _nothing(SOP)
        return statements.steps(await self._result(session, _named(turn, held)), turn.message.content)

    async def _change(self, turn: Turn) -> Answer:
        held = results(turn.session, SOP)
        if not held:
            return _nothing(SOP)
        chosen = _named(turn, held)
        sop = statements.sop_of(await self._result(turn.session, chosen))
        return await self._wizard.reopen(turn, sop, chosen.artifact_id, turn.message.content)

    async def _cancel(self, session: Session) -> Answer:
        going = [item for item in running(session) if item.orchestrator is OrchestratorName.OPERATIONS]
        if not going:
            return Answer("Nothing of mine is running, so there is nothing to stop.").then(next_step(session))
        workflow = await self._business.cancel(
            session.session_id, going[0].workflow_id, requested_by=f"agent:{self.agent_type.value}"
        )
        report = ending_report(session, workflow)
        return Answer(report.content, report.actions, report.evidence, context_of(workflow))

    async def _result(self, session: Session, artifact: Artifact) -> Result:
        return Result(artifact, await read_document(self._files, session, artifact.artifact_id))


def next_step(session: Session) -> Answer:
    """The one thing that helps most now in this area."""
    sops, workflows, blueprints = (results(session, kind) for kind in (SOP, WORKFLOW, BLUEPRINT))
    if sops and workflows and not blueprints:
        text = "Next: compare the SOP with the workflow."
        return Answer(text, (ask("Compare them", AgentType.OPERATIONS, "Analyse the coexistence of SOP and workflow"),))
    if blueprints:
        text = f"Next: look at the gaps in **{plain(blueprints[0].name)}**, and decide who does what."
        opened = Action("Open the blueprint", "open_artifact", {"artifact_id": blueprints[0].artifact_id})
        return Answer(text, (opened, ask("Show the gaps", AgentType.OPERATIONS, "Which gaps are there?")))
    if sops:
        text = f"Next: draw the workflow of **{plain(sops[0].name)}**."
        return Answer(text, (start("Draw the workflow", TO_WORKFLOW, {"sop_artifact_id": sops[0].artifact_id}),))
    if workflows:
        text = f"Next: write the SOP of **{plain(workflows[0].name)}**."
        return Answer(text, (start("Write the SOP", TO_SOP, {"workflow_artifact_id": workflows[0].artifact_id}),))
    return _nothing(SOP)


def _nothing(kind: str) -> Answer:
    what = "a written procedure (Word, PDF, text)" if kind == SOP else "a workflow (.bpmn)"
    text = f"There is nothing to work with yet. Upload {what}, or write the procedure with me step by step."
    return Answer(
        text, (ask("Write it together", AgentType.OPERATIONS, "Create an SOP with me step by step"), upload())
    )


def _serving(session: Session) -> Answer:
    """Which of the session's files the area can work with."""
    fitting = [*procedures(session), *diagrams(session)][:_SHOWN]
    if not fitting:
        missing = "None of your files is a written procedure or a diagram." if session.files else ""
        return Answer(missing).then(_nothing(SOP))
    listed = bullets([f"**{plain(file.name)}** ({'diagram' if is_diagram(file) else 'procedure'})" for file in fitting])
    actions = tuple(
        start(f"Read {file.name}"[:40], READ_WORKFLOW if is_diagram(file) else BUILD_SOP, {"file_id": file.file_id})
        for file in fitting[:2]
    )
    evidence = tuple(about_file(file, file_kind=file.kind) for file in fitting)
    return Answer(f"Of your files, I can work with these:\n\n{listed}", (*actions, upload()), evidence)


def _make_other(found: Found, kind: str) -> Action:
    if kind == SOP:
        return start("Draw the workflow", TO_WORKFLOW, found.input("" if found.file else "sop_"))
    return start("Write the SOP", TO_SOP, found.input("" if found.file else "workflow_"))


def _export(session: Session) -> Answer:
    held = [*results(session, BLUEPRINT), *results(session, SOP), *results(session, WORKFLOW)]
    if not held:
        return _nothing(SOP)
    names = bullets([f"**{plain(item.name)}** ({item.kind.replace('_', ' ')})" for item in held[:4]])
    actions = tuple(Action(item.name[:40], "open_artifact", {"artifact_id": item.artifact_id}) for item in held[:4])
    return Answer(f"Each result can be downloaded as Word, Markdown or BPMN where it is opened:\n\n{names}", actions)


def _latest(session: Session) -> Answer:
    """How the area's newest work is going, or how it ended."""
    own = [item for item in newest_first(session.workflows) if item.orchestrator is OrchestratorName.OPERATIONS]
    if not own or not own[0].status.finished:
        return status(session)
    report = ending_report(session, own[0])
    return Answer(report.content, report.actions, report.evidence, context_of(own[0]))


def _named(turn: Turn, held: list[Artifact]) -> Artifact:
    """The one whose name is said, else the newest."""
    said = turn.message.content.casefold()
    return next((item for item in held if item.name.casefold() in said), held[0])


def _reminder(wizard: WizardState) -> Answer:
    title = plain(wizard.sop.title or "your procedure")
    return Answer(f"Your draft of **{title}** is still open.", (ask("Go on with it", AgentType.OPERATIONS, "show"),))


def _untouched(wizard: WizardState) -> object:
    """A saved SOP that was only opened, and not changed."""
    return wizard.sop if wizard.artifact_id and not wizard.past else None
