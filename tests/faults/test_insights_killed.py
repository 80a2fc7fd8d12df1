"""The server is killed at every step of the insights' work: it finishes with the same result, no finished step runs again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.api.server_process import ServerProcess
from tests.faults.test_content_killed import Work, completions
from tests.insights.planted_tables import late_payers

ORCHESTRATOR = "InsightsOrchestrator"


def ledger() -> bytes:
    table = late_payers(1_200, 1, customers=40, late=3)
    lines = [",".join(name for name, _ in table.columns)]
    lines += [",".join(str(value) for value in row) for row in table.rows]
    return "\n".join(lines).encode()


def without_ids(result: dict[str, Any]) -> str:
    plain = {key: value for key, value in result.items() if key not in ("state_id", "artifact_id", "analyses")}
    plain["analyses"] = [
        {key: value for key, value in item.items() if key != "artifact_id"} for item in result.get("analyses", [])
    ]
    return repr(sorted(plain.items()))


@pytest.mark.timeout(240)
async def test_analyses_and_answers_survive_a_kill_in_every_step(tmp_path: Path) -> None:
    async with ServerProcess(tmp_path / "data") as server:
        work = Work(server)
        await work.open()
        file = await work.upload("ledger.csv", ledger())
        await work.ended()
        question = {"question": "Which debtor is more than 60 days late on average?"}
        for operation, extra, steps in (
            ("analyze_content_for_insights", {}, ("findings", "questions")),
            ("query_analysis_results", question, ("answer",)),
            ("create_visualization", {"question": "gross by area"}, ("chart",)),
        ):
            results: list[str] = []
            for killed in (None, *steps):
                body = {
                    "orchestrator": ORCHESTRATOR,
                    "operation": operation,
                    "input": {"file_id": file["file_id"], **extra},
                }
                workflow_id = (await work.ask("POST", f"{work.path}/workflows", json=body))["workflow_id"]
                if killed is not None:
                    await work.kill_in(workflow_id, killed)
                await work.ended()
                found = await work.workflow(workflow_id)
                assert found["workflow"]["status"] == "completed", found["workflow"]["error"]
                assert completions(found["journal"]) == dict.fromkeys(steps, 1)
                results.append(without_ids(found["workflow"]["result"]))
            assert len(set(results)) == 1
