"""Networked stores that want a password and speak TLS with a certificate authority of their own, and what is said where
the password or the certificate is not the right one. Valkey's wheel has no TLS, so a proxy speaks it in front."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from symphainy.errors import InvalidInput, StoreUnavailable
from symphainy.files import open_files
from symphainy.ids import new_id
from symphainy.stores import open_store
from symphainy.stores.base import Lifetime, Record
from tests.servers import valkey
from tests.servers.postgres import PostgresServer, execute
from tests.servers.tls import Authority, TlsProxy

PASSWORD, WRONG = "s3cret-word", "wr0ng-word"
QUICK = "timeout=1&answer_timeout=0.9"
HBA = b"host all postgres 127.0.0.1/32 trust\nhostssl all ada 127.0.0.1/32 scram-sha-256\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that signed nothing here."""
    return Authority(tmp_path_factory.mktemp("stranger"))


@pytest.fixture(scope="module")
def locked_valkey() -> Iterator[valkey.ValkeyServer]:
    with valkey.running("--requirepass", PASSWORD, "--appendfsync", "no") as server:
        yield server


@pytest.fixture(scope="module")
def locked_postgres(authority: Authority) -> Iterator[PostgresServer]:
    """`ada` needs TLS and a password; the certificate is for `localhost`."""
    server, issued = PostgresServer(), authority.issue("localhost")
    try:
        server.start(
            ssl="on",
            ssl_cert_file=server.keep("server.pem", issued.certificate.read_bytes()),
            ssl_key_file=server.keep("server.key", issued.key.read_bytes()),
            hba_file=server.keep("hba", HBA),
        )
        execute(
            server.url(), f"CREATE ROLE ada LOGIN PASSWORD '{PASSWORD}'", "GRANT CREATE ON DATABASE postgres TO ada"
        )
        yield server
    finally:
        server.remove()


@pytest.fixture
async def proxy(authority: Authority, locked_valkey: valkey.ValkeyServer) -> AsyncIterator[TlsProxy]:
    async with TlsProxy(locked_valkey.port, authority.issue("localhost")) as proxy:
        yield proxy


async def is_shared(url: str) -> None:
    """What one store writes, another one reads, and is woken for."""
    session_id = new_id("ses")
    async with open_store(url) as one, open_store(url) as two:
        await one.create(session_id, "ada", Lifetime(1e6, 1e7), [Record(b"first")])
        appending = asyncio.create_task(one.append(session_id, [Record(b"second")]))
        async with asyncio.timeout(20):
            while len(read := await two.read(session_id)) < 2:
                await two.wait(session_id, len(read))
        await appending
        assert [item.data for item in read] == [b"first", b"second"]


async def refusal(url: str) -> str:
    with pytest.raises(StoreUnavailable) as refused:
        async with open_store(url):
            pass
    return refused.value.message


class TestValkey:
    async def test_over_tls_with_a_password_everything_works(self, authority: Authority, proxy: TlsProxy) -> None:
        await is_shared(f"rediss://:{PASSWORD}@localhost:{proxy.port}?check_interval=60&ssl_ca_certs={authority.ca}")
        assert proxy.connections >= 2

    @pytest.mark.parametrize("trusted", ["another", "none", "another name"])
    async def test_a_certificate_that_is_not_trusted(
        self, authority: Authority, stranger: Authority, proxy: TlsProxy, trusted: str
    ) -> None:
        host = "127.0.0.1" if trusted == "another name" else "localhost"
        ca = "" if trusted == "none" else f"&ssl_ca_certs={(stranger if trusted == 'another' else authority).ca}"
        said = await refusal(f"rediss://:{PASSWORD}@{host}:{proxy.port}?{QUICK}{ca}")
        assert f"The certificate of Redis at {host}:{proxy.port} is not accepted" in said
        assert proxy.connections == 0

    @pytest.mark.parametrize("scheme", ["redis", "redis+cluster", "redis+sentinel"])
    @pytest.mark.parametrize("credentials", [f":{WRONG}@", f"ada:{WRONG}@", ""])
    async def test_a_wrong_password_is_told_and_never_shown(
        self,
        locked_valkey: valkey.ValkeyServer,
        caplog: pytest.LogCaptureFixture,
        scheme: str,
        credentials: str,
    ) -> None:
        caplog.set_level(logging.DEBUG)
        name, query = ("/primary", f"&sentinel_password={WRONG}") if scheme == "redis+sentinel" else ("", "")
        said = await refusal(f"{scheme}://{credentials}127.0.0.1:{locked_valkey.port}{name}?{QUICK}{query}")
        assert f"Redis at 127.0.0.1:{locked_valkey.port} refuses the credentials" in said
        assert WRONG not in said + caplog.text


