"""The store contract: what every storage backend promises. `symphainy.testing.StoreContract` holds each of them to it.

A store keeps bytes, order and exclusion, and knows nothing of what the bytes mean. For every session it keeps one log
with a gapless `seq` that it assigns itself, and checks what must be checked in the same transaction as the write: that
an operation is new, that nobody else changed what the writer has not seen, that a run or workflow is still open, that
the writer's lease is the newest.

Acknowledged means durable: when `create`, `append`, `acquire_lease`, `put_token`, `delete` or `probe` return, what they
did survives the end of the process at any instant, and, where `probe` names the class `fsync`, the loss of power.
Whatever cannot be done raises an error of `symphainy.errors`; no driver's error passes through, and no method returns
failure as a value.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final, Literal

READ_LIMIT: Final = 500
"""The most entries one `read` returns."""

WorkPhase = Literal["open", "within", "close"]
Durability = Literal["fsync", "<=1s", "none"]


@dataclass(frozen=True, slots=True)
class Work:
    """A run or workflow that an entry opens, belongs to, or closes. `lane` is what must be held to execute it."""

    work_id: str
    phase: WorkPhase
    lane: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One entry to append: its bytes, and the little that the store must know of it.

    `topic` is the entry's one index key: `read(topic=...)` finds it without scanning the log. `keys` are the keys of
    keyed state that it writes, for `expected_seq`.
    """

    data: bytes
    topic: str | None = None
    keys: tuple[str, ...] = ()
    work: Work | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """One entry as read back: its place and its bytes, whose checksum has been verified."""

    seq: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Appended:
    """Where the records are: `first_seq` to `last_seq`. `repeated` means that an earlier append with this `op_id` wrote
    them."""

    first_seq: int
    last_seq: int
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Lifetime:
    """Seconds. A session expires `idle` after its last append or touch, and `absolute` after its creation, whichever is
    first."""

    idle: float
    absolute: float


@dataclass(frozen=True, slots=True)
class Head:
    """What the store knows of a session without reading its log. Times are seconds since the epoch, by the store's
    clock."""

    session_id: str
    user_id: str
    seq: int
    created_at: float
    last_activity: float
    expires_at: float


