"""The SOP wizard: a pure state machine. (state, what the user says) -> (state, what it says back).

Title, purpose, scope, roles, then steps one by one until `done`, a review, and complete. Corrections are applied at any time,
`back` returns to the question before, `undo` takes the last change back. Where it is unsure it asks, and changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Self

from symphainy.enabling_services.json_values import Json, decode, encode
from symphainy.enabling_services.operations.rearranging import beside, placed
from symphainy.enabling_services.operations.sentences import as_role, match_role, role_and_action
from symphainy.enabling_services.operations.side_by_side import joined
from symphainy.enabling_services.operations.sop import Sop, Step, roles_of
from symphainy.enabling_services.operations.verbs import VERBS, base_form
from symphainy.enabling_services.operations.waiting import wait_in
from symphainy.enabling_services.operations.wizard_edits import edited
from symphainy.enabling_services.operations.wizard_words import said_step, steps_from

UNDO_KEPT: Final = 8
MOST_STEPS: Final = 200
MOST_CHARACTERS: Final = 4_000


class Stage(StrEnum):
    TITLE = "title"
    PURPOSE = "purpose"
    SCOPE = "scope"
    ROLES = "roles"
    STEPS = "steps"
    REVIEW = "review"
    COMPLETE = "complete"
    CANCELLED = "cancelled"


ASKED: Final = (Stage.TITLE, Stage.PURPOSE, Stage.SCOPE, Stage.ROLES, Stage.STEPS, Stage.REVIEW)
"""The stages in order, as long as it goes on."""


@dataclass(frozen=True, slots=True)
class Before:
    """A moment to go back to with `undo`."""

    stage: Stage
    sop: Sop


@dataclass(frozen=True, slots=True)
class WizardState:
    """`unsure` is a text that waits for a yes or no; `open_role` the number of a step whose role was asked for. `artifact_id`
    names the SOP that is being changed, None for a new one."""

    stage: Stage = Stage.TITLE
    sop: Sop = Sop("")
    past: tuple[Before, ...] = ()
    unsure: str | None = None
    open_role: str | None = None
    artifact_id: str | None = None

    @property
    def active(self) -> bool:
        return self.stage in ASKED

    def to_json(self) -> Json:
        return encode(self)

    @classmethod
    def from_json(cls, data: Json) -> Self:
        return decode(cls, data)


@dataclass(frozen=True, slots=True)
class Said:
    """Markdown, and texts that the user may well answer with (label, text)."""

    text: str
    options: tuple[tuple[str, str], ...] = ()


_CANCEL: Final = re.compile(
    r"(?i)^(?:please )?(?:cancel|abort|quit|exit|stop|forget it|never ?mind)(?: (?:it|this|the wizard|the "
    r"sop|everything|please))?[.!]*$"
)
_RESTART: Final = re.compile(
    r"(?i)^(?:please )?(?:start (?:over|again)|restart|begin again|from the (?:beginning|start)|reset)(?: "
    r"please)?[.!]*$"
)
_UNDO: Final = re.compile(
    r"(?i)^(?:please )?(?:undo|revert|take (?:that|it) back|undo (?:that|it|the last (?:change|step)))(?: "
    r"please)?[.!]*$"
)
_BACK: Final = re.compile(
    r"(?i)^(?:please )?(?:back|go back|previous(?: question)?|one back|go one back|back to the (?:last|pre"
    r"vious) question)(?: please)?[.!]*$"
)
_SHOW: Final = re.compile(
    r"(?i)^(?:please )?(?:show|review|summary|summarise|summarize|list|read|display|what do we have)(?: me"
    r")?(?: it| (?:all )?(?:the )?(?:steps|sop|procedure|summary|draft|list))?"
    r"(?: so far| now| again)?[.!?]*$"
)
_DONE: Final = re.compile(
    r"(?i)^(?:(?:ok|yes|no),? )?(?:i am |i'm |we are |we're )?(?:done|finished|finish|that'?s (?:all|it)|t"
    r"hat (?:is|was) (?:all|it)|no more(?: steps)?|nothing else|nothing more|the end|end|complete|ready)"
    r"(?: (?:now|thanks|thank you|then|for now))?[.!]*$"
)
_SKIP: Final = re.compile(
    r"(?i)^(?:skip|skip (?:it|this|that)|none|no|nope|n/?a|not (?:needed|now|necessary)|leave (?:it|this) "
    r"(?:out|empty)|nothing|no idea|i do(?:n'?t| not) know|-|later|next)[.!]*$"
)
_YES: Final = re.compile(
    r"(?i)^(?:yes|yep|yeah|sure|ok|okay|right|correct|exactly|please do|do it|go ahead|of course|y)(?:[,.!"
    r" ].{0,30})?$"
)
_NO: Final = re.compile(r"(?i)^(?:no|nope|nah|not really|don'?t|do not|n)(?:[,.! ].{0,20})?$")
_SAVE: Final = re.compile(
    r"(?i)^(?:(?:yes|ok|okay|great|perfect),? )?(?:save|save it|looks (?:good|fine|right)|all (?:good|righ"
    r"t|correct)|publish(?: it)?|confirm(?:ed)?|create (?:it|the sop)|make it|that'?s right|"
    r"it is (?:good|fine|right|correct)|good|fine|perfect|great|complete(?: it)?|finish(?: it)?|done|corre"
    r"ct|yes|ok|okay|sure|yep)(?: (?:now|please|thanks|as it is))?[.!]*$"
)
_HELP: Final = re.compile(r"(?i)^(?:help|\?|what can i (?:say|do)|how does this work|commands|options)\??[.!]*$")
_MORE: Final = re.compile(
    r"(?i)^(?:add|also|one more|another step|and|plus|next|then|add (?:a |another )?step|new step)\s*[:,]?"
    r"\s+(?=\S)"
)
_QUESTION: Final = re.compile(r"(?i)^(?:what|which|who|how|why|when|where|can|could|should|do|does|is|are)\b.*\?\s*$")


def begin(title: str = "", artifact: Sop | None = None, artifact_id: str | None = None) -> tuple[WizardState, Said]:
    """A new procedure, with its title if it is known; or a saved one, opened again at its review."""
    if artifact is not None:
        state = WizardState(Stage.REVIEW, replace(artifact, warnings=(), unread=()), artifact_id=artifact_id)
        return state, Said(
            f"**{artifact.title}** is open for changes.\n\n{summary(state.sop)}\n\n{_asking(state)}", _options(state)
        )
    title = title.strip(" .?!\"'")
    state = WizardState()
    if not title:
        return state, Said(f"Let us write the procedure together. {_asking(state)}", _options(state))
    state = replace(state, stage=Stage.PURPOSE, sop=Sop(title[:1].upper() + title[1:]))
    return state, Said(f"Let us write the procedure **{state.sop.title}** together. {_asking(state)}", _options(state))


def take(state: WizardState, text: str) -> tuple[WizardState, Said]:
    """One message. A wizard that is complete or cancelled stays as it is."""
    text = text.strip()[:MOST_CHARACTERS]
    if not state.active:
        return state, Said("This procedure is finished. Say “create an SOP” to begin another one.")
    if not text:
        return state, Said(_asking(state), _options(state))
    return _command(state, text) or _pending(state, text) or _correction(state, text) or _answer(state, text)


def is_meant_for(state: WizardState, text: str) -> bool:
    """Whether a message is certainly one for the wizard: a command, a correction, or an answer to what it asked."""
    text = text.strip()
    patterns = (_CANCEL, _RESTART, _UNDO, _BACK, _SHOW, _DONE, _SKIP, _SAVE)
    if any(pattern.match(text) for pattern in patterns) or edited(state.sop, text) is not None:
        return True
    return bool(
        (state.unsure or state.open_role) and (_YES.match(text) or _NO.match(text) or match_role(text, state.sop.roles))
    )


def is_question(text: str) -> bool:
    return _QUESTION.match(text.strip()) is not None


def summary(sop: Sop) -> str:
    """The whole procedure as it is now, Markdown."""
    parts = [f"**{sop.title}**" if sop.title else "No title yet"]
    parts += [f"Purpose: {sop.purpose}"] if sop.purpose else []
    parts += [f"Scope: {sop.scope}"] if sop.scope else []
    parts += [f"Roles: {', '.join(sop.roles)}"] if sop.roles else []
    steps = _listed(sop.steps)
    return "\n\n".join([*parts, steps or "No steps yet."])


def _listed(steps: Sequence[Step]) -> str:
    """A Markdown list that keeps the steps' own numbers."""
    mark = "" if all("." not in step.no for step in steps) else "- "
    return "\n".join(f"{'  ' * (step.depth - 1)}{mark}{step.no}. {said_step(step)}" for step in steps)


