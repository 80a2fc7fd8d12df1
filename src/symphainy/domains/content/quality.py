"""Statements about the quality of an analysed file, and about single columns of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from symphainy.agents.answers import Answer, ask, open_file
from symphainy.agents.wording import bullets, number_text, plain, plural, table_text
from symphainy.domains.content.results import Results
from symphainy.enabling_services.profile import ColumnProfile, Finding, FindingCode, Severity, TableProfile
from symphainy.session import AgentType, JsonValue

FINDINGS_SHOWN: Final = 6
COLUMNS_SHOWN: Final = 12
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")
VALUES_SHOWN: Final = 5

ASPECTS: Final = {
    "missing/": ("missing values", frozenset({FindingCode.MISSING_VALUES, FindingCode.EMPTY_COLUMN})),
    "duplicate/": ("repeated rows", frozenset({FindingCode.DUPLICATE_ROWS, FindingCode.NEARLY_UNIQUE})),
    "outlier/": ("outliers", frozenset({FindingCode.OUTLIERS})),
}
"""What a question about quality may be limited to: the lexicon's concept, its name, and the findings it concerns."""


def findings(results: Results, concepts: Sequence[str], wanted: Sequence[str]) -> Answer:
    """The findings, gravest first; only of one aspect or of the named columns where the question says so."""
    for concept in concepts:
        if concept in ASPECTS:
            return _aspect(results, concept, wanted)
    found = [item for item in results.findings if not wanted or item.column in wanted]
    grave = [item for item in found if item.severity is not Severity.INFO]
    about = _about(results, wanted)
    if not grave:
        text = f"{about}: no problems were found."
        if found:
            text += f" Good to know:\n\n{bullets([_line(item) for item in found[:FINDINGS_SHOWN]])}"
        return _answer(results, text, found[:FINDINGS_SHOWN], len(found))
    text = f"{about}: {plural(len(grave), 'finding')}, the gravest first.\n\n"
    text += bullets([_line(item) for item in grave[:FINDINGS_SHOWN]])
    if len(grave) > FINDINGS_SHOWN:
        text += f"\n\n{len(grave) - FINDINGS_SHOWN} more are on the file's page."
    return _answer(results, text, grave[:FINDINGS_SHOWN], len(grave))


def _aspect(results: Results, concept: str, wanted: Sequence[str]) -> Answer:
    name, codes = ASPECTS[concept]
    about = _about(results, wanted)
    if concept == "missing/":
        return _missing(results, about, wanted)
    found = [item for item in results.findings if item.code in codes and (not wanted or item.column in wanted)]
    if not found:
        return _answer(results, f"{about}: no {name} were found.", [], 0)
    return _answer(results, f"{about}, {name}:\n\n{bullets([_line(item) for item in found])}", found, len(found))


def _missing(results: Results, about: str, wanted: Sequence[str]) -> Answer:
    """Counted from the profile itself, so that columns too good for a finding are answered for too."""
    rows = [
        (table, column)
        for table in results.profile.tables
        for column in table.columns
        if (column.name in wanted if wanted else column.nulls)
    ]
    if not rows:
        complete = "every column has a value in every row" if results.profile.tables else "there is no table in it"
        return _answer(results, f"{about}: {complete}.", [], 0)
    rows.sort(key=lambda item: -item[1].nulls)
    lines = [
        [plain(column.name), number_text(column.nulls), number_text(table.rows)]
        for table, column in rows[:COLUMNS_SHOWN]
    ]
    text = f"{about}, missing values:\n\n" + table_text(["column", "missing", "rows"], lines)
    if len(rows) > COLUMNS_SHOWN:
        text += f"\n\n{len(rows) - COLUMNS_SHOWN} more columns have missing values."
    missing = {column.name: column.nulls for _, column in rows[:COLUMNS_SHOWN]}
    evidence = results.evidence("profile", missing=missing, more=max(0, len(rows) - COLUMNS_SHOWN))
    return Answer(text, (open_file(results.file),), (evidence,))


def column_statistics(results: Results, wanted: Sequence[str]) -> Answer:
    """The numbers of the named columns; of all of them, shortly, if none was named."""
    if not results.profile.tables:
        text = f"**{plain(results.file.name)}** holds text and no table, so it has no columns."
        return Answer(text, (open_file(results.file),), (results.evidence("profile"),))
    if not wanted:
        return _all_columns(results)
    told = Answer("")
    for name in wanted[:2]:
        for table in results.tables_with(name)[:2]:
            told = told.then(_one_column(results, table, results.column(table, name)))
    return told


