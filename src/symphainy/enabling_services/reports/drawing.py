"""Charts and diagrams as PNG, by vl-convert, in a child process. A picture that cannot be drawn says why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from symphainy.enabling_services.child_process import ProgressCallback, Request, run_in_child
from symphainy.enabling_services.errors import ServiceError
from symphainy.enabling_services.json_values import Json, JsonValue
from symphainy.enabling_services.limits import MEBIBYTE, Limits
from symphainy.enabling_services.reporting import Stage
from symphainy.enabling_services.reports.report import Picture

MISSING: Final = (
    "This picture is not drawn: the server was installed without the extra 'pictures'. "
    "Install it with: pip install 'symphainy[pictures]'"
)
PICTURES: Final = 40
SCALE: Final = 2.0
LIMITS: Final = Limits(
    # The chart engine reserves 64 GiB of addresses and uses 0.1 GiB of memory, so what it really takes is bounded.
    address_space=128 * 1024 * MEBIBYTE,
    private_memory=1536 * MEBIBYTE,
    output_file_bytes=16 * MEBIBYTE,
    cpu_seconds=40,
    wall_seconds=60.0,
)
_REACHES_OUT: Final = ("url", "href", "xlink:href")


@dataclass(frozen=True, slots=True)
class Drawn:
    """One picture: its PNG, or the reason why there is none."""

    png: bytes | None
    reason: str = ""


def can_draw() -> bool:
    """Whether the extra `pictures` is installed."""
    return find_spec("vl_convert") is not None


async def draw(
    pictures: Sequence[Picture], *, work_dir: Path, progress: ProgressCallback, limits: Limits = LIMITS
) -> tuple[Drawn, ...]:
    """One for each picture, in order. `work_dir` is made and removed. A picture is never the reason for a failure."""
    if not pictures:
        return ()
    if not can_draw():
        return tuple(Drawn(None, MISSING) for _ in pictures)
    asked = [{"chart": picture.chart, "svg": picture.svg} for picture in pictures[:PICTURES]]
    drawn: list[Drawn] = []

    def keep() -> None:
        drawn.extend(_read(work_dir, len(asked)))

    try:
        await run_in_child(Request("draw", {"pictures": asked}, work_dir), limits, progress, keep)
    except ServiceError as failure:
        reason = f"This picture could not be drawn ({failure.service_code})."
        return tuple(Drawn(None, reason) for _ in pictures)
    left_out = Drawn(None, f"A document holds at most {PICTURES} pictures; this one was left out.")
    return (*drawn, *(left_out for _ in pictures[PICTURES:]))


def _read(folder: Path, count: int) -> Iterable[Drawn]:
    for number in range(count):
        png = folder / f"{number}.png"
        if png.exists():
            yield Drawn(png.read_bytes())
        else:
            yield Drawn(None, (folder / f"{number}.txt").read_text())


def draw_pictures(arguments: Json, work_dir: Path, progress: Stage) -> Json:
    """In the child: `<number>.png` for each picture that could be drawn, `<number>.txt` with the reason for others."""
    pictures: list[Json] = arguments["pictures"]
    for number, picture in enumerate(pictures):
        progress(number / len(pictures), f"picture {number + 1} of {len(pictures)}")
        try:
            (work_dir / f"{number}.png").write_bytes(_png(picture))
        except (ValueError, RuntimeError) as error:
            reason = " ".join(str(error).split())[:200]
            (work_dir / f"{number}.txt").write_text(f"This picture could not be drawn: {reason}")
    return {}


def _png(picture: Json) -> bytes:
    import vl_convert

    if picture["chart"] is not None:
        if _has_key(picture["chart"], _REACHES_OUT):
            raise ValueError("a chart must hold its own data")
        return vl_convert.vegalite_to_png(picture["chart"], scale=SCALE, allowed_base_urls=[])
    return vl_convert.svg_to_png(picture["svg"], scale=SCALE)


def _has_key(value: JsonValue, keys: Sequence[str]) -> bool:
    if isinstance(value, Mapping):
        items: Mapping[str, JsonValue] = value  # pyright: ignore[reportUnknownVariableType]
        return any(key in keys or _has_key(item, keys) for key, item in items.items())
    if isinstance(value, list):
        elements: list[JsonValue] = value  # pyright: ignore[reportUnknownVariableType]
        return any(_has_key(item, keys) for item in elements)
    return False
