"""Runs one operation of a service in a child process that a broken file can kill without harm.

Protocol: one JSON request on stdin; JSON lines on stdout, `{"progress": {"fraction", "detail"}}` any number of times,
then one `{"result": {...}}` or `{"error": {"code", "message", "details"}}`. Stdin stays open as a leash: when the
parent dies in any way the child reads its end and kills its own process group.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import signal
from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

from symphainy.enabling_services.errors import ServiceError, memory_limit
from symphainy.enabling_services.json_values import Json, JsonValue
from symphainy.enabling_services.limits import Limits
from symphainy.enabling_services.spare_children import SpareChildren, end_child, start_child
from symphainy.ids import new_id
from symphainy.telemetry import inner_span

ProgressCallback = Callable[[float, str], Awaitable[None]]
"""Fraction 0..1, never falling, and a detail in plain words."""

logger = logging.getLogger(__name__)

_STDERR_KEPT: Final = 8192
_OUT_OF_MEMORY: Final = (
    "memory allocation of",
    "bad_alloc",
    "MemoryError",
    "OutOfMemory",
    "Out of Memory",
    "failed to spawn thread",
    "can't start new thread",
    "Cannot allocate memory",
    "Resource temporarily unavailable",
    "failed to map segment",
    "Rust cannot catch foreign exceptions",  # the PDF library, built without exceptions: its allocator gave up
)


@dataclass(frozen=True, slots=True)
class Request:
    """`work_dir` exists while the child runs and is removed whatever happens; temporary files go there and nowhere
    else. Where other processes see its parent, it is an `own_folder`."""

    operation: str
    arguments: Mapping[str, JsonValue]
    work_dir: Path


async def run_in_child(
    request: Request,
    limits: Limits,
    progress: ProgressCallback,
    keep: Callable[[], None] | None = None,
    *,
    spares: SpareChildren | None = None,
) -> Json:
    """The operation's result. `keep` is called after success and before `work_dir` is removed: move there what must
    stay. The child is one of the `spares`, where one waits.

    Raises ServiceError of the operation, or `time_limit`, `memory_limit`, `worker_killed`. When the awaiting task is
    cancelled the child's process group is killed at once and nothing is left behind.
    """
    shutil.rmtree(request.work_dir, ignore_errors=True)
    request.work_dir.mkdir(parents=True)
    try:
        with inner_span(f"child.{request.operation}"), spares.step() if spares is not None else nullcontext() as spare:
            result = await _supervise(spare or await start_child(early=False), request, limits, progress)
        if keep is not None:
            keep()
        return result
    finally:
        shutil.rmtree(request.work_dir, ignore_errors=True)


async def _supervise(
    process: asyncio.subprocess.Process, request: Request, limits: Limits, progress: ProgressCallback
) -> Json:
    errors = asyncio.create_task(_tail(process.stderr))
    try:
        async with asyncio.timeout(limits.wall_seconds):
            await _send(process, request, limits)
            answer = await _converse(process, progress)
            if answer is None:
                await process.wait()
    except TimeoutError as error:
        raise _too_slow(limits.wall_seconds) from error
    finally:
        await asyncio.shield(asyncio.gather(end_child(process), errors))
    if answer is not None:
        return _unwrap(answer)
    raise _death(process.returncode, errors.result(), limits)


def own_folder(parent: Path, name: str) -> Path:
    """A path in `parent` that nobody else has, for a `work_dir`: a process that was frozen in this step, and lost it to this one,
    removes its own when it wakes up. What a process that died has left goes with `parent`."""
    return parent / new_id(name)


def absolute(path: Path) -> str:
    """The child runs in a folder of its own."""
    return str(path.resolve())


async def _send(process: asyncio.subprocess.Process, request: Request, limits: Limits) -> None:
    assert process.stdin is not None
    line = orjson.dumps(
        {
            "operation": request.operation,
            "arguments": request.arguments,
            "work_dir": absolute(request.work_dir),
            "limits": limits.to_json(),
        }
    )
    with suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(line + b"\n")
        await process.stdin.drain()


async def _converse(process: asyncio.subprocess.Process, progress: ProgressCallback) -> Json | None:
    assert process.stdout is not None
    reached = 0.0
    while line := await process.stdout.readline():
        if not line.endswith(b"\n"):
            return None
        message: Json = orjson.loads(line)
        if "progress" not in message:
            return message
        reached = max(reached, min(float(message["progress"]["fraction"]), 1.0))
        await progress(reached, str(message["progress"]["detail"]))
    return None


async def _tail(stream: asyncio.StreamReader | None) -> str:
    assert stream is not None
    kept = b""
    while block := await stream.read(4096):
        kept = (kept + block)[-_STDERR_KEPT:]
    return kept.decode("utf-8", "replace")


def _unwrap(answer: Json) -> Json:
    if "error" in answer:
        error = answer["error"]
        raise ServiceError(str(error["code"]), str(error["message"]), error["details"])
    return answer["result"]


def _death(code: int | None, stderr: str, limits: Limits) -> ServiceError:
    if code == -signal.SIGXCPU:
        return _too_slow(limits.cpu_seconds)
    if any(sign in stderr for sign in _OUT_OF_MEMORY):
        return memory_limit(limits.address_space)
    logger.warning("a file worker ended with %s: %s", code, stderr)
    return ServiceError(
        "worker_killed",
        "Reading this file made the reader crash. Everything else is unaffected and nothing was kept from it. "
        "The file is probably damaged: open it in the program that made it, save it again and upload that copy.",
        {"exit": code},
    )


def _too_slow(seconds: float) -> ServiceError:
    return ServiceError(
        "time_limit",
        f"Reading this file took longer than {seconds:g} seconds, so it was stopped. Nothing was kept from it. "
        "Split it into smaller files, or leave out what is not needed.",
        {"limit": seconds},
    )
