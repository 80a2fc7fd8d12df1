"""ChatService: takes a user's message, has the right agent answer it, and leaves both in the session.

A turn belongs to the session, not to a connection: it goes on when the page is closed, and after a crash it is taken
again under the same run id.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from symphainy import entries as log
from symphainy import inputs
from symphainy.agents.base import Agent, Reply, Text, Turn
from symphainy.entries import Draft
from symphainy.errors import (
    Conflict,
    FileNotFound,
    IdempotencyMismatch,
    RunNotFound,
    ServiceError,
    TooMany,
    VersionConflict,
    WorkClosed,
    WorkExists,
)
from symphainy.fold import fold_alone
from symphainy.ids import derived_id, new_id
from symphainy.session import (
    AgentType,
    Failure,
    Message,
    MessageStatus,
    Role,
    Run,
    Session,
    Status,
)
from symphainy.sessions import SessionManagerService
from symphainy.stores.base import Lease
from symphainy.telemetry import span, traceparent, tracing
from symphainy.traffic_cop import turn_lane
from symphainy.workflows import Dispatcher, outcome_of, unless_ended

FLUSH_SECONDS: Final = 0.04
FLUSH_CHARACTERS: Final = 256
MAX_QUEUED: Final = 20
TITLE_CHARACTERS: Final = 60

OnBusy = Literal["enqueue", "reject", "interrupt"]


@dataclass(frozen=True, slots=True)
class Accepted:
    """The message and its run are durable; the answer comes in the session's log."""

    message_id: str
    run_id: str
    seq: int


def _unheard(accepted_at: str) -> None: ...


