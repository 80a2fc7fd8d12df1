from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--store-kills", type=int, default=None, help="how often the store's process, or its server, is killed"
    )
    parser.addoption("--writer-rounds", type=int, default=None, help="how often four processes write to a session (3)")
