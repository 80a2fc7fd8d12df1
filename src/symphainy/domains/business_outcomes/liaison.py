"""The business outcomes liaison: it answers from roadmap and proposal, starts their making, and takes answers in words."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Final

from symphainy.agents.answers import Answer, Speaker, Toolbox, about_workflow, ask, context_of, open_file, stop
from symphainy.agents.areas import BUSINESS_OUTCOMES, agent_of
from symphainy.agents.base import LiaisonAgent, Reply, Text, Turn
from symphainy.agents.inventory import so_far
from symphainy.agents.listening import Listener
from symphainy.agents.manners import Manners
from symphainy.agents.meanings import meaning
from symphainy.agents.model import Model
from symphainy.agents.situation import failures, next_step, running, status
from symphainy.agents.understanding.router import Understanding, area_router
from symphainy.agents.wording import plain
from symphainy.artifacts import Artifact
from symphainy.domains.business_outcomes import context, statements
from symphainy.domains.business_outcomes.answering import Answering, waiting_in
from symphainy.domains.business_outcomes.gathering import gather
from symphainy.domains.business_outcomes.orchestrator import PROPOSAL, ROADMAP, SUMMARIZE
from symphainy.domains.business_outcomes.work import SUBJECT
from symphainy.enabling_services.outcomes import MetricsCalculator
from symphainy.enabling_services.outcomes.poc_generation import Proposal
from symphainy.enabling_services.outcomes.roadmap import Roadmap
from symphainy.files.base import FileStore
from symphainy.ids import derived_id
from symphainy.orchestrators.business import BusinessOrchestrator
from symphainy.orchestrators.results import artifact_id_of, read_document
from symphainy.session import AgentType, OrchestratorName, Session, Workflow
from symphainy.sessions import SessionManagerService

AREA: Final = BUSINESS_OUTCOMES.name
JOB: Final = "sum up what the other areas found, and make a roadmap and a proposal of it with your own assumptions"
OFFERED: Final = ("summaries", "roadmap", "proposal", "financials")
FROM_ROADMAP: Final = frozenset({"critical_path", "milestones"})
_SHOW: Final = re.compile(
    r"^\s*(show|open|display|where|what is|what's|what are|which|read|see|how does)\b", re.IGNORECASE
)
_PROPOSAL: Final = re.compile(r"\b(proposal|poc|proof of concept|business case|pilot)\b", re.IGNORECASE)
_ROADMAP: Final = re.compile(r"\b(road ?map|project plan|timeline)\b", re.IGNORECASE)


class BusinessOutcomesLiaisonAgent(LiaisonAgent):
    agent_type = AgentType.BUSINESS_OUTCOMES
    label = "Business Outcomes liaison"

    def __init__(
        self,
        sessions: SessionManagerService,
        business: BusinessOrchestrator,
        files: FileStore,
        metrics: MetricsCalculator,
        model: Model | None = None,
        toolbox: Toolbox | None = None,
    ) -> None:
        self._sessions = sessions
        self._business = business
        self._files = files
        self._metrics = metrics
        self._answering = Answering(sessions, business)
        self._listener = Listener((), area_router(AREA))
        self._manners = Manners(self.agent_type, "business outcomes liaison", JOB, OFFERED, model)
        self._speaker = Speaker(self.label, model, toolbox)

    async def process_user_query(self, turn: Turn) -> AsyncIterator[Text | Reply]:
        """Raises ServiceError if results that should be there cannot be read."""
        heard = self._listener.hear(turn)
        told = await self._told(turn, heard)
        async for part in self._speaker.say(turn, heard.intent or "unclear", heard.confidence, told):
            yield part

    async def _told(self, turn: Turn, heard: Understanding) -> Answer:
        if heard.terms:
            return meaning(turn.session, heard.terms, self.agent_type)
        waiting = waiting_in(turn.session)
        if waiting is not None and heard.intent != "cancel":
            taken = await self._answering.take(turn, waiting, confirmed=heard.intent == "yes")
            if taken is not None:
                return taken
        if heard.intent is None and context.sets_a_limit(turn.message.content, turn.message.timestamp):
            return await self._add_context(turn)
        if heard.intent in ("artifacts", "files"):
            return so_far(turn.session, self._next(turn.session), BUSINESS_OUTCOMES, ())
        if heard.area == AREA:
            return await self._own(turn, heard.intent or "")
        if heard.area is not None:
            return _handed_over(turn, heard.area)
        return await self._shared(turn, heard, waiting)

    async def _own(self, turn: Turn, intent: str) -> Answer:
        session = turn.session
        match intent:
            case "summaries" | "kpis":
                return await self._found(session, intent)
            case "add_context":
                return await self._add_context(turn)
            case "context":
                return statements.context(context.notes_of(session))
            case "roadmap" | "proposal":
                return await self._make(turn, _wanted(turn.message.content, intent))
            case "export":
                kinds = ("proposal", "roadmap", "summary")
                return statements.exports([item for kind in kinds if (item := _artifact(session, kind))])
            case "risks":
                return await self._risks(session)
            case "effort":
                return self._effort(session)
            case "financials":
                made = await self._proposal(session)
                return statements.financials(*made) if made else statements.no_proposal()
            case _:
                return await self._from_roadmap(turn, intent)

    async def _from_roadmap(self, turn: Turn, intent: str) -> Answer:
        made = await self._roadmap(turn.session)
        if made is None:
            return statements.no_roadmap()
        if intent == "critical_path":
            return statements.critical_path(*made)
        return statements.dates(*made, turn.message.content)

    async def _found(self, session: Session, intent: str) -> Answer:
        evidence = await gather(self._sessions, self._files, session)
        if intent == "kpis" and (figures := self._metrics.key_figures(evidence)):
            return statements.key_figures(figures)
        return statements.summaries(self._metrics.summarize(evidence), evidence)

    async def _add_context(self, turn: Turn) -> Answer:
        """Keeps the user's own words; added files are named, and count once Content has analysed them."""
        added = [file for file_id in turn.message.files if (file := turn.session.files.get(file_id))]
        if added:
            names = ", ".join(f"**{plain(file.name)}**" for file in added)
            text = f"{names} is part of this session now. Content analyses it; what is found in it counts from then on."
            return Answer(text, tuple(open_file(file) for file in added[:1]))
        words = turn.message.content
        if len(words.split()) < 4 or words.lower().startswith(("i want to add", "i have more", "here is more")):
            return Answer("Tell me what to consider, for example: our budget is 50k, or: we must be live before June.")
        note_id = derived_id("ctx", turn.run_id)
        patch = context.added(note_id, words, by=f"message:{turn.message.message_id}", at=turn.message.timestamp)
        session = await self._sessions.patch_state(
            turn.session_id, patch, op_id=f"context:{turn.run_id}", actor=f"agent:{self.agent_type.value}"
        )
        note = next(item for item in context.notes_of(session) if item.source.id == note_id)
        return statements.context_added(note)

    async def _make(self, turn: Turn, operation: str) -> Answer:
        """Shows what there is where the words ask for that; else starts a new version."""
        if _SHOW.match(turn.message.content):
            shown = await self._shown(turn.session, operation)
            if shown is not None:
                return shown
        workflow_id = derived_id("wf", turn.run_id, operation)
        going = next((item for item in running(turn.session) if item.operation == operation), None)
        if going is not None and going.workflow_id != workflow_id:
            told = Answer(
                f"That is going on already: {going.title}.", (stop(going),), (about_workflow(going),), context_of(going)
            )
            return told.then(self._answering.open_questions(going)) if going.asked else told
        return await self._start(turn, operation, workflow_id)

    async def _shown(self, session: Session, operation: str) -> Answer | None:
        if operation == PROPOSAL:
            made = await self._proposal(session)
            return statements.proposal(*made) if made else None
        roadmap = await self._roadmap(session)
        return statements.roadmap(*roadmap) if roadmap else None

    async def _start(self, turn: Turn, operation: str, workflow_id: str) -> Answer:
        workflow = await self._business.start(
            turn.session_id,
            OrchestratorName.BUSINESS_OUTCOMES,
            operation,
            {},
            requested_by=f"agent:{self.agent_type.value}",
            workflow_id=workflow_id,
        )
        what = {ROADMAP: "the roadmap", PROPOSAL: "the proposal", SUMMARIZE: "the summary"}[operation]
        first = (
            " There is no roadmap yet, so it comes first."
            if any(step.name == "schedule" for step in workflow.steps) and operation == PROPOSAL
            else ""
        )
        text = f"I have started on {what}.{first} I ask for what only you can know, and invent nothing."
        return Answer(text, (stop(workflow),), (about_workflow(workflow, title=workflow.title),), context_of(workflow))

    async def _risks(self, session: Session) -> Answer:
        if (made := await self._proposal(session)) is not None:
            return statements.risks(made[0], made[1].risks)
        roadmap = await self._roadmap(session)
        return statements.risks(roadmap[0], roadmap[1].risks) if roadmap else statements.no_roadmap()

    def _effort(self, session: Session) -> Answer:
        if (waiting := waiting_in(session)) is not None:
            return self._answering.open_questions(waiting)
        text = "Effort, team and rates are asked for when a roadmap or a proposal is made. A new version offers what you answered before."
        return Answer(text, self._manners.topics("roadmap", "proposal"))

    async def _shared(self, turn: Turn, heard: Understanding, waiting: Workflow | None) -> Answer:
        session = turn.session
        match heard.intent:
            case "cancel":
                return await self._cancel(session)
            case "progress" if waiting is not None:
                return self._answering.open_questions(waiting)
            case "progress" | "outcome":
                return status(session)
            case "failure":
                return failures(session)
            case "next":
                return self._next(session)
            case "greet" | "help" | "yes":
                return await self._help(session)
            case _:
                return self._manners.answer(heard) or Answer("")

    def _next(self, session: Session) -> Answer:
        if (waiting := waiting_in(session)) is not None:
            return self._answering.open_questions(waiting)
        if _artifact(session, "proposal"):
            text = "Next: read the proposal, move it to review, and change its assumptions where you know better."
            return Answer(text, self._manners.topics("financials", "risks", "export"))
        if _artifact(session, "roadmap"):
            return Answer(
                "Next: write the proposal. The roadmap is there.", self._manners.topics("proposal", "critical_path")
            )
        if any(item.kind in ("insights", "blueprint") for item in session.artifacts.values()):
            return Answer(
                "Next: create the roadmap. There are results to build it on.",
                self._manners.topics("roadmap", "summaries"),
            )
        return next_step(session)

    async def _help(self, session: Session) -> Answer:
        text = f"I {JOB}. Ask me for a summary, a roadmap, a proposal, the return on investment, the critical path or the risks; "
        text += "tell me what to consider; and answer my questions here in your own words."
        return Answer(text, self._manners.topics(*OFFERED))

    async def _cancel(self, session: Session) -> Answer:
        going = [item for item in running(session) if item.orchestrator is OrchestratorName.BUSINESS_OUTCOMES]
        if not going:
            return Answer("Nothing of mine is running, so there is nothing to stop.")
        workflow = await self._business.cancel(
            session.session_id, going[0].workflow_id, requested_by=f"agent:{self.agent_type.value}"
        )
        return Answer(
            f"Stopped: {workflow.title}. Results from before are kept.",
            (),
            (about_workflow(workflow),),
            context_of(workflow),
        )

    async def _roadmap(self, session: Session) -> tuple[Artifact, Roadmap] | None:
        artifact = _artifact(session, "roadmap")
        if artifact is None:
            return None
        return artifact, Roadmap.from_json(dict(await read_document(self._files, session, artifact.artifact_id)))

    async def _proposal(self, session: Session) -> tuple[Artifact, Proposal] | None:
        artifact = _artifact(session, "proposal")
        if artifact is None:
            return None
        return artifact, Proposal.from_json(dict(await read_document(self._files, session, artifact.artifact_id)))


def _artifact(session: Session, kind: str) -> Artifact | None:
    return session.artifacts.get(artifact_id_of(session.session_id, kind, SUBJECT))


def _wanted(words: str, intent: str) -> str:
    """The operation that the words ask for; who asks for both gets the proposal, which makes the roadmap first."""
    if _PROPOSAL.search(words):
        return PROPOSAL
    return PROPOSAL if intent == "proposal" and not _ROADMAP.search(words) else ROADMAP


def _handed_over(turn: Turn, area: str) -> Answer:
    agent = agent_of(area)
    who = "the guide" if agent is AgentType.GUIDE else f"the {area.replace('_', ' ')} liaison"
    return Answer(f"That is a question for {who}.", (ask(f"Ask {who}", agent, turn.message.content),))
