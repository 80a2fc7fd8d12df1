"""The content orchestrator's operations, on a real application: copybooks, e-mail, metadata only, validation, conversion."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from email.message import EmailMessage
from pathlib import Path

import orjson
import pytest

from symphainy.app import Symphainy, open_symphainy
from symphainy.config import Settings
from symphainy.entries import FileAdded
from symphainy.errors import InvalidInput, NotFound
from symphainy.ids import new_id
from symphainy.session import AgentType, File, FileStatus, JsonObject, OrchestratorName, Session, Status, Workflow
from tests.enabling.ebcdic_files import COPYBOOK, policies

TABLE = "id,name,amount\n1,Meyer,10.50\n2,Weber,20.25\n2,Weber,20.25\n3,,5\n"


class Desk:
    def __init__(self, app: Symphainy, session_id: str) -> None:
        self.app = app
        self.session_id = session_id

    async def session(self) -> Session:
        return await self.app.sessions.get_session(self.session_id)

    async def upload(self, name: str, content: str | bytes, *, metadata_only: bool = False) -> File:
        data = content.encode() if isinstance(content, str) else content

        async def chunks() -> AsyncIterator[bytes]:
            yield data

        return await self.app.uploads.add(
            self.session_id, name, chunks(), user_id="ada", file_id=new_id("file"), metadata_only=metadata_only
        )

    async def start(self, operation: str, input: JsonObject) -> Workflow:
        return await self.app.business.start(
            self.session_id, OrchestratorName.CONTENT, operation, input, requested_by="user:ada"
        )

    async def until(self, condition: Callable[[Session], bool]) -> Session:
        async with asyncio.timeout(45):
            while not condition(session := await self.session()):
                await asyncio.sleep(0.02)
        return session

    async def done(self) -> Session:
        """Waits until every workflow has ended."""
        return await self.until(lambda session: all(item.status.finished for item in session.workflows.values()))

    async def run(self, operation: str, input: JsonObject) -> Workflow:
        workflow = await self.start(operation, input)
        return (await self.done()).workflows[workflow.workflow_id]

    async def artifact(self, artifact_id: str) -> bytes:
        artifact = (await self.session()).artifacts[artifact_id]
        return (await self.app.files.path(self.session_id, artifact.versions[-1].blob)).read_bytes()


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_symphainy(Settings(data=tmp_path / "data", store="memory://")) as app:
        session = await app.sessions.create_session("ada")
        yield Desk(app, session.session_id)


def waiting(session: Session) -> list[Workflow]:
    return [item for item in session.workflows.values() if item.status is Status.WAITING_FOR_USER]


async def test_binary_data_asks_for_its_copybook_and_goes_on_with_it(desk: Desk) -> None:
    data, rows = policies(40)
    file = await desk.upload("policies.dat", data)
    (workflow,) = waiting(await desk.until(lambda session: bool(waiting(session))))
    assert workflow.asked is not None
    assert [question.name for question in workflow.asked.questions] == ["copybook", "code_page"]
    session = await desk.session()
    assert (session.files[file.file_id].status, workflow.steps[0].status) == (FileStatus.UPLOADED, Status.QUEUED)
    copybook = await desk.upload("policy.cpy", COPYBOOK)
    session = await desk.until(lambda session: session.files[copybook.file_id].status is FileStatus.PARSED)
    offered = [
        action
        for message in session.conversations[workflow.conversation or ""].messages
        for action in message.actions
        if action.kind == "answer_workflow"
    ]
    assert offered[-1].label == "Use it for policies.dat"
    target = offered[-1].target
    await desk.app.business.answer(
        desk.session_id, target["workflow_id"], target["name"], target["answers"], requested_by="user:ada"
    )
    session = await desk.done()
    result = session.workflows[workflow.workflow_id].result
    assert result is not None
    assert (result["kind"], result["rows"], result["copybook_file_id"]) == ("records", len(rows), copybook.file_id)
    assert session.files[file.file_id].status is FileStatus.PARSED
    preview = orjson.loads(await desk.artifact(result["artifacts"]["preview"]))
    assert preview["tables"][0]["cells"][1][1] == rows[1][1]


async def test_an_answer_that_names_no_file_is_asked_again(desk: Desk) -> None:
    await desk.upload("policies.dat", policies(3)[0])
    (workflow,) = waiting(await desk.until(lambda session: bool(waiting(session))))
    await desk.app.business.answer(
        desk.session_id, workflow.workflow_id, "copybook", {"copybook": "nothing.cpy"}, requested_by="user:ada"
    )
    session = await desk.until(
        lambda session: any(item.asked and item.asked.name == "copybook 2" for item in waiting(session))
    )
    (workflow,) = waiting(session)
    assert workflow.asked is not None
    assert "'nothing.cpy'" in workflow.asked.title
    await desk.app.business.cancel(desk.session_id, workflow.workflow_id, requested_by="user:ada")


async def test_a_wrong_copybook_fails_with_its_reason_and_keeps_nothing(desk: Desk) -> None:
    copybook = await desk.upload("other.cpy", "       01  R.\n           05 A PIC 9(85).\n".replace("9(85)", "X(81)"))
    file = await desk.upload("policies.dat", policies(40)[0])
    (workflow,) = waiting(await desk.until(lambda session: bool(waiting(session))))
    await desk.app.business.cancel(desk.session_id, workflow.workflow_id, requested_by="user:ada")
    ended = await desk.run("analyze_file", {"file_id": file.file_id, "copybook_file_id": copybook.file_id})
    assert ended.error is not None
    assert ended.error.code == "copybook_mismatch"
    session = await desk.session()
    assert not [item for item in session.artifacts.values() if item.file_id == file.file_id]


def mail_with(*attachments: tuple[str, bytes], inner: EmailMessage | None = None) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.org", "b@example.org", "Claims"
    message["Date"] = "Mon, 02 Mar 2026 10:15:00 +0100"
    message.set_content("See the attachments.")
    for name, data in attachments:
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    if inner is not None:
        message.add_attachment(inner)
    return message


async def test_attachments_become_files_with_an_analysis_of_their_own_once(desk: Desk) -> None:
    inner = mail_with(("inner.csv", b"a,b\n1,2\n3,4\n"))
    file = await desk.upload("claims.eml", mail_with(("claims.csv", TABLE.encode()), inner=inner).as_bytes())
    session = await desk.done()
    assert sorted(item.name for item in session.files.values()) == [
        "Claims.eml",
        "claims.csv",
        "claims.eml",
        "inner.csv",
    ]
    assert {item.status for item in session.files.values()} == {FileStatus.PARSED}
    result = next(item.result for item in session.workflows.values() if item.input["file_id"] == file.file_id)
    assert result is not None
    assert [item["name"] for item in result["attachments"]] == ["claims.csv", "Claims.eml"]
    for item in result["attachments"]:
        assert session.workflows[item["workflow_id"]].status is Status.COMPLETED
    again = await desk.run("analyze_file", {"file_id": file.file_id})
    assert again.status is Status.COMPLETED


async def test_messages_inside_of_messages_end(desk: Desk) -> None:
    message = mail_with(("deepest.csv", b"a,b\n1,2\n"))
    for _ in range(6):
        message = mail_with(inner=message)
    await desk.upload("nest.eml", message.as_bytes())
    session = await desk.done()
    assert len(session.files) == 4


async def test_metadata_only_keeps_the_schema_and_no_value(desk: Desk) -> None:
    file = await desk.upload("claims.csv", TABLE, metadata_only=True)
    session = await desk.done()
    artifacts = [item for item in session.artifacts.values() if item.file_id == file.file_id]
    assert [item.kind for item in artifacts] == ["metadata"]
    kept = b"".join([await desk.artifact(item.artifact_id) for item in artifacts])
    assert b"Meyer" not in kept
    assert b'"amount"' in kept
    assert session.files[file.file_id].status is FileStatus.PARSED
    folder = (await desk.app.files.path(desk.session_id, file.file_id)).parent
    async with asyncio.timeout(10):
        # the workflow's own folder goes a moment after its end is recorded
        while len(list(folder.iterdir())) != 2:
            await asyncio.sleep(0.02)


async def test_validation_keeps_a_report_with_the_rows(desk: Desk) -> None:
    file = await desk.upload("claims.csv", TABLE)
    await desk.done()
    rules = [{"column": "amount", "rule": "maximum", "value": 20}]
    ended = await desk.run("validate_content", {"file_id": file.file_id, "rules": rules})
    assert ended.result is not None
    assert (ended.result["rows"], ended.result["failed"]) == (4, 3)
    report = orjson.loads(await desk.artifact(ended.result["artifact_id"]))
    rule = next(check for check in report["checks"] if check["name"] == "rule")
    assert [example["row"] for example in rule["examples"]] == [2, 3]
    again = await desk.run("validate_content", {"file_id": file.file_id})
    assert again.result is not None
    assert (await desk.session()).artifacts[again.result["artifact_id"]].version == 2


async def test_a_table_is_converted_to_be_downloaded(desk: Desk) -> None:
    file = await desk.upload("claims.csv", TABLE)
    await desk.done()
    ended = await desk.run("convert_format", {"file_id": file.file_id, "format": "json"})
    assert ended.result is not None
    assert ended.result["name"] == "claims.json"
    assert [row["name"] for row in orjson.loads(await desk.artifact(ended.result["artifact_id"]))][:2] == [
        "Meyer",
        "Weber",
    ]
    with pytest.raises(InvalidInput):
        await desk.start("convert_format", {"file_id": file.file_id, "format": "doc"})
    missing = await desk.run("convert_format", {"file_id": file.file_id, "format": "csv", "table": "other"})
    assert missing.error is not None
    assert missing.error.code == "missing_input"


async def test_work_that_needs_an_analysis_says_so(desk: Desk) -> None:
    file = await desk.upload("claims.csv", TABLE, metadata_only=True)
    await desk.done()
    for operation in ("validate_content", "convert_format"):
        with pytest.raises(InvalidInput, match="not analysed"):
            await desk.start(operation, {"file_id": file.file_id, "format": "csv"})


async def test_five_files_at_once_are_all_there_with_a_workflow_each(desk: Desk) -> None:
    files = await asyncio.gather(*(desk.upload(f"part {number}.csv", f"a,b\n{number},2\n") for number in range(5)))
    session = await desk.done()
    assert set(session.files) == {file.file_id for file in files}
    assert {item.status for item in session.files.values()} == {FileStatus.PARSED}
    assert sorted(item.input["file_id"] for item in session.workflows.values()) == sorted(session.files)
    added = [
        entry
        for entry in await desk.app.sessions.entries(desk.session_id, after=0)
        if isinstance(entry.body, FileAdded)
    ]
    assert len(added) == 5


async def test_a_batch_ends_with_what_became_of_each_file(desk: Desk) -> None:
    files = [await desk.upload(f"part {number}.csv", f"a,b\n{number},2\n") for number in range(3)]
    files.append(await desk.upload("broken.xlsx", b"PK\x03\x04 is no workbook"))
    await desk.done()
    ended = await desk.run("process_documents", {"file_ids": [file.file_id for file in files]})
    assert ended.result is not None, ended.error
    session = await desk.session()
    started = [session.workflows[item["workflow_id"]] for item in ended.result["files"]]
    assert [item.status for item in started] == [*[Status.COMPLETED] * 3, Status.FAILED]
    assert [item["rows"] for item in ended.result["files"]] == [1, 1, 1, None]
    assert ended.result["analysed"] == 3
    assert started[-1].error is not None
    said = session.conversations[AgentType.CONTENT].messages[-1].content
    assert "3 of 4 files analysed" in said
    assert started[-1].error.message in said


async def test_a_batch_of_files_that_cannot_be_read_fails_with_the_reasons(desk: Desk) -> None:
    file = await desk.upload("broken.xlsx", b"PK\x03\x04 is no workbook")
    await desk.done()
    ended = await desk.run("process_documents", {"file_ids": [file.file_id]})
    assert ended.error is not None
    assert (ended.status, ended.error.code) == (Status.FAILED, "nothing_analysed")
    assert "broken.xlsx" in ended.error.message


async def test_more_batches_than_slots_do_not_wait_for_each_other(desk: Desk) -> None:
    files = [await desk.upload(f"part {number}.csv", f"a,b\n{number},2\n") for number in range(4)]
    await desk.done()
    batches = [await desk.start("process_documents", {"file_ids": [file.file_id]}) for file in files]
    session = await desk.done()
    assert {session.workflows[item.workflow_id].status for item in batches} == {Status.COMPLETED}


async def test_a_batch_names_its_files(desk: Desk) -> None:
    with pytest.raises(InvalidInput):
        await desk.start("process_documents", {"file_ids": []})


async def test_samples_come_into_the_session_once_and_again_after_they_were_deleted(desk: Desk) -> None:
    first = await desk.app.uploads.add_sample(desk.session_id, "policies", user_id="ada")
    again = await desk.app.uploads.add_sample(desk.session_id, "policies", user_id="ada")
    assert [file.file_id for file in first] == [file.file_id for file in again]
    session = await desk.done()
    assert {item.status for item in session.files.values()} == {FileStatus.PARSED}
    records = next(item.result for item in session.workflows.values() if item.input["file_id"] == first[1].file_id)
    assert records is not None
    assert records["rows"] == 2_000
    await desk.app.uploads.remove(desk.session_id, first[1].file_id, user_id="ada")
    anew = await desk.app.uploads.add_sample(desk.session_id, "policies", user_id="ada")
    assert anew[0].file_id == first[0].file_id
    assert anew[1].file_id != first[1].file_id
    await desk.done()
    with pytest.raises(NotFound):
        await desk.app.uploads.add_sample(desk.session_id, "nothing", user_id="ada")
