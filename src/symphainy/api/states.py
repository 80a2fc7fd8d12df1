"""General state, and stored states with their provenance."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Header, Path, Response

from symphainy.api.auth import App, Opened
from symphainy.api.errors import problems, writing
from symphainy.api.frames import PLACE
from symphainy.api.live import parse_cursor
from symphainy.api.models import ClientId, PutState, StateList, StateModel, StateValue
from symphainy.api.paging import CursorQuery, LimitQuery, page
from symphainy.api.strict_json import StrictRoute
from symphainy.codec import to_json
from symphainy.errors import StateNotFound, VersionConflict
from symphainy.session import Session

router = APIRouter(tags=["state"], route_class=StrictRoute)

ETAG_PATTERN: Final[dict[str, Any]] = {"pattern": rf'^(\*|(W/)?"{PLACE}")$'}
StateId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]


@router.get("/sessions/{session_id}/state", response_model=StateValue, responses=problems(404))
async def get_state(opened: Opened, response: Response) -> StateValue:
    """The session's general state."""
    return _state(opened.session, response)


@router.patch("/sessions/{session_id}/state", response_model=StateValue, responses=writing(404, 409))
async def patch_state(
    app: App,
    opened: Opened,
    response: Response,
    patch: Annotated[dict[str, Any], Body(description="JSON Merge Patch (RFC 7396).")],
    if_match: Annotated[
        str | None,
        Header(description="The ETag up to which you have seen the session.", json_schema_extra=ETAG_PATTERN),
    ] = None,
    idempotency_key: Annotated[ClientId | None, Header()] = None,
) -> StateValue:
    """Merges into the general state. With If-Match, 409 if somebody wrote one of the patch's keys since. The same
    Idempotency-Key again merges nothing and answers with the state as it is now."""
    expected = None
    cursor = None if if_match in (None, "*") else parse_cursor(if_match.removeprefix("W/").strip('"'))
    if cursor is not None:
        if cursor.epoch != opened.session.epoch:
            held = {key: opened.session.state.get(key) for key in patch}
            raise VersionConflict(
                "The session was set back since.", details={"seq": opened.session.seq, "current": held}
            )
        expected = cursor.seq
    session = await app.sessions.patch_state(
        opened.session_id,
        patch,
        expected_seq=expected,
        op_id=f"patch:{idempotency_key}" if idempotency_key else None,
        actor=opened.actor,
    )
    return _state(session, response)


@router.get("/sessions/{session_id}/states", response_model=StateList, responses=problems(404, 409))
async def list_states(app: App, opened: Opened, cursor: CursorQuery = None, limit: LimitQuery = 50) -> StateList:
    """Stored states without their data."""
    refs = await app.sessions.list_states(opened.session_id)
    items, following = page([(ref.state_id, ref) for ref in refs], cursor, limit)
    return StateList(states=items, next_cursor=following)


@router.get("/sessions/{session_id}/states/{state_id}", response_model=StateModel, responses=problems(404))
async def get_stored_state(app: App, opened: Opened, state_id: StateId) -> StateModel:
    """A stored state: its data, and which orchestrator, workflow and services made it."""
    return StateModel.model_validate(to_json(await app.sessions.get_state(opened.session_id, state_id)))


@router.put(
    "/sessions/{session_id}/states/{state_id}",
    response_model=StateModel,
    responses={201: {"model": StateModel, "description": "Stored for the first time."}, **writing(404, 409)},
)
async def put_stored_state(
    app: App,
    opened: Opened,
    state_id: StateId,
    body: PutState,
    response: Response,
    idempotency_key: Annotated[ClientId | None, Header()] = None,
) -> StateModel:
    """Stores the state under this id. With `expected_seq`, 409 if it was written after that seq. The same
    Idempotency-Key again stores nothing and answers with what it stored."""
    try:
        await app.sessions.get_state(opened.session_id, state_id)
    except StateNotFound:
        response.status_code = 201
    state = await app.sessions.store_state(
        opened.session_id,
        body.state_data,
        state_id=state_id,
        orchestrator_metadata=body.orchestrator_metadata.to_metadata(),
        metadata=body.metadata,
        ttl=body.ttl,
        expected_seq=body.expected_seq,
        op_id=f"put:{idempotency_key}" if idempotency_key else None,
        actor=opened.actor,
    )
    return StateModel.model_validate(to_json(state))


@router.delete("/sessions/{session_id}/states/{state_id}", status_code=204, responses=writing(404))
async def delete_stored_state(app: App, opened: Opened, state_id: StateId) -> Response:
    """What was stored before stays in the session's log until the session is erased."""
    await app.sessions.delete_state(opened.session_id, state_id)
    return Response(status_code=204)


def _state(session: Session, response: Response) -> StateValue:
    response.headers["ETag"] = f'"{session.epoch}.{session.seq}"'
    return StateValue(state=dict(session.state), seq=session.seq)
