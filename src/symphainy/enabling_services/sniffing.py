"""What a file really is, judged by its content; the name only decides between kinds that look alike (CSV, text,
Markdown)."""

from __future__ import annotations

import asyncio
import re
import zipfile
from pathlib import Path
from typing import Final, Literal

from symphainy.enabling_services.archives import is_zip, read_directory, read_member
from symphainy.enabling_services.cobol.code_pages import looks_ebcdic
from symphainy.enabling_services.cobol.copybooks import looks_like_copybook
from symphainy.enabling_services.dialects import looks_tabular
from symphainy.enabling_services.encodings import NotText, decode_head
from symphainy.enabling_services.errors import ServiceError, not_a
from symphainy.enabling_services.kinds import (
    KIND_BY_EXTENSION,
    RECORD_EXTENSIONS,
    SUPPORTED_SENTENCE,
    UNSUPPORTED_EXTENSIONS,
    FileKind,
    extension_of,
)
from symphainy.enabling_services.limits import Limits

HEAD_BYTES: Final = 65_536

_COMPOUND: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FOREIGN: Final = (
    (b"GIF8", "a GIF picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"{\\rtf", "a Rich Text document"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"SQLite format 3", "an SQLite database"),
)
_PICTURES: Final = (
    (b"\x89PNG\r\n\x1a\n", FileKind.PNG),
    (b"\xff\xd8\xff", FileKind.JPEG),
    (b"II*\0", FileKind.TIFF),
    (b"MM\0*", FileKind.TIFF),
)
_HTML: Final = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_TAG: Final = re.compile(r"<(?:!doctype|/?[a-z][a-z0-9]*)\b[^>]*>", re.I)
_HEADERS: Final = re.compile(r"(?:[A-Za-z][A-Za-z0-9-]*:.*\r?\n(?:[ \t].*\r?\n)*){2,}")
_HEADER_NAME: Final = re.compile(r"^([A-Za-z0-9-]+):", re.M)
_MAIL_HEADERS: Final = frozenset(
    {"from", "to", "date", "subject", "message-id", "received", "mime-version", "return-path"}
)
_DESCRIPTION: Final = re.compile(r"(?:.{6}\*.*\n|\s*\n)*(?:.{6})?\s*0?1\s+[A-Za-z][\w-]*", re.A)
"""How a copybook begins: after its comments, a record of level 01."""
_JSON_START: Final = re.compile(r"\s*(?:\[\s*(?:[\[{\"\]0-9tfn-])|\{\s*[\"}])")

_TEXTUAL: Final = frozenset(
    {FileKind.CSV, FileKind.TSV, FileKind.JSON, FileKind.JSONL, FileKind.HTML, FileKind.TEXT, FileKind.MARKDOWN}
    | {FileKind.COPYBOOK, FileKind.EMAIL, FileKind.MBOX}
)

Foreign = tuple[Literal["foreign"], str]


async def sniff(source: Path, file_name: str, *, limits: Limits | None = None) -> FileKind:
    """Judges by at most 64 KiB of content and, for zip containers, their directory; nothing is unpacked or parsed.

    Raises ServiceError `empty`, `too_large`, `truncated`, `encrypted`, `unpacked_too_large`, `encoding`,
    `unsupported`, or `not_a_<kind>` when the name promises another kind than the content is.
    """
    return await asyncio.to_thread(identify, source, file_name, limits or Limits())


def identify(source: Path, file_name: str, limits: Limits) -> FileKind:
    size = source.stat().st_size
    if size == 0:
        raise _empty()
    if size > limits.file_bytes:
        raise ServiceError(
            "too_large",
            f"This file has {size / 1e6:,.1f} MB; at most {limits.file_bytes / 1e6:,.1f} MB can be read. "
            "Split it into smaller files, or leave out columns that are not needed.",
            {"size": size, "limit": limits.file_bytes},
        )
    extension = extension_of(file_name)
    promised = KIND_BY_EXTENSION.get(extension)
    with source.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    found = _kind_of_binary(source, head, size, limits) or _kind_of_text(head, promised, extension)
    if isinstance(found, tuple):
        if promised is not None:
            raise _mislabelled(promised, found[1])
        raise _unsupported(found[1])
    if (
        promised is None
        and extension in UNSUPPORTED_EXTENSIONS
        and found in (FileKind.TEXT, FileKind.CSV, FileKind.TSV)
    ):
        raise _unsupported(f"a .{extension} file")
    if promised is None or promised == found or {promised, found} == {FileKind.JSON, FileKind.JSONL}:
        return found
    if promised is FileKind.TEXT and found in _TEXTUAL:
        return found
    raise _mislabelled(promised, f"really {found.label}")


def _kind_of_binary(source: Path, head: bytes, size: int, limits: Limits) -> FileKind | Foreign | None:
    if is_zip(head):
        return _kind_of_archive(source, limits)
    if head.startswith(b"%PDF-") or head.lstrip()[:5] == b"%PDF-":
        _check_pdf_end(source, size)
        return FileKind.PDF
    if head.startswith((b"PAR1", b"PARE")):
        _check_parquet_end(source, size, head)
        return FileKind.PARQUET
    if head.startswith(_COMPOUND):
        return _kind_of_compound(source, head, size)
    for magic, kind in _PICTURES:
        if head.startswith(magic):
            return kind
    for magic, label in _FOREIGN:
        if head.startswith(magic):
            return ("foreign", f"really {label}")
    return None


def _kind_of_text(head: bytes, promised: FileKind | None, extension: str) -> FileKind | Foreign:
    if promised is None and extension in RECORD_EXTENSIONS and looks_ebcdic(head):
        return FileKind.RECORDS
    try:
        text = decode_head(head)
    except NotText:
        if promised is None and extension in RECORD_EXTENSIONS:
            return FileKind.RECORDS
        return ("foreign", "no text: it contains binary data")
    stripped = text.lstrip("\ufeff \t\r\n")
    if not stripped:
        raise _empty()
    if promised is FileKind.BPMN:
        return promised if stripped.startswith("<") else ("foreign", "text that is no XML")
    if promised is FileKind.MARKDOWN or promised is FileKind.COPYBOOK:
        return promised
    if _HTML.match(stripped) or (promised is FileKind.HTML and _TAG.search(stripped)):
        return FileKind.HTML
    if promised is FileKind.HTML:
        return ("foreign", "only text without any HTML tag")
    if _JSON_START.match(stripped) and promised not in (FileKind.TEXT, None):
        return _json_kind(stripped, promised)
    if promised in (FileKind.JSON, FileKind.JSONL):
        return ("foreign", "text that does not start like JSON")
    if promised is FileKind.CSV or promised is FileKind.TSV:
        return ("foreign", "really an XML file") if stripped.startswith("<?xml") else promised
    if promised is None and _JSON_START.match(stripped) and extension == "":
        return _json_kind(stripped, promised)
    mail = _mail_kind(text)
    if mail is not None and promised in (None, FileKind.TEXT, mail):
        return mail
    if promised is FileKind.EMAIL or promised is FileKind.MBOX:
        return ("foreign", "only text without the headers of an e-mail")
    if _DESCRIPTION.match(text) and looks_like_copybook(text):
        return FileKind.COPYBOOK
    delimiter = looks_tabular(stripped)
    if delimiter is not None:
        return FileKind.TSV if delimiter == "\t" else FileKind.CSV
    return FileKind.TEXT


def _mail_kind(text: str) -> FileKind | None:
    """Headers at once, two of which every mail program writes; a mailbox begins with a line of its own."""
    kind = FileKind.EMAIL
    if text.startswith("From "):
        kind, text = FileKind.MBOX, text.partition("\n")[2]
    head = _HEADERS.match(text)
    names = {name.lower() for name in _HEADER_NAME.findall(head.group())} if head else set[str]()
    return kind if "from" in names and len(names & _MAIL_HEADERS) > 1 else None


def _json_kind(stripped: str, promised: FileKind | None) -> FileKind:
    """JSON Lines when the first line is a whole value and a second one follows."""
    first, newline, rest = stripped.partition("\n")
    if newline and first.rstrip().endswith(("}", "]")) and rest.lstrip().startswith(("{", "[")):
        return FileKind.JSONL
    return FileKind.JSONL if promised is FileKind.JSONL and not stripped.startswith("[") else FileKind.JSON


def _kind_of_archive(source: Path, limits: Limits) -> FileKind | Foreign:
    names = {entry.filename for entry in read_directory(source, limits)}
    if "[Content_Types].xml" in names:
        for member, kind in (
            ("xl/workbook.xml", FileKind.XLSX),
            ("word/document.xml", FileKind.DOCX),
            ("ppt/presentation.xml", FileKind.PPTX),
        ):
            if member in names:
                return kind
        if "xl/workbook.bin" in names:
            return ("foreign", "really a binary Excel workbook (.xlsb)")
    if "mimetype" in names:
        try:
            media_type = read_member(source, "mimetype", 200) or b""
            manifest = read_member(source, "META-INF/manifest.xml", HEAD_BYTES) or b""
        except (zipfile.BadZipFile, OSError) as error:
            raise ServiceError(
                "truncated",
                "This file is damaged: its parts do not match its table of contents. Upload it again from the "
                "original.",
            ) from error
        if media_type.strip() == FileKind.ODS.media_type.encode():
            if b"encryption-data" in manifest:
                raise _encrypted()
            return FileKind.ODS
        return ("foreign", "really an OpenDocument file that is not a spreadsheet")
    return ("foreign", "really a zip archive")


def _kind_of_compound(source: Path, head: bytes, size: int) -> FileKind | Foreign:
    """OLE2 containers (old Office, and today's Office when encrypted), by the names in their directory [MS-CFB]."""
    sector = 1 << int.from_bytes(head[30:32], "little") if head[30:32] in (b"\x09\x00", b"\x0c\x00") else 0
    start = (int.from_bytes(head[48:52], "little") + 1) * sector
    if not sector or start >= size:
        raise ServiceError(
            "truncated",
            "This file is incomplete or damaged: its directory is missing. Upload it again from the original.",
        )
    with source.open("rb") as stream:
        stream.seek(start)
        directory = stream.read(HEAD_BYTES)
    names = {_compound_name(directory[at : at + 128]) for at in range(0, len(directory) - 127, 128)}
    if "EncryptedPackage" in names or "EncryptionInfo" in names:
        raise _encrypted()
    if names & {"Workbook", "Book"}:
        return FileKind.XLS
    if "WordDocument" in names:
        return ("foreign", "really an old Word document (.doc)")
    if "PowerPoint Document" in names:
        return ("foreign", "really an old PowerPoint presentation (.ppt)")
    return ("foreign", "an Office container without a workbook")


def _compound_name(entry: bytes) -> str:
    length = int.from_bytes(entry[64:66], "little")
    return entry[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")


def _check_pdf_end(source: Path, size: int) -> None:
    with source.open("rb") as stream:
        stream.seek(max(0, size - HEAD_BYTES // 2))
        if b"%%EOF" not in stream.read():
            raise ServiceError(
                "truncated",
                "This PDF is incomplete: its end is missing. Nothing was read from it. Upload it again from the "
                "original.",
            )


def _check_parquet_end(source: Path, size: int, head: bytes) -> None:
    with source.open("rb") as stream:
        stream.seek(max(0, size - 4))
        end = stream.read()
    if head.startswith(b"PARE") or end == b"PARE":
        raise _encrypted()
    if size < 12 or end != b"PAR1":
        raise ServiceError(
            "truncated", "This Parquet file is incomplete: its end is missing. Upload it again from the original."
        )


def _mislabelled(promised: FileKind, really: str) -> ServiceError:
    advice = (
        "Give it the right ending and upload it again."
        if really.startswith("really")
        else "Check the file and upload the right one."
    )
    return not_a(
        promised, f"This file is named like {promised.label}, but it is {really}. Nothing was read from it. {advice}"
    )


def _unsupported(what: str) -> ServiceError:
    return ServiceError(
        "unsupported", f"This file is {what.removeprefix('really ')}, which cannot be read. {SUPPORTED_SENTENCE}"
    )


def _empty() -> ServiceError:
    return ServiceError(
        "empty", "This file is empty: there is nothing in it to read. Check the original and upload it again."
    )


def _encrypted() -> ServiceError:
    return ServiceError(
        "encrypted",
        "This file is protected by a password, so it cannot be read. Save a copy without the password and upload that.",
    )
