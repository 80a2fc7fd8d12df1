"""Headers, metrics, health, and the page."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from symphainy.api import Api, create_api
from symphainy.app import Symphainy
from symphainy.config import Settings
from symphainy.errors import InvalidInput, StorageFull, StoreUnavailable
from symphainy.session import AgentType, OrchestratorName

from .conftest import Visitor, client

POLICY = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "connect-src 'self'",
    "font-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
)


@pytest.mark.parametrize("path", ["/", "/content", "/healthz", "/api/v1/meta", "/api/v1/sessions", "/api/v1/nothing"])
async def test_every_answer_carries_the_security_headers(nobody: httpx.AsyncClient, path: str) -> None:
    headers = (await nobody.get(path)).headers
    directives = {part.strip() for part in headers["content-security-policy"].split(";")}
    assert directives >= set(POLICY)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-request-id"].startswith("req_")
    if path.startswith("/api/"):
        assert headers["cache-control"] == "no-store"


async def test_readiness_is_proved_by_a_durable_write(
    nobody: httpx.AsyncClient, app: Symphainy, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await nobody.get("/healthz")).json() == {"status": "ok"}
    answer = await nobody.get("/readyz")
    assert answer.json() == {"status": "ready", "store": "memory", "durability": "none", "files": "folder", "lag": None}
    for failure, status in ((StoreUnavailable("away"), 503), (StorageFull("full"), 507)):

        async def fail(self: object, failure: Exception = failure) -> None:
            raise failure

        for part in (app.traffic_cop, app.files):
            with monkeypatch.context() as patch:
                patch.setattr(type(part), "probe", fail)
                assert (await nobody.get("/readyz")).status_code == status
                assert (await nobody.get("/healthz")).status_code == 200


async def test_metrics_count_by_route_and_hold_no_id(visitor: Visitor) -> None:
    await visitor.http.get(visitor.path)
    await visitor.http.get("/api/v1/sessions/ses_unknown")
    text = (await visitor.http.get("/metrics")).text
    assert 'symphainy_http_requests_total{method="GET",route="/api/v1/sessions/{session_id}",status="200"} 1.0' in text
    assert 'route="/api/v1/sessions/{session_id}",status="404"} 1.0' in text
    assert "symphainy_http_request_seconds_bucket" in text
    assert "symphainy_feeds_open 0.0" in text
    assert visitor.session_id not in text
    assert visitor.token not in text


async def test_meta_says_what_there_is(nobody: httpx.AsyncClient, app: Symphainy) -> None:
    meta = (await nobody.get("/api/v1/meta")).json()
    assert [agent["agent_type"] for agent in meta["agents"]] == list(AgentType)
    assert list(meta["orchestrators"]) == list(OrchestratorName)
    assert "analyze_file" in meta["orchestrators"]["ContentAnalysisOrchestrator"]
    assert "analyze_coexistence" in meta["orchestrators"]["OperationsOrchestrator"]
    assert meta["limits"]["feeds_per_user"] == app.settings.feeds_per_user
    assert meta["model"] is None
    assert meta["max_upload_bytes"] == app.settings.max_upload
    assert "csv" in meta["file_kinds"]


@pytest.fixture
def web(tmp_path: Path) -> Path:
    folder = tmp_path / "built"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>page</title>")
    (folder / "favicon.svg").write_text("<svg/>")
    (folder / "assets" / "app-4f2a.js").write_text("1")
    (tmp_path / "secret.txt").write_text("secret")
    return folder


async def test_the_page_is_never_cached_and_its_assets_for_ever(app: Symphainy, web: Path) -> None:
    async with client(create_api(app, web=web)) as http:
        for path in ("/", "/index.html", "/content", "/content/file_1"):
            answer = await http.get(path)
            assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
            assert "<title>page</title>" in answer.text
        asset = await http.get("/assets/app-4f2a.js")
        assert "javascript" in asset.headers["content-type"]
        assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert (await http.get("/favicon.svg")).headers["cache-control"] == "no-cache"
        assert (await http.get("/assets/app-old.js")).status_code == 404
        assert (await http.post("/content")).status_code == 405


@pytest.mark.parametrize(
    "path", ["/..%2fsecret.txt", "/assets/..%2f..%2fsecret.txt", "/%00", "//secret.txt", "/%2e%2e/secret.txt"]
)
async def test_nothing_outside_of_the_page_is_served(app: Symphainy, web: Path, path: str) -> None:
    async with client(create_api(app, web=web)) as http:
        assert (await http.get(path)).text != "secret"


async def test_a_page_that_is_not_built_says_so(api: Api) -> None:
    async with client(api) as http:
        answer = await http.get("/")
    assert answer.status_code == 503
    assert "make install" in answer.text


def test_settings_come_from_the_environment_by_name() -> None:
    given = {"SYMPHAINY_PORT": "9000", "SYMPHAINY_FEED_SECONDS": "1.5", "SYMPHAINY_DATA": "/srv/x", "PORT": "1"}
    settings = Settings.from_environment(given)
    assert (settings.port, settings.feed_seconds, settings.data) == (9000, 1.5, Path("/srv/x"))
    assert settings.store_url == "sqlite:////srv/x/symphainy.db"
    assert Settings.from_environment({}) == Settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "-1"),
        ("PORT", "70000"),
        ("PING_SECONDS", "0"),
        ("PING_SECONDS", "nan"),
        ("MAX_BODY", "0"),
    ],
)
def test_a_setting_that_no_server_could_work_with_is_named(name: str, value: str) -> None:
    with pytest.raises(InvalidInput, match=name.lower() if value not in ("http", "70000", "-1") else value):
        Settings.from_environment({f"SYMPHAINY_{name}": value})
