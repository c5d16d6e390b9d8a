"""Orders: one center for each, whole or not at all, whoever asks again and however often."""

import asyncio
from typing import Any

import asyncpg
import httpx
import pytest

from gateway.scopes import CENTER_SCOPES
from gateway.stores import SqlStore
from tests.gateway.features.centers.asking import ORDER, add_partner, counted, order, problem, provision
from tests.running import Customer, add_customer, add_key


@pytest.fixture
async def partner(sql: SqlStore) -> Customer:
    return await add_partner(sql)


async def test_an_order_makes_a_center_with_a_key_that_works(client: httpx.AsyncClient, partner: Customer) -> None:
    """201, the center with its plan's limits, and a live key with every scope but `provision:centers`."""
    answer = await order(client, partner, time_zone="Europe/Berlin", period_anchor_day=31)
    assert answer.status_code == 201
    center, key = answer.json()["center"], answer.json()["api_key"]
    assert answer.headers["location"] == f"/v1/provisioning/centers/{center['id']}"
    assert answer.headers["cache-control"] == "no-store"
    assert center == {
        "object": "center",
        "id": center["id"],
        "name": "North College",
        "subdomain": "north-college",
        "status": "active",
        "plan_id": "starter",
        "limits": {
            "requests_per_minute": 100,
            "generation_units_per_month": 50,
            "regenerations_per_month": 100,
            "regenerations_per_artifact": 5,
            "concurrent_generations": 2,
            "checks_per_question": 20,
            "alert_percents": [80, 90, 100],
        },
        "overridden": [],
        "locale": "en",
        "time_zone": "Europe/Berlin",
        "period_anchor_day": 31,
        "order_id": "order-1",
        "created_at": "2026-03-15T12:00:00Z",
        "updated_at": "2026-03-15T12:00:00Z",
        "suspended_at": None,
        "ended_at": None,
    }
    assert (key["env"], key["scopes"], key["created_by"]) == ("live", list(CENTER_SCOPES), partner.key_id)
    headers = {"Authorization": f"Bearer {key['key']}"}
    usage = await client.get("/v1/usage", headers=headers)
    assert (usage.status_code, usage.json()["plan"]) == (200, "starter")
    shown = await client.get(answer.headers["location"], headers=partner.headers)
    assert shown.json() == center


async def test_an_order_is_carried_out_once(client: httpx.AsyncClient, partner: Customer, sql: SqlStore) -> None:
    """The same body again, in any order and with defaults said aloud: 200, the same center, no key."""
    center, _ = await provision(client, partner)
    turned = dict(reversed((ORDER | {"time_zone": "UTC", "period_anchor_day": None}).items()))
    again = await client.post("/v1/provisioning/centers", json=turned, headers=partner.headers)
    assert again.status_code == 200
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == {"center": center, "api_key": None, "admin": None}
    assert await counted(sql) == (1, 1)


async def test_an_order_is_remembered_as_it_was_given(client: httpx.AsyncClient, partner: Customer) -> None:
    """A center that was edited since is still the answer to its order, as it is now."""
    center, _ = await provision(client, partner)
    path = f"/v1/provisioning/centers/{center['id']}"
    edited = await client.patch(path, json={"plan_id": "pro", "time_zone": "Asia/Tokyo"}, headers=partner.headers)
    again = await order(client, partner)
    assert (again.status_code, again.json()["center"]) == (200, edited.json())


async def test_another_body_under_one_order_is_a_duplicate(client: httpx.AsyncClient, partner: Customer) -> None:
    """409, with the existing center as id, subdomain and status, and nothing more of it."""
    center, _ = await provision(client, partner)
    for change in ({"center_name": "South"}, {"subdomain": "south"}, {"plan_id": "none"}, {"period_anchor_day": 1}):
        answer = await order(client, partner, **change)
        assert problem(answer) == (409, "duplicate_provisioning", "order_id")
        assert answer.json()["error"]["details"] == {
            "id": center["id"],
            "subdomain": "north-college",
            "status": "active",
        }


