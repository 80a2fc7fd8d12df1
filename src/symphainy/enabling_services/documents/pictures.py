"""Pictures of text, read by recognition."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path
from typing import Final

from symphainy.enabling_services.documents.conversion import TEXT_FILE, convert
from symphainy.enabling_services.documents.recognition import require_languages
from symphainy.enabling_services.errors import ServiceError
from symphainy.enabling_services.kinds import FileKind
from symphainy.enabling_services.limits import Limits
from symphainy.enabling_services.parsed_file import ParsedFile
from symphainy.enabling_services.reporting import Stage

_PNG_HEADER: Final = 24


def parse_picture(
    source: Path, kind: FileKind, limits: Limits, work_dir: Path, progress: Stage, ocr_data: Path | None
) -> ParsedFile:
    """Raises ServiceError `not_installed`, `not_a_<kind>`, `unpacked_too_large`, `empty`."""
    languages = require_languages(ocr_data, "read the text in a picture")
    data = source.read_bytes()
    _check_pixels(data, kind, limits)
    progress(0.1, "recognising the text")
    converted = convert(data, kind, limits, languages=languages)
    text = converted.text.replace("\0", "").strip()
    if not text:
        raise ServiceError(
            "empty",
            "No text was recognised in this picture, so there is nothing to analyse. If it shows text, take a sharper "
            "picture of it, straight and with more light, and upload that.",
        )
    (work_dir / TEXT_FILE).write_text(text + "\n", encoding="utf-8")
    document = replace(converted.facts, characters=len(text) + 1, words=len(text.split()), pages=None)
    warning = f"The text was recognised from a picture ({' and '.join(languages)}); compare figures with the original."
    return ParsedFile(kind, kind.media_type, document=document, warnings=(warning,))


def _check_pixels(data: bytes, kind: FileKind, limits: Limits) -> None:
    """A PNG packs any number of equal pixels into a few bytes; the other formats cannot."""
    if kind is not FileKind.PNG or len(data) < _PNG_HEADER:
        return
    width, height = struct.unpack(">II", data[16:_PNG_HEADER])
    if width * height > limits.picture_pixels:
        raise ServiceError(
            "unpacked_too_large",
            f"This picture has {width:,} by {height:,} pixels; at most {limits.picture_pixels:,} in all can be read. "
            "Make it smaller and upload it again.",
            {"reason": "pixels", "pixels": width * height, "limit": limits.picture_pixels},
        )
