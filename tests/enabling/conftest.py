from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from symphainy.enabling_services import (
    DataAnalyzer,
    FileParser,
    Limits,
    ParsedFile,
    Preview,
    PreviewBuilder,
    Profile,
    ProgressCallback,
)
from symphainy.enabling_services.database import Row


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: takes more than ten seconds")


class Progress:
    """Records what a service reports."""

    def __init__(self) -> None:
        self.calls: list[tuple[float, str]] = []
        self.also: ProgressCallback | None = None

    async def __call__(self, fraction: float, detail: str) -> None:
        self.calls.append((fraction, detail))
        if self.also is not None:
            await self.also(fraction, detail)


class FixedClock:
    def now(self) -> float:
        return 1_710_000_000.0  # 2024-03-09


class Bench:
    """One file after another through the services, as an orchestrator would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.progress = Progress()
        self.output = folder / "output"
        self.output.mkdir()

    async def parse(self, name: str, data: bytes | str, *, limits: Limits | None = None) -> ParsedFile:
        source = self.folder / "upload"
        source.write_bytes(data.encode() if isinstance(data, str) else data)
        return await self.parse_path(source, name, limits=limits)

    async def parse_path(self, source: Path, name: str, *, limits: Limits | None = None) -> ParsedFile:
        return await FileParser(limits).parse(
            source, file_name=name, media_type=None, output_dir=self.output, progress=self.progress
        )

    async def profile(self, parsed: ParsedFile, *, limits: Limits | None = None) -> Profile:
        return await DataAnalyzer(limits, clock=FixedClock()).profile(
            parsed, output_dir=self.output, progress=self.progress
        )

    async def preview(self, parsed: ParsedFile, *, rows: int = 100, limits: Limits | None = None) -> Preview:
        return await PreviewBuilder(limits).preview(parsed, output_dir=self.output, rows=rows, progress=self.progress)

    async def cells(self, parsed: ParsedFile, table: int = 0) -> list[list[object]]:
        """The rows as stored, read with the query engine in this process."""
        return [list(row) for row in await asyncio.to_thread(self._rows, parsed, table)]

    def _rows(self, parsed: ParsedFile, table: int) -> list[Row]:
        import duckdb

        path = self.output / parsed.tables[table].file_name
        with duckdb.connect() as connection:
            return connection.execute(f"SELECT * FROM read_parquet('{path}', file_row_number = false)").fetchall()

    def leftovers(self) -> list[str]:
        return sorted(path.name for path in self.output.iterdir())


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def types_of(parsed: ParsedFile, table: int = 0) -> dict[str, str]:
    return {column.name: column.type.value for column in parsed.tables[table].columns}
