"""Verbs of business procedures, and their forms: what tells a role from what it does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final


def word_set(text: str) -> frozenset[str]:
    """The words of a text, without order."""
    return frozenset(text.split())


VERBS: Final = word_set(
    """
    accept acknowledge activate add adjust agree allocate analyse analyze announce answer apply appoint approve
    archive arrange ask assess assign attach audit authorise authorize back book build calculate call cancel
    categorise categorize change charge check choose clarify classify clean clear close coach collect compare
    compile complete compute conduct confirm consolidate consult contact continue convert coordinate copy correct
    count create credit deactivate deal debit do decide decline deduct define delegate delete deliver deploy
    describe design destroy determine discuss dispatch display dispose distribute document download draft draw
    edit email eliminate enable end enrol enroll ensure enter escalate estimate evaluate examine execute explain
    export extract file fill finalise finalize find finish fix flag follow forecast forward gather generate get
    give go grant greet guide hand handle hold identify implement import inform initiate input inspect install
    instruct interview investigate invite invoice invoke issue keep label launch link list load lock log look
    maintain make manage mark match measure meet merge monitor move name negotiate notify obtain offer open order
    organise organize pack park pass pay perform phone pick place plan post prepare present print prioritise
    prioritize proceed process procure produce provide publish purchase put quote raise read receive recommend
    reconcile record recover redirect refer refund register reimburse reject release remind remove renew repair
    repeat replace reply report request require reset resolve respond restart restock return review revise route
    run sample save scan schedule score search secure see select sell send separate serve set settle share ship
    sign skip sort specify stamp start stop store submit summarise summarize supply support suspend take talk tell
    terminate test tick track train transfer transmit treat trigger type unlock unpack update upload use validate
    verify visit wait warn weigh welcome thank introduce escort explain brief seal count unload load pull push
    plug clean wipe mix heat cool measure sweep insert remove tighten loosen sterilise sterilize disinfect swap
    switch turn rate vote sketch escalate raise rework retry resend refuse withdraw write
    """
)
IRREGULAR_PARTICIPLES: Final = {
    "built": "build", "bought": "purchase", "chosen": "choose", "done": "perform", "drawn": "draw", "found": "find",
    "given": "give", "held": "hold", "kept": "keep", "made": "make", "met": "meet", "paid": "pay", "put": "put",
    "read": "read", "run": "run", "seen": "see", "sent": "send", "set": "set", "sold": "sell", "taken": "take",
    "told": "tell", "withdrawn": "withdraw", "written": "write",
}  # fmt: skip
_VOWELS: Final = frozenset("aeiou")


def third_person(verb: str) -> str:
    if verb.endswith(("s", "sh", "ch", "x", "z", "o")):
        return verb + "es"
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        return verb[:-1] + "ies"
    return verb + "s"


def participle(verb: str) -> str:
    if verb.endswith("e"):
        return verb + "d"
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        return verb[:-1] + "ied"
    short = len(verb) <= 4 and verb[-1] not in "wxyaeiou" and verb[-2] in _VOWELS and verb[-3] not in _VOWELS
    return verb + verb[-1] + "ed" if (short and verb not in _UNDOUBLED) or verb in _DOUBLED else verb + "ed"


_UNDOUBLED: Final = frozenset({"open", "edit", "list"})
_DOUBLED: Final = frozenset({"submit", "transmit", "refer", "transfer"})

BY_THIRD_PERSON: Final = {third_person(verb): verb for verb in VERBS} | {"does": "do", "has": "have"}
BY_PARTICIPLE: Final = {participle(verb): verb for verb in VERBS} | IRREGULAR_PARTICIPLES
BY_GERUND: Final = {
    (verb[:-1] if verb.endswith("e") and not verb.endswith("ee") else verb) + "ing": verb for verb in VERBS
} | {verb + verb[-1] + "ing": verb for verb in VERBS if len(verb) <= 4 or verb in _DOUBLED}


def base_form(word: str) -> str | None:
    """The verb that the word is a form of; None if it is not one of a procedure's verbs."""
    word = word.lower()
    if word in VERBS:
        return word
    return BY_THIRD_PERSON.get(word) or BY_PARTICIPLE.get(word) or BY_GERUND.get(word)


def imperative(words: Iterable[str]) -> str:
    """`checks the amount` as `Check the amount`; a first word that is no verb in the third person is only capitalised."""
    first, *rest = list(words) or [""]
    found = BY_THIRD_PERSON.get(first.lower())
    if (
        found is None
        and first.lower() not in VERBS
        and first.endswith("s")
        and not first.endswith("ss")
        and first.islower()
    ):
        found = _without_s(first)
    text = " ".join([found or first, *rest])
    return text[:1].upper() + text[1:]


def _without_s(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("sses", "shes", "ches", "xes", "zes")) else word[:-1]
