"""Rates counted by all server processes together, in a Redis or Valkey, by the library `limits`."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Final, cast

from limits import RateLimitItemPerMinute
from limits.aio.storage import Storage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.storage import storage_from_string
from redis.exceptions import RedisClusterException, RedisError

from symphainy.errors import StoreUnavailable
from symphainy.ids import SystemClock
from symphainy.rates.base import GUARDED, Counted, Rates, too_often
from symphainy.rates.local import LocalRates
from symphainy.stores.redis.address import Address, parse, places

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
        """Raises InvalidInput for what is no URL of a Redis."""
        storage = _storage(parse(url))
        self._client = cast(Any, storage).bridge.storage
        self._limiter = SlidingWindowCounterRateLimiter(storage)
        self._alone = LocalRates()
        self._clock = SystemClock()
        self._away = False

    async def count(self, what: Counted, whose: str, per_minute: int) -> None:
        item = RateLimitItemPerMinute(per_minute)
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                allowed = await self._limiter.hit(item, what, whose)
                stats = None if allowed else await self._limiter.get_window_stats(item, what, whose)
        except (RedisError, RedisClusterException, OSError, TimeoutError) as failure:
            self._tell(f"rates are counted by this process alone: {failure!r}", away=True)
            if what in GUARDED:
                raise StoreUnavailable("The server cannot count its callers just now. Try again.") from failure
            await self._alone.count(what, whose, per_minute)
            return
        self._tell("rates are counted by all processes together again", away=False)
        if stats is not None:
            raise too_often(per_minute, max(0.1, stats.reset_time - self._clock.now()))

    async def close(self) -> None:
        await self._client.aclose()

    def _tell(self, what: str, *, away: bool) -> None:
        if away != self._away:
            self._away = away
            logger.warning(what)


def _storage(address: Address) -> Storage:
    timeouts = {"socket_timeout": WAIT_SECONDS, "socket_connect_timeout": WAIT_SECONDS}
    options: dict[str, Any] = {**timeouts, **address.tls_options}
    url = address.url(address.hosts, {})
    if address.kind != "single":
        # here the library takes everything but the hosts as an option
        tls = {"ssl": address.tls, **address.tls_options}
        options |= {**tls, "username": address.username, "password": address.password}
        url = f"redis+{address.kind}://{places(address.hosts)}/{address.master_name}"
        if address.kind == "sentinel":
            who = {"username": address.sentinel_username, "password": address.sentinel_password}
            options |= {"db": address.db, "sentinel_kwargs": {**timeouts, **tls, **who}}
    storage = storage_from_string(f"async+{url}", implementation="redispy", key_prefix=PREFIX, **options)
    assert isinstance(storage, Storage)
    return storage
