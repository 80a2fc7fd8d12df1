"""Values to documents and back: keys, the marks that an append is found by, and the checksums that make damage
visible."""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, cast

from symphainy.errors import DataDamaged
from symphainy.stores.base import Head, Lifetime, Record, Stored, StoredSnapshot, Token, Work
from symphainy.stores.checks import expiry

Document = Mapping[str, Any]
MarkKind = Literal["op", "topic", "key", "open", "close"]

LONGEST_NAME: Final = 160
"""Of an id inside a key: a key has at most 254 bytes."""

KEPT_AFTER_THE_END: Final = 30 * 86400.0
"""Seconds. A session's documents carry when the latest end it can have is this long past: then the server's TTL index
sweeps what an interrupted process has left behind. Nothing that can still be read is ever that old."""

_ESCAPED: Final = re.compile(rb"[^A-Za-z0-9_-]")


def key_of(name: str) -> str:
    """The id as (part of) a `_key`, so that no id can name another one's documents: every byte but letters, digits,
    `_` and `-` becomes `%XX`; a long id becomes `%.` and its hash."""
    text = _ESCAPED.sub(lambda found: b"%%%02X" % found[0][0], name.encode()).decode()
    return (
        text
        if text and len(text) <= LONGEST_NAME
        else f"%.{hashlib.blake2b(name.encode(), digest_size=32).hexdigest()}"
    )


def log_key(session: str, life: str, position: int) -> str:
    return f"{session}:{life}:{position:010d}"


def mark_of(life: str, kind: MarkKind, text: str) -> str:
    """What the array index finds an append by. A hash: of one size, and no text can be taken for another."""
    return hashlib.blake2b(f"{life}\0{kind}\0{text}".encode(), digest_size=16).hexdigest()


def kept(data: bytes) -> dict[str, str]:
    """Readable in the database wherever it is text; every byte comes back."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return {"base64": b64encode(data).decode()}
    return {"base64": b64encode(data).decode()} if "\0" in text else {"text": text}


def unkept(document: Document) -> bytes:
    match document:
        case {"text": str(text)}:
            return text.encode()
        case {"base64": str(text)}:
            return b64decode(text)
        case _:
            return b""


def _digest(*parts: object) -> str:
    """BLAKE2b of 16 bytes. The sizes keep two different lists of parts from looking alike."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part if isinstance(part, bytes) else repr(part).encode(errors="surrogatepass")
        digest.update(b"%d:" % len(data))
        digest.update(data)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Newest:
    """The last document of a log, and so how long it is. `end`: the session is being erased, nothing follows."""

    position: int = 0
    head: int = 0
    at: float | None = None
    end: bool = False

    @staticmethod
    def of(row: Document | None) -> Newest:
        return Newest(row["position"], row["head"], row.get("at"), bool(row["end"])) if row else Newest()


@dataclass(frozen=True, slots=True)
class Session:
    """A session's document beside the newest one of its log, at one moment of the store's clock."""

    key: str
    rev: str
    session_id: str
    user_id: str
    life: str
    state: str
    lifetime: Lifetime
    created_at: float
    touched_at: float
    overdue_at: float
    fence: int
    keeps_tokens: bool
    newest: Newest
    now: float

    @staticmethod
    def of(row: Document) -> Session:
        kept, newest = row["session"], Newest.of(row["newest"])
        return Session(
            kept["_key"],
            kept["_rev"],
            kept["session_id"],
            kept["user_id"],
            kept["life"],
            kept["state"],
            Lifetime(kept["idle"], kept["absolute"]),
            kept["created_at"],
            kept["touched_at"],
            kept["expires_at"],
            kept["fence"],
            bool(kept.get("keeps_tokens")),
            newest,
            row["now"],
        )

    @property
    def remove_at(self) -> float:
        """When the server may sweep whatever is left of this life: long after the latest end it can have."""
        return self.created_at + self.lifetime.absolute + KEPT_AFTER_THE_END

    @property
    def last_activity(self) -> float:
        return self.touched_at if self.newest.at is None else max(self.touched_at, self.newest.at)

    @property
    def expires_at(self) -> float:
        return expiry(self.lifetime, created_at=self.created_at, last_activity=self.last_activity)

    @property
    def is_settled(self) -> bool:
        """Not on the way to be dropped, which may still be refused."""
        return self.state != "dropping" or self.newest.end

    @property
    def is_whole(self) -> bool:
        """Not still being created or copied, nor being erased. It may have expired."""
        return self.state == "live" and not self.newest.end

    @property
    def lives(self) -> bool:
        return self.is_whole and self.now < self.expires_at

    def grown(self, position: int, head: int) -> Session:
        return replace(self, newest=replace(self.newest, position=position, head=head))

    def head(self) -> Head:
        return Head(
            self.session_id, self.user_id, self.newest.head, self.created_at, self.last_activity, self.expires_at
        )


def session_document(session_id: str, user_id: str, lifetime: Lifetime, life: str, state: str) -> dict[str, Any]:
    """Without its times."""
    return {
        "_key": key_of(session_id),
        "session_id": session_id,
        "user_id": user_id,
        "life": life,
        "state": state,
        "idle": lifetime.idle,
        "absolute": lifetime.absolute,
        "fence": 0,
    }


