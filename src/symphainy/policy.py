"""What a session may hold and how long it lives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from symphainy.stores.base import Lifetime

DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class SessionPolicy:
    """Lifetimes in seconds, and limits. The defaults keep an anonymous visitor's work for a month of absence."""

    session: Lifetime = Lifetime(idle=30 * DAY, absolute=180 * DAY)
    token: Lifetime = Lifetime(idle=30 * DAY, absolute=180 * DAY)
    max_sessions_per_user: int = 200
    max_message_bytes: int = 262_144
    max_state_bytes: int = 262_144
    max_states: int = 1_000
