"""The child's side: an e-mail to text and attachments, a mailbox to a table of its messages."""

from __future__ import annotations

import csv
import mailbox
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path
from typing import Final

from symphainy.enabling_services.database import Database
from symphainy.enabling_services.errors import ServiceError, not_a
from symphainy.enabling_services.grids import Grid
from symphainy.enabling_services.kinds import FileKind
from symphainy.enabling_services.limits import Limits
from symphainy.enabling_services.mail.messages import Part, content, headers
from symphainy.enabling_services.parsed_file import Attachment, ColumnType, Document, ParsedFile
from symphainy.enabling_services.reporting import Stage
from symphainy.enabling_services.table_files import TableFiles, check_rows

_TEXT_FILE: Final = "document.md"
_TEXT_OF_A_ROW: Final = 100_000
_COLUMNS: Final = {
    "date": ColumnType.TEXT,
    "from": ColumnType.TEXT,
    "to": ColumnType.TEXT,
    "cc": ColumnType.TEXT,
    "subject": ColumnType.TEXT,
    "text": ColumnType.TEXT,
    "attachments": ColumnType.INTEGER,
}
_BETWEEN_REPORTS: Final = 100


def parse_email(source: Path, limits: Limits, work_dir: Path, progress: Stage) -> ParsedFile:
    """Attachments become files of the output folder. Raises ServiceError `not_a_email`."""
    progress(0.1, "reading the message")
    try:
        message = message_from_bytes(source.read_bytes())
        found, mail = content(message), headers(message)
    except RecursionError as error:
        raise not_a(
            FileKind.EMAIL,
            "This message is nested so deeply that no mail program would write it, so it was not read. Nothing was kept.",
        ) from error
    title = mail.subject or "(no subject)"
    text = f"# {title}\n\n{found.text}\n".replace("\0", "")
    (work_dir / _TEXT_FILE).write_text(text, encoding="utf-8")
    attachments: list[Attachment] = []
    warnings = [*_left_out(len(found.enclosed), found.pictures, limits)]
    for number, enclosed in enumerate(found.enclosed[: limits.attachments], 1):
        progress(0.2 + 0.8 * number / len(found.enclosed), f"attachment {enclosed.name}")
        file_name = f"attachment-{number:03}"
        (work_dir / file_name).write_bytes(enclosed.data)
        attachments.append(Attachment(enclosed.name, file_name, enclosed.media_type, len(enclosed.data)))
        if enclosed.damaged:
            warnings.append(
                f"The attachment {enclosed.name!r} is damaged in this message; what could be read was kept."
            )
    document = Document(
        _TEXT_FILE, len(text), len(found.text.split()), title=title, author=mail.sender, created=mail.date
    )
    return ParsedFile(
        FileKind.EMAIL,
        FileKind.EMAIL.media_type,
        document=document,
        warnings=tuple(warnings),
        mail=mail,
        attachments=tuple(attachments),
    )


def parse_mailbox(source: Path, table_name: str, limits: Limits, work_dir: Path, progress: Stage) -> ParsedFile:
    """One row for each message, in the order of the file. Raises ServiceError `not_a_mbox`, `too_many_rows`."""
    path = work_dir / "messages.csv"
    rows = attached = 0
    try:
        with path.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
            for row in _messages(source, progress):
                writer.writerow(row)
                rows += 1
                attached += int(row[-1])
                check_rows(rows, limits)
    except (RecursionError, mailbox.Error) as error:
        raise not_a(FileKind.MBOX, "This mailbox is damaged, so it was not read. Nothing was kept from it.") from error
    grid = Grid(path, tuple(_COLUMNS), tuple(_COLUMNS.values()), (1,) * len(_COLUMNS), rows, 0)
    with Database(work_dir, (), limits) as db:
        table = TableFiles(work_dir, limits).write(db, 1, table_name, grid.relation, grid.typed_columns()[0])
    path.unlink()
    note = f"The messages have {attached:,} attachments, which are not read. Save a message as .eml to have them read."
    return ParsedFile(FileKind.MBOX, FileKind.MBOX.media_type, (table,), warnings=(note,) if attached else ())


def _messages(source: Path, progress: Stage) -> Iterator[tuple[str, ...]]:
    box = mailbox.mbox(source, create=False)
    try:
        total = len(box)
        if not total:
            raise ServiceError("empty", "There is no message in this mailbox. Check the original and upload it again.")
        for number, key in enumerate(box.iterkeys()):
            if number % _BETWEEN_REPORTS == 0:
                progress(number / total, f"message {number + 1:,} of {total:,}")
            message: Part = message_from_bytes(box.get_bytes(key))
            mail, found = headers(message), content(message)
            yield (
                mail.date or "",
                mail.sender or "",
                ", ".join(mail.to),
                ", ".join(mail.cc),
                mail.subject or "",
                found.text.replace("\0", "")[:_TEXT_OF_A_ROW],
                str(len(found.enclosed)),
            )
    finally:
        box.close()


def _left_out(attachments: int, pictures: int, limits: Limits) -> Iterator[str]:
    if attachments > limits.attachments:
        yield f"It has {attachments:,} attachments; the first {limits.attachments:,} were read."
    if pictures:
        yield f"{pictures:,} {'picture' if pictures == 1 else 'pictures'} inside the text left out."
