"""Words for the same value: countries by name, code and the people who live there; women and men; yes and no."""

from __future__ import annotations

from typing import Final

_COUNTRIES: Final = """
Germany de deu german|France fr fra french|Italy it ita italian|Spain es esp spanish|Portugal pt prt portuguese
Netherlands nl nld dutch holland|Belgium be bel belgian|Luxembourg lu lux|Austria at aut austrian|Switzerland ch che swiss
Poland pl pol polish|Czechia cz cze czech|Slovakia sk svk slovak|Hungary hu hun hungarian|Romania ro rou romanian
Bulgaria bg bgr bulgarian|Greece gr grc greek|Croatia hr hrv croatian|Slovenia si svn slovenian|Serbia rs srb serbian
Sweden se swe swedish|Norway no nor norwegian|Denmark dk dnk danish|Finland fi fin finnish|Iceland is isl icelandic
Estonia ee est estonian|Latvia lv lva latvian|Lithuania lt ltu lithuanian|Ireland ie irl irish
United-Kingdom gb gbr uk british britain|United-States us usa american america|Canada ca can canadian
Mexico mx mex mexican|Brazil br bra brazilian|Argentina ar arg argentinian|Chile cl chl chilean|Colombia co col colombian
Peru pe per peruvian|Australia au aus australian|New-Zealand nz nzl|Japan jp jpn japanese|China cn chn chinese
India in ind indian|South-Korea kr kor korean korea|Singapore sg sgp|Indonesia id idn indonesian|Thailand th tha thai
Vietnam vn vnm vietnamese|Malaysia my mys malaysian|Philippines ph phl filipino|Turkey tr tur turkish|Israel il isr israeli
Egypt eg egy egyptian|South-Africa za zaf|Nigeria ng nga nigerian|Kenya ke ken kenyan|Morocco ma mar moroccan
Ukraine ua ukr ukrainian|Russia ru rus russian|Saudi-Arabia sa sau saudi|United-Arab-Emirates ae are uae emirati
"""
_OTHERS: Final = "women woman female f w|men man male m"


def _groups() -> list[frozenset[tuple[str, ...]]]:
    texts = [*_COUNTRIES.replace("\n", "|").split("|"), *_OTHERS.split("|")]
    return [frozenset(tuple(name.lower().split("-")) for name in text.split()) for text in texts if text.strip()]


SAME: Final[dict[tuple[str, ...], frozenset[tuple[str, ...]]]] = {
    words: group
    for group in _groups()
    for words in group
    if len("".join(words)) > 3 or words in (("uk",), ("usa",), ("men",))
}
"""Of the words of a value all words for the same. Codes are only what is found, never what is said: they are words too."""
