"""Reads a file of any supported kind into typed tables and Markdown text."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Final

from symphainy.enabling_services.child_process import ProgressCallback, Request, absolute, own_folder, run_in_child
from symphainy.enabling_services.errors import ServiceError
from symphainy.enabling_services.kinds import FileKind, extension_of
from symphainy.enabling_services.limits import Limits
from symphainy.enabling_services.parsed_file import ParsedFile
from symphainy.enabling_services.sniffing import identify
from symphainy.enabling_services.spare_children import SpareChildren

_WORK: Final = ".work-parse"


class FileParser:
    name = "FileParser"

    def __init__(
        self, limits: Limits | None = None, *, spares: SpareChildren | None = None, ocr_data: Path | None = None
    ) -> None:
        """`ocr_data` is the folder of the language data for text recognition; None looks where systems install it."""
        self._limits = limits or Limits()
        self._spares = spares
        self._ocr_data = ocr_data

    async def parse(
        self,
        source: Path,
        *,
        file_name: str,
        media_type: str | None,
        output_dir: Path,
        progress: ProgressCallback,
        copybook: Path | None = None,
        code_page: str | None = None,
    ) -> ParsedFile:
        """Tables and text are in `output_dir` when this returns; nothing is there when it raises or is cancelled.
        `media_type` is what the sender claimed; it is not trusted and decides nothing. Repeating it replaces the files
        of the first time. With a `copybook` the file is read as the records that it describes, whatever its name says;
        `code_page` is one of `CODE_PAGES`, None: told by the data.

        Raises ServiceError with one of `ERROR_CODES`.
        """
        if copybook is not None:
            kind = FileKind.RECORDS
        else:
            kind = await asyncio.to_thread(identify, source, file_name, self._limits)
        if kind is FileKind.RECORDS and copybook is None:
            raise _needs_copybook()
        await progress(0.0, f"recognised {kind.label}")
        work_dir = own_folder(output_dir, _WORK)
        extension = extension_of(file_name)
        stem = file_name[: -len(extension) - 1] if extension else file_name
        arguments = {
            "source": absolute(source),
            "kind": kind.value,
            "table_name": stem.strip()[:120] or "table",
            "ocr_data": absolute(self._ocr_data) if self._ocr_data else None,
            "copybook": absolute(copybook) if copybook else None,
            "code_page": code_page,
        }
        result = await run_in_child(
            Request("parse", arguments, work_dir),
            self._limits,
            progress,
            keep=lambda: _keep(work_dir, output_dir),
            spares=self._spares,
        )
        return ParsedFile.from_json(result)


def _needs_copybook() -> ServiceError:
    return ServiceError(
        "needs_copybook",
        "This file holds binary data and nothing that says what it is. If these are mainframe records, upload their COBOL "
        "copybook and choose it for this file. The file is kept.",
    )


def _keep(work_dir: Path, output_dir: Path) -> None:
    for path in sorted(
        [*work_dir.glob("table-*.parquet"), *work_dir.glob("document.md"), *work_dir.glob("attachment-*")]
    ):
        os.replace(path, output_dir / path.name)
