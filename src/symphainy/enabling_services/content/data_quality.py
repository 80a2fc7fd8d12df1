"""Checks a file that was read: its bytes, its rows, its columns, and the rules that the user states."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from symphainy.enabling_services.child_process import ProgressCallback, Request, absolute, own_folder, run_in_child
from symphainy.enabling_services.content.rules import read_rules
from symphainy.enabling_services.content.stored import KeptTable
from symphainy.enabling_services.content.validation import Validation
from symphainy.enabling_services.file_metadata import FileMetadata
from symphainy.enabling_services.json_values import JsonValue, encode
from symphainy.enabling_services.limits import Limits
from symphainy.enabling_services.spare_children import SpareChildren

_WORK: Final = ".work-validate"


class DataQuality:
    name = "DataQuality"

    def __init__(self, limits: Limits | None = None, *, spares: SpareChildren | None = None) -> None:
        self._limits = limits or Limits()
        self._spares = spares

    def check_rules(self, rules: Sequence[JsonValue]) -> None:
        """Raises ServiceError `bad_rule` before anything is begun."""
        read_rules(rules)

    async def validate(
        self,
        source: Path,
        tables: Sequence[KeptTable],
        *,
        file_id: str,
        sha256: str,
        metadata: FileMetadata,
        rules: Sequence[JsonValue],
        output_dir: Path,
        progress: ProgressCallback,
    ) -> Validation:
        """`sha256` is that of the upload. Raises ServiceError `bad_rule` for a rule about a column that is not there."""
        arguments = {
            "source": absolute(source),
            "file_id": file_id,
            "file_name": metadata.name,
            "sha256": sha256,
            "tables": [table.to_json() for table in tables],
            "rejected": encode(metadata.rejected_rows),
            "rules": list(rules),
        }
        request = Request("validate", arguments, own_folder(output_dir, _WORK))
        return Validation.from_json(await run_in_child(request, self._limits, progress, spares=self._spares))
