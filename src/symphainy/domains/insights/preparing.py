"""Gets a session's tables ready for questions before there is one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from symphainy.domains.insights.sources import Table, all_tables, index_path, path_of
from symphainy.enabling_services.insights.data_insights_query import DataInsightsQuery
from symphainy.errors import ArtifactNotFound, SymphainyError
from symphainy.files.base import FileStore
from symphainy.session import Session

logger = logging.getLogger(__name__)

TABLES: Final = 3
"""The newest ones: the process that answers holds four open."""
AT_ONCE: Final = 16
"""Sessions whose files may have to be fetched first; those beyond are prepared by their first question."""


class Preparation:
    def __init__(self, files: FileStore, query: DataInsightsQuery) -> None:
        self._files = files
        self._query = query
        self._begun: set[asyncio.Task[None]] = set()

    def begin(self, session: Session) -> None:
        """Somebody has this session open. Returns at once; what is ready costs nothing, and what fails is told by the question
        that meets it."""
        if len(self._begun) < AT_ONCE:
            task = asyncio.create_task(self._prepare(session))
            self._begun.add(task)
            task.add_done_callback(self._begun.discard)

    async def close(self) -> None:
        for task in self._begun:
            task.cancel()
        await asyncio.gather(*self._begun, return_exceptions=True)

    async def is_ready(self, session: Session) -> bool:
        """Whether a question about one of these tables waits for nothing but its own answer."""
        return all([self._query.is_prepared(path, table.name) async for table, path in self._tables(session)])

    async def _prepare(self, session: Session) -> None:
        try:
            async for table, path in self._tables(session):
                self._query.prepare_soon(path, table.name, await index_path(self._files, session, table))
        except SymphainyError as reason:
            logger.info("tables of %s are not ready for questions: %s", session.session_id, reason)

    async def _tables(self, session: Session) -> AsyncIterator[tuple[Table, Path]]:
        for table in all_tables(session)[:TABLES]:
            with suppress(ArtifactNotFound):
                yield table, await path_of(self._files, session, table.artifact)
