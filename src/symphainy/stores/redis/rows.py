"""The contract's values as packed bytes and back, and the checksums that make damage visible.

An entry is packed by its writer, who does not know its seq yet; the server sets that in front:

    seq 4 | flags 1 | request 8, of an append's first | span 4, if more than 1 | op_id | topic | keys | work |
    checksum 8 | data

Texts are behind their length (4). The checksum covers the session's id and everything after `seq`. That the entry is
at its place is seen from `seq`, and that it is its session's, from the checksum.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import orjson

from symphainy.errors import DataDamaged
from symphainy.stores.base import Head, Lifetime, Record, Stored, StoredSnapshot, Token, Work, WorkPhase
from symphainy.stores.checks import expiry

TOPIC: Final = 1
KEYS: Final = 2
WORK: Final = 4
OP_ID: Final = 8
CONTINUES: Final = 16
SPAN: Final = 32

PHASES: Final[tuple[WorkPhase, ...]] = ("open", "within", "close")
PHASE_BYTES: Final = {phase: bytes([number]) for number, phase in enumerate(PHASES)}
CHECKSUM_BYTES: Final = 8
SEQ_BYTES: Final = 4
LENGTH: Final = struct.Struct(">I").pack
FLAGS: Final = tuple(bytes([flags]) for flags in range(64))

Reply = Sequence[Any]


def checksum(session_id: bytes, meta: bytes, data: bytes) -> bytes:
    whole = b"%d:%d:%b%b%b" % (len(session_id), len(meta), session_id, meta, data)
    return hashlib.blake2b(whole, digest_size=CHECKSUM_BYTES).digest()


def text(value: str) -> bytes:
    encoded = value.encode()
    return LENGTH(len(encoded)) + encoded


@lru_cache(4096)
def _topic(topic: str) -> bytes:
    return text(topic)


def op_field(op_id: str | None) -> bytes:
    """What the index has of an op_id: 128 bits of its hash, for they are long and there is one with most messages. The
    entry has all of it."""
    return b"" if op_id is None else b"o" + hashlib.blake2b(op_id.encode(), digest_size=16).digest()


def pack_records(session_id: str, records: Sequence[Record], request: bytes, op_id: str | None) -> list[bytes]:
    """`request`, `op_id` and the number of records stand with the first of them."""
    owner, span = session_id.encode(), len(records)
    first = request if span == 1 else request + LENGTH(span)
    flags = 0 if span == 1 else SPAN
    if op_id is not None:
        first += text(op_id)
        flags |= OP_ID
    packed: list[bytes] = []
    for record in records:
        meta = first
        if record.topic is not None:
            flags |= TOPIC
            meta += _topic(record.topic)
        if record.keys:
            flags |= KEYS
            meta += LENGTH(len(record.keys)) + b"".join(map(text, record.keys))
        work = record.work
        if work is not None:
            flags |= WORK
            meta += PHASE_BYTES[work.phase] + text(work.work_id) + text(work.lane)
        meta = FLAGS[flags] + meta
        packed.append(meta + checksum(owner, meta, record.data) + record.data)
        first, flags = b"", CONTINUES
    return packed


@dataclass(frozen=True, slots=True)
class Entry:
    """Everything that was kept of one entry. `span` is 0 but at the first of an append."""

    seq: int
    span: int
    op_id: str | None
    record: Record


def _damaged(session_id: str, seq: int) -> DataDamaged:
    return DataDamaged(f"Entry {seq} of {session_id!r} is not as it was written.", session_id=session_id, seq=seq)


def _meta_end(packed: bytes) -> int:
    """Where the checksum begins; anywhere beyond the end if it is no entry at all."""
    flags = packed[SEQ_BYTES]
    at = SEQ_BYTES + 1 + (0 if flags & CONTINUES else 8) + (4 if flags & SPAN else 0)
    if not flags & (OP_ID | TOPIC | KEYS | WORK):
        return at
    at = _after_texts(packed, at, bool(flags & OP_ID) + bool(flags & TOPIC))
    if flags & KEYS:
        at = _after_texts(packed, at + 4, int.from_bytes(packed[at : at + 4]))
    return _after_texts(packed, at + 1, 2) if flags & WORK else at


def _after_texts(packed: bytes, at: int, count: int) -> int:
    for _ in range(count):
        at += 4 + int.from_bytes(packed[at : at + 4])
        if at > len(packed):
            break
    return at


def stored_of(session_id: str, owner: bytes, seq: int, packed: bytes | None) -> Stored:
    """Raises DataDamaged unless the entry is exactly what was written there. `owner` is the session's id, encoded."""
    if packed is None:
        raise DataDamaged(f"Entry {seq} of {session_id!r} is missing.", session_id=session_id, seq=seq)
    if len(packed) > SEQ_BYTES + CHECKSUM_BYTES and int.from_bytes(packed[:SEQ_BYTES]) == seq:
        end = _meta_end(packed)
        start = end + CHECKSUM_BYTES
        data = packed[start:]
        if start <= len(packed) and checksum(owner, packed[SEQ_BYTES:end], data) == packed[end:start]:
            return Stored(seq, data)
    raise _damaged(session_id, seq)


