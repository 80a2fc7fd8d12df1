"""Which encoding a text is in, decided by rules that give the same answer every time, and its copy in UTF-8.

Order: byte order mark; UTF-16 by its pattern of zero bytes; UTF-8 when every byte of the file fits; otherwise cp1252,
or latin-1 when a byte is undefined in cp1252. A file in which some bytes are proper UTF-8 and others are not is
refused.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from symphainy.enabling_services.errors import ServiceError

_BLOCK: Final = 1 << 20
_CONTROLS: Final = bytes(code for code in range(32) if code not in b"\t\n\r\f\x1a\x1b") + b"\x7f"
_NOT_CONTROLS: Final = bytes(code for code in range(256) if code not in _CONTROLS)
_CONTROL_SHARE: Final = 0.002
_UNDEFINED_IN_CP1252: Final = frozenset(b"\x81\x8d\x8f\x90\x9d")
_C1_SHARE_OF_BINARY: Final = 0.1


class NotText(Exception):
    """The bytes are no text in any supported encoding."""


@dataclass(frozen=True, slots=True)
class TextScan:
    """`encoding` is one of utf-8, utf-8-sig, utf-16, cp1252, latin-1. `codec` reads the bytes after `skip`.
    `plain` says that the file already is UTF-8 with one newline style, so that no copy is needed."""

    encoding: str
    codec: str
    skip: int
    lines: int
    newline: str
    plain: bool


def guess_from_head(head: bytes) -> tuple[str, int]:
    """Codec and length of the byte order mark, judged from the first bytes only. Raises NotText."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8", 3
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise _wrong_encoding("It is written in UTF-32, which no office program expects", {})
    if head.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le", 2
    if head.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be", 2
    if b"\0" in head:
        half = max(len(head) // 2, 1)
        even, odd = head[0::2].count(0) / half, head[1::2].count(0) / half
        if odd > 0.4 and even < 0.05:
            return "utf-16-le", 0
        if even > 0.4 and odd < 0.05:
            return "utf-16-be", 0
        raise NotText
    if len(head.translate(None, _NOT_CONTROLS)) > max(1, _CONTROL_SHARE * len(head)):
        raise NotText
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError as error:
        c1 = sum(1 for byte in head if 0x80 <= byte <= 0x9F)
        if c1 > _C1_SHARE_OF_BINARY * len(head) or (error.start == 0 and len(head) < 4):
            raise NotText from error
        return "cp1252", 0
    return "utf-8", 0


def decode_head(head: bytes) -> str:
    """The first bytes as text, for looking at; a character cut at the end is dropped. Raises NotText."""
    codec, skip = guess_from_head(head)
    return codecs.getincrementaldecoder(codec)("replace").decode(head[skip:])


def scan_text(path: Path, progress: Callable[[float], None]) -> TextScan:
    """Read the whole file once and decide. Raises NotText, or ServiceError `encoding`."""
    with path.open("rb") as stream:
        codec, skip = guess_from_head(stream.read(65_536))
    if codec.startswith("utf-16"):
        lines = _check_utf16(path, codec, skip)
        return TextScan("utf-16", codec, skip, lines, "\n", plain=False)
    counts = _Counts()
    size = max(path.stat().st_size, 1)
    with path.open("rb") as stream:
        stream.seek(skip)
        while block := stream.read(_BLOCK):
            counts.add(block)
            progress(min(stream.tell() / size, 1.0))
    counts.end()
    if counts.zeros or counts.controls > max(1, _CONTROL_SHARE * counts.size):
        raise NotText
    if counts.utf8_error is None:
        name = "utf-8-sig" if skip else "utf-8"
        return TextScan(name, "utf-8", skip, counts.lines, counts.newline, plain=not skip and counts.uniform)
    if skip or _has_utf8_sequences(path):
        line = counts.utf8_error + 1
        raise _wrong_encoding(
            f"Some characters near line {line:,} are in a different encoding than the rest", {"line": line}
        )
    if counts.c1 > _C1_SHARE_OF_BINARY * counts.size:
        raise NotText
    codec = "latin-1" if counts.undefined_in_cp1252 else "cp1252"
    return TextScan(codec, codec, 0, counts.lines, counts.newline, plain=False)


def write_utf8(
    source: Path, scan: TextScan, target: Path, progress: Callable[[float], None], *, drop_lines: int = 0
) -> None:
    """Copy as UTF-8 without byte order mark, every newline as `\\n`, without the first `drop_lines` lines."""
    size = max(source.stat().st_size, 1)
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(scan.codec)(), translate=True)
    with source.open("rb") as raw, target.open("w", encoding="utf-8", newline="") as out:
        raw.seek(scan.skip)
        ended = False
        while not ended:
            block = raw.read(_BLOCK)
            ended = not block
            text = decoder.decode(block, final=ended)
            while drop_lines and "\n" in text:
                text = text.partition("\n")[2]
                drop_lines -= 1
            if not drop_lines:
                out.write(text)
            progress(min(raw.tell() / size, 1.0))


