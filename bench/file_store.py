"""A large file into S3-compatible object storage and out of it again: through the file store, and by `rclone` alone.

The storage is `rclone serve s3` on loopback. The file store runs in a process of its own, whose peak of memory is printed beside
the memory that it had when the store was open. `write` gets the bytes from this machine's disk as from a client: it writes, hashes
and fsyncs them before it uploads. `adopt` is how a step's result gets there: it is on the disk already. `open` is a download,
`path` what a step asks for; both in a process that has no copy, and both check the SHA-256.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.servers.s3 import KEY, SECRET, S3Server

from symphainy.files import open_files

PIECE = 256 * 1024
WAYS = ("write", "adopt", "open", "path")
ROUNDS = 3


async def pieces(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as opened:
        while piece := await asyncio.to_thread(opened.read, PIECE):
            yield piece


async def once(way: str, url: str, source: Path, folder: Path) -> None:
    """Prints seconds, and MB of memory before and at most. The object is called `file_1`."""
    async with open_files(url, folder / "files") as files:
        result = await files.work_folder("ses_1", "work") / "result"
        if way == "adopt":
            shutil.copyfile(source, result)
        idle, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
        match way:
            case "write":
                await files.write("ses_1", "file_1", pieces(source), max_bytes=1 << 40)
            case "adopt":
                await files.adopt("ses_1", "file_1", result)
            case "open":
                opened = await files.open("ses_1", "file_1")
                assert sum([len(chunk) async for chunk in opened.chunks]) == opened.size
            case _:
                await files.path("ses_1", "file_1")
        taken = time.perf_counter() - began
        print(taken, idle / 1024, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def through_the_store(way: str, url: str, source: Path) -> tuple[float, float, float]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "--once", way, url, str(source), folder]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    seconds, idle, most = (float(word) for word in said.split())
    return seconds, idle, most


def by_rclone(server: S3Server, *arguments: str) -> float:
    remote = {"TYPE": "s3", "PROVIDER": "Other", "ENV_AUTH": "true", "ENDPOINT": f"http://127.0.0.1:{server.port}"}
    environment = os.environ | {f"RCLONE_CONFIG_THERE_{name}": value for name, value in remote.items()}
    rclone = shutil.which("rclone", path=str(Path(sys.executable).parent)) or "rclone"
    began = time.perf_counter()
    subprocess.run([rclone, "--config", "", *arguments], check=True, env=environment)
    return time.perf_counter() - began


def measure(megabytes: int) -> None:
    os.environ |= {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "source"
        with source.open("wb") as opened:
            for _ in range(megabytes):
                opened.write(os.urandom(1_000_000))
        server = S3Server(folder)
        server.start()
        try:
            print(f"{megabytes} MB, the best of {ROUNDS}")
            print("| | seconds | MB/s | memory before, MB | at most, MB |")
            print("|---|---|---|---|---|")
            for way in WAYS:
                runs = [through_the_store(way, server.url("bench"), source) for _ in range(ROUNDS)]
                seconds, idle, _ = min(runs)
                most = max(run[2] for run in runs)
                print(f"| `{way}` | {seconds:.1f} | {megabytes / seconds:.0f} | {idle:.0f} | {most:.0f} |")
            there, back = "there:bucket/alone", str(folder / "back")
            for what, arguments in (("in", ("copyto", str(source), there)), ("out", ("copyto", there, back))):
                taken = min([by_rclone(server, *arguments, "--ignore-times") for _ in range(ROUNDS)])
                print(f"| rclone, {what} | {taken:.1f} | {megabytes / taken:.0f} | | |")
        finally:
            server.kill()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=1_000)
    parser.add_argument("--once", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.once:
        asyncio.run(once(options.once[0], options.once[1], Path(options.once[2]), Path(options.once[3])))
    else:
        measure(options.megabytes)