def entry_of(session_id: str, seq: int, packed: bytes | None) -> Entry:
    """All of it. Raises DataDamaged unless it is exactly what was written."""
    data = stored_of(session_id, session_id.encode(), seq, packed).data
    assert packed is not None
    flags, at = packed[SEQ_BYTES], SEQ_BYTES + 1
    at += 0 if flags & CONTINUES else 8
    span = 0 if flags & CONTINUES else 1
    if flags & SPAN:
        span, at = int.from_bytes(packed[at : at + 4]), at + 4

    def take() -> str:
        nonlocal at
        start = at + 4
        at = start + int.from_bytes(packed[at:start])
        return packed[start:at].decode()

    op_id = take() if flags & OP_ID else None
    topic = take() if flags & TOPIC else None
    keys: tuple[str, ...] = ()
    if flags & KEYS:
        count, at = int.from_bytes(packed[at : at + 4]), at + 4
        keys = tuple(take() for _ in range(count))
    work = None
    if flags & WORK:
        phase, at = PHASES[packed[at]], at + 1
        work = Work(take(), phase, take())
    return Entry(seq, span, op_id, Record(data, topic, keys, work))


def pack_times(*seconds: float) -> bytes:
    return struct.pack(f">{len(seconds)}d", *seconds)


def seconds_of(packed: bytes) -> float:
    (seconds,) = struct.unpack(">d", packed)
    return seconds


@dataclass(frozen=True, slots=True)
class KeptHead:
    """`creation` is of this session alone: another of the same id has another. `arriving`: it is a copy of which not
    enough is there yet."""

    head: Head
    creation: bytes
    lifetime: Lifetime
    arriving: bool


def head_of(session_id: str, key: bytes, reply: Reply) -> KeptHead | None:
    """Of seq, user, creation, times, last activity, digest and whether it is arriving. None if there is no session.

    Raises DataDamaged unless all but `seq` and the last activity are what was written.
    """
    seq, user, creation, times, last, digest, arriving = reply
    if creation is None:
        return None
    try:
        if hashlib.sha1(key + creation + times + user, usedforsecurity=False).hexdigest()[:16].encode() == digest:
            created_at, idle, absolute = struct.unpack(">3d", times)
            last_activity, lifetime = seconds_of(last), Lifetime(idle, absolute)
            expires_at = expiry(lifetime, created_at=created_at, last_activity=last_activity)
            head = Head(session_id, user.decode(), int(seq), created_at, last_activity, expires_at)
            return KeptHead(head, creation, lifetime, arriving is not None)
    except (TypeError, ValueError, struct.error):
        pass
    raise DataDamaged(f"The head of {session_id!r} is not as it was written.", session_id=session_id)


def pack_snapshot(session_id: str, snapshot: StoredSnapshot) -> bytes:
    meta = struct.pack(">II", snapshot.seq, len(snapshot.chain)) + snapshot.chain
    return meta + checksum(session_id.encode(), meta, snapshot.data) + snapshot.data


def snapshot_of(session_id: str, packed: bytes | None) -> StoredSnapshot | None:
    """None if there is none, or none that is as it was written: a snapshot can be made again."""
    if packed is None or len(packed) < 8:
        return None
    seq, size = struct.unpack(">II", packed[:8])
    end = 8 + size
    chain, kept, data = packed[8:end], packed[end : end + CHECKSUM_BYTES], packed[end + CHECKSUM_BYTES :]
    return StoredSnapshot(seq, chain, data) if checksum(session_id.encode(), packed[:end], data) == kept else None


def pack_token(token: Token) -> bytes:
    values = (
        token.token_hash,
        token.user_id,
        token.session_id,
        token.created_at,
        token.idle_seconds,
        token.idle_expires_at,
        token.expires_at,
        token.rotation,
    )
    body = orjson.dumps(values)
    return checksum(b"token", b"", body) + body


def token_of(packed: bytes | None) -> Token | None:
    """None if there is none, or none that is as it was written: the credential is then unknown."""
    if packed is None or checksum(b"token", b"", packed[CHECKSUM_BYTES:]) != packed[:CHECKSUM_BYTES]:
        return None
    return Token(*orjson.loads(packed[CHECKSUM_BYTES:]))
