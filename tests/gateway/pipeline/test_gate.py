"""What every request passes, seen from outside."""

import httpx

from gateway.stores import SqlStore
from tests.running import Customer, add_key


async def test_health_needs_no_key_and_has_no_rate_headers(client: httpx.AsyncClient) -> None:
    """`/healthz` and `/readyz` answer anybody, are free, and carry a request id."""
    for path in ("/healthz", "/readyz"):
        answer = await client.get(path)
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        assert answer.headers["x-request-id"].startswith("req_")
        assert "x-ratelimit-limit" not in answer.headers


async def test_an_unknown_path_is_the_envelope_with_rate_headers(client: httpx.AsyncClient, customer: Customer) -> None:
    """A framework's 404 has our envelope, and is a counted request like any other."""
    answer = await client.get("/v1/nowhere", headers=customer.headers)
    assert answer.status_code == 404
    assert answer.json()["error"] == {
        "type": "not_found_error",
        "code": "route_not_found",
        "message": "No such path.",
        "retryable": False,
        "request_id": answer.headers["x-request-id"],
    }
    assert answer.headers["x-ratelimit-limit"] == "500"
    assert answer.headers["x-ratelimit-remaining"] == "499"
    assert answer.headers["ratelimit-policy"] == '"minute";q=500;w=60'


async def test_a_route_is_closed_to_keys_without_its_scope(
    client: httpx.AsyncClient, sql: SqlStore, customer: Customer
) -> None:
    """A key opens the routes whose scopes it holds, and is told which scope it lacks elsewhere."""
    async with sql.session() as connection:
        reader = await add_key(connection, customer.center_id, scopes=["read:usage"])
    assert (await client.get("/v1/usage", headers=reader.headers)).status_code == 200
    answer = await client.get("/v1/courses", headers=reader.headers)
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "missing_scope"
    assert answer.json()["error"]["details"] == {"required_scope": "read:courses"}
