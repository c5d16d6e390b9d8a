"""Clients that hang up while they order a center, join one or exchange a token: done whole or not at all, and whoever comes
again is served.
"""

from typing import Any

import httpx

from gateway.app import Gateway
from gateway.opaque import digest_of
from tests.gateway.features.centers.asking import ORDER
from tests.gateway.features.members.asking import accept, invite
from tests.gateway.features.test_hang_ups import nobody_is_inside
from tests.gateway.work.shop import until
from tests.interruption import interrupted_at
from tests.people import add_person, sign_in
from tests.running import add_center, add_key, talking_to

_AWAITS_MAX = 200


async def test_an_order_that_is_hung_up_on_at_any_await_makes_a_whole_center_or_none(
    client: httpx.AsyncClient, app: Gateway, connection: Any, database: Any
) -> None:
    """Center, first key, ADMIN, invitation and records: all there or none. The same order again finds or makes it."""
    partner = await add_key(connection, await add_center(connection), scopes=["provision:centers"])

    async def order(number: int) -> httpx.Response:
        named = {"order_id": f"order-{number}", "subdomain": f"north-{number}", "admin_email": f"h{number}@b.example"}
        return await client.post("/v1/provisioning/centers", json=ORDER | named, headers=partner.headers)

    await order(_AWAITS_MAX)
    outcomes = set()
    for awaits in range(_AWAITS_MAX):
        reached = await interrupted_at(order(awaits), awaits)
        await until(lambda: nobody_is_inside(app, database))
        facts = await database.fetchrow(
            """select count(distinct c.id) as centers, count(distinct k.id) as keys, count(distinct m.id) as admins,
                      count(distinct i.id) as invitations, count(distinct d.id) / 2 as records
                 from center c left join api_key k on k.center_id = c.id left join membership m on m.center_id = c.id
                 left join invitation i on i.center_id = c.id left join dpu d on d.center_id = c.id and d.env = 'live'
                where c.order_id = $1""",
            f"order-{awaits}",
        )
        assert len(set(facts.values())) == 1, (awaits, dict(facts))
        outcomes.add(facts["centers"])
        again = await order(awaits)
        assert again.status_code == (200 if facts["centers"] else 201)
        if not reached.cut:
            break
    assert not reached.cut, "the order was cut at every await it has"
    assert outcomes == {0, 1}


async def test_an_acceptance_that_is_hung_up_on_at_any_await_joins_whole_or_not(
    app: Gateway, client: httpx.AsyncClient, connection: Any, center_id: str, database: Any
) -> None:
    """Account, membership and spent invitation: all there or none. What was not spent is accepted by whoever comes again."""
    key = await add_key(connection, center_id)
    outcomes = set()
    for awaits in range(_AWAITS_MAX):
        made = await invite(client, key, f"p{awaits}@b.example", "CHILD")
        token = made["invitation"]["token"]
        async with talking_to(app) as joining:
            reached = await interrupted_at(accept(joining, token), awaits)
            await until(lambda: nobody_is_inside(app, database))
            facts = await database.fetchrow(
                """select (select count(*) from person where email = $1) as persons,
                          (select count(*) from membership where id = $2 and status = 'active') as members,
                          (select count(*) from invitation where membership_id = $2 and accepted_at is not null) as spent""",
                f"p{awaits}@b.example",
                made["id"],
            )
            assert len(set(facts.values())) == 1, (awaits, dict(facts))
            outcomes.add(facts["persons"])
            assert (await accept(joining, token)).status_code == (401 if facts["persons"] else 200)
        if not reached.cut:
            break
    assert not reached.cut, "the acceptance was cut at every await it has"
    assert outcomes == {0, 1}


async def test_an_exchange_that_is_hung_up_on_at_any_await_spends_the_token_or_not(
    app: Gateway, client: httpx.AsyncClient, connection: Any, center_id: str, database: Any
) -> None:
    """The token is spent exactly where its successor is there; one that is not is exchanged by whoever comes again."""
    person = await add_person(connection, center_id)
    outcomes = set()
    for awaits in range(_AWAITS_MAX):
        mine = await sign_in(connection, app.services.tokens, person, app.services.clock.now_ms())
        body = {"refresh_token": mine.refresh_token}
        reached = await interrupted_at(client.post("/v1/auth/refresh", json=body), awaits)
        await until(lambda: nobody_is_inside(app, database))
        facts = await database.fetchrow(
            """select (select count(*) from refresh_token where token_hash = $1 and used_at is not null) as spent,
                      (select count(*) - 1 from refresh_token where session_id = $2) as following""",
            digest_of(mine.refresh_token),
            mine.session_id,
        )
        assert facts["spent"] == facts["following"], awaits
        outcomes.add(facts["spent"])
        again = await client.post("/v1/auth/refresh", json=body)
        assert again.status_code == (401 if facts["spent"] else 200)
        if not reached.cut:
            break
    assert not reached.cut, "the exchange was cut at every await it has"
    assert outcomes == {0, 1}