def _one_column(results: Results, table: TableProfile, column: ColumnProfile) -> Answer:
    place = f"**{plain(results.file.name)}**" + (f", {plain(table.name)}" if len(results.profile.tables) > 1 else "")
    about = "about " if not column.distinct_exact else ""
    lines = [
        f"type: {column.type.value}",
        f"missing: {number_text(column.nulls)} of {plural(table.rows, 'row')}",
        f"different values: {about}{number_text(column.distinct)}",
    ]
    if column.minimum is not None:
        lines.append(f"from {number_text(column.minimum)} to {number_text(column.maximum)}")
    for label, value in (("mean", column.mean), ("median", column.median), ("standard deviation", column.deviation)):
        if value is not None:
            lines.append(f"{label}: {number_text(value)}")
    if column.shortest is not None and column.longest is not None:
        lines.append(f"length: {number_text(column.shortest)} to {plural(column.longest, 'character')}")
    if column.top_values and column.distinct < table.rows:
        top = [f"{_quoted(item.value)} ({number_text(item.count)})" for item in column.top_values[:VALUES_SHOWN]]
        lines.append(f"most frequent: {', '.join(top)}")
    text = f"Column **{plain(column.name)}** of {place}:\n\n{bullets(lines)}"
    problems = ask(
        "Any problems with it?", AgentType.CONTENT, f"Are there problems in {column.name} of {results.file.name}?"
    )
    return Answer(
        text, (problems, open_file(results.file)), (results.evidence("profile", table=table.name, column=column.name),)
    )


def _all_columns(results: Results) -> Answer:
    rows = [(table, column) for table in results.profile.tables for column in table.columns]
    lines = [
        [
            plain(column.name),
            column.type.value,
            number_text(column.nulls),
            number_text(column.distinct),
            number_text(column.minimum),
            number_text(column.maximum),
            number_text(column.mean),
        ]
        for _, column in rows[:COLUMNS_SHOWN]
    ]
    header = ["column", "type", "missing", "different", "smallest", "largest", "mean"]
    text = f"**{plain(results.file.name)}**, all columns:\n\n{table_text(header, lines)}"
    if len(rows) > COLUMNS_SHOWN:
        text += f"\n\n{len(rows) - COLUMNS_SHOWN} more are on the file's page."
    buttons = tuple(
        ask(f"More about {column.name}", AgentType.CONTENT, f"Show statistics of {column.name} in {results.file.name}")
        for _, column in rows[:2]
    )
    evidence = results.evidence("profile", columns=len(lines), more=max(0, len(rows) - COLUMNS_SHOWN))
    return Answer(text, (*buttons, open_file(results.file)), (evidence,))


def _line(finding: Finding) -> str:
    examples = ", ".join(_quoted(value) for value in finding.examples[:3])
    mark = {Severity.WARNING: "**warning** ", Severity.NOTICE: "", Severity.INFO: ""}[finding.severity]
    return f"{mark}{plain(finding.message)}" + (f" For example: {examples}." if examples else "")


def _quoted(value: JsonValue) -> str:
    return f"“{number_text(value)}”" if isinstance(value, str) and not _NUMBER.fullmatch(value) else number_text(value)


def _about(results: Results, wanted: Sequence[str]) -> str:
    columns = f", {', '.join(plain(name) for name in wanted)}" if wanted else ""
    return f"**{plain(results.file.name)}**{columns}"


def _answer(results: Results, text: str, shown: Sequence[Finding], total: int) -> Answer:
    facts = [
        {"message": item.message, "count": item.count, "examples": list(item.examples), "sql": item.sql}
        for item in shown
    ]
    more = max(0, total - len(shown))
    evidence = results.evidence("profile", findings=facts, total=total, more=more)
    first = next((item.column for item in shown if item.column), None)
    see = (
        (ask(f"More about {first}", AgentType.CONTENT, f"Show statistics of {first} in {results.file.name}"),)
        if first
        else ()
    )
    return Answer(text, (open_file(results.file), *see), (evidence,))
