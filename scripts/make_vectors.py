"""Writes spec/vectors/*.json: logs, and the snapshot that each folds to. Run it after a change of the fold.

The logs are written here by hand, as they come over the wire. The snapshots are the Python fold's, and were read by
eye: read the diff before you keep it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from symphainy.codec import entry_from_json, snapshot_document
from symphainy.fold import fold
from symphainy.session import Session

VECTORS = Path(__file__).resolve().parent.parent / "spec" / "vectors"
SESSION_ID = "ses_vector"
Wire = dict[str, Any]

GUIDE: Wire = {"conversation": "guide_agent", "actor": "agent:guide_agent"}
CONTENT: Wire = {"conversation": "content_liaison", "actor": "agent:content_liaison"}
CREATED: Wire = {
    "type": "session.created",
    "data": {
        "user_id": "usr_1",
        "epoch": "epo_1",
        "expires_at": "2026-12-23T10:00:00.000Z",
        "idle_ms": 2_592_000_123,
        "ends_at": "2027-05-22T10:00:00.000Z",
        "title": "A vector",
        "context": {"goal": "learn", "locale": {"lang": "en", "zone": "UTC"}},
    },
}
ANALYSIS: Wire = {
    "orchestrator": "ContentAnalysisOrchestrator",
    "operation": "analyze_file",
    "title": "Analyse sales.csv",
    "input": {"file_id": "file_1"},
    "steps": [{"name": "parse", "service": "FileParser"}, {"name": "profile", "service": "DataAnalyzer"}],
    "enabling_services": ["FileParser"],
    "conversation": "content_liaison",
}

HOURS: Wire = {"name": "hours", "label": "Hours a week", "kind": "number", "unit": "h", "minimum": 0, "maximum": 168}


def entry(kind: str, data: Wire, **envelope: Any) -> Wire:
    return {"type": kind, "data": data, **envelope}


def said(message_id: str, content: str, role: str = "user", **more: Any) -> Wire:
    envelope = {key: more.pop(key) for key in ("conversation", "run_id") if key in more}
    data = {"message_id": message_id, "role": role, "content": content, **more}
    return entry("message.added", data, **{"conversation": "guide_agent", **envelope})


def delta(message_id: str, text: str, conversation: str = "guide_agent") -> Wire:
    return entry("message.delta", {"message_id": message_id, "text": text}, conversation=conversation)


def workflow(kind: str, workflow_id: str, **data: Any) -> Wire:
    return entry(f"workflow.{kind}", data, workflow_id=workflow_id, actor="orchestrator:ContentAnalysisOrchestrator")


def every_type() -> Iterator[Wire]:
    yield entry(
        "file.added", {"file_id": "file_1", "name": "sales.csv", "media_type": "text/csv", "size": 10, "sha256": "ab"}
    )
    yield workflow("started", "wf_1", **ANALYSIS)
    yield said("msg_q", "What is in it?", conversation="content_liaison", run_id="run_1", files=["file_1"])
    yield entry("run.started", {"message_id": "msg_q"}, **CONTENT, run_id="run_1")
    yield said("msg_a", "", "assistant", status="streaming", conversation="content_liaison", run_id="run_1")
    yield delta("msg_a", "I am ", "content_liaison")
    yield delta("msg_a", "reading it.", "content_liaison")
    yield entry("delegation.appended", {"source": "content_liaison", "target": "Orchestrator"}, workflow_id="wf_1")
    yield entry("service.updated", {"service": "FileParser", "status": "processing"})
    yield entry("file.updated", {"file_id": "file_1", "status": "parsing"}, workflow_id="wf_1")
    yield workflow("step_started", "wf_1", step="parse", service="FileParser")
    yield workflow("progressed", "wf_1", step="parse", fraction=0.25, detail="250 of 1,000 rows")
    yield workflow("step_completed", "wf_1", step="parse", output={"rows": 1000}, elapsed_ms=120, detail="1,000 rows")
    yield workflow("asked", "wf_1", name="basis", title="What is it for?", questions=[HOURS])
    yield workflow("answered", "wf_1", name="basis", answers={"hours": 12.5})
    yield entry("service.updated", {"service": "FileParser", "status": "completed"})
    artifact = {"artifact_id": "art_1", "name": "sales", "kind": "table", "media_type": "text/csv", "size": 5}
    yield entry("artifact.created", {**artifact, "file_id": "file_1"}, workflow_id="wf_1")
    yield entry("artifact.updated", {"artifact_id": "art_1", "version": 1, "status": "review"})
    yield entry(
        "state.stored",
        {
            "state_id": "st_1",
            "state_data": {"rows": 1000},
            "orchestrator_metadata": {
                "created_by_orchestrator": "ContentAnalysisOrchestrator",
                "workflow_id": "wf_1",
                "enabling_service_contributions": [{"service": "FileParser", "contribution": "rows", "timestamp": "t"}],
                "delegation_chain": ["content_liaison", "ContentAnalysisOrchestrator"],
            },
            "metadata": {"file_id": "file_1"},
            "ttl": 3600,
        },
        workflow_id="wf_1",
    )
    yield entry("state.stored", {"state_id": "st_2", "state_data": {}})
    yield entry("state.deleted", {"state_id": "st_2"})
    yield entry("value.patched", {"patch": {"view": {"area": "content"}}})
    yield entry(
        "conversation.context_updated", {"orchestrator_context": {"topic": "sales"}}, conversation="content_liaison"
    )
    yield entry(
        "message.completed",
        {
            "message_id": "msg_a",
            "content": "I am reading it. It has 1,000 rows.",
            "orchestrator_context": {"workflow_id": "wf_1", "status": "processing"},
            "actions": [
                {"label": "Show it", "kind": "open_file", "target": {"file_id": "file_1"}},
                {"label": "Help", "kind": "send_message"},
            ],
            "evidence": [{"file_id": "file_1", "rows": 1000}],
        },
        **CONTENT,
    )
    yield entry("run.finished", {"status": "completed"}, run_id="run_1")
    yield entry("file.updated", {"file_id": "file_1", "status": "parsed", "kind": "csv"})
    yield workflow("finished", "wf_1", status="completed", result={"rows": 1000})
    yield entry(
        "session.updated", {"title": "Sales", "context": {"goal": None, "locale": {"zone": "CET"}}, "epoch": "epo_2"}
    )
    yield entry("file.removed", {"file_id": "file_1"})
    yield entry("presence.changed", {"anything": [1, {"deep": None}]})
    yield entry("session.closed", {"reason": "deleted"})


def window_of_messages() -> Iterator[Wire]:
    for number in range(1, 54):
        yield said(f"msg_{number}", f"Message {number}", "user" if number % 2 else "assistant")
    yield delta("msg_1", " late")
    yield entry("message.completed", {"message_id": "msg_2", "content": "late"}, **GUIDE)
    yield delta("msg_53", " on time")
    yield said("msg_elsewhere", "Another conversation keeps its own window", conversation="content_liaison")


def cancelled_in_mid_answer() -> Iterator[Wire]:
    yield said("msg_1", "Tell me a long story", run_id="run_1")
    yield entry("run.started", {"message_id": "msg_1"}, **GUIDE, run_id="run_1")
    yield said("msg_2", "Once", "assistant", status="streaming", run_id="run_1")
    yield said("msg_3", "A second open message", "assistant", status="streaming", run_id="run_1")
    yield said("msg_4", "Of another run", "assistant", status="streaming", run_id="run_2")
    yield delta("msg_2", " upon a time")
    yield entry("run.finished", {"status": "cancelled"}, run_id="run_1")
    yield delta("msg_2", ", too late")


def run_that_failed_and_its_retry() -> Iterator[Wire]:
    yield said("msg_1", "Hello", run_id="run_1")
    yield entry("run.started", {"message_id": "msg_1"}, **GUIDE, run_id="run_1")
    yield said("msg_2", "Hel", "assistant", status="streaming", run_id="run_1")
    error = {
        "code": "interrupted",
        "message": "The server was restarted. What was said is kept.",
        "details": {"after": 3},
    }
    yield entry("run.finished", {"status": "failed", "error": error}, run_id="run_1")
    yield entry("run.started", {"message_id": "msg_1", "retry_of": "run_1"}, **GUIDE, run_id="run_2")
    yield said("msg_1", "The user's own message does not begin the answer", run_id="run_2")
    yield said("msg_3", "Hello to you", "assistant", run_id="run_2")
    yield entry("run.finished", {"status": "completed"}, run_id="run_2")
    yield entry("run.started", {"message_id": "msg_1"}, run_id="run_without_conversation")
    yield entry("run.finished", {"status": "completed"}, run_id="run_unknown")


def workflow_that_failed_in_mid_step() -> Iterator[Wire]:
    yield workflow("started", "wf_1", **ANALYSIS)
    yield workflow("step_started", "wf_1", step="parse", service="FileParser")
    yield workflow("progressed", "wf_1", step="parse", fraction=0.5)
    yield workflow("step_started", "wf_1", step="parse", service="FileParser", attempt=2)
    yield workflow("progressed", "wf_1", step="parse", detail="again", enabling_services=["Ocr", "FileParser", "Ocr"])
    error = {"code": "service_error", "message": "The file is encrypted. It was kept; upload it without a password."}
    yield workflow("finished", "wf_1", status="failed", error=error)
    yield workflow("progressed", "wf_1", step="parse", fraction=1.0)
    yield workflow("step_completed", "wf_1", step="profile", output={}, elapsed_ms=1)
    yield workflow("finished", "wf_1", status="completed")
    yield workflow("finished", "wf_unknown", status="completed")


def traced_work() -> Iterator[Wire]:
    span = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b{}-01"
    yield {**workflow("started", "wf_1", **ANALYSIS), "traceparent": span.format(7)}
    yield {**workflow("step_started", "wf_1", step="parse", service="FileParser"), "traceparent": span.format(8)}


def workflow_steps() -> Iterator[Wire]:
    yield workflow("started", "wf_1", orchestrator="OperationsOrchestrator", operation="draw", title="Draw")
    yield workflow("step_started", "wf_1", step="unplanned", service="Drawer")
    yield workflow("progressed", "wf_1", status="waiting_for_user", detail="detail without a step")
    yield workflow("progressed", "wf_1", step="unplanned", fraction=0)
    yield workflow("step_completed", "wf_1", step="unplanned", output={"a": 1}, elapsed_ms=0)
    yield workflow(
        "started",
        "wf_2",
        orchestrator="InsightsOrchestrator",
        operation="look",
        title="Look",
        conversation="insights_liaison",
    )
    yield workflow("finished", "wf_2", status="completed")
    yield workflow(
        "started",
        "wf_3",
        orchestrator="InsightsOrchestrator",
        operation="look",
        title="Look",
        conversation="insights_liaison",
    )
    yield workflow("finished", "wf_3", status="cancelled")
    yield workflow("started", "wf_4", orchestrator="BusinessOutcomesOrchestrator", operation="plan", title="Plan")
    yield entry(
        "workflow.started", {"orchestrator": "InsightsOrchestrator", "operation": "x", "title": "Without an id"}
    )


def evicted_workflows() -> Iterator[Wire]:
    yield workflow("started", "wf_old", **{**ANALYSIS, "steps": []})
    for number in range(52):
        yield workflow("started", f"wf_{number}", **{**ANALYSIS, "steps": [], "enabling_services": []})
        yield workflow("finished", f"wf_{number}", status="completed" if number % 3 else "failed")
    yield workflow("progressed", "wf_0", status="processing")
    yield workflow("finished", "wf_old", status="completed")


def evicted_runs_and_delegations() -> Iterator[Wire]:
    yield entry("run.started", {"message_id": "msg_0"}, **CONTENT, run_id="run_old")
    for number in range(22):
        yield entry("run.started", {"message_id": f"msg_{number}"}, **GUIDE, run_id=f"run_{number}")
        yield entry("run.finished", {"status": "completed"}, run_id=f"run_{number}")
    yield said("msg_x", "An answer to a run that is forgotten", "assistant", run_id="run_0")
    for number in range(202):
        yield entry("delegation.appended", {"source": f"s{number}", "target": "t"})


def merge_patches() -> Iterator[Wire]:
    for patch in (
        {"a": "b", "list": [1, {"x": None}], "deep": {"one": {"two": 3, "kept": True}}},
        {"a": None, "missing": None, "list": [{"y": None}], "deep": {"one": {"two": None}}},
        {"deep": {"one": {"three": {"four": None, "five": 5}}}},
        {"list": {"now": "an object", "gone": None}, "a": {"from": "nothing", "inner": {"n": None}}},
        {"deep": "a scalar over an object"},
        {"deep": {"an": "object over a scalar"}},
        {"": "an empty key", "0": "numbers as keys", "10": 10, "2": 2},
        {"constructor": {"name": "not special"}, "__proto__": {"polluted": True}, "toString": None},
        {"__proto__": {"more": 1, "polluted": None}, "hasOwnProperty": 1},
        {},
    ):
        yield entry("value.patched", {"patch": patch})
    yield entry("conversation.context_updated", {"orchestrator_context": {"a": {"b": 1}}}, conversation="guide_agent")
    yield entry(
        "conversation.context_updated", {"orchestrator_context": {"a": {"b": None, "c": 2}}}, conversation="guide_agent"
    )
    yield entry("session.updated", {"context": {"goal": {"now": "an object"}, "locale": None}})
    yield entry("session.updated", {"title": None, "context": None, "epoch": None, "credential": "rotated"})


def text_of_all_kinds() -> Iterator[Wire]:
    yield said("msg_1", "", "assistant", status="streaming")
    for piece in (
        "é ",
        "e\u0301 ",
        "\U0001f469\u200d",
        "\U0001f680 ",
        "\u202b\u05e9\u05dc\u05d5\u05dd\u202c ",
        "\u2028\u2029",
        "\x00\x1f\x7f",
        '"\\/\n\r\t',
        "漢字 \U00020bb7 ",
    ):
        yield delta("msg_1", piece)
    yield delta("msg_1", "")
    yield entry("value.patched", {"patch": {"\U0001f600": {"キー": "値", "\ufeff": "\uffff"}}})
    yield entry("session.updated", {"title": "\U0001f1e9\U0001f1ea\u0000"})


def life_of_files() -> Iterator[Wire]:
    for number in (1, 2, 3):
        about = {
            "name": f"{number}.xlsx",
            "media_type": "application/octet-stream",
            "size": number,
            "sha256": f"{number}" * 4,
        }
        yield entry("file.added", {"file_id": f"file_{number}", **about, **({"kind": "xlsx"} if number == 3 else {})})
    yield entry("file.updated", {"file_id": "file_1", "status": "parsing", "kind": "xls"}, workflow_id="wf_1")
    yield entry("file.updated", {"file_id": "file_1", "status": "rejected", "reason": "It is encrypted."})
    yield entry("file.updated", {"file_id": "file_1", "status": "parsing", "kind": ""}, workflow_id="")
    yield entry("file.updated", {"file_id": "file_2", "status": "rejected", "reason": "A bomb."}, workflow_id="wf_2")
    yield entry("file.removed", {"file_id": "file_2"})
    yield entry("file.removed", {"file_id": "file_2"})
    yield entry("file.updated", {"file_id": "file_2", "status": "parsed"})
    yield entry(
        "file.added", {"file_id": "file_2", "name": "2 again", "media_type": "text/csv", "size": 2**53, "sha256": ""}
    )


def services() -> Iterator[Wire]:
    for service, status in (
        ("A", "completed"),
        ("A", "processing"),
        ("A", "processing"),
        ("B", "processing"),
        ("A", "failed"),
    ):
        yield entry("service.updated", {"service": service, "status": status})


def versions_of_artifacts() -> Iterator[Wire]:
    def created(artifact_id: str, number: int, **more: Any) -> Wire:
        about = {"name": f"{number}.json", "kind": "sop", "media_type": "application/json", "size": number}
        return entry("artifact.created", {"artifact_id": artifact_id, **about, **more}, workflow_id=f"wf_{number}")

    def becomes(artifact_id: str, version: int, status: str) -> Wire:
        return entry("artifact.updated", {"artifact_id": artifact_id, "version": version, "status": status})

    yield created("art_1", 1, file_id="file_1")
    yield becomes("art_1", 1, "review")
    yield becomes("art_1", 1, "approved")
    rendition = {"media_type": "text/markdown", "name": "2.md", "blob": "blob_2m", "size": 20}
    yield created("art_1", 2, blob="blob_2", renditions=[{**rendition, "pages": 3}])
    yield becomes("art_1", 1, "implemented")
    yield becomes("art_1", 2, "review")
    yield becomes("art_1", 2, "draft")
    yield created("art_1", 3, blob=None, renditions=[])
    yield becomes("art_1", 1, "active")
    yield becomes("art_1", 4, "active")
    yield becomes("art_1", 0, "active")
    yield becomes("art_2", 1, "active")
    yield created("art_2", 4)
    yield becomes("constructor", 1, "active")
    yield created("__proto__", 5)
    yield becomes("__proto__", 1, "review")


def many_versions_of_an_artifact() -> Iterator[Wire]:
    for number in range(1, 54):
        about = {"name": f"{number}.json", "kind": "sop", "media_type": "application/json", "size": number}
        yield entry("artifact.created", {"artifact_id": "art_1", **about}, workflow_id=f"wf_{number}")
    for version, status in ((3, "review"), (4, "review"), (53, "review")):
        yield entry("artifact.updated", {"artifact_id": "art_1", "version": version, "status": status})


def workflows_that_ask() -> Iterator[Wire]:
    choice = {"name": "goal", "label": "Goal", "kind": "choice", "options": ["grow", "save"], "required": False}
    known = {
        "name": "rate",
        "label": "Cost of an hour",
        "kind": "number",
        "unit": "EUR",
        "suggestion": 42.5,
        "source": "rates.csv, column cost",
        "help": "With everything.",
    }
    yield workflow("started", "wf_1", **ANALYSIS)
    yield workflow("step_started", "wf_1", step="parse", service="FileParser")
    yield workflow("step_completed", "wf_1", step="parse", output={}, elapsed_ms=1)
    yield workflow("asked", "wf_1", name="basis", title="The basis", questions=[HOURS, choice])
    yield workflow("answered", "wf_1", name="other", answers={"hours": 1})
    yield workflow("answered", "wf_unknown", name="basis", answers={"hours": 1})
    yield workflow("answered", "wf_1", name="basis", answers={"hours": 8})
    yield workflow("answered", "wf_1", name="basis", answers={"hours": 9})
    yield workflow("asked", "wf_1", name="__proto__", title="More", questions=[{**known, "colour": "red"}])
    yield workflow("answered", "wf_1", name="__proto__", answers={"rate": 40})
    yield workflow("step_started", "wf_1", step="profile", service="DataAnalyzer")
    yield workflow("finished", "wf_1", status="completed", result={})
    yield workflow("asked", "wf_1", name="late", title="Too late", questions=[HOURS])
    yield workflow("started", "wf_2", **ANALYSIS)
    yield workflow("asked", "wf_2", name="basis", title="The basis", questions=[HOURS])
    yield workflow("finished", "wf_2", status="cancelled")
    yield workflow("answered", "wf_2", name="basis", answers={"hours": 8})
    yield workflow("started", "wf_3", **ANALYSIS)
    yield workflow("asked", "wf_3", name="one", title="One", questions=[HOURS])
    yield workflow("asked", "wf_3", name="two", title="Two", questions=[])


def references_to_nothing() -> Iterator[Wire]:
    yield said("msg_1", "Of an unknown agent", conversation="some_other_agent")
    yield said("msg_2", "Of no agent", conversation=None)
    yield delta("msg_3", "nothing")
    yield delta("msg_3", "nothing", "some_other_agent")
    yield entry("conversation.context_updated", {"orchestrator_context": {"a": 1}}, conversation="some_other_agent")
    yield entry("state.deleted", {"state_id": "toString"})
    yield entry("file.removed", {"file_id": "constructor"})
    yield entry("file.updated", {"file_id": "constructor", "status": "parsed"})
    yield entry("run.finished", {"status": "failed"}, run_id="hasOwnProperty")
    yield workflow("finished", "valueOf_", status="completed")
    yield said("msg_4", "", "assistant", run_id="__proto__")
    yield entry("run.started", {"message_id": "msg_4"}, **GUIDE, run_id="__proto__")
    yield said("msg_5", "", "assistant", status="streaming", run_id="__proto__")
    yield workflow("started", "__proto__", **ANALYSIS)
    yield workflow("step_started", "__proto__", step="constructor", service="toString")
    yield entry("service.updated", {"service": "__proto__", "status": "completed"})
    yield entry("state.stored", {"state_id": "__proto__", "state_data": {}})


def newer_writer() -> Iterator[Wire]:
    yield entry("message.reacted", {"message_id": "msg_1", "reaction": "+1"}, conversation="guide_agent")
    yield {"type": "no.data"}
    yield {**said("msg_1", "Hello", colour="red"), "trace": "t-1"}
    yield said(
        "msg_2",
        "Look",
        "assistant",
        actions=[{"label": "Go", "kind": "open_area", "target": {"area": "content"}, "icon": "arrow"}],
    )
    yield workflow(
        "started",
        "wf_1",
        **{**ANALYSIS, "steps": [{"name": "parse", "service": "FileParser", "weight": 3}], "priority": 1},
    )
    yield workflow("finished", "wf_1", status="failed", error={"code": "x", "message": "y", "hint": "z"})
    yield entry(
        "state.stored",
        {
            "state_id": "st_1",
            "state_data": {},
            "orchestrator_metadata": {"workflow_id": "wf_1", "model": "m"},
            "owner": "o",
        },
    )


CASES = (
    every_type,
    window_of_messages,
    cancelled_in_mid_answer,
    run_that_failed_and_its_retry,
    workflow_that_failed_in_mid_step,
    workflow_steps,
    traced_work,
    evicted_workflows,
    evicted_runs_and_delegations,
    merge_patches,
    text_of_all_kinds,
    life_of_files,
    services,
    versions_of_artifacts,
    many_versions_of_an_artifact,
    workflows_that_ask,
    references_to_nothing,
    newer_writer,
)


def numbered(entries: Iterable[Wire]) -> list[Wire]:
    """The entries with seq, time and actor, as a store would have taken them."""
    return [
        {
            "seq": seq,
            "ts": f"2026-11-23T{10 + seq // 3600:02}:{seq // 60 % 60:02}:{seq % 60:02}.000Z",
            "actor": "system",
            **item,
        }
        for seq, item in enumerate(entries, 1)
    ]


def vector(name: str, entries: list[Wire]) -> str:
    session = fold(Session(SESSION_ID), map(entry_from_json, entries))
    lines = ",\n".join("    " + json.dumps(item, ensure_ascii=True) for item in entries)
    snapshot = json.dumps(snapshot_document(session), ensure_ascii=True, indent=2).replace("\n", "\n  ")
    head = f'{{\n  "name": "{name}",\n  "session_id": "{SESSION_ID}",\n  "entries": [\n'
    return f'{head}{lines}\n  ],\n  "snapshot": {snapshot}\n}}\n'


def main() -> None:
    VECTORS.mkdir(exist_ok=True)
    for case in CASES:
        name = case.__name__
        (VECTORS / f"{name}.json").write_text(vector(name, numbered((CREATED, *case()))), encoding="utf-8")


if __name__ == "__main__":
    main()
