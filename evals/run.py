"""Prints the published evaluations: how well the agents understand, and what each other evaluation in this folder measures.

Every other module here with a `main()` is one evaluation. `python evals/run.py` runs all of them, `python evals/run.py NAME` one.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent


def main() -> None:
    sys.path.insert(0, str(HERE))
    wanted = sys.argv[1:] or sorted(path.stem for path in HERE.glob("*.py") if path != Path(__file__))
    for name in wanted:
        print(f"== {name}")
        import_module(name).main()


if __name__ == "__main__":
    main()