async def test_an_order_id_belongs_to_its_partner(client: httpx.AsyncClient, partner: Customer, sql: SqlStore) -> None:
    """Two partners' equal order ids are two orders; a subdomain is one for all."""
    other = await add_partner(sql)
    await provision(client, partner)
    taken = await order(client, other)
    assert problem(taken) == (409, "subdomain_taken", "subdomain")
    assert "details" not in taken.json()["error"] or not taken.json()["error"]["details"]
    await provision(client, other, subdomain="south")
    assert await counted(sql) == (2, 2)


async def test_ten_equal_orders_at_once_make_one_center(
    client: httpx.AsyncClient, partner: Customer, sql: SqlStore
) -> None:
    """One 201 with the key, 9 x 200 without."""
    answers = await asyncio.gather(*(order(client, partner) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [201]
    assert len({answer.json()["center"]["id"] for answer in answers}) == 1
    assert sum("cg_live_" in answer.text for answer in answers) == 1
    assert await counted(sql) == (1, 1)


async def test_one_subdomain_goes_to_one_center(client: httpx.AsyncClient, partner: Customer, sql: SqlStore) -> None:
    """Two orders, and two partners, that want one subdomain at once: one gets it, the others are told."""
    other = await add_partner(sql)
    answers = await asyncio.gather(
        *(order(client, caller, order_id=f"o{number}") for number in range(4) for caller in (partner, other))
    )
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 7]
    refused = [answer for answer in answers if answer.status_code == 409]
    assert {problem(answer) for answer in refused} == {(409, "subdomain_taken", "subdomain")}
    assert await counted(sql) == (1, 1)


async def test_a_taken_subdomain_can_be_corrected(client: httpx.AsyncClient, partner: Customer) -> None:
    """A refused order leaves nothing: the same `order_id` goes through with another subdomain."""
    await provision(client, partner)
    assert problem(await order(client, partner, order_id="o2"))[1] == "subdomain_taken"
    await provision(client, partner, order_id="o2", subdomain="south")


async def test_an_idempotency_key_replays_without_the_key(
    client: httpx.AsyncClient, partner: Customer, sql: SqlStore
) -> None:
    """`Idempotency-Key` and `order_id` together: the replay is the first answer with `null` for the key."""
    headers = partner.headers | {"Idempotency-Key": "k"}
    first = (await client.post("/v1/provisioning/centers", json=ORDER, headers=headers)).json()
    again = await client.post("/v1/provisioning/centers", json=ORDER, headers=headers)
    sealed = first | {"api_key": first["api_key"] | {"key": None}}
    assert (again.status_code, again.json()) == (201, sealed)
    async with sql.session() as connection:
        assert first["api_key"]["key"].encode() not in await connection.fetchval("select body from idempotency_claim")


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"order_id": ""}, "invalid_field", "order_id"),
        ({"order_id": "x" * 129}, "invalid_field", "order_id"),
        ({"center_name": " "}, "invalid_field", "center_name"),
        ({"plan_id": "gold"}, "invalid_field", "plan_id"),
        ({"plan_id": None}, "invalid_field", "plan_id"),
        ({"time_zone": "Europe/Atlantis"}, "invalid_field", "time_zone"),
        ({"time_zone": "europe/berlin"}, "invalid_field", "time_zone"),
        ({"time_zone": "../../etc/passwd"}, "invalid_field", "time_zone"),
        ({"time_zone": ""}, "invalid_field", "time_zone"),
        ({"time_zone": None}, "invalid_field", "time_zone"),
        ({"period_anchor_day": 0}, "invalid_field", "period_anchor_day"),
        ({"period_anchor_day": 32}, "invalid_field", "period_anchor_day"),
        ({"admin_email": "a@b"}, "invalid_email", "admin_email"),
        ({"admin_email": "ü@b.example"}, "invalid_email", "admin_email"),
        ({"admin_email": 7}, "invalid_field", "admin_email"),
        ({"subdomain": 7}, "invalid_field", "subdomain"),
        *(
            ({"subdomain": wrong}, "invalid_subdomain", "subdomain")
            for wrong in (
                "",
                "ab",
                "a" * 31,
                "North",
                "-north",
                "north-",
                "north--south",
                "xn--nrth-5qa",
                "north.south",
                "north_south",
                "nörth",
                "１２３",
                "abc\n",
                "www",
                "api",
                "admin",
            )
        ),
    ],
)
async def test_what_is_no_order_is_refused_by_name(
    client: httpx.AsyncClient, partner: Customer, sql: SqlStore, change: dict[str, Any], code: str, param: str
) -> None:
    """The wrong field is named, and nothing is made."""
    assert problem(await order(client, partner, **change)) == (400, code, param)
    assert await counted(sql) == (0, 0)


