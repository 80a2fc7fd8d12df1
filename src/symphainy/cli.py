"""The command line: serve, inspect, verify. What goes wrong is one line on stderr and exit code 2."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Final, NoReturn, cast

import orjson

from symphainy import entries as log
from symphainy.agents.understanding.corrections import corrections
from symphainy.agents.understanding.learned import BUTTONS, FILE_NAME, key_of, learn
from symphainy.agents.understanding.prototypes import PARTS
from symphainy.api import package_version
from symphainy.codec import decode_entry, wire
from symphainy.config import Settings
from symphainy.entries import Entry
from symphainy.errors import InvalidInput, SymphainyError
from symphainy.serve import serve
from symphainy.stores import open_store
from symphainy.stores.base import Store, Verifiable

SUMMARY_CHARACTERS: Final = 100
HEADER: Final = ("SEQ", "TIME", "TYPE", "ACTOR", "BELONGS TO", "WHAT")
ROW: Final = "{:>7}  {:<24}  {:<24}  {:<40}  {:<36}  {}"


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Exits with 0; 1 if `verify` found damage; 2 if the command could not be carried out."""
    options = _parser().parse_args(arguments)
    try:
        settings = _settings(options)
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            code = runner.run(options.run(settings, options))
        sys.stdout.flush()
    except SymphainyError as error:
        code = _complain(error.message)
    except BrokenPipeError:
        # whoever read the output has seen enough; without this the interpreter complains at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        code = _complain(f"{where}{error.strerror or error}")
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


