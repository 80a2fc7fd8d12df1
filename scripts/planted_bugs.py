"""Proves the tests of the stores, of artifacts and of questions: plants one bug after the other in a copy of the package
and shows that the tests turn red.

    python scripts/planted_bugs.py              every bug
    python scripts/planted_bugs.py NAME ...     these only
    python scripts/planted_bugs.py --list       their names
    python scripts/planted_bugs.py --places     whether each can still be planted, without running a test

Exits 1 if the tests do not notice one of them, 2 if one can no longer be planted because the code has changed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

MOST_SECONDS = 120
"""Wall time for one bug's tests."""

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "symphainy"

CONTRACT = "tests/contract/test_stores.py::TestSQLite"
IN_MEMORY = "tests/contract/test_stores.py::TestMemory"
DISK = "tests/faults/test_store_disk.py"
DAMAGE = "tests/faults/test_store_damaged.py"
EMBEDDED = "tests/contract/test_sqlite_store.py"
VERIFY = "tests/contract/test_sqlite_verify.py"
ENTRIES = "tests/contract/test_entries_through_stores.py"
ASKING = "tests/core/test_asking.py"
ARTIFACTS = "tests/core/test_artifacts.py"
COMPARISON = "tests/unit/test_comparison.py"
LANES = "tests/core/test_lanes.py"
FROZEN = (
    "tests/faults/test_takeovers.py"
    "::test_owners_that_were_frozen_write_nothing_when_they_wake_up_while_others_go_on[valkey]"
)

MEMORY = "stores/memory/__init__.py"
SESSION = "stores/sqlite/session.py"
LOG = "stores/sqlite/log.py"
WRITER = "stores/sqlite/writer.py"
READERS = "stores/sqlite/readers.py"
ROWS = "stores/sqlite/rows.py"
SCHEMA = "stores/sqlite/schema.py"
SQLITE = "stores/sqlite/__init__.py"
CHECKS = "stores/checks.py"
ENGINE = "workflows/engine.py"


@dataclass(frozen=True)
class Bug:
    """`old` stands exactly once in `file` and becomes `new`, and so with the `file, old, new` of `also`; `tests` must then
    fail."""

    name: str
    file: str
    old: str
    new: str
    tests: str = CONTRACT
    also: tuple[str, str, str] | None = None

    def changes(self) -> list[tuple[str, str, str]]:
        return [(self.file, self.old, self.new), *([self.also] if self.also else [])]


