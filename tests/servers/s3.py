"""A real S3-speaking server, `rclone serve s3`, on loopback over a folder: nothing but pip is needed."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

START_SECONDS = 10.0
KEY, SECRET = "test-key", "test-secret-of-the-server"
BUCKET = "bucket"


class S3Server:
    """One server process. Its buckets are folders in `folder`, so that `kill` and `start` again is a crash."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self._folder = folder
        self.bucket = folder / "buckets" / BUCKET
        self.bucket.mkdir(parents=True)
        self.process: subprocess.Popen[bytes] | None = None

    def url(self, prefix: str, *, port: int | None = None, bucket: str = BUCKET) -> str:
        return f"s3://{bucket}/{prefix}?endpoint=http://127.0.0.1:{port or self.port}&region=us-east-1"

    def start(self) -> None:
        rclone = shutil.which("rclone", path=str(Path(sys.executable).parent)) or "rclone"
        command = [rclone, "serve", "s3", "--addr", f"127.0.0.1:{self.port}", "--auth-key", f"{KEY},{SECRET}"]
        command += ["--config", "", str(self.bucket.parent)]
        with (self._folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.2):
                return
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise RuntimeError((self._folder / "log").read_text())
            time.sleep(0.02)

    def kill(self) -> None:
        """As a crash does."""
        process, self.process = self.process, None
        if process is not None:
            process.send_signal(signal.SIGKILL)
            process.wait(10)

    def kept(self, prefix: str) -> dict[str, bytes]:
        """Every file in the server's folder, its own temporary ones included, by its path below the prefix."""
        top = self.bucket / prefix
        return {path.relative_to(top).as_posix(): path.read_bytes() for path in top.rglob("*") if path.is_file()}


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """Each test takes a prefix of its own."""
    folder = Path(tempfile.mkdtemp(prefix="symphainy-s3-"))
    server = S3Server(folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)
