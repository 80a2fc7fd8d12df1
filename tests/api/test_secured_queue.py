"""The Redis or Valkey through which server processes share work and counts, where it wants a password, speaks TLS, or is a
cluster: the queue and the rates are other libraries than the store, and reach it with the same URL."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from symphainy.app import open_symphainy
from symphainy.config import Settings
from symphainy.errors import InvalidInput, StoreUnavailable
from symphainy.session import Status
from tests.faults.test_redis_server import RIGHTS
from tests.servers import valkey
from tests.servers.tls import Authority, TlsProxy

PASSWORD, WRONG = "s3cret/word", "wr0ng-word"
QUOTED = "s3cret%2Fword"
QUEUE_RIGHTS = (
    "~symphainy-* &symphainy-turn:* &symphainy-workflow:* &symphainy-turn:cancel:* &symphainy-workflow:cancel:*"
    " +@transaction"
)
ALONE = "by this process alone"


async def table() -> AsyncIterator[bytes]:
    yield b"region,amount\nnorth,1\nsouth,2\n"


async def works(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    """A file that is sent is read, by way of the queue, and callers are counted in common."""
    async with open_symphainy(settings) as app:
        session = await app.sessions.open_session("ada")
        await app.uploads.add(session.session_id, "sales.csv", table(), user_id="ada", file_id="file_1")
        await app.rates.count("write", "ada", 10)
        async with asyncio.timeout(30):
            while not all(item.status.finished for item in session.workflows.values()) or not session.workflows:
                await asyncio.sleep(0.02)
                session = await app.sessions.get_session(session.session_id)
    assert [item.status for item in session.workflows.values()] == [Status.COMPLETED]
    assert ALONE not in caplog.text


async def test_over_tls_with_a_password(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    authority = Authority(tmp_path / "ca")
    with valkey.running("--requirepass", PASSWORD, "--appendfsync", "no") as server:
        async with TlsProxy(server.port, authority.issue("localhost")) as proxy:
            url = f"rediss://:{QUOTED}@localhost:{proxy.port}/1?ssl_ca_certs={authority.ca}"
            await works(Settings(data=tmp_path / "data", redis=url), caplog)
        with server.client() as client:
            client.select(1)
            assert {str(key).partition(":")[0] for key in client.scan_iter()} >= {
                "b'symphainy-rates",
                "b'symphainy-workflow",
            }


async def test_the_rights_that_are_documented_suffice(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert QUEUE_RIGHTS in (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
    with valkey.running("--appendfsync", "no") as server:
        with server.client() as client:
            rights = f"{RIGHTS} {QUEUE_RIGHTS}".split()
            client.execute_command("ACL", "SETUSER", "ada", "reset", "on", f">{PASSWORD}", *rights)
        url = f"redis://ada:{QUOTED}@127.0.0.1:{server.port}"
        await works(Settings(data=tmp_path / "data", store=url), caplog)


async def test_a_cluster_of_which_the_url_names_several_nodes(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    options = ("--requirepass", PASSWORD, "--appendfsync", "no")
    with valkey.cluster(3, *options) as nodes:
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in nodes)
        await works(Settings(data=tmp_path / "data", redis=f"redis+cluster://:{QUOTED}@{hosts}"), caplog)


async def test_a_wrong_password_is_told_at_the_start_and_never_shown(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with valkey.running("--requirepass", PASSWORD, "--appendfsync", "no") as server:
        url = f"redis://:{WRONG}@127.0.0.1:{server.port}?timeout=1&answer_timeout=0.9"
        with pytest.raises(StoreUnavailable, match="refuses the credentials") as refused:
            async with open_symphainy(Settings(data=tmp_path, redis=url)):
                pass
    assert WRONG not in refused.value.message + caplog.text + repr(Settings(redis=url))


async def test_a_url_that_cannot_be_meant_is_told_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="there is no parameter 'tiemout'"):
        async with open_symphainy(Settings(data=tmp_path, redis="redis://127.0.0.1?tiemout=3")):
            pass
