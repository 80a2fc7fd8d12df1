"""The insights liaison: it answers questions about rows from the rows, tells findings, and starts analyses."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
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
from symphainy.agents.areas import BY_NAME, CONTENT, INSIGHTS, agent_of
from symphainy.agents.base import LiaisonAgent, Reply, Text, Turn
from symphainy.agents.inventory import so_far
from symphainy.agents.listening import Listener
from symphainy.agents.manners import Manners
from symphainy.agents.meanings import meaning
from symphainy.agents.model import Model
from symphainy.agents.next_steps import next_step
from symphainy.agents.situation import ending, failures, latest_ended, running, status
from symphainy.agents.understanding.router import Understanding, area_router
from symphainy.agents.wording import bullets, newest_first, plain
from symphainy.domains.insights import statements
from symphainy.domains.insights.orchestrator import ANALYZE, unclear_result
from symphainy.domains.insights.results import AreaResults, last_answer, query_of
from symphainy.domains.insights.sources import Table, all_tables, index_path, named_in, path_of, tables_of, text_of
from symphainy.enabling_services.insights.data_insights_query import DataInsightsQuery, TableAnswer
from symphainy.enabling_services.insights.query import Query, Unclear
from symphainy.enabling_services.insights.relating import asks_relation
from symphainy.enabling_services.insights.visualization_engine import VisualizationEngine
from symphainy.errors import ServiceError
from symphainy.files.base import FileStore
from symphainy.ids import derived_id
from symphainy.orchestrators.business import BusinessOrchestrator
from symphainy.session import AgentType, File, JsonObject, OrchestratorName, Session
from symphainy.sessions import SessionManagerService

JOB: Final = "answer questions about the rows of your tables, and find what stands out in them"
OFFERED: Final = ("analyze", "summary", "query")
DATA: Final = frozenset({"query", "chart", "compare"})
_ABOUT_FINDINGS: Final = frozenset({"summary", "recommend", "explain_finding", "how_computed", "export"})
_SOCIAL: Final = frozenset({"greet", "thanks", "yes", "no", "who", "help", "privacy", "upload"})
_TABLES_TRIED: Final = 6


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, the tables it may be about, and the query it may go on from."""

    question: str
    tables: tuple[Table, ...]
    before: Query | None = None
    named: bool = False


