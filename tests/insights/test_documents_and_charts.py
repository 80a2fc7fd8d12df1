"""Facts of documents stand in their sentences; charts fit the kinds of the columns."""

from __future__ import annotations

from typing import Any

import pytest

from symphainy.enabling_services.errors import ServiceError
from symphainy.enabling_services.insights.document_insights import document_insights
from symphainy.enabling_services.insights.visualization_engine import VisualizationEngine

CONTRACT = """# Supply agreement

This agreement is made on 3 March 2024 between Acorn Tools Ltd. and Birch Foods GmbH (the "Supplier").

## Payment terms

The Supplier must send an invoice within 14 days. Late payment interest is 1.5 % per month, at most EUR 12,500.
"Late Payment" means any payment after the due date. Late payment interest shall not be compounded.
Late payment interest is due at once.
"""


def facts(kind: str) -> list[str]:
    return [fact["value"] for fact in document_insights(CONTRACT)["facts"] if fact["kind"] == kind]


def test_facts_and_their_sentences() -> None:
    assert facts("date") == ["3 March 2024"]
    assert facts("amount") == ["EUR 12,500"]
    assert facts("percentage") == ["1.5 %"]
    assert facts("duration") == ["14 days"]
    assert facts("defined_term") == ["Supplier", "Late Payment"]
    assert [name.rstrip(".") for name in facts("party")] == ["Acorn Tools Ltd", "Birch Foods GmbH"]
    for fact in document_insights(CONTRACT)["facts"]:
        assert fact["value"] in fact["quote"]
        assert fact["quote"] in CONTRACT.replace("\n", " ")
    duty = document_insights(CONTRACT)["obligations"]
    assert [(item["word"], item["section"]) for item in duty] == [
        ("must", "Payment terms"),
        ("shall not", "Payment terms"),
    ]
    assert document_insights(CONTRACT)["key_phrases"][0]["count"] == 4
    assert [item["text"] for item in document_insights(CONTRACT)["outline"]] == ["Supply agreement", "Payment terms"]


def test_a_document_without_text_is_refused() -> None:
    with pytest.raises(ServiceError) as refused:
        document_insights("\n\n")
    assert refused.value.service_code == "empty"


@pytest.mark.parametrize(
    ("columns", "rows", "wish", "kind"),
    [
        ([("month", "DATE"), ("sales", "DOUBLE")], [["2024-01-01", 1.0], ["2024-02-01", 2.0]], None, "line"),
        ([("region", "VARCHAR"), ("sales", "DOUBLE")], [["West", 1.0], ["East", 2.0]], None, "bar"),
        ([("region", "VARCHAR"), ("sales", "DECIMAL(18,2)")], [["West", "1.50"], ["East", "2.00"]], "pie", "pie"),
        ([("a", "DOUBLE"), ("b", "BIGINT")], [[1.0, 2], [2.0, 3]], None, "point"),
        ([("a", "DOUBLE")], [[float(n)] for n in range(90)], None, "histogram"),
        (
            [("r", "VARCHAR"), ("k", "VARCHAR"), ("n", "BIGINT")],
            [["W", "x", 1], ["W", "y", 2], ["E", "x", 3]],
            None,
            "bar",
        ),
    ],
)
def test_the_chart_fits_the_columns(columns: Any, rows: Any, wish: str | None, kind: str) -> None:
    chart = VisualizationEngine().chart(columns, rows, title="T", wish=wish)
    assert chart.chart_type == kind
    assert chart.spec["$schema"].endswith("/v6.json")
    assert chart.spec["description"]
    assert chart.rationale.endswith(".")


def test_a_chart_has_at_most_two_thousand_points_and_says_so() -> None:
    chart = VisualizationEngine().chart([("a", "DOUBLE"), ("b", "DOUBLE")], [[n, n] for n in range(9_000)], title="T")
    assert len(chart.spec["data"]["values"]) <= 2_000
    assert "9,000" in chart.rationale


def test_what_cannot_be_drawn_is_said() -> None:
    for columns, rows in (([("a", "VARCHAR")], [["x"]]), ([("a", "DOUBLE")], [])):
        with pytest.raises(ServiceError) as refused:
            VisualizationEngine().chart(columns, rows, title="T")
        assert refused.value.service_code == "no_chart"
