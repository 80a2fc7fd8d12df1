"""How long the analysis of a million rows takes beside what the database alone needs by hand: from the CSV to findings, and of
that the findings alone; then questions about the rows.

By hand is measured before and after, in the same run, twice: for a quick look, and for all that the analysis tells.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from _invoices import LEAST, ROWS, THE_SAME, seconds_by_hand, write_csv

from symphainy.enabling_services import DataAnalyzer, FileParser, MetadataExtractor, PreviewBuilder
from symphainy.enabling_services.data_analyzer import INDEX_FILE
from symphainy.enabling_services.insights.data_insights_query import DataInsightsQuery, TableAnswer
from symphainy.enabling_services.insights.insights_generator import InsightsGenerator
from symphainy.enabling_services.insights.query_engine import QueryEngine

QUESTIONS = (
    "average days late per customer",
    "amount by region",
    "Which customers are more than 33 days late?",
)


class Progress:
    def __init__(self) -> None:
        self.reports = 0

    async def __call__(self, fraction: float, detail: str) -> None:
        self.reports += 1


async def analyse(csv: Path, folder: Path, progress: Progress) -> tuple[Path, float]:
    """Everything that happens to an uploaded file. Gives the table, and when it was read."""
    parsed = await FileParser().parse(
        csv, file_name=csv.name, media_type="text/csv", output_dir=folder, progress=progress
    )
    await DataAnalyzer().profile(parsed, output_dir=folder, progress=progress)
    await MetadataExtractor().extract(csv, parsed, file_name=csv.name, progress=progress)
    await PreviewBuilder().preview(parsed, output_dir=folder, progress=progress)
    read_at = time.perf_counter()
    table = folder / parsed.tables[0].file_name
    result = await InsightsGenerator().generate(table, "invoices", work_dir=folder, progress=progress)
    print(f"{result['tests']:,} tests, {len(result['findings'])} findings, {progress.reports} reports of progress")
    return table, read_at


async def ask(table: Path, kept: Path) -> None:
    async with QueryEngine() as engine:
        service = DataInsightsQuery(engine)
        await service.prepare(table, "invoices", kept)
        times: list[str] = []
        for question in QUESTIONS:
            started = time.perf_counter()
            answer = await service.answer(table, "invoices", question, kept=kept)
            times.append(f"{1000 * (time.perf_counter() - started):.0f} ms")
            assert isinstance(answer, TableAnswer), question
    print(f"questions, the first one after the table is opened: {', '.join(times)}")


async def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        csv, out = write_csv(Path(name)), Path(name) / "out"
        hands = {statements: [seconds_by_hand(csv, statements)] for statements in (LEAST, THE_SAME)}
        started = time.perf_counter()
        table, read_at = await analyse(csv, out, Progress())
        ended = time.perf_counter()
        for statements, seconds in hands.items():
            seconds.append(seconds_by_hand(csv, statements))
        quick, same = (statistics.mean(seconds) for seconds in hands.values())
        print(f"{ROWS:,} rows by hand: a quick look {quick:.2f} s, all that the analysis tells {same:.2f} s")
        for what, taken in (
            ("from the CSV to findings", ended - started),
            ("findings of the read table", ended - read_at),
        ):
            print(f"{what}: {taken:.2f} s, {taken / same:.2f} times the same, {taken / quick:.2f} times the quick look")
        await ask(table, out / INDEX_FILE)


if __name__ == "__main__":
    asyncio.run(main())
