"""SessionManagerService on every embedded store: what the application relies on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from symphainy.errors import (
    IdempotencyMismatch,
    InvalidInput,
    NotAuthenticated,
    SessionNotFound,
    StateNotFound,
    VersionConflict,
    WorkClosed,
)
from symphainy.files.base import FileStore
from symphainy.session import AgentType, Contribution, OrchestratorMetadata
from symphainy.sessions import SessionManagerService
from symphainy.traffic_cop import TrafficCop

FOUR = {"ContentAnalysisOrchestrator", "InsightsOrchestrator", "OperationsOrchestrator", "BusinessOutcomesOrchestrator"}


async def test_a_new_session_has_the_published_fields_and_nothing_else(sessions: SessionManagerService) -> None:
    new = await sessions.create_session("ada", context={"source": "test"})
    document = new.to_dict()
    assert set(document) == {
        "session_id", "user_id", "session_token", "orchestrator_context", "conversations", "state", "workflow_states",
        "created_at", "updated_at", "expires_at", "last_activity", "seq",
    }  # fmt: skip
    assert document["orchestrator_context"] == {
        "active_orchestrators": [],
        "enabling_services": {},
        "workflow_delegation_chain": [],
    }
    assert set(new.session.conversations) == set(AgentType)
    assert new.session_token not in repr(new.session)


async def test_a_second_service_on_the_same_store_sees_the_conversation(
    sessions: SessionManagerService, cop: TrafficCop, files: FileStore
) -> None:
    new = await sessions.create_session("ada")
    await sessions.add_conversation_message(new.session_id, "guide_agent", "user", "Help me upload a file")
    other = SessionManagerService(TrafficCop(cop._store), files)  # pyright: ignore[reportPrivateUsage]
    history = await other.get_conversation_history(new.session_id, "guide_agent")
    assert [message.content for message in history] == ["Help me upload a file"]


async def test_a_message_id_sent_twice_is_one_message(sessions: SessionManagerService) -> None:
    new = await sessions.create_session("ada")

    async def send() -> int:
        message = await sessions.add_conversation_message(
            new.session_id, "guide_agent", "user", "hello", message_id="message-1"
        )
        return message.seq

    seqs = await asyncio.gather(*(send() for _ in range(20)))
    assert len(set(seqs)) == 1
    with pytest.raises(IdempotencyMismatch):
        await sessions.add_conversation_message(new.session_id, "guide_agent", "user", "other", message_id="message-1")


@pytest.mark.parametrize(("agent", "role"), [("root", "user"), ("guide_agent", "system"), ("guide_agent", "tool")])
async def test_roles_and_agent_types_are_closed_sets(sessions: SessionManagerService, agent: str, role: str) -> None:
    new = await sessions.create_session("ada")
    with pytest.raises(InvalidInput):
        await sessions.add_conversation_message(new.session_id, agent, role, "hello")


async def test_history_pages_back_through_hundreds_of_messages(sessions: SessionManagerService) -> None:
    new = await sessions.create_session("ada")
    for n in range(130):
        await sessions.add_conversation_message(new.session_id, "guide_agent", "user", f"m{n}")
    everything = await sessions.get_conversation_history(new.session_id, "guide_agent")
    assert [message.content for message in everything] == [f"m{n}" for n in range(130)]
    page = await sessions.get_conversation_history(new.session_id, "guide_agent", before=everything[70].seq, limit=30)
    assert [message.content for message in page] == [f"m{n}" for n in range(40, 70)]
    session = await sessions.get_session(new.session_id)
    held = session.conversations["guide_agent"]
    assert (len(held.messages), held.has_more) == (50, True)


async def test_a_second_workflow_does_not_overwrite_the_first(sessions: SessionManagerService) -> None:
    new = await sessions.create_session("ada")
    name = "ContentAnalysisOrchestrator"
    first = {"workflow_id": "workflow-1", "status": "processing", "enabling_services": ["FileParser"]}
    started = await sessions.track_orchestrator_workflow(new.session_id, name, first)
    await sessions.track_orchestrator_workflow(new.session_id, name, {"workflow_id": "workflow-2", "status": "active"})
    done = await sessions.track_orchestrator_workflow(
        new.session_id, name, {"workflow_id": "workflow-1", "status": "completed"}
    )
    assert done.started_at == started.started_at
    assert done.enabling_services == ("FileParser",)
    state = await sessions.get_orchestrator_state(new.session_id, name)
    assert state.status == "processing"
    assert [(item.workflow_id, item.status) for item in state.workflows] == [
        ("workflow-1", "completed"),
        ("workflow-2", "processing"),
    ]
    with pytest.raises(WorkClosed):
        await sessions.track_orchestrator_workflow(
            new.session_id, name, {"workflow_id": "workflow-1", "status": "failed"}
        )


async def test_service_use_is_counted(sessions: SessionManagerService) -> None:
    new = await sessions.create_session("ada")
    for status in ("processing", "completed", "processing", "failed"):
        use = await sessions.update_enabling_service_status(new.session_id, "FileParser", status)
    assert (use.invocations, use.status) == (2, "failed")  # pyright: ignore[reportPossiblyUnboundVariable]


async def test_conversation_context_merges(sessions: SessionManagerService) -> None:
    new = await sessions.create_session("ada")
    await sessions.update_conversation_orchestrator_context(new.session_id, "guide_agent", {"a": 1, "b": {"c": 2}})
    held = await sessions.update_conversation_orchestrator_context(new.session_id, "guide_agent", {"b": {"c": None}})
    assert held.orchestrator_context == {"a": 1, "b": {}}


async def test_patches_of_different_keys_never_collide_and_of_the_same_key_conflict(
    sessions: SessionManagerService,
) -> None:
    new = await sessions.create_session("ada")
    seen = (await sessions.get_session(new.session_id)).seq

    async def patch(n: int) -> None:
        await sessions.patch_state(new.session_id, {f"key{n}": n}, expected_seq=seen)

    await asyncio.gather(*(patch(n) for n in range(50)))
    state = (await sessions.get_session(new.session_id)).state
    assert state == {f"key{n}": n for n in range(50)}
    with pytest.raises(VersionConflict) as conflict:
        await sessions.patch_state(new.session_id, {"key7": "mine"}, expected_seq=seen)
    assert conflict.value.details["current"] == {"key7": 7}


async def test_a_state_keeps_its_provenance_and_its_newest_version(sessions: SessionManagerService) -> None:
    new = await sessions.create_session("ada")
    provenance = OrchestratorMetadata(
        "ContentAnalysisOrchestrator",
        "workflow-1",
        (Contribution("FileParser", "parsed_file", "2026-11-24T10:00:00.000Z"),),
        ("ContentAnalysisOrchestrator", "FileParser"),
    )
    stored = await sessions.store_state(new.session_id, {"rows": 1}, orchestrator_metadata=provenance)
    again = await sessions.store_state(new.session_id, {"rows": 2}, state_id=stored.state_id)
    assert stored.orchestrator_metadata == provenance
    assert (await sessions.get_state(new.session_id, stored.state_id)).state_data == {"rows": 2}
    assert len(await sessions.list_states(new.session_id)) == 1
    await sessions.delete_state(new.session_id, again.state_id)
    with pytest.raises(StateNotFound):
        await sessions.get_state(new.session_id, again.state_id)


async def test_tokens_rotate_and_revoke_at_once(sessions: SessionManagerService) -> None:
    new = await sessions.create_session("ada")
    credential = await sessions.resolve_session_token(new.session_token)
    assert (credential.user_id, credential.session_id) == ("ada", new.session_id)
    fresh = await sessions.rotate_session_token(credential)
    with pytest.raises(NotAuthenticated):
        await sessions.resolve_session_token(new.session_token)
    await sessions.revoke_session_token(await sessions.resolve_session_token(fresh))
    with pytest.raises(NotAuthenticated):
        await sessions.resolve_session_token(fresh)
    with pytest.raises(NotAuthenticated):
        await sessions.resolve_session_token(new.session_id)


async def test_a_conversation_id_leads_to_its_session_and_back(sessions: SessionManagerService) -> None:
    new = await sessions.create_session("ada")
    held = new.session.conversations["content_liaison"]
    assert await sessions.resolve_conversation(held.conversation_id) == (new.session_id, AgentType.CONTENT)


async def test_a_session_that_is_made_again_under_its_id_takes_files_again(
    sessions: SessionManagerService, files: FileStore
) -> None:
    async def content() -> AsyncIterator[bytes]:
        yield b"new"

    for _ in range(2):
        await sessions.open_session("ada", session_id="ses_again")
        await files.write("ses_again", "file_1", content(), max_bytes=10)
        await sessions.close_session("ses_again")


async def test_a_closed_session_is_gone_with_its_token(sessions: SessionManagerService) -> None:
    new = await sessions.create_session("ada")
    await sessions.close_session(new.session_id)
    with pytest.raises(SessionNotFound):
        await sessions.get_session(new.session_id)
    with pytest.raises(SessionNotFound):
        await sessions.add_conversation_message(new.session_id, "guide_agent", "user", "hello")
    with pytest.raises(NotAuthenticated):
        await sessions.resolve_session_token(new.session_token)


async def test_i5_a_watcher_that_came_first_sees_every_entry_once_and_in_order(sessions: SessionManagerService) -> None:
    new = await sessions.create_session("ada")
    seen: list[int] = []

    async def watch(after: int) -> list[int]:
        got: list[int] = []
        async for entry in sessions.watch(new.session_id, after):
            got.append(entry.seq)
            if entry.seq == 101:
                return got
        return got

    early = asyncio.create_task(watch(0))
    await asyncio.sleep(0)
    for n in range(50):
        await sessions.add_conversation_message(new.session_id, "guide_agent", "user", str(n))
    late = asyncio.create_task(watch(30))
    for n in range(50):
        await sessions.add_conversation_message(new.session_id, "guide_agent", "user", str(n))
    seen = await early
    assert seen == list(range(1, 102))
    assert await late == list(range(31, 102))


async def test_i3_a_session_from_a_snapshot_equals_the_fold_of_the_whole_log(
    sessions: SessionManagerService, cop: TrafficCop
) -> None:
    new = await sessions.create_session("ada")
    for n in range(90):
        await sessions.add_conversation_message(new.session_id, "guide_agent", "user", str(n))
    await asyncio.gather(*cop._tasks)  # pyright: ignore[reportPrivateUsage]
    store = cop._store  # pyright: ignore[reportPrivateUsage]
    _, snapshot = await store.load(new.session_id)
    assert snapshot is not None
    assert snapshot.seq >= 80
    fresh = await TrafficCop(store).session(new.session_id)
    assert fresh == await cop.session(new.session_id)
