"""Keys: what opens, what does not, how long anything is remembered."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta

import httpx
import pytest

from gateway.app import Gateway
from gateway.clock import as_datetime
from gateway.key_format import make_key
from gateway.keyring import Keyring
from gateway.secret_ring import SecretRing
from gateway.settings import Settings
from gateway.stores import SqlStore
from tests.clock import FrozenClock
from tests.running import ENCRYPTION_KEYS, PEPPERS, Customer, add_customer, add_key, running, settings_for, talking_to

SPEND = "/v1/usage"


async def code_of(client: httpx.AsyncClient, headers: dict[str, str]) -> tuple[int, str]:
    answer = await client.get(SPEND, headers=headers)
    return answer.status_code, answer.json().get("error", {}).get("code", "")


async def revoke(sql: SqlStore, customer: Customer) -> None:
    async with sql.session() as connection:
        await connection.execute("update api_key set revoked_at = now() where id = $1", customer.key_id)


def watched(app: Gateway) -> list[float]:
    """Grows by one with every session that the gateway has with SQL."""
    sessions: list[float] = []
    app.services.sql.observe = sessions.append
    return sessions


async def test_both_headers_carry_a_key(client: httpx.AsyncClient, customer: Customer) -> None:
    """`Authorization: Bearer`, in any case, and `X-API-Key`; both at once if they agree."""
    key = customer.key
    for headers in (
        {"Authorization": f"Bearer {key}"},
        {"Authorization": f"bEARER  {key} "},
        {"X-API-Key": key},
        {"Authorization": f"Bearer {key}", "X-API-Key": key},
    ):
        assert await code_of(client, headers) == (200, "")


async def test_two_different_keys_are_ambiguous(client: httpx.AsyncClient, customer: Customer) -> None:
    """Both headers at once and different: 400, whichever of them is good."""
    headers = {"Authorization": f"Bearer {customer.key}", "X-API-Key": make_key("live").text}
    assert await code_of(client, headers) == (400, "invalid_parameter")


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "missing_api_key"),
        ({"Authorization": ""}, "missing_api_key"),
        ({"Authorization": "Bearer "}, "missing_api_key"),
        ({"X-API-Key": ""}, "missing_api_key"),
        ({"Authorization": "Basic dTpw"}, "invalid_api_key"),
        ({"Authorization": "Bearer abc"}, "invalid_api_key"),
        ({"Authorization": "Bearer eyJhbGciOiJub25lIn0.e30."}, "invalid_token"),
        ({"X-API-Key": "eyJhbGciOiJub25lIn0.e30."}, "invalid_api_key"),
        ({"X-API-Key": "cg_live_" + "a" * 50}, "invalid_api_key"),
        ({"X-API-Key": make_key("live").text}, "invalid_api_key"),
        ({"X-API-Key": make_key("test").text[:-1]}, "invalid_api_key"),
        ({"X-API-Key": "ключ".encode().decode("latin-1")}, "invalid_api_key"),
    ],
)
async def test_a_bad_key_of_every_kind(client: httpx.AsyncClient, headers: dict[str, str], code: str) -> None:
    """Nobody, junk, a wrong checksum and an unknown key: 401, told apart only as missing or invalid."""
    answer = await client.get(SPEND, headers={k: v.encode("latin-1") for k, v in headers.items()})  # type: ignore[misc]
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, code)
    assert answer.headers["www-authenticate"] == 'Bearer realm="coursegate"'
    assert answer.headers["x-ratelimit-limit"] == "30"


async def test_a_wrong_secret_is_what_an_unknown_key_is(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore
) -> None:
    """The right public part with another secret, a revoked key and an unknown one get the same body."""
    forged = make_key("live", choose=_same_public_part(customer.key)).text
    revoked = await _another(sql, customer)
    await revoke(sql, revoked)
    bodies = []
    for key in (forged, revoked.key, make_key("live").text):
        answer = await client.get(SPEND, headers={"X-API-Key": key})
        body = answer.json()["error"]
        del body["request_id"]
        bodies.append((answer.status_code, body))
    assert bodies[0] == bodies[1] == bodies[2]


def _same_public_part(key: str) -> Callable[[Sequence[str]], str]:
    letters = iter(key[8:20] + "A" * 32)
    return lambda _alphabet: next(letters)


async def _another(sql: SqlStore, customer: Customer) -> Customer:
    async with sql.session() as connection:
        return await add_key(connection, customer.center_id)


async def test_an_expired_key_says_so_only_to_its_holder(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore, clock: FrozenClock
) -> None:
    """`expired_api_key` comes after the secret matched, from the very instant of expiry."""
    expires = as_datetime(clock.now_ms()) + timedelta(seconds=2)
    async with sql.session() as connection:
        brief = await add_key(connection, customer.center_id, expires_at=expires)
    assert await code_of(client, brief.headers) == (200, "")
    clock.advance(1_999)
    assert await code_of(client, brief.headers) == (200, "")
    clock.advance(1)
    assert await code_of(client, brief.headers) == (401, "expired_api_key")
    forged = make_key("live", choose=_same_public_part(brief.key)).text
    assert await code_of(client, {"X-API-Key": forged}) == (401, "invalid_api_key")


async def test_revocation_is_effective_within_five_seconds(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore, clock: FrozenClock
) -> None:
    """A verified key is remembered for 5 s at most, then asked for again."""
    assert await code_of(client, customer.headers) == (200, "")
    await revoke(sql, customer)
    clock.advance(5_000)
    assert await code_of(client, customer.headers) == (401, "invalid_api_key")


async def test_a_known_key_costs_no_sql(
    app: Gateway, client: httpx.AsyncClient, customer: Customer, sql: SqlStore, clock: FrozenClock
) -> None:
    """Within 5 s a key is read once, whoever asks and however many at once."""
    async with sql.session() as connection:
        await connection.execute("update api_key set last_used_at = $1", as_datetime(clock.now_ms()))
    sessions = watched(app)
    await asyncio.gather(*(client.get("/v1/nowhere", headers=customer.headers) for _ in range(20)))
    assert len(sessions) == 1
    clock.advance(5_000)
    await client.get("/v1/nowhere", headers=customer.headers)
    assert len(sessions) == 2


async def test_an_unknown_key_is_asked_for_once(app: Gateway, client: httpx.AsyncClient) -> None:
    """A refused key is remembered too: repeating it costs no SQL."""
    sessions = watched(app)
    headers = {"X-API-Key": make_key("live").text}
    for _ in range(5):
        await client.get("/v1/nowhere", headers=headers)
    assert len(sessions) == 1


async def test_a_suspended_center_reads_its_usage_alone(client: httpx.AsyncClient, sql: SqlStore, app: Gateway) -> None:
    """403 `center_suspended` on everything but reads of usage."""
    async with sql.session() as connection:
        suspended = await add_customer(connection, status="suspended")
    assert await code_of(client, suspended.headers) == (200, "")
    for method, path in (
        ("GET", "/v1/courses"),
        ("POST", "/v1/courses"),
        ("GET", "/v1/api-keys"),
        ("GET", "/v1/nowhere"),
    ):
        answer = await client.request(method, path, headers=suspended.headers)
        expected = (404, "route_not_found") if path == "/v1/nowhere" else (403, "center_suspended")
        assert (answer.status_code, answer.json()["error"]["code"]) in {expected, (403, "center_suspended")}


async def test_an_old_pepper_verifies_and_is_replaced_on_use(
    database_url: str, redis_url: str, sql: SqlStore, clock: FrozenClock
) -> None:
    """After a rotation old keys go on, and are stored under the newest pepper once they were used."""
    async with sql.session() as connection:
        customer = await add_customer(connection)
    newer = SecretRing({2: bytes(range(60, 92)), **PEPPERS.by_version})
    settings = settings_for(database_url, redis_url, key_peppers=newer)
    async with running(settings, clock) as app, talking_to(app) as client:
        assert await code_of(client, customer.headers) == (200, "")
        async with asyncio.timeout(5), sql.session() as connection:
            while await connection.fetchval("select pepper_version from api_key where id = $1", customer.key_id) != 2:
                await asyncio.sleep(0.01)
        clock.advance(5_000)
        assert await code_of(client, customer.headers) == (200, "")
    without_old = settings_for(database_url, redis_url, key_peppers=SecretRing({2: newer.by_version[2]}))
    async with running(without_old, clock) as app, talking_to(app) as client:
        assert await code_of(client, customer.headers) == (200, "")


async def test_a_pepper_that_is_not_held_opens_nothing(settings: Settings, sql: SqlStore, clock: FrozenClock) -> None:
    """A hash under a version that was retired never matches."""
    retired = Keyring({9: bytes(range(60, 92))}, ENCRYPTION_KEYS.by_version)
    async with sql.session() as connection:
        customer = await add_customer(connection, keyring=retired)
    async with running(settings, clock) as app, talking_to(app) as client:
        assert await code_of(client, customer.headers) == (401, "invalid_api_key")


async def test_when_a_key_was_used_is_kept(client: httpx.AsyncClient, customer: Customer, sql: SqlStore) -> None:
    """To the minute, and without a request waiting for it."""
    await client.get(SPEND, headers=customer.headers)
    async with asyncio.timeout(5), sql.session() as connection:
        while await connection.fetchval("select last_used_at from api_key where id = $1", customer.key_id) is None:
            await asyncio.sleep(0.01)
