"""How the tests of provisioning speak to the gateway."""

from typing import Any

import httpx

from gateway.stores import SqlStore
from tests.running import Customer, add_customer

ORDER = {"order_id": "order-1", "center_name": "North College", "subdomain": "north-college", "plan_id": "starter"}


async def add_partner(sql: SqlStore) -> Customer:
    """A partner with a live key that provisions."""
    async with sql.session() as connection:
        return await add_customer(connection, scopes=["provision:centers", "manage:center"])


async def order(client: httpx.AsyncClient, partner: Customer, **change: Any) -> httpx.Response:
    """One order, as it is or changed."""
    return await client.post("/v1/provisioning/centers", json=ORDER | change, headers=partner.headers)


async def provision(client: httpx.AsyncClient, partner: Customer, **change: Any) -> tuple[dict[str, Any], Customer]:
    """A center made over HTTP, and the holder of its first key."""
    answer = await order(client, partner, **change)
    assert answer.status_code == 201, answer.text
    center, key = answer.json()["center"], answer.json()["api_key"]
    return center, Customer(center["id"], key["id"], key["key"])


def problem(answer: httpx.Response) -> tuple[int, str, str | None]:
    """Status, code and param of a refusal."""
    error = answer.json()["error"]
    return answer.status_code, error["code"], error.get("param")


async def counted(sql: SqlStore) -> tuple[int, int]:
    """How many centers were provisioned, and how many keys those have."""
    async with sql.session() as connection:
        row = await connection.fetchrow(
            """select (select count(*) from center where partner_id is not null) as centers,
                      (select count(*) from api_key k join center c on c.id = k.center_id
                        where c.partner_id is not null) as keys"""
        )
    assert row is not None
    return row["centers"], row["keys"]
