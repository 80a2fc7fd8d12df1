"""How well utterances are routed: by the lexicon alone, by embeddings alone, and by both, for each agent."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from symphainy.agents.understanding.evaluation import declined, measure, misses, read_utterances
from symphainy.agents.understanding.lexicon import english
from symphainy.agents.understanding.prototypes import PARTS, intents
from symphainy.agents.understanding.router import Router, Scorer, examples, lexicon_scorer

HERE = Path(__file__).parent
SETS = {
    "fresh (never tuned on)": HERE / "routing" / "fresh.txt",
    "held out earlier (never tuned on)": HERE.parent / "tests" / "agents" / "utterances" / "held_out.txt",
    "tuned on": HERE / "routing" / "tune.txt",
}


def scorers() -> dict[str, Scorer]:
    found: dict[str, Scorer] = {"lexicon": lexicon_scorer()}
    try:
        from symphainy.agents.understanding import embeddings
    except ImportError:
        print("The extra `embeddings` is not installed: the lexicon alone is measured.")
        return found
    said = examples()
    vectors = embeddings.word_vectors()
    for name, shares in {"embeddings": (1.0, 0.0), "mixed": (embeddings.EMBEDDED, embeddings.WORDS)}.items():
        found[name] = embeddings.MixedScorer(lexicon_scorer(), said, vectors, shares)
    return found


def router_of(scorer: Scorer) -> Callable[[str], Router]:
    return lambda area: Router(area, english(), intents(), scorer)


def main() -> None:
    columns = "{:<36}{:<12}{:<19}{:>5}{:>8}{:>10}{:>10}{:>9}"
    print(columns.format("set", "method", "agent", "n", "right", "answered", "of these", "offered"))
    made = scorers()
    for title, path in SETS.items():
        utterances = read_utterances(path.read_text(encoding="utf-8"))
        for name, scorer in made.items():
            groups = {area: [item for item in utterances if item.area == area] for area in PARTS[1:]}
            groups["inside an area"] = [item for item in utterances if item.area != "guide"]
            for group, items in groups.items():
                score = measure(items, router_of(scorer))
                shares = (score.accuracy, score.coverage, score.precision, score.reached)
                print(columns.format(title, name, group, score.utterances, *(f"{share:.0%}" for share in shares)))
            refused, foreign = declined(utterances, router_of(scorer))
            if foreign:
                print(f"{title:<36}{name:<12}not answered of what is nobody's business: {refused} of {foreign}")
            if "-v" in sys.argv and name == "mixed" and "never" not in title:
                for item, heard in misses(utterances, router_of(scorer)):
                    print(f"    {item.area}: {item.words!r} heard as {heard.options}, right is {sorted(item.right)}")


if __name__ == "__main__":
    main()
