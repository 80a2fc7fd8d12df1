"""The content liaison: it answers from the analysed files, and starts and stops their analysis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

from symphainy.agents.answers import (
    Answer,
    Speaker,
    Toolbox,
    about_workflow,
    ask,
    context_of,
    open_area,
    open_file,
    stop,
    upload,
)
from symphainy.agents.areas import BY_NAME, CONTENT, INSIGHTS, Area
from symphainy.agents.base import LiaisonAgent, Reply, Text, Turn
from symphainy.agents.inventory import so_far
from symphainy.agents.listening import Listener
from symphainy.agents.manners import Manners
from symphainy.agents.meanings import meaning
from symphainy.agents.model import Model
from symphainy.agents.situation import (
    analysed,
    ending,
    failures,
    file_of,
    latest_ended,
    next_step,
    progress,
    running,
    status,
)
from symphainy.agents.understanding.lexicon import english
from symphainy.agents.understanding.prototypes import intents
from symphainy.agents.understanding.router import Understanding, area_router
from symphainy.agents.wording import bullets, newest_first, plain
from symphainy.domains.content import quality, statements
from symphainy.domains.content.orchestrator import ANALYZE_FILE, CONVERT_FORMAT, VALIDATE_CONTENT
from symphainy.domains.content.results import FileResults, Results
from symphainy.domains.content.rows import RowQuestions, row_number
from symphainy.domains.content.selection import Chosen, choose
from symphainy.enabling_services.content.format_composer import FORMATS
from symphainy.enabling_services.insights.data_insights_query import DataInsightsQuery
from symphainy.files.base import FileStore
from symphainy.ids import derived_id
from symphainy.orchestrators.business import BusinessOrchestrator
from symphainy.session import Action, AgentType, File, FileStatus, JsonObject, OrchestratorName, Session, Workflow

JOB: Final = "answer from your files, and start or stop their analysis"
FROM_RESULTS: Final = frozenset(
    {"overview", "columns", "size", "preview", "quality", "column_stats", "metadata", "export", "rows"}
)
OWN: Final = (
    *sorted(FROM_RESULTS),
    "files",
    "analyze",
    "cancel",
    "progress",
    "failure",
    "remove",
    "validate",
    "convert",
)
FILES_READ: Final = 20
MOST_ROWS: Final = 20
CHOICES: Final = 3


class ContentLiaisonAgent(LiaisonAgent):
    agent_type = AgentType.CONTENT
    label = "Content liaison"

    def __init__(
        self,
        business: BusinessOrchestrator,
        files: FileStore,
        query: DataInsightsQuery,
        model: Model | None = None,
        toolbox: Toolbox | None = None,
    ) -> None:
        self._business = business
        self._results = FileResults(files)
        self._rows = RowQuestions(self._results, query)
        self._listener = Listener(OWN, area_router(CONTENT.name))
        self._manners = Manners(
            self.agent_type, "content liaison", JOB, ("overview", "quality", "preview", "analyze"), model
        )
        self._speaker = Speaker(self.label, model, toolbox)

    async def process_user_query(self, turn: Turn) -> AsyncIterator[Text | Reply]:
        """Raises ServiceError if results that should be there cannot be read."""
        columns = await self._columns(turn.session)
        heard = self._listener.hear(turn, [name for names in columns.values() for name in names])
        told = await self._told(turn, heard, choose(turn, columns))
        async for part in self._speaker.say(turn, heard.intent or "unclear", heard.confidence, told):
            yield part

    async def _told(self, turn: Turn, heard: Understanding, chosen: Chosen) -> Answer:
        session = turn.session
        if heard.terms:
            return meaning(session, heard.terms, self.agent_type)
        if heard.intent == "artifacts":
            return so_far(session, next_step(session), CONTENT)
        area = BY_NAME.get(heard.area or "", CONTENT)
        if area is not CONTENT:
            return _elsewhere(turn, area, chosen)
        if heard.intent in FROM_RESULTS:
            return await self._from_results(turn, heard.intent, chosen)
        match heard.intent:
            case "files":
                return statements.listed(session)
            case "validate":
                return await self._checked(turn, chosen, VALIDATE_CONTENT, {})
            case "convert":
                return await self._convert(turn, chosen)
            case "analyze" | "yes":
                return await self._analyze(turn, chosen, asked=heard.intent == "analyze")
            case "cancel":
                return await self._cancel(turn, chosen)
            case "progress" | "outcome":
                return _progress(session, chosen)
            case "failure":
                return _failure(session, chosen)
            case "next":
                return next_step(session)
            case "greet" | "help":
                return self._help(session, greeting=heard.intent == "greet")
            case "remove":
                return _removal(session, chosen)
            case "goal" | "data_advice" | "journey":
                text = "The guide answers that: it says which data helps your goal, and how the areas fit together."
                return Answer(text, (ask("Ask the guide", AgentType.GUIDE, turn.message.content),))
            case _:
                return self._manners.answer(heard) or Answer("")

    async def _from_results(self, turn: Turn, intent: str, chosen: Chosen) -> Answer:
        session = turn.session
        if not chosen.files:
            return statements.listed(session)
        file = chosen.file
        if file is None:
            return _which(chosen.files, intents()[f"{CONTENT.name}.{intent}"].question)
        results = await self._results.of(session, file)
        if results is None:
            return await self._only_metadata(session, file, intent)
        if intent == "rows" or (intent in ("size", "preview") and row_number(turn.message.content)):
            return await self._rows.answer(session, results, turn.message.content, tuple(chosen.columns))
        told = self._stated(turn, intent, results, chosen.columns)
        if results.workflow is None or told.context is not None:
            return told
        return Answer(told.text, told.actions, told.evidence, context_of(results.workflow))

    def _stated(self, turn: Turn, intent: str, results: Results, columns: Sequence[str]) -> Answer:
        match intent:
            case "columns":
                return statements.columns(results, columns)
            case "size":
                return statements.size(results)
            case "preview":
                table = next((table for name in columns for table in results.tables_with(name)), None)
                return statements.preview(results, _rows_wanted(turn.message.content), table)
            case "quality":
                return quality.findings(results, english().read(turn.message.content).terms, columns)
            case "column_stats":
                return quality.column_statistics(results, columns)
            case "metadata":
                return statements.metadata(results)
            case "export":
                return statements.exports(turn.session, results)
            case _:
                return quality.column_statistics(results, columns) if columns else statements.overview(results)

    async def _only_metadata(self, session: Session, file: File, intent: str) -> Answer:
        """What can be said of a file that was not analysed, or of which only the metadata was read."""
        known = await self._results.metadata(session, file)
        return (
            statements.not_analysed(session, file) if known is None else statements.schema(file, *known, intent=intent)
        )

    async def _convert(self, turn: Turn, chosen: Chosen) -> Answer:
        words = turn.message.content.lower()
        form = next((name for name in FORMATS if name in words), None)
        if form is None:
            if not chosen.files:
                return statements.listed(turn.session)
            name = chosen.files[0].name
            actions = tuple(ask(item.upper(), AgentType.CONTENT, f"Convert {name} to {item}") for item in FORMATS)
            return Answer(f"Into which format shall I write **{plain(name)}**?", actions)
        return await self._checked(turn, chosen, CONVERT_FORMAT, {"format": form})

    async def _checked(self, turn: Turn, chosen: Chosen, operation: str, input: JsonObject) -> Answer:
        """Starts work on an analysed file, under an id derived from the run."""
        session, file = turn.session, chosen.file
        if not chosen.files:
            return statements.listed(session)
        if file is None:
            form = "Check {}" if operation == VALIDATE_CONTENT else f"Convert {{}} to {input['format']}"
            return _which(chosen.files, "", form)
        if not analysed(session, file):
            return statements.not_analysed(session, file)
        workflow = await self._business.start(
            session.session_id,
            OrchestratorName.CONTENT,
            operation,
            {"file_id": file.file_id, **input},
            requested_by=f"agent:{self.agent_type.value}",
            workflow_id=derived_id("wf", turn.run_id, file.file_id),
        )
        evidence = {**about_workflow(workflow, title=workflow.title), "file_id": file.file_id}
        text = f"I started it: {plain(workflow.title)}. I say what came of it as soon as it is done."
        return Answer(text, (stop(workflow), open_file(file)), (evidence,), context_of(workflow))

    async def _analyze(self, turn: Turn, chosen: Chosen, *, asked: bool) -> Answer:
        """Starts the analysis under an id derived from the run, so that a repeated turn starts it once."""
        session = turn.session
        if not session.files:
            return statements.listed(session)
        waiting = [file for file in newest_first(session.files) if file.status is FileStatus.UPLOADED]
        if not asked and not waiting:
            return next_step(session)
        files = chosen.files if chosen.mentioned else tuple(waiting) or _last_worked_on(session) or chosen.files
        if len(files) != 1:
            return _which(files, "Analyse it", "Analyse {}")
        (file,) = files
        workflow_id = derived_id("wf", turn.run_id, file.file_id)
        going = _going(session, file)
        if going is not None and going.workflow_id != workflow_id:
            return Answer(f"**{plain(file.name)}** is being analysed already.").then(progress(session, going))
        workflow = await self._business.start(
            session.session_id,
            OrchestratorName.CONTENT,
            ANALYZE_FILE,
            {"file_id": file.file_id},
            requested_by=f"agent:{self.agent_type.value}",
            workflow_id=workflow_id,
        )
        text = f"I started the analysis of **{plain(file.name)}**. Its steps: {', '.join(step.name for step in workflow.steps)}."
        evidence = {**about_workflow(workflow, title=workflow.title), "file_id": file.file_id}
        return Answer(text, (stop(workflow), open_file(file)), (evidence,), context_of(workflow))

    async def _cancel(self, turn: Turn, chosen: Chosen) -> Answer:
        session = turn.session
        going = running(session)
        if chosen.mentioned:
            going = [item for item in going if file_of(session, item) in chosen.files] or going
        if not going:
            ended = latest_ended(session)
            told = Answer("Nothing is running, so there is nothing to stop.")
            return told.then(ending(session, ended)) if ended else told.then(next_step(session))
        if len(going) > 1:
            actions = tuple(stop(item, f"Stop: {item.title}") for item in going[:CHOICES])
            listed = bullets([plain(item.title) for item in going[:CHOICES]])
            return Answer(f"Several analyses are running. Which one shall I stop?\n\n{listed}", actions)
        workflow = await self._business.cancel(
            session.session_id, going[0].workflow_id, requested_by=f"agent:{self.agent_type.value}"
        )
        return ending(session, workflow)

    async def _columns(self, session: Session) -> Mapping[str, Sequence[str]]:
        """Column names of the newest analysed files, by file id."""
        parsed = [file for file in newest_first(session.files) if analysed(session, file)][:FILES_READ]
        names = await asyncio.gather(*(self._results.columns(session, file) for file in parsed))
        return {file.file_id: found for file, found in zip(parsed, names, strict=True) if found}

    def _help(self, session: Session, *, greeting: bool) -> Answer:
        if not session.files:
            text = "Hello. " if greeting else ""
            text += f"I {JOB}. There is no file in this session yet, so the first step is to upload one."
            return Answer(text, (upload(), *self._manners.topics("upload")))
        text = "Hello. Ask me" if greeting else "Ask me"
        text += " what is in a file, which columns it has, how many rows, its first rows, problems with its data, one column's "
        text += "numbers or its metadata. I also start and stop an analysis and say how far it is."
        return Answer(text, self._manners.topics("overview", "quality", "preview")).then(status(session))


def _progress(session: Session, chosen: Chosen) -> Answer:
    file = chosen.file if chosen.mentioned else None
    if file is None:
        return status(session)
    going, ended = _going(session, file), latest_ended(session, file)
    if going is not None:
        return progress(session, going)
    return ending(session, ended) if ended is not None else statements.not_analysed(session, file)


def _failure(session: Session, chosen: Chosen) -> Answer:
    file = chosen.file if chosen.mentioned else None
    ended = latest_ended(session, file) if file is not None else None
    return ending(session, ended) if ended is not None else failures(session)


def _removal(session: Session, chosen: Chosen) -> Answer:
    """Removing erases data, so it stays the user's own click."""
    if not session.files:
        return statements.listed(session)
    file = chosen.file
    text = "I do not remove files from the chat; you can do it on the file's page in Content. Its results are erased with it."
    return Answer(text, (open_file(file) if file else open_area("Open Content", "content"),))


