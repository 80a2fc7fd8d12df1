"""SessionManagerService: sessions, conversations, orchestrator context, stored state, in the application's words.

Every method that writes is durable on return, and idempotent where the caller brings an id. Nothing is kept here: a
second service on the same store, in this process or another, sees the same sessions at once.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from symphainy import entries as log
from symphainy import inputs
from symphainy.codec import decode_entry
from symphainy.credentials import Credential, Credentials, NewSession
from symphainy.entries import Draft, Entry
from symphainy.errors import (
    ConversationNotFound,
    IdempotencyMismatch,
    InvalidInput,
    JsonObject,
    LeaseLost,
    SessionClosed,
    SessionNotFound,
    StateNotFound,
    TooLarge,
    TooMany,
    VersionConflict,
    WorkExists,
)
from symphainy.files.base import FileStore
from symphainy.history import check_repeat, message_of, read_history, state_of
from symphainy.ids import new_id, seconds_of, timestamp
from symphainy.policy import SessionPolicy
from symphainy.session import (
    Action,
    AgentType,
    Conversation,
    Message,
    MessageStatus,
    OrchestratorMetadata,
    OrchestratorName,
    Role,
    ServiceUse,
    Session,
    State,
    StateRef,
    Workflow,
    orchestrator_states,
    parse_conversation_id,
)
from symphainy.stores.base import Appended, Lease
from symphainy.tracking import OrchestratorState, Tracked
from symphainy.traffic_cop import TrafficCop


@dataclass(frozen=True, slots=True)
class SessionPage:
    sessions: tuple[Session, ...]
    next_cursor: str | None


class SessionManagerService:
    def __init__(self, traffic_cop: TrafficCop, files: FileStore, policy: SessionPolicy | None = None) -> None:
        self._cop = traffic_cop
        self._files = files
        self.policy = policy or SessionPolicy()
        self._credentials = Credentials(traffic_cop, self.policy.token)

    async def create_session(
        self, user_id: str, *, context: JsonObject | None = None, title: str = "", session_id: str | None = None
    ) -> NewSession:
        """A new session of the user and its token. Raises TooMany at the user's cap, SessionExists for an id that is
        taken."""
        session = await self.open_session(user_id, context=context, title=title, session_id=session_id)
        return NewSession(session, await self.issue_token(user_id, session.session_id))

    async def open_session(
        self, user_id: str, *, context: JsonObject | None = None, title: str = "", session_id: str | None = None
    ) -> Session:
        """As `create_session`, for a caller whose own credential opens all of the user's sessions: no token is made."""
        if session_id:
            await self._files.readmit_session(session_id)
        session_id = session_id or new_id("ses")
        lifetime = self.policy.session
        now = self._cop.clock.now()
        body = log.SessionCreated(
            user_id,
            new_id("ep"),
            timestamp(now + min(lifetime.idle, lifetime.absolute)),
            title,
            inputs.json_object(context or {}, "context", self.policy.max_state_bytes),
            round(lifetime.idle * 1000),
            timestamp(now + lifetime.absolute),
        )
        drafts = [Draft(body, f"user:{user_id}")]
        cap = self.policy.max_sessions_per_user
        return await self._cop.create(session_id, user_id, lifetime, drafts, max_sessions=cap)

    async def get_session(self, session_id: str) -> Session:
        """The session with every write acknowledged before the call. Raises SessionNotFound."""
        return await self._cop.session(session_id)

    async def list_sessions(self, user_id: str, *, cursor: str | None = None, limit: int = 50) -> SessionPage:
        """The user's live sessions, newest activity first. A session that is erased meanwhile is left out."""
        heads, next_cursor = await self._cop.list_sessions(user_id, cursor=cursor, limit=limit)
        sessions: list[Session] = []
        for head in heads:
            with suppress(SessionNotFound):
                sessions.append(await self.get_session(head.session_id))
        return SessionPage(tuple(sessions), next_cursor)

    async def update_session(
        self,
        session_id: str,
        *,
        title: str | None = None,
        context: JsonObject | None = None,
        op_id: str | None = None,
        actor: str = "system",
    ) -> Session:
        """Renames, and merges `context` (JSON Merge Patch, RFC 7396). None leaves a part as it is."""
        patch = None if context is None else inputs.json_object(context, "context", self.policy.max_state_bytes)
        await self.record(session_id, [Draft(log.SessionUpdated(title=title, context=patch), actor)], op_id=op_id)
        return await self.get_session(session_id)

    async def renew_epoch(self, session_id: str) -> Session:
        """Gives the log a new identity, after a client has shown a place in it that is not there any more."""
        await self.record(session_id, [Draft(log.SessionUpdated(epoch=new_id("ep")), "system")])
        return await self.get_session(session_id)

    async def patch_state(
        self,
        session_id: str,
        patch: JsonObject,
        *,
        expected_seq: int | None = None,
        op_id: str | None = None,
        actor: str = "system",
    ) -> Session:
        """Merges into the general state (JSON Merge Patch, RFC 7396). Writers of different keys never collide.

        With `expected_seq`, raises VersionConflict if a later entry wrote one of the patch's top-level keys; its
        details hold the `current` values of these keys. The same `op_id` again merges nothing; with another patch it
        raises IdempotencyMismatch.
        """
        current = await self._cop.session(session_id)
        inputs.json_object({**current.state, **patch}, "state", self.policy.max_state_bytes)
        drafts = [Draft(log.ValuePatched(patch), actor)]
        try:
            await self.record(session_id, drafts, op_id=op_id, expected_seq=expected_seq)
        except VersionConflict as conflict:
            now = await self._cop.session(session_id)
            held = {key: now.state.get(key) for key in patch}
            raise VersionConflict(conflict.message, details={"seq": now.seq, "current": held}) from conflict
        return await self.get_session(session_id)

    async def close_session(self, session_id: str, *, reason: str = "deleted") -> None:
        """Ends and erases the session: log, files, tokens. Open feeds are told. Raises SessionNotFound."""
        try:
            with suppress(SessionClosed):  # by an attempt that could not erase everything
                await self.record(session_id, [Draft(log.SessionClosed(reason), "system")])
        finally:
            await self._erase(session_id)

    async def close_expired(self, *, limit: int = 100) -> int:
        """Erases sessions whose time is over, and says how many."""
        heads = await self._cop.expired(limit)
        for head in heads:
            await self._erase(head.session_id)
        return len(heads)

    async def _erase(self, session_id: str) -> None:
        """The files first: while its log is there, an erasure that failed half way is found and done again."""
        await self._files.delete_session(session_id)
        await self._cop.delete(session_id)

    async def issue_token(self, user_id: str, session_id: str | None = None) -> str:
        """A new credential for one session, or for all of the user's. Returned once, stored only as a hash."""
        return await self._credentials.issue(user_id, session_id)

    async def resolve_session_token(self, token: str) -> Credential:
        """Whose token it is. Counts as use. Raises NotAuthenticated if it is unknown, idle too long, too old, or
        revoked."""
        return await self._credentials.resolve(token)

    async def check_credential(self, credential: Credential) -> None:
        """Raises NotAuthenticated once the token behind it is expired or revoked."""
        await self._credentials.check(credential)

    async def rotate_session_token(
        self, credential: Credential, *, token: str | None = None, key: str | None = None
    ) -> str:
        """A new token with the same reach; the old one is dead on return, and feeds that it opened end.

        With the old `token` itself and a random `key`, `repeat_rotation` gives the same answer again.
        """
        return await self._credentials.rotate(credential, token, key)

    async def repeat_rotation(self, token: str, key: str) -> tuple[Credential, str]:
        """The credential that was rotated and the token that it gave way to, for two minutes and until that is used.
        Raises NotAuthenticated."""
        return await self._credentials.repeat(token, key)

    async def revoke_session_token(self, credential: Credential) -> None:
        """The token is dead on return, and feeds that it opened end."""
        await self._credentials.retire(credential, "revoked")

    async def resolve_conversation(self, conversation_id: str) -> tuple[str, AgentType]:
        """The session and agent type that a conversation id stands for. Raises ConversationNotFound. Opens nothing
        by itself."""
        found = parse_conversation_id(conversation_id)
        if found is None:
            raise ConversationNotFound(f"There is no conversation {conversation_id!r}.")
        try:
            await self._cop.session(found[0])
        except SessionNotFound as missing:
            raise ConversationNotFound(f"There is no conversation {conversation_id!r}.") from missing
        return found

    async def add_conversation_message(
        self,
        session_id: str,
        agent_type: AgentType | str,
        role: Role | str,
        content: str,
        orchestrator_context: JsonObject | None = None,
        *,
        message_id: str | None = None,
        status: MessageStatus = MessageStatus.COMPLETED,
        actions: tuple[Action, ...] = (),
        evidence: tuple[JsonObject, ...] = (),
        files: tuple[str, ...] = (),
        run_id: str | None = None,
        actor: str | None = None,
        also: Sequence[Draft] = (),
        fence: Lease | None = None,
    ) -> Message:
        """Adds a message to an agent's conversation, in one append with `also`.

        The same `message_id` again adds nothing and returns the message of the first call; with another role, content
        or files it raises IdempotencyMismatch, or, under a `fence`, LeaseLost: only the next owner can have written it.
        """
        agent, message_id = inputs.agent_type(agent_type), message_id or new_id("msg")
        if len(content.encode()) > self.policy.max_message_bytes:
            raise TooLarge(f"A message may have at most {self.policy.max_message_bytes:,} bytes.")
        body = log.MessageAdded(
            message_id, inputs.role(role), content, status, orchestrator_context, actions, evidence, files
        )
        actor = actor or (f"agent:{agent.value}" if body.role is Role.ASSISTANT else "user")
        drafts = [Draft(body, actor, agent, run_id if body.role is Role.ASSISTANT else None), *also]
        done = await self._cop.append(session_id, drafts, op_id=f"message:{agent.value}:{message_id}", fence=fence)
        added = (entry := await self._entry(session_id, done.first_seq)).body
        said = (body.role, body.content, body.files)
        if not isinstance(added, log.MessageAdded) or (added.role, added.content, added.files) != said:
            refused = IdempotencyMismatch if fence is None else LeaseLost
            raise refused(f"Message {message_id!r} was sent before with other content.")
        return message_of(entry, added)

    async def get_conversation_history(
        self, session_id: str, agent_type: AgentType | str, *, before: int | None = None, limit: int | None = None
    ) -> list[Message]:
        """The newest `limit` messages (None: all) of the conversation that were added before the seq `before`, oldest
        first.

        The cost grows with `limit`, not with the conversation.
        """
        session = await self._cop.session(session_id)
        return await read_history(self._cop, session, inputs.agent_type(agent_type), before=before, limit=limit)

    async def update_conversation_orchestrator_context(
        self, session_id: str, agent_type: AgentType | str, orchestrator_context: JsonObject
    ) -> Conversation:
        """Merges into the conversation's orchestrator context (JSON Merge Patch, RFC 7396)."""
        agent = inputs.agent_type(agent_type)
        body = log.ConversationContextUpdated(
            inputs.json_object(orchestrator_context, "orchestrator_context", self.policy.max_state_bytes)
        )
        await self.record(session_id, [Draft(body, "system", agent)])
        return (await self._cop.session(session_id)).conversations[agent]

    async def track_orchestrator_workflow(
        self, session_id: str, orchestrator_name: OrchestratorName | str, workflow_data: JsonObject
    ) -> Workflow:
        """Reports a workflow that somebody else executes: `workflow_id`, `status`, `enabling_services`, `title`,
        `result`.

        The first report of an id starts it, later ones change only what they name. An ended workflow stays as it
        ended: WorkClosed.
        """
        report = Tracked.read(inputs.orchestrator_name(orchestrator_name), workflow_data)
        try:
            await self.record(session_id, [report.started, *report.changes])
        except WorkExists:
            if report.changes:
                await self.record(session_id, report.changes)
        return (await self._cop.session(session_id)).workflows[report.workflow_id]

    async def get_orchestrator_state(
        self, session_id: str, orchestrator_name: OrchestratorName | str
    ) -> OrchestratorState:
        """The orchestrator's derived status and its workflows in the session, in the order in which they started."""
        name = inputs.orchestrator_name(orchestrator_name)
        session = await self._cop.session(session_id)
        mine = tuple(item for item in session.workflows.values() if item.orchestrator is name)
        return OrchestratorState(name, orchestrator_states(session)[name], mine)

    async def update_enabling_service_status(self, session_id: str, service_name: str, status: str) -> ServiceUse:
        """Records the use of an enabling service. `processing`, and the first report of all, count as one
        invocation."""
        shown = inputs.STATUS_ALIASES.get(status, status)
        await self.record(session_id, [Draft(log.ServiceUpdated(service_name, str(shown)), f"service:{service_name}")])
        return (await self._cop.session(session_id)).enabling_services[service_name]

    async def store_state(
        self,
        session_id: str,
        state_data: JsonObject,
        *,
        state_id: str | None = None,
        orchestrator_metadata: OrchestratorMetadata | None = None,
        metadata: JsonObject | None = None,
        ttl: int | None = None,
        expected_seq: int | None = None,
        op_id: str | None = None,
        actor: str = "system",
    ) -> State:
        """Keeps a named value with its provenance; a state of the same id is replaced. `ttl` in seconds from now, None:
        for ever.

        With `expected_seq`, raises VersionConflict if the state was written after that seq. The same `op_id` again
        stores nothing and returns the first call's state; with another state it raises IdempotencyMismatch.
        """
        state_id = state_id or new_id("st")
        held = (await self._cop.session(session_id)).states
        if state_id not in held and len(held) >= self.policy.max_states:
            raise TooMany(f"A session may keep at most {self.policy.max_states:,} states. Delete some first.")
        if ttl is not None and ttl <= 0:
            raise InvalidInput("ttl is a number of seconds above 0.")
        provenance = orchestrator_metadata or OrchestratorMetadata()
        most = self.policy.max_state_bytes
        data = inputs.json_object(state_data, "state_data", most)
        body = log.StateStored(state_id, data, provenance, inputs.json_object(metadata or {}, "metadata", most), ttl)
        draft = Draft(body, actor, workflow_id=provenance.workflow_id)
        done = await self.record(session_id, [draft], op_id=op_id, expected_seq=expected_seq)
        return state_of(session_id, await self._entry(session_id, done.first_seq), body)

    async def get_state(self, session_id: str, state_id: str) -> State:
        """Raises StateNotFound if it was never stored, was deleted, or its ttl is over."""
        ref = (await self._cop.session(session_id)).states.get(state_id)
        if ref is None or self._over(ref):
            raise StateNotFound(f"There is no state {state_id!r} in this session.")
        entry = await self._entry(session_id, ref.seq)
        assert isinstance(entry.body, log.StateStored)
        return state_of(session_id, entry, entry.body)

    async def list_states(self, session_id: str) -> list[StateRef]:
        """The session's states without their data, in the order in which they were first stored."""
        held = (await self._cop.session(session_id)).states
        return [ref for ref in held.values() if not self._over(ref)]

    async def delete_state(self, session_id: str, state_id: str) -> None:
        """Raises StateNotFound."""
        await self.get_state(session_id, state_id)
        await self.record(session_id, [Draft(log.StateDeleted(state_id), "system")])

    async def watch(self, session_id: str, after: int) -> AsyncIterator[Entry]:
        """Every entry after the seq `after` exactly once, in order, without end. Raises SessionNotFound when the
        session ends."""
        async for batch in self._cop.subscribe(session_id, after):
            for item in batch:
                yield decode_entry(item.seq, item.data)

    async def entries(self, session_id: str, *, after: int = 0, topic: str | None = None) -> list[Entry]:
        """The next page of the log after a seq; with `topic` only a workflow's or a run's own entries. Empty at the
        end."""
        return await self._cop.entries(session_id, after=after, topic=topic)

    async def record(
        self,
        session_id: str,
        drafts: Sequence[Draft],
        *,
        op_id: str | None = None,
        expected_seq: int | None = None,
        fence: Lease | None = None,
    ) -> Appended:
        """Appends entries next to each other: for what has no method of its own. Raises as `Store.append`, and
        IdempotencyMismatch if the first draft is not the one that was sent before under this `op_id`."""
        done = await self._cop.append(session_id, drafts, op_id=op_id, expected_seq=expected_seq, fence=fence)
        if done.repeated:
            check_repeat(await self._entry(session_id, done.first_seq), drafts[0])
        return done

    async def _entry(self, session_id: str, seq: int) -> Entry:
        return (await self._cop.entries(session_id, after=seq - 1, limit=1))[0]

    def _over(self, ref: StateRef) -> bool:
        return ref.ttl is not None and self._cop.clock.now() >= seconds_of(ref.stored_at) + ref.ttl
