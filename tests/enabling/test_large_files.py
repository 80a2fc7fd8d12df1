"""A file of 100 MB is read and profiled while the server goes on serving."""

from __future__ import annotations

import asyncio
import os
import random
import resource
import time
from pathlib import Path

import pytest

from symphainy.enabling_services import Limits, MetadataExtractor

from .conftest import Bench, types_of

SIZE = 100 * 1024 * 1024


def write(path: Path) -> int:
    chooser = random.Random(7)
    regions = ["North", "South", "East", "West"]
    blocks = [
        "".join(
            ",Customer "
            f"{chooser.randrange(50_000)},{chooser.choice(regions)},{chooser.randrange(100, 999_999) / 100:.2f},"
            f"{chooser.randrange(1, 40)},20{chooser.randrange(10, 24)}-0{chooser.randrange(1, 10)}-1{chooser.randrange(10)},"
            f"{chooser.choice(['true', 'false'])},{chooser.choice(['', 'some longer remark about this order'])}\n\0"
            for _ in range(1000)
        ).split("\0")[:-1]
        for _ in range(20)
    ]
    rows = size = 0
    with path.open("w") as out:
        out.write("order_id,customer,region,amount,quantity,ordered,paid,note\n")
        while size < SIZE:
            text = "".join(f"{rows + number}{row}" for number, row in enumerate(blocks[rows // 1000 % 20], 1))
            size += out.write(text)
            rows += 1000
    return rows


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def lags(stop: asyncio.Event) -> list[float]:
    """How much later than asked a sleeping task was woken, in seconds, ascending."""
    found: list[float] = []
    while not stop.is_set():
        begun = time.perf_counter()
        await asyncio.sleep(0.005)
        found.append(time.perf_counter() - begun - 0.005)
    return sorted(found)


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_a_hundred_megabytes_with_progress_and_a_responsive_server(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    source = bench.folder / "large"
    rows = await asyncio.to_thread(write, source)
    limits = Limits(address_space=1024 * 1024 * 1024)
    stop = asyncio.Event()
    lag = asyncio.create_task(lags(stop))
    await asyncio.sleep(0)
    resident = resident_bytes()
    begun = time.monotonic()
    parsed = await bench.parse_path(source, "large.csv", limits=limits)
    parse_seconds = time.monotonic() - begun
    during_parse = [fraction for fraction, _ in bench.progress.calls]
    bench.progress.calls.clear()
    begun = time.monotonic()
    profile = await bench.profile(parsed, limits=limits)
    profile_seconds = time.monotonic() - begun
    during_profile = [fraction for fraction, _ in bench.progress.calls]
    await MetadataExtractor(limits).extract(source, parsed, file_name="large.csv", progress=bench.progress)
    preview = await bench.preview(parsed, limits=limits)
    growth = resident_bytes() - resident
    stop.set()
    woken = await lag
    # Not the very worst: on a busy machine the scheduler alone can take longer than that.
    late = woken[int(len(woken) * 0.99)]
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    with capsys.disabled():
        print(
            f"\n100 MB, {rows:,} rows: parse {parse_seconds:.1f} s, profile {profile_seconds:.1f} s, child "
            f"{peak:.0f} MB, "
            f"server +{growth / 1e6:.1f} MB, lag p99 {late * 1000:.1f} ms, worst {woken[-1] * 1000:.1f} ms"
        )
    assert parsed.tables[0].rows == rows
    assert types_of(parsed)["ordered"] == "date"
    assert profile.tables[0].columns[0].distinct == rows
    assert preview.tables[0].cells[0][0] == 1
    for fractions, seconds in ((during_parse, parse_seconds), (during_profile, profile_seconds)):
        assert len(fractions) >= min(5, 1 + 2 * seconds)
        assert fractions == sorted(fractions)
    assert growth < 20e6
    assert late < 0.05
