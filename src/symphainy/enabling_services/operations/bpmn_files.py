"""An uploaded BPMN diagram as a document: its steps in words, so that it can be read, previewed and searched like any text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from symphainy.enabling_services.kinds import FileKind
from symphainy.enabling_services.limits import Limits
from symphainy.enabling_services.operations.bpmn_reading import read_bpmn
from symphainy.enabling_services.operations.child import text_of_file
from symphainy.enabling_services.operations.sop import Step
from symphainy.enabling_services.operations.to_sop import to_sop
from symphainy.enabling_services.parsed_file import ParsedFile
from symphainy.enabling_services.reporting import Stage


def parse_bpmn(source: Path, title: str, limits: Limits, work_dir: Path, progress: Stage) -> ParsedFile:
    """Raises ServiceError `not_a_bpmn`, `too_large`."""
    from symphainy.enabling_services.documents.document_parsing import parse_document

    progress(0.1, "reading the diagram")
    sop = to_sop(read_bpmn(text_of_file(source), title))
    lines = [f"# {sop.title}", "", *(_line(step) for step in sop.steps)]
    written = work_dir / "steps.md"
    written.write_text("\n".join(lines) + "\n", encoding="utf-8")
    parsed = parse_document(written, FileKind.MARKDOWN, limits, work_dir, progress.part(0.5, 1.0, "steps"), None)
    return replace(parsed, kind=FileKind.BPMN, warnings=(*sop.warnings, *parsed.warnings))


def _line(step: Step) -> str:
    who = f"{step.role}: " if step.role else ""
    condition = f"If {step.condition}, then " if step.condition else ""
    otherwise = f"; otherwise {step.otherwise}" if step.otherwise else ""
    return f"{step.no}. {who}{condition}{step.action}{otherwise}."
