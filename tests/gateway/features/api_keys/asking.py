"""How the tests of keys speak to the gateway."""

from typing import Any

import httpx

from tests.running import Customer


async def make_key(client: httpx.AsyncClient, maker: Customer, **body: Any) -> dict[str, Any]:
    """A key made over HTTP: a live one that reads courses, unless said otherwise."""
    whole = {"name": "made", "env": "live", "scopes": ["read:courses"]} | body
    answer = await client.post("/v1/api-keys", json=whole, headers=maker.headers)
    assert answer.status_code == 201, answer.text
    return answer.json()  # type: ignore[no-any-return]


def as_caller(made: dict[str, Any], maker: Customer) -> Customer:
    """Whoever holds a key that was just made."""
    return Customer(maker.center_id, made["id"], made["key"])


def problem(answer: httpx.Response) -> tuple[int, str, str | None]:
    """Status, code and param of a refusal."""
    error = answer.json()["error"]
    return answer.status_code, error["code"], error.get("param")


async def listed(client: httpx.AsyncClient, caller: Customer) -> list[str]:
    """The ids of the keys that the caller sees."""
    answer = await client.get("/v1/api-keys?limit=100", headers=caller.headers)
    assert answer.status_code == 200, answer.text
    return [key["id"] for key in answer.json()["data"]]
