"""What can be analysed in a session: the newest tables and texts that Content read from its files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePath

from symphainy.agents.wording import newest_first
from symphainy.artifacts import Artifact
from symphainy.errors import ArtifactNotFound, FileNotFound, InvalidInput, JsonObject
from symphainy.files.base import FileStore
from symphainy.library import content_of
from symphainy.session import File, Session

_PARQUET = ".parquet"
_INDEX = "table_index"


@dataclass(frozen=True, slots=True)
class Table:
    """`name` is what SQL calls it."""

    file: File
    artifact: Artifact
    name: str

    @property
    def label(self) -> str:
        """The file's name; where the file has a table of another name, that too."""
        stem = PurePath(self.file.name).stem
        return self.file.name if self.name in (stem, self.file.name) else f"{self.file.name}, {self.name}"


def tables_of(session: Session, file: File) -> list[Table]:
    """The tables of the file's newest analysis, in the file's order."""
    kept = [item for item in session.artifacts.values() if item.file_id == file.file_id and item.kind == "table"]
    newest = kept[-1].workflow_id if kept else None
    return [Table(file, item, item.name.removesuffix(_PARQUET)) for item in kept if item.workflow_id == newest]


def text_of(session: Session, file: File) -> Artifact | None:
    """The text of a document; None if the file is not one, or was not analysed."""
    kept = [
        item for item in session.artifacts.values() if item.file_id == file.file_id and item.kind == "document_text"
    ]
    return kept[-1] if kept else None


def all_tables(session: Session) -> list[Table]:
    """Of all files, newest file first."""
    return [table for file in newest_first(session.files) for table in tables_of(session, file)]


def file_of_input(session: Session, input: JsonObject) -> File:
    """Raises InvalidInput, FileNotFound."""
    file_id = input.get("file_id")
    if not isinstance(file_id, str) or not file_id:
        raise InvalidInput("Say which file: file_id is missing.")
    if file_id not in session.files:
        raise FileNotFound(f"There is no file {file_id!r} in this session.")
    return session.files[file_id]


def table_of_input(session: Session, input: JsonObject) -> Table:
    """The named table of the named file; without a name its only one, without a file the session's only one. Raises
    InvalidInput, FileNotFound."""
    tables = tables_of(session, file_of_input(session, input)) if input.get("file_id") else all_tables(session)
    wanted = input.get("table")
    if wanted:
        tables = [table for table in tables if table.name == wanted]
    if not tables:
        raise InvalidInput(
            "There is no such table. Only files that were analysed in Content and hold a table can be asked about."
        )
    if len(tables) > 1:
        names = ", ".join(table.label for table in tables[:8])
        raise InvalidInput(f"Say which table is meant: {names}.")
    return tables[0]


async def path_of(files: FileStore, session: Session, artifact: Artifact) -> Path:
    """Raises ArtifactNotFound."""
    return (await content_of(files, session, artifact.artifact_id, None, None)).path


async def index_path(files: FileStore, session: Session, table: Table) -> Path | None:
    """Where the analysis of the table's file kept what questions need to know; None where it did not."""
    kept = next(
        (
            item
            for item in session.artifacts.values()
            if item.kind == _INDEX and item.workflow_id == table.artifact.workflow_id
        ),
        None,
    )
    try:
        return await path_of(files, session, kept) if kept is not None else None
    except ArtifactNotFound:
        return None


def named_in(text: str, tables: list[Table]) -> tuple[list[Table], str]:
    """The tables that the words name by file or table, and the words without the name."""
    by_file = _named(text, [(table, (table.file.name, PurePath(table.file.name).stem)) for table in tables])
    return by_file if by_file[0] else _named(text, [(table, (table.name,)) for table in tables])


def _named(text: str, names_of: list[tuple[Table, tuple[str, ...]]]) -> tuple[list[Table], str]:
    found: list[Table] = []
    rest = text
    for table, names in names_of:
        for name in names:
            if len(name) < 3 or not _says(text, name):
                continue
            found.append(table)
            rest = re.sub(_LEADING + re.escape(name) + r"(?!\w)[\"']?", " ", rest)
            break
    return found, re.sub(r"\s+([?!.,;:])", r"\1", " ".join(rest.split())) if found else text


_LEADING = r"(?i)\b(?:(?:in|of|from|for|on|within)\s+)?(?:the\s+)?(?:file\s+|table\s+)?[\"']?(?<!\w)"


def _says(text: str, name: str) -> bool:
    """A plain word names a file only behind `in`, `from`, `file`: `claims` alone is what the rows are called."""
    if re.search(rf"(?i)(?<!\w){re.escape(name)}(?!\w)", text) is None:
        return False
    if not name.isalpha():
        return True
    return re.search(rf"(?i)\b(?:in|from|within|file|table)\s+(?:the\s+)?{re.escape(name)}\b", text) is not None
