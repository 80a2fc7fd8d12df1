"""Contract: tokens."""

from __future__ import annotations

from dataclasses import replace

import pytest

from symphainy.errors import InvalidInput
from symphainy.ids import new_id
from symphainy.stores.base import Store, Token
from symphainy.testing.clock import ManualClock
from symphainy.testing.store_contract.fixtures import ContractFixtures

IDLE = 1000.0


@pytest.mark.asyncio
class CredentialContract(ContractFixtures):
    async def test_a_token_is_found_by_its_hash_alone(self, store: Store, user_id: str, clock: ManualClock) -> None:
        token = new_token(clock, user_id, session_id="s")
        await store.put_token(token)
        assert await store.find_token(token.token_hash) == token
        for other in (token.token_hash[:-1], user_id, "s", "", "%"):
            assert await store.find_token(other) is None

    @pytest.mark.parametrize(("seconds", "found"), [(IDLE - 1, True), (IDLE, False), (IDLE + 1, False)])
    async def test_an_unused_token_ends_at_its_idle_limit(
        self, store: Store, user_id: str, clock: ManualClock, seconds: float, found: bool
    ) -> None:
        token = new_token(clock, user_id)
        await store.put_token(token)
        clock.advance(seconds)
        assert (await store.find_token(token.token_hash) is not None) is found

    @pytest.mark.parametrize(("seconds", "found"), [(99, True), (100, False), (101, False)])
    async def test_a_token_ends_at_its_absolute_limit(
        self, store: Store, user_id: str, clock: ManualClock, seconds: float, found: bool
    ) -> None:
        token = new_token(clock, user_id, seconds=100)
        await store.put_token(token)
        clock.advance(seconds)
        assert (await store.find_token(token.token_hash) is not None) is found

    @pytest.mark.parametrize("idle", [20.0, IDLE])
    async def test_use_keeps_a_token_alive_until_its_absolute_limit(
        self, store: Store, user_id: str, clock: ManualClock, idle: float
    ) -> None:
        token = new_token(clock, user_id, idle=idle, seconds=idle * 10)
        await store.put_token(token)
        for use in range(1, 12):
            clock.advance(idle * 0.9)
            found = await store.find_token(token.token_hash)
            assert found == replace(token, idle_expires_at=clock.now() + idle), use
        clock.advance(idle * 0.1)
        assert await store.find_token(token.token_hash) is None

    async def test_a_used_token_goes_idle_again(self, store: Store, user_id: str, clock: ManualClock) -> None:
        token = new_token(clock, user_id)
        await store.put_token(token)
        clock.advance(IDLE / 2)
        await store.find_token(token.token_hash)
        clock.advance(IDLE - 1)
        assert await store.find_token(token.token_hash) is not None
        clock.advance(IDLE)
        assert await store.find_token(token.token_hash) is None

    async def test_tokens_are_deleted_by_everything_that_is_given(
        self, store: Store, user_id: str, clock: ManualClock
    ) -> None:
        one, two = new_id("session"), new_id("session")
        tokens = {
            "one": new_token(clock, user_id, session_id=one),
            "two": new_token(clock, user_id, session_id=two),
            "wide": new_token(clock, user_id),
            "other": new_token(clock, new_id("user"), session_id=one),
        }

        async def left() -> set[str]:
            return {name for name, token in tokens.items() if await store.find_token(token.token_hash) is not None}

        for token in tokens.values():
            await store.put_token(token)
        assert await store.delete_tokens(token_hash="unknown") == []
        assert await store.delete_tokens(session_id=two, user_id=new_id("user")) == []
        assert await store.delete_tokens(session_id=one, user_id=user_id) == [tokens["one"].token_hash]
        assert await left() == {"two", "wide", "other"}
        assert await store.delete_tokens(session_id=one) == [tokens["other"].token_hash]
        assert await left() == {"two", "wide"}
        assert await store.delete_tokens(token_hash=tokens["two"].token_hash) == [tokens["two"].token_hash]
        clock.advance(IDLE)
        assert await store.delete_tokens(user_id=user_id) == [tokens["wide"].token_hash]
        assert await store.delete_tokens(user_id=user_id) == []
        with pytest.raises(InvalidInput):
            await store.delete_tokens()


def new_token(
    clock: ManualClock, user_id: str, *, session_id: str | None = None, idle: float = IDLE, seconds: float = 90_000
) -> Token:
    now = clock.now()
    return Token(new_id("hash"), user_id, session_id, now, idle, now + idle, now + seconds)
