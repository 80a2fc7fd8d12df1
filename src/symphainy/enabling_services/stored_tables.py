"""The files that a parser left for the services after it."""

from __future__ import annotations

from pathlib import Path

from symphainy.enabling_services.errors import ServiceError
from symphainy.enabling_services.parsed_file import ParsedFile


def check_stored(parsed: ParsedFile, output_dir: Path) -> None:
    """Raises ServiceError `missing_input` when a table or the text is gone, because somebody removed the file."""
    names = [table.file_name for table in parsed.tables]
    if parsed.document is not None:
        names.append(parsed.document.text_file)
    missing = [name for name in names if not (output_dir / name).is_file()]
    if missing:
        raise ServiceError(
            "missing_input",
            "The data that was read from this file is no longer stored. Upload the file again.",
            {"missing": missing},
        )
