"""Refresh tokens: each is good for one exchange, and a second use ends the whole family."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from gateway.app import Gateway
from gateway.opaque import REFRESH, digest_of, make_opaque
from gateway.settings import Settings
from gateway.stores import SqlStore
from tests.people import SignedIn, add_member
from tests.running import NOW, running, talking_to
from tests.waiting import until_waiting_for_locks


async def exchange(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.post("/v1/auth/refresh", json={"refresh_token": token})


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def lives(client: httpx.AsyncClient, access_token: str) -> bool:
    answer = await client.get("/v1/auth/me", headers={"Authorization": f"Bearer {access_token}"})
    assert answer.status_code in {200, 401}
    return answer.status_code == 200


async def test_each_exchange_gives_the_next(client: httpx.AsyncClient, admin: SignedIn) -> None:
    """Ten times in a row, one sign-in all along; the answer is kept by nobody."""
    token, seen = admin.refresh_token, {admin.refresh_token}
    for _ in range(10):
        answer = await exchange(client, token)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        assert answer.json()["id"] == admin.session_id
        token = answer.json()["refresh_token"]
        seen.add(token)
    assert len(seen) == 11
    assert await lives(client, admin.access_token)


async def test_a_second_use_ends_the_family(client: httpx.AsyncClient, admin: SignedIn, connection: Any) -> None:
    """The thief's and the owner's tokens alike, however many exchanges lie between; other sign-ins go on."""
    first = (await exchange(client, admin.refresh_token)).json()
    second = (await exchange(client, first["refresh_token"])).json()
    assert await lives(client, second["access_token"])
    assert refused(await exchange(client, admin.refresh_token)) == (401, "invalid_token")
    for token in (admin.access_token, first["access_token"], second["access_token"]):
        assert not await lives(client, token)
    assert refused(await exchange(client, second["refresh_token"])) == (401, "invalid_token")
    reason = await connection.fetchval("select end_reason from login_session where id = $1", admin.session_id)
    assert reason == "refresh_reused"


async def test_a_reuse_in_one_family_leaves_the_others(
    client: httpx.AsyncClient, app: Gateway, admin: SignedIn, connection: Any
) -> None:
    """Another person's sign-in is another family."""
    other = await add_member(app, connection, admin.person.center_id)
    await exchange(client, admin.refresh_token)
    await exchange(client, admin.refresh_token)
    assert await lives(client, other.access_token)
    assert (await exchange(client, other.refresh_token)).status_code == 200


@pytest.fixture
async def in_time(settings: Settings) -> AsyncIterator[Gateway]:
    """A gateway whose clock runs, since who came first is a matter of time."""
    async with running(settings) as app:
        yield app


async def test_two_at_once_have_one_winner_whose_tokens_live(
    in_time: Gateway, connection: Any, center_id: str, sql: SqlStore
) -> None:
    """Of ten that come together one is answered; the others are refused, and the winner keeps the sign-in."""
    admin = await add_member(in_time, connection, center_id)
    async with talking_to(in_time) as client:
        await race(client, admin, sql)


async def race(client: httpx.AsyncClient, admin: SignedIn, sql: SqlStore) -> None:
    token = admin.refresh_token
    for _ in range(5):
        async with sql.session() as holding, holding.transaction():
            await holding.execute("select from login_session where id = $1 for update", admin.session_id)
            coming = [asyncio.create_task(exchange(client, token)) for _ in range(10)]
            await until_waiting_for_locks(sql, 2)  # so that all have come before one is answered
        answers = await asyncio.gather(*coming)
        outcomes = Counter(answer.status_code for answer in answers)
        assert outcomes[200] <= 1
        winner = next((answer for answer in answers if answer.status_code == 200), None)
        assert winner is not None
        assert {refused(answer) for answer in answers if answer is not winner} == {(401, "invalid_token")}
        assert await lives(client, winner.json()["access_token"])
        token = winner.json()["refresh_token"]


async def test_who_still_saw_the_token_unused_is_no_thief(
    client: httpx.AsyncClient, connection: Any, sql: SqlStore, admin: SignedIn
) -> None:
    """It came before the winner's answer could be known, though by a busy machine's clocks it came behind the exchange."""
    async with sql.session() as winning, winning.transaction():
        outcome = await winning.fetchval(
            "select refresh_rotate($1, $2, clock_timestamp(), $3, $4)",
            digest_of(admin.refresh_token),
            make_opaque(REFRESH).digest,
            NOW + timedelta(days=30),
            NOW,
        )
        assert outcome == "rotated"
        coming = asyncio.create_task(exchange(client, admin.refresh_token))
        await until_waiting_for_locks(sql)
    assert refused(await coming) == (401, "invalid_token")
    assert await lives(client, admin.access_token)
    assert refused(await exchange(client, admin.refresh_token)) == (401, "invalid_token")
    assert not await lives(client, admin.access_token)


async def test_a_loser_who_comes_again_is_a_thief(in_time: Gateway, connection: Any, center_id: str) -> None:
    """Who lost the race and tries the same token once more ends the family."""
    admin = await add_member(in_time, connection, center_id)
    async with talking_to(in_time) as client:
        answers = await asyncio.gather(*(exchange(client, admin.refresh_token) for _ in range(2)))
        winner = next(answer for answer in answers if answer.status_code == 200)
        assert await lives(client, winner.json()["access_token"])
        assert (await exchange(client, admin.refresh_token)).status_code == 401
        assert not await lives(client, winner.json()["access_token"])


async def test_a_suspended_center_keeps_the_token_whole(
    client: httpx.AsyncClient, admin: SignedIn, connection: Any
) -> None:
    """Refused with its own code, and nothing is used up: once the center is reinstated, the same token is exchanged."""
    await connection.execute("update center set status = 'suspended' where id = $1", admin.person.center_id)
    assert refused(await exchange(client, admin.refresh_token)) == (403, "center_suspended")
    await connection.execute("update center set status = 'active' where id = $1", admin.person.center_id)
    assert (await exchange(client, admin.refresh_token)).status_code == 200


async def test_a_wrong_token_counts_for_the_address_and_a_right_one_does_not(app: Gateway, admin: SignedIn) -> None:
    """30 wrong ones a minute from one address; who holds a right one still gets through, under the sign-in's own limit."""
    async with talking_to(app) as client:
        for left in reversed(range(30)):
            wrong = make_opaque(REFRESH).text if left % 2 else "junk"
            answer = await exchange(client, wrong)
            assert refused(answer) == (401, "invalid_token")
            assert answer.headers["ratelimit"].startswith(f'"address";r={left};')
        over = await exchange(client, "junk")
        assert over.status_code == 429
        assert over.json()["error"]["details"]["policy"] == "address"
        right = await exchange(client, admin.refresh_token)
        assert right.status_code == 200
        assert right.headers["ratelimit-policy"] == '"session";q=120;w=60'


async def test_tokens_are_stored_as_digests(admin: SignedIn, connection: Any) -> None:
    """No row of the database holds a token."""
    stored = await connection.fetchval("select token_hash from refresh_token where session_id = $1", admin.session_id)
    assert stored == digest_of(admin.refresh_token)
