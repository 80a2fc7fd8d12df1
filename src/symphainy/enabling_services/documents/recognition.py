"""Text recognition: where its language data is installed. The engine itself comes with the extra `documents`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from symphainy.enabling_services.errors import not_installed

INSTALL: Final = "apt-get install tesseract-ocr-eng"
_FOLDERS: Final = (
    "/usr/share/tesseract-ocr/5/tessdata",
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tessdata",
    "/usr/local/share/tessdata",
    "/opt/homebrew/share/tessdata",
)
_NO_LANGUAGES: Final = frozenset({"osd", "equ"})
_MOST_LANGUAGES: Final = 3
"""Each one makes recognition slower."""


def installed_languages(folder: Path | None) -> tuple[str, ...]:
    """The languages that can be recognised in this process from now on, English first; none: nothing is installed.
    `folder` holds the language data; None looks where systems install it."""
    for place in (folder,) if folder is not None else map(Path, _FOLDERS):
        found = {path.stem for path in place.glob("*.traineddata")} - _NO_LANGUAGES
        if found:
            # The engine is native code: it reads the process's own environment.
            os.putenv("TESSDATA_PREFIX", str(place))
            return tuple(sorted(found, key=lambda name: (name != "eng", name))[:_MOST_LANGUAGES])
    return ()


def require_languages(folder: Path | None, what: str) -> tuple[str, ...]:
    """Raises ServiceError `not_installed` when there are none."""
    found = installed_languages(folder)
    if not found:
        raise not_installed(what, INSTALL)
    return found