def _command(state: WizardState, text: str) -> tuple[WizardState, Said] | None:
    if _CANCEL.match(text):
        return replace(state, stage=Stage.CANCELLED), Said(
            "Cancelled. The draft is not kept; what was saved before stays."
        )
    if _RESTART.match(text):
        fresh = WizardState(past=_remembered(state), artifact_id=state.artifact_id)
        return fresh, Said(f"We start over. Say “undo” to get the old draft back. {_asking(fresh)}", _options(fresh))
    if _UNDO.match(text):
        if not state.past:
            return state, Said(f"There is nothing to undo. {_asking(state)}", _options(state))
        before = state.past[-1]
        state = replace(state, stage=before.stage, sop=before.sop, past=state.past[:-1], unsure=None, open_role=None)
        return state, Said(f"Taken back.\n\n{summary(state.sop)}\n\n{_asking(state)}", _options(state))
    if _BACK.match(text):
        at = ASKED.index(state.stage)
        if not at:
            return state, Said(f"This is the first question. {_asking(state)}", _options(state))
        state = replace(state, stage=ASKED[at - 1], unsure=None, open_role=None)
        return state, Said(f"One question back. {_asking(state)}", _options(state))
    if _SHOW.match(text):
        return state, Said(f"{summary(state.sop)}\n\n{_asking(state)}", _options(state))
    if _HELP.match(text):
        return state, Said(f"{HELP}\n\n{_asking(state)}", _options(state))
    return None


