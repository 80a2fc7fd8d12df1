"""A handler that catches everything hides the next bug, so only three places may keep what they caught."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from .repository import name_of, python_modules

# Where a failure must be turned into something else whatever it is, one handler each.
NAMED_PLACES = {
    "workflows/flow.py": "the step recorder: any failure of a step is recorded as the workflow's failure",
    "api/live.py": "the connection loop: any failure ends this feed with a reason, and no other",
    "api/errors.py": "the API edge: any failure becomes a problem document with status 500",
}
BROAD = {"Exception", "BaseException"}


def is_broad(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(node, ast.Name) and node.id in BROAD for node in caught)


def reraises(handler: ast.ExceptHandler) -> bool:
    """Whether the handler always ends by raising what it caught, or a typed error from it."""
    return isinstance(handler.body[-1], ast.Raise)


def swallowing_handlers(source: str) -> Iterator[ast.ExceptHandler]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ExceptHandler) and is_broad(node) and not reraises(node):
            yield node
        if isinstance(node, ast.With | ast.AsyncWith):
            yield from _broad_suppressions(node)


def _broad_suppressions(node: ast.With | ast.AsyncWith) -> Iterator[ast.ExceptHandler]:
    for item in node.items:
        call = item.context_expr
        if isinstance(call, ast.Call) and ast.unparse(call.func).split(".")[-1] == "suppress":
            handler = ast.ExceptHandler(type=ast.Tuple(elts=call.args, ctx=ast.Load()), name=None, body=[ast.Pass()])
            if is_broad(handler):
                yield ast.copy_location(handler, call)


def test_only_the_named_places_swallow_every_exception() -> None:
    found = {name_of(path): _lines(path) for path in python_modules()}
    beyond = {name: lines for name, lines in found.items() if len(lines) > (1 if name in NAMED_PLACES else 0)}
    assert beyond == {}


def _lines(path: Path) -> list[int]:
    return [handler.lineno for handler in swallowing_handlers(path.read_text())]


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("try: f()\nexcept Exception: log()", 1),
        ("try: f()\nexcept: pass", 1),
        ("try: f()\nexcept (OSError, BaseException): pass", 1),
        ("try: f()\nexcept Exception:\n  if x: raise", 1),
        ("with contextlib.suppress(Exception): f()", 1),
        ("try: f()\nexcept Exception:\n  undo()\n  raise", 0),
        ("try: f()\nexcept Exception as error: raise Typed() from error", 0),
        ("try: f()\nexcept OSError: pass", 0),
        ("with suppress(OSError): f()", 0),
    ],
)
def test_the_rule_tells_swallowing_from_reraising(source: str, count: int) -> None:
    assert len(list(swallowing_handlers(source))) == count
