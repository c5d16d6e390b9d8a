"""Limits as callers meet them: headers, refusals, and whose limit counts what."""

import re

import httpx

from gateway.app import Gateway
from gateway.ids import new_id
from gateway.key_format import make_key
from gateway.stores import SqlStore
from tests.running import NOW_MS, Customer, add_customer, add_key, talking_to


async def limit_to(sql: SqlStore, center_id: str, requests_per_minute: int) -> None:
    async with sql.session() as connection:
        await connection.execute(
            "insert into center_limit (center_id, requests_per_minute) values ($1, $2)", center_id, requests_per_minute
        )


async def test_a_refusal_names_its_wait_everywhere_alike(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore
) -> None:
    """Code, `Retry-After`, details, `t` and Reset tell the same seconds; the refused request consumed nothing."""
    await limit_to(sql, customer.center_id, 2)
    for left in ("1", "0"):
        answer = await client.get("/v1/usage", headers=customer.headers)
        assert (answer.status_code, answer.headers["x-ratelimit-remaining"]) == (200, left)
    answer = await client.get("/v1/usage", headers=customer.headers)
    error, wait = answer.json()["error"], int(answer.headers["retry-after"])
    assert answer.status_code == 429
    assert (error["type"], error["code"], error["retryable"]) == ("rate_limit_error", f"retry_after_{wait}", True)
    assert error["details"] == {"policy": "minute", "limit": 2, "window_seconds": 60, "retry_after": wait}
    assert answer.headers["ratelimit"] == f'"minute";r=0;t={wait}'
    assert answer.headers["ratelimit-policy"] == '"minute";q=2;w=60'
    assert 0 < wait <= 60


async def test_a_keys_own_limit_is_told_beside_the_centers(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore
) -> None:
    """Two policies: the IETF fields list both, X-* the one with the fewest left; a refusal by one takes none of the other."""
    async with sql.session() as connection:
        slow = await add_key(connection, customer.center_id, requests_per_minute=1)
    answer = await client.get("/v1/usage", headers=slow.headers)
    assert answer.headers["ratelimit-policy"] == '"minute";q=500;w=60, "key";q=1;w=60'
    assert re.fullmatch(r'"minute";r=499;t=\d+, "key";r=0;t=\d+', answer.headers["ratelimit"])
    assert (answer.headers["x-ratelimit-limit"], answer.headers["x-ratelimit-remaining"]) == ("1", "0")
    refused = await client.get("/v1/usage", headers=slow.headers)
    assert refused.json()["error"]["details"]["policy"] == "key"
    assert 'minute";r=499' in refused.headers["ratelimit"]
    assert (await client.get("/v1/usage", headers=customer.headers)).headers["x-ratelimit-remaining"] == "498"


async def test_every_authenticated_request_counts_whatever_its_status(
    client: httpx.AsyncClient, customer: Customer
) -> None:
    """404, 400 and 405 take one each, as 200 does."""
    left = []
    for method, path in (("GET", "/v1/usage"), ("GET", "/v1/x"), ("GET", "/v1/courses?x=1"), ("PUT", "/v1/usage")):
        answer = await client.request(method, path, headers=customer.headers)
        left.append(int(answer.headers["x-ratelimit-remaining"]))
    assert left == [499, 498, 497, 496]


async def test_calls_without_a_valid_key_share_their_addresss_limit(app: Gateway, sql: SqlStore) -> None:
    """30 a minute of one address, keyless and failed keys together; then 429, whose policy is `address`."""
    async with talking_to(app) as client:
        for number in range(30):
            headers = {} if number % 2 else {"X-API-Key": make_key("live").text}
            answer = await client.get("/v1/usage", headers=headers)
            assert (answer.status_code, answer.headers["x-ratelimit-remaining"]) == (401, str(29 - number))
        answer = await client.get("/v1/usage")
        assert answer.status_code == 429
        assert answer.json()["error"]["details"]["policy"] == "address"
        assert answer.headers["ratelimit-policy"] == '"address";q=30;w=60'
        async with sql.session() as connection:
            customer = await add_customer(connection)
        answer = await client.get("/v1/usage", headers=customer.headers)
        assert answer.status_code == 200, "a valid key is never refused for its address"
        assert (await client.get("/healthz")).status_code == 200, "health is free"
    async with talking_to(app) as elsewhere:
        assert (await elsewhere.get("/v1/usage")).status_code == 401, "another address has its own"


async def test_what_is_refused_before_anybody_is_asked_counts_nothing(
    client: httpx.AsyncClient, customer: Customer
) -> None:
    """A bad head has rate headers of the address, and takes nothing from it nor from the key's center."""
    for _ in range(3):
        answer = await client.get("/v1/usage", headers=customer.headers | {"Content-Encoding": "gzip"})
        assert (answer.status_code, answer.headers["x-ratelimit-remaining"]) == (415, "30")
    answer = await client.get("/v1/usage", headers=customer.headers)
    assert answer.headers["x-ratelimit-remaining"] == "499"


async def test_live_and_test_have_windows_of_their_own(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore
) -> None:
    """What a test key spends is not missing in live."""
    async with sql.session() as connection:
        tester = await add_key(connection, customer.center_id, env="test")
    for headers in (tester.headers, customer.headers):
        answer = await client.get("/v1/usage", headers=headers)
        assert answer.headers["x-ratelimit-remaining"] == "499"


async def test_a_callers_request_id_is_kept_if_it_is_one(client: httpx.AsyncClient) -> None:
    """1-64 of `[A-Za-z0-9_-]` come back in header and body; anything else, and what looks like a key, is replaced by ours."""
    for own in ("a", "checkout-7_F", "x" * 64, new_id("req", NOW_MS)):
        answer = await client.get("/v1/usage", headers={"X-Request-Id": own})
        assert (answer.headers["x-request-id"], answer.json()["error"]["request_id"]) == (own, own)
    for other in ("", "x" * 65, "a b", "ä", "a;b", make_key("live").text):
        answer = await client.get("/v1/usage", headers={"X-Request-Id": other.encode("latin-1")})  # type: ignore[dict-item]
        assert answer.headers["x-request-id"].startswith("req_")
        assert answer.json()["error"]["request_id"] == answer.headers["x-request-id"]
