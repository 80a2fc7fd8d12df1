"""Settings: every number that an operator may change, and the only reader of the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

from symphainy.errors import InvalidInput

PREFIX: Final = "SYMPHAINY_"
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Settings:
    """Sizes in bytes, times in seconds. Each can be set as `SYMPHAINY_<NAME>` in the environment."""

    host: str = "127.0.0.1"
    port: int = 8000
    data: Path = Path("data")
    store: str = ""
    """The store's URL. Empty: SQLite in the data folder."""
    session_idle: float = 30 * DAY
    session_lifetime: float = 180 * DAY
    token_idle: float = 30 * DAY
    token_lifetime: float = 180 * DAY
    sessions_per_user: int = 200
    max_upload: int = 200 * 1024 * 1024
    """The largest single file."""
    max_files_at_once: int = 10
    max_body: int = 1024 * 1024
    """The largest request that is not an upload."""
    feeds_per_user: int = 50
    feed_seconds: float = 240.0
    """A feed is asked to reconnect after about this long: proxies cut longer ones without a word."""
    ping_seconds: float = 15.0
    writes_per_minute: int = 1_200
    """Writing requests of one user."""
    sessions_per_minute: int = 60
    """New sessions from one address."""
    failures_per_minute: int = 60
    """Requests with a credential that is not good, from one address."""

    @property
    def store_url(self) -> str:
        return self.store or f"sqlite:///{self.data / 'symphainy.db'}"

    @property
    def secure_cookies(self) -> bool:
        """Off only where the browser talks to its own machine: there is no TLS there."""
        return self.host not in LOOPBACK

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Raises InvalidInput naming the variable whose value cannot be read."""
        values: dict[str, object] = {}
        for field in fields(cls):
            name = f"{PREFIX}{field.name.upper()}"
            if name in environment:
                values[field.name] = _read(name, environment[name], str(field.type))
        return cls(**values)  # type: ignore[arg-type]


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