def _pending(state: WizardState, text: str) -> tuple[WizardState, Said] | None:
    """An answer to a question in between; anything else drops the question."""
    if state.unsure is not None:
        waiting, settled = state.unsure, replace(state, unsure=None)
        if _YES.match(text):
            return _add_steps(settled, waiting, sure=True)
        if _NO.match(text):
            return settled, Said(f"Then I leave it out. {_asking(settled)}", _options(settled))
        return take(settled, text)
    if state.open_role is not None:
        number, settled = state.open_role, replace(state, open_role=None)
        name = re.sub(r"(?i)^(?:it is |it's |that is |the |by |by the |done by )+", "", text).strip(" .")
        role = match_role(name, state.sop.roles)
        if (
            role is None
            and len(name.split()) <= 3
            and not _SKIP.match(text)
            and not _DONE.match(text)
            and not _acts(name, state.sop.roles)
        ):
            role = as_role(name)
        if role is not None:
            steps = tuple(replace(step, role=role) if step.no == number else step for step in state.sop.steps)
            sop = replace(state.sop, steps=steps, roles=roles_of(steps, state.sop.roles))
            settled = replace(settled, sop=sop)
            return settled, Said(f"Step {number} is done by **{role}**. {_asking(settled)}", _options(settled))
        if _SKIP.match(text):
            return settled, Said(_asking(settled), _options(settled))
        return take(settled, text)
    return None


