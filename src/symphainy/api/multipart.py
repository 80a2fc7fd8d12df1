"""Multipart uploads (RFC 7578) read as a stream: no part is ever held in memory or in a temporary file."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Final

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from symphainy.api.errors import Unreadable

NAME_CHARACTERS: Final = 255
TYPE_CHARACTERS: Final = 100
OTHER_BYTES: Final = 65_536
"""The most bytes of parts that are no files: they are read over."""


@dataclass(slots=True)
class _Headers:
    values: dict[bytes, bytes] = field(default_factory=dict[bytes, bytes])
    name: bytes = b""
    value: bytes = b""


@dataclass(frozen=True, slots=True)
class _End:
    """The end of a part."""


@dataclass(frozen=True, slots=True)
class _Begin:
    headers: dict[bytes, bytes]


class Part:
    """One file of an upload. `chunks` can be read once; `sha256` is that of what has been read so far."""

    def __init__(self, name: str, media_type: str | None, chunks: AsyncGenerator[bytes, None]) -> None:
        self.name = name
        self.media_type = media_type
        self._chunks = chunks
        self._digest = hashlib.sha256()

    async def chunks(self) -> AsyncIterator[bytes]:
        async for chunk in self._chunks:
            self._digest.update(chunk)
            yield chunk

    async def skip(self) -> None:
        """Reads what is left."""
        async for chunk in self._chunks:
            self._digest.update(chunk)

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


class Multipart:
    def __init__(self, request: Request) -> None:
        """Raises HTTPException 415 for a request of another type, Unreadable for one without boundary."""
        kind, options = parse_options_header(request.headers.get("content-type"))
        if kind != b"multipart/form-data":
            raise HTTPException(415, "An upload is multipart/form-data.")
        self._stream = request.stream()
        self._events: deque[bytes | _Begin | _End] = deque()
        self._headers = _Headers()
        self._finished = False
        try:
            self._parser = MultipartParser(
                options.get(b"boundary", b""),
                {
                    "on_part_begin": self._on_part_begin,
                    "on_header_field": self._on_header_field,
                    "on_header_value": self._on_header_value,
                    "on_header_end": self._on_header_end,
                    "on_headers_finished": lambda: self._events.append(_Begin(self._headers.values)),
                    "on_part_data": lambda data, start, end: self._events.append(data[start:end]),
                    "on_part_end": lambda: self._events.append(_End()),
                    "on_end": self._on_end,
                },
            )
        except FormParserError as wrong:
            raise Unreadable(f"The upload cannot be read: {wrong}") from None
        if not options.get(b"boundary"):
            raise Unreadable("The upload names no boundary.")

    async def files(self, field_name: str) -> AsyncIterator[Part]:
        """The parts of this name that are files, in order. What is left of one is skipped when the next is asked for."""
        others = 0
        while (event := await self._next()) is not None:
            if not isinstance(event, _Begin):
                others += len(event) if isinstance(event, bytes) else 0
                if others > OTHER_BYTES:
                    raise Unreadable("The upload has large parts that are not files.")
                continue
            _, options = parse_options_header(event.headers.get(b"content-disposition"))
            if b"filename" not in options or options.get(b"name") != field_name.encode():
                continue
            part = Part(_name(options[b"filename"]), _media_type(event.headers.get(b"content-type")), self._data())
            yield part
            await part.skip()

    async def _data(self) -> AsyncGenerator[bytes, None]:
        while True:
            match await self._next():
                case bytes(data):
                    yield data + b"".join(self._more())
                case _End():
                    return
                case _:
                    raise Unreadable("The upload ends in the middle of a file.")

    def _more(self) -> Iterator[bytes]:
        """What follows at once: the parser cuts a file's bytes at everything that looks like a boundary's beginning."""
        while self._events and isinstance(self._events[0], bytes):
            yield self._events.popleft()  # pyright: ignore[reportReturnType]

    async def _next(self) -> bytes | _Begin | _End | None:
        """The next thing in the stream; None after its proper end."""
        while not self._events:
            try:
                chunk = await anext(self._stream, b"")
            except ClientDisconnect:
                raise Unreadable("The connection ended in the middle of the upload.") from None
            if not chunk:
                if not self._finished:
                    raise Unreadable("The upload ends before its closing boundary.")
                return None
            try:
                self._parser.write(chunk)
            except FormParserError as wrong:
                raise Unreadable(f"The upload cannot be read: {wrong}") from None
        return self._events.popleft()

    def _on_part_begin(self) -> None:
        self._headers = _Headers()

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._headers.name += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._headers.value += data[start:end]

    def _on_header_end(self) -> None:
        self._headers.values[self._headers.name.lower()] = self._headers.value
        self._headers.name = self._headers.value = b""

    def _on_end(self) -> None:
        self._finished = True


def _name(raw: bytes) -> str:
    """The last part of a path, without what cannot be shown: it is displayed, and never used to open anything."""
    last = raw.decode(errors="replace").replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(character for character in last if character.isprintable()).strip()
    return shown[-NAME_CHARACTERS:] or "unnamed"


def _media_type(raw: bytes | None) -> str | None:
    text = (raw or b"").decode("latin-1")
    return text if text.isascii() and text.isprintable() and 0 < len(text) <= TYPE_CHARACTERS else None
