"""What an acknowledgement of the server is worth, by its own settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from redis.exceptions import ResponseError

from symphainy.errors import StoreUnavailable
from symphainy.stores.base import Durability
from symphainy.stores.redis.address import Address, Host
from symphainy.stores.redis.calls import Caller

ORDER: Final[tuple[Durability, ...]] = ("none", "<=1s", "fsync")
FORGETTING: Final = "evicts keys when its memory is full, and with them sessions that were acknowledged"


@dataclass(frozen=True, slots=True)
class Server:
    """`durability` None: the server does not say."""

    version: tuple[int, ...]
    durability: Durability | None
    policy: str | None


def _info(text: bytes) -> dict[str, str]:
    lines = (line.partition(":") for line in text.decode().splitlines() if line and not line.startswith("#"))
    return {name: value for name, _, value in lines}


async def ask(caller: Caller, host: Host) -> Server:
    """Raises StoreUnavailable if the server does not answer."""
    info: dict[str, str] = {}
    for section in (b"server", b"memory"):
        info |= _info(await caller.command(b"", b"INFO", section, host=host))
    version = tuple(int(part) for part in info.get("redis_version", "0").split(".") if part.isdecimal())
    try:
        settings: dict[str, str] = {}
        for name in (b"appendonly", b"appendfsync", b"maxmemory-policy"):
            reply = await caller.command(b"", b"CONFIG", b"GET", name, host=host)
            settings |= {reply[i].decode(): reply[i + 1].decode() for i in range(0, len(reply), 2)}
    except StoreUnavailable as error:
        if not isinstance(error.__cause__, ResponseError):
            raise
        settings = {}
    policy = settings.get("maxmemory-policy", info.get("maxmemory_policy"))
    if not {"appendonly", "appendfsync"} <= settings.keys():
        return Server(version, None, policy)
    if settings["appendonly"] != "yes":
        return Server(version, "none", policy)
    classes: dict[str, Durability] = {"always": "fsync", "everysec": "<=1s"}
    return Server(version, classes.get(settings["appendfsync"], "none"), policy)


def judge(address: Address, host: Host, server: Server) -> Durability:
    """The class that the store names. Raises StoreUnavailable for a server that must not be used."""
    where = f"Redis at {host[0]}:{host[1]}"
    if server.version < (6, 2):
        raise StoreUnavailable(f"{where} is too old: Redis 6.2 or newer, or Valkey, is needed.")
    if server.policy not in (None, "noeviction"):
        raise StoreUnavailable(
            f"{where} {FORGETTING}: maxmemory-policy is {server.policy}. Set it to noeviction; then a full server"
            " refuses writes and keeps what it has."
        )
    stated = address.durability
    if server.durability is None:
        if stated is None:
            raise StoreUnavailable(
                f"{where} does not let its settings be read (CONFIG GET). Say in the URL what its acknowledgement is"
                " worth: durability=fsync (appendfsync always), durability=1s (everysec) or durability=none."
            )
        return stated
    if stated is not None and ORDER.index(stated) > ORDER.index(server.durability):
        raise StoreUnavailable(
            f"{where} gives durability {server.durability}, and the URL demands {stated}: set appendonly yes and"
            " appendfsync always or everysec."
        )
    return server.durability
