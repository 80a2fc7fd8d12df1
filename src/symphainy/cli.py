"""The command line: serve, inspect, verify. What goes wrong is one line on stderr and exit code 2."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import cast

import orjson

from symphainy.api import package_version
from symphainy.codec import decode_entry, wire
from symphainy.config import Settings
from symphainy.entries import Entry
from symphainy.errors import InvalidInput, SymphainyError
from symphainy.serve import serve
from symphainy.stores import open_store
from symphainy.stores.base import Store, Verifiable

WIDTH = 88


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    try:
        settings = _settings(options)
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            code = runner.run(options.run(settings, options))
    except SymphainyError as error:
        print(f"symphainy: {error.message}", file=sys.stderr)
        code = 2
    except OSError as error:
        print(f"symphainy: {error.strerror or error}: {error.filename or ''}".rstrip(": "), file=sys.stderr)
        code = 2
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where it exists: half the time for each request."""
    if find_spec("uvloop") is None:
        return None
    return cast("Callable[[], asyncio.AbstractEventLoop]", import_module("uvloop").new_event_loop)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="symphainy", description="Durable, live sessions for applications of agents.")
    parser.add_argument("--version", action="version", version=f"symphainy {package_version()}")
    commands = parser.add_subparsers(dest="command", required=True)
    where = argparse.ArgumentParser(add_help=False)
    where.add_argument("--data", type=Path, help="the data folder (default: ./data)")
    where.add_argument("--store", help="the store's URL (default: SQLite in the data folder)")
    serving = commands.add_parser("serve", parents=[where], help="start the server")
    serving.add_argument("--host", help="the address to listen on (default: 127.0.0.1)")
    serving.add_argument("--port", type=int, help="the port to listen on (default: 8000)")
    serving.set_defaults(run=_serve)
    inspecting = commands.add_parser("inspect", parents=[where], help="print a session's log")
    inspecting.add_argument("session", help="the session's id")
    inspecting.add_argument("--json", action="store_true", help="one JSON entry on each line")
    inspecting.set_defaults(run=_inspect)
    verifying = commands.add_parser("verify", parents=[where], help="look for damaged or missing entries")
    verifying.set_defaults(run=_verify)
    return parser


def _settings(options: argparse.Namespace) -> Settings:
    given = {name: getattr(options, name, None) for name in ("data", "store", "host", "port")}
    settings = Settings.from_environment(os.environ)  # noqa: TID251 - handed to the one reader
    return replace(settings, **{name: value for name, value in given.items() if value is not None})


async def _serve(settings: Settings, options: argparse.Namespace) -> int:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")

    def announce(url: str) -> None:
        print(f"Symphainy is running at {url}  (data in {settings.data.resolve()}, Ctrl-C stops it)", flush=True)

    await serve(settings, announce)
    return 0


async def _inspect(settings: Settings, options: argparse.Namespace) -> int:
    async with _read_only(settings) as store:
        after = 0
        while batch := await store.read(options.session, after=after):
            after = batch[-1].seq
            for item in batch:
                if options.json:
                    print(wire(item.seq, item.data).decode())
                else:
                    print(_line(decode_entry(item.seq, item.data)))
    return 0


async def _verify(settings: Settings, options: argparse.Namespace) -> int:
    found = 0
    async with _read_only(settings) as store:
        if not isinstance(store, Verifiable):
            raise InvalidInput(f"{settings.store_url} cannot be verified: nothing of it is at rest.")
        async for damage in store.verify():
            found += 1
            place = ", ".join(
                f"{name} {value}" for name, value in (("session", damage.session_id), ("seq", damage.seq)) if value
            )
            print(f"{place or 'store'}: {damage.what}")
    print(f"{found} damaged or missing" if found else "everything is as it was written")
    return 1 if found else 0


def _read_only(settings: Settings) -> Store:
    path = settings.store_url.removeprefix("sqlite:///")
    if path != settings.store_url and not Path(path).is_file():
        raise InvalidInput(f"There is no data at {path}. Name the server's data folder with --data.")
    return open_store(settings.store_url, read_only=True)


def _line(entry: Entry) -> str:
    about = entry.workflow_id or entry.run_id or entry.conversation or ""
    data = orjson.dumps(entry.body).decode()
    shown = data if len(data) <= WIDTH else data[: WIDTH - 3] + "..."
    kind = entry.body.type
    return f"{entry.seq:>7}  {entry.ts}  {kind:<28} {entry.actor:<40.40} {about:<36.36} {shown}"
