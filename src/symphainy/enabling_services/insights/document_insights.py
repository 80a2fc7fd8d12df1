"""What a document states: dates, amounts, shares, parties, defined terms, duties and key phrases, each with its sentence."""

from __future__ import annotations

import asyncio
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from symphainy.enabling_services.errors import ServiceError
from symphainy.enabling_services.insights.vocabulary import IGNORED, MONTHS, singular
from symphainy.enabling_services.json_values import Json

_HEADING: Final = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$")
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[\"'(\[]?[A-Z0-9])")
_ABBREVIATION: Final = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Prof|Inc|Ltd|Co|Corp|No|Nos|St|vs|e\.g|i\.e|etc|approx|Art|Sec|Fig)\.$"
)
_MARKUP: Final = re.compile(r"[*_`]+|^\s*(?:[-*+]|\d+[.)])\s+|\[([^\]]*)\]\([^)]*\)|\\([\\`*_{}\[\]<>|#.-])")
_MONTH: Final = "|".join(sorted(MONTHS, key=len, reverse=True))
_PATTERNS: Final = {
    "date": re.compile(
        rf"\b(?:\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:{_MONTH})\.?,?\s+\d{{4}}|"
        rf"(?:{_MONTH})\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}|(?:{_MONTH})\s+\d{{4}})\b",
        re.I,
    ),
    "amount": re.compile(
        r"(?:[$€£]|\b(?:USD|EUR|GBP|CHF)\s?)\s?\d[\d.,]*\d?(?:\s?(?:million|billion|thousand|bn|m|k)\b)?"
        r"|\b\d[\d.,]*\s?(?:million |billion |thousand )?(?:dollars|euros?|pounds|USD|EUR|GBP|CHF)\b|\b\d[\d.,]*\s?[€£]",
        re.I,
    ),
    "percentage": re.compile(r"\b\d+(?:[.,]\d+)?\s?(?:%|per\s?cent\b|percent\b)", re.I),
    "duration": re.compile(
        r"\b(?:\d+|one|two|three|four|five|six|seven|ten|thirty|sixty|ninety)\s+(?:\(\d+\)\s+)?(?:business |working |calendar )?"
        r"(?:minutes?|hours?|days?|weeks?|months?|years?)\b",
        re.I,
    ),
}
_DEFINED: Final = re.compile(
    r"\((?:the|each an?|collectively,? the|hereinafter(?: the)?)?\s*[\"“]([^\"”]{2,60})[\"”]\)"
    r"|[\"“]([A-Z][^\"”]{1,58})[\"”]\s+(?:means|shall mean|refers to)"
)
_PARTY: Final = re.compile(
    r"\b((?:[A-Z][\w&'-]*[ ]){0,4}[A-Z][\w&'-]*,?\s(?:Inc|LLC|Ltd|Limited|GmbH|AG|Corp|Corporation|PLC|plc|S\.A|B\.V|LLP|Company)\b\.?)"
)
_DUTY: Final = re.compile(
    r"\b(must not|shall not|must|shall|is required to|are required to|has to|have to|is obliged to|may not)\b", re.I
)
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z'-]+")
_MOST_SENTENCES: Final = 20_000
_MOST_FACTS: Final = 60
_MOST_PHRASES: Final = 15
_QUOTE: Final = 300


@dataclass(frozen=True, slots=True)
class Sentence:
    """`number` counts from 1 through the document; `section` is the heading it stands under."""

    number: int
    line: int
    section: str
    text: str


class DocumentInsights:
    name = "DocumentInsights"

    async def read(self, path: Path) -> Json:
        """`outline`, `facts` by kind, `obligations`, `key_phrases` and counts, from the Markdown text of a document. Every
        fact has the sentence it stands in, word for word, with its section and line.

        Raises ServiceError `missing_input` if the text is gone, `empty` if there is none.
        """
        try:
            text = await asyncio.to_thread(path.read_text, encoding="utf-8")
        except OSError as failure:
            message = (
                "The text that was read from this document is no longer stored. Analyse the document in Content again."
            )
            raise ServiceError("missing_input", message) from failure
        return await asyncio.to_thread(document_insights, text)