@dataclass(frozen=True, slots=True)
class StoredSnapshot:
    """A fold of the log up to `seq`, kept only to save time. `chain` is the rolling hash over every entry up to
    `seq`."""

    seq: int
    chain: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to execute one lane of one session until `expires_at`. `fence` grows with every owner; the newest alone
    may write."""

    session_id: str
    lane: str
    owner: str
    fence: int
    expires_at: float


@dataclass(frozen=True, slots=True)
class OpenWork:
    session_id: str
    work_id: str
    lane: str


@dataclass(frozen=True, slots=True)
class Token:
    """A credential's record; the credential itself is never stored. `session_id` None means all sessions of the
    user. What `rotation` says is the business of `credentials`."""

    token_hash: str
    user_id: str
    session_id: str | None
    created_at: float
    idle_seconds: float
    idle_expires_at: float
    expires_at: float
    rotation: str | None = None


@dataclass(frozen=True, slots=True)
class Damage:
    """Something that is not as it was written. `seq` None: not one entry's; `session_id` None: not one session's
    either."""

    session_id: str | None
    seq: int | None
    what: str


@dataclass(frozen=True, slots=True)
class AppendCopy:
    """One append as it was acknowledged: its records, the first of them at `first_seq`."""

    first_seq: int
    records: tuple[Record, ...]
    op_id: str | None = None

    @property
    def last_seq(self) -> int:
        return self.first_seq + len(self.records) - 1


@dataclass(frozen=True, slots=True)
class SessionCopy:
    """A session and a stretch of its log, to be made again in another store.

    `seq` is the head's. `fence` is no less than any fence that was ever given out for the session.
    """

    session_id: str
    user_id: str
    lifetime: Lifetime
    created_at: float
    last_activity: float
    seq: int
    fence: int
    appends: tuple[AppendCopy, ...] = ()


@dataclass(frozen=True, slots=True)
class Lag:
    """What is acknowledged and not yet kept durably: so many entries, the oldest of them for so many seconds. At either
    limit nothing more is acknowledged."""

    entries: int
    seconds: float
    most_entries: int
    most_seconds: float


def roll(chain: bytes, stored: Stored) -> bytes:
    """The rolling hash over a log one entry further: BLAKE2b-256 of the hash so far, the seq and the bytes. It starts
    at `b""`."""
    return blake2b(chain + stored.seq.to_bytes(8, "big") + stored.data, digest_size=32).digest()


class TokenStore(ABC):
    """Credentials, found by the hash of the presented token and by nothing else."""

    @abstractmethod
    async def put_token(self, token: Token) -> None: ...

    @abstractmethod
    async def find_token(self, token_hash: str) -> Token | None:
        """The token if it is known and neither idle nor past its end at this instant. Counts as use: its idle time
        starts again (written at most once a minute, or once in a tenth of an idle time of less than ten minutes)."""

    @abstractmethod
    async def delete_tokens(
        self, *, token_hash: str | None = None, session_id: str | None = None, user_id: str | None = None
    ) -> list[str]:
        """Deletes the tokens that match every argument given, durably, and returns their hashes. Expired ones are
        included."""


class Store(TokenStore):
    """Sessions, their logs, snapshots and leases, and the tokens that open them.

    A store is an async context manager: entering opens it, leaving closes it after every acknowledged write is safe.
    Methods are safe to call from any number of tasks at once. A session that has expired is not found by any method,
    whether or not it has been deleted yet; it expires at the instant `expires_at`, not after it.
    """

    @abstractmethod
    async def __aenter__(self) -> Store: ...

    @abstractmethod
    async def __aexit__(self, *exc: object) -> None: ...

    @abstractmethod
    async def create(
        self,
        session_id: str,
        user_id: str,
        lifetime: Lifetime,
        records: Sequence[Record],
        *,
        max_sessions: int | None = None,
    ) -> Head:
        """A new session whose log starts with `records`. `max_sessions` is the most live sessions of the user, this one
        included.

        Raises SessionExists, and TooMany if the user has `max_sessions` already (checked in the same transaction).
        """

    @abstractmethod
    async def append(
        self,
        session_id: str,
        records: Sequence[Record],
        *,
        op_id: str | None = None,
        expected_seq: int | None = None,
        fence: Lease | None = None,
    ) -> Appended:
        """All of the records, next to each other, or none of them.

        The same `op_id` again writes nothing and returns where the first call wrote; that is decided before any other
        check. `expected_seq` says up to where the writer has seen the session: VersionConflict if a later entry touches
        one of the records' `keys`, or, where they have none, if there is any later entry. Raises SessionNotFound;
        LeaseLost if `fence` is not the newest lease of its lane; WorkExists if a record opens work that was ever
        opened; WorkClosed if a record is within or closes work that is not open.
        """

    @abstractmethod
    async def read(
        self,
        session_id: str,
        *,
        after: int = 0,
        before: int | None = None,
        limit: int = READ_LIMIT,
        topic: str | None = None,
        newest: bool = False,
    ) -> list[Stored]:
        """Entries with `after < seq < before`, ascending: the oldest `limit` of them, or with `newest` the newest
        `limit`.

        The cost does not grow with the length of the log. Raises SessionNotFound, and DataDamaged naming the first
        entry whose checksum does not match or which is missing between its neighbours.
        """

    @abstractmethod
    async def load(self, session_id: str) -> tuple[Head, StoredSnapshot | None]:
        """The head and the newest snapshot, if there is one whose checksum matches. Raises SessionNotFound."""

    @abstractmethod
    async def save_snapshot(self, session_id: str, snapshot: StoredSnapshot) -> None:
        """Replaces an older snapshot; a newer one stays. Need not be durable: it can be made again. No error for a
        deleted session."""

    @abstractmethod
    async def acquire_lease(self, session_id: str, lane: str, owner: str, seconds: float) -> Lease:
        """The lane's lease for `seconds` from now. The owner of a live lease renews it and keeps its fence; a new owner
        of a lane whose lease has ended gets the next fence. Raises LeaseHeld while somebody else's is live, and
        SessionNotFound."""

    @abstractmethod
    async def release_lease(self, lease: Lease) -> None:
        """Ends the lease now, if it is still the newest. Its fence is never given out again."""

    @abstractmethod
    async def list_sessions(
        self, *, user_id: str | None = None, expired: bool = False, cursor: str | None = None, limit: int = 50
    ) -> tuple[list[Head], str | None]:
        """A user's live sessions, newest activity first, or, with `expired`, anybody's expired ones. And the next
        page's cursor."""

    @abstractmethod
    async def list_open_work(self, *, cursor: str | None = None, limit: int = 500) -> tuple[list[OpenWork], str | None]:
        """Runs and workflows of all sessions that were opened and not closed, each session's in log order."""

    @abstractmethod
    async def touch(self, session_id: str) -> Head:
        """Counts as activity: moves `last_activity` and `expires_at`. Raises SessionNotFound."""

    @abstractmethod
    async def delete(self, session_id: str) -> None:
        """Erases the session: log, snapshot, leases, tokens. Nothing of it can be read afterwards. Raises
        SessionNotFound only if it never existed or was deleted before; an expired session can be deleted."""

    @abstractmethod
    async def wait(self, session_id: str, after: int) -> None:
        """Returns as soon as the log is longer than `after`, at once if it is already. Also returns when the session is
        deleted or the store is closed, and at once if there is no such session.

        It may return early for no reason: the caller reads and waits again.
        """

    @abstractmethod
    async def probe(self) -> Durability:
        """Makes a durable write and names what an acknowledgement is worth. Raises StoreUnavailable or StorageFull."""


