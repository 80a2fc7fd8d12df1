"""The child process's side: files of users are read, and long comparisons made, where they can harm nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from symphainy.enabling_services.errors import ServiceError
from symphainy.enabling_services.json_values import Json
from symphainy.enabling_services.operations.sop import Sop
from symphainy.enabling_services.reporting import Stage

MOST_STEPS: Final = 400
MOST_BYTES: Final = 20_000_000


def run(operation: str, arguments: Json, progress: Stage) -> Json:
    match operation:
        case "read_procedure":
            return _read_procedure(arguments, progress)
        case "read_workflow":
            return _read_workflow(arguments, progress)
        case "draw_workflow":
            return _draw(_few(Sop.from_json(arguments["sop"])))
        case _:
            return _compare(arguments, progress)


def _read_procedure(arguments: Json, progress: Stage) -> Json:
    from symphainy.enabling_services.operations.blocks import blocks_of_docx, blocks_of_text
    from symphainy.enabling_services.operations.sop_reading import read_blocks

    source = Path(arguments["source"])
    progress(0.1, "reading the document")
    blocks = blocks_of_docx(source) if arguments["form"] == "docx" else blocks_of_text(text_of_file(source))
    progress(0.5, "finding the steps")
    return {"sop": _few(read_blocks(blocks, str(arguments["title"]))).to_json()}


def _read_workflow(arguments: Json, progress: Stage) -> Json:
    from symphainy.enabling_services.operations.bpmn_reading import has_drawing, read_bpmn
    from symphainy.enabling_services.operations.bpmn_writing import write_bpmn
    from symphainy.enabling_services.operations.to_sop import to_sop

    xml = str(arguments["bpmn"]) if "bpmn" in arguments else text_of_file(Path(arguments["source"]))
    progress(0.1, "reading the diagram")
    process = read_bpmn(xml, str(arguments["title"]))
    progress(0.5, "following its flows")
    sop = _few(to_sop(process))
    drawn = xml if has_drawing(xml) else write_bpmn(process)
    return {"process": process.to_json(), "sop": sop.to_json(), "bpmn": drawn}


def _draw(sop: Sop) -> Json:
    from symphainy.enabling_services.operations.bpmn_writing import write_bpmn
    from symphainy.enabling_services.operations.to_process import to_process

    process = to_process(sop)
    return {"process": process.to_json(), "bpmn": write_bpmn(process)}


def _compare(arguments: Json, progress: Stage) -> Json:
    from symphainy.enabling_services.json_values import encode
    from symphainy.enabling_services.operations.coexistence import compare
    from symphainy.enabling_services.operations.future import future

    sop, workflow = Sop.from_json(arguments["sop"]), Sop.from_json(arguments["workflow"])
    progress(0.1, "aligning the steps")
    comparison = compare(_few(sop), _few(workflow))
    progress(0.6, "designing the future state")
    future_sop, assignments, hand_offs = future(sop, workflow)
    return {
        "comparison": comparison.to_json(),
        "assignments": encode(assignments),
        "handoffs": encode(hand_offs),
        "future_sop": future_sop.to_json(),
        **{f"future_{name}": value for name, value in _draw(future_sop).items()},
    }


def _few(sop: Sop) -> Sop:
    if len(sop.steps) > MOST_STEPS:
        raise ServiceError(
            "too_large",
            f"This procedure has {len(sop.steps):,} steps; at most {MOST_STEPS:,} can be worked with. Split it into parts.",
            {"steps": len(sop.steps), "limit": MOST_STEPS},
        )
    return sop


def text_of_file(source: Path) -> str:
    """As UTF-8, or as its byte order mark says."""
    if source.stat().st_size > MOST_BYTES:
        raise ServiceError(
            "too_large", f"This file has more than {MOST_BYTES:,} bytes, which is too much text for one procedure."
        )
    data = source.read_bytes()
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
