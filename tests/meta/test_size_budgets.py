"""Size budgets of the Python package; biome.json holds the same ones for the front end."""

import ast
from pathlib import Path

from .repository import PACKAGE, functions, name_of, python_modules

MODULE_LINES = 400
FUNCTION_LINES = 60


def test_no_module_is_longer_than_400_lines() -> None:
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in python_modules()}
    assert {name: length for name, length in lengths.items() if length > MODULE_LINES} == {}


def test_no_function_is_longer_than_60_lines() -> None:
    lengths = {
        f"{name_of(path)}:{function.name}": (function.end_lineno or 0) - function.lineno + 1
        for path in python_modules()
        for function in functions(ast.parse(path.read_text()))
    }
    assert {name: length for name, length in lengths.items() if length > FUNCTION_LINES} == {}


def test_no_folder_holds_only_one_file() -> None:
    folders = {path.parent for path in python_modules()} - {PACKAGE}
    lonely = {name_of(folder) for folder in folders if _modules_and_packages(folder) < 2}
    assert lonely == set()


def _modules_and_packages(folder: Path) -> int:
    return sum(1 for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists())