class InsightsLiaisonAgent(LiaisonAgent):
    agent_type = AgentType.INSIGHTS
    label = "Insights liaison"

    def __init__(
        self,
        sessions: SessionManagerService,
        business: BusinessOrchestrator,
        files: FileStore,
        query: DataInsightsQuery,
        charts: VisualizationEngine,
        model: Model | None = None,
        toolbox: Toolbox | None = None,
    ) -> None:
        self._business = business
        self._files = files
        self._query = query
        self._results = AreaResults(sessions, files, charts)
        self._listener = Listener((), area_router(INSIGHTS.name))
        self._manners = Manners(self.agent_type, "insights liaison", JOB, OFFERED, model)
        self._speaker = Speaker(self.label, model, toolbox)

    async def process_user_query(self, turn: Turn) -> AsyncIterator[Text | Reply]:
        """Raises ServiceError if results that should be there cannot be read, or a question cannot be computed."""
        heard = self._listener.hear(turn)
        intent, told = await self._told(turn, heard)
        async for part in self._speaker.say(turn, intent, heard.confidence, told):
            yield part

    async def _told(self, turn: Turn, heard: Understanding) -> tuple[str, Answer]:
        intent = heard.intent or ""
        if heard.terms:
            return intent, meaning(turn.session, heard.terms, self.agent_type)
        if intent in _SOCIAL and heard.area is None:
            return intent, self._social(turn, heard)
        if intent in ("artifacts", "files"):
            return intent, _inventory(turn.session)
        if re.search(r"\brecommend|\badvi[cs]e\b", turn.message.content, re.I) and heard.area != INSIGHTS.name:
            return "recommend", await self._own(turn, "recommend") or Answer("")
        if heard.area == INSIGHTS.name and intent not in DATA:
            if asks_relation(turn.message.content) and (told := await self._from_rows(turn, heard)) is not None:
                return "query", told  # "is discount correlated with profit": a number, not an analysis
            own = await self._own(turn, intent)
            if own is not None:
                return intent, own
        from_rows = await self._from_rows(turn, heard)
        if from_rows is not None:
            return (intent if intent in DATA and heard.area == INSIGHTS.name else "query"), from_rows
        return intent or "unclear", await self._otherwise(turn, heard)

    # --- questions about rows

    async def _from_rows(self, turn: Turn, heard: Understanding) -> Answer | None:
        """An answer if the words are about data; None if they plainly are not."""
        about_data = heard.area == INSIGHTS.name and heard.intent in DATA
        asked = self._asked(turn)
        if not asked.tables:
            return self._no_table(turn) if about_data else None
        understood: list[tuple[Table, Query]] = []
        unclear: list[tuple[Table, Unclear]] = []
        for table in asked.tables[:_TABLES_TRIED]:
            path = await path_of(self._files, turn.session, table.artifact)
            index = await self._query.index(path, table.name, await index_path(self._files, turn.session, table))
            meant = self._query.understand(index, asked.question, before=asked.before)
            if isinstance(meant, Query):
                understood.append((table, meant))
            else:
                unclear.append((table, meant))
        if len(understood) > 1 and not asked.named:
            return statements.which_table([(table.label, table.file.name) for table, _ in understood], asked.question)
        if understood and understood[0][1].shape == "summary" and not understood[0][1].measures:
            documents = await self._results.findings(turn.session)
            if documents:
                return statements.summary_text(documents)
        if understood:
            return await self._answered(turn, understood[0][0], asked, charted=heard.intent == "chart" and about_data)
        if not about_data and heard.intent is not None:
            return None
        if not about_data and not _asks_something(asked.question):
            return None
        table, reason = unclear[0]
        return statements.unclear(unclear_result(table, asked.question, reason))

    async def _answered(self, turn: Turn, table: Table, asked: Asked, *, charted: bool) -> Answer:
        path = await path_of(self._files, turn.session, table.artifact)
        kept = await index_path(self._files, turn.session, table)
        answer = await self._query.answer(path, table.name, asked.question, before=asked.before, kept=kept)
        if not isinstance(answer, TableAnswer):
            return statements.unclear(unclear_result(table, asked.question, answer))
        charted = charted or answer.query.chart is not None
        if charted and answer.query.shape == "rows" and answer.query.chart is None:
            answer = replace(answer, query=replace(answer.query, chart="auto"))
        try:
            result = await self._results.keep(turn, table, answer, charted=charted)
        except ServiceError as failure:
            if failure.service_code != "no_chart":
                raise
            result = await self._results.keep(turn, table, answer, charted=False)
            return Answer(failure.message).then(statements.answered(result))
        told = statements.answered(result)
        if len(all_tables(turn.session)) > 1:
            told = Answer(f"From **{plain(table.label)}**. {told.text}", told.actions, told.evidence, told.context)
        return told

    def _asked(self, turn: Turn) -> Asked:
        """The tables that are named; else the one talked about last; else all."""
        session = turn.session
        tables = all_tables(session)
        named, question = named_in(turn.message.content, tables)
        last = last_answer(turn)
        attached = [table for table in tables if table.file.file_id in turn.message.files]
        if named or attached:
            chosen = tuple(named or attached)
            same = last is not None and any(_is(table, last) for table in chosen)
            return Asked(question, chosen, query_of(last) if same else None, named=True)
        if last is not None:
            for table in tables:
                if _is(table, last):
                    others = tuple(item for item in tables if item is not table)
                    return Asked(question, (table, *others), query_of(last), named=True)
        return Asked(question, tuple(tables))

    def _no_table(self, turn: Turn) -> Answer:
        if not turn.session.files:
            return Answer("There is no file in this session yet, so there are no rows to ask about.", (upload(),))
        file = newest_first(turn.session.files)[0]
        text = f"None of your files has a table that was read so far. **{plain(file.name)}** is {file.status.value}."
        return Answer(text, (open_file(file), open_area("Open Content", CONTENT.name), upload()))

    # --- findings

    async def _own(self, turn: Turn, intent: str) -> Answer | None:
        session = turn.session
        if intent == "analyze":
            return await self._analyze(turn)
        if intent == "forecast":
            return self._forecast()
        if intent not in _ABOUT_FINDINGS:
            return None
        of_finding = re.search(r"\bfinding", turn.message.content, re.I) is not None
        if intent == "how_computed" and not of_finding and (last := last_answer(turn)) is not None:
            return statements.computed_from(last)
        documents = await self._results.findings(session)
        if not documents:
            return self._nothing_found(session)
        match intent:
            case "summary":
                return statements.summary_text(documents)
            case "recommend":
                return statements.recommendations(documents)
            case "export":
                return _export(documents)
            case _:
                return statements.one_finding(documents, turn.message.content, computed=intent == "how_computed")

    async def _analyze(self, turn: Turn) -> Answer:
        """Starts the analysis under an id derived from the run, so that a repeated turn starts it once."""
        session = turn.session
        candidates = [file for file in session.files.values() if tables_of(session, file) or text_of(session, file)]
        if not candidates:
            return self._no_table(turn)
        named = {table.file.file_id for table in named_in(turn.message.content, all_tables(session))[0]}
        words = turn.message.content.lower()
        chosen = [file for file in candidates if file.file_id in named or file.name.lower() in words] or candidates
        last = last_answer(turn)
        if len(chosen) > 1 and last is not None:
            chosen = [file for file in chosen if file.file_id == last.get("file_id")] or chosen
        if len(chosen) > 1:
            actions = tuple(ask(file.name, AgentType.INSIGHTS, f"Analyse {file.name}") for file in chosen[::-1][:4])
            return Answer("Which file shall I analyse?", actions)
        return await self._start(turn, chosen[0])

    async def _start(self, turn: Turn, file: File) -> Answer:
        workflow_id = derived_id("wf", turn.run_id, file.file_id)
        going = next(
            (
                item
                for item in running(turn.session)
                if item.operation == ANALYZE and item.input.get("file_id") == file.file_id
            ),
            None,
        )
        if going is not None and going.workflow_id != workflow_id:
            return Answer(
                f"**{plain(file.name)}** is being analysed already.",
                (stop(going),),
                (about_workflow(going),),
                context_of(going),
            )
        workflow = await self._business.start(
            turn.session_id,
            OrchestratorName.INSIGHTS,
            ANALYZE,
            {"file_id": file.file_id},
            requested_by=f"agent:{self.agent_type.value}",
            workflow_id=workflow_id,
        )
        text = f"I started to look for insights in **{plain(file.name)}**. You can ask about its rows meanwhile."
        return Answer(
            text,
            (stop(workflow), open_area("Open Insights", INSIGHTS.name)),
            (about_workflow(workflow, title=workflow.title),),
            context_of(workflow),
        )

    def _nothing_found(self, session: Session) -> Answer:
        files = [file for file in session.files.values() if tables_of(session, file) or text_of(session, file)]
        if not files:
            text = "Nothing was analysed yet, and no file is ready for it."
            return Answer(text, (upload(), open_area("Open Content", CONTENT.name)))
        text = "Nothing was analysed for insights yet. Shall I start?"
        return Answer(
            text,
            tuple(ask(f"Analyse {file.name}", AgentType.INSIGHTS, f"Analyse {file.name}") for file in files[::-1][:3]),
        )

    def _forecast(self) -> Answer:
        text = (
            "I do not forecast: the data says how it went so far, not how it goes on. I can show the trend up to now."
        )
        return Answer(
            text,
            (ask("Show the trend", AgentType.INSIGHTS, "How many rows per month?"), *self._manners.topics("summary")),
        )

    # --- everything else

    def _social(self, turn: Turn, heard: Understanding) -> Answer:
        if heard.intent in ("greet", "help"):
            hello = "Hello. " if heard.intent == "greet" else ""
            text = f"{hello}I {JOB}. Ask in plain words: which customers are late, sales by region, the ten largest invoices."
            if not all_tables(turn.session):
                return Answer(
                    f"{hello}I {JOB}. There is no table in this session yet.",
                    (upload(), open_area("Open Content", CONTENT.name)),
                )
            return Answer(text, self._manners.topics(*OFFERED))
        if heard.intent == "yes":
            return self._nothing_found(turn.session)
        return self._manners.answer(heard) or Answer(f"I {JOB}.", self._manners.topics(*OFFERED))

    async def _otherwise(self, turn: Turn, heard: Understanding) -> Answer:
        session = turn.session
        if heard.intent == "data_advice" and (serving := _serving(session)) is not None:
            return serving
        if heard.area is not None and heard.area != INSIGHTS.name:
            return _handed_over(turn, heard.area)
        match heard.intent:
            case "next":
                return next_step(session)
            case "progress" | "outcome":
                return status(session)
            case "failure":
                return failures(session)
            case "cancel":
                return await self._cancel(session)
            case _:
                return self._manners.answer(heard) or Answer(f"I {JOB}.", self._manners.topics(*OFFERED))

    async def _cancel(self, session: Session) -> Answer:
        going = [item for item in running(session) if item.orchestrator is OrchestratorName.INSIGHTS]
        if not going:
            ended = latest_ended(session)
            told = Answer("Nothing is running here, so there is nothing to stop.", self._manners.topics("summary"))
            return told.then(ending(session, ended)) if ended else told
        workflow = await self._business.cancel(
            session.session_id, going[0].workflow_id, requested_by=f"agent:{self.agent_type.value}"
        )
        text = f"I stopped: {plain(workflow.title)}. What was found before is kept."
        return Answer(text, self._manners.topics("analyze"), (about_workflow(workflow),), context_of(workflow))


