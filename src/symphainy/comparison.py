"""What differs between two versions: of JSON documents by structure, of texts by line."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, cast

import orjson

from symphainy.errors import JsonValue

MOST_CHANGES: Final = 2_000
MOST_PAIRS: Final = 2_500
ALIKE: Final = 0.6
CONTEXT_LINES: Final = 3
POSITION: Final = "no"
NAMES: Final = ("name", "title", "label", "action", "statement")

ChangeKind = Literal["added", "removed", "changed"]
Items = Sequence[JsonValue]


@dataclass(frozen=True, slots=True)
class Change:
    """`path` is a JSON Pointer (RFC 6901) into the new document, of what was removed into the old one; `where` says the
    same in words, with an item's own name in place of its number. `old` and `new` are null where there is none."""

    kind: ChangeKind
    path: str
    where: tuple[str, ...]
    old: JsonValue = None
    new: JsonValue = None


@dataclass(frozen=True, slots=True)
class Line:
    kind: Literal["same", "added", "removed"]
    text: str


@dataclass(frozen=True, slots=True)
class Hunk:
    """Changed lines with those around them. Lines count from 1."""

    old_start: int
    new_start: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`changes` is null where the versions are no JSON documents, `hunks` where they have no text of the same format.
    At most 2,000 changes are listed."""

    artifact_id: str
    from_version: int
    to_version: int
    changes: tuple[Change, ...] | None
    text_media_type: str | None
    hunks: tuple[Hunk, ...] | None


def compare_documents(old: JsonValue, new: JsonValue) -> tuple[Change, ...]:
    """The changes that make the new document of the old one, in the new one's order.

    Items of a list are matched by a field that identifies them (`*_id`, else `name`) where every item has its own, and
    else by what they say, in order; their number (`no`) is then only their place. So an inserted item is one addition.
    """
    found: list[Change] = []
    for change in _differences(old, new, (), ()):
        found.append(change)
        if len(found) == MOST_CHANGES:
            break
    return tuple(found)


def compare_lines(old: str, new: str) -> tuple[Hunk, ...]:
    """As a unified diff, with three lines around each change."""
    before, after = old.splitlines(), new.splitlines()
    groups = difflib.SequenceMatcher(None, before, after).get_grouped_opcodes(CONTEXT_LINES)
    return tuple(_hunk(group, before, after) for group in groups)


def _hunk(group: list[tuple[str, int, int, int, int]], before: list[str], after: list[str]) -> Hunk:
    lines: list[Line] = []
    for tag, old_start, old_end, new_start, new_end in group:
        if tag == "equal":
            lines += [Line("same", text) for text in before[old_start:old_end]]
        else:
            lines += [Line("removed", text) for text in before[old_start:old_end]]
            lines += [Line("added", text) for text in after[new_start:new_end]]
    return Hunk(group[0][1] + 1, group[0][3] + 1, tuple(lines))


Path = tuple[str, ...]


def _differences(old: JsonValue, new: JsonValue, path: Path, where: Path) -> Iterator[Change]:
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _of_objects(cast("dict[str, JsonValue]", old), cast("dict[str, JsonValue]", new), path, where)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _of_lists(cast("list[JsonValue]", old), cast("list[JsonValue]", new), path, where)
    elif not _same(old, new):
        yield Change("changed", _pointer(path), where, old, new)


def _of_objects(
    old: dict[str, JsonValue], new: dict[str, JsonValue], path: Path, where: Path, ignored: str | None = None
) -> Iterator[Change]:
    for key in new:
        if key == ignored:
            continue
        if key in old:
            yield from _differences(old[key], new[key], (*path, key), (*where, key))
        else:
            yield Change("added", _pointer((*path, key)), (*where, key), None, new[key])
    for key in old:
        if key not in new:
            yield Change("removed", _pointer((*path, key)), (*where, key), old[key], None)


def _of_lists(old: Items, new: Items, path: Path, where: Path) -> Iterator[Change]:
    key = _identity(old, new)
    pairs = _by_key(old, new, key) if key else _in_order(old, new)
    for before, after in pairs:
        if before is None and after is not None:
            yield Change("added", _pointer((*path, str(after))), (*where, _label(new, after)), None, new[after])
        elif before is not None and after is None:
            yield Change("removed", _pointer((*path, str(before))), (*where, _label(old, before)), old[before], None)
        elif before is not None and after is not None:
            left, right = old[before], new[after]
            inside, named = (*path, str(after)), (*where, _label(new, after))
            if isinstance(left, dict) and isinstance(right, dict):
                ignored = None if key else POSITION
                left, right = cast("dict[str, JsonValue]", left), cast("dict[str, JsonValue]", right)
                yield from _of_objects(left, right, inside, named, ignored)
            else:
                yield from _differences(left, right, inside, named)


Pair = tuple[int | None, int | None]
"""Places of an item in the old and in the new list; None: it is not there."""


def _identity(old: Items, new: Items) -> str | None:
    """The field that tells the items of both lists apart, and that at least one item of each has in common."""
    if not old or not new or not all(isinstance(item, dict) for item in (*old, *new)):
        return None
    candidates = [key for key in old[0] if key.endswith("_id")] + ["name"]
    for key in candidates:
        ours, theirs = ([item.get(key) for item in items] for items in (old, new))
        own = all(isinstance(value, str | int) for value in (*ours, *theirs))
        if own and len(set(ours)) == len(ours) and len(set(theirs)) == len(theirs) and set(ours) & set(theirs):
            return key
    return None


def _by_key(old: Items, new: Items, key: str) -> Iterator[Pair]:
    places = {item[key]: place for place, item in enumerate(old)}
    for place, item in enumerate(new):
        yield places.pop(item[key], None), place
    for place in places.values():
        yield place, None


def _in_order(old: Items, new: Items) -> Iterator[Pair]:
    before, after = ([_content(item) for item in items] for items in (old, new))
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for tag, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            yield from zip(range(old_start, old_end), range(new_start, new_end), strict=True)
        else:
            yield from _alike(before, after, range(old_start, old_end), range(new_start, new_end))


def _alike(before: list[bytes], after: list[bytes], olds: range, news: range) -> Iterator[Pair]:
    """Items that were rewritten: each new one with the old one that says most nearly the same."""
    partners: dict[int, int] = {}
    if len(olds) * len(news) <= MOST_PAIRS:
        ranked = sorted(
            ((_likeness(before[left], after[right]), -left, -right) for left in olds for right in news), reverse=True
        )
        for likeness, left, right in ranked:
            if likeness >= ALIKE and -right not in partners and -left not in partners.values():
                partners[-right] = -left
    for place in news:
        yield partners.get(place), place
    for place in olds:
        if place not in partners.values():
            yield place, None


def _likeness(left: bytes, right: bytes) -> float:
    matcher = difflib.SequenceMatcher(None, left.decode()[:2_000], right.decode()[:2_000])
    return matcher.ratio() if matcher.quick_ratio() >= ALIKE else 0.0


def _content(item: JsonValue) -> bytes:
    """What an item says, apart from its place."""
    if isinstance(item, dict):
        fields = cast("dict[str, JsonValue]", item)
        item = {key: value for key, value in fields.items() if key != POSITION}
    return orjson.dumps(item, option=orjson.OPT_SORT_KEYS)


def _label(items: Items, place: int) -> str:
    item = items[place]
    if isinstance(item, Mapping):
        fields = cast("Mapping[str, JsonValue]", item)
        number = fields.get(POSITION)
        named = next((value for key in NAMES if isinstance(value := fields.get(key), str) and value), None)
        parts = [str(number)] if isinstance(number, int | str) else []
        parts += [named] if named else []
        if parts:
            return ". ".join(parts)
    return str(place + 1)


def _same(old: JsonValue, new: JsonValue) -> bool:
    """1 is 1.0 in JSON, but True is not 1."""
    return old == new and isinstance(old, bool) == isinstance(new, bool)


def _pointer(path: Path) -> str:
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in path)
