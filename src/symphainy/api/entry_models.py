"""The log's entries as they go over the wire, for the OpenAPI document: one schema for each member of the closed union."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Union, get_args

from pydantic import BaseModel, Field, create_model

from symphainy.entries import Body
from symphainy.session import AgentType


class EntryEnvelope(BaseModel):
    """One line of the log. Readers skip types that they do not know, and fields that they do not know."""

    seq: int = Field(ge=1, description="Gapless from 1, and the only order.")
    ts: str
    actor: str
    conversation: AgentType | None
    run_id: str | None
    workflow_id: str | None
    op_id: str | None
    traceparent: str | None = Field(None, description="The span in which work was accepted or begun.")


def _model(body: type[Any]) -> type[EntryEnvelope]:
    fields: dict[str, Any] = {"type": (Literal[body.type], ...), "data": (body, ...)}
    return create_model(f"{body.__name__}Entry", __base__=EntryEnvelope, __doc__=body.__doc__, **fields)


ENTRY_MODELS: Final = tuple(_model(body) for body in get_args(Body))
Entry = Annotated[Union[ENTRY_MODELS], Field(discriminator="type")]  # noqa: UP007 - the members are computed


class EntryPage(BaseModel):
    """`epoch` is that of the log as of now. Where it is not the cursor's, the entries begin with the first of all."""

    entries: list[Entry]  # pyright: ignore[reportInvalidTypeForm]
    epoch: str
    head: int
    has_more: bool
