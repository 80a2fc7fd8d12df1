"""Validating a file that was read, and writing its tables in other formats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast

from symphainy import entries as log
from symphainy.domains.content.jobs import Job, file_of_input
from symphainy.domains.content.results import FileResults
from symphainy.enabling_services import DataQuality, FormatComposer, ServiceError
from symphainy.enabling_services.content.format_composer import FORMATS
from symphainy.enabling_services.content.stored import KeptTable
from symphainy.errors import InvalidInput
from symphainy.files.base import FileStore
from symphainy.ids import derived_id
from symphainy.orchestrators.results import Results, artifact_id_of
from symphainy.session import File, JsonObject, Session, StepPlan
from symphainy.workflows import Flow, ProgressCallback, StepOutcome

VALIDATE_CONTENT: Final = "validate_content"
CONVERT_FORMAT: Final = "convert_format"
VALIDATION_STEPS: Final = (StepPlan("validate", DataQuality.name),)
CONVERSION_STEPS: Final = (StepPlan("convert", FormatComposer.name),)
CHECK_CONTRIBUTIONS: Final = {DataQuality.name: "validation", FormatComposer.name: "export"}


class Checking:
    def __init__(self, files: FileStore, quality: DataQuality, composer: FormatComposer) -> None:
        self._files = files
        self._quality = quality
        self._composer = composer
        self._results = FileResults(files)

    def check_validation(self, session: Session, input: JsonObject) -> None:
        """Raises InvalidInput."""
        _require_read(session, file_of_input(session, input))
        rules: object = input.get("rules") or []
        if not isinstance(rules, list):
            raise InvalidInput("`rules` is a list.")
        try:
            self._quality.check_rules(cast("list[JsonObject]", rules))
        except ServiceError as error:
            raise InvalidInput(error.message) from error

    def check_conversion(self, session: Session, input: JsonObject) -> None:
        """Raises InvalidInput."""
        _require_read(session, file_of_input(session, input))
        if input.get("format") not in FORMATS:
            raise InvalidInput(f"`format` is one of {', '.join(FORMATS)}.")

    async def validate(self, flow: Flow) -> JsonObject:
        session = await flow.sessions.get_session(flow.session_id)
        file = file_of_input(session, flow.input)
        job = Job(self._files, flow, file)

        async def validate(progress: ProgressCallback) -> StepOutcome:
            tables, metadata = await self._results.tables(session, file)
            made = await self._quality.validate(
                await job.source(),
                tables,
                file_id=file.file_id,
                sha256=file.sha256,
                metadata=metadata,
                rules=flow.input.get("rules") or [],
                output_dir=await job.folder(),
                progress=progress,
            )
            kept = await Results(self._files, flow).keep(
                kind="validation",
                subject=file.file_id,
                name=made.title,
                document=made.to_json(),
                file_id=file.file_id,
            )
            failed = [check.statement for check in made.failed]
            output: JsonObject = {
                "file_id": file.file_id,
                "artifact_id": kept.artifact_id,
                "checks": len(made.checks),
                "failed": len(failed),
                "worst": failed[:3],
                "rejected_rows": made.rejected_count,
                "rows": made.rows,
            }
            return StepOutcome(output, f"{len(made.checks):,} checks, {len(failed):,} failed", kept.drafts)

        return await flow.step("validate", DataQuality.name, validate)

    async def convert(self, flow: Flow) -> JsonObject:
        session = await flow.sessions.get_session(flow.session_id)
        file = file_of_input(session, flow.input)
        form = str(flow.input["format"])
        job = Job(self._files, flow, file)

        async def convert(progress: ProgressCallback) -> StepOutcome:
            tables, _ = await self._results.tables(session, file)
            table = _chosen(tables, file, flow.input.get("table"))
            target = await job.folder() / "export"
            await self._composer.compose(table, form, target=target, progress=progress)
            ending, media_type = FORMATS[form]
            artifact_id = artifact_id_of(flow.session_id, "export", f"{file.file_id}/{table.name}/{form}")
            blob = derived_id("blob", flow.workflow_id, artifact_id)
            stored = await self._files.adopt(flow.session_id, blob, target)
            name = f"{_stem(file, table, len(tables))}.{ending}"
            created = log.ArtifactCreated(artifact_id, name, "export", media_type, stored.size, file.file_id, blob=blob)
            output: JsonObject = {
                "file_id": file.file_id,
                "artifact_id": artifact_id,
                "name": name,
                "format": form,
                "table": table.name,
                "rows": table.rows,
                "size": stored.size,
            }
            return StepOutcome(output, f"{table.rows:,} rows written", (flow.draft(created),))

        return await flow.step("convert", FormatComposer.name, convert)


def _require_read(session: Session, file: File) -> None:
    kinds = {item.kind for item in session.artifacts.values() if item.file_id == file.file_id}
    if "profile" not in kinds:
        raise InvalidInput(f"{file.name} is not analysed yet; analyse it first.")


def _chosen(tables: Sequence[KeptTable], file: File, wanted: str | None) -> KeptTable:
    if not tables:
        raise ServiceError(
            "unsupported", f"{file.name} holds text and no table; its text can be downloaded as Markdown."
        )
    found = next((table for table in tables if wanted in (None, table.name)), None)
    if found is None:
        names = ", ".join(table.name for table in tables)
        raise ServiceError("missing_input", f"{file.name} has no table {wanted!r}. It has: {names}.")
    return found


def _stem(file: File, table: KeptTable, tables: int) -> str:
    stem = file.name.rpartition(".")[0] or file.name
    return f"{stem} - {table.name}".replace("/", "-") if tables > 1 else stem