class ChatService:
    def __init__(
        self,
        sessions: SessionManagerService,
        dispatcher: Dispatcher,
        agents: Mapping[AgentType, Agent],
        *,
        begun: Callable[[str], None] = _unheard,
    ) -> None:
        """`begun` is told when a turn that begins here was accepted."""
        self._begun = begun
        self._sessions = sessions
        self._dispatcher = dispatcher
        self._agents = agents

    async def send_message(
        self,
        session_id: str,
        agent_type: AgentType | str,
        content: str,
        *,
        user_id: str,
        message_id: str | None = None,
        files: tuple[str, ...] = (),
        on_busy: OnBusy = "enqueue",
    ) -> Accepted:
        """The user's message and the run that will answer it, durable on return.

        The same `message_id` again changes nothing. While another run of this agent is going, `on_busy` waits behind
        it, refuses (Conflict), or stops it. Raises TooMany when too many runs wait already, FileNotFound for an
        unknown file.
        """
        agent = inputs.agent_type(agent_type)
        message_id = message_id or new_id("msg")
        run_id = derived_id("run", session_id, message_id)
        session = await self._sessions.get_session(session_id)
        for file_id in files:
            if file_id not in session.files:
                raise FileNotFound(f"There is no file {file_id!r} in this session.")
        if run_id not in session.runs:
            await self._make_room(session, agent, on_busy)
        actor = f"user:{user_id}"
        also = [Draft(log.RunStarted(message_id), actor, agent, run_id, traceparent=traceparent())]
        if not session.title:
            also.append(Draft(log.SessionUpdated(title=_title(content)), actor))
        try:
            message = await self._sessions.add_conversation_message(
                session_id, agent, Role.USER, content, message_id=message_id, files=files, actor=actor, also=also
            )
        except WorkExists as known:
            raise IdempotencyMismatch(f"Message {message_id!r} was sent before to another agent.") from known
        self._dispatcher.submit(session_id, turn_lane(agent.value))
        return Accepted(message_id, run_id, message.seq)

    async def send_message_to_guide(self, message: str, session_id: str, user_id: str) -> Accepted:
        return await self.send_message(session_id, AgentType.GUIDE, message, user_id=user_id)

    async def get_run(self, session_id: str, run_id: str) -> Run:
        """The run as of now, also one that the session's snapshot no longer holds. Raises RunNotFound."""
        session = await self._sessions.get_session(session_id)
        if run_id not in session.runs:
            session = fold_alone(session_id, await self._sessions.entries(session_id, topic=run_id))
        if run_id not in session.runs:
            raise RunNotFound(f"There is no run {run_id!r} in this session.")
        return session.runs[run_id]

    async def cancel_run(self, session_id: str, run_id: str) -> Run:
        """Ends the run now; what it has said so far is kept. A run that has ended already is returned as it ended."""
        while True:
            session = await self._sessions.get_session(session_id)
            run = await self.get_run(session_id, run_id)
            if run.status.finished:
                return run
            try:
                await self._sessions.record(session_id, _cancelling(session, run), expected_seq=session.seq)
            except (VersionConflict, WorkClosed):
                continue
            lane = turn_lane(run.agent_type.value)
            self._dispatcher.submit(session_id, lane)
            self._dispatcher.interrupt(session_id, lane)

    async def retry_run(self, session_id: str, run_id: str, *, new_run_id: str | None = None) -> Accepted:
        """Answers the same message again in a new run; the old answer stays. Raises RunNotFound; Conflict while it
        is going."""
        run = await self.get_run(session_id, run_id)
        if not run.status.finished:
            raise Conflict("This run is still going; stop it first.")
        new_run_id = new_run_id or new_id("run")
        again = log.RunStarted(run.message_id, retry_of=run_id)
        draft = Draft(again, "user", run.agent_type, new_run_id, traceparent=traceparent())
        done = await self._sessions.record(session_id, [draft], op_id=f"run:{new_run_id}")
        self._dispatcher.submit(session_id, turn_lane(run.agent_type.value))
        return Accepted(run.message_id, new_run_id, done.first_seq)

    async def execute(self, session_id: str, agent_type: str, lease: Lease) -> None:
        """Takes the conversation's open turns one after the other, in log order, under the lease."""
        while True:
            session = await self._sessions.get_session(session_id)
            waiting = _open_runs(session, AgentType(agent_type))
            if not waiting:
                return
            try:
                await self._take_turn(session, waiting[0], lease)
            except WorkClosed:
                continue  # it was cancelled meanwhile; the next one waits

    async def pending(self, session_id: str, agent_type: str) -> bool:
        """Whether the conversation has open turns."""
        return bool(_open_runs(await self._sessions.get_session(session_id), AgentType(agent_type)))

    async def _take_turn(self, session: Session, run: Run, lease: Lease) -> None:
        answer = _Answer(self._sessions, session, run, lease)

        async def has_ended() -> bool:
            return (await self.get_run(session.session_id, run.run_id)).status.finished

        if run.status is Status.QUEUED:
            self._begun(run.started_at)
        about = {"symphainy.session.id": session.session_id, "symphainy.run.id": run.run_id}
        parent = await self._trace_of(session, run)
        with span(f"turn.{run.agent_type.value}", about, parent=parent, expected=(WorkClosed,)) as going:
            outcome = await unless_ended(outcome_of(self._say(session, run, answer)), has_ended)
            if isinstance(outcome, Failure):
                going.fail(outcome.code)
                await answer.end(None, outcome)
            else:
                await answer.end(outcome, None)

    async def _trace_of(self, session: Session, run: Run) -> str | None:
        """The span in which the run was accepted, by whatever process."""
        if not tracing():
            return None
        entries = await self._sessions.entries(session.session_id, topic=run.run_id)
        return next((entry.traceparent for entry in entries if isinstance(entry.body, log.RunStarted)), None)

    async def _say(self, session: Session, run: Run, answer: _Answer) -> Reply | None:
        agent = self._agents.get(run.agent_type)
        if agent is None:
            raise ServiceError("no_agent", f"There is no {run.agent_type.value} in this installation.")
        message = await self._message_of(session, run)
        events = agent.answer(Turn(session, session.user_id, message, run.run_id))
        reply: Reply | None = None
        following = asyncio.ensure_future(anext(events, None))
        try:
            while True:
                done, _ = await asyncio.wait({following}, timeout=answer.patience())
                if not done:
                    await answer.flush()
                    continue
                match following.result():
                    case Text(text=text):
                        await answer.write(text)
                    case Reply() as said:
                        reply = said
                    case None:
                        return reply
                following = asyncio.ensure_future(anext(events, None))
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)

    async def _message_of(self, session: Session, run: Run) -> Message:
        for message in session.conversations[run.agent_type].messages:
            if message.message_id == run.message_id:
                return message
        for message in reversed(await self._sessions.get_conversation_history(session.session_id, run.agent_type)):
            if message.message_id == run.message_id:
                return message
        raise ServiceError("message_missing", "The message to answer is not in this conversation.")

    async def _make_room(self, session: Session, agent: AgentType, on_busy: OnBusy) -> None:
        going = _open_runs(session, agent)
        if going and on_busy == "reject":
            raise Conflict("The agent is still answering. Wait, stop it, or send with on_busy=enqueue.")
        if on_busy == "interrupt":
            for run in going:
                await self.cancel_run(session.session_id, run.run_id)
        elif len(going) >= MAX_QUEUED:
            raise TooMany(f"{MAX_QUEUED} messages wait for an answer already. Wait for one.", retry_after=1.0)


