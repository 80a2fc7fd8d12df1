"""Rows to values and back, and the checksums that make damage visible."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any, Final

from symphainy.errors import DataDamaged, InvalidInput
from symphainy.stores.base import Head, Record, Stored, StoredSnapshot, Token, Work
from symphainy.stores.checks import check_texts

Row = Mapping[str, Any]

HEAD: Final = "session_id, user_id, seq, created_at, last_activity, expires_at"
ENTRY: Final = "seq, span, topic, operation, keys, work_id, work_phase, work_lane, checksum, data"
TOKEN: Final = (
    "token_hash, user_id, session_id, created_at, idle_seconds, idle_expires_at, expires_at, rotation, checksum"
)


def check_storable(*texts: str | None) -> None:
    """Raises InvalidInput for text that PostgreSQL has no way to keep."""
    check_texts(*texts)
    if any(text is not None and "\0" in text for text in texts):
        raise InvalidInput("PostgreSQL cannot keep the character U+0000 in an id or a key.")


def check_records_storable(records: Sequence[Record]) -> None:
    for record in records:
        work = record.work
        check_storable(record.topic, *record.keys, *(() if work is None else (work.work_id, work.lane)))


def operation_of(op_id: str) -> str:
    """What is stored for a caller's `op_id`; a name that the store itself made begins with `~`."""
    return f"={op_id}"


def op_id_of(operation: str | None) -> str | None:
    return operation[1:] if operation is not None and operation.startswith("=") else None


def key_list(keys: tuple[str, ...]) -> str | None:
    return json.dumps(keys, ensure_ascii=False) if keys else None


def digest(session_id: str, operation: str | None, span: int, record: Record) -> bytes:
    """BLAKE2b of 16 bytes over an entry, but for its seq, which the server assigns and hashes into the checksum. The
    lengths in front keep two different entries from looking alike."""
    work = record.work
    texts = (
        session_id,
        record.topic,
        operation,
        key_list(record.keys),
        None if work is None else work.work_id,
        None if work is None else work.phase,
        None if work is None else work.lane,
    )
    sizes = " ".join("-" if text is None else str(len(text)) for text in texts)
    place = f"{span} {sizes} {''.join(text or '' for text in texts)}"
    hashed = hashlib.blake2b(place.encode(), digest_size=16)
    hashed.update(record.data)
    return hashed.digest()


def checksum(entry_digest: bytes, seq: int) -> bytes:
    """As the server makes it."""
    return hashlib.sha256(entry_digest + seq.to_bytes(8, "big")).digest()[:16]


def snapshot_checksum(session_id: str, snapshot: StoredSnapshot) -> bytes:
    place = f"{snapshot.seq} {len(session_id)} {len(snapshot.chain)} {session_id}"
    hashed = hashlib.blake2b(place.encode(), digest_size=16)
    hashed.update(snapshot.chain)
    hashed.update(snapshot.data)
    return hashed.digest()


def token_checksum(token: Token) -> bytes:
    times = (token.created_at, token.idle_seconds, token.idle_expires_at, token.expires_at)
    texts = "\0".join(
        "-" if text is None else f"+{text}"
        for text in (token.token_hash, token.user_id, token.session_id, token.rotation)
    )
    return hashlib.blake2b(struct.pack(">4d", *times) + texts.encode(), digest_size=16).digest()


def record_of(row: Row) -> Record:
    """Raises ValueError for what no record can be."""
    keys: tuple[str, ...] = () if row["keys"] is None else tuple(json.loads(row["keys"]))
    work = None if row["work_id"] is None else Work(row["work_id"], row["work_phase"], row["work_lane"])
    return Record(row["data"], row["topic"], keys, work)


def stored_of(session_id: str, row: Row) -> Stored:
    """Raises DataDamaged unless the entry is exactly what was written there."""
    seq: int = row["seq"]
    try:
        whole = checksum(digest(session_id, row["operation"], row["span"], record_of(row)), seq) == row["checksum"]
    except (TypeError, ValueError):
        whole = False
    if not whole:
        raise DataDamaged(f"Entry {seq} of {session_id!r} is not as it was written.", session_id=session_id, seq=seq)
    return Stored(seq, row["data"])


def head_of(row: Row) -> Head:
    """`is_whole` is the server's word on the head's checksum. Raises DataDamaged if it is not."""
    session_id: str = row["session_id"]
    if not row["is_whole"]:
        raise head_damaged(session_id)
    return Head(session_id, row["user_id"], row["seq"], row["created_at"], row["last_activity"], row["expires_at"])


def head_damaged(session_id: str) -> DataDamaged:
    return DataDamaged(f"The head of {session_id!r} is not as it was written.", session_id=session_id)


def snapshot_of(session_id: str, seq: int | None, chain: bytes, kept: bytes, data: bytes) -> StoredSnapshot | None:
    """None if there is none, or none that is as it was written: a snapshot can be made again."""
    if seq is None:
        return None
    snapshot = StoredSnapshot(seq, chain, data)
    return snapshot if snapshot_checksum(session_id, snapshot) == kept else None


def token_of(row: Row) -> Token | None:
    """None if it is not as it was written: the credential is then unknown."""
    token = Token(
        row["token_hash"],
        row["user_id"],
        row["session_id"],
        row["created_at"],
        row["idle_seconds"],
        row["idle_expires_at"],
        row["expires_at"],
        row["rotation"],
    )
    return token if token_checksum(token) == row["checksum"] else None
