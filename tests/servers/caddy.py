"""A real Caddy, the reverse proxy of compose.yaml, on loopback with the very file that it has there."""

from __future__ import annotations

import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

CADDYFILE = Path(__file__).parents[2] / "deploy" / "Caddyfile"
BINARY = shutil.which("caddy", path=str(Path(sys.executable).parent)) or "caddy"
START_SECONDS = 20.0


class Caddy:
    """One proxy process. Its certificate is from an authority of its own, which `trust` knows."""

    def __init__(self, folder: Path, servers: Sequence[str], *, config: Path = CADDYFILE) -> None:
        self._folder = folder
        self._config = config
        http, self.port = _free_ports(2)
        self._environment = {
            "HOME": str(folder),
            "XDG_DATA_HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder),
            "BIND": "127.0.0.1",
            "SITE": "localhost",
            "HTTP_PORT": str(http),
            "HTTPS_PORT": str(self.port),
            "SERVERS": " ".join(urlsplit(server).netloc for server in servers),
        }
        self.url = f"https://localhost:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Caddy:
        self._folder.mkdir(parents=True, exist_ok=True)
        command = [BINARY, "run", "--adapter", "caddyfile", "--config", str(self._config)]
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(command, env=self._environment, cwd=self._folder, stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if time.monotonic() > deadline or self._process.poll() is not None:
                self.__exit__()
                raise RuntimeError((self._folder / "log").read_text())
            time.sleep(0.02)
        return self

    def __exit__(self, *exc: object) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(signal.SIGKILL)
            process.wait(10)

    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._folder / "caddy" / "pki" / "authorities" / "local" / "root.crt")

    def memory(self, *, peak: bool = False) -> int:
        """Bytes that the process has in memory, or the most that it has had so far."""
        assert self._process is not None
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        name = "VmHWM:" if peak else "VmRSS:"
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith(name))

    def _answers(self) -> bool:
        with suppress(OSError):
            made = socket.create_connection(("127.0.0.1", self.port), 0.5)
            with self.trust().wrap_socket(made, server_hostname="localhost"):
                return True
        return False


def adapted(environment: Mapping[str, str]) -> str:
    """What Caddy makes of the file: JSON. Raises CalledProcessError for a file that it does not take."""
    command = [BINARY, "adapt", "--adapter", "caddyfile", "--config", str(CADDYFILE)]
    return subprocess.run(command, env=dict(environment), capture_output=True, text=True, check=True, timeout=30).stdout


def _free_ports(count: int) -> list[int]:
    held = [socket.socket() for _ in range(count)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in held]
    finally:
        for one in held:
            one.close()