class _Answer:
    """One answer on its way into the log: opened late, flushed in pieces, ended together with its run.

    An answer that was begun before a crash is not streamed twice: it gets its whole text at the end.
    """

    def __init__(self, sessions: SessionManagerService, session: Session, run: Run, lease: Lease) -> None:
        self._sessions = sessions
        self._session_id = session.session_id
        self._run = run
        self._lease = lease
        self._message_id = derived_id("msg", run.run_id)
        held = session.conversations[run.agent_type].messages
        self._resumed = any(message.message_id == self._message_id for message in held)
        self._opened = self._resumed
        self._text = ""
        self._written = 0
        self._flushed_at = time.monotonic()

    def patience(self) -> float | None:
        """Seconds until what is there should be shown; None if nothing is due."""
        due = self._written < len(self._text) or not self._opened
        return max(0.0, self._flushed_at + FLUSH_SECONDS - time.monotonic()) if due and not self._resumed else None

    async def write(self, text: str) -> None:
        self._text += text
        if len(self._text) - self._written >= FLUSH_CHARACTERS and self.patience() == 0.0:
            await self.flush()

    async def flush(self) -> None:
        if not self._opened:
            await self._open(self._text, MessageStatus.STREAMING)
        elif not self._resumed and self._written < len(self._text):
            delta = log.MessageDelta(self._message_id, self._text[self._written :])
            await self._sessions.record(self._session_id, [self._draft(delta)], fence=self._lease)
        self._written = len(self._text)
        self._flushed_at = time.monotonic()

    async def end(self, reply: Reply | None, failure: Failure | None) -> None:
        """The whole answer and the end of its run, in one append."""
        status = MessageStatus.FAILED if failure else MessageStatus.COMPLETED
        finished = self._draft(log.RunFinished(Status.FAILED if failure else Status.COMPLETED, failure))
        text = self._text or (failure.message if failure else "")
        reply = reply or Reply(intent="", confidence=0.0)
        if not self._opened:
            await self._open(text, status, reply, also=[finished])
            return
        body = log.MessageCompleted(
            self._message_id, text, status, reply.orchestrator_context, reply.actions, reply.evidence
        )
        await self._sessions.record(self._session_id, [self._draft(body), finished], fence=self._lease)

    async def _open(
        self, text: str, status: MessageStatus, reply: Reply | None = None, also: Sequence[Draft] = ()
    ) -> None:
        await self._sessions.add_conversation_message(
            self._session_id,
            self._run.agent_type,
            Role.ASSISTANT,
            text,
            reply.orchestrator_context if reply else None,
            message_id=self._message_id,
            status=status,
            actions=reply.actions if reply else (),
            evidence=reply.evidence if reply else (),
            run_id=self._run.run_id,
            also=also,
            fence=self._lease,
        )
        self._opened = True

    def _draft(self, body: log.Body) -> Draft:
        agent = self._run.agent_type
        return Draft(body, f"agent:{agent.value}", agent, self._run.run_id)


def _open_runs(session: Session, agent: AgentType) -> list[Run]:
    return [run for run in session.runs.values() if run.agent_type is agent and not run.status.finished]


def _cancelling(session: Session, run: Run) -> list[Draft]:
    actor = "user"
    closing = [
        Draft(
            log.MessageCompleted(message.message_id, message.content, MessageStatus.CANCELLED),
            actor,
            run.agent_type,
            run.run_id,
        )
        for message in session.conversations[run.agent_type].messages
        if message.run_id == run.run_id and message.status is MessageStatus.STREAMING
    ]
    return [*closing, Draft(log.RunFinished(Status.CANCELLED), actor, run.agent_type, run.run_id)]


def _title(content: str) -> str:
    line = " ".join(content.split())
    return line if len(line) <= TITLE_CHARACTERS else line[: TITLE_CHARACTERS - 1].rstrip() + "\N{HORIZONTAL ELLIPSIS}"
