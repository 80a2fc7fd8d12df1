"""Rows to values and back, and the checksums that make damage visible."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Sequence
from typing import Any, Final

from symphainy.errors import DataDamaged
from symphainy.stores.base import Head, Lifetime, Record, Stored, StoredSnapshot, Token, Work

Row = tuple[Any, ...]

SEQ_BITS: Final = 32

ENTRY: Final = "id, topic, op_id, span, marks, checksum, data"
HEAD: Final = (
    "number, session_id, user_id, seq, created_at, last_activity, expires_at, idle, absolute, fence, arriving, checksum"
)
TOKEN: Final = (
    "token_hash, user_id, session_id, created_at, idle_seconds, idle_expires_at, expires_at, rotation, checksum"
)
SNAPSHOT: Final = "seq, chain, checksum, data"


def entry_id(session: int, seq: int) -> int:
    return (session << SEQ_BITS) + seq


def entry_ids(session: int) -> tuple[int, int]:
    """The lowest and the highest that an entry of the session can have."""
    return entry_id(session, 0), entry_id(session + 1, 0) - 1


def checksum(
    session_id: str, seq: int, topic: str | None, op_id: str | None, span: int, marks: str | None, data: bytes
) -> bytes:
    """BLAKE2b of 16 bytes over the entry and its place. The lengths in front keep two different entries from looking
    alike; marks, which most entries do not have, are a key of their own."""
    topic_size = -1 if topic is None else len(topic)
    op_size = -1 if op_id is None else len(op_id)
    place = f"{seq} {span} {len(session_id)} {topic_size} {op_size} {session_id}{topic or ''}{op_id or ''}"
    digest = hashlib.blake2b(place.encode(errors="surrogatepass"), digest_size=16)
    digest.update(data)
    if marks is not None:
        digest = hashlib.blake2b(marks.encode(errors="surrogatepass"), digest_size=16, key=digest.digest())
    return digest.digest()


def marks_of(keys: Sequence[str], work: Work | None) -> str | None:
    """What an entry wrote besides itself, as JSON: its keys, and `[work_id, phase, lane]` or null. None for neither."""
    if not keys and work is None:
        return None
    named = None if work is None else [work.work_id, work.phase, work.lane]
    return json.dumps([list(keys), named], ensure_ascii=False, separators=(",", ":"))


def record_of(row: Row) -> Record:
    """Of a row that `stored_of` has accepted."""
    if row[4] is None:
        return Record(row[6], row[1])
    keys, work = json.loads(row[4])
    return Record(row[6], row[1], tuple(keys), None if work is None else Work(*work))


def snapshot_checksum(session_id: str, snapshot: StoredSnapshot) -> bytes:
    place = f"{snapshot.seq} {len(session_id)} {len(snapshot.chain)} {session_id}"
    digest = hashlib.blake2b(place.encode(), digest_size=16)
    digest.update(snapshot.chain)
    digest.update(snapshot.data)
    return digest.digest()


def head_checksum(number: int, head: Head, lifetime: Lifetime, fence: int = 0, arriving: int = 0) -> bytes:
    times = (head.created_at, head.last_activity, head.expires_at, lifetime.idle, lifetime.absolute)
    place = struct.pack(">qqq5d", number, head.seq, len(head.session_id), *times)
    if fence or arriving:
        place += struct.pack(">qq", fence, arriving)
    return hashlib.blake2b(place + f"{head.session_id}{head.user_id}".encode(), digest_size=16).digest()


def token_checksum(token: Token) -> bytes:
    times = (token.created_at, token.idle_seconds, token.idle_expires_at, token.expires_at)
    texts = "\0".join(
        "-" if text is None else f"+{text}"
        for text in (token.token_hash, token.user_id, token.session_id, token.rotation)
    )
    return hashlib.blake2b(struct.pack(">4d", *times) + texts.encode(), digest_size=16).digest()


def stored_of(session_id: str, row: Row) -> Stored:
    """Raises DataDamaged unless the entry is exactly what was written there."""
    match row:
        case (int(key), str() | None, str() | None, int(), str() | None, bytes(), bytes()):
            seq = key & (1 << SEQ_BITS) - 1
            if checksum(session_id, seq, *row[1:5], row[6]) == row[5]:
                return Stored(seq, row[6])
        case (int(key), *_):
            seq = key & (1 << SEQ_BITS) - 1
        case _:
            seq = None
    raise DataDamaged(f"Entry {seq} of {session_id!r} is not as it was written.", session_id=session_id, seq=seq)


def head_of(row: Row) -> tuple[int, Head]:
    """The session's number and its head. Raises DataDamaged unless it is exactly what was written."""
    match row:
        case (int(number), str(), str(), int(), float(), float(), float(), float(), float(), int(), int(), bytes(kept)):
            head = Head(*row[1:7])
            if head_checksum(number, head, lifetime_of(row), row[9], row[10]) == kept:
                return number, head
        case _:
            pass
    session_id = str(row[1])
    raise DataDamaged(f"The head of {session_id!r} is not as it was written.", session_id=session_id)


def lifetime_of(row: Row) -> Lifetime:
    """Of a row that `head_of` has accepted."""
    return Lifetime(row[7], row[8])


def snapshot_of(session_id: str, row: Row | None) -> StoredSnapshot | None:
    """None if there is none, or none that is as it was written: a snapshot can be made again."""
    match row:
        case (int(seq), bytes(chain), bytes(kept), bytes(data)):
            snapshot = StoredSnapshot(seq, chain, data)
            return snapshot if snapshot_checksum(session_id, snapshot) == kept else None
        case _:
            return None


def token_of(row: Row | None) -> Token | None:
    """None if there is none, or none that is as it was written: the credential is then unknown."""
    match row:
        case (str(), str(), str() | None, float(), float(), float(), float(), str() | None, bytes(kept)):
            token = Token(*row[:8])
            return token if token_checksum(token) == kept else None
        case _:
            return None
