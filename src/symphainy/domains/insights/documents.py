"""The documents of the area: what an analysis, an answer and a chart hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from symphainy.domains.insights.sources import Table
from symphainy.enabling_services.errors import ServiceError
from symphainy.enabling_services.insights.charts import bar_chart
from symphainy.enabling_services.insights.data_insights_query import TableAnswer
from symphainy.enabling_services.insights.query_engine import Answered
from symphainy.enabling_services.insights.visualization_engine import Chart, VisualizationEngine
from symphainy.enabling_services.json_values import Json
from symphainy.errors import JsonObject, JsonValue
from symphainy.session import File

KINDS: Sequence[tuple[str, str]] = (
    ("anomaly", "anomaly"),
    ("trend", "trend"),
    ("comparison", "comparison"),
    ("correlation", "correlation"),
    ("concentration", "concentration"),
    ("distribution", "distribution"),
)


def insights_document(table: Table, generated: JsonObject) -> dict[str, JsonValue]:
    findings: list[JsonObject] = generated["findings"]
    return {
        "title": f"Insights: {table.label}",
        "file_id": table.file.file_id,
        "table": table.name,
        "rows": generated["rows"],
        "findings": findings,
        "distributions": generated["distributions"],
        "summary": summary_of(table.label, generated),
        "summary_chart": None,
        "tests": generated["tests"],
        "sample_rows": generated["sample_rows"],
        "false_discovery_rate": generated["false_discovery_rate"],
        "skipped_columns": generated["skipped_columns"],
    }


def summary_of(label: str, generated: JsonObject) -> list[str]:
    """How much was looked at, how many findings there are, and the most important of them."""
    findings: list[JsonObject] = generated["findings"]
    opening = f"{label}: {generated['rows']:,} rows, {generated['tests']:,} comparisons tested."
    if not findings:
        return [
            opening,
            "Nothing in it differs from chance enough to be reported. The distributions of its columns are below.",
        ]
    counts = Counter(str(finding["type"]) for finding in findings)
    parts = [_counted(counts[kind], noun) for kind, noun in KINDS if counts[kind]]
    return [
        opening,
        f"{_counted(len(findings), 'finding')}: {', '.join(parts)}.",
        *[str(finding["statement"]) for finding in findings[:3]],
        *[str(finding["recommendation"]) for finding in findings[:3] if finding.get("recommendation")][:2],
    ]


def _counted(count: int, noun: str) -> str:
    if count == 1:
        return f"1 {noun}"
    return f"{count} {noun[:-1] + 'ies' if noun.endswith('y') else noun + 's'}"


def summary_chart(document: JsonObject) -> JsonObject | None:
    """The findings by how much they matter."""
    findings: list[JsonObject] = document["findings"]
    if len(findings) < 2:
        return findings[0]["chart"] if findings else None
    values: list[Json] = [
        {"x": f"{number}. {finding['title']}"[:70], "y": finding["score"]}
        for number, finding in enumerate(findings[:12], 1)
    ]
    return bar_chart("How much each finding matters", values, x_title="finding", y_title="score")


def answer_document(table: Table, answer: TableAnswer, engine: VisualizationEngine) -> dict[str, JsonValue]:
    """The rows, the interpretation and, where rows can be drawn, a chart."""
    chart = chart_of(answer, engine)
    return {
        "title": answer.question,
        "file_id": table.file.file_id,
        "table": table.name,
        **answer.to_json(),
        "chart": chart.spec if chart else None,
        "chart_type": chart.chart_type if chart else None,
        "rationale": chart.rationale if chart else None,
        "follow_ups": follow_ups(answer),
    }


def finding_rows_document(table: Table, finding: JsonObject, answered: Answered) -> dict[str, JsonValue]:
    """An answer whose question is a finding: nothing goes on from it, so it has no `query`."""
    question = f"Rows behind: {finding['title']}"
    return {
        "title": question,
        "file_id": table.file.file_id,
        "table": table.name,
        "question": question,
        "interpretation": str(finding["statement"]),
        "sql": str(finding["rows_sql"]),
        "columns": [{"name": name, "type": kind} for name, kind in zip(answered.columns, answered.types, strict=True)],
        "rows": [list(row) for row in answered.rows],
        "rows_total": answered.rows_total,
        "query": None,
        "chart": None,
        "rationale": None,
        "follow_ups": [],
    }


def chart_of(answer: TableAnswer, engine: VisualizationEngine) -> Chart | None:
    """None where nothing in the rows can be drawn."""
    query = answer.query
    wish = None if query.chart == "auto" else query.chart
    if query.shape in ("rows", "value") and query.chart is None:
        return None
    columns = list(zip(answer.answered.columns, answer.answered.types, strict=True))
    try:
        return engine.chart(
            columns, answer.answered.rows, title=answer.question, wish=wish, rows_total=answer.answered.rows_total
        )
    except ServiceError as failure:
        if failure.service_code != "no_chart":
            raise
        return None


def chart_document(table: Table, answer: TableAnswer, engine: VisualizationEngine) -> dict[str, JsonValue]:
    """Raises ServiceError `no_chart`."""
    query = answer.query
    wish = None if query.chart == "auto" else query.chart
    columns = list(zip(answer.answered.columns, answer.answered.types, strict=True))
    chart = engine.chart(
        columns, answer.answered.rows, title=answer.question, wish=wish, rows_total=answer.answered.rows_total
    )
    return {
        "title": answer.question,
        "file_id": table.file.file_id,
        "table": table.name,
        **answer.to_json(),
        "chart": chart.spec,
        "chart_type": chart.chart_type,
        "rationale": chart.rationale,
    }


def follow_ups(answer: TableAnswer) -> list[str]:
    """Questions that go on from this answer."""
    query = answer.query
    found: list[str] = []
    if query.shape == "groups":
        found += ["show it as a chart"] if query.chart is None else []
        found += ["only the top 5"] if not query.limit and answer.answered.rows_total > 5 else []
    if query.shape == "rows" and answer.answered.rows_total > 1:
        number = next(
            (
                name
                for name, kind in zip(answer.answered.columns, answer.answered.types, strict=True)
                if kind.startswith(("DOUBLE", "DECIMAL"))
            ),
            None,
        )
        found += [f'sort by "{number}"'] if number else []
    return found


def document_title(file: File) -> str:
    return f"Insights: {file.name}"
