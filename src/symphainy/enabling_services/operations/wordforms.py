"""Words of a step as concepts: endings taken off, synonyms made one, words that say nothing left out."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from symphainy.enabling_services.operations.verbs import base_form, word_set

_SYNONYMS: Final = (
    "check verify review examine inspect validate assess evaluate control audit test scrutinise",
    "send notify inform email mail dispatch communicate tell advise message announce",
    "receive obtain accept get",
    "enter record register log capture input document note save store book",
    "create open set-up initiate launch raise issue generate produce write draft compile prepare",
    "approve authorise authorize sign release confirm grant permit",
    "reject decline refuse deny",
    "pay reimburse transfer refund repay remit settle",
    "close complete finish finalise finalize conclude",
    "archive file",
    "ask request query enquire inquire",
    "forward escalate pass hand route refer delegate",
    "assign allocate appoint",
    "update change edit modify amend adjust correct revise",
    "delete remove",
    "choose select pick",
    "calculate compute determine",
    "contact call phone ring",
    "collect gather fetch",
    "ship deliver",
    "customer client buyer purchaser consumer",
    "request application enquiry inquiry demand",
    "ticket case",
    "invoice bill",
    "letter mail",
    "receipt proof",
    "employee worker staff hire",
    "manager supervisor lead boss head",
    "clerk officer agent representative",
    "order purchase",
    "amount sum value",
    "confirmation acknowledgement acknowledgment",
    "answer reply response respond",
    "system application software tool",
    "problem issue fault defect",
    "missing incomplete absent",
    "complete full",
    "exceed above over more greater",
    "below under less",
)
_STOP: Final = word_set(
    """
    a an the and or of to in on at by for from with into via as is are be been it its this that these those their
    his her our your if whether then than all any each every also per using through about after before until he
    she they we you has have had was were will shall must may can not no
    """
)
_TOKEN: Final = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*")


def _stem(word: str) -> str:
    verb = base_form(word)
    if verb is not None:
        return verb
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


@cache
def _concepts() -> dict[str, str]:
    found: dict[str, str] = {}
    for line in _SYNONYMS:
        first, *others = line.split()
        for word in (first, *others):
            found.setdefault(_stem(word), _stem(first))
    return found


def concepts_of(text: str) -> frozenset[str]:
    """`The clerk verified 500 invoices` and `check 500 bills` share `check`, `500` and `invoice`."""
    words = [word.lower() for word in _TOKEN.findall(text)]
    stems = [word.replace(",", "") if word[0].isdigit() else _stem(word) for word in words if word not in _STOP]
    return frozenset(_concepts().get(word, word) for word in stems)


def numbers_in(text: str) -> frozenset[str]:
    return frozenset(word.replace(",", "") for word in re.findall(r"\d+(?:[.,]\d+)*", text))


def dice(one: frozenset[str], other: frozenset[str]) -> float:
    """Twice the shared concepts over all of them (Dice 1945): 1 for the same, 0 for nothing in common."""
    total = len(one) + len(other)
    return 2 * len(one & other) / total if total else 1.0


def same_name(one: str, other: str) -> bool:
    """Whether two names are one apart from case, article, plural and punctuation. Synonyms are different names."""

    def plain(text: str) -> list[str]:
        return [_stem(word.lower()) for word in _TOKEN.findall(text) if word.lower() not in _STOP]

    return plain(one) == plain(other)
