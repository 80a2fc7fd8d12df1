"""Questions about the rows of a file, answered from the rows."""

from __future__ import annotations

import re
from typing import Final

from symphainy.agents.answers import Answer, ask, open_file
from symphainy.agents.wording import cell_text, plain, plural, table_text
from symphainy.domains.content.results import FileResults, Results
from symphainy.enabling_services.content.stored import KeptTable
from symphainy.enabling_services.insights.data_insights_query import DataInsightsQuery, TableAnswer
from symphainy.enabling_services.insights.query import Unclear
from symphainy.session import Action, AgentType, Session

ROWS_SHOWN: Final = 10
COLUMNS_SHOWN: Final = 8
CHOICES: Final = 3
_ROW: Final = re.compile(
    r"\b(?:row|record|line|entry)\s*(?:number|no\.?|#)?\s*(\d[\d,]*)\b|\b(\d+)(?:st|nd|rd|th)\s+(?:row|record|entry)\b",
    re.I,
)


class RowQuestions:
    def __init__(self, results: FileResults, query: DataInsightsQuery) -> None:
        self._results = results
        self._query = query

    async def answer(self, session: Session, results: Results, question: str, columns: tuple[str, ...]) -> Answer:
        """The rows that the question asks for, with how it was understood; or what is unclear. Raises ServiceError."""
        tables, _ = await self._results.tables(session, results.file)
        table = _table(tables, columns)
        if table is None:
            text = f"**{plain(results.file.name)}** holds text and no table, so it has no rows."
            return Answer(text, (open_file(results.file),), (results.evidence("metadata", tables=0),))
        number = row_number(question)
        if number is not None:
            return _one_row(results, table, number)
        found = await self._query.answer(table.path, table.name, question, kept=table.index)
        if isinstance(found, Unclear):
            actions = tuple(ask(item.label, AgentType.CONTENT, item.question) for item in found.options[:CHOICES])
            return Answer(found.reason, (*actions, open_file(results.file)), (results.evidence("metadata"),))
        return _found(results, table, found)


def row_number(question: str) -> int | None:
    """The row that a question names, counted from 1."""
    found = _ROW.search(question)
    return int((found[1] or found[2]).replace(",", "")) if found else None


def _table(tables: tuple[KeptTable, ...], columns: tuple[str, ...]) -> KeptTable | None:
    """The first that has a column which was named, or the first."""
    named = [table for table in tables if any(column.name in columns for column in table.columns)]
    return next(iter([*named, *tables]), None)


def _one_row(results: Results, table: KeptTable, number: int) -> Answer:
    """From the preview, which holds the first rows."""
    name = f"**{plain(results.file.name)}**"
    see = open_file(results.file)
    if not 1 <= number <= table.rows:
        facts = results.evidence("metadata", rows=table.rows, asked=number)
        return Answer(f"{name} has {plural(table.rows, 'row')}, so there is no row {number:,}.", (see,), (facts,))
    preview = next((item for item in results.preview.tables if item.name == table.name), None)
    if preview is None or number > len(preview.cells):
        shown = len(preview.cells) if preview else 0
        text = f"I can show the first {shown:,} rows of {name} by their number. Ask for row {number:,} by a value that is in it."
        return Answer(text, (see,), (results.evidence("preview", shown=shown, asked=number),))
    cells = preview.cells[number - 1]
    rows = [[plain(column.name), cell_text(value)] for column, value in zip(preview.columns, cells, strict=False)]
    text = f"Row {number:,} of {name}:\n\n{table_text(['column', 'value'], rows)}"
    return Answer(text, (see,), (results.evidence("preview", row=number, cells=list(cells)),))


def _found(results: Results, table: KeptTable, found: TableAnswer) -> Answer:
    answered = found.answered
    header = [plain(name) for name in answered.columns[:COLUMNS_SHOWN]]
    rows = [[cell_text(value) for value in row[:COLUMNS_SHOWN]] for row in answered.rows[:ROWS_SHOWN]]
    text = f"**{plain(results.file.name)}**: {plain(found.interpretation)}"
    if not rows:
        text += "\n\nNo row is like that."
    else:
        text += f"\n\n{table_text(header, rows)}"
    if answered.rows_total > len(rows):
        text += f"\n\nThe first {len(rows):,} of {plural(answered.rows_total, 'row')} are shown."
    facts = results.evidence(
        "metadata",
        table=table.name,
        sql=found.sql,
        rows_total=answered.rows_total,
        shown=len(rows),
        rows=[list(row[:COLUMNS_SHOWN]) for row in answered.rows[:ROWS_SHOWN]],
    )
    actions: tuple[Action, ...] = (open_file(results.file),)
    if answered.rows_total > len(rows):
        actions = (ask("Ask it in Insights", AgentType.INSIGHTS, f"{found.question}"), *actions)
    return Answer(text, actions, (facts,))
