"""Answers from rows and findings, in Markdown, each with what it comes from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from symphainy.agents.answers import Answer, ask
from symphainy.agents.wording import bullets, number_text, plain, plural, table_text
from symphainy.session import Action, AgentType, JsonObject, JsonValue

ROWS_SHOWN: Final = 10
COLUMNS_SHOWN: Final = 7
OPTIONS_SHOWN: Final = 4
_ORDINALS: Final = {"first": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4, "last": -1}


def open_artifact(label: str, artifact_id: str) -> Action:
    return Action(label, "open_artifact", {"artifact_id": artifact_id})


def answered(result: JsonObject) -> Answer:
    """The first rows, how the question was understood, and buttons that go on."""
    columns = [str(column["name"]) for column in result["columns"]]
    rows: list[list[JsonValue]] = result["rows"]
    total = int(result["rows_total"])
    charted = result["artifact_kind"] == "chart"
    shown = rows[:ROWS_SHOWN]
    decimal = [str(column["type"]).startswith("DECIMAL") for column in result["columns"]]
    text = _rows(columns, [[_exact(v, d) for v, d in zip(row, decimal, strict=True)] for row in shown], total)
    if charted:
        text = f"{result['rationale']}\n\n{text}"
    text += f"\n\n*How I read it:* {plain(str(result['interpretation']))}"
    hidden = len(columns) - COLUMNS_SHOWN
    label = "Open the chart" if charted else "Open all rows" if total > len(shown) or hidden > 0 else "Open the answer"
    actions = [open_artifact(label, str(result["artifact_id"]))]
    actions += [ask(_label(words), AgentType.INSIGHTS, words) for words in result.get("follow_ups", [])]
    return Answer(text, tuple(actions), (_evidence(result, shown, total),))


def _rows(columns: Sequence[str], rows: Sequence[Sequence[JsonValue]], total: int) -> str:
    if not rows:
        return "No row fits that."
    if len(rows) == 1 and len(columns) <= 3:
        return ", ".join(
            f"{plain(name)}: **{'no value' if value is None else _shown(value)}**"
            for name, value in zip(columns, rows[0], strict=True)
        )
    header = [plain(name) for name in columns[:COLUMNS_SHOWN]]
    cells = [[_shown(value) for value in row[:COLUMNS_SHOWN]] for row in rows]
    count = f"{plural(total, 'row')}" if total <= len(rows) else f"The first {len(rows)} of {plural(total, 'row')}"
    hidden = len(columns) - COLUMNS_SHOWN
    more = f"; {plural(hidden, 'more column')} in the full answer" if hidden > 0 else ""
    return f"{count}{more}:\n\n{table_text(header, cells)}"


def _exact(value: JsonValue, decimal: bool) -> JsonValue:
    """Decimals are kept as texts so that no digit is lost; shown they are numbers."""
    return float(value) if decimal and isinstance(value, str) else value


def _shown(value: JsonValue) -> str:
    """Large numbers with their digits, small ones with six that count."""
    if isinstance(value, float) and not value.is_integer() and 1_000 <= abs(value) < 1e15:
        return f"{value:,.2f}"
    return number_text(round(value, 6) if isinstance(value, float) else value)


def _label(words: str) -> str:
    return words[:1].upper() + words[1:].replace('"', "")


def _evidence(result: JsonObject, rows: Sequence[Sequence[JsonValue]], total: int) -> JsonObject:
    return {
        "kind": "artifact",
        "artifact_id": result["artifact_id"],
        "artifact_kind": result["artifact_kind"],
        "file_id": result["file_id"],
        "table": result["table"],
        "name": result["question"],
        "query": result["query"],
        "facts": {
            "sql": result["sql"],
            "interpretation": result["interpretation"],
            "columns": [column["name"] for column in result["columns"]],
            "rows": [list(row) for row in rows],
            "rows_total": total,
            "rationale": result["rationale"],
            "shown": len(rows),
            "hidden_columns": len(result["columns"]) - COLUMNS_SHOWN,
        },
    }


def unclear(result: JsonObject) -> Answer:
    """What has to be known first, with a button for each way to go on."""
    options: list[JsonObject] = result["options"]
    actions = tuple(
        ask(str(option["label"])[:60], AgentType.INSIGHTS, str(option["question"]))
        for option in options[:OPTIONS_SHOWN]
    )
    evidence: JsonObject = {
        "kind": "question",
        "file_id": result["file_id"],
        "table": result["table"],
        "name": result["question"],
        "facts": {"reason": result["unclear"], "options": options},
    }
    return Answer(plain(str(result["unclear"])), actions, (evidence,))


def finding_text(document: JsonObject, number: int) -> Answer:
    """One finding: its statement, formula, rows and SQL."""
    finding: JsonObject = document["findings"][number]
    text = f"**{plain(str(finding['title']))}**\n\n{plain(str(finding['statement']))}"
    if finding.get("recommendation"):
        text += f"\n\n{plain(str(finding['recommendation']))}"
    return Answer(text, (), (evidence_of(document, [finding]),))


def computed_text(document: JsonObject, number: int) -> Answer:
    finding: JsonObject = document["findings"][number]
    test: JsonObject = finding["test"]
    text = (
        f"**{plain(str(finding['title']))}** comes from {plural(int(finding['rows']), 'row')}: "
        f"{plain(str(finding['formula']))}. "
        f"It was tested with: {test['name']}; adjusted p = {float(test['q']):.2g} among "
        f"{int(document['tests']):,} tests.\n\n"
        f"```sql\n{finding['sql']}\n```"
    )
    return Answer(text, (), (evidence_of(document, [finding]),))


def summary_text(documents: Sequence[tuple[str, JsonObject]]) -> Answer:
    """Of each analysed table or text what matters most. `documents` are artifact ids and documents."""
    told = Answer("")
    for artifact_id, document in documents[:3]:
        sentences: list[str] = document["summary"]
        text = (
            f"{plain(sentences[0])}\n\n{bullets([plain(item) for item in sentences[1:]])}"
            if sentences[1:]
            else plain(sentences[0])
        )
        evidence = {**evidence_of(document, document.get("findings", [])[:3]), "artifact_id": artifact_id}
        told = told.then(Answer(text, (open_artifact(f"Open: {document['title']}"[:40], artifact_id),), (evidence,)))
    return told


def recommendations(documents: Sequence[tuple[str, JsonObject]]) -> Answer:
    """Only where a finding bears one."""
    lines: list[str] = []
    used: list[JsonObject] = []
    for artifact_id, document in documents:
        found = [finding for finding in document.get("findings", []) if finding.get("recommendation")]
        lines += [f"{plain(str(finding['title']))}: {plain(str(finding['recommendation']))}" for finding in found]
        if found:
            used.append({**evidence_of(document, found), "artifact_id": artifact_id})
    if not lines:
        text = "None of the findings bears a recommendation: they say what is so, not what would help."
        return Answer(text, (ask("Insights summary", AgentType.INSIGHTS, "Give me the insights summary"),))
    actions = tuple(open_artifact("Open the findings", str(item["artifact_id"])) for item in used[:1])
    return Answer(f"From the findings follows:\n\n{bullets(lines[:6])}", actions, tuple(used))


def evidence_of(document: JsonObject, findings: Sequence[JsonObject]) -> JsonObject:
    facts: dict[str, JsonValue] = {
        "summary": document["summary"],
        "findings": [{key: value for key, value in finding.items() if key != "chart"} for finding in findings],
        "tests": document.get("tests"),
        "rows": document.get("rows"),
    }
    kind = "insights" if "findings" in document else "document_insights"
    return {
        "kind": "artifact",
        "artifact_kind": kind,
        "file_id": document["file_id"],
        "table": document.get("table"),
        "name": document["title"],
        "facts": facts,
    }


def which_table(labels: Sequence[tuple[str, str]], question: str) -> Answer:
    """`labels` are a table's label and how to name it in a question."""
    actions = tuple(ask(label, AgentType.INSIGHTS, f"{question} in {name}") for label, name in labels[:OPTIONS_SHOWN])
    return Answer("Which table do you mean?", actions)