BUGS = (
    Bug("forgotten commit", LOG, '.execute("COMMIT")', ".total_changes"),
    Bug("commit turned into rollback", LOG, '.execute("COMMIT")', '.execute("ROLLBACK")'),
    Bug("rollback turned into commit", WRITER, '.execute("ROLLBACK")', '.execute("COMMIT")'),
    Bug("commit not synced", SCHEMA, '"synchronous = FULL"', '"synchronous = OFF"', EMBEDDED),
    Bug("failed sync forgotten", WRITER, "        if sync_failed(error):", "        if False:", DISK),
    Bug(
        "memory of a failed batch kept",
        WRITER,
        "connection, self._connection, self._log = self._connection, None, None",
        "connection, self._connection, self._log = self._connection, None, self._log",
        DISK,
    ),
    Bug(
        "damage of one session refuses all",
        WRITER,
        "if isinstance(error, DataDamaged) and len(batch) > 1:",
        "if False:",
        DISK,
    ),
    Bug(
        "session expires too late (sqlite, write)",
        LOG,
        "session.arriving or now >= session.expires_at",
        "session.arriving or now > session.expires_at",
    ),
    Bug(
        "session expires too late (sqlite, read)",
        READERS,
        "not row[10] and now < head.expires_at",
        "not row[10] and now <= head.expires_at",
    ),
    Bug(
        "session expires too late (memory)",
        MEMORY,
        "session.arriving or now >= session.expires_at",
        "session.arriving or now > session.expires_at",
        IN_MEMORY,
    ),
    Bug("session listed as live at its end", READERS, '"expires_at > ?"]', '"expires_at >= ?"]'),
    Bug("token ends too late", CHECKS, "now < token.idle_expires_at", "now <= token.idle_expires_at"),
    Bug("use of a token not counted", SQLITE, "token_use_due(token, now) and", "False and"),
    Bug(
        "lease ends too late",
        LOG,
        "newest is not None and now < newest.expires_at",
        "newest is not None and now <= newest.expires_at",
    ),
    Bug("page begins one too early", CHECKS, "first = max(after, 0) + 1", "first = max(after, 1)"),
    Bug("page of a topic begins one too early", READERS, "AND id > ? AND id < ?", "AND id >= ? AND id < ?"),
    Bug("newest page of a topic upside down", READERS, "found[::-1] if self.newest else found", "found"),
    Bug(
        "newest page taken from the oldest end",
        CHECKS,
        "range(max(first, end - size), end) if newest",
        "range(first, min(end, first + size)) if newest",
    ),
    Bug("subscriber never woken (sqlite)", SQLITE, "            self._waiters.wake(session_id)\n", ""),
    Bug(
        "subscriber never woken (memory)",
        MEMORY,
        "        session.last_activity = now\n        self._waiters.wake(session_id)\n        return appended",
        "        session.last_activity = now\n        return appended",
        IN_MEMORY,
    ),
    Bug("subscriber looks before it registers", SQLITE, "head.seq <= after:", "head.seq < after:"),
    Bug("lost update swallowed", LOG, "            return session.seq > seq\n", "            return False\n"),
    Bug("lost update of a key swallowed", LOG, "        return newest > seq\n", "        return False\n"),
    Bug("conflict with entries already seen", LOG, "        return newest > seq\n", "        return newest >= seq\n"),
    Bug("keys not recorded", LOG, "        for key in record.keys:\n", "        for key in ():\n"),
    Bug(
        "op_id not stored",
        LOG,
        "number, span, name = session.number, len(records), op_id",
        "number, span, name = session.number, len(records), None",
    ),
    Bug(
        "repeat refused for what it changed itself",
        LOG,
        "(earlier := self._earlier(session.number, op_id, True))",
        "(earlier := self._operations.get((0, op_id)))",
    ),
    Bug(
        "repeat reports one entry of several",
        LOG,
        "Appended(first, first + row[1] - 1, repeated=True)",
        "Appended(first, first, repeated=True)",
    ),
    Bug("fence ignored", LOG, "(newest.fence, newest.owner) != (fence.fence, fence.owner):", "False:"),
    Bug(
        "takeover keeps the fence",
        SESSION,
        "0 if newest is None else newest.fence) + 1",
        "1 if newest is None else newest.fence)",
    ),
    Bug(
        "released fence given out again",
        LOG,
        "self._put_lease(session, replace(newest, expires_at=min(newest.expires_at, self._clock.now())))",
        "session.leases.pop(lease.lane)",
    ),
    Bug("seq reused", LOG, "session.seq = appended.last_seq", "session.seq = appended.first_seq"),
    Bug("gap", LOG, "first = session.seq + 1", "first = session.seq + 2"),
    Bug("work never closed", LOG, "session.open_work.discard(work.work_id)", "pass"),
    Bug("work opened twice", LOG, 'query = "SELECT 1 FROM work WHERE', 'query = "SELECT 1 FROM work WHERE is_open AND'),
    Bug(
        "written before it was checked (memory)",
        MEMORY,
        "        check_work(records, is_open=session.is_open, was_opened=session.work.__contains__)\n"
        "        appended = session.write(records, op_id)",
        "        appended = session.write(records, op_id)\n"
        "        check_work(records, is_open=session.is_open, was_opened=session.work.__contains__)",
        IN_MEMORY,
    ),
    Bug(
        "cap on sessions counted outside the transaction",
        SQLITE,
        "        check_records(records)\n"
        "        return await self._write().submit(\n"
        "            session_id, lambda log: log.create(session_id, user_id, lifetime, records, max_sessions)",
        "        check_records(records)\n"
        "        live, _ = await self.list_sessions(user_id=user_id)\n"
        "        allowed = None if max_sessions is None or len(live) < max_sessions else 0\n"
        "        return await self._write().submit(\n"
        "            session_id, lambda log: log.create(session_id, user_id, lifetime, records, allowed)",
    ),
    Bug("cap counts expired sessions", LOG, "WHERE user_id = ? AND expires_at > ?", "WHERE user_id = ? AND ? > 0"),
    Bug("delete forgets work", LOG, '("keys", "work", ', '("keys", '),
    Bug("delete forgets leases", LOG, '"leases", "snapshots")', '"snapshots")', EMBEDDED),
    Bug("delete forgets snapshots", LOG, '"leases", "snapshots")', '"leases")'),
    Bug("delete forgets keys", LOG, '("keys", "work"', '("work", "work"'),
    Bug(
        "delete forgets entries",
        LOG,
        "DELETE FROM entries WHERE id BETWEEN ? AND ?",
        "DELETE FROM entries WHERE id BETWEEN ? AND ? AND 0",
    ),
    Bug(
        "delete forgets tokens",
        LOG,
        "DELETE FROM tokens WHERE session_id = ?",
        "DELETE FROM tokens WHERE session_id = ? AND 0",
    ),
    Bug("erased content left in the log file", LOG, "        self.erased = True\n", "", EMBEDDED),
    Bug("erased content left in free pages", SCHEMA, "secure_delete = ON", "secure_delete = OFF", EMBEDDED),
    Bug("older snapshot replaces a newer one", LOG, " WHERE excluded.seq > seq", ""),
    Bug(
        "activity does not prolong",
        LOG,
        "        session.active(now)\n        return self.write(",
        "        return self.write(",
    ),
    Bug("sessions listed by age", READERS, '"last_activity DESC, number DESC"', '"number DESC"'),
    Bug(
        "checksum not verified",
        ROWS,
        "if checksum(session_id, seq, *row[1:5], row[6]) == row[5]:",
        "if True:",
        VERIFY,
    ),
    Bug(
        "snapshot's checksum not verified",
        ROWS,
        "if snapshot_checksum(session_id, snapshot) == kept else None",
        "",
        VERIFY,
    ),
    Bug(
        "missing entry not noticed",
        READERS,
        "    if len(rows) == len(wanted):\n",
        "    if rows:\n        return [stored_of(session_id, row) for row in rows]\n    if len(rows) == len(wanted):\n",
        VERIFY,
    ),
    Bug(
        "folder not locked",
        "stores/sqlite/folder.py",
        "fcntl.LOCK_EX | fcntl.LOCK_NB",
        "fcntl.LOCK_SH | fcntl.LOCK_NB",
        EMBEDDED,
    ),
    Bug(
        "leases outlive the process", WRITER, 'self.submit("", Log.end_leases)', 'self.submit("", Log.probe)', EMBEDDED
    ),
    Bug("field dropped by the codec", "codec.py", '        "workflow_id": draft.workflow_id,\n', "", ENTRIES),
    Bug("two answers are both taken", ENGINE, "                    expected_seq=session.seq,\n", "", ASKING),
    Bug(
        "a waiting workflow is run again", ENGINE, " or workflow.asked is not None or executor", " or executor", ASKING
    ),
    Bug("answers are not checked", ENGINE, "check_answers(workflow.asked.questions, answers)", "answers", ASKING),
    Bug("two decide on one artifact", "library.py", ", expected_seq=session.seq", "", ARTIFACTS),
    Bug("a repeated step is refused", "library.py", "or (op_id and await", "or (not op_id and await", ARTIFACTS),
    Bug("versions are all the first", "fold/artifacts.py", "held.version + 1 if held else 1", "1", ARTIFACTS),
    Bug(
        "a rendition over its document",
        "orchestrators/results.py",
        "hashlib.sha256(content).hexdigest()",
        '""',
        ARTIFACTS,
    ),
    Bug("an item's number is what it says", "comparison.py", "None if key else POSITION", "None", COMPARISON),
    Bug(
        "a frozen owner writes on: no fence, and no end when its lease has another owner",
        "workflows/flow.py",
        "fence=self._lease)",
        "fence=None)",
        FROZEN,
        also=(
            "dispatch/lanes.py",
            "                work.cancel()\n                return\n",
            "                return\n",
        ),
    ),
    Bug(
        "two owners of a step work in one folder",
        "enabling_services/child_process.py",
        "parent / new_id(name)",
        "parent / name",
        "tests/enabling/test_child_processes.py",
    ),
    Bug("what was left waits behind new work", "dispatch/slots.py", "2 * self._at_once", "self._at_once", LANES),
    Bug("field dropped on decoding", "codec.py", '        actor=document["actor"],', '        actor="agent",', ENTRIES),
)


