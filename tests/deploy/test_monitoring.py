"""The dashboard and the alerts ask for what a server says: every metric and label in them is in a real scrape."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from symphainy.api import create_api
from symphainy.app import open_symphainy
from symphainy.config import Settings
from tests.api.conftest import client

DEPLOY = Path(__file__).parents[2] / "deploy"
NAME = re.compile(r"symphainy_[a-z_]+")


def expressions() -> Iterator[str]:
    rules = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())
    for group in rules["groups"]:
        for rule in group["rules"]:
            yield rule["expr"]
    board = json.loads((DEPLOY / "grafana" / "symphainy.json").read_text())
    for panel in board["panels"]:
        for target in panel["targets"]:
            yield target["expr"]


@pytest.fixture
async def said(tmp_path: Path) -> set[str]:
    """The names of a tiered store's server, which has all of them."""
    settings = Settings(data=tmp_path / "data", store=f"memory://+sqlite:///{tmp_path}/durable.db")
    async with open_symphainy(settings) as app, client(create_api(app)) as http:
        text = (await http.get("/metrics")).text
    kinds = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum"), "gauge": ("",)}
    families = list(text_string_to_metric_families(text))
    assert {family.type for family in families} <= kinds.keys()
    return {family.name + ending for family in families for ending in kinds[family.type]}


def test_every_expression_is_about_this_server() -> None:
    found = list(expressions())
    assert len(found) > 15
    assert all(NAME.search(expression) for expression in found)


async def test_every_metric_that_is_asked_for_is_said(said: set[str]) -> None:
    asked = {name for expression in expressions() for name in NAME.findall(expression)}
    assert asked - said == set()


async def test_every_metric_is_explained(said: set[str]) -> None:
    """In the table of docs/operations.md, without the endings that Prometheus adds."""
    explained = set(NAME.findall((DEPLOY.parent / "docs" / "operations.md").read_text()))
    plain = {re.sub(r"_(bucket|count|sum)$", "", name) for name in said}
    assert plain - explained == set()
