"""HEAD: whatever can be read can be asked about, at the same price and without the body."""

import re
from collections.abc import Iterator

import httpx
from litestar.routes import HTTPRoute

from gateway.app import declared
from tests.running import Customer

VOLATILE = {"x-request-id", "x-ratelimit-remaining", "x-ratelimit-reset", "ratelimit", "date"}


def readable() -> Iterator[str]:
    """Every path that answers GET, with ids that nothing has."""
    for route in declared().routes:
        if isinstance(route, HTTPRoute) and any("GET" in handler.http_methods for handler in route.route_handlers):
            yield re.sub(r"{(\w+)(:\w+)?}", "crs_aaaaaaaaaaaaaaaaaaaaaaaaaa", route.path_format)


def lasting(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in VOLATILE}


async def asked_both_ways(client: httpx.AsyncClient, path: str, headers: dict[str, str]) -> httpx.Response:
    """The answer to GET, once that to HEAD was seen to be the same but for the body."""
    whole = await client.get(path, headers=headers)
    head = await client.head(path, headers=headers)
    assert head.status_code == whole.status_code, path
    assert head.content == b"", path
    assert lasting(head) == lasting(whole), path
    return whole


async def test_every_path_that_can_be_read_can_be_asked_about(client: httpx.AsyncClient, customer: Customer) -> None:
    """Lists, objects that are not there, pages, exports in parts: same status, same headers, no body."""
    paths = sorted(set(readable()))
    assert len(paths) > 40
    await client.get("/v1/usage", headers=customer.headers)  # the first one says that it came from another store
    found = {(await asked_both_ways(client, path, customer.headers)).status_code for path in paths}
    assert {200, 404} <= found


async def test_asking_about_an_object_costs_as_much_as_reading_it(
    client: httpx.AsyncClient, customer: Customer
) -> None:
    """It counts in the window, needs the key, and says how long the object is."""
    made = await client.post("/v1/courses", json={"title": "Tides"}, headers=customer.headers)
    path = f"/v1/courses/{made.json()['id']}"
    whole = await asked_both_ways(client, path, customer.headers)
    head = await client.head(path, headers=customer.headers)
    assert head.headers["content-length"] == str(len(whole.content))
    assert int(whole.headers["x-ratelimit-remaining"]) - int(head.headers["x-ratelimit-remaining"]) == 2
    assert (await client.head(path)).status_code == 401


async def test_an_export_that_is_asked_about_is_not_made(client: httpx.AsyncClient, customer: Customer) -> None:
    """Its parts are closed before the first one; what holds them is free for the next."""
    for _ in range(3):
        head = await client.head("/v1/dpus/export", headers=customer.headers)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-type"] == "application/x-ndjson"
