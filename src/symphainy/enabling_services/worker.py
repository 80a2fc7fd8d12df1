"""The child process. Sets its own limits before it looks at the file, and imports only what the request needs."""

from __future__ import annotations

import errno
import os
import resource
import signal
import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import Final

import orjson

from symphainy.enabling_services.errors import ServiceError, disk_full, memory_limit
from symphainy.enabling_services.json_values import Json, decode
from symphainy.enabling_services.limits import Limits
from symphainy.enabling_services.reporting import Reporter, Stage

_NEEDED_MOST: Final = ("parsing", "delimited", "profiling", "properties", "previewing", "insights.generating")
"""Loaded by a child that was started before there is a request."""


def main() -> None:
    answers = _private_stdout()
    if "spare" in sys.argv[1:]:
        _load()
    request: Json = orjson.loads(_read_line(0))
    limits = decode(Limits, request["limits"])
    _enter(str(request["work_dir"]))
    _restrict(limits)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    reporter = Reporter(lambda data: _write_all(answers, data))
    try:
        result = _run(request, limits, Stage(reporter, 0.0, 1.0, ""))
    except ServiceError as error:
        reporter.send(_error(error))
    except MemoryError:
        reporter.send(_error(memory_limit(limits.address_space)))
    except OSError as error:
        if error.errno not in (errno.EFBIG, errno.ENOSPC, errno.EDQUOT):
            raise
        reporter.send(_error(disk_full()))
    else:
        reporter.send({"result": result})
    # Libraries leave threads behind that may hang at exit; everything worth keeping has been written.
    os._exit(0)


def _load() -> None:
    from symphainy.enabling_services.database import open_early

    for module in _NEEDED_MOST:
        import_module(f"symphainy.enabling_services.{module}")
    open_early()


def _enter(work_dir: str) -> None:
    """Temporary files of whatever library go to the request's folder."""
    os.chdir(work_dir)
    os.environ.update(HOME=work_dir, TMPDIR=work_dir)  # noqa: TID251 - for libraries, not for us


def _run(request: Json, limits: Limits, progress: Stage) -> Json:
    work_dir = Path(request["work_dir"])
    arguments: Json = request["arguments"]
    match request["operation"]:
        case "parse":
            from symphainy.enabling_services.parsing import parse_file

            return parse_file(arguments, limits, work_dir, progress)
        case "profile":
            from symphainy.enabling_services.profiling import profile_file

            return profile_file(arguments, limits, work_dir, progress)
        case "metadata":
            from symphainy.enabling_services.properties import extract_metadata

            return extract_metadata(arguments, progress)
        case "preview":
            from symphainy.enabling_services.previewing import preview_file

            return preview_file(arguments, limits, work_dir, progress)
        case "insights":
            from symphainy.enabling_services.insights.generating import generate_insights

            return generate_insights(arguments, limits, work_dir, progress)
        case "draw":
            from symphainy.enabling_services.reports.drawing import draw_pictures

            return draw_pictures(arguments, work_dir, progress)
        case "validate":
            from symphainy.enabling_services.content.validating import validate_tables

            return validate_tables(arguments, limits, work_dir, progress)
        case "compose":
            from symphainy.enabling_services.content.composing import compose_table

            return compose_table(arguments, limits, work_dir, progress)
        case "read_procedure" | "read_workflow" | "draw_workflow" | "compare_procedures" as operation:
            from symphainy.enabling_services.operations.child import run

            return run(operation, arguments, progress)
        case unknown:
            raise ValueError(f"unknown operation {unknown!r}")


def _error(error: ServiceError) -> Json:
    return {"error": {"code": error.service_code, "message": error.message, "details": dict(error.details)}}


def _private_stdout() -> int:
    """Answers go to a descriptor of their own, so that a library that prints cannot garble the protocol."""
    answers = os.dup(1)
    os.dup2(2, 1)
    return answers


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _restrict(limits: Limits) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.output_file_bytes, limits.output_file_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 2))
    resource.setrlimit(resource.RLIMIT_AS, (limits.address_space, limits.address_space))
    if limits.private_memory is not None:
        resource.setrlimit(resource.RLIMIT_DATA, (limits.private_memory, limits.private_memory))
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))


def _read_line(descriptor: int) -> bytes:
    """Without Python's buffered stdin, whose lock the watching thread would hold for ever."""
    data = b""
    while not data.endswith(b"\n"):
        block = os.read(descriptor, 65_536)
        if not block:
            raise SystemExit(1)
        data += block
    return data


def _die_with_parent() -> None:
    while os.read(0, 4096):
        pass
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
