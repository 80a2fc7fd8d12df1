"""The live feed's frames as bytes. Lines end with LF alone, because stricter clients refuse CRLF. See spec/SYNC.md."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import orjson

from symphainy.codec import decode_entry, encode_snapshot, wire
from symphainy.entries import SessionUpdated
from symphainy.session import Session
from symphainy.stores.base import Stored

FRAME_ENTRIES: Final = 16
FRAME_BYTES: Final = 16_384
SEQ_BYTES: Final = 30
"""At most what `wire` and the comma add to an entry's bytes."""
RETRY: Final = b"retry: 1500\n\n"

PLACE: Final = r"([A-Za-z0-9_-]{1,64})\.([0-9]{1,15})"

Reason = Literal["deploy", "rotate", "slow", "auth", "deleted"]


@dataclass(frozen=True, slots=True)
class Cursor:
    """A client's place: the log's epoch and the seq of the last entry that it has."""

    epoch: str
    seq: int

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """Raises ValueError for anything but `<epoch>.<seq>`."""
        found = re.fullmatch(PLACE, text)
        if found is None:
            raise ValueError("A cursor is <epoch>.<seq>, as the feed's ids are.")
        return cls(found[1], int(found[2]))

    def __str__(self) -> str:
        return f"{self.epoch}.{self.seq}"


def snapshot_frame(session: Session, reason: Literal["start", "rewound", "expired_cursor"]) -> bytes:
    head = orjson.dumps({"v": 1, "epoch": session.epoch, "seq": session.seq, "reason": reason})
    data = head[:-1] + b',"session":' + encode_snapshot(session) + b"}"
    return _frame(b"snapshot", data, Cursor(session.epoch, session.seq))


def resume_frame(epoch: str, after: int, head: int) -> bytes:
    return _frame(b"resume", orjson.dumps({"v": 1, "epoch": epoch, "after": after, "head": head}))


def entry_frames(epoch: str, batch: Sequence[Stored]) -> Iterator[tuple[Cursor, bytes]]:
    """Frames of at most 16 entries or 16 KB (a larger entry goes alone), each with the place after it.

    The stored bytes are passed on as they are. An entry that renews the epoch renews it for the ids from its own on.
    """
    held: list[bytes] = []
    size = 0
    place = Cursor(epoch, 0)
    for item in batch:
        length = len(item.data) + SEQ_BYTES
        if held and (len(held) >= FRAME_ENTRIES or size + length > FRAME_BYTES):
            yield place, _frame(b"events", array(held), place)
            held, size = [], 0
        held.append(wire(item.seq, item.data))
        size += length
        change = session_update(item)
        place = Cursor(change.epoch if change and change.epoch else place.epoch, item.seq)
    if held:
        yield place, _frame(b"events", array(held), place)


def session_update(item: Stored) -> SessionUpdated | None:
    """What the entry changes of the session itself. Only these few entries are decoded."""
    if b'"type":"session.updated"' not in item.data:
        return None
    body = decode_entry(item.seq, item.data).body
    return body if isinstance(body, SessionUpdated) else None


def array(entries: Sequence[bytes]) -> bytes:
    return b"[" + b",".join(entries) + b"]"


def ping_frame(seq: int) -> bytes:
    return _frame(b"ping", b'{"seq":%d}' % seq)


def bye_frame(reason: Reason) -> bytes:
    """The wait is drawn at random, so that the clients of a server that restarts do not all come back at once."""
    return _frame(b"bye", orjson.dumps({"reason": reason, "retry_ms": random.randint(100, 1_000)}))


def _frame(event: bytes, data: bytes, place: Cursor | None = None) -> bytes:
    identity = b"id: %b\n" % str(place).encode() if place else b""
    return b"event: %b\n%bdata: %b\n\n" % (event, identity, data)
