"""A million rows in a real browser: from the upload of the CSV to the findings on the screen, beside what the database needs by
hand, and how long a question takes from the key press to its answer, at first, later, and after a restart of the server.

Needs Node and Chromium (`CHROMIUM`, or one that `scripts/chromium` finds).
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from _invoices import LEAST, ROWS, THE_SAME, seconds_by_hand, write_csv

ROOT = Path(__file__).parents[1]
BAR = 300


def measured(csv: Path) -> dict[str, Any]:
    found = subprocess.run([ROOT / "scripts" / "chromium"], capture_output=True, text=True, check=True)
    environment = {**os.environ, "CHROMIUM": found.stdout.strip(), "PYTHON": sys.executable}
    command = ["node", "scripts/measure_insights.mjs", str(csv)]
    done = subprocess.run(
        command, cwd=ROOT / "symphainy-frontend", env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    return json.loads(done.stdout)


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        csv = write_csv(Path(name))
        before = [seconds_by_hand(csv, statements) for statements in (LEAST, THE_SAME)]
        page = measured(csv)
        after = [seconds_by_hand(csv, statements) for statements in (LEAST, THE_SAME)]
    quick, same = (statistics.mean(pair) for pair in zip(before, after, strict=True))
    seconds = page["seconds"]
    print(f"{ROWS:,} rows by hand: a quick look {quick:.2f} s, all that the analysis tells {same:.2f} s")
    print(
        f"from the upload to the findings in the page: {seconds:.2f} s, {seconds / same:.2f} times the same, "
        f"{seconds / quick:.2f} times the quick look; {page['progress']} steps of progress were seen"
    )
    missed = False
    for what, times in (
        ("the first question", page["first"]),
        ("the first after a restart", page["restarted"]),
        ("later ones", page["later"]),
    ):
        middle = statistics.median(times)
        missed = missed or middle > BAR
        print(f"{what}: {middle:.0f} ms ({', '.join(map(str, times))}; at most {BAR})")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
