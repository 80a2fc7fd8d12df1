"""Corrections of a procedure in ordinary words: `change step 2 to ...`, `step 3 is done by finance`, `swap 3 and 4`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from symphainy.enabling_services.operations.blocks import Block, BlockKind, plain
from symphainy.enabling_services.operations.sentences import as_role, match_role, read_sentence
from symphainy.enabling_services.operations.sop import Sop, Step, renumbered, roles_of
from symphainy.enabling_services.operations.sop_reading import read_steps

_ORDINALS: Final = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
}  # fmt: skip
_NAMED: Final = "|".join(_ORDINALS)
_STEP: Final = (
    rf"(?:the\s+)?(?:steps?\s*(?:number|no\.?|\#)?\s*|number\s+|no\.?\s*|\#\s*)?(?:\d+(?:\.\d+)?|(?:"
    rf"{_NAMED}|last|final|previous)(?:\s+(?:step|one))?)"
)
_BARE_STEP: Final = (
    rf"(?:the\s+)?(?:steps?\s*(?:number|no\.?|\#)?\s*(?:\d+(?:\.\d+)?|{_NAMED})"
    rf"|(?:{_NAMED}|last|final|previous)\s+(?:step|one))"
)
_MARK: Final = re.compile(r"(?i)^\s*(?:[-*\u2022]|\d+[.)]|[a-z][.)]|step\s+\d+\s*[:.)-])\s+")
_FIRST: Final = re.compile(r"(?i)^(?:first|first of all|then|next|after that|finally|and then)\s*,?\s+")
_THEN: Final = re.compile(
    r"(?i)(?<=[^,\s])[,;.]?\s+(?:and\s+)?(?:then|after that|afterwards|next)\s*,?\s+(?=\w)(?!if\b)"
)


@dataclass(frozen=True, slots=True)
class Edit:
    """The procedure after a correction, and what was done in one sentence; `sop` is None where it cannot be done."""

    sop: Sop | None
    said: str


_Handler = Callable[[Sop, re.Match[str]], Edit]


def edited(sop: Sop, text: str) -> Edit | None:
    """None if the text is no correction."""
    text = " ".join(text.split()).rstrip(" ") if "\n" not in text.strip() else text.strip()
    text = re.sub(
        r"(?i)^(?:please|can you|could you|no,?|oh,?|sorry,?|wait,?|actually,?|ok,?|and|i want to|i would like to|let us|let's)\s+(?=\w)",
        "",
        re.sub(
            r"(?i)^(?:please|sorry|no|wait|actually|ok|hm+)[,:]?\s+(?=(?:please|can|could|change|step|delete|remove|insert|swap)\b)",
            "",
            text,
        ),
    )
    for pattern, handler in _EDITS:
        found = pattern.match(text)
        if found is not None:
            return handler(sop, found)
    return None


def position_of(sop: Sop, named: str) -> int | None:
    """The index of the step that is meant; None if there is none."""
    words = named.lower()
    if "last" in words or "final" in words or "previous" in words:
        return len(sop.steps) - 1 if sop.steps else None
    number = re.search(r"\d+(?:\.\d+)?", words)
    wanted = (
        number.group()
        if number
        else next((str(n) for word, n in _ORDINALS.items() if re.search(rf"\b{word}\b", words)), "")
    )
    return next((at for at, step in enumerate(sop.steps) if step.no == wanted), None)


def steps_from(text: str, sop: Sop) -> tuple[Step, ...]:
    """The steps that a message names: one for each line or sentence, one after `then`."""
    pieces: list[str] = []
    for line in text.splitlines():
        line = _FIRST.sub("", _MARK.sub("", line).strip())
        conditional = re.match(r"(?i)(?:if|when|in case|unless)\b", line)
        pieces += [line] if conditional else [piece for piece in _THEN.split(line) if piece.strip()]
    blocks = [
        Block(BlockKind.ITEM, plain(sentence), numbered=True)
        for piece in pieces
        for sentence in re.split(r"(?<=[.!])\s+(?=[A-Z])|;\s+(?!otherwise|else)", piece)
    ]
    return read_steps(blocks, sop.roles)


def placed(sop: Sop, at: int, steps: Sequence[Step]) -> Sop:
    """With the steps put in before the one at `at`."""
    fresh = [replace(step, no=f"new{number}") for number, step in enumerate(steps)]
    return _with(sop, [*sop.steps[:at], *fresh, *sop.steps[at:]])


def _with(sop: Sop, steps: Sequence[Step]) -> Sop:
    ordered = renumbered(steps)
    return replace(sop, steps=ordered, roles=roles_of(ordered, sop.roles))


def _step_changed(sop: Sop, named: str, change: Callable[[Step], Step], said: str) -> Edit:
    at = position_of(sop, named)
    if at is None:
        return _no_step(sop, named)
    steps = list(sop.steps)
    steps[at] = change(steps[at])
    after = _with(sop, steps)
    return Edit(after, said.format(no=after.steps[at].no))


def _no_step(sop: Sop, named: str) -> Edit:
    have = f"There are {len(sop.steps)} steps." if len(sop.steps) != 1 else "There is 1 step."
    return Edit(
        None, f"I found no {named.strip()}. {have if sop.steps else 'There are no steps yet.'} Nothing was changed."
    )


def _change(sop: Sop, found: re.Match[str]) -> Edit:
    read = steps_from(found.group("text"), sop)
    at = position_of(sop, found.group("step"))
    if at is None:
        return _no_step(sop, found.group("step"))
    if not read:
        return Edit(None, "I did not understand what the step should say. Nothing was changed.")
    first = replace(read[0], no=sop.steps[at].no, role=read[0].role or sop.steps[at].role)
    steps = [
        *sop.steps[:at],
        first,
        *(replace(step, no=f"new{n}") for n, step in enumerate(read[1:])),
        *sop.steps[at + 1 :],
    ]
    after = _with(sop, steps)
    return Edit(after, f"Step {after.steps[at].no} now says: {said_step(after.steps[at])}.")


def _role(sop: Sop, found: re.Match[str]) -> Edit:
    role = as_role(found.group("role").strip(" ."), sop.roles)
    return _step_changed(
        sop, found.group("step"), lambda step: replace(step, role=role), f"Step {{no}} is now done by **{role}**."
    )


def _system(sop: Sop, found: re.Match[str]) -> Edit:
    system = found.group("system").strip(" .")
    return _step_changed(
        sop, found.group("step"), lambda step: replace(step, systems=tuple(dict.fromkeys((*step.systems, system)))),
        f"Step {{no}} is now done in **{system}**.",
    )  # fmt: skip


def _condition(sop: Sop, found: re.Match[str]) -> Edit:
    condition = re.sub(r"(?i)^(?:if|when)\s+", "", found.group("condition").strip(" ."))
    return _step_changed(
        sop,
        found.group("step"),
        lambda step: replace(step, condition=condition),
        f"Step {{no}} is now done only if {condition}.",
    )


def _no_condition(sop: Sop, found: re.Match[str]) -> Edit:
    return _step_changed(
        sop,
        found.group("step"),
        lambda step: replace(step, condition=None, otherwise=None),
        "Step {no} is now always done.",
    )


def _otherwise(sop: Sop, found: re.Match[str]) -> Edit:
    at = position_of(sop, found.group("step"))
    if at is not None and sop.steps[at].condition is None:
        return Edit(
            None, f"Step {sop.steps[at].no} has no condition yet. Say, for example: step {sop.steps[at].no} only if ..."
        )
    read = read_sentence(found.group("text"), sop.roles)
    text = f"{read.role}: {read.action}" if read.role else read.action
    return _step_changed(
        sop, found.group("step"), lambda step: replace(step, otherwise=text), f"Step {{no}}, otherwise: {text}."
    )


def _delete(sop: Sop, found: re.Match[str]) -> Edit:
    names = re.findall(rf"(?i)\d+(?:\.\d+)?|{_NAMED}|last|final|previous", found.group("steps"))
    places = [position_of(sop, name) for name in names]
    missing = next((name for name, place in zip(names, places, strict=True) if place is None), None)
    if missing is not None or not places:
        return _no_step(sop, f"step {missing or found.group('steps')}")
    gone = [sop.steps[at] for at in sorted({at for at in places if at is not None})]
    after = _with(sop, [step for step in sop.steps if step not in gone])
    listed = "; ".join(step.action for step in gone)
    return Edit(after, f"Deleted: {listed}.")


def _insert(sop: Sop, found: re.Match[str]) -> Edit:
    at = position_of(sop, found.group("step"))
    if at is None:
        return _no_step(sop, found.group("step"))
    steps = steps_from(found.group("text"), sop)
    if not steps:
        return Edit(None, "I did not understand what the new step should say. Nothing was changed.")
    at += found.group("where").lower() not in ("before", "ahead of", "in front of")
    after = placed(sop, at, steps)
    return Edit(
        after,
        "Put in: " + "; ".join(f"{step.no}. {said_step(step)}" for step in after.steps[at : at + len(steps)]) + ".",
    )


def _swap(sop: Sop, found: re.Match[str]) -> Edit:
    one, other = position_of(sop, found.group("one")), position_of(sop, found.group("other"))
    if one is None or other is None:
        return _no_step(sop, f"step {found.group('one' if one is None else 'other')}")
    steps = list(sop.steps)
    names = sop.steps[one].no, sop.steps[other].no
    steps[one], steps[other] = steps[other], steps[one]
    return Edit(_with(sop, steps), f"Swapped steps {names[0]} and {names[1]}.")


def _move(sop: Sop, found: re.Match[str]) -> Edit:
    source, target = position_of(sop, found.group("step")), position_of(sop, found.group("target"))
    if source is None or target is None:
        return _no_step(sop, f"step {found.group('step' if source is None else 'target')}")
    steps = list(sop.steps)
    moved = steps.pop(source)
    where = (found.group("where") or "").lower()
    at = target if where not in ("after", "behind") else target + 1
    at -= where in ("after", "behind", "before") and source < target
    steps.insert(max(at, 0), moved)
    after = _with(sop, steps)
    return Edit(after, f"“{moved.action}” is now step {after.steps[max(at, 0)].no}.")


def _title(sop: Sop, found: re.Match[str]) -> Edit:
    title = found.group("text").strip(" .\"'")
    title = title[:1].upper() + title[1:]
    return Edit(replace(sop, title=title), f"The title is now **{title}**.")


def _text(sop: Sop, found: re.Match[str]) -> Edit:
    text = found.group("text").strip()
    text = text[:1].upper() + text[1:]
    field = found.group("field").lower()
    return Edit(
        replace(sop, purpose=text) if field == "purpose" else replace(sop, scope=text), f"The {field} is now: {text}"
    )


def _add_role(sop: Sop, found: re.Match[str]) -> Edit:
    role = as_role(found.group("role").strip(" ."), sop.roles)
    return Edit(replace(sop, roles=tuple(dict.fromkeys((*sop.roles, role)))), f"**{role}** takes part now.")


def _remove_role(sop: Sop, found: re.Match[str]) -> Edit:
    role = match_role(found.group("role").strip(" ."), sop.roles)
    if role is None:
        return Edit(None, f"There is no role “{found.group('role')}”. Nothing was changed.")
    steps = tuple(replace(step, role=None) if step.role == role else step for step in sop.steps)
    freed = [step.no for step in sop.steps if step.role == role]
    more = f" Nobody does step {', '.join(freed)} now." if freed else ""
    return Edit(
        replace(sop, roles=tuple(name for name in sop.roles if name != role), steps=steps),
        f"Removed the role **{role}**.{more}",
    )


def _rename_role(sop: Sop, found: re.Match[str]) -> Edit:
    role = match_role(found.group("role").strip(), sop.roles)
    if role is None:
        return Edit(None, f"There is no role “{found.group('role').strip()}”. Nothing was changed.")
    name = as_role(found.group("text").strip(" ."))
    steps = tuple(
        replace(
            step,
            role=name if step.role == role else step.role,
            otherwise=re.sub(rf"^{re.escape(role)}:", f"{name}:", step.otherwise) if step.otherwise else None,
        )
        for step in sop.steps
    )
    roles = tuple(dict.fromkeys(name if item == role else item for item in sop.roles))
    return Edit(replace(sop, roles=roles, steps=steps), f"**{role}** is called **{name}** now.")


def said_step(step: Step) -> str:
    """A step in one line: `**Manager**: Approve the refund, if the amount exceeds 500; otherwise ...`."""
    who = f"**{step.role}**: " if step.role else ""
    condition = f", if {step.condition}" if step.condition else ""
    otherwise = f"; otherwise {step.otherwise}" if step.otherwise else ""
    systems = [name for name in step.systems if name.casefold() not in step.action.casefold()]
    used = f" (in {', '.join(systems)})" if systems else ""
    return f"{who}{step.action}{condition}{otherwise}{used}"


def _edit(pattern: str, handler: _Handler) -> tuple[re.Pattern[str], _Handler]:
    return re.compile(rf"(?is)^{pattern}\s*$"), handler


_EDITS: Final = (
    _edit(
        rf"(?:delete|remove|drop|cancel|erase|take out|cross out|get rid of|kill)\s+(?P<steps>{_BARE_STEP}(?:\s"
        rf"*(?:,|and|&)\s*{_STEP})*)[.!]?",
        _delete,
    ),
    _edit(r"(?:delete|remove|drop|erase)\s+(?P<steps>\d+(?:\.\d+)?(?:\s*(?:,|and|&)\s*\d+)*)[.!]?", _delete),
    _edit(rf"(?:swap|switch|exchange|flip)\s+(?P<one>{_STEP})\s*(?:and|with|&|,)\s*(?P<other>{_STEP})[.!]?", _swap),
    _edit(
        rf"move\s+(?P<step>{_STEP})\s+(?:to\s+)?(?:(?P<where>before|after|behind)\s+)?(?:position\s+|place\s+)?"
        rf"(?P<target>{_STEP})[.!]?",
        _move,
    ),
    _edit(
        rf"(?:insert|add|put(?: in)?|include)\s+(?:a\s+|another\s+|the\s+)?(?:new\s+)?(?:step\s+)?(?P<where>bef"
        rf"ore|after|behind)\s+(?P<step>{_STEP})\s*[:,\u2013-]?\s*(?P<text>\S.*)",
        _insert,
    ),
    _edit(
        rf"(?P<where>before|after)\s+(?P<step>{_BARE_STEP})\s*,?\s*(?:insert|add|put(?: in)?|comes?|we)\s*[:,]?"
        rf"\s*(?P<text>\S.*)",
        _insert,
    ),
    _edit(
        rf"(?:insert|add)\s*[:\"']?\s*(?P<text>\S.*?)[\"']?\s+(?P<where>before|after)\s+(?P<step>{_BARE_STEP})["
        rf".!]?",
        _insert,
    ),
    _edit(r"(?:change|make|set|rename|call)\s+(?:the\s+)?(?:title|name)\s+(?:to|into|as|:)?\s*(?P<text>\S.*)", _title),
    _edit(r"rename\s+(?:it|this|the (?:sop|procedure))\s+(?:to|as|into)\s+(?P<text>\S.*)", _title),
    _edit(r"(?:call it|the title (?:is|should be)|title:)\s*(?P<text>\S.*)", _title),
    _edit(r"(?:change|set|make)\s+(?:the\s+)?(?P<field>purpose|scope)\s+(?:to|into|:)?\s*(?P<text>\S.*)", _text),
    _edit(r"(?:the\s+)?(?P<field>purpose|scope)\s*(?:is|should be|:)\s*(?P<text>\S.*)", _text),
    _edit(rf"(?:remove|delete|drop)\s+(?:the\s+)?condition\s+(?:of|from|in)\s+(?P<step>{_STEP})[.!]?", _no_condition),
    _edit(rf"(?P<step>{_BARE_STEP})\s+(?:has no condition|is always done|always happens|is unconditional)[.!]?", _no_condition),
    _edit(
        rf"(?P<step>{_BARE_STEP})\s*(?:is|happens|should be|is done|applies)?\s*(?:done\s+)?only\s+"
        rf"(?P<condition>(?:if|when)\s+\S.*)",
        _condition,
    ),
    _edit(
        rf"(?:add|set|put)\s+(?:a|the)\s+condition\s+(?:to|for|on|of)\s+(?P<step>{_STEP})\s*[:,]?\s*"
        rf"(?P<condition>\S.*)",
        _condition,
    ),
    _edit(rf"otherwise\s+(?:in|for|of)\s+(?P<step>{_STEP})\s*[:,]?\s*(?P<text>\S.*)", _otherwise),
    _edit(rf"(?P<step>{_BARE_STEP})\s*,?\s*otherwise\s*[:,]?\s*(?P<text>\S.*)", _otherwise),
    _edit(
        rf"(?P<step>{_BARE_STEP})\s+(?:is|should be|must be|gets|will be|has to be)\s+(?:done|made|performed|ca"
        rf"rried out|handled|executed)\s+by\s+(?P<role>[^.]+)\.?",
        _role,
    ),
    _edit(rf"(?:assign|give)\s+(?P<step>{_STEP})\s+to\s+(?P<role>[^.]+)\.?", _role),
    _edit(
        rf"(?:the\s+)?(?:role|responsible|owner)\s+(?:of|for|in)\s+(?P<step>{_STEP})\s+(?:is|should be|:)\s*"
        rf"(?P<role>[^.]+)\.?",
        _role,
    ),
    _edit(rf"make\s+(?P<role>[^.]+?)\s+responsible\s+for\s+(?P<step>{_STEP})\.?", _role),
    _edit(
        rf"(?:change|set)\s+(?:the\s+)?(?:role|responsible|owner)\s+(?:of|for|in)\s+(?P<step>{_STEP})\s+to\s+"
        rf"(?P<role>[^.]+)\.?",
        _role,
    ),
    _edit(rf"(?P<role>[\w /&-]+?)\s+(?:does|do|performs|handles|is responsible for|takes)\s+(?P<step>{_BARE_STEP})\.?", _role),
    _edit(rf"(?P<step>{_BARE_STEP})\s+(?:is|should be)\s+(?:done|made)\s+(?:in|with|using)\s+(?P<system>[^.]+)\.?", _system),
    _edit(rf"(?P<step>{_BARE_STEP})\s+(?:uses|runs in|happens in)\s+(?P<system>[^.]+)\.?", _system),
    _edit(
        rf"(?:change|replace|edit|correct|rewrite|update|fix|set|modify)\s+(?P<step>{_STEP})\s*(?:to|with|by|in"
        rf"to|so that it says|:)\s*(?P<text>\S.*)",
        _change,
    ),
    _edit(
        rf"(?P<step>{_BARE_STEP})\s+(?:should (?:be|say|read)|must (?:be|say)|becomes|reads|says|is wrong,? it "
        rf"(?:is|should be))\s*:?\s*(?P<text>\S.*)",
        _change,
    ),
    _edit(r"(?P<step>step\s+\d+(?:\.\d+)?)\s*:\s*(?P<text>\S.*)", _change),
    _edit(r"(?:add|there is also)\s+(?:a\s+|the\s+)?(?:new\s+)?role\s*:?\s*(?P<role>\S.*)", _add_role),
    _edit(r"(?:remove|delete|drop)\s+(?:the\s+)?role\s+(?P<role>\S.*)", _remove_role),
    _edit(r"(?:rename|change)\s+(?:the\s+)?role\s+(?P<role>.+?)\s+(?:to|into|as)\s+(?P<text>\S.*)", _rename_role),
    _edit(r"rename\s+(?:the\s+)?(?P<role>.+?)\s+(?:to|into|as)\s+(?P<text>\S.*)", _rename_role),
)  # fmt: skip
