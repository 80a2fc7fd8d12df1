"""What the documents say about versions and commands is what the package does."""

import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

import pytest

from .repository import FRONT_END, ROOT

VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def test_the_changelog_begins_with_the_version_of_the_package() -> None:
    newest = re.search(r"^## \[([^]]+)\] - (Unreleased|\d{4}-\d\d-\d\d)$", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert newest is not None
    assert newest[1] == VERSION


def test_the_front_end_has_the_version_of_the_package() -> None:
    assert json.loads((FRONT_END / "package.json").read_text())["version"] == VERSION


def test_the_installed_package_is_this_version() -> None:
    try:
        assert version("symphainy") == VERSION
    except PackageNotFoundError:
        pytest.skip("the package is not installed here, only its source is on the path")


@pytest.mark.skipif(find_spec("symphainy.cli") is None, reason="the package has no command line")
def test_the_readme_documents_every_command() -> None:
    shown = subprocess.run([sys.executable, "-m", "symphainy", "--help"], capture_output=True, text=True, check=True)
    commands = re.search(r"\{([\w,-]+)\}", shown.stdout)
    assert commands is not None, shown.stdout
    readme = (ROOT / "README.md").read_text()
    assert [name for name in commands[1].split(",") if f"symphainy {name}" not in readme] == []


def test_every_test_that_the_page_on_acceptance_names_exists() -> None:
    page = (ROOT / "docs" / "acceptance.md").read_text()
    defined = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text(), re.M)
    }
    journey = (FRONT_END / "e2e" / "acceptance.test.ts").read_text()
    in_browser = {name for _, name in re.findall(r"""^test\((['"])(.+)\1,""", journey, re.M)}
    assert set(re.findall(r"`(\d+: .+?)`", page)) == in_browser
    assert set(re.findall(r"`(test_\w+)`", page)) <= defined
