"""What every request passes, seen from outside."""

import httpx
import msgspec
import pytest

from gateway import log
from gateway.stores import SqlStore
from tests.running import Customer, add_key


async def test_health_needs_no_key_and_has_no_rate_headers(client: httpx.AsyncClient) -> None:
    """`/healthz` and `/readyz` answer anybody, are free, and carry a request id."""
    for path in ("/healthz", "/readyz"):
        answer = await client.get(path)
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        assert answer.headers["x-request-id"].startswith("req_")
        assert "x-ratelimit-limit" not in answer.headers


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/docs", "/schema/openapi.json"])
async def test_monitors_may_ask_for_the_head_alone(client: httpx.AsyncClient, path: str) -> None:
    """Where no key is needed, HEAD is answered as GET is, without the body; any other method is told so."""
    whole, head = await client.get(path), await client.head(path)
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["content-length"] == str(len(whole.content))
    assert head.headers["content-type"] == whole.headers["content-type"]
    wrong = await client.post(path)
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/healthz", "/healthz"),
        ("/v1/courses", "/v1/courses"),
        ("/v1/courses/crs_x", "/v1/courses/{course_id}"),
        ("/v1/learners/a%2Fb", "/v1/learners/{learner_ref}"),
        ("/v1/nowhere", "unrouted"),
    ],
)
@pytest.mark.parametrize("method", ["PUT", "OPTIONS", "TRACE"])
async def test_a_method_that_is_not_there_is_logged_under_its_route(
    client: httpx.AsyncClient, customer: Customer, capfd: pytest.CaptureFixture[str], path: str, route: str, method: str
) -> None:
    """405 names the route as every answer does, whatever the method and whether its path has parameters."""
    capfd.readouterr()
    answer = await client.request(method, path, headers=customer.headers)
    assert answer.status_code == (404 if route == "unrouted" else 405)
    log.sink().flush()
    (line,) = [msgspec.json.decode(line) for line in capfd.readouterr().out.splitlines()]
    assert line["route"] == route


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