def _correction(state: WizardState, text: str) -> tuple[WizardState, Said] | None:
    if state.stage is Stage.TITLE:
        return None
    made = edited(state.sop, text)
    if made is None:
        return None
    if made.sop is None:
        return state, Said(f"{made.said} {_asking(state)}", _options(state))
    changed = replace(state, sop=made.sop, past=_remembered(state))
    shown = f"\n\n{summary(made.sop)}" if state.stage is Stage.REVIEW else ""
    return changed, Said(f"{made.said}{shown}\n\n{_asking(changed)}", _options(changed))


def _answer(state: WizardState, text: str) -> tuple[WizardState, Said]:
    match state.stage:
        case Stage.TITLE:
            if _SKIP.match(text) or _DONE.match(text):
                return state, Said(f"A procedure needs a title. {_asking(state)}", _options(state))
            title = title_in(text) or text.splitlines()[0].strip(" .\"'")
            return _next(state, replace(state.sop, title=title[:1].upper() + title[1:120]))
        case Stage.PURPOSE | Stage.SCOPE:
            skipped = bool(_SKIP.match(text) or _DONE.match(text))
            said = None if skipped else text[:1].upper() + text[1:]
            sop = replace(state.sop, purpose=said) if state.stage is Stage.PURPOSE else replace(state.sop, scope=said)
            return _next(state, sop)
        case Stage.ROLES:
            if _SKIP.match(text) or _DONE.match(text):
                return _next(state, state.sop)
            return _next(state, replace(state.sop, roles=tuple(dict.fromkeys((*state.sop.roles, *_roles_in(text))))))
        case Stage.STEPS:
            if _DONE.match(text) or (_SKIP.match(text) and state.sop.steps):
                if state.sop.steps:
                    return _next(state, state.sop)
                return state, Said(f"There are no steps yet. {_asking(state)}", _options(state))
            return _add_steps(state, text, sure=False)
        case _:
            if _SAVE.match(text):
                return replace(state, stage=Stage.COMPLETE, unsure=None), Said(f"**{state.sop.title}** is complete.")
            if _NO.match(text):
                return state, Said(
                    "What shall I change? For example “change step 2 to ...”, “delete step 4” or “undo”."
                )
            return _add_steps(state, text, sure=False)


def _next(state: WizardState, sop: Sop) -> tuple[WizardState, Said]:
    following = replace(state, stage=ASKED[ASKED.index(state.stage) + 1], sop=sop, past=_remembered(state))
    shown = f"{summary(sop)}\n\n" if following.stage is Stage.REVIEW else ""
    return following, Said(f"{shown}{_asking(following)}", _options(following))


def _add_steps(state: WizardState, text: str, *, sure: bool) -> tuple[WizardState, Said]:
    text = _MORE.sub("", text)
    where = joined(text) if state.sop.steps and "\n" not in text else None
    steps = steps_from(where.rest if where is not None else text, state.sop)
    count = len(state.sop.steps)
    clear = all(not step.is_work or step.role or _acts(step.action, state.sop.roles) for step in steps)
    if not sure and (not steps or not clear or is_question(text)):
        shown = text if len(text) < 100 else text[:99] + "\N{HORIZONTAL ELLIPSIS}"
        said = f"I am not sure. Shall I add “{shown}” as step {_next_number(state.sop)}?"
        return replace(state, unsure=text), Said(said, (("Yes, add it", "yes"), ("No", "no")))
    steps = steps or (Step("new", text[:1].upper() + text[1:]),)
    if count + len(steps) > MOST_STEPS:
        return state, Said(f"A procedure written here may have {MOST_STEPS} steps. Nothing was added.")
    sop = (beside(state.sop, steps, where) if where is not None else None) or placed(state.sop, count, steps)
    actions = {step.action for step in steps}
    added = sop.steps[count:] if where is None else tuple(step for step in sop.steps[count:] if step.action in actions)
    following = replace(state, sop=sop, past=_remembered(state))
    said = _listed(added)
    without = [step.no for step in added if step.role is None and step.is_work and wait_in(step.action) is None]
    if len(added) == 1 and without and sop.roles:
        asking = replace(following, open_role=without[0])
        options = (*((role, role) for role in sop.roles[:3]), ("Skip", "skip"))
        return asking, Said(f"{said}\n\nWho does step {without[0]}?", options)
    return following, Said(f"{said}\n\n{_asking(following)}", _options(following))


