"""Rates counted by all server processes together, in a Redis or Valkey, by the library `limits`."""

from __future__ import annotations

import asyncio
import logging
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from limits import RateLimitItemPerMinute
from limits.aio.storage import Storage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.storage import storage_from_string
from redis.exceptions import RedisError

from symphainy.errors import StoreUnavailable
from symphainy.ids import SystemClock
from symphainy.rates.base import GUARDED, Counted, Rates, too_often
from symphainy.rates.local import LocalRates

logger = logging.getLogger(__name__)

WAIT_SECONDS: Final = 1.0
"""A Redis that does not answer for so long is away."""
PREFIX: Final = "symphainy-rates"


class SharedRates(Rates):
    """One script for each count, so two processes never both take the last place. The window slides: at most `per_minute` in
    any minute, give or take what the weighting of two neighbouring minutes does.

    While the Redis is away, what is guarded is refused, and the rest is counted by this process alone.
    """

    def __init__(self, url: str) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(_storage(url))
        self._alone = LocalRates()
        self._clock = SystemClock()
        self._away = False

    async def count(self, what: Counted, whose: str, per_minute: int) -> None:
        item = RateLimitItemPerMinute(per_minute)
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                allowed = await self._limiter.hit(item, what, whose)
                stats = None if allowed else await self._limiter.get_window_stats(item, what, whose)
        except (RedisError, OSError, TimeoutError) as failure:
            self._tell(f"rates are counted by this process alone: {failure!r}", away=True)
            if what in GUARDED:
                raise StoreUnavailable("The server cannot count its callers just now. Try again.") from failure
            await self._alone.count(what, whose, per_minute)
            return
        self._tell("rates are counted by all processes together again", away=False)
        if stats is not None:
            raise too_often(per_minute, max(0.1, stats.reset_time - self._clock.now()))

    def _tell(self, what: str, *, away: bool) -> None:
        if away != self._away:
            self._away = away
            logger.warning(what)


def _storage(url: str) -> Storage:
    parts = urlsplit(url)
    secure = parts.scheme.startswith("rediss")
    scheme, path = parts.scheme, parts.path
    if "+" in scheme:
        scheme = scheme.replace("rediss", "redis")  # the library takes TLS for these as an option
        path = path if "sentinel" not in scheme else "/" + path.strip("/").partition("/")[0]
    options: dict[str, float | str | bool] = {"socket_timeout": WAIT_SECONDS, "socket_connect_timeout": WAIT_SECONDS}
    if secure and scheme != parts.scheme:
        options["ssl"] = True
    cleaned = urlunsplit((f"async+{scheme}", parts.netloc, path, "", ""))
    storage = storage_from_string(cleaned, implementation="redispy", key_prefix=PREFIX, **options)
    assert isinstance(storage, Storage)
    return storage
