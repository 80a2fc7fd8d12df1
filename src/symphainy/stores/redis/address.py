"""Where the server is and how it is to be used: the parts of a URL."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import parse_qsl, unquote

from symphainy.errors import InvalidInput
from symphainy.stores.base import Durability

Kind = Literal["single", "cluster", "sentinel"]
Host = tuple[str, int]

SCHEMES: Final[dict[str, tuple[Kind, bool]]] = {
    "redis": ("single", False),
    "rediss": ("single", True),
    "redis+cluster": ("cluster", False),
    "rediss+cluster": ("cluster", True),
    "redis+sentinel": ("sentinel", False),
    "rediss+sentinel": ("sentinel", True),
}
PORTS: Final[dict[Kind, int]] = {"single": 6379, "cluster": 6379, "sentinel": 26379}
DURABILITY: Final[dict[str, Durability]] = {"fsync": "fsync", "1s": "<=1s", "<=1s": "<=1s", "none": "none"}
TLS_OPTIONS: Final = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_cert_reqs")


@dataclass(frozen=True, slots=True)
class Address:
    """See `stores.redis` for what the fields mean. Times are seconds."""

    kind: Kind
    hosts: tuple[Host, ...]
    tls: bool = False
    username: str | None = None
    password: str | None = None
    db: int = 0
    master_name: str = ""
    sentinel_username: str | None = None
    sentinel_password: str | None = None
    prefix: str = "symphainy"
    timeout: float = 5.0
    answer_timeout: float = 2.0
    check_interval: float = 1.0
    wait: int = 0
    wait_timeout: float = 1.0
    durability: Durability | None = None
    functions: bool = True
    tls_options: dict[str, str] = field(default_factory=dict[str, str])

    def __str__(self) -> str:
        """Without credentials."""
        return ", ".join(f"{host}:{port}" for host, port in self.hosts)


def _bad(why: str) -> InvalidInput:
    return InvalidInput(f"The Redis URL cannot be used: {why}")


def _hosts(text: str, port: int) -> tuple[Host, ...]:
    hosts: list[Host] = []
    for item in text.split(","):
        match = re.fullmatch(r"(\[[0-9A-Fa-f:]+\]|[^:\[\]]*)(?::(\d+))?", item)
        if match is None:
            raise _bad(f"{item!r} is not host:port.")
        hosts.append((match[1].strip("[]") or "localhost", int(match[2] or port)))
    return tuple(hosts)


def _number(options: dict[str, str], name: str, default: float, low: float) -> float:
    try:
        number = float(options.pop(name, default))
    except ValueError:
        number = low - 1
    if not low <= number < 1e6:
        raise _bad(f"{name} must be a number of at least {low:g}.")
    return number


def _path(kind: Kind, path: str) -> tuple[str, int]:
    """The sentinels' name of the master, and the number of the database."""
    parts = [unquote(part) for part in path.split("/") if part]
    name = parts.pop(0) if kind == "sentinel" and parts else ""
    if kind == "sentinel" and not name:
        raise _bad("redis+sentinel:// needs the master's name as its path, as in redis+sentinel://host:26379/mymaster.")
    if len(parts) > 1 or not all(part.isdecimal() for part in parts):
        raise _bad(f"{path!r} is not the number of a database.")
    db = int(parts[0]) if parts else 0
    if db and kind == "cluster":
        raise _bad("a cluster has database 0 only.")
    return name, db


def parse(url: str) -> Address:
    """Raises InvalidInput for what is no such URL, and for a parameter that there is not."""
    scheme, _, rest = url.partition("://")
    if scheme not in SCHEMES:
        raise _bad(f"unknown scheme {scheme!r}.")
    kind, tls = SCHEMES[scheme]
    rest, _, query = rest.partition("?")
    netloc, _, path = rest.partition("/")
    credentials, _, hosts = netloc.rpartition("@")
    username, _, password = credentials.partition(":")
    options = dict(parse_qsl(query, keep_blank_values=True))
    master_name, db = _path(kind, path)
    prefix = options.pop("prefix", "symphainy")
    if not re.fullmatch(r"[A-Za-z0-9_.:-]+", prefix):
        raise _bad("prefix must be letters, digits and _ . : - only.")
    durability = options.pop("durability", None)
    if durability is not None and durability not in DURABILITY:
        raise _bad("durability must be fsync, 1s or none.")
    timeout = _number(options, "timeout", 5.0, 0.1)
    address = Address(
        kind=kind,
        hosts=_hosts(hosts, PORTS[kind]),
        tls=tls,
        username=unquote(username) or None,
        password=unquote(password) or None,
        db=db,
        master_name=master_name,
        sentinel_username=options.pop("sentinel_username", None),
        sentinel_password=options.pop("sentinel_password", None),
        prefix=prefix,
        timeout=timeout,
        answer_timeout=_number(options, "answer_timeout", min(2.0, timeout), 0.05),
        check_interval=_number(options, "check_interval", 1.0, 0.05),
        wait=int(_number(options, "wait", 0, 0)),
        wait_timeout=_number(options, "wait_timeout", 1.0, 0.001),
        durability=None if durability is None else DURABILITY[durability],
        functions=options.pop("functions", "yes") != "no",
        tls_options={name: options.pop(name) for name in TLS_OPTIONS if name in options},
    )
    if options:
        raise _bad(f"there is no parameter {min(options)!r}.")
    if address.wait_timeout >= address.answer_timeout and address.wait:
        raise _bad("wait_timeout must be less than answer_timeout.")
    return address
