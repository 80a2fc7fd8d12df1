"""What an enabling service says when it cannot do its work.

Every code is one of `ERROR_CODES`; every message is for a business user: what is wrong, what was kept, what to do next.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from symphainy import errors
from symphainy.enabling_services.json_values import JsonValue
from symphainy.enabling_services.kinds import FileKind

ERROR_CODES: Final = frozenset(
    {
        "empty",
        "truncated",
        "encrypted",
        "encoding",
        "too_large",
        "unpacked_too_large",
        "too_many_columns",
        "too_many_rows",
        "worker_killed",
        "memory_limit",
        "time_limit",
        "disk_full",
        "missing_input",
        "query_refused",
        "too_few_rows",
        "no_chart",
        "no_steps",
        "nothing_to_compare",
        "not_installed",
        "needs_copybook",
        "copybook_mismatch",
        "bad_rule",
        "unsupported",
        "nothing_to_build_on",
        "dependency_cycle",
        "plan_not_possible",
    }
    | {f"not_a_{kind.value}" for kind in FileKind}
)


class ServiceError(errors.ServiceError):
    """`details` are facts for a program (limits, measured values, line numbers); never file content beyond one cell."""

    def __init__(self, code: str, message: str, details: Mapping[str, JsonValue] | None = None) -> None:
        if code not in ERROR_CODES:
            raise ValueError(f"unknown service error code {code!r}")
        super().__init__(code, message, details=dict(details or {}))

    def __reduce__(self) -> tuple[type[ServiceError], tuple[str, str, Mapping[str, JsonValue]]]:
        return (type(self), (self.service_code, self.message, dict(self.details)))


def not_a(kind: FileKind, message: str, details: Mapping[str, JsonValue] | None = None) -> ServiceError:
    """The content is not what the name or the first bytes promise."""
    return ServiceError(f"not_a_{kind.value}", message, details)


def not_installed(what: str, install: str) -> ServiceError:
    """An optional part of this installation is missing. `what` it is needed for completes `To ...`; `install` is the
    command that brings it."""
    return ServiceError(
        "not_installed",
        f"To {what}, this server needs a part that is not installed. Your file is kept. Ask whoever runs the server for: "
        f"{install}. Then start again.",
        {"install": install},
    )


def missing_extra(extra: str, what: str) -> ServiceError:
    """The Python package was installed without `extra`."""
    return not_installed(what, f"pip install 'symphainy[{extra}]'")


def memory_limit(limit: int) -> ServiceError:
    """`limit` is the one that was met, in bytes."""
    size = f"{limit / 1e9:.1f} GB" if limit >= 1e9 else f"{limit / 1e6:,.0f} MB"
    return ServiceError(
        "memory_limit",
        f"Reading this file needs more than {size} of memory, so it was stopped. Nothing was kept from "
        "it. Split it into smaller files, or save the data as CSV or Parquet.",
        {"limit": limit},
    )


def disk_full() -> ServiceError:
    return ServiceError(
        "disk_full",
        "There was not enough room on the server to read this file. Nothing was kept from it. "
        "Remove files that are no longer needed, or try a smaller one.",
    )
