"""The child's side of the parser: the right reader for each kind."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import assert_never

from symphainy.enabling_services.json_values import Json
from symphainy.enabling_services.kinds import FileKind
from symphainy.enabling_services.limits import Limits
from symphainy.enabling_services.parsed_file import ParsedFile
from symphainy.enabling_services.reporting import Stage


def parse_file(arguments: Json, limits: Limits, work_dir: Path, progress: Stage) -> Json:
    started = time.monotonic()
    kind = FileKind(arguments["kind"])
    progress(0.0, f"reading {kind.label}")
    parsed = _parse(arguments, kind, limits, work_dir, progress)
    progress(1.0, _summary(parsed))
    return replace(parsed, elapsed=round(time.monotonic() - started, 3)).to_json()


def _parse(arguments: Json, kind: FileKind, limits: Limits, work_dir: Path, progress: Stage) -> ParsedFile:
    source, table_name = Path(arguments["source"]), str(arguments["table_name"])
    ocr_data = Path(arguments["ocr_data"]) if arguments["ocr_data"] else None
    match kind:
        case FileKind.CSV | FileKind.TSV:
            from symphainy.enabling_services.delimited import parse_delimited

            return parse_delimited(source, kind, table_name, limits, work_dir, progress)
        case FileKind.JSON | FileKind.JSONL:
            from symphainy.enabling_services.json_tables import parse_json

            return parse_json(source, kind, table_name, limits, work_dir, progress)
        case FileKind.XLSX | FileKind.XLS | FileKind.ODS:
            from symphainy.enabling_services.workbooks import parse_workbook

            return parse_workbook(source, kind, limits, work_dir, progress)
        case FileKind.PARQUET:
            from symphainy.enabling_services.parquet_tables import parse_parquet

            return parse_parquet(source, table_name, limits, work_dir, progress)
        case FileKind.PDF | FileKind.DOCX | FileKind.PPTX | FileKind.HTML | FileKind.TEXT | FileKind.MARKDOWN:
            from symphainy.enabling_services.documents.document_parsing import parse_document

            return parse_document(source, kind, limits, work_dir, progress, ocr_data)
        case FileKind.PNG | FileKind.JPEG | FileKind.TIFF:
            from symphainy.enabling_services.documents.pictures import parse_picture

            return parse_picture(source, kind, limits, work_dir, progress, ocr_data)
        case FileKind.EMAIL:
            from symphainy.enabling_services.mail.mail_parsing import parse_email

            return parse_email(source, limits, work_dir, progress)
        case FileKind.MBOX:
            from symphainy.enabling_services.mail.mail_parsing import parse_mailbox

            return parse_mailbox(source, table_name, limits, work_dir, progress)
        case FileKind.BPMN:
            from symphainy.enabling_services.operations.bpmn_files import parse_bpmn

            return parse_bpmn(source, table_name, limits, work_dir, progress)
        case FileKind.COPYBOOK:
            from symphainy.enabling_services.cobol.copybook_files import parse_copybook

            return parse_copybook(source, limits, work_dir, progress)
        case FileKind.RECORDS:
            from symphainy.enabling_services.cobol.copybook_files import read_copybook_file
            from symphainy.enabling_services.cobol.record_parsing import Copybook, parse_records

            copybook = Copybook(read_copybook_file(Path(arguments["copybook"])), arguments["code_page"])
            return parse_records(source, copybook, table_name, limits, work_dir, progress)
        case _:
            assert_never(kind)


def _summary(parsed: ParsedFile) -> str:
    if parsed.document is not None:
        return f"{parsed.document.words:,} words read"
    rows = sum(table.rows for table in parsed.tables)
    tables = len(parsed.tables)
    return f"{rows:,} rows read" if tables == 1 else f"{rows:,} rows in {tables:,} tables read"
