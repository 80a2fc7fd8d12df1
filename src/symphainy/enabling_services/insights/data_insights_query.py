"""Answers questions in plain English from one parsed table."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from symphainy.enabling_services.insights.follow_ups import continued, goes_on
from symphainy.enabling_services.insights.interpreting import interpretation
from symphainy.enabling_services.insights.phrasing import plainer
from symphainy.enabling_services.insights.query import AskBack, Query, Unclear
from symphainy.enabling_services.insights.query_engine import Answered, QueryEngine
from symphainy.enabling_services.insights.reading import Reader
from symphainy.enabling_services.insights.searching import Search
from symphainy.enabling_services.insights.shaping import examples
from symphainy.enabling_services.insights.sql_writing import sql_of
from symphainy.enabling_services.insights.table_index import TableIndex
from symphainy.enabling_services.json_values import Json
from symphainy.ids import Clock, SystemClock, timestamp

MOST_FINDING_ROWS: Final = 500
LONGEST_QUESTION: Final = 600


@dataclass(frozen=True, slots=True)
class TableAnswer:
    """`interpretation` says what was computed and what was assumed, in sentences. `query` continues it."""

    question: str
    interpretation: str
    sql: str
    answered: Answered
    query: Query

    def to_json(self) -> Json:
        """The fields of an `answer` document, all but its title and its chart."""
        return {
            "question": self.question,
            "interpretation": self.interpretation,
            "sql": self.sql,
            "columns": [
                {"name": name, "type": kind}
                for name, kind in zip(self.answered.columns, self.answered.types, strict=True)
            ],
            "rows": [list(row) for row in self.answered.rows],
            "rows_total": self.answered.rows_total,
            "query": self.query.to_json(),
        }


class DataInsightsQuery:
    """English questions about one table: filters, groups, top and bottom, shares, comparisons, trends, follow-ups."""

    name = "DataInsightsQuery"

    def __init__(self, engine: QueryEngine, *, clock: Clock | None = None) -> None:
        self._engine = engine
        self._clock = clock or SystemClock()

    async def answer(
        self, path: Path, table: str, question: str, *, before: Query | None = None, kept: Path | None = None
    ) -> TableAnswer | Unclear:
        """The rows that answer the question, or what has to be known first. `before` is the query that the question may go
        on from, `kept` as for `index`.

        Raises ServiceError as `QueryEngine.query` does.
        """
        index = await self._engine.index(path, table, kept)
        understood = await asyncio.to_thread(self.understand, index, question, before=before)  # a search takes a while
        if isinstance(understood, Unclear):
            return understood
        sql = sql_of(understood, index)
        answered = await self._engine.query(path, table, sql)
        text = " ".join([interpretation(understood, index), *understood.notes])
        return TableAnswer(question, text, sql, answered, understood)

    async def rows(self, path: Path, table: str, sql: str) -> Answered:
        """The first rows that a finding's own SQL gives. Raises ServiceError as `answer` does."""
        return await self._engine.query(path, table, sql, limit=MOST_FINDING_ROWS)

    async def index(self, path: Path, table: str, kept: Path | None = None) -> TableIndex:
        """What the table holds. `kept` is where its analysis kept that; computed where it did not. Raises ServiceError as
        `answer` does."""
        return await self._engine.index(path, table, kept)

    async def prepare(self, path: Path, table: str, kept: Path | None = None) -> None:
        """Makes that the next question about the table waits for its answer only. Raises ServiceError as `answer` does."""
        await self._engine.warm(path, table, kept)

    def prepare_soon(self, path: Path, table: str, kept: Path | None = None) -> None:
        """As `prepare`, in the background; nothing is raised."""
        self._engine.warm_soon(path, table, kept)

    def is_prepared(self, path: Path, table: str) -> bool:
        return self._engine.is_warm(path, table)

    def understand(self, index: TableIndex, question: str, *, before: Query | None = None) -> Query | Unclear:
        """The query that the question means in this table, or what is unclear. Computes nothing."""
        today = dt.date.fromisoformat(timestamp(self._clock.now())[:10])
        words = plainer(question.strip()[:LONGEST_QUESTION])
        if not words or not index.rows:
            reason = "The table has no rows to ask about." if words else "Ask something about the table."
            return Unclear(reason, examples(index))
        try:
            if before is not None and goes_on(words):
                return continued(before, Reader(index, today).read_on(words), words)
            return Search(Reader(index, today)).read(words).query
        except AskBack as asked:
            return asked.unclear