@pytest.mark.parametrize("subdomain", ["abc", "a1-b2-c3", "123", "a" * 30, "api2"])
async def test_what_is_a_subdomain_is_taken(client: httpx.AsyncClient, partner: Customer, subdomain: str) -> None:
    """3-30 of lower-case letters and digits with single inner hyphens."""
    center, _ = await provision(client, partner, subdomain=subdomain)
    assert center["subdomain"] == subdomain


async def test_a_failure_inside_leaves_nothing(
    client: httpx.AsyncClient,
    partner: Customer,
    sql: SqlStore,
    migrate_database_url: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """500 `provisioning_failed`, no center without a key; the log says why, and the same order goes through later."""
    owner = await asyncpg.connect(migrate_database_url)
    try:
        await owner.execute(
            """create function break_it() returns trigger language plpgsql as 'begin raise exception ''broken''; end';
               create trigger break_it before insert on api_key for each row execute function break_it()"""
        )
        answer = await order(client, partner)
        assert problem(answer) == (500, "provisioning_failed", None)
        assert answer.json()["error"]["retryable"] is True
        assert await counted(sql) == (0, 0)
        await owner.execute("drop trigger break_it on api_key")
    finally:
        await owner.close()
    assert "provisioning.failed" in capfd.readouterr().out
    await provision(client, partner)


async def test_only_live_keys_with_the_scope_provision(
    client: httpx.AsyncClient, partner: Customer, sql: SqlStore
) -> None:
    """A test key, and a key with every other scope, are refused on every route of provisioning."""
    center, _ = await provision(client, partner)
    async with sql.session() as connection:
        tester = await add_key(connection, partner.center_id, env="test", scopes=["provision:centers"])
        other = await add_customer(connection)
    path = f"/v1/provisioning/centers/{center['id']}"
    for caller in (tester, other):
        for method, where in [
            ("POST", "/v1/provisioning/centers"),
            ("GET", "/v1/provisioning/centers"),
            ("GET", path),
            ("PATCH", path),
            ("POST", f"{path}/api-keys"),
            ("POST", f"{path}/suspend"),
            ("POST", f"{path}/reinstate"),
            ("POST", f"{path}/end"),
        ]:
            answer = await client.request(method, where, headers=caller.headers)
            assert problem(answer) == (403, "missing_scope", None)
            assert answer.json()["error"]["details"] == {"required_scope": "provision:centers"}


async def test_a_revoked_partner_orders_nothing_while_it_is_remembered(
    client: httpx.AsyncClient, partner: Customer, sql: SqlStore
) -> None:
    """The process knows its key for some seconds yet; the order itself finds it revoked, and nothing is made."""
    assert (await client.get("/v1/provisioning/centers", headers=partner.headers)).status_code == 200
    async with sql.session() as connection:
        await connection.execute("update api_key set revoked_at = now() where id = $1", partner.key_id)
    assert problem(await order(client, partner)) == (401, "invalid_api_key", None)
    assert await counted(sql) == (0, 0)