def _is(table: Table, evidence: JsonObject) -> bool:
    return table.file.file_id == evidence.get("file_id") and table.name == evidence.get("table")


def _asks_something(question: str) -> bool:
    return (
        re.match(r"^\W*(which|who|what|how|show|list|count|compare|top|average|total|sum)\b", question, re.I)
        is not None
    )


def _export(documents: list[tuple[str, JsonObject]]) -> Answer:
    artifact_id, document = documents[0]
    text = f"**{plain(str(document['title']))}** can be downloaded from its page, with every number and its SQL."
    return Answer(
        text,
        (statements.open_artifact("Open the findings", artifact_id),),
        ({**statements.evidence_of(document, []), "artifact_id": artifact_id},),
    )


def _inventory(session: Session) -> Answer:
    files = [file for file in newest_first(session.files) if tables_of(session, file) or text_of(session, file)]
    following = next_step(session)
    return so_far(session, replace(following, actions=following.actions[:1]), INSIGHTS, files)


def _serving(session: Session) -> Answer | None:
    """The tables that can be asked about now."""
    tables = all_tables(session)
    if not tables:
        return None
    listed = bullets([f"**{plain(table.label)}**" for table in tables[:8]])
    actions = tuple(
        ask(f"Analyse {table.file.name}", AgentType.INSIGHTS, f"Analyse {table.file.name}") for table in tables[:2]
    )
    text = f"These tables can be analysed and asked about:\n\n{listed}\n\nMore helps, for example {INSIGHTS.serves[1]}."
    return Answer(text, (*actions, upload("Upload another file")))


def _handed_over(turn: Turn, area: str) -> Answer:
    label = BY_NAME[area].label if area in BY_NAME else "the guide"
    text = f"That belongs to **{label}**." if area in BY_NAME else "The guide answers that."
    return Answer(text, (ask(f"Ask {label}", agent_of(area), turn.message.content),))
