"""Seeded random logs, valid and weird, and what the Python fold makes of them.

`python -m tests.unit.random_logs SEED COUNT` prints them as JSON, one vector a line, for the front end's tests.
"""

import json
import random
import sys
from typing import Any

from symphainy.codec import entry_from_json, snapshot_document
from symphainy.fold import fold
from symphainy.session import AgentType, OrchestratorName, Session

Wire = dict[str, Any]

SESSION_ID = "ses_random"
ENTRIES = 140
AGENTS = [agent.value for agent in AgentType]
STATUSES = ["queued", "processing", "waiting_for_user", "completed", "failed", "cancelled"]
KEYS = ["a", "b", "ключ", "\U0001f511", "__proto__", "constructor", "", "7", "deep"]
TEXTS = ["", " ", "word", "é", "\U0001f469\u200d\U0001f680", "\u2028", "\x00", '"quoted"\n', "漢字", "</script>"]


class LogMaker:
    """Draws entries that the Python reader accepts, in any order: the fold must be total."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._kinds = {
            name.removeprefix("_make_"): getattr(self, name) for name in dir(self) if name.startswith("_make_")
        }

    def log(self) -> list[Wire]:
        created: Wire = {"user_id": "usr_1", "epoch": "epo_1", "expires_at": "2026-12-23T10:00:00.000Z"}
        if self._chance(0.8):
            created |= {"idle_ms": self._random.randint(1, 10**10), "ends_at": "2026-12-25T10:00:00.000Z"}
        entries: list[Wire] = [{"type": "session.created", "data": created}]
        # Few kinds in each log, so that what belongs together meets; every kind in some log.
        kinds = self._random.sample(sorted(self._kinds), self._random.randint(3, len(self._kinds)))
        while len(entries) < ENTRIES:
            entries.append(self._kinds[self._random.choice(kinds)]())
        return [self._placed(seq, item) for seq, item in enumerate(entries, 1)]

    def _placed(self, seq: int, item: Wire) -> Wire:
        envelope: Wire = {"seq": seq, "ts": f"2026-11-23T10:{seq // 60:02}:{seq % 60:02}.000Z", "actor": "system"}
        if self._chance(0.9):
            envelope |= {"op_id": None}
        if self._chance(0.1):
            envelope |= {"from_the_future": [1, None]}
        return {**envelope, **item}

    def _chance(self, likely: float) -> bool:
        return self._random.random() < likely

    def _pick(self, items: list[Any]) -> Any:
        return self._random.choice(items)

    def _id(self, kind: str, most: int = 6) -> str:
        return f"{kind}_{self._random.randint(1, most)}" if self._chance(0.97) else "__proto__"

    def _text(self) -> str:
        return "".join(self._pick(TEXTS) for _ in range(self._random.randint(0, 4)))

    def _json(self, depth: int = 3) -> Any:
        if depth == 0 or self._chance(0.4):
            return self._pick([None, True, 0, -1.5, 2**53, "text", "", [], {}])
        if self._chance(0.3):
            return [self._json(depth - 1) for _ in range(self._random.randint(0, 3))]
        return self._object(depth - 1)

    def _object(self, depth: int = 2) -> Wire:
        return {self._pick(KEYS): self._json(depth) for _ in range(self._random.randint(0, 4))}

    def _some(self, **optional: Any) -> Wire:
        """Any of the optional fields: one that is missing has its default."""
        return {name: value for name, value in optional.items() if self._chance(0.6)}

    def _failure(self) -> Wire | None:
        return (
            {"code": "broken", "message": self._text(), **self._some(details=self._object())}
            if self._chance(0.6)
            else None
        )

    def _actions(self) -> list[Wire]:
        action = {"label": self._text(), "kind": "open_area", "newer": 1}
        return [{**action, **self._some(target=self._object())} for _ in range(self._random.randint(0, 2))]

    def _answer(self) -> Wire:
        context = self._pick([None, self._object()])
        evidence = [self._object() for _ in range(self._random.randint(0, 2))]
        status = self._pick(["streaming", "completed", "cancelled", "failed"])
        return self._some(status=status, orchestrator_context=context, actions=self._actions(), evidence=evidence)

    def _in_conversation(self) -> Wire:
        return {"conversation": self._pick(AGENTS[:2] if self._chance(0.9) else [*AGENTS, "unknown_agent", None])}

    def _of_run(self) -> Wire:
        return {"run_id": self._id("run", 30)} if self._chance(0.95) else {}

    def _of_workflow(self) -> Wire:
        return {"workflow_id": self._id("wf", 70)} if self._chance(0.95) else {}

    def _make_session_updated(self) -> Wire:
        data = self._some(title=self._text(), context=self._object(), epoch="epo_2", credential="rotated")
        return {
            "type": "session.updated",
            "data": {name: item if self._chance(0.8) else None for name, item in data.items()},
        }

    def _make_session_closed(self) -> Wire:
        return {"type": "session.closed", "data": {"reason": "deleted"}}

    def _make_message_added(self) -> Wire:
        data = {"message_id": self._id("msg", 90), "role": self._pick(["user", "assistant"]), "content": self._text()}
        data |= self._answer() | self._some(files=["file_1"])
        return {"type": "message.added", "data": data, **self._in_conversation(), **self._of_run()}

    def _make_message_delta(self) -> Wire:
        data = {"message_id": self._id("msg", 90), "text": self._text()}
        return {"type": "message.delta", "data": data, **self._in_conversation()}

    def _make_message_completed(self) -> Wire:
        data = {"message_id": self._id("msg", 90), "content": self._text(), **self._answer()}
        return {"type": "message.completed", "data": data, **self._in_conversation()}

    def _make_conversation_context(self) -> Wire:
        data = {"orchestrator_context": self._object()}
        return {"type": "conversation.context_updated", "data": data, **self._in_conversation()}

    def _make_run_started(self) -> Wire:
        data = {"message_id": self._id("msg", 90), **self._some(retry_of="run_1")}
        return {"type": "run.started", "data": data, **self._in_conversation(), **self._of_run()}

    def _make_run_finished(self) -> Wire:
        data = {"status": self._pick(STATUSES), **self._some(error=self._failure())}
        return {"type": "run.finished", "data": data, **self._of_run()}

    def _make_workflow_started(self) -> Wire:
        steps = [{"name": name, "service": self._id("service")} for name in ("one", "two")]
        data = {"orchestrator": self._pick(list(OrchestratorName)).value, "operation": "op", "title": self._text()}
        data |= self._some(input=self._object(), steps=steps, enabling_services=["service_1"])
        data |= self._some(conversation=self._pick([None, *AGENTS]))
        return {"type": "workflow.started", "data": data, **self._of_workflow()}

    def _make_workflow_step_started(self) -> Wire:
        data = {
            "step": self._pick(["one", "two", "unplanned"]),
            "service": self._id("service"),
            **self._some(attempt=2),
        }
        return {"type": "workflow.step_started", "data": data, **self._of_workflow()}

    def _make_workflow_progressed(self) -> Wire:
        data = self._some(
            step=self._pick(["one", "two", None]),
            fraction=self._pick([0, 0.25, 1, None]),
            detail=self._pick(["half", "", None]),
            status=self._pick([*STATUSES, None]),
            enabling_services=[self._id("service"), self._id("service")],
        )
        return {"type": "workflow.progressed", "data": data, **self._of_workflow()}

    def _make_workflow_step_completed(self) -> Wire:
        data = {
            "step": self._pick(["one", "two"]),
            "output": self._object(),
            "elapsed_ms": 5,
            **self._some(detail="done"),
        }
        return {"type": "workflow.step_completed", "data": data, **self._of_workflow()}

    def _question(self) -> Wire:
        question = {"name": self._pick(["a", "b"]), "label": self._text(), "kind": self._pick(["number", "choice"])}
        optional = self._some(required=False, unit="h", options=["x", "y"], minimum=0, maximum=1.5, help="why")
        return question | optional | self._some(suggestion=self._json(1), source="a file", newer=1)

    def _make_workflow_asked(self) -> Wire:
        questions = [self._question() for _ in range(self._random.randint(0, 2))]
        data = {"name": self._pick(["one", "two", "__proto__"]), "title": self._text(), "questions": questions}
        return {"type": "workflow.asked", "data": data, **self._of_workflow()}

    def _make_workflow_answered(self) -> Wire:
        data = {"name": self._pick(["one", "two", "__proto__"]), "answers": self._object()}
        return {"type": "workflow.answered", "data": data, **self._of_workflow()}

    def _make_workflow_finished(self) -> Wire:
        data = {"status": self._pick(STATUSES[3:]), **self._some(result=self._object(), error=self._failure())}
        return {"type": "workflow.finished", "data": data, **self._of_workflow()}

    def _make_service_updated(self) -> Wire:
        data = {"service": self._id("service"), "status": self._pick(["processing", "completed"])}
        return {"type": "service.updated", "data": data}

    def _make_delegation_appended(self) -> Wire:
        return {"type": "delegation.appended", "data": {"source": "one", "target": "other"}, **self._of_workflow()}

    def _make_state_stored(self) -> Wire:
        data = {"state_id": self._id("st"), "state_data": self._object()}
        provenance = self._some(
            created_by_orchestrator="InsightsOrchestrator", workflow_id="wf_1", delegation_chain=["one"]
        )
        data |= self._some(orchestrator_metadata=provenance, metadata=self._object(), ttl=60)
        return {"type": "state.stored", "data": data}

    def _make_state_deleted(self) -> Wire:
        return {"type": "state.deleted", "data": {"state_id": self._id("st")}}

    def _make_value_patched(self) -> Wire:
        return {"type": "value.patched", "data": {"patch": self._object(4)}}

    def _make_file_added(self) -> Wire:
        about = {"name": self._text(), "media_type": "text/csv", "size": 1, "sha256": "ab"}
        return {"type": "file.added", "data": {"file_id": self._id("file"), **about, **self._some(kind="csv")}}

    def _make_file_updated(self) -> Wire:
        data = {"file_id": self._id("file"), "status": self._pick(["uploaded", "parsing", "parsed", "rejected"])}
        return {
            "type": "file.updated",
            "data": data | self._some(kind="xls", reason=self._text()),
            **self._of_workflow(),
        }

    def _make_file_removed(self) -> Wire:
        return {"type": "file.removed", "data": {"file_id": self._id("file")}}

    def _make_artifact_created(self) -> Wire:
        data = {"artifact_id": self._id("art"), "name": self._text(), "kind": "table", "media_type": "a/b", "size": 1}
        rendition = {"media_type": "text/markdown", "name": self._text(), "blob": self._id("blob"), "size": 2}
        data |= self._some(file_id="file_1", blob=self._pick([None, "blob_1"]), renditions=[rendition])
        return {"type": "artifact.created", "data": data, **self._of_workflow()}

    def _make_artifact_updated(self) -> Wire:
        status = self._pick(["draft", "review", "approved", "implemented", "active"])
        data = {"artifact_id": self._id("art"), "version": self._random.randint(0, 4), "status": status}
        return {"type": "artifact.updated", "data": data}

    def _make_unknown(self) -> Wire:
        return {"type": "presence.changed", **self._some(data=self._object()), **self._of_run()}


def random_log(seed: int) -> list[Wire]:
    return LogMaker(seed).log()


def main(first_seed: int, count: int) -> None:
    for seed in range(first_seed, first_seed + count):
        entries = random_log(seed)
        session = fold(Session(SESSION_ID), map(entry_from_json, entries))
        vector = {"name": f"seed {seed}", "session_id": SESSION_ID, "entries": entries}
        sys.stdout.write(json.dumps({**vector, "snapshot": snapshot_document(session)}) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