def document_insights(text: str) -> Json:
    outline, sentences = _sentences(text)
    if not sentences:
        raise ServiceError("empty", "The document has no sentence of text, so nothing can be found in it.")
    facts: list[Json] = []
    for kind in _PATTERNS:
        facts.extend(_limited(_matches(kind, sentences)))
    facts.extend(_limited(_defined(sentences)))
    facts.extend(_limited(_parties(sentences)))
    obligations = [
        {**_place(sentence), "word": match.group(1).lower()}
        for sentence in sentences
        if (match := _DUTY.search(sentence.text))
    ]
    return {
        "outline": outline,
        "sentences": len(sentences),
        "words": sum(len(_WORD.findall(sentence.text)) for sentence in sentences),
        "facts": facts,
        "obligations": obligations[:_MOST_FACTS],
        "obligations_total": len(obligations),
        "key_phrases": _phrases(sentences),
        "formula": "Key phrases are runs of two or three words without small words between them, by how often they occur times "
        "the logarithm of their number of words plus one; at least three times.",
    }


def _sentences(text: str) -> tuple[list[Json], list[Sentence]]:
    outline: list[Json] = []
    found: list[Sentence] = []
    section, fenced = "", False
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
        heading = _HEADING.match(line)
        if heading is not None and not fenced:
            section = _clean(heading.group(2))
            outline.append({"level": len(heading.group(1)), "text": section[:200], "line": number})
            continue
        if line.lstrip().startswith("|") or not line.strip() or len(found) >= _MOST_SENTENCES:
            continue
        for part in _split(_clean(line)):
            found.append(Sentence(len(found) + 1, number, section, part))
    return outline[:200], found


def _clean(line: str) -> str:
    return " ".join(_MARKUP.sub(lambda match: match.group(1) or match.group(2) or "", line).split())


def _split(line: str) -> Iterator[str]:
    start = 0
    for match in _SENTENCE_END.finditer(line):
        if _ABBREVIATION.search(line[start : match.start()]):
            continue
        yield line[start : match.start()].strip()
        start = match.end()
    if line[start:].strip():
        yield line[start:].strip()


def _place(sentence: Sentence) -> Json:
    quote = sentence.text if len(sentence.text) <= _QUOTE else sentence.text[: _QUOTE - 1] + "\N{HORIZONTAL ELLIPSIS}"
    return {"quote": quote, "section": sentence.section, "line": sentence.line, "sentence": sentence.number}


def _matches(kind: str, sentences: Sequence[Sentence]) -> Iterator[Json]:
    for sentence in sentences:
        for match in _PATTERNS[kind].finditer(sentence.text):
            yield {"kind": kind, "value": match.group().strip().rstrip(".,"), **_place(sentence)}


def _defined(sentences: Sequence[Sentence]) -> Iterator[Json]:
    seen: set[str] = set()
    for sentence in sentences:
        for match in _DEFINED.finditer(sentence.text):
            term = match.group(1) or match.group(2)
            if term not in seen:
                seen.add(term)
                yield {"kind": "defined_term", "value": term, **_place(sentence)}


def _parties(sentences: Sequence[Sentence]) -> Iterator[Json]:
    seen: set[str] = set()
    for sentence in sentences:
        for match in _PARTY.finditer(sentence.text):
            name = match.group(1).strip()
            if name not in seen:
                seen.add(name)
                yield {"kind": "party", "value": name, **_place(sentence)}


def _limited(facts: Iterator[Json]) -> list[Json]:
    return [fact for fact, _ in zip(facts, range(_MOST_FACTS), strict=False)]


def _phrases(sentences: Sequence[Sentence]) -> list[Json]:
    counts: Counter[tuple[str, ...]] = Counter()
    first: dict[tuple[str, ...], Sentence] = {}
    for sentence in sentences:
        words = [word.lower() for word in _WORD.findall(sentence.text)]
        for size in (2, 3):
            for at in range(len(words) - size + 1):
                run = words[at : at + size]
                if any(word in IGNORED or len(word) < 3 or _DUTY.fullmatch(word) for word in run):
                    continue
                key = tuple(singular(word) for word in run)
                counts[key] += 1
                first.setdefault(key, sentence)
    ranked = sorted(counts.items(), key=lambda item: (-item[1] * math.log(len(item[0]) + 1), item[0]))
    return [{"phrase": " ".join(key), "count": count, **_place(first[key])} for key, count in ranked if count >= 3][
        :_MOST_PHRASES
    ]
