"""How often is too often: by user, by address, and for credentials that are not good."""

from __future__ import annotations

import httpx
import pytest

from symphainy.api import Api
from symphainy.errors import TooMany
from symphainy.rates import LocalRates

from .conftest import Visitor, client


class Seconds:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


async def test_a_burst_of_200_against_10_lets_10_pass() -> None:
    rates, passed = LocalRates(monotonic=Seconds()), 0
    for _ in range(200):
        try:
            await rates.count("write", "ada", 10)
            passed += 1
        except TooMany:
            pass
    assert passed == 10


async def test_after_the_wait_that_was_named_exactly_one_more_passes() -> None:
    seconds = Seconds()
    rates = LocalRates(monotonic=seconds)
    for _ in range(10):
        await rates.count("write", "ada", 10)
    with pytest.raises(TooMany) as refused:
        await rates.count("write", "ada", 10)
    assert refused.value.retry_after == pytest.approx(6.0)
    seconds.now += 5.99
    with pytest.raises(TooMany):
        await rates.count("write", "ada", 10)
    seconds.now += 0.02
    await rates.count("write", "ada", 10)
    with pytest.raises(TooMany):
        await rates.count("write", "ada", 10)


async def test_one_callers_count_is_not_anothers() -> None:
    rates = LocalRates(monotonic=Seconds())
    await rates.count("write", "ada", 1)
    await rates.count("write", "bob", 1)
    await rates.count("message", "ada", 1)
    with pytest.raises(TooMany):
        await rates.count("write", "ada", 1)


async def test_what_is_counted_is_bounded_and_refuses_rather_than_forgets() -> None:
    seconds = Seconds()
    rates = LocalRates(monotonic=seconds, kept=3)
    for name in "abc":
        await rates.count("write", name, 10)
    with pytest.raises(TooMany):
        await rates.count("write", "d", 10)
    await rates.count("write", "a", 10)
    seconds.now += 60
    await rates.count("write", "d", 10)


@pytest.mark.parametrize("changes", [{"sessions_per_minute": 3}])
async def test_new_sessions_are_limited_by_address(nobody: httpx.AsyncClient) -> None:
    answers = [await nobody.post("/api/v1/sessions", json={}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 429]
    assert answers[-1].json()["code"] == "too_many"
    assert int(answers[-1].headers["retry-after"]) == 20


@pytest.mark.parametrize("changes", [{"failures_per_minute": 3}])
async def test_guessing_tokens_is_counted_and_stopped_without_harm_to_others(visitor: Visitor, api: Api) -> None:
    async with client(api, headers={"authorization": "Bearer sym_guess"}) as thief:
        statuses = [(await thief.get(visitor.path)).status_code for _ in range(5)]
    assert statuses == [401, 401, 401, 429, 429]
    assert (await visitor.http.get(visitor.path)).status_code == 200


@pytest.mark.parametrize("changes", [{"writes_per_minute": 2}])
async def test_writes_are_limited_by_user_and_reads_are_not(visitor: Visitor, nobody: httpx.AsyncClient) -> None:
    statuses = [(await visitor.http.patch(visitor.path, json={"title": "x"})).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert (await visitor.http.get(visitor.path)).status_code == 200
    assert (await nobody.post("/api/v1/sessions", json={})).status_code == 201


@pytest.mark.parametrize("changes", [{"messages_per_minute": 1}])
async def test_messages_are_limited_by_user(visitor: Visitor) -> None:
    path = f"{visitor.path}/conversations/guide_agent/messages"
    statuses = [(await visitor.http.post(path, json={"content": "hello"})).status_code for _ in range(2)]
    assert statuses == [202, 429]


@pytest.mark.parametrize("changes", [{"sessions_per_user": 2}])
async def test_a_user_has_a_cap_of_live_sessions(browser: Visitor) -> None:
    statuses = [(await browser.http.post("/api/v1/sessions", json={})).status_code for _ in range(2)]
    assert statuses == [201, 429]
