"""Partners, centers and keys changed from all sides at once: every request gets an answer of the catalogue."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeAlias

import httpx

from gateway.stores import SqlStore
from tests.gateway.features.centers.asking import add_partner, order, provision
from tests.patience import answered
from tests.running import Customer
from tests.waiting import until_waiting_for_locks

Asked: TypeAlias = Callable[[], Awaitable[httpx.Response]]


async def test_no_two_changes_wait_for_each_other(client: httpx.AsyncClient, sql: SqlStore) -> None:
    """Provisioning, keys, rotations, cascades, limits and suspensions of the same centers: no deadlock, no 5xx
    but of a store that a busy machine keeps away for a moment.
    """
    partner = await add_partner(sql)
    made = [await provision(client, partner, order_id=f"o{n}", subdomain=f"mine-{n}") for n in range(2)]
    key = {"name": "x", "env": "live", "scopes": ["provision:centers", "manage:center"]}
    makers: list[Customer] = []
    for _ in range(3):
        answer = (await client.post("/v1/api-keys", json=key, headers=partner.headers)).json()
        makers.append(Customer(partner.center_id, answer["id"], answer["key"]))
    requests: list[Asked] = []
    for number, maker in enumerate(makers):
        for center, first in made:
            path = f"/v1/provisioning/centers/{center['id']}"
            own = {"name": "x", "env": "test", "scopes": ["read:courses"]}
            edit = {"plan_id": "pro", "limits": {"checks_per_question": 3}}
            grace = {"grace_seconds": 60}
            requests += [
                partial(order, client, maker, order_id=f"new{number}", subdomain=f"new-{number}"),
                partial(client.post, f"{path}/api-keys", json=own | {"revoke_unused": True}, headers=maker.headers),
                partial(client.patch, path, json=edit, headers=maker.headers),
                partial(client.post, f"{path}/suspend", headers=maker.headers),
                partial(client.post, f"{path}/reinstate", headers=maker.headers),
                partial(client.post, "/v1/api-keys", json=own, headers=first.headers),
                partial(client.post, f"/v1/api-keys/{maker.key_id}/rotate", json=grace, headers=partner.headers),
                partial(client.delete, f"/v1/api-keys/{first.key_id}?cascade=true", headers=first.headers),
            ]
        requests.append(partial(client.delete, f"/v1/api-keys/{maker.key_id}?cascade=true", headers=partner.headers))
    random.Random(7).shuffle(requests)
    eight = asyncio.Semaphore(8)  # fewer than the process has connections

    async def in_turn(ask: Asked) -> httpx.Response:
        async with eight:
            return await answered(ask)

    answers = await asyncio.gather(*(in_turn(ask) for ask in requests))
    assert {answer.status_code for answer in answers} <= {200, 201, 204, 401, 403, 404, 409}
    async with sql.session() as connection:
        left = await connection.fetchval(
            """select count(*) from api_key k join api_key m on m.id = k.created_by
                where m.id = any($1) and k.revoked_at is null""",
            [maker.key_id for maker in makers],
        )
    assert left == 0


async def test_a_center_is_never_held_by_who_waits_for_its_partner(client: httpx.AsyncClient, sql: SqlStore) -> None:
    """A cascade takes the partner, then its centers; whoever makes a key for one takes them in the same order."""
    partner = await add_partner(sql)
    center_id = f"ctr_{26 * '2'}"  # sorts before every id of our time
    async with sql.session() as connection:
        await connection.execute(
            "insert into center (id, name, subdomain, plan_id, status, partner_id, created_at, updated_at)"
            " select $1, 'Theirs', 'theirs', plan_id, status, id, created_at, updated_at from center where id = $2",
            center_id,
            partner.center_id,
        )
    own = {"name": "x", "env": "test", "scopes": ["read:courses"]}
    async with sql.session() as cascade, cascade.transaction():
        await cascade.execute("select 1 from center where id = $1 for no key update", partner.center_id)
        making = asyncio.create_task(
            client.post(f"/v1/provisioning/centers/{center_id}/api-keys", json=own, headers=partner.headers)
        )
        await until_waiting_for_locks(sql)
        await cascade.execute("select 1 from center where id = $1 for no key update nowait", center_id)
    assert (await making).status_code == 201