def computed_from(last: JsonObject) -> Answer:
    """How the answer was computed that `last` is the evidence of."""
    facts: JsonObject = last["facts"]
    text = f"{plain(str(facts['interpretation']))} It was computed from all rows of the table with:\n\n```sql\n{facts['sql']}\n```"
    return Answer(text, (open_artifact("Open the answer", str(last["artifact_id"])),), (last,))


def one_finding(documents: list[tuple[str, JsonObject]], words: str, *, computed: bool) -> Answer:
    """By its number in words or figures; else the finding whose title shares most words with the question."""
    artifact_id, document = next(((key, item) for key, item in documents if item.get("findings")), documents[0])
    findings: list[JsonObject] = document.get("findings", [])
    if not findings:
        return summary_text(documents)
    number = next((place for word, place in _ORDINALS.items() if re.search(rf"\b{word}\b", words, re.I)), None)
    digits = re.search(r"\b(\d{1,2})\b", words)
    if number is None and digits:
        number = int(digits.group(1)) - 1
    if number is None or number >= len(findings):
        said = set(re.findall(r"\w{4,}", words.lower()))
        number = max(
            range(len(findings)),
            key=lambda k: (len(said & set(re.findall(r"\w{4,}", str(findings[k]["title"]).lower()))), -k),
        )
    number %= len(findings)
    told = computed_text(document, number) if computed else finding_text(document, number)
    evidence = tuple({**item, "artifact_id": artifact_id} for item in told.evidence)
    more = ask("How was it computed?", AgentType.INSIGHTS, f"How was finding {number + 1} computed?")
    actions = (open_artifact("Open the findings", artifact_id), *(() if computed else (more,)))
    return Answer(told.text, actions, evidence)
