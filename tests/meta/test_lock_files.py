"""Lock files pin by hash and name no registry and no machine, so that they install from anywhere."""

import json
import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from .repository import FRONT_END, ROOT

PYTHON_LOCK = ROOT / "requirements.lock"
NPM_LOCK = FRONT_END / "package-lock.json"
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)


def npm_packages() -> dict[str, dict[str, object]]:
    packages = json.loads(NPM_LOCK.read_text())["packages"]
    return {path: fields for path, fields in packages.items() if path}


def test_the_python_lock_names_no_address_and_no_path() -> None:
    text = PYTHON_LOCK.read_text()
    options = [line for line in text.splitlines() if line.startswith("-")]
    assert re.findall(r"\S*://\S*|(?<![\w.])/\w+/\S*", text) == []
    assert options == []


def test_every_python_pin_has_a_hash() -> None:
    entries = re.split(r"^(?=[a-zA-Z0-9])", PYTHON_LOCK.read_text(), flags=re.MULTILINE)
    pinned = [entry for entry in entries if PIN.match(entry)]
    assert pinned
    assert [entry.split()[0] for entry in pinned if "--hash=sha256:" not in entry] == []


def test_the_python_lock_holds_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [Requirement(line) for line in project["project"]["dependencies"] + project["dependency-groups"]["dev"]]
    pins = {canonicalize_name(name): version for name, version in PIN.findall(PYTHON_LOCK.read_text())}
    stale = [str(item) for item in wanted if not item.specifier.contains(pins.get(canonicalize_name(item.name), "0"))]
    assert stale == [], "run make lock"


def test_the_npm_lock_names_no_registry() -> None:
    assert [path for path, fields in npm_packages().items() if "resolved" in fields or "link" in fields] == []
    assert (FRONT_END / ".npmrc").read_text().strip() == "omit-lockfile-registry-resolved=true"


def test_every_npm_package_has_a_hash() -> None:
    assert [path for path, fields in npm_packages().items() if "integrity" not in fields] == []


def test_the_npm_lock_holds_the_packages_of_every_platform() -> None:
    locked = {path.rpartition("node_modules/")[2] for path in npm_packages()}
    for path, fields in npm_packages().items():
        wanted = fields.get("optionalDependencies", {})
        assert isinstance(wanted, dict)
        assert set(wanted) - locked == set(), f"{path} misses packages, and npm ci would refuse the lock file"


@pytest.mark.parametrize("group", ["dependencies", "devDependencies"])
def test_the_npm_lock_holds_what_the_front_end_asks_for(group: str) -> None:
    wanted = json.loads((FRONT_END / "package.json").read_text())[group]
    assert json.loads(NPM_LOCK.read_text())["packages"][""][group] == wanted, "run make lock"
