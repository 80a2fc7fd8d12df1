"""Statements about an analysed file: each is read from its results, and its evidence names the artifact."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from symphainy.agents.answers import Answer, about_file, analyse, ask, open_file, upload
from symphainy.agents.situation import extent, latest_ended
from symphainy.agents.wording import (
    and_list,
    bullets,
    cell_text,
    newest_first,
    number_text,
    plain,
    plural,
    size_text,
    table_text,
)
from symphainy.domains.content.results import Results
from symphainy.enabling_services.file_metadata import FileMetadata
from symphainy.enabling_services.profile import TableProfile
from symphainy.session import Action, AgentType, Artifact, File, FileStatus, Session

FILES_SHOWN: Final = 10
COLUMNS_SHOWN: Final = 40
PREVIEW_ROWS: Final = 5
PREVIEW_COLUMNS: Final = 6
_STATUS_TEXT: Final = {
    FileStatus.UPLOADED: "uploaded, not analysed",
    FileStatus.PARSING: "being analysed",
    FileStatus.PARSED: "analysed",
    FileStatus.REJECTED: "could not be read",
}


def listed(session: Session) -> Answer:
    """The files, newest first, with type, size and status."""
    files = newest_first(session.files)
    if not files:
        evidence = ({"kind": "session", "session_id": session.session_id, "facts": {"files": 0}},)
        return Answer("There is no file in this session yet. Upload one to begin.", (upload(),), evidence)
    shown = files[:FILES_SHOWN]
    rows = [
        [plain(file.name), file.kind or plain(file.media_type), size_text(file.size), _state_of(session, file)]
        for file in shown
    ]
    text = f"{plural(len(files), 'file is', 'files are')} in this session:\n\n" + table_text(
        ["file", "type", "size", "status"], rows
    )
    if len(files) > len(shown):
        text += f"\n\nThe newest {len(shown)} of them are shown."
    facts = [about_file(file, size=size_text(file.size), state=row[3]) for file, row in zip(shown, rows, strict=True)]
    counted = {"kind": "session", "session_id": session.session_id, "facts": {"files": len(files), "shown": len(shown)}}
    return Answer(text, _about(files[0]), (counted, *facts))


def not_analysed(session: Session, file: File) -> Answer:
    """Why nothing can be said about the content of the file, and what to do."""
    name = f"**{plain(file.name)}**"
    evidence = (about_file(file, reason=file.reason),)
    match file.status:
        case FileStatus.REJECTED:
            text = f"{name} could not be read, so nothing is known about its content. {file.reason or ''}".rstrip()
            return Answer(text, (upload("Upload a corrected copy"), open_file(file)), evidence)
        case FileStatus.PARSING:
            text = f"{name} is still being analysed. I can answer that once it is done."
            return Answer(text, (ask("How far is it?", AgentType.CONTENT, f"How far is {file.name}?"),), evidence)
        case _:
            ended = latest_ended(session, file)
            why = f" {ended.error.message}" if ended is not None and ended.error is not None else ""
            return Answer(f"{name} is not analysed yet.{why}", (analyse(file), open_file(file)), evidence)


def schema(file: File, known: FileMetadata, artifact: Artifact, *, intent: str) -> Answer:
    """Of a file of which only the metadata was read: its columns, and that there is nothing else."""
    columns = [(table.name, column) for table in known.tables for column in table.columns]
    rows = [[plain(column.name), column.type.value] for _, column in columns[:COLUMNS_SHOWN]]
    extents = [f"{plural(table.rows, 'row')} and {plural(len(table.columns), 'column')}" for table in known.tables]
    text = f"Of **{plain(file.name)}** only the metadata was read, and no value is kept: {'; '.join(extents) or known.kind.label}."
    if rows and intent in ("columns", "overview", "metadata"):
        text += f"\n\n{table_text(['column', 'type'], rows)}"
    evidence = {
        "kind": "artifact",
        "artifact_id": artifact.artifact_id,
        "artifact_kind": "metadata",
        "file_id": file.file_id,
        "name": file.name,
        "facts": {"tables": [[table.rows, len(table.columns)] for table in known.tables]},
    }
    return Answer(text, (analyse(file, "Analyse it fully"), open_file(file)), (evidence,))


def overview(results: Results) -> Answer:
    """What is in the file: extent, columns, and how many findings."""
    parts = [f"**{plain(results.file.name)}** is {results.metadata.kind.label}"]
    if results.profile.tables:
        parts.append("; ".join(_table_line(table) for table in results.profile.tables[:5]))
    if document := results.profile.document:
        pages = f"{plural(document.pages, 'page')}, " if document.pages else ""
        parts.append(f"{pages}{plural(document.words, 'word')}, {plural(document.headings, 'heading')}")
    text = " with ".join(parts[:2]) + ("; " + parts[2] if len(parts) > 2 else "") + "."
    names = [plain(column.name) for column in results.columns]
    if names:
        text += f" Columns: {', '.join(names[:COLUMNS_SHOWN])}{_more(len(names), COLUMNS_SHOWN)}."
    elif results.preview.document and results.preview.document.text.strip():
        text += f" It begins:\n\n> {plain(' '.join(results.preview.document.text.split())[:280])}"
    grave = [finding for finding in results.findings if finding.severity.value != "info"]
    text += f"\n\n{plural(len(grave), 'finding')} about its quality." if grave else "\n\nNo problems were found in it."
    facts = results.evidence("profile", **_extent_facts(results))
    return Answer(text, _about(results.file), (facts, results.evidence("metadata", columns=len(names))))


def columns(results: Results, wanted: Sequence[str]) -> Answer:
    """Names and types, of each table; or of the columns that were named."""
    if not results.columns:
        return _no_table(results)
    many = len(results.metadata.tables) > 1
    rows = [
        [*([plain(table.name)] if many else []), plain(column.name), column.type.value]
        for table in results.metadata.tables
        for column in table.columns
        if not wanted or column.name in wanted
    ]
    header = [*(["table"] if many else []), "column", "type"]
    total = len(rows)
    noun = "the column you named" if wanted and total == 1 else plural(total, "column")
    text = f"**{plain(results.file.name)}**: {noun}.\n\n{table_text(header, rows[:COLUMNS_SHOWN])}"
    if total > COLUMNS_SHOWN:
        text += f"\n\nThe first {COLUMNS_SHOWN} of {total} are shown; the file's page shows all."
    evidence = results.evidence("metadata", columns=total, shown=min(total, COLUMNS_SHOWN))
    return Answer(
        text, (_ask("Show the first rows", results, "Show me the first rows of"), open_file(results.file)), (evidence,)
    )


def size(results: Results) -> Answer:
    """Rows and columns of each table, or pages and words."""
    name = f"**{plain(results.file.name)}**"
    lines = [_table_line(table) for table in results.profile.tables]
    if len(lines) > 1:
        text = f"{name} has {plural(len(lines), 'table')}:\n\n{bullets(lines[:FILES_SHOWN])}"
    else:
        text = f"{name} has {lines[0] if lines else _document_extent(results)}."
    return Answer(text, _about(results.file), (results.evidence("profile", **_extent_facts(results)),))


def preview(results: Results, rows: int, table: TableProfile | None) -> Answer:
    """The first rows as a small table, or the first lines of a document."""
    shown = (results.preview_of(table) if table else None) or next(iter(results.preview.tables), None)
    if shown is None:
        document = results.preview.document
        if document is None or not document.text.strip():
            return Answer(f"**{plain(results.file.name)}** has no text to show.", (open_file(results.file),))
        text = " ".join(document.text.split())[:500]
        told = f"**{plain(results.file.name)}** begins:\n\n> {plain(text)}"
        return Answer(told, (open_file(results.file, "Read on"),), (results.evidence("preview"),))
    count = min(rows, len(shown.cells))
    header = [plain(column.name) for column in shown.columns[:PREVIEW_COLUMNS]]
    cells = [[cell_text(value) for value in row[:PREVIEW_COLUMNS]] for row in shown.cells[:count]]
    name = f", {plain(shown.name)}" if len(results.preview.tables) > 1 else ""
    text = f"**{plain(results.file.name)}**{name}: the first {count} of {plural(shown.rows_total, 'row')}."
    if not count:
        text = f"**{plain(results.file.name)}**{name} has column names, but no rows."
    text += f"\n\n{table_text(header, cells)}"
    hidden = shown.columns_total - len(header)
    if hidden:
        text += f"\n\n{plural(hidden, 'more column is', 'more columns are')} on the file's page."
    evidence = results.evidence("preview", rows=count, total=shown.rows_total, hidden=hidden)
    return Answer(text, (open_file(results.file, "See all rows"), *_about(results.file)[:1]), (evidence,))


def metadata(results: Results) -> Answer:
    """What the file says of itself; what it does not say is left out."""
    found = results.metadata
    known = [
        ("type", found.kind.label),
        ("size", size_text(found.size)),
        ("encoding", found.encoding),
        ("title", found.title),
        ("author", found.author),
        ("created", found.created),
        ("modified", found.modified),
        ("pages", number_text(found.pages) if found.pages else None),
        ("sheets", ", ".join(found.sheet_names) if found.sheet_names else None),
        ("SHA-256", f"`{found.sha256}`"),
    ]
    lines = [f"{name}: {value if name == 'SHA-256' else plain(value)}" for name, value in known if value]
    missing = [name for name, value in known if not value and name in ("author", "created", "title")]
    text = f"**{plain(results.file.name)}**, as the file itself says:\n\n{bullets(lines)}"
    if missing:
        text += f"\n\nIt does not state {and_list([_NAMED[name] for name in missing])}."
    return Answer(text, (open_file(results.file),), (results.evidence("metadata"),))


_NAMED: Final = {"author": "an author", "created": "when it was created", "title": "a title"}


def exports(session: Session, results: Results) -> Answer:
    """The results that can be downloaded."""
    kept = [item for item in session.artifacts.values() if item.file_id == results.file.file_id]
    kept = [item for item in kept if item.kind in ("table", "document_text")]
    if not kept:
        return Answer(f"**{plain(results.file.name)}** has no result to download.", (open_file(results.file),))
    lines = [f"{plain(item.name)} ({size_text(item.size)})" for item in kept[:FILES_SHOWN]]
    text = (
        f"The file's page of **{plain(results.file.name)}** offers these results for download:\n\n{bullets(lines)}\n\n"
    )
    text += "Tables are kept as Parquet and text as Markdown; I write a table as CSV, JSON or Markdown if you like."
    evidence = about_file(results.file, artifacts=[item.artifact_id for item in kept])
    wanted = ask("Write it as CSV", AgentType.CONTENT, f"Convert {results.file.name} to csv")
    return Answer(text, (open_file(results.file), wanted), (evidence,))


def _state_of(session: Session, file: File) -> str:
    done = latest_ended(session, file)
    if file.status is FileStatus.PARSED and done is not None and done.result is not None:
        return f"analysed: {extent(done.result)}"
    return _STATUS_TEXT[file.status]


def _table_line(table: TableProfile) -> str:
    extent_text = f"{plural(table.rows, 'row')} and {plural(len(table.columns), 'column')}"
    return f"{extent_text} (table {plain(table.name)})" if table.name else extent_text


def _extent_facts(results: Results) -> dict[str, object]:
    document = results.profile.document
    tables = [
        {"name": table.name, "rows": table.rows, "columns": len(table.columns)} for table in results.profile.tables
    ]
    text = {"pages": document.pages, "words": document.words, "headings": document.headings} if document else None
    return {"tables": tables, "text": text}


def _document_extent(results: Results) -> str:
    document = results.profile.document
    if document is None:
        return "no table and no text"
    pages = f"{plural(document.pages, 'page')} and " if document.pages else ""
    return f"{pages}{plural(document.words, 'word')} of text, and no table"


def _no_table(results: Results) -> Answer:
    text = f"**{plain(results.file.name)}** holds text and no table, so it has no columns. It has {_document_extent(results)}."
    return Answer(text, _about(results.file), (results.evidence("profile", **_extent_facts(results)),))


def _more(total: int, shown: int) -> str:
    return f" and {total - shown} more" if total > shown else ""


def _ask(label: str, results: Results, start: str) -> Action:
    return ask(label, AgentType.CONTENT, f"{start} {results.file.name}")


def _about(file: File) -> tuple[Action, ...]:
    return (
        ask("Any problems?", AgentType.CONTENT, f"Which problems does {file.name} have?"),
        ask("Show the first rows", AgentType.CONTENT, f"Show me the first rows of {file.name}"),
        open_file(file),
    )