def _acts(action: str, roles: Sequence[str]) -> bool:
    words = action.split()
    return bool(words) and (
        words[0].lower() in VERBS
        or role_and_action(action, roles)[0] is not None
        or (len(words) > 2 and base_form(words[0]) is not None)
    )


def _roles_in(text: str) -> list[str]:
    text = re.sub(
        r"(?i)^(?:the roles are|there (?:are|is)|we have|roles?:|it is|just|only|mainly)\s+", "", text.strip(" .")
    )
    names = re.split(r"\s*[,;\n/]\s*(?:and\s+)?|\s+and\s+(?:the\s+)?|\s*&\s*", text)
    return [as_role(re.sub(r"^\s*[-*\u2022]\s*|\s*:.*$", "", name)) for name in names if name.strip(" -*.")]


def title_in(text: str) -> str | None:
    """The subject in `create an SOP for customer onboarding`; None where the text names none."""
    found = re.search(
        r"(?i)\b(?:sop|procedure|process|instruction|checklist|document|wizard)s?\s+(?:for|about|on|of|to|call"
        r"ed|named|titled|describing|covering|that describes|how (?:we|to))\s+"
        r"(?:the\s+|our\s+|a\s+|an\s+)?(?P<title>\S.*?)(?:\s+(?:with me|together|please|step by step|from scratch))*[.?!]*$",
        text.strip(),
    )
    return found.group("title").strip(" \"'") if found else None


def _remembered(state: WizardState) -> tuple[Before, ...]:
    return (*state.past, Before(state.stage, state.sop))[-UNDO_KEPT:]


HELP: Final = (
    "You can say: “change step 2 to ...”, “step 3 is done by finance”, “insert after 2: ...”, “delete step 4”, “swap 3 and 4”, "
    "“step 2 only if ...”, “steps 3 and 4 are done at the same time”, "
    "“rename the title to ...”, “show”, “back”, “undo”, “start over”, “cancel”."
)
_QUESTIONS: Final = {
    Stage.TITLE: "What is the procedure called?",
    Stage.PURPOSE: "What is it for? One sentence, or “skip”.",
    Stage.SCOPE: "Where does it apply, and where not? Or “skip”.",
    Stage.ROLES: "Who takes part? For example “clerk, team lead and accountant”. Or “skip”.",
    Stage.REVIEW: "Shall I save it? Say “save”, or what to change.",
}


def _asking(state: WizardState) -> str:
    if state.stage is Stage.STEPS:
        if not state.sop.steps:
            return (
                "What is done first? Say who does what, for example “The clerk checks the request in SAP”. "
                "Several steps at once are fine."
            )
        return f"What is step {_next_number(state.sop)}? Say “done” when that was all."
    return _QUESTIONS.get(state.stage, "")


def _next_number(sop: Sop) -> int:
    return sum(step.depth == 1 for step in sop.steps) + 1


def _options(state: WizardState) -> tuple[tuple[str, str], ...]:
    match state.stage:
        case Stage.PURPOSE | Stage.SCOPE | Stage.ROLES:
            return (("Skip", "skip"), ("Back", "back"))
        case Stage.STEPS:
            return (
                (("Done", "done"), ("Undo", "undo"), ("Show all", "show")) if state.sop.steps else (("Back", "back"),)
            )
        case Stage.REVIEW:
            return (("Save", "save"), ("Undo", "undo"), ("Back to the steps", "back"))
        case _:
            return ()