class TestPostgres:
    def url(self, server: PostgresServer, parameters: str, *, password: str = PASSWORD, host: str = "localhost") -> str:
        return f"postgresql://ada:{password}@{host}:{server.port}/postgres?{parameters}"

    async def test_over_verified_tls_with_a_password_everything_works(
        self, authority: Authority, locked_postgres: PostgresServer
    ) -> None:
        await is_shared(self.url(locked_postgres, f"sslmode=verify-full&sslrootcert={authority.ca}"))
        used = "SELECT count(*) FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) WHERE a.usename = 'ada' AND NOT s.ssl"
        assert execute(locked_postgres.url(), used) == "0"

    @pytest.mark.parametrize("trusted", ["another", "another name"])
    async def test_a_certificate_that_is_not_trusted_is_told_at_once(
        self, authority: Authority, stranger: Authority, locked_postgres: PostgresServer, trusted: str
    ) -> None:
        ca, host = (stranger.ca, "localhost") if trusted == "another" else (authority.ca, "127.0.0.1")
        async with asyncio.timeout(5):
            said = await refusal(self.url(locked_postgres, f"sslmode=verify-full&sslrootcert={ca}", host=host))
        assert "The certificate of PostgreSQL is not accepted" in said

    async def test_without_tls_the_server_lets_nobody_in(self, locked_postgres: PostgresServer) -> None:
        assert "no encryption" in await refusal(self.url(locked_postgres, "sslmode=disable"))

    async def test_a_wrong_password_is_told_at_once_and_never_shown(
        self, locked_postgres: PostgresServer, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        async with asyncio.timeout(5):
            said = await refusal(self.url(locked_postgres, "sslmode=require", password=WRONG))
        assert "password authentication failed" in said
        assert WRONG not in said + caplog.text


@pytest.mark.parametrize(
    "url",
    ["redis://host?ssl_ca_certs={here}", "rediss://host?ssl_ca_certs=/nowhere/ca.pem",
     "rediss://host?ssl_cert_reqs=maybe", "postgresql://host/database?sslrootcert=/nowhere/ca.pem",
     "postgresql://host/database?port=many"],
)  # fmt: skip
def test_a_parameter_that_cannot_be_meant_is_named(url: str) -> None:
    name = url.partition("?")[2].partition("=")[0]
    with pytest.raises(InvalidInput, match=name):
        open_store(url.format(here=__file__))


@pytest.mark.parametrize("character", list("/?#@:[]% &+\\"))
@pytest.mark.parametrize(
    "url",
    ["redis://ada:{}@host", "rediss+cluster://:{}@one:1,two:2", "redis+sentinel://:{}@host/primary?timeout=3",
     "redis://host+postgresql://ada:{}@host/database", "postgresql://ada:{}@host:5432/database?sslmode=require",
     "arangodb://root:{}@host:8529/database", "mysql://ada:{}@host/database", "s3://key:{}@bucket/prefix"],
)  # fmt: skip
def test_a_password_that_nobody_quoted_is_not_shown(url: str, character: str, tmp_path: Path) -> None:
    for password in (f"s3cret{character}w0rd", f"41{character}w0rd", f"s3cret{character}42"):
        named = url.format(password)
        try:
            opened = open_files(named, tmp_path) if named.startswith("s3:") else open_store(named)
        except InvalidInput as refused:
            said = refused.message
        else:
            said = repr(vars(opened))
        assert not [part for part in ("s3cret", "w0rd") if part in said], said
