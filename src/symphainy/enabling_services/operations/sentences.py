"""One sentence of a procedure: who does what, under which condition, and in which system.

Rules over the shape of English business sentences, not a grammar: what they do not recognise stays in the action, word for
word, so that nothing that was written is lost.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from symphainy.enabling_services.operations.sop import YES, Step, branch_condition
from symphainy.enabling_services.operations.systems import systems_in
from symphainy.enabling_services.operations.verbs import (
    BY_GERUND,
    BY_PARTICIPLE,
    BY_THIRD_PERSON,
    VERBS,
    imperative,
    word_set,
)

_IF: Final = re.compile(
    r"(?i)^(?:only\s+)?(?P<word>if|in case(?: that| of)?|in the event (?:that|of)|where|unless|provided that|should)\s+"
)
_WHEN: Final = re.compile(r"(?i)^(?:when|whenever|for|once)\s+")
_OTHERWISE: Final = re.compile(
    r"(?i)[;,.:]?\s*(?:\bor\s+)?\b(?:otherwise|or else|else|if not|in all other cases|in any other case)\b\s*[,:]?\s*(?:then\s+)?"
)
_TRAILING: Final = re.compile(
    r"(?i)^(?P<action>.+?),?\s+(?:only\s+)?(?P<word>if|in case(?: of)?|unless|provided that)\s+(?P<condition>.+)$"
)
_ASKING: Final = re.compile(
    r"(?i)\b(?:check|checks|verify|verifies|see|sees|ask|asks|determine|determines|decide|decides|find out|confirm|confirms|know|"
    r"test|tests|evaluate|evaluates|assess|assesses|review|reviews|establish|clarify|clarifies|checked|tell|tells)\b[^,;]*$"
)
_MODAL: Final = (
    r"(?:must|shall|will|should|may|can|has to|have to|needs to|need to|is to|is responsible for|are responsible for"
    r"|is required to)"
)
_ADVERB: Final = (
    r"(?:also|then|always|immediately|first|finally|manually|automatically|directly|usually|next|now|afterwards|carefully"
    r"|personally)"
)
_ARTICLE: Final = r"(?:the|an?|our|your|each|every|this|that|their|its)"
_PREFIX: Final = re.compile(
    r"^\[?(?P<role>[A-Z][\w/&'.-]*(?:\s+[\w/&'.()-]+){0,4})\]?\s*(?::|\s[-\N{EN DASH}\N{EM DASH}]\s)\s*(?P<rest>\S.*)$"
)
_SUFFIX: Final = re.compile(
    r"(?i)[\s.,;]*[\[(]?\b(?:responsible|responsibility|owner|performed by|done by|role|actor|who)\s*[:=]\s*(?P<role>[^.;\])]+)[\])]?\.?$"
)
_BRACKETED: Final = re.compile(r"\s*[\[(](?P<role>[^()\[\]]{2,40})[\])]\s*\.?$")
_SUBJECT: Final = re.compile(
    rf"^(?:{_ARTICLE}\s+)?(?P<role>[A-Za-z][\w/&'-]*(?:\s+(?:(?:of|for)\s+)?[A-Za-z][\w/&'-]*){{0,4}}?)\s+"
    rf"(?:(?P<modal>{_MODAL})\s+)?(?:{_ADVERB}\s+)?(?P<verb>[a-z][a-z-]*)\b(?P<rest>.*)$",
    re.I,
)
_PASSIVE: Final = re.compile(
    r"^(?P<object>.+?)\s+(?:is|are|gets?|must be|shall be|will be|should be|has to be|have to be|needs to be|can be|may be)\s+"
    rf"(?:{_ADVERB}\s+)?(?P<verb>[a-z-]+)\s+(?P<middle>.*?)\s*\bby\s+(?P<article>{_ARTICLE}\s+)?"
    r"(?P<role>[\w/&' -]+?)"
    r"(?P<rest>(?:\s+(?:in|via|using|on|within|through|and|before|after|to|with|for|at|into)\b.*)?)$",
    re.I,
)
_TRIGGER: Final = re.compile(
    r"(?i)^(?P<clause>(?:when|whenever|once|after|as soon as|before|upon|until|within|every|on|at)\b[^,]*),\s+(?:then\s+)?(?P<rest>.+)$"
)
_NOT_ROLES: Final = word_set(
    """
    note notes example examples important tip hint warning caution attention step steps purpose scope goal
    objective title remark input output inputs outputs result results deadline duration frequency trigger it this
    that these those there he she they we you i who which what always never all any each both process procedure
    """
)
_STARTERS: Final = word_set(
    """
    if when once after before then please next first finally otherwise in at on by for to from with
    """
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A sentence as a step without its number. `role` is None where the sentence names none."""

    action: str
    role: str | None
    condition: str | None
    otherwise: str | None
    systems: tuple[str, ...]

    def step(self, no: str, role: str | None = None) -> Step:
        return Step(no, self.action, self.role or role, self.condition, self.otherwise, self.systems)


