"""Session tokens: opaque, random, stored only as hashes, found by look-up."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from symphainy import entries as log
from symphainy.entries import Draft
from symphainy.errors import NotAuthenticated
from symphainy.ids import TOKEN_PREFIX, hash_token, new_token
from symphainy.session import Session
from symphainy.stores.base import Lifetime, Token
from symphainy.traffic_cop import TrafficCop

ROTATION_SECONDS: Final = 120.0
"""How long a rotation can be repeated whose answer was lost."""


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
    """A rotation whose answer is lost must not lose the session. With a key, whoever holds the old token *and* that key
    may ask for the new token again: until the new one is used for the first time, and for `ROTATION_SECONDS` at most.
    For everything else the old token is dead at once. What is kept for it opens nothing by itself: the new token, sealed
    with the old one and the key, under a hash of the two.
    """

    def __init__(self, traffic_cop: TrafficCop, lifetime: Lifetime) -> None:
        self._cop = traffic_cop
        self._lifetime = lifetime

    async def issue(self, user_id: str, session_id: str | None) -> str:
        token = new_token()
        await self._put(token, user_id, session_id)
        return token

    async def resolve(self, token: str) -> Credential:
        found = await self._find(token)
        if found is None:
            raise _not_valid()
        repeatable = found.rotation is not None and self._cop.clock.now() < found.created_at + ROTATION_SECONDS
        if repeatable and await self._cop.find_token(found.rotation or "") is not None:
            await self._cop.delete_tokens(token_hash=found.rotation)
        return Credential(found.user_id, found.session_id, found.token_hash)

    async def check(self, credential: Credential) -> None:
        if await self._cop.find_token(credential.token_hash) is None:
            raise NotAuthenticated("This credential is not valid any more.")

    async def rotate(self, credential: Credential, token: str | None, key: str | None) -> str:
        """A token of the same reach; the old one is dead on return. With the old `token` and a `key`, `repeat` finds it."""
        if token is None or key is None:
            fresh = await self.issue(credential.user_id, credential.session_id)
        else:
            repeated = await self._repeated(token, key)
            fresh = repeated or await self._issue_repeatable(credential, token, key)
        await self.retire(credential, "rotated")
        return fresh

    async def repeat(self, token: str, key: str) -> tuple[Credential, str]:
        """Whose rotation of `token` this was, and what it answered. Raises NotAuthenticated if there was none, or it is
        over."""
        fresh = await self._repeated(token, key)
        found = None if fresh is None else await self._find(fresh)
        if fresh is None or found is None:
            raise _not_valid()
        return Credential(found.user_id, found.session_id, hash_token(token)), fresh

    async def retire(self, credential: Credential, how: log.CredentialChange) -> None:
        """The token is dead on return. The entry in the log wakes the feeds that it opened, in every process."""
        await self._cop.delete_tokens(token_hash=credential.token_hash)
        if credential.session_id is not None:
            await self._cop.append(credential.session_id, [Draft(log.SessionUpdated(credential=how), "system")])

    async def _issue_repeatable(self, credential: Credential, token: str, key: str) -> str:
        """The new token first: a crash in between leaves one that nobody knows, and the old one good."""
        fresh, name = new_token(), hash_token(f"{token} {key}")
        user_id, session_id, now = credential.user_id, credential.session_id, self._cop.clock.now()
        await self._put(fresh, user_id, session_id, name)
        until = now + ROTATION_SECONDS
        sealed = _sealed(fresh.encode(), token, key).hex()
        await self._cop.put_token(Token(name, user_id, session_id, now, ROTATION_SECONDS, until, until, sealed))
        return fresh

    async def _repeated(self, token: str, key: str) -> str | None:
        """What an earlier rotation with this key answered, while that has not been used."""
        held = await self._cop.find_token(hash_token(f"{token} {key}"))
        if held is None or held.rotation is None:
            return None
        fresh = _sealed(bytes.fromhex(held.rotation), token, key).decode()
        return fresh if await self._find(fresh) is not None else None

    async def _find(self, token: str) -> Token | None:
        return await self._cop.find_token(hash_token(token)) if token.startswith(TOKEN_PREFIX) else None

    async def _put(self, token: str, user_id: str, session_id: str | None, rotation: str | None = None) -> None:
        now, idle, absolute = self._cop.clock.now(), self._lifetime.idle, self._lifetime.absolute
        ends = now + absolute
        await self._cop.put_token(
            Token(hash_token(token), user_id, session_id, now, idle, min(now + idle, ends), ends, rotation)
        )


def _not_valid() -> NotAuthenticated:
    return NotAuthenticated("This credential is not valid, or not any more. Sign in again or create a session.")


def _sealed(text: bytes, token: str, key: str) -> bytes:
    """`text` under a one-time pad that only the holder of the token and the key can make; its own inverse."""
    pad = hashlib.shake_256(f"rotation {token} {key}".encode()).digest(len(text))
    return bytes(a ^ b for a, b in zip(text, pad, strict=True))
