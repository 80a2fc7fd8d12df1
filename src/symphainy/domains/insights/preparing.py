"""Gets a session's tables ready for questions before there is one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from symphainy.domains.insights.sources import Table, all_tables, index_path, path_of
from symphainy.enabling_services.insights.data_insights_query import DataInsightsQuery
from symphainy.errors import ArtifactNotFound
from symphainy.files import FileStore
from symphainy.session import Session

TABLES: Final = 3
"""The newest ones: the process that answers holds four open."""


class Preparation:
    def __init__(self, files: FileStore, query: DataInsightsQuery) -> None:
        self._files = files
        self._query = query

    def begin(self, session: Session) -> None:
        """Somebody has this session open. Returns at once; what is ready costs nothing, and what fails is told by the question
        that meets it."""
        for table, path in self._tables(session):
            self._query.prepare_soon(path, table.name, index_path(self._files, session, table))

    def is_ready(self, session: Session) -> bool:
        """Whether a question about one of these tables waits for nothing but its own answer."""
        return all(self._query.is_prepared(path, table.name) for table, path in self._tables(session))

    def _tables(self, session: Session) -> Iterator[tuple[Table, Path]]:
        for table in all_tables(session)[:TABLES]:
            with suppress(ArtifactNotFound):
                yield table, path_of(self._files, session, table.artifact)
