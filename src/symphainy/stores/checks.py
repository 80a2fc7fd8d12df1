"""What every backend checks in the same way, before it writes anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from symphainy.errors import (
    InvalidInput,
    LeaseHeld,
    SessionExists,
    SessionNotFound,
    VersionConflict,
    WorkClosed,
    WorkExists,
)
from symphainy.stores.base import READ_LIMIT, AppendCopy, Head, Lease, Lifetime, Record, SessionCopy, Token

SEQ_END: Final = 1 << 32
"""No log reaches it: the exclusive upper end of every read."""

TOKEN_USE_INTERVAL: Final = 60.0


def not_found(session_id: str) -> SessionNotFound:
    return SessionNotFound(f"There is no session {session_id!r}.")


def check_texts(*texts: str | None) -> None:
    """Raises InvalidInput for text that no store could keep: a lone surrogate has no UTF-8."""
    for text in texts:
        if text is not None and not text.isascii():
            try:
                text.encode()
            except UnicodeEncodeError:
                raise InvalidInput(f"The text {text!r} is not valid Unicode.") from None


def check_records(records: Sequence[Record]) -> None:
    for record in records:
        check_texts(record.topic, *record.keys)
        if record.work is not None:
            check_texts(record.work.work_id, record.work.lane)


def check_append(session_id: str, records: Sequence[Record], op_id: str | None) -> None:
    if not records:
        raise InvalidInput("An append needs at least one record.")
    check_texts(session_id, op_id)
    check_records(records)


def check_work(records: Sequence[Record], *, is_open: Callable[[str], bool], was_opened: Callable[[str], bool]) -> None:
    """Follows the records' runs and workflows in order, as if each record were written before the next one is looked
    at.

    Raises WorkExists if one is opened that was ever opened, WorkClosed if one is used that is not open.
    """
    here: dict[str, bool] = {}
    for record in records:
        work = record.work
        if work is None:
            continue
        if work.phase == "open":
            if work.work_id in here or was_opened(work.work_id):
                raise WorkExists(f"{work.work_id!r} was started before.", details={"work_id": work.work_id})
            here[work.work_id] = True
            continue
        open_here = here.get(work.work_id)
        if not (is_open(work.work_id) if open_here is None else open_here):
            raise WorkClosed(f"{work.work_id!r} is not open.", details={"work_id": work.work_id})
        here[work.work_id] = work.phase != "close"


def check_same_session(copy: SessionCopy, user_id: str, lifetime: Lifetime, created_at: float) -> None:
    """Raises SessionExists unless the session that is there is the one that is copied."""
    if (user_id, lifetime, created_at) != (copy.user_id, copy.lifetime, copy.created_at):
        raise SessionExists(f"There is another session {copy.session_id!r} already.")


def check_copy(append: AppendCopy, seq: int, there: Sequence[bytes]) -> bool:
    """Whether an append is to be written to a log of length `seq`: False if it is there. `there` is what the log holds in
    its place. Raises VersionConflict if that is something else, or if something is missing before it."""
    if append.first_seq == seq + 1:
        return True
    if list(there) == [record.data for record in append.records]:
        return False
    what = "would leave a gap" if append.first_seq > seq else "is not what is there"
    raise VersionConflict(f"The copy of entry {append.first_seq} {what} (the log ends at {seq}).", details={"seq": seq})


def check_unchanged(head: Head, seq: int, last_activity: float, leases: Iterable[Lease], now: float) -> None:
    """Whether a copy may be dropped. Raises VersionConflict, LeaseHeld."""
    if (seq, last_activity) != (head.seq, head.last_activity):
        raise VersionConflict(f"The session has changed after {head.seq}.", details={"seq": seq})
    for lease in leases:
        if now < lease.expires_at:
            raise LeaseHeld(f"{lease.owner!r} holds {lease.lane!r}.", details={"expires_at": lease.expires_at})


def page(head: int, *, after: int, before: int | None, limit: int, newest: bool) -> range:
    """The `seq` of an untopical page: exactly those entries must be there."""
    first = max(after, 0) + 1
    end = head + 1 if before is None else min(before, head + 1)
    size = min(limit, READ_LIMIT)
    if size <= 0 or first >= end:
        return range(first, first)
    return range(max(first, end - size), end) if newest else range(first, min(end, first + size))


def expiry(lifetime: Lifetime, *, created_at: float, last_activity: float) -> float:
    return min(last_activity + lifetime.idle, created_at + lifetime.absolute)


def token_lives(token: Token, now: float) -> bool:
    return now < token.idle_expires_at and now < token.expires_at


def token_use_due(token: Token, now: float) -> bool:
    """Whether the use at `now` must be written, so that a token in use does not go idle."""
    last_written_use = token.idle_expires_at - token.idle_seconds
    return now - last_written_use >= min(TOKEN_USE_INTERVAL, token.idle_seconds / 10)


def pair_of(cursor: str | None) -> tuple[float, int] | None:
    """The inverse of `cursor_of`. Raises InvalidInput for text that is no cursor."""
    if cursor is None:
        return None
    left, _, right = cursor.partition(":")
    try:
        pair = float(left), int(right)
    except ValueError:
        pair = None
    if pair is None or not 0 <= pair[1] < 1 << 63:
        raise InvalidInput(f"{cursor!r} is not a cursor of this list.")
    return pair


def cursor_of(left: float, right: int) -> str:
    return f"{left!r}:{right}"
