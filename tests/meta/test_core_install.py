"""The core installs in less than 200 MB: nobody adds a heavy library without noticing."""

from __future__ import annotations

import re
from importlib.metadata import Distribution, distribution

from packaging.requirements import Requirement

MEGABYTE = 1_000_000
MOST = 200 * MEGABYTE


def test_the_core_and_all_it_needs_installs_in_less_than_200_mb() -> None:
    """The sizes that the installed wheels record of their files; bytecode and installers are not in it."""
    sizes = {name: _size(found) for name, found in _closure("symphainy").items()}
    for name, size in sorted(sizes.items(), key=lambda item: -item[1])[:5]:
        print(f"{name} {size / MEGABYTE:.1f} MB")
    print(f"core: {sum(sizes.values()) / MEGABYTE:.1f} MB in {len(sizes)} distributions")
    assert sum(sizes.values()) < MOST
    assert {"kreuzberg", "pdfplumber", "wordllama", "numpy", "vl-convert-python"}.isdisjoint(sizes)


def _closure(root: str) -> dict[str, Distribution]:
    found: dict[str, Distribution] = {}
    waiting = [root]
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in found:
            continue
        found[name] = distribution(name)
        for text in found[name].requires or ():
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(requirement.name)
                assert not requirement.extras, f"{name} asks for an extra of {requirement.name}: follow it here"
    return found


def _size(found: Distribution) -> int:
    return sum(file.size or 0 for file in found.files or ())
