"""A table that a parser has read and somebody has kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from symphainy.enabling_services.child_process import absolute
from symphainy.enabling_services.json_values import Json, encode
from symphainy.enabling_services.parsed_file import Column


@dataclass(frozen=True, slots=True)
class KeptTable:
    """`path` is its Parquet file; `index` is what its analysis kept for questions, if it did."""

    name: str
    path: Path
    rows: int
    columns: tuple[Column, ...]
    index: Path | None = None

    def to_json(self) -> Json:
        return {"name": self.name, "path": absolute(self.path), "rows": self.rows, "columns": encode(self.columns)}

    @classmethod
    def from_json(cls, data: Json) -> KeptTable:
        from symphainy.enabling_services.parsed_file import ColumnType

        columns = tuple(Column(str(item["name"]), ColumnType(item["type"])) for item in data["columns"])
        return cls(str(data["name"]), Path(data["path"]), int(data["rows"]), columns)
