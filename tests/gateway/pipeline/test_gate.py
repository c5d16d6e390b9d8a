"""What every request passes, seen from outside."""

import httpx

from tests.running import Customer


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