def planted(bug: Bug, folder: Path) -> None:
    """A copy of the package with the bug in it. Raises ValueError if there is no longer exactly one place for it."""
    shutil.copytree(PACKAGE, folder / "symphainy", ignore=shutil.ignore_patterns("web"))
    for file, old, new in bug.changes():
        if places(file, old) != 1:
            raise ValueError(f"{bug.name!r}: {places(file, old)} places in {file}")
        path = folder / "symphainy" / file
        path.write_text(path.read_text().replace(old, new))


def places(file: str, old: str) -> int:
    path = PACKAGE / file
    return path.read_text().count(old) if path.is_file() else 0


def run_tests(package: Path, tests: Sequence[str], seconds: int) -> subprocess.CompletedProcess[str]:
    """Stops at the first failure; a test has so many seconds. Exit code 0: green; 1: red; anything else: the tests did not run.

    Without the test against a model: each bug must be noticed by a test that says what it is about, and shrinking takes
    long.
    """
    plugins = ["-p", "pytest_asyncio.plugin", "-p", "pytest_timeout", "-p", "no:cacheprovider"]
    options = ["-x", "-q", "--no-header", f"--timeout={seconds}", "-k", "not any_order", *plugins]
    environment = {
        **os.environ,
        "PYTHONPATH": str(package),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    command = [sys.executable, "-m", "pytest", *options, *tests]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as running:
        try:
            output, _ = running.communicate(timeout=MOST_SECONDS)
        except subprocess.TimeoutExpired:
            # A bug can make native code spin, where no limit inside of the process reaches it.
            os.killpg(running.pid, signal.SIGKILL)
            return subprocess.CompletedProcess(command, 1, f"FAILED ::did not end within {MOST_SECONDS} seconds\n")
    return subprocess.CompletedProcess(command, running.returncode, output)


def verdict(bug: Bug, seconds: int) -> str:
    """`noticed`, `SURVIVED`, or what went wrong."""
    with tempfile.TemporaryDirectory(prefix="planted-") as name:
        try:
            planted(bug, Path(name))
        except ValueError as error:
            return f"NOT PLANTED: {error}"
        done = run_tests(Path(name), [bug.tests], seconds)
    if done.returncode == 0:
        return "SURVIVED"
    if done.returncode != 1:
        return f"TESTS DID NOT RUN: {done.stdout[-500:]}"
    failed = [line.split("::")[-1] for line in done.stdout.splitlines() if line.startswith("FAILED")]
    return f"noticed by {failed[0] if failed else 'an error'}"


def main(planting: Sequence[Bug] = BUGS, about: str | None = __doc__, seconds: int = 10) -> int:
    """`seconds` are those that a test has."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="only these bugs")
    parser.add_argument("--list", action="store_true", help="name the bugs and stop")
    parser.add_argument("--places", action="store_true", help="whether each can still be planted, and stop")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    known = {bug.name: bug for bug in planting}
    if options.list:
        print("\n".join(known))
        return 0
    bugs = [known[name] for name in options.names] or list(planting)
    if options.places:
        lost = [f"{bug.name}: {file}" for bug in bugs for file, old, _ in bug.changes() if places(file, old) != 1]
        print("\n".join(lost) or f"{len(bugs)} can be planted")
        return 2 if lost else 0
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="planted-") as name:
        shutil.copytree(PACKAGE, Path(name) / "symphainy", ignore=shutil.ignore_patterns("web"))
        sound = run_tests(Path(name), sorted({bug.tests for bug in bugs}), seconds)
    if sound.returncode != 0:
        print(f"The tests fail without any bug planted:\n{sound.stdout[-3000:]}")
        return 2
    with ThreadPoolExecutor(options.jobs) as pool:
        verdicts = dict(zip(bugs, pool.map(lambda bug: verdict(bug, seconds), bugs), strict=True))
    for bug, found in verdicts.items():
        print(f"{bug.name:50} {found}")
    survived = sum(found == "SURVIVED" for found in verdicts.values())
    broken = sum(not found.startswith(("noticed", "SURVIVED")) for found in verdicts.values())
    print(f"{len(bugs)} planted, {survived} survived, {broken} not planted, {time.monotonic() - start:.0f} s")
    return 1 if survived else 2 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
