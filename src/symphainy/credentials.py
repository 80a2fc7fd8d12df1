"""Session tokens: opaque, random, stored only as hashes, found by look-up."""

from __future__ import annotations

from dataclasses import dataclass

from symphainy import entries as log
from symphainy.entries import Draft
from symphainy.errors import NotAuthenticated
from symphainy.ids import TOKEN_PREFIX, hash_token, new_token
from symphainy.session import Session
from symphainy.stores.base import Lifetime, Token
from symphainy.traffic_cop import TrafficCop


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session and, in this one place, the token that opens it."""

    session: Session
    session_token: str

    @property
    def session_id(self) -> str:
        return self.session.session_id

    def to_dict(self) -> dict[str, object]:
        return self.session.to_dict(self.session_token)


@dataclass(frozen=True, slots=True)
class Credential:
    """Whose it is and what it opens: one session, or with `session_id` None every session of the user."""

    user_id: str
    session_id: str | None
    token_hash: str


class Credentials:
    def __init__(self, traffic_cop: TrafficCop, lifetime: Lifetime) -> None:
        self._cop = traffic_cop
        self._lifetime = lifetime

    async def issue(self, user_id: str, session_id: str | None) -> str:
        token, now = new_token(), self._cop.clock.now()
        idle, absolute = self._lifetime.idle, self._lifetime.absolute
        await self._cop.put_token(
            Token(hash_token(token), user_id, session_id, now, idle, now + min(idle, absolute), now + absolute)
        )
        return token

    async def resolve(self, token: str) -> Credential:
        found = await self._cop.find_token(hash_token(token)) if token.startswith(TOKEN_PREFIX) else None
        if found is None:
            raise NotAuthenticated("This credential is not valid, or not any more. Sign in again or create a session.")
        return Credential(found.user_id, found.session_id, found.token_hash)

    async def check(self, credential: Credential) -> None:
        if await self._cop.find_token(credential.token_hash) is None:
            raise NotAuthenticated("This credential is not valid any more.")

    async def retire(self, credential: Credential, how: log.CredentialChange) -> None:
        """The token is dead on return. The entry in the log wakes the feeds that it opened, in every process."""
        await self._cop.delete_tokens(token_hash=credential.token_hash)
        if credential.session_id is not None:
            await self._cop.append(credential.session_id, [Draft(log.SessionUpdated(credential=how), "system")])