def read_sentence(sentence: str, roles: Sequence[str] = (), systems: Sequence[str] = ()) -> Reading:
    """`roles` and `systems` are names known from elsewhere in the document; they are recognised first."""
    text = " ".join(sentence.split()).rstrip(" .;,")
    named, text = _role_around(text, roles)
    head, otherwise = split_otherwise(text)
    condition, head = split_condition(head, roles, has_otherwise=bool(otherwise))
    found, action = role_and_action(head, roles)
    # A system administrator is no system.
    role = named or found
    used = systems_in(re.sub(rf"(?i)\b{re.escape(role)}\b", "", sentence) if role else sentence, systems)
    if otherwise:
        otherwise = _alternative(otherwise, found or named, roles)
    return Reading(action, named or found, condition, otherwise or None, used)


def role_and_action(text: str, roles: Sequence[str]) -> tuple[str | None, str]:
    """The acting role and the action in the imperative: `The clerk checks the amount` is (Clerk, Check the amount)."""
    trigger = _TRIGGER.match(text)
    if trigger:
        role, action = role_and_action(trigger.group("rest"), roles)
        first = action.split()[0].lower()
        if role or first in VERBS:
            return role, f"{action} {_lowered(trigger.group('clause'))}"
    text = re.sub(
        r"(?i)^(?:then|next|first|firstly|finally|afterwards|after that|please|also|and|now|secondly|thirdly)\s*,?\s+",
        "",
        text.strip(),
    )
    known = _known_subject(text, roles)
    if known:
        return known
    passive = _PASSIVE.match(text)
    if (
        passive
        and passive.group("verb").lower() in BY_PARTICIPLE
        and (passive.group("article") or match_role(passive.group("role"), roles))
    ):
        verb = BY_PARTICIPLE[passive.group("verb").lower()]
        words = f"{verb} {_lowered(passive.group('object'))} {passive.group('middle')}{passive.group('rest')}"
        return as_role(passive.group("role"), roles), imperative(words.split())
    subject = _SUBJECT.match(text)
    while subject:
        role, verb = subject.group("role"), subject.group("verb").lower()
        third = verb in BY_THIRD_PERSON
        modal = bool(subject.group("modal"))
        starts = role.split()[0].lower()
        is_imperative = starts in VERBS and not re.match(rf"(?i)^{_ARTICLE}\s", text)
        plain = role.lower() not in _NOT_ROLES and starts not in _STARTERS and not is_imperative
        if plain and (third or (modal and (verb in VERBS or verb.endswith("ing") or verb in {"do", "be", "have"}))):
            if verb == "be":
                break
            return as_role(role, roles), imperative([_plain(verb), *subject.group("rest").split()])
        subject = _longer(text, subject)
    return None, text[:1].upper() + text[1:]


def as_role(name: str, roles: Sequence[str] = ()) -> str:
    """One spelling for one role: the known one, or the words with a capital letter in front."""
    name = re.sub(rf"(?i)^{_ARTICLE}\s+", "", " ".join(name.split())).strip(" .,:;")
    return match_role(name, roles) or name[:1].upper() + name[1:]


def match_role(name: str, roles: Sequence[str]) -> str | None:
    plain = re.sub(rf"(?i)^{_ARTICLE}\s+", "", name.strip()).casefold()
    return next((role for role in roles if role.casefold() in (plain, plain.removesuffix("s"))), None)


def _known_subject(text: str, roles: Sequence[str]) -> tuple[str, str] | None:
    for role in sorted(roles, key=len, reverse=True):
        found = re.match(
            rf"(?i)^(?:{_ARTICLE}\s+)?{re.escape(role)}s?\s+(?:{_MODAL}\s+)?(?:{_ADVERB}\s+)?(?P<rest>[a-z].*)$", text
        )
        if found and not re.match(r"(?i)(?:is|are|was|were|has been|have been)\b", found.group("rest")):
            words = found.group("rest").split()
            return role, imperative([_plain(words[0]), *words[1:]])
    return None


def _plain(verb: str) -> str:
    """A gerund after `is responsible for` as the verb itself."""
    return BY_GERUND.get(verb.lower(), verb)


