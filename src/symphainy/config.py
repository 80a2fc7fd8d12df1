"""Settings: every number that an operator may change, and the only reader of the environment."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Final

from symphainy.errors import InvalidInput

PREFIX: Final = "SYMPHAINY_"
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
DAY: Final = 86_400.0
LONGEST: Final = 100 * 366 * DAY


@dataclass(frozen=True, slots=True)
class Settings:
    """Sizes in bytes, times in seconds. Each can be set as `SYMPHAINY_<NAME>` in the environment.

    Raises InvalidInput, naming the setting, for a value that no server could work with.
    """

    host: str = "127.0.0.1"
    """The address to listen on. Anything but a loopback address makes cookies `Secure`: put TLS in front."""
    port: int = 8000
    """The port to listen on; 0 takes a free one."""
    trusted_proxies: str = "127.0.0.1,::1"
    """Addresses and networks, separated by commas, of the reverse proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are
    believed. What an address may do in a minute is counted for the last address in the header that is none of these."""
    data: Path = Path("data")
    """The folder of the embedded store and of the files. One server process at a time uses it."""
    store: str = field(default="", repr=False)
    """The store's URL. Empty: SQLite in the data folder."""
    files: str = ""
    """Where the bytes of files and results are: `s3://bucket/prefix?endpoint=...&region=...`, which many server processes share.
    Empty: the data folder."""
    files_cache: int = 10 * 1024**3
    """What each process keeps in the data folder of files that are elsewhere; what is in use does not count."""
    redis: str = field(default="", repr=False)
    """The URL of the Redis or Valkey through which several server processes share out work and count how often somebody does
    something. Empty: the store's own, where it is one; otherwise each process counts alone, executes what it is sent, and what
    others drop."""
    session_idle: float = 30 * DAY
    """A session ends when nothing has happened in it for this long."""
    session_lifetime: float = 180 * DAY
    """A session ends this long after it was created, whatever happens in it."""
    token_idle: float = 30 * DAY
    """A credential that was not used for this long is dead."""
    token_lifetime: float = 180 * DAY
    """A credential is dead this long after it was made, whatever its use."""
    sessions_per_user: int = 200
    """Live sessions of one user; creating one more is refused."""
    max_upload: int = 200 * 1024 * 1024
    """The largest single file."""
    max_files_at_once: int = 10
    """Files in one upload request."""
    max_body: int = 1024 * 1024
    """The largest request that is not an upload."""
    feeds_per_user: int = 50
    """Live feeds of one user that are open at the same time."""
    feed_seconds: float = 240.0
    """A feed is asked to reconnect after this long, give or take a fifth: proxies cut longer ones without a word."""
    ping_seconds: float = 15.0
    """A feed that has nothing to say says so this often."""
    write_seconds: float = 20.0
    """A client that takes nothing of its feed for this long is told `bye slow`; after three times this long its connection
    is dropped."""
    workflows_at_once: int = 2
    """Workflows that are executed at the same time, each with one child process at most; the others wait. As many more may go
    on that have begun before, and were left by a process that died or waited for an answer."""
    child_memory: int = 2048 * 1024 * 1024
    """What the child process of one step may map. A file that needs more is refused with `memory_limit`."""
    messages_per_minute: int = 120
    """Messages to agents by one user."""
    writes_per_minute: int = 1_200
    """Writing requests of one user, messages included."""
    sessions_per_minute: int = 60
    """New sessions from one address."""
    failures_per_minute: int = 60
    """Requests from one address with a credential that is not good."""
    model: str = ""
    """The language model that words answers: `provider:model` of pydantic-ai, or with `model_url` the name that its server knows.
    Empty: none, answers are computed. The provider's own variables (`OPENAI_API_KEY`, ...) give it its credentials."""
    model_url: str = ""
    """The base URL of a server that speaks OpenAI's protocol."""
    model_key: str = field(default="", repr=False)
    """The credential for `model_url`, if it wants one."""
    model_seconds: float = 60.0
    """One answer of the language model may take so long, tools included."""
    model_requests: int = 5
    """Requests to the language model for one answer."""
    model_tokens: int = 30_000
    """Tokens for one answer, read and written."""

    traces: str = ""
    """Where OpenTelemetry spans go: an OTLP endpoint over HTTP, as `http://collector:4318/v1/traces`, or `on`: to where
    OTEL_EXPORTER_OTLP_ENDPOINT says. Empty: nowhere."""

    def __post_init__(self) -> None:
        for setting in fields(self):
            value = getattr(self, setting.name)
            most = LONGEST if isinstance(value, float) else 2**62
            if isinstance(value, int | float) and setting.name != "port" and not 0 < value < most:
                raise InvalidInput(f"The setting {setting.name} cannot be {value}.")
        if not 0 <= self.port <= 65_535:
            raise InvalidInput(f"{self.port} is not a port.")
        for proxy in self.proxies:
            try:
                ipaddress.ip_network(proxy)
            except ValueError:
                raise InvalidInput(
                    f"{proxy!r} in the setting trusted_proxies is no address and no network such as 10.0.0.0/8."
                ) from None

    @property
    def store_url(self) -> str:
        return self.store or f"sqlite:///{self.data / 'symphainy.db'}"

    @property
    def proxies(self) -> list[str]:
        return [item.strip() for item in self.trusted_proxies.split(",") if item.strip()]

    @property
    def secure_cookies(self) -> bool:
        """Off only where the browser talks to its own machine: there is no TLS there."""
        return self.host not in LOOPBACK

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Settings from `environment` (None: this process's). Raises InvalidInput naming the variable that cannot be read."""
        given = os.environ if environment is None else environment
        values: dict[str, object] = {}
        for setting in fields(cls):
            name = f"{PREFIX}{setting.name.upper()}"
            if name in given:
                values[setting.name] = _read(name, given[name], str(setting.type))
        return cls(**values)  # pyright: ignore[reportArgumentType]


def _read(name: str, text: str, kind: str) -> object:
    try:
        match kind:
            case "int":
                return int(text)
            case "float":
                return float(text)
            case "Path":
                return Path(text)
            case _:
                return text
    except ValueError:
        raise InvalidInput(f"{name}={text!r} is not a number.") from None
