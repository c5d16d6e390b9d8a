"""Sessions that are opened while what they rest on goes: nothing is left behind, and nothing breaks."""

import asyncio

import httpx
import pytest

from gateway.stores import SqlStore
from tests.gateway.features.embedding import browser, minted, spend
from tests.gateway.features.taking import picked, publish
from tests.running import Customer

TOKENS = 12
ROUNDS = 4


async def test_a_learner_is_erased_while_players_open(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore
) -> None:
    """Whoever comes first: after the erasure there is no token, no session and no attempt under way, and no 500 on the way."""
    assessment_id = await publish(client, customer, max_attempts=None)
    for _ in range(ROUNDS):
        tokens = [(await minted(client, customer, assessment_id))["token"] for _ in range(TOKENS)]
        taker = await browser(client, customer, assessment_id)
        *answers, erased = await asyncio.gather(
            *(spend(client, token) for token in tokens),
            taker.save(1, picked()),
            taker.submit(picked()),
            taker.end(),
            client.delete("/v1/learners/learner-1", headers=customer.headers),
        )
        assert erased.status_code == 204
        assert {answer.status_code for answer in answers} <= {
            200,
            201,
            401,
            404,
            409,
            503,
        }  # 503: no connection was free
        async with sql.session() as connection:
            for table in ("embed_token", "learner_session", "submission where status = 'in_progress'"):
                assert await connection.fetchval(f"select count(*) from {table}") == 0


@pytest.mark.parametrize("many", [1, 6])
async def test_a_session_is_ended_and_replaced_at_once(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore, many: int
) -> None:
    """The server ends it, its own page ends it, a fresh token replaces it: one is open in the end, the newest."""
    assessment_id = await publish(client, customer)
    for _ in range(ROUNDS):
        taker = await browser(client, customer, assessment_id)
        token = (await minted(client, customer, assessment_id))["token"]
        path = f"/v1/sessions/{taker.session_id}/end"
        opened, *ends = await asyncio.gather(
            spend(client, token),
            *(client.post(path, headers=customer.headers) for _ in range(many)),
            *(taker.end() for _ in range(many)),
        )
        assert opened.status_code == 201
        assert {end.status_code for end in ends} <= {200, 401}
        async with sql.session() as connection:
            left = await connection.fetch("select id from learner_session where ended_at is null")
        assert [row["id"] for row in left] == [opened.json()["id"]]


async def test_a_token_is_taken_back_while_it_is_spent(client: httpx.AsyncClient, customer: Customer) -> None:
    """Either it opened a session before, or it opens none: both are told so."""
    assessment_id = await publish(client, customer)
    for _ in range(ROUNDS):
        made = await minted(client, customer, assessment_id)
        spent, gone = await asyncio.gather(
            spend(client, made["token"]), client.delete(f"/v1/embed/tokens/{made['id']}", headers=customer.headers)
        )
        assert gone.status_code == 204
        assert spent.status_code in {201, 401}
        again = await spend(client, made["token"])
        assert again.json()["error"]["code"] == "embed_token_invalid"
