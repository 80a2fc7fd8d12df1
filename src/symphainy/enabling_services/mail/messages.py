"""One e-mail, however it was written: headers, the text for people, and what is attached."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any, Final, TypeAlias, cast

from symphainy.enabling_services.mail.html_text import html_to_text
from symphainy.enabling_services.parsed_file import Mail

Part: TypeAlias = "Message[Any, Any]"

MOST_PARTS: Final = 1_000
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f]+")
_NAME_LENGTH: Final = 120


@dataclass(frozen=True, slots=True)
class Enclosed:
    """What is attached. `damaged`: its encoding was broken, `data` is what could be decoded of it."""

    name: str
    media_type: str
    data: bytes
    damaged: bool = False


@dataclass(frozen=True, slots=True)
class Content:
    """`pictures` counts those inside of the text, which are no attachments."""

    text: str
    enclosed: tuple[Enclosed, ...]
    pictures: int


def headers(message: Part) -> Mail:
    """What the message says of itself; what it does not say, or says in no readable way, is None or empty."""
    return Mail(
        subject=_header(message, "Subject"),
        sender=next(iter(_addresses(message, "From")), None),
        to=_addresses(message, "To"),
        cc=_addresses(message, "Cc"),
        date=_date(message),
        message_id=_header(message, "Message-ID"),
    )


def content(message: Part) -> Content:
    """Plain text where there is any, else what HTML says in words."""
    plain: list[str] = []
    html: list[str] = []
    enclosed: list[Enclosed] = []
    pictures = 0
    for part in _leaves(message):
        kind = part.get_content_type()
        named = _file_name(part)
        attached = part.get_content_disposition() == "attachment" or named is not None
        if kind == "message/rfc822":
            enclosed.append(_nested(part, len(enclosed) + 1))
        elif part.get_content_maintype() == "image" and not attached_on_purpose(part):
            pictures += 1
        elif kind in ("text/plain", "text/html") and not attached:
            (plain if kind == "text/plain" else html).append(_text(part))
        elif attached or part.get_content_maintype() != "text":
            name = named or f"attachment {len(enclosed) + 1}{mimetypes.guess_extension(kind) or ''}"
            data = _bytes(part)
            if data or attached:
                enclosed.append(Enclosed(name, kind, data, bool(part.defects)))
    text = "\n\n".join(text for text in plain if text.strip())
    if not text:
        text = "\n\n".join(filter(None, map(html_to_text, html)))
    return Content(text.replace("\r\n", "\n").strip(), tuple(enclosed), pictures)


def attached_on_purpose(part: Part) -> bool:
    """A picture with an id belongs to the text, like a logo, unless it says that it is an attachment."""
    return part.get_content_disposition() == "attachment" or part.get("Content-ID") is None


def _leaves(message: Part) -> Iterator[Part]:
    """A message inside of a message is one part: it is not looked into."""
    waiting = [message]
    seen = 0
    while waiting and seen < MOST_PARTS:
        part = waiting.pop()
        seen += 1
        parts = _parts(part) if part.get_content_maintype() == "multipart" else []
        if parts:
            waiting.extend(reversed(parts))
        else:
            yield part


def _parts(part: Part) -> list[Part]:
    payload: Any = part.get_payload()
    return cast("list[Part]", payload) if isinstance(payload, list) else []


def _nested(part: Part, number: int) -> Enclosed:
    for inner in _parts(part):
        try:
            data = inner.as_bytes()
        except (UnicodeError, LookupError, ValueError):
            return Enclosed(f"message {number}.eml", "message/rfc822", b"", damaged=True)
        subject = _header(inner, "Subject")
        return Enclosed(f"{_safe(subject) if subject else f'message {number}'}.eml", "message/rfc822", data)
    return Enclosed(f"message {number}.eml", "message/rfc822", _bytes(part), damaged=True)


def _bytes(part: Part) -> bytes:
    data: Any = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _text(part: Part) -> str:
    """In the encoding that it names, or the one that fits."""
    data = _bytes(part)
    for encoding in (part.get_content_charset(), "utf-8", "cp1252"):
        try:
            if encoding is not None:
                return data.decode(encoding)
        except (UnicodeError, LookupError):
            continue
    return data.decode("latin-1")


def _header(message: Part, name: str) -> str | None:
    raw = message.get(name)
    return (" ".join(_decoded(str(raw)).split())[:1000] or None) if raw is not None else None


def _decoded(raw: str) -> str:
    """Words in any encoding; as it stands when that is broken. Bytes that no header may have are read as UTF-8."""
    raw = raw.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    try:
        return str(make_header(decode_header(raw)))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        return raw


def _addresses(message: Part, name: str) -> tuple[str, ...]:
    found = getaddresses([str(value) for value in message.get_all(name, [])])
    pairs = ((_decoded(label).strip(), address) for label, address in found)
    return tuple(f"{label} <{address}>" if label else address for label, address in pairs if label or address)


def _date(message: Part) -> str | None:
    """ISO 8601, with the offset that the sender's clock had."""
    raw = message.get("Date")
    if raw is None:
        return None
    try:
        return parsedate_to_datetime(str(raw)).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _file_name(part: Part) -> str | None:
    try:
        name = part.get_filename()
    except (UnicodeError, LookupError, ValueError):
        return None
    return _safe(_decoded(name)) if name else None


def _safe(name: str) -> str:
    """A name, whatever path or control characters were in it; its ending is kept."""
    last = _CONTROLS.sub(" ", name).replace("\\", "/").rpartition("/")[2].strip(" .") or "attachment"
    if len(last) <= _NAME_LENGTH:
        return last
    stem, dot, ending = last.rpartition(".")
    return f"{stem[:_NAME_LENGTH]}.{ending}" if dot and len(ending) < 10 else last[:_NAME_LENGTH]