def _longer(text: str, subject: re.Match[str]) -> re.Match[str] | None:
    """The same reading with one word more in the subject, up to five: `The team lead of sales approves`."""
    words = len(subject.group("role").split())
    if words >= 5:
        return None
    pattern = (
        rf"^(?:{_ARTICLE}\s+)?(?P<role>[A-Za-z][\w/&'-]*(?:\s+[A-Za-z][\w/&'-]*){{{words}}})\s+"
        rf"(?:(?P<modal>{_MODAL})\s+)?(?:{_ADVERB}\s+)?(?P<verb>[a-z][a-z-]*)\b(?P<rest>.*)$"
    )
    return re.match(pattern, text, re.I)


def _role_around(text: str, roles: Sequence[str]) -> tuple[str | None, str]:
    """A role that is set apart from the sentence: `Clerk: ...`, `... (Clerk)`, `... Responsible: Clerk`."""
    suffix = _SUFFIX.search(text)
    if suffix and suffix.start() > 0:
        return as_role(suffix.group("role"), roles), text[: suffix.start()].rstrip(" .;,")
    prefix = _PREFIX.match(text)
    if prefix:
        name, first = prefix.group("role"), prefix.group("role").split()[0].lower()
        fresh = (
            name.lower() not in _NOT_ROLES
            and first not in _NOT_ROLES | _STARTERS
            and first not in VERBS
            and len(name.split()) <= 4
            and ":" in text[: prefix.start("rest")]
        )
        if match_role(name, roles) or fresh:
            return as_role(name, roles), prefix.group("rest")
    bracketed = _BRACKETED.search(text)
    if bracketed and (role := match_role(bracketed.group("role"), roles)):
        return role, text[: bracketed.start()]
    return None, text


def split_otherwise(text: str) -> tuple[str, str | None]:
    """What is done, and what is done otherwise; None where the sentence does not say."""
    found = _OTHERWISE.search(text)
    if found is None or found.start() == 0:
        return text, None
    return text[: found.start()].rstrip(" ,;."), text[found.end() :].strip(" .;,") or None


def split_condition(text: str, roles: Sequence[str], *, has_otherwise: bool) -> tuple[str | None, str]:
    """The condition of a sentence, and the rest of it. `When ...` is a condition where the sentence says what else is done."""
    leading = _IF.match(text) or (_WHEN.match(text) if has_otherwise else None)
    if leading:
        at = _clause_end(text, leading.end(), roles)
        if at is not None:
            condition = text[leading.end() : at].strip(" ,")
            rest = re.sub(r"(?i)^[,:\s]*(?:then\b)?[,\s]*", "", text[at:])
            if rest:
                return _worded(leading.groupdict().get("word") or "", condition), rest
    trailing = _TRAILING.match(text)
    if trailing and not _ASKING.search(trailing.group("action")):
        return _worded(trailing.group("word"), trailing.group("condition")), trailing.group("action")
    return None, text


def _worded(word: str, condition: str) -> str:
    condition = condition.strip(" ,.;")
    return branch_condition(condition, "No") if word.lower() == "unless" else branch_condition(condition, YES)


def _clause_end(text: str, start: int, roles: Sequence[str]) -> int | None:
    """Where the condition ends: at `then`, or at the comma that is followed by something that acts; else at the first comma."""
    then = re.search(r"(?i)[,:]?\s+then\b", text[start:])
    if then:
        return start + then.start()
    commas = [found.start() + start for found in re.finditer(r"[,:](?=\s)", text[start:])]
    for at in commas:
        following = text[at + 1 :].strip()
        first = following.split()[0].lower() if following else ""
        if (
            first in VERBS
            or first in {"please", "do", "we", "they", "he", "she", "you", "it"}
            or role_and_action(following, roles)[0]
        ):
            return at
    return commas[0] if commas else None


def _alternative(text: str, role: str | None, roles: Sequence[str]) -> str:
    """What is done otherwise, with its role in front where it is another one: `Manager: approve the refund`."""
    named, rest = _role_around(text, roles)
    found, action = role_and_action(rest, roles)
    other = named or found
    return f"{other}: {action}" if other and other != role else action


def _lowered(text: str) -> str:
    first = text.split()[0] if text else ""
    return text if len(first) > 1 and first.isupper() else text[:1].lower() + text[1:]


def alternative_of(step: Step, roles: Sequence[str] = ()) -> tuple[str | None, str] | None:
    """Role and action of a step's `otherwise`; None if it has none. Without a role of its own it is the step's."""
    if step.otherwise is None:
        return None
    named, rest = _role_around(step.otherwise, roles)
    found, action = role_and_action(rest, roles)
    return named or found or step.role, action
