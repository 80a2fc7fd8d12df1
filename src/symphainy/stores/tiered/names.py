"""What the two stores of a pair are to each other, and what is kept in them beside the sessions of users."""

from __future__ import annotations

from typing import Final, cast

from symphainy.errors import InvalidInput
from symphainy.stores.base import Lifetime, Replicable, Store

SYSTEM_USER: Final = "symphainy:tiered"
"""Owns the outboxes and the lists of residents, which are sessions of the hot store."""
ERASED_USER: Final = "symphainy:erased"
"""Owns what stands in the durable store in place of an erased session, so that no late copy brings it back."""
RESERVED_USERS: Final = frozenset({SYSTEM_USER, ERASED_USER})

FOREVER: Final = Lifetime(idle=1e9, absolute=1e9)
ERASED_FOR: Final = Lifetime(idle=86_400.0, absolute=86_400.0)

GENERATION_BITS: Final = 24
"""A session's fences count within a generation, which is their upper part. It is even while the session is in the hot
store, and odd while it is only in the durable one: the durable store alone can say whether a hot copy that is gone was
dropped, or lost. Every new hot copy is a new generation, so no fence of a lost one comes again."""


class ReplicableStore(Store, Replicable):
    """What both stores of a pair are."""


def replicable(store: Store, role: str) -> ReplicableStore:
    """Raises InvalidInput if it is not."""
    if not isinstance(store, Replicable):
        raise InvalidInput(f"{type(store).__name__} cannot be the {role} store of a pair: sessions cannot be copied.")
    return cast(ReplicableStore, store)


def is_parked(fence: int) -> bool:
    return bool(fence >> GENERATION_BITS & 1)


def next_generation(fence: int, *, parked: bool) -> int:
    """The first fence of the next generation of that kind."""
    generation = (fence >> GENERATION_BITS) + 1
    if bool(generation & 1) != parked:
        generation += 1
    return generation << GENERATION_BITS