@dataclass(frozen=True, slots=True)
class Place:
    """Where the next document of a log goes."""

    session: str
    life: str
    position: int
    seq: int
    remove_at: float

    @property
    def key(self) -> str:
        return log_key(self.session, self.life, self.position)

    def document(self, nonce: str) -> dict[str, Any]:
        """Without entries: it takes a place in the log, and nothing else."""
        return {
            "_key": self.key,
            "session": self.session,
            "life": self.life,
            "position": self.position,
            "head": self.seq - 1,
            "end": False,
            "nonce": nonce,
            "pending": None,
            "remove_at": self.remove_at,
        }

    def append(self, records: Sequence[Record], op_id: str | None, nonce: str) -> dict[str, Any]:
        """Everything of one append, so that it is there or not. `marks` and `seqs` go together: the last entry of the
        append with that mark."""
        last, life = self.seq + len(records) - 1, self.life
        marks: dict[str, int] = {} if op_id is None else {mark_of(life, "op", op_id): last}
        opens: dict[str, dict[str, Any]] = {}
        for seq, record in enumerate(records, self.seq):
            if record.topic is not None:
                marks[mark_of(life, "topic", record.topic)] = seq
            for key in record.keys:
                marks[mark_of(life, "key", key)] = seq
            work = record.work
            if work is not None and work.phase == "open":
                marks[mark_of(life, "open", work.work_id)] = seq
                closing = mark_of(life, "close", work.work_id)
                opens[work.work_id] = {"work_id": work.work_id, "lane": work.lane, "seq": seq, "closing": closing}
            elif work is not None and work.phase == "close":
                marks[mark_of(life, "close", work.work_id)] = seq
                opens.pop(work.work_id, None)
        entries = [self._entry(seq, record, op_id) for seq, record in enumerate(records, self.seq)]
        return {
            **self.document(nonce),
            "first": self.seq,
            "last": last,
            "head": last,
            "op_id": op_id,
            "marks": list(marks),
            "seqs": list(marks.values()),
            "opens": list(opens.values()),
            "pending": pending_key(life, self.position) if opens else None,
            "entries": entries,
        }

    def _entry(self, seq: int, record: Record, op_id: str | None) -> dict[str, Any]:
        work = None if record.work is None else [record.work.work_id, record.work.phase, record.work.lane]
        digest = _digest(self.life, seq, op_id, record.topic, list(record.keys), work, record.data)
        return {
            "seq": seq,
            **kept(record.data),
            "topic": record.topic,
            "keys": list(record.keys),
            "work": work,
            "checksum": digest,
        }


def pending_key(life: str, position: int) -> str:
    return f"{life}:{position:010d}"


def damaged(session_id: str, seq: int) -> DataDamaged:
    return DataDamaged(f"Entry {seq} of {session_id!r} is not as it was written.", session_id=session_id, seq=seq)


def is_intact(append: Document, entry: Document) -> bool:
    try:
        return entry["checksum"] == _digest(
            append["life"],
            entry["seq"],
            append["op_id"],
            entry["topic"],
            entry["keys"],
            entry["work"],
            unkept(entry),
        )
    except (KeyError, ValueError):
        return False


def record_of(entry: Document) -> Record:
    work = cast("list[Any] | None", entry["work"])
    return Record(unkept(entry), entry["topic"], tuple(entry["keys"]), None if work is None else Work(*work))


def entries_of(
    session_id: str, append: Document, *, after: int, before: int, topic: str | None = None
) -> Iterator[Stored]:
    """Those of the append's entries that are asked for. Raises DataDamaged."""
    entries = cast("list[Document]", append.get("entries") or [])
    for seq, entry in enumerate(entries, cast(int, append["first"])):
        if after < seq < before and topic in (None, entry.get("topic")):
            if entry.get("seq") != seq or not is_intact(append, entry):
                raise damaged(session_id, seq)
            yield Stored(seq, unkept(entry))


def snapshot_document(life: str, snapshot: StoredSnapshot, remove_at: float) -> dict[str, Any]:
    return {
        "_key": life,
        "seq": snapshot.seq,
        "chain": snapshot.chain.hex(),
        **kept(snapshot.data),
        "checksum": _digest(life, snapshot.seq, snapshot.chain, snapshot.data),
        "remove_at": remove_at,
    }


def snapshot_of(life: str, document: Document) -> StoredSnapshot | None:
    """None if it is not as it was written: a snapshot can be made again."""
    try:
        snapshot = StoredSnapshot(document["seq"], bytes.fromhex(document["chain"]), unkept(document))
    except (KeyError, ValueError, TypeError):
        return None
    digest = _digest(life, snapshot.seq, snapshot.chain, snapshot.data)
    return snapshot if digest == document.get("checksum") else None


def token_document(token: Token, remove_at: float) -> dict[str, Any]:
    return {
        "_key": key_of(token.token_hash),
        "token_hash": token.token_hash,
        "user_id": token.user_id,
        "session_id": token.session_id,
        "created_at": token.created_at,
        "idle_seconds": token.idle_seconds,
        "idle_expires_at": token.idle_expires_at,
        "expires_at": token.expires_at,
        "rotation": token.rotation,
        "checksum": token_checksum(token),
        "remove_at": remove_at,
    }


def token_checksum(token: Token) -> str:
    times = (token.created_at, token.idle_seconds, token.idle_expires_at, token.expires_at)
    return _digest(token.token_hash, token.user_id, token.session_id, token.rotation, *map(float, times))


def token_of(document: Document) -> Token | None:
    """None if it is not as it was written: the credential is then unknown."""
    match document:
        case {
            "token_hash": str(token_hash),
            "user_id": str(user_id),
            "session_id": str() | None as session_id,
            "created_at": float() | int() as created_at,
            "idle_seconds": float() | int() as idle_seconds,
            "idle_expires_at": float() | int() as idle_expires_at,
            "expires_at": float() | int() as expires_at,
            "rotation": str() | None as rotation,
        }:
            token = Token(
                token_hash, user_id, session_id, created_at, idle_seconds, idle_expires_at, expires_at, rotation
            )
        case _:
            return None
    return token if token_checksum(token) == document.get("checksum") else None
