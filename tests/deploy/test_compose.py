"""compose.yaml, the Dockerfile and the proxy's file against what they speak of. They were not run as containers: there is no container
engine where these tests run."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from compose_spec import PyCompose

from symphainy import cli
from symphainy.config import PREFIX, Settings
from symphainy.stores import tiers
from tests.api.server_process import ServerProcess
from tests.servers import valkey
from tests.servers.caddy import adapted

ROOT = Path(__file__).parents[2]
COMPOSE = (ROOT / "compose.yaml").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
GIVEN = {"POSTGRES_PASSWORD": "0123abcd"}
SERVERS = ("server-1", "server-2", "server-3")
MEBIBYTE = 1024 * 1024


def filled_in(text: str) -> str:
    """As Compose does it. Raises KeyError for a variable that nobody has to give and that has no default."""

    def value(match: re.Match[str]) -> str:
        name, default = match[1], match[2]
        return GIVEN[name] if name in GIVEN else default[2:] if default.startswith(":-") else GIVEN[name]

    return re.sub(r"\$\{(\w+)(:[-?][^}]*)?\}", value, text)


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """By a strict reading of the Compose Specification: an unknown key, a missing network or volume is an error."""
    read = PyCompose.from_yaml(filled_in(COMPOSE))
    read.validate()
    return cast("dict[str, Any]", read.to_dict())


def settings_of(service: dict[str, Any]) -> dict[str, str]:
    """What the container's process finds in its environment."""
    return {**image_environment(), **{name: str(value) for name, value in service["environment"].items()}}


def image_environment() -> dict[str, str]:
    words = [word for line in instructions("ENV") for word in shlex.split(line)]
    return dict(word.split("=", 1) for word in words)


def instructions(name: str) -> list[str]:
    joined = DOCKERFILE.replace("\\\n", " ")
    return [line.removeprefix(name).strip() for line in joined.splitlines() if line.startswith(f"{name} ")]


def last_stage(name: str) -> list[str]:
    joined = DOCKERFILE.replace("\\\n", " ").rpartition("\nFROM ")[2]
    return [
        line.strip().removeprefix(name).strip() for line in joined.splitlines() if line.strip().startswith(f"{name} ")
    ]


@pytest.mark.parametrize("name", SERVERS)
def test_every_setting_of_a_server_exists_and_is_taken(name: str, compose: dict[str, Any]) -> None:
    environment = settings_of(compose["services"][name])
    known = {f"{PREFIX}{field.upper()}" for field in Settings.__dataclass_fields__}
    assert {key for key in environment if key.startswith(PREFIX)} <= known
    settings = Settings.from_environment(environment)
    hosts = [url.partition("://")[2].rpartition("@")[2].partition("/")[0] for url in tiers(settings.store_url)]
    assert hosts == ["valkey", "postgres"]
    assert settings.secure_cookies
    needed = settings.workflows_at_once * settings.child_memory + 512 * MEBIBYTE
    assert needed <= bytes_of(compose["services"][name]["mem_limit"])


def bytes_of(text: str) -> int:
    number, unit = re.fullmatch(r"(\d+)([mg])b?", text.lower()).groups()  # pyright: ignore[reportOptionalMemberAccess]
    return int(number) * {"m": MEBIBYTE, "g": 1024 * MEBIBYTE}[unit]


def test_the_servers_differ_in_nothing(compose: dict[str, Any]) -> None:
    assert compose["services"]["server-1"] == compose["services"]["server-2"] == compose["services"]["server-3"]


def test_only_the_proxy_and_the_servers_are_where_addresses_are_believed(compose: dict[str, Any]) -> None:
    networks = compose["networks"]
    believed = Settings.from_environment(settings_of(compose["services"]["server-1"])).proxies
    assert believed == [networks["front"]["ipam"]["config"][0]["subnet"]]
    members = {name for name, service in compose["services"].items() if "front" in (service.get("networks") or ())}
    assert members == {"proxy", *SERVERS}
    assert networks["stores"]["internal"] is True


