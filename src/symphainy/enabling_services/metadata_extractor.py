"""What is known about a file apart from its data."""

from __future__ import annotations

import tempfile
from pathlib import Path

from symphainy.enabling_services.child_process import ProgressCallback, Request, absolute, run_in_child
from symphainy.enabling_services.file_metadata import FileMetadata
from symphainy.enabling_services.limits import Limits
from symphainy.enabling_services.parsed_file import ParsedFile
from symphainy.enabling_services.spare_children import SpareChildren


class MetadataExtractor:
    name = "MetadataExtractor"

    def __init__(self, limits: Limits | None = None, *, spares: SpareChildren | None = None) -> None:
        self._limits = limits or Limits()
        self._spares = spares

    async def extract(
        self, source: Path, parsed: ParsedFile, *, file_name: str, progress: ProgressCallback
    ) -> FileMetadata:
        """Size and checksum of `source`, schema from `parsed`, author and times as far as the format states them."""
        arguments = {"source": absolute(source), "parsed": parsed.to_json(), "file_name": file_name}
        with tempfile.TemporaryDirectory(prefix="symphainy-") as folder:
            request = Request("metadata", arguments, Path(folder) / "work")
            return FileMetadata.from_json(await run_in_child(request, self._limits, progress, spares=self._spares))