class Verifiable(ABC):
    """The ability of a store to prove that what it keeps is as it was written."""

    @abstractmethod
    def verify(self) -> AsyncIterator[Damage]:
        """Reads everything, in constant memory, and yields whatever is damaged or missing; nothing, if all is well."""


class Replicable(ABC):
    """The ability of a store to give a session away and to take one in, with everything that decides what a later write
    does: the place of every entry, its topic, keys and work, every `op_id`, and how far the fences have come.

    Snapshots and tokens are not part of it: `save_snapshot` and `put_token` copy those. Copying goes by what is stored
    and not by what time it is, so a session that has expired and was not deleted can still be copied.
    """

    @abstractmethod
    async def copy_out(self, session_id: str, *, after: int = 0, limit: int = READ_LIMIT) -> SessionCopy:
        """The session, and its appends after the entry `after`, which is the last one of an append: whole appends, the
        oldest first, until they hold `limit` entries. The last of them may go beyond; with `limit=0` there is none.

        All of it is of one instant. Raises SessionNotFound, and DataDamaged as `read` does.
        """

    @abstractmethod
    async def copy_in(self, copy: SessionCopy) -> int:
        """Makes the session if there is none, writes the appends that are not there yet, each at exactly its place, and
        returns how long the log is now. Durable on return.

        Each append is written whole or not at all, in order, and as it is given: what `append` checks is not checked
        again. One that is there already, with the same bytes, is passed over, so that a repeat is harmless and any
        number of processes may copy the same session at once. `last_activity` and the fences only move forward: from
        now on every new fence, of whatever lane, is greater than `copy.fence`.

        A session that was made in this way is found by the methods of `Store` only once its log has been as long as
        the `seq` of a copy that was taken in: nobody reads half a log, or goes on from it. (`create` raises SessionExists
        and `delete` erases it also before.)

        Raises VersionConflict (`details` hold `seq`, the length of the log) for an append that differs from what is
        there or that would leave a gap before it, and SessionExists if the session there has another user, lifetime or
        instant of creation. The appends before the one that is refused may have been written; a session that is not there
        is not made for an append that leaves a gap.
        """

    @abstractmethod
    async def drop(self, head: Head) -> None:
        """Erases this store's copy of the session, durable on return, and leaves its tokens alone. Who waits is woken.

        Raises VersionConflict if the log or the last activity is no longer that of `head`, LeaseHeld while a lease of
        the session is live, and SessionNotFound; nothing is erased then.
        """


class Tiered(ABC):
    """The ability of a store to acknowledge from one store before another keeps it, and to say what the first has lost."""

    @abstractmethod
    def lag(self) -> Lag:
        """Of what this process has acknowledged."""

    @abstractmethod
    def mark_rewinds(self, record: Callable[[], Record]) -> None:
        """From now on, where the end of a session's log was lost, or may have been, `record()` is the next entry: no place
        of a lost entry is taken by another before that."""
