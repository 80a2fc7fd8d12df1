"""Which computer systems a sentence names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from symphainy.enabling_services.operations.verbs import word_set

_PRODUCTS: Final = word_set(
    """
    access airtable asana bitrix calendly concur confluence coupa databricks datev docusign dropbox dynamics excel
    freshdesk github gitlab gmail hubspot intercom jira lexware mailchimp marketo navision netsuite notion odoo
    onedrive oracle outlook pipedrive powerbi quickbooks sage salesforce sap servicenow sharepoint shopify slack
    smartsheet snowflake stripe successfactors tableau teams trello workday xero zapier zendesk zoho
    """
)
_ACRONYMS: Final = word_set(
    """
    CMS CRM DMS ECM EHR ERP HRIS HRM LIMS LMS MES OMS PIM PLM POS PMS QMS RPA SCM SRM TMS WMS
    """
)
_NOUN: Final = (
    r"(?:system|tool|application|software|database|platform|portal|module|app|inbox|mailbox|tracker|spreadsheet)"
)
_NAMED: Final = re.compile(
    rf"\b(?:the|an?|our|your|its|their|this)\s+((?:(?!(?:in|into|to|of|the|via|on|with|using|from|and|for|by|a|an|our|its)\s)[\w&/-]+\s+){{1,3}}?){_NOUN}\b|\b((?:[A-Z][\w&/-]*\s+){{1,3}}){_NOUN}\b"
)
_KIND: Final = re.compile(_NOUN)
_PREPOSITION: Final = r"(?:in|into|within|via|using|through|from|with|on|to|and|or|inside)"
_AFTER_PREPOSITION: Final = re.compile(rf"\b{_PREPOSITION}\s+(?:the\s+|our\s+|an?\s+)?([A-Z][\w.]*(?:/[A-Z][\w.]*)*)")
_BRACKETED: Final = re.compile(r"\(([A-Z][\w.]*)\)")
_WORD: Final = re.compile(r"[A-Za-z][\w.]*")


def systems_in(sentence: str, known: Iterable[str] = ()) -> tuple[str, ...]:
    """Names in the order in which they are said: `SAP`, `CRM`, `ticketing system`. `known` names are found as they are."""
    found: dict[int, str] = {}
    for match in _NAMED.finditer(sentence):
        words = (match.group(1) or match.group(2)).split()
        proper = [word for word in _content(words) if word[0].isupper() or word.lower() in _PRODUCTS]
        noun = _KIND.search(match.group()[len(match.group().rstrip()) - 16 :]) or _KIND.search(match.group())
        name = " ".join(proper) if proper else " ".join((*_content(words), noun.group() if noun else "system"))
        found[match.start()] = name
    for match in _AFTER_PREPOSITION.finditer(sentence):
        found.setdefault(match.start(1), match.group(1)) if _is_system(match.group(1)) else None
    for match in _BRACKETED.finditer(sentence):
        found.setdefault(match.start(1), match.group(1)) if _is_system(match.group(1)) else None
    for match in _WORD.finditer(sentence):
        if match.group().rstrip(".") in _ACRONYMS or (match.group()[0].isupper() and _is_product(match.group())):
            found.setdefault(match.start(), match.group().rstrip("."))
    for name in known:
        for match in re.finditer(rf"(?i)(?<!\w){re.escape(name)}(?!\w)", sentence):
            found.setdefault(match.start(), name)
    named = [found[at].rstrip(".") for at in sorted(found)]
    whole = list(dict.fromkeys(named))
    return tuple(
        name
        for name in whole
        if not any(name != other and re.search(rf"(?i)(?<!\w){re.escape(name)}(?!\w)", other) for other in whole)
    )


def _content(words: list[str]) -> list[str]:
    return [word for word in words if word.lower() not in {"the", "a", "an", "our", "same", "new", "in", "of", "to"}]


def _is_product(word: str) -> bool:
    return word.rstrip(".").lower() in _PRODUCTS


def _is_system(name: str) -> bool:
    return (name.rstrip(".").upper() in _ACRONYMS and name.isupper()) or all(
        _is_product(part) for part in name.split("/")
    )
