"""ReportGenerator: one report, written as Markdown and as a Word document."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from symphainy.enabling_services.child_process import ProgressCallback, own_folder
from symphainy.enabling_services.limits import Limits
from symphainy.enabling_services.reports import word
from symphainy.enabling_services.reports.drawing import LIMITS, draw
from symphainy.enabling_services.reports.markdown import to_markdown
from symphainy.enabling_services.reports.report import Report

_WORK: Final = ".work-draw"


@dataclass(frozen=True, slots=True)
class Rendition:
    """One format of a report. `ending` is that of a file name, with its dot."""

    media_type: str
    ending: str
    content: bytes


class ReportGenerator:
    name = "ReportGenerator"

    def __init__(self, limits: Limits = LIMITS) -> None:
        self._limits = limits

    async def render(self, report: Report, *, work_dir: Path, progress: ProgressCallback) -> tuple[Rendition, ...]:
        """Markdown first, then DOCX. Pictures are drawn in a child process in a folder inside `work_dir`; where one
        cannot be drawn (the extra `pictures` is missing, or the drawing failed) the document says so in its place,
        with the picture's description.

        The same report gives the same bytes as long as the same pictures can be drawn.
        """
        pictures = await draw(
            report.pictures, work_dir=own_folder(work_dir, _WORK), progress=progress, limits=self._limits
        )
        markdown = to_markdown(report, pictures)
        document = await asyncio.to_thread(word.to_word, report, pictures)
        return (
            Rendition("text/markdown", ".md", markdown.encode()),
            Rendition(word.MEDIA_TYPE, ".docx", document),
        )