class _Counts:
    """What one pass over the bytes finds out."""

    def __init__(self) -> None:
        self.size = self.zeros = self.controls = self.c1 = 0
        self.undefined_in_cp1252 = False
        self.utf8_error: int | None = None
        self._feeds = self._pairs = self._returns = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._last = b""

    def add(self, block: bytes) -> None:
        self.size += len(block)
        controls = len(block.translate(None, _NOT_CONTROLS))
        if controls:
            self.controls += controls
            self.zeros += block.count(b"\0")
        if self.utf8_error is None and not (block.isascii() and self._between_characters):
            self._try_utf8(block, final=False)
        if self.utf8_error is not None:
            high = block.translate(None, bytes(range(0x80)) + bytes(range(0xA0, 0x100)))
            self.c1 += len(high)
            self.undefined_in_cp1252 = self.undefined_in_cp1252 or not _UNDEFINED_IN_CP1252.isdisjoint(high)
        self._feeds += block.count(b"\n")
        returns = block.count(b"\r")
        self._returns += returns
        self._pairs += (block.count(b"\r\n") if returns else 0) + (self._last == b"\r" and block.startswith(b"\n"))
        self._last = block[-1:]

    def end(self) -> None:
        if self.utf8_error is None:
            self._try_utf8(b"", final=True)

    def _try_utf8(self, block: bytes, *, final: bool) -> None:
        try:
            self._decoder.decode(block, final)
        except UnicodeDecodeError as error:
            self.utf8_error = self._feeds + block[: error.start].count(b"\n")

    @property
    def _between_characters(self) -> bool:
        return not self._decoder.getstate()[0]

    @property
    def lines(self) -> int:
        ends = self._feeds + self._returns - self._pairs
        return ends + (self._last not in (b"", b"\n", b"\r"))

    @property
    def uniform(self) -> bool:
        return self._returns == self._pairs and self._pairs in (0, self._feeds)

    @property
    def newline(self) -> str:
        return "\r\n" if self.uniform and self._pairs else "\n"


def _check_utf16(path: Path, codec: str, skip: int) -> int:
    lines = 0
    decoder = codecs.getincrementaldecoder(codec)()
    with path.open("rb") as stream:
        stream.seek(skip)
        try:
            while block := stream.read(_BLOCK):
                text = decoder.decode(block)
                lines += text.count("\n")
                if "\0" in text:
                    raise NotText
            decoder.decode(b"", True)
        except UnicodeDecodeError as error:
            raise _wrong_encoding(f"It is UTF-16, but damaged near line {lines + 1:,}", {"line": lines + 1}) from error
    return lines + 1


def _has_utf8_sequences(path: Path) -> bool:
    """Whether at least one character of two or more bytes is proper UTF-8 and no coincidence: more good ones than bad
    ones."""
    good = bad = 0
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            text = block.decode("utf-8", "replace")
            wrong = text.count("\ufffd")
            bad += wrong
            good += sum(1 for character in text if character > "\x7f") - wrong
    return good > bad


def _wrong_encoding(why: str, facts: dict[str, int]) -> ServiceError:
    return ServiceError(
        "encoding",
        f"The letters of this file cannot be read reliably. {why}. Save it as UTF-8 and upload it again.",
        facts,
    )