def _complain(message: str) -> int:
    print(f"symphainy: {' '.join(message.split())}", file=sys.stderr)
    return 2


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where it exists: half the time for each request."""
    if find_spec("uvloop") is None:
        return None
    return cast("Callable[[], asyncio.AbstractEventLoop]", import_module("uvloop").new_event_loop)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(_complain(f"{message}. See `{self.prog} --help`."))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="symphainy", description="Durable, live sessions for applications of agents.")
    parser.add_argument("--version", action="version", version=f"symphainy {package_version()}")
    commands = parser.add_subparsers(dest="command", required=True)
    where = _Parser(add_help=False)
    where.add_argument("--data", type=Path, help="the data folder (default: ./data)")
    where.add_argument("--store", metavar="URL", help="the store (default: SQLite in the data folder)")
    serving = commands.add_parser("serve", parents=[where], help="start the server")
    serving.add_argument("--host", help="the address to listen on (default: 127.0.0.1)")
    serving.add_argument("--port", type=int, help="the port to listen on (default: 8000; 0 takes a free one)")
    serving.set_defaults(run=_serve)
    inspecting = commands.add_parser("inspect", parents=[where], help="print a session's log, also beside a server")
    inspecting.add_argument("session", help="the session's id")
    inspecting.add_argument("--json", action="store_true", help="one JSON entry on each line")
    inspecting.set_defaults(run=_inspect)
    learning = commands.add_parser(
        "learn", parents=[where], help="teach how something is meant, or list misunderstandings"
    )
    learning.add_argument("utterance", nargs="?", help="what the user said")
    learning.add_argument("--area", help=f"whose intent it is: {', '.join(PARTS)}")
    learning.add_argument("--intent", help="the intent's name")
    learning.add_argument("--session", help="list the turns of this session in which an agent asked back")
    learning.set_defaults(run=_learn)
    verifying = commands.add_parser("verify", parents=[where], help="look for damaged or missing entries")
    verifying.set_defaults(run=_verify)
    return parser


def _settings(options: argparse.Namespace) -> Settings:
    given = {name: getattr(options, name, None) for name in ("data", "store", "host", "port")}
    return replace(Settings.from_environment(), **{name: value for name, value in given.items() if value is not None})


async def _serve(settings: Settings, options: argparse.Namespace) -> int:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")

    def announce(url: str) -> None:
        print(f"Symphainy is running at {url}  (data in {settings.data.resolve()}, Ctrl-C stops it)", flush=True)

    await serve(settings, announce)
    return 0


async def _inspect(settings: Settings, options: argparse.Namespace) -> int:
    async with _read_only(settings) as store:
        batch = await store.read(options.session)
        if not options.json:
            print(ROW.format(*HEADER))
        while batch:
            for item in batch:
                print(wire(item.seq, item.data).decode() if options.json else _line(decode_entry(item.seq, item.data)))
            batch = await store.read(options.session, after=batch[-1].seq)
    return 0


async def _verify(settings: Settings, options: argparse.Namespace) -> int:
    found = 0
    async with _read_only(settings) as store:
        if not isinstance(store, Verifiable):
            raise InvalidInput(f"{settings.store_url} cannot be verified: nothing of it is at rest.")
        async for damage in store.verify():
            found += 1
            places = (("session", damage.session_id), ("seq", damage.seq))
            place = ", ".join(f"{name} {value}" for name, value in places if value is not None)
            print(f"{place or 'store'}: {damage.what}")
        if not found:
            sessions, entries = await _size(store)
            print(f"Everything is as it was written: sessions {sessions}, entries {entries}.")
            return 0
    print(f"{found} damaged or missing.")
    return 1


async def _learn(settings: Settings, options: argparse.Namespace) -> int:
    if options.session:
        async with _read_only(settings) as store:
            found = await corrections(_entries(store, options.session))
        for item in found:
            print(
                item.command if item.key else f"{item.agent_type.value}: {item.utterance!r}, and no button was pressed"
            )
        print(f"{len(found)} misunderstood.")
        return 0
    if not (options.utterance and options.area and options.intent):
        raise InvalidInput("Give the utterance with --area and --intent, or --session to list what was misunderstood.")
    path = settings.data / FILE_NAME
    lesson = learn(path, options.utterance, key_of(options.area, options.intent))
    print(f"before: {lesson.before.intent or 'not understood'} ({lesson.before.confidence:.2f})")
    print(f"after:  {lesson.after.intent or 'not understood'} ({lesson.after.confidence:.2f})")
    for question in lesson.forgotten:
        print(f"no longer understood: {question}")
    kept = BUTTONS - len(lesson.forgotten)
    print(f"Written to {path}. Of {BUTTONS} questions behind buttons {kept} are understood as before.")
    print("A running server reads it when it starts again.")
    return 0


async def _entries(store: Store, session_id: str) -> AsyncIterator[Entry]:
    batch = await store.read(session_id)
    while batch:
        for item in batch:
            yield decode_entry(item.seq, item.data)
        batch = await store.read(session_id, after=batch[-1].seq)


async def _size(store: Store) -> tuple[int, int]:
    """How many sessions there are, and how many entries they have; those that expired and are still there, too."""
    sessions = entries = 0
    for expired in (False, True):
        cursor: str | None = None
        while True:
            heads, cursor = await store.list_sessions(expired=expired, cursor=cursor, limit=500)
            sessions += len(heads)
            entries += sum(head.seq for head in heads)
            if cursor is None:
                break
    return sessions, entries


def _read_only(settings: Settings) -> Store:
    path = settings.store_url.removeprefix("sqlite:///")
    if path != settings.store_url and not Path(path).is_file():
        raise InvalidInput(f"There is no data at {path}. Name the server's data folder with --data.")
    return open_store(settings.store_url, read_only=True)


def _line(entry: Entry) -> str:
    belongs = entry.workflow_id or entry.run_id or (entry.conversation.value if entry.conversation else "")
    return ROW.format(entry.seq, entry.ts, entry.body.type, entry.actor, belongs, _summary(entry.body))


def _summary(body: log.Body | log.Unknown) -> str:
    """What a reader looks for first, on one line and without what a terminal would obey."""
    match body:
        case log.MessageAdded(role=role, content=content, status=status):
            text = f"{role.value} ({status.value}): {content}"
        case log.MessageCompleted(content=content, status=status):
            text = f"({status.value}) {content}"
        case log.MessageDelta(text=text):
            pass
        case log.WorkflowStarted(title=title, operation=operation):
            text = f"{title} ({operation or 'executed elsewhere'})"
        case log.WorkflowStepStarted(step=step, service=service, attempt=attempt):
            text = f"{step} by {service}, attempt {attempt}"
        case log.WorkflowStepCompleted(step=step, elapsed_ms=elapsed, detail=detail):
            text = f"{step} in {elapsed} ms {detail or ''}"
        case log.DelegationAppended(source=source, target=target):
            text = f"{source} to {target}"
        case log.Unknown(data=data):
            text = orjson.dumps(data).decode()
        case _:
            text = ", ".join(f"{name} {value}" for name, value in orjson.loads(orjson.dumps(body)).items() if value)
    shown = "".join(character if character.isprintable() else " " for character in text)
    shown = " ".join(shown.split())
    return shown if len(shown) <= SUMMARY_CHARACTERS else shown[: SUMMARY_CHARACTERS - 3] + "..."
