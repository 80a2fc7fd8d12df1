"""Where the bucket is, how it is reached, and the one place where obstore's errors become ours."""

from __future__ import annotations

import logging
import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlsplit

from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from symphainy.errors import InvalidInput, StorageFull, StoreUnavailable, SymphainyError, TooLarge

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig, S3Config

logger = logging.getLogger(__name__)

_FULL: Final = re.compile(r"status code: 507\b|<Code>(?:\w*StorageFull|QuotaExceeded|InsufficientCapacity)</Code>")
_TOO_LARGE: Final = re.compile(r"<Code>EntityTooLarge</Code>|status code: 413\b")


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: to connect, for one answer, and for one call with its repetitions."""

    connect: float = 5.0
    answer: float = 20.0
    call: float = 60.0
    retries: int = 3


@dataclass(frozen=True, slots=True)
class Bucket:
    name: str
    prefix: str
    endpoint: str | None
    region: str | None


def bucket_of(url: str) -> Bucket:
    """`s3://bucket/prefix?endpoint=https://host&region=name`; without an endpoint that of AWS. Credentials are in the
    environment (`AWS_ACCESS_KEY_ID`, ...) or come from the machine's role. Raises InvalidInput."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise InvalidInput("A file store in a bucket is named s3://bucket/prefix?endpoint=https://host.") from None
    asked = dict(parse_qsl(parts.query, keep_blank_values=True))
    endpoint, region = asked.pop("endpoint", None), asked.pop("region", None)
    prefix = parts.path.strip("/")
    if "@" in url or {"access_key_id", "secret_access_key"} & set(asked):
        raise InvalidInput(
            "Credentials do not belong into the URL of the file store: set AWS_ACCESS_KEY_ID and the like."
        )
    if asked or parts.fragment:
        raise InvalidInput(f"The file store's URL has parameters that mean nothing: {', '.join(asked) or '#'}.")
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", parts.netloc):
        raise InvalidInput(f"{parts.netloc!r} is not the name of a bucket. Write s3://bucket/prefix?endpoint=...")
    if not re.fullmatch(r"(?:[A-Za-z0-9_=-][A-Za-z0-9._=-]*(?:/(?!$)|$))*", prefix):
        raise InvalidInput(f"{prefix!r} cannot be the prefix of a file store.")
    if endpoint is not None and not re.fullmatch(r"https?://[A-Za-z0-9.\[\]:-]+/?", endpoint):
        raise InvalidInput(f"{endpoint!r} is not an endpoint. Write https://host or https://host:port.")
    return Bucket(parts.netloc, prefix, endpoint, region)


def connect(bucket: Bucket, patience: Patience) -> S3Store:
    config: S3Config = {}
    if bucket.endpoint:
        config["endpoint"] = bucket.endpoint.rstrip("/")
    if bucket.region or bucket.endpoint:
        config["region"] = bucket.region or "us-east-1"
    client: ClientConfig = {
        "allow_http": (bucket.endpoint or "").startswith("http://"),
        "connect_timeout": timedelta(seconds=patience.connect),
        "read_timeout": timedelta(seconds=patience.answer),
        "timeout": timedelta(hours=1),  # of a whole answer: a reader may be slow, the storage may not
    }
    retry: RetryConfig = {
        "max_retries": patience.retries,
        "retry_timeout": timedelta(seconds=patience.call),
        "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=5), "base": 2},
    }
    try:
        return S3Store(
            bucket.name, prefix=bucket.prefix or None, config=config, client_options=client, retry_config=retry
        )
    except (BaseError, ValueError) as failure:
        raise InvalidInput(f"The file store cannot be used: {_first_line(failure)}") from failure


@contextmanager
def faults() -> Generator[None]:
    try:
        yield
    except (FileNotFoundError, SymphainyError):
        raise
    except (BaseError, OSError, TimeoutError, ValueError) as failure:
        logger.warning("file storage: %s", _first_line(failure))
        raise ours(failure) from failure


def ours(failure: Exception) -> SymphainyError:
    text = str(failure)
    if _FULL.search(text):
        return StorageFull("There is no space left in the file storage. Nothing of the file was kept.")
    if _TOO_LARGE.search(text):
        return TooLarge("The file is larger than the file storage takes. Nothing of it was kept.")
    if "InvalidCertificate" in text:
        return StoreUnavailable("The certificate of the file storage is not accepted.")
    if isinstance(failure, PermissionDeniedError | UnauthenticatedError):
        return StoreUnavailable("The file storage does not accept this server's credentials.")
    return StoreUnavailable(
        "The file storage did not answer in time. What was stored before is unchanged. Try again in a moment."
    )


def _first_line(failure: Exception) -> str:
    return (str(failure) or type(failure).__name__).partition("\n")[0][:300]
