"""The first rows or characters of a parsed file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from symphainy.enabling_services.child_process import ProgressCallback, Request, absolute, own_folder, run_in_child
from symphainy.enabling_services.limits import Limits
from symphainy.enabling_services.parsed_file import ParsedFile
from symphainy.enabling_services.preview import Preview
from symphainy.enabling_services.spare_children import SpareChildren
from symphainy.enabling_services.stored_tables import check_stored

_WORK: Final = ".work-preview"


class PreviewBuilder:
    name = "PreviewBuilder"

    def __init__(self, limits: Limits | None = None, *, spares: SpareChildren | None = None) -> None:
        self._limits = limits or Limits()
        self._spares = spares

    async def preview(
        self, parsed: ParsedFile, *, output_dir: Path, rows: int = 100, progress: ProgressCallback
    ) -> Preview:
        """The first `rows` rows of each table and the beginning of the text. `output_dir` is where the parser put them.

        Raises ServiceError `missing_input` when they are no longer there.
        """
        check_stored(parsed, output_dir)
        arguments = {"output_dir": absolute(output_dir), "parsed": parsed.to_json(), "rows": max(rows, 0)}
        return Preview.from_json(
            await run_in_child(
                Request("preview", arguments, own_folder(output_dir, _WORK)),
                self._limits,
                progress,
                spares=self._spares,
            )
        )
