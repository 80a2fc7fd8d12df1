"""The command line as a user meets it: what it prints, where, and with which exit code."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from symphainy.config import Settings

from .server_process import ServerProcess


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "symphainy", *arguments],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), **environment},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


async def with_messages(server: ServerProcess) -> tuple[str, str]:
    session_id, token = await server.new_session()
    async with httpx.AsyncClient(base_url=server.url, headers={"authorization": f"Bearer {token}"}) as http:
        path = f"/api/v1/sessions/{session_id}"
        await http.patch(f"{path}/state", json={"colour": "\x1b[31mred"})
        await http.post(f"{path}/conversations/guide_agent/messages", json={"content": "hello\nthere"})
    return session_id, token


def complains(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """One line on stderr, exit code 2, never a traceback."""
    assert done.returncode == 2
    assert done.stderr.startswith("symphainy: ")
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr


async def test_a_log_is_read_beside_the_running_server(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with ServerProcess(data) as server:
        session_id, _ = await with_messages(server)
        table = run("inspect", session_id, "--data", str(data))
        entries = [
            json.loads(line)
            for line in run("inspect", session_id, "--json", "--data", str(data)).stdout.split("\n")
            if line
        ]
        verified = run("verify", "--data", str(data))
        await server.stop()
    assert (table.returncode, table.stderr) == (0, "")
    lines = table.stdout.splitlines()
    assert lines[0].split() == ["SEQ", "TIME", "TYPE", "ACTOR", "BELONGS", "TO", "WHAT"]
    assert re.match(r" +1  \d{4}-\d\d-\d\dT\S+Z  session\.created ", lines[1])
    assert any("message.added" in line and "user (completed): hello there" in line for line in lines)
    assert "\x1b" not in table.stdout
    assert [entry["seq"] for entry in entries] == list(range(1, len(entries) + 1))
    assert entries[1]["data"] == {"patch": {"colour": "\x1b[31mred"}}
    assert verified.returncode == 0
    assert re.fullmatch(r"Everything is as it was written: sessions 1, entries \d+\.\n", verified.stdout)


async def test_damage_is_named_by_session_and_seq(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with ServerProcess(data) as server:
        session_id, _ = await with_messages(server)
        await server.stop()
    with sqlite3.connect(data / "symphainy.db") as connection:
        connection.execute("UPDATE entries SET data = replace(data, 'colour', 'flavor') WHERE instr(data, 'colour')")
    connection.close()
    found = run("verify", "--data", str(data))
    assert found.returncode == 1
    assert f"session {session_id}, seq 2: " in found.stdout
    complains(run("inspect", session_id, "--data", str(data)), session_id)


async def test_a_folder_that_is_in_use_says_by_whom(tmp_path: Path) -> None:
    async with ServerProcess(tmp_path / "data") as server:
        done = run("serve", "--port", "0", "--data", str(server.data))
        complains(done, f"pid {server.pid}", "--data")


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        complains(run("serve", "--port", port, "--data", str(tmp_path / "data")), port, "--port")
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("serve", "--store", "mongodb://x"), "mongodb://x"),
        (("serve", "--host", "no.such.host.invalid"), "no.such.host.invalid"),
        (("serve", "--port", "http"), "--port"),
        (("serve", "--port", "70000"), "70000"),
        (("inspect", "ses_1", "--data", "nowhere"), "nowhere"),
        (("verify", "--data", "nowhere"), "nowhere"),
        (("verify", "--store", "memory://"), "memory://"),
        (("inspect",), "session"),
        (("destroy",), "destroy"),
        ((), "command"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(arguments: tuple[str, ...], word: str, tmp_path: Path) -> None:
    done = run(*arguments, SYMPHAINY_DATA=str(tmp_path / "data"))
    complains(done, word)


def test_a_setting_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    complains(run("serve", SYMPHAINY_FEED_SECONDS="soon"), "SYMPHAINY_FEED_SECONDS")


def test_a_folder_that_cannot_be_written_is_named() -> None:
    complains(run("serve", "--port", "0", "--data", "/proc/symphainy"), "/proc/symphainy")


def test_a_data_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    complains(run("serve", "--port", "0", "--data", str(tmp_path / "data")), str(tmp_path / "data"))


async def test_an_unknown_session_is_said_to_be_unknown(tmp_path: Path) -> None:
    async with ServerProcess(tmp_path / "data") as server:
        complains(run("inspect", "ses_none", "--data", str(server.data)), "ses_none")


def test_the_version_is_that_of_the_package() -> None:
    done = run("--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"symphainy \S+\n", done.stdout)


async def test_output_may_be_cut_off(tmp_path: Path) -> None:
    async with ServerProcess(tmp_path / "data") as server:
        session_id, _ = await with_messages(server)
        command = f"{sys.executable} -m symphainy inspect {session_id} --data {server.data} | head -c 10"
        done = await asyncio.create_subprocess_exec(
            *("bash", "-c", f"set -o pipefail; {command}"),
            env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        _, complaint = await done.communicate()
    assert (done.returncode, complaint) == (0, b"")


def test_every_setting_is_documented() -> None:
    source = Path(__file__).parents[2] / "src" / "symphainy" / "config.py"
    lines = source.read_text().splitlines()
    for name in Settings.__slots__:
        (line,) = [number for number, text in enumerate(lines) if re.match(rf"    {name}: ", text)]
        assert lines[line + 1].strip().startswith('"""'), name
