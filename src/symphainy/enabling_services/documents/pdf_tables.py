"""Tables in PDF documents, by the library of the extra `pdf-tables`, with the page they stand on."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from symphainy.enabling_services.documents.conversion import FoundTable
from symphainy.enabling_services.limits import Limits
from symphainy.enabling_services.reporting import Stage

NOT_LOOKED_FOR: Final = (
    "Tables were not looked for in this PDF, their words are in the text only: the server lacks a part. Ask whoever runs "
    "it for: pip install 'symphainy[pdf-tables]'."
)


def pdf_tables(source: Path, limits: Limits, warnings: list[str], progress: Stage) -> tuple[FoundTable, ...]:
    """Ruled tables of at least two rows and two columns. One that goes on over the page, with its header repeated, is
    one table. Adds to `warnings` what was not looked at."""
    try:
        import pdfplumber
        from pdfplumber.utils.exceptions import PdfminerException
    except ModuleNotFoundError:
        warnings.append(NOT_LOOKED_FOR)
        return ()
    tables: list[FoundTable] = []
    reached = 0
    try:
        with pdfplumber.open(source) as document:
            total = len(document.pages)
            if total > limits.table_pages:
                warnings.append(f"Tables were looked for in the first {limits.table_pages:,} of {total:,} pages only.")
            for page in islice(document.pages, limits.table_pages):
                progress(page.page_number / total, f"looking for tables on page {page.page_number:,} of {total:,}")
                for first, cells in _tables_of(page):
                    if first and reached == page.page_number - 1 and tables and tables[-1].cells[0] == cells[0]:
                        tables[-1] = FoundTable(tables[-1].cells + cells[1:], tables[-1].page)
                    else:
                        tables.append(FoundTable(cells, page.page_number))
                    reached = page.page_number
                page.close()
    except PdfminerException:
        warnings.append(
            "Tables could not be looked for in this PDF: its inner structure is damaged. The text was read."
        )
    return tuple(tables)


def _tables_of(page: Any) -> Iterator[tuple[bool, tuple[tuple[str, ...], ...]]]:
    """Whether it is the first on the page, and its cells. A cell that a line break divides is one text."""
    for number, rows in enumerate(page.extract_tables()):
        cells = tuple(tuple(" ".join(str(cell or "").split()) for cell in row) for row in rows)
        if len(cells) > 1 and len(cells[0]) > 1:
            yield number == 0, cells
