"""Where the server is and how it is to be used: the parts of a URL."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal
from urllib.parse import parse_qsl, quote, unquote, urlencode

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
TLS_FILES: Final = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
CERTIFICATES: Final = ("required", "optional", "none")


@dataclass(frozen=True, slots=True)
class Address:
    """See `stores.redis` for what the fields mean. Times are seconds."""

    kind: Kind
    hosts: tuple[Host, ...]
    tls: bool = False
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    db: int = 0
    master_name: str = ""
    sentinel_username: str | None = None
    sentinel_password: str | None = field(default=None, repr=False)
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

    def url(self, hosts: Sequence[Host], options: Mapping[str, str]) -> str:
        """For another library: the same server, at `hosts`, with other parameters."""
        scheme = next(name for name, meant in SCHEMES.items() if meant == (self.kind, self.tls))
        who = f"{quote(self.username or '', safe='')}:{quote(self.password or '', safe='')}@"
        path = f"/{quote(self.master_name, safe='')}" if self.master_name else ""
        query = f"?{urlencode(options)}" if options else ""
        return f"{scheme}://{who if who != ':@' else ''}{places(hosts)}{path}/{self.db}{query}"


QUOTING: Final = "In a password, / is written %2F, ? %3F, @ %40 and % %25."


def _bad(why: str) -> InvalidInput:
    return InvalidInput(f"The Redis URL cannot be used: {why}")


def _hosts(text: str, port: int) -> tuple[Host, ...]:
    hosts: list[Host] = []
    for item in text.split(","):
        match = re.fullmatch(r"(\[[0-9A-Fa-f:]+\]|[^:\[\]]*)(?::(\d+))?", item)
        if match is None:
            raise _bad(f"it must name its servers as host:port. {QUOTING}")
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
        raise _bad("its path is not the number of a database.")
    db = int(parts[0]) if parts else 0
    if db and kind == "cluster":
        raise _bad("a cluster has database 0 only.")
    return name, db


def places(hosts: Sequence[Host]) -> str:
    """As in a URL."""
    return ",".join(f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in hosts)


def _tls_options(options: dict[str, str], *, tls: bool) -> dict[str, str]:
    names = [name for name in (*TLS_FILES, "ssl_cert_reqs") if name in options]
    if names and not tls:
        raise _bad(f"{names[0]} means something over TLS only: write rediss:// instead of redis://.")
    for name in names:
        if name in TLS_FILES and not Path(options[name]).is_file():
            raise _bad(f"there is no file {options[name]!r}, which {name} names.")
    if options.get("ssl_cert_reqs", "none") not in CERTIFICATES:
        raise _bad("ssl_cert_reqs must be required, optional or none.")
    return {name: options.pop(name) for name in names}


def parse(url: str) -> Address:
    """Raises InvalidInput for what is no such URL, and for a parameter that there is not. No message holds a credential."""
    scheme, _, rest = url.partition("://")
    if scheme not in SCHEMES:
        raise _bad(f"unknown scheme {scheme!r}.")
    kind, tls = SCHEMES[scheme]
    rest, _, query = rest.partition("?")
    netloc, _, path = rest.partition("/")
    if "@" in path + query:
        raise _bad(f"there is an @ behind its servers. {QUOTING}")
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
        tls_options=_tls_options(options, tls=tls),
    )
    if options:
        raise _bad(f"there is no parameter {min(options)!r}.")
    if address.wait_timeout >= address.answer_timeout and address.wait:
        raise _bad("wait_timeout must be less than answer_timeout.")
    return address