def _elsewhere(turn: Turn, area: Area, chosen: Chosen) -> Answer:
    text = f"That belongs to **{area.label}**, where {area.purpose}. Its liaison answers that."
    file = chosen.file
    actions: tuple[Action, ...] = (ask(f"Ask the {area.label} liaison", area.agent_type, turn.message.content),)
    if area is INSIGHTS and file is not None and analysed(turn.session, file):
        text += f" From **{plain(file.name)}** I can give the numbers of each column."
        actions = (
            ask("Column statistics", AgentType.CONTENT, f"Show statistics of all columns of {file.name}"),
            *actions,
        )
    return Answer(text, actions)


def _which(files: Sequence[File], question: str, form: str = "") -> Answer:
    """Asks back, with a button for each of the likeliest files."""
    shown = files[:CHOICES]

    def content(file: File) -> str:
        return form.format(file.name) if form else f"{question.rstrip('?')} in {file.name}"

    names = bullets([plain(file.name) for file in shown])
    actions = tuple(ask(file.name, AgentType.CONTENT, content(file)) for file in shown)
    return Answer(f"Which file do you mean?\n\n{names}", actions)


def _last_worked_on(session: Session) -> tuple[File, ...]:
    """What `again` means: the file of the workflow that ended last."""
    ended = latest_ended(session)
    file = file_of(session, ended) if ended is not None else None
    return (file,) if file is not None else ()


def _going(session: Session, file: File) -> Workflow | None:
    return next((item for item in running(session) if item.input.get("file_id") == file.file_id), None)


def _rows_wanted(text: str) -> int:
    numbers = [int(word) for word in text.split() if word.isdigit()]
    return min(max(numbers[0], 1), MOST_ROWS) if numbers else statements.PREVIEW_ROWS
