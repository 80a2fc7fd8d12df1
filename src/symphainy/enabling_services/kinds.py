"""Which kinds of file can be read, and how each is named."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class FileKind(StrEnum):
    CSV = "csv"
    TSV = "tsv"
    JSON = "json"
    JSONL = "jsonl"
    XLSX = "xlsx"
    XLS = "xls"
    ODS = "ods"
    PARQUET = "parquet"
    PDF = "pdf"
    DOCX = "docx"
    PPTX = "pptx"
    HTML = "html"
    TEXT = "text"
    MARKDOWN = "markdown"
    PNG = "png"
    JPEG = "jpeg"
    TIFF = "tiff"
    EMAIL = "email"
    MBOX = "mbox"
    RECORDS = "records"
    COPYBOOK = "copybook"
    BPMN = "bpmn"

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES[self]

    @property
    def label(self) -> str:
        """With its article, to stand in a sentence: `a PDF document`."""
        return LABELS[self]

    @property
    def is_document(self) -> bool:
        """Read as text; the other kinds are read as tables."""
        return self in DOCUMENTS


PICTURES: Final = frozenset({FileKind.PNG, FileKind.JPEG, FileKind.TIFF})
"""Read by text recognition."""

DOCUMENTS: Final = (
    frozenset({FileKind.PDF, FileKind.DOCX, FileKind.PPTX, FileKind.HTML, FileKind.TEXT, FileKind.MARKDOWN})
    | PICTURES
    | {FileKind.EMAIL, FileKind.COPYBOOK, FileKind.BPMN}
)

MEDIA_TYPES: Final = {
    FileKind.CSV: "text/csv",
    FileKind.TSV: "text/tab-separated-values",
    FileKind.JSON: "application/json",
    FileKind.JSONL: "application/jsonl",
    FileKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileKind.XLS: "application/vnd.ms-excel",
    FileKind.ODS: "application/vnd.oasis.opendocument.spreadsheet",
    FileKind.PARQUET: "application/vnd.apache.parquet",
    FileKind.PDF: "application/pdf",
    FileKind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    FileKind.PPTX: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    FileKind.HTML: "text/html",
    FileKind.TEXT: "text/plain",
    FileKind.MARKDOWN: "text/markdown",
    FileKind.PNG: "image/png",
    FileKind.JPEG: "image/jpeg",
    FileKind.TIFF: "image/tiff",
    FileKind.EMAIL: "message/rfc822",
    FileKind.MBOX: "application/mbox",
    FileKind.RECORDS: "application/octet-stream",
    FileKind.COPYBOOK: "text/x-cobol",
    FileKind.BPMN: "application/xml",
}

LABELS: Final = {
    FileKind.CSV: "a CSV table",
    FileKind.TSV: "a tab-separated table",
    FileKind.JSON: "a JSON file",
    FileKind.JSONL: "a JSON Lines file",
    FileKind.XLSX: "an Excel workbook (.xlsx)",
    FileKind.XLS: "an Excel 97-2003 workbook (.xls)",
    FileKind.ODS: "an OpenDocument spreadsheet",
    FileKind.PARQUET: "a Parquet file",
    FileKind.PDF: "a PDF document",
    FileKind.DOCX: "a Word document (.docx)",
    FileKind.PPTX: "a PowerPoint presentation (.pptx)",
    FileKind.HTML: "an HTML page",
    FileKind.TEXT: "plain text",
    FileKind.MARKDOWN: "a Markdown text",
    FileKind.PNG: "a PNG picture",
    FileKind.JPEG: "a JPEG picture",
    FileKind.TIFF: "a TIFF picture",
    FileKind.EMAIL: "an e-mail",
    FileKind.MBOX: "a mailbox",
    FileKind.RECORDS: "a file of mainframe records",
    FileKind.COPYBOOK: "a COBOL copybook",
    FileKind.BPMN: "a BPMN diagram",
}

KIND_BY_EXTENSION: Final = {
    "csv": FileKind.CSV,
    "bpmn": FileKind.BPMN,
    "bpmn2": FileKind.BPMN,
    "tsv": FileKind.TSV,
    "tab": FileKind.TSV,
    "json": FileKind.JSON,
    "jsonl": FileKind.JSONL,
    "ndjson": FileKind.JSONL,
    "xlsx": FileKind.XLSX,
    "xlsm": FileKind.XLSX,
    "xls": FileKind.XLS,
    "ods": FileKind.ODS,
    "parquet": FileKind.PARQUET,
    "pdf": FileKind.PDF,
    "docx": FileKind.DOCX,
    "docm": FileKind.DOCX,
    "pptx": FileKind.PPTX,
    "pptm": FileKind.PPTX,
    "html": FileKind.HTML,
    "htm": FileKind.HTML,
    "md": FileKind.MARKDOWN,
    "markdown": FileKind.MARKDOWN,
    "txt": FileKind.TEXT,
    "text": FileKind.TEXT,
    "log": FileKind.TEXT,
    "png": FileKind.PNG,
    "jpg": FileKind.JPEG,
    "jpeg": FileKind.JPEG,
    "tif": FileKind.TIFF,
    "tiff": FileKind.TIFF,
    "eml": FileKind.EMAIL,
    "mbox": FileKind.MBOX,
    "cpy": FileKind.COPYBOOK,
    "cob": FileKind.COPYBOOK,
    "cbl": FileKind.COPYBOOK,
    "copybook": FileKind.COPYBOOK,
}

RECORD_EXTENSIONS: Final = frozenset(["", "bin", "dat", "data", "ebc", "ebcdic", "rec", "vb", "fb", "vsam"])
"""Names that promise nothing: what is no text in such a file may be records, which only a copybook can tell."""

UNSUPPORTED_EXTENSIONS: Final = frozenset(
    [
        "7z",
        "avi",
        "avro",
        "bmp",
        "bz2",
        "doc",
        "epub",
        "exe",
        "gif",
        "gz",
        "heic",
        "key",
        "mov",
        "mp3",
        "mp4",
        "msg",
        "numbers",
        "odp",
        "odt",
        "orc",
        "pages",
        "ppt",
        "rar",
        "rtf",
        "svg",
        "tar",
        "wav",
        "webp",
        "xlsb",
        "xml",
        "xz",
        "yaml",
        "yml",
        "zip",
        "zst",
    ]
)

SUPPORTED_SENTENCE: Final = (
    "Supported are CSV and TSV, JSON and JSON Lines, Excel (.xlsx, .xls), OpenDocument spreadsheets (.ods), Parquet, "
    "PDF, Word (.docx), PowerPoint (.pptx), HTML, plain text, Markdown, pictures of text (PNG, JPEG, "
    "TIFF), e-mail (.eml, .mbox), BPMN diagrams, and mainframe records with their COBOL copybook."
)


def extension_of(file_name: str) -> str:
    """Lower case, without the dot; empty when the name has none."""
    _, dot, extension = file_name.rpartition(".")
    return extension.lower() if dot else ""