def test_nothing_but_the_proxy_is_reached_from_other_machines(compose: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in compose["services"].items() if service.get("ports")}
    assert set(published) == {"proxy", "arangodb"}
    assert all(str(port).startswith("127.0.0.1:") for port in published["arangodb"])


def test_a_password_must_be_given(compose: dict[str, Any]) -> None:
    assert set(re.findall(r"\$\{(\w+):\?", COMPOSE)) == set(GIVEN)
    assert GIVEN["POSTGRES_PASSWORD"] == compose["services"]["postgres"]["environment"]["POSTGRES_PASSWORD"]


def test_what_is_mounted_is_there_and_what_is_kept_has_a_volume(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for volume in service.get("volumes") or ():
            source = volume.partition(":")[0]
            assert source in compose["volumes"] or not source.startswith(".") or (ROOT / source).is_file()


async def test_a_server_on_a_valkey_of_this_command_acknowledges_what_is_on_the_disk(
    compose: dict[str, Any], tmp_path: Path
) -> None:
    program, *options = compose["services"]["valkey"]["command"]
    assert program == "valkey-server"
    with valkey.running(*options, "--bind", "127.0.0.1") as store:
        async with ServerProcess(tmp_path / "data", store=store.url) as server:
            environment = {"PATH": os.environ["PATH"], "SYMPHAINY_PORT": server.url.rpartition(":")[2]}
            async with httpx.AsyncClient(timeout=20) as http:
                assert (await http.get(f"{server.url}/readyz")).json()["durability"] == "fsync"
            assert await asyncio.to_thread(healthy, environment)
            store.kill()
            assert not await asyncio.to_thread(healthy, environment)


def healthy(environment: dict[str, str]) -> bool:
    """By the image's own command."""
    (line,) = last_stage("HEALTHCHECK")
    program, *rest = json.loads(line[line.index("[") :])
    assert program == "python"
    return subprocess.run([sys.executable, *rest], env=environment, capture_output=True).returncode == 0


def test_the_proxy_asks_every_server_where_it_listens(compose: dict[str, Any]) -> None:
    environment = {name: str(value) for name, value in compose["services"]["proxy"]["environment"].items()}
    found = every(json.loads(adapted(environment)))
    port = image_environment()["SYMPHAINY_PORT"]
    assert [upstream["dial"] for upstream in found["upstreams"]] == [f"{name}:{port}" for name in SERVERS]
    assert instructions("EXPOSE") == [port]


def test_nothing_of_the_proxy_limits_how_long_a_feed_may_be_silent_or_open() -> None:
    found = every(json.loads(adapted({"SERVERS": "one:8000 two:8000"})))
    assert "dial_timeout" in found
    assert not found.keys() & {"read_timeout", "write_timeout", "response_header_timeout", "stream_timeout"}
    assert not found.keys() & {"flush_interval", "request_buffers", "response_buffers", "trusted_proxies"}


def every(at: Any, found: dict[str, Any] | None = None) -> dict[str, Any]:
    """Every key of the document at any depth, with its first value."""
    found = {} if found is None else found
    if isinstance(at, dict):
        for name, value in at.items():
            found.setdefault(name, value)
            every(value, found)
    elif isinstance(at, list):
        for value in at:
            every(value, found)
    return found


def test_the_image_is_made_of_what_is_there() -> None:
    for line in instructions("COPY"):
        *sources, _ = (word for word in line.split() if not word.startswith("--"))
        if "--from=" not in line:
            assert all((ROOT / source).exists() for source in sources), line
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert instructions("ARG") == ["EXTRAS=all"]
    assert "all" in extras


def test_the_image_runs_the_server_and_not_as_root() -> None:
    assert last_stage("USER") == ["symphainy"]
    (entry,), (command,) = last_stage("ENTRYPOINT"), last_stage("CMD")[-1:]
    program, *arguments = json.loads(entry) + json.loads(command)
    assert program == "symphainy"
    with pytest.raises(SystemExit, match=r"^0$"):
        cli.main([*arguments, "--help"])
    assert Settings.from_environment(image_environment()).data == Path("/data")
