"""Documents for people: one small model of a report, written as Markdown and as a Word document."""

from symphainy.enabling_services.reports.generator import Rendition, ReportGenerator
from symphainy.enabling_services.reports.report import (
    Block,
    Facts,
    Heading,
    List,
    Paragraph,
    Picture,
    Report,
    Table,
)

__all__ = [
    "Block",
    "Facts",
    "Heading",
    "List",
    "Paragraph",
    "Picture",
    "Rendition",
    "Report",
    "ReportGenerator",
    "Table",
]
