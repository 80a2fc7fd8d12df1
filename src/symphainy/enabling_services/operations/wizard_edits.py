"""Corrections of a procedure in ordinary words: `change step 2 to ...`, `step 3 is done by finance`, `swap 3 and 4`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from symphainy.enabling_services.operations.rearranging import (
    moved,
    one_after_the_other,
    placed,
    swapped,
    together,
    whole,
    with_steps,
    without,
)
from symphainy.enabling_services.operations.sentences import as_role, match_role, read_sentence
from symphainy.enabling_services.operations.sop import Sop, Step
from symphainy.enabling_services.operations.wizard_words import NAMED, position_of, said_step, steps_from

_STEP: Final = (
    rf"(?:the\s+)?(?:steps?\s*(?:number|no\.?|\#)?\s*|number\s+|no\.?\s*|\#\s*)?(?:\d+(?:\.\d+)*|(?:"
    rf"{NAMED}|last|final|previous)(?:\s+(?:step|one))?)"
)
_BARE_STEP: Final = (
    rf"(?:the\s+)?(?:steps?\s*(?:number|no\.?|\#)?\s*(?:\d+(?:\.\d+)*|{NAMED})"
    rf"|(?:{NAMED}|last|final|previous)\s+(?:step|one))"
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


def _step_changed(sop: Sop, named: str, change: Callable[[Step], Step], said: str) -> Edit:
    at = position_of(sop, named)
    if at is None:
        return _no_step(sop, named)
    steps = list(sop.steps)
    steps[at] = change(steps[at])
    after = with_steps(sop, steps)
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
    old = sop.steps[at]
    if old.parts is not None and read[0].parts is None:
        # Its parts stay: only what holds them together is called otherwise.
        read = (replace(read[0], role=None, parts=old.parts), *read[1:])
    else:
        read = (replace(read[0], role=read[0].role or (old.role if read[0].parts is None else None)), *read[1:])
    depth = old.depth
    fresh = [replace(step, no=f"{'0.' * (depth - 1)}new{step.no}") for step in read]
    after = with_steps(sop, [*sop.steps[:at], replace(fresh[0], no=old.no), *fresh[1:], *sop.steps[at + 1 :]])
    return Edit(after, f"Step {after.steps[at].no} now says: {said_step(after.steps[at])}.")


def _role(sop: Sop, found: re.Match[str]) -> Edit:
    role = as_role(found.group("role").strip(" ."), sop.roles)
    at = position_of(sop, found.group("step"))
    if at is not None and sop.steps[at].parts is not None:
        span = whole(sop.steps, at)
        steps = [
            replace(step, role=role) if place in span and step.is_work else step for place, step in enumerate(sop.steps)
        ]
        return Edit(with_steps(sop, steps), f"All of step {sop.steps[at].no} is now done by **{role}**.")
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
    names = re.findall(rf"(?i)\d+(?:\.\d+)*|{NAMED}|last|final|previous", found.group("steps"))
    places = [position_of(sop, name) for name in names]
    missing = next((name for name, place in zip(names, places, strict=True) if place is None), None)
    if missing is not None or not places:
        return _no_step(sop, f"step {missing or found.group('steps')}")
    known = sorted({at for at in places if at is not None})
    gone = sorted({index for at in known for index in whole(sop.steps, at)})
    listed = "; ".join(sop.steps[at].action for at in gone)
    return Edit(without(sop, known), f"Deleted: {listed}.")


def _insert(sop: Sop, found: re.Match[str]) -> Edit:
    at = position_of(sop, found.group("step"))
    if at is None:
        return _no_step(sop, found.group("step"))
    steps = steps_from(found.group("text"), sop)
    if not steps:
        return Edit(None, "I did not understand what the new step should say. Nothing was changed.")
    depth = sop.steps[at].depth
    if found.group("where").lower() not in ("before", "ahead of", "in front of"):
        at = whole(sop.steps, at).stop
    after = placed(sop, at, steps, depth)
    put_in = [step for step in after.steps if step.action in {new.action for new in steps} and step not in sop.steps]
    return Edit(after, "Put in: " + "; ".join(f"{step.no}. {said_step(step)}" for step in put_in) + ".")


def _swap(sop: Sop, found: re.Match[str]) -> Edit:
    one, other = position_of(sop, found.group("one")), position_of(sop, found.group("other"))
    if one is None or other is None:
        return _no_step(sop, f"step {found.group('one' if one is None else 'other')}")
    names = sop.steps[one].no, sop.steps[other].no
    after = swapped(sop, one, other)
    if after is None:
        return Edit(None, f"Steps {names[0]} and {names[1]} cannot be swapped: one belongs to the other.")
    return Edit(after, f"Swapped steps {names[0]} and {names[1]}.")


def _move(sop: Sop, found: re.Match[str]) -> Edit:
    source, target = position_of(sop, found.group("step")), position_of(sop, found.group("target"))
    if source is None or target is None:
        return _no_step(sop, f"step {found.group('step' if source is None else 'target')}")
    where = (found.group("where") or "").lower()
    # Without a word for it, a step moved down comes after the one whose place it takes.
    after = moved(sop, source, target, after=where in ("after", "behind") or (not where and source < target))
    step = sop.steps[source]
    if after is None:
        return Edit(None, f"Step {step.no} cannot be moved there: that belongs to it, or is it.")
    place = next((item.no for item in after.steps if item.action == step.action and item.role == step.role), step.no)
    return Edit(after, f"“{step.action}” is now step {place}.")


def _together(sop: Sop, found: re.Match[str]) -> Edit:
    numbers = sorted((found.group("one"), found.group("other")), key=lambda no: [int(part) for part in no.split(".")])
    after = together(sop, numbers[0], numbers[1])
    if after is None:
        return Edit(
            None,
            f"Steps {numbers[0]} and {numbers[1]} do not stand next to each other. Nothing was changed; move one first.",
        )
    return Edit(after, f"Steps {numbers[0]} to {numbers[1]} are now done at the same time.")


def _in_order(sop: Sop, found: re.Match[str]) -> Edit:
    at = position_of(sop, found.group("step"))
    if at is None:
        return _no_step(sop, found.group("step"))
    after = one_after_the_other(sop, at)
    if after is None:
        return Edit(None, f"Step {sop.steps[at].no} has no parts that are done at the same time. Nothing was changed.")
    return Edit(after, f"The parts of step {sop.steps[at].no} are now done one after the other.")


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


def _edit(pattern: str, handler: _Handler) -> tuple[re.Pattern[str], _Handler]:
    return re.compile(rf"(?is)^{pattern}\s*$"), handler


_AT_ONCE: Final = r"(?:at the same time|in parallel|simultaneously|concurrently|side by side)"
_EDITS: Final = (
    _edit(
        rf"(?:do\s+)?steps?\s+(?P<one>\d+(?:\.\d+)*)\s*(?:and|to|-|&)\s*(?:step\s+)?(?P<other>\d+(?:\.\d+)*)\s+(?:(?:can|should|must)\s+)?"
        rf"(?:are|be|is|run|happen)?\s*(?:done\s+|made\s+)?{_AT_ONCE}[.!]?",
        _together,
    ),
    _edit(
        rf"step\s+(?P<one>\d+(?:\.\d+)*)\s+(?:is|runs|happens|should be|can be)\s*(?:done\s+)?{_AT_ONCE}\s+(?:as|with|to)\s+step\s+"
        rf"(?P<other>\d+(?:\.\d+)*)[.!]?",
        _together,
    ),
    _edit(
        rf"(?:do\s+)?(?P<step>{_BARE_STEP})\s+(?:is|are|should be)?\s*(?:done\s+)?(?:one after the other|in order|in sequence)[.!]?",
        _in_order,
    ),
    _edit(
        rf"(?:delete|remove|drop|cancel|erase|take out|cross out|get rid of|kill)\s+(?P<steps>{_BARE_STEP}(?:\s"
        rf"*(?:,|and|&)\s*{_STEP})*)[.!]?",
        _delete,
    ),
    _edit(r"(?:delete|remove|drop|erase)\s+(?P<steps>\d+(?:\.\d+)*(?:\s*(?:,|and|&)\s*\d+)*)[.!]?", _delete),
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
    _edit(r"(?P<step>step\s+\d+(?:\.\d+)*)\s*:\s*(?P<text>\S.*)", _change),
    _edit(r"(?:add|there is also)\s+(?:a\s+|the\s+)?(?:new\s+)?role\s*:?\s*(?P<role>\S.*)", _add_role),
    _edit(r"(?:remove|delete|drop)\s+(?:the\s+)?role\s+(?P<role>\S.*)", _remove_role),
    _edit(r"(?:rename|change)\s+(?:the\s+)?role\s+(?P<role>.+?)\s+(?:to|into|as)\s+(?P<text>\S.*)", _rename_role),
    _edit(r"rename\s+(?:the\s+)?(?P<role>.+?)\s+(?:to|into|as)\s+(?P<text>\S.*)", _rename_role),
)  # fmt: skip
