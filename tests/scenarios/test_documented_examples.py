"""The examples of the OpenAPI document, sent as they stand there: who copies one is not told that it is malformed."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import requests

from gateway.app import openapi_document
from gateway.openapi.written import BY_KIND
from tests.scenarios.fuzz_world import World, a_world

ENDINGS = ("/archive", "/cancel", "/suspend", "/end")
"""Behind these steps nothing more could be asked of their object."""

NEEDS_MORE = {
    "POST /v1/webhooks": "a host whose name has an address where tests run",
    "POST /v1/submissions/{submission_id}/reviews": "an essay, which the assessment of the other examples has none of",
    "GET /v1/sessions/{session_id}": "a session's own credential, for its player",
}
"""Routes whose example says what a key in a test can't have."""


@pytest.fixture
async def world(database_url: str, redis_url: str) -> AsyncIterator[World]:
    """A gateway with one of each thing that an example is about."""
    async with a_world(database_url, redis_url) as made:
        yield made


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every route that a key may ask and that takes nothing away, in an order in which none hinders another."""
    found = [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if "bearer" in {scheme for way in operation.get("security", ()) for scheme in way} and method != "delete"
    ]
    yield from sorted(found, key=lambda each: (each[0].endswith(ENDINGS), each[1] == "post", each[0]))


class Sender:
    """A customer who copies from the document, and puts ids of their own in place of those that stand there."""

    def __init__(self, world: World) -> None:
        self._url = world.url
        self._http = requests.Session()
        self._http.headers.update({"Authorization": f"Bearer {world.key}"})
        ids = {name: known[0] for name, known in world.ids[0].items()}
        ids["assessment_id"] = self._made("/v1/assessments", BY_KIND["NewAssessment"])
        self._made(f"/v1/assessments/{ids['assessment_id']}/publish", None)
        learner = {"learner_ref": "learner-4711"}
        ids["submission_id"] = self._made(f"/v1/assessments/{ids['assessment_id']}/submissions", learner)
        collection = {"title": "A", "assessment_ids": [ids["assessment_id"]]}
        ids["collection_id"] = self._made("/v1/collections", collection)
        self._ids = ids

    def _made(self, path: str, body: Any) -> str:
        answer = self._http.post(self._url + path, json=body, timeout=20)
        assert answer.status_code in {200, 201}, answer.text
        identity: str = answer.json()["id"]
        return identity

    def send(self, path: str, method: str, operation: dict[str, Any]) -> requests.Response:
        """Ask as the examples do. A cursor is that of a page before, which there is none of."""
        given: dict[str, dict[str, Any]] = {where: {} for where in ("path", "query", "header")}
        for one in operation["parameters"]:
            given[one["in"]][one["name"]] = self._ids.get(one["name"], one["example"])
        query = {
            name: "true" if value is True else "false" if value is False else value
            for name, value in given["query"].items()
            if name != "cursor"
        }
        url = self._url + path.format(**given["path"])
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        body = self._own(content["example"]) if content else None
        return self._http.request(method, url, params=query, headers=given["header"], json=body, timeout=20)

    def _own(self, example: Any, name: str = "") -> Any:
        match example:
            case dict():
                return {field: self._own(value, field) for field, value in example.items()}
            case list():
                return [self._own(value, name.removesuffix("s")) for value in example]
            case str():
                return self._ids.get(name, example) if name.endswith("_id") else example
            case _:
                return example


async def test_no_example_is_refused_as_malformed(world: World) -> None:
    """Every route that a key may ask, with its examples for path, query, headers and body: it may be too late for it, or not
    there, but nothing in it is wrong.
    """

    def refused() -> dict[str, str]:
        sender, found = Sender(world), {}
        for path, method, operation in operations(openapi_document()):
            answer = sender.send(path, method, operation)
            assert answer.status_code < 500, answer.text
            if answer.status_code in {400, 415, 422}:
                found[f"{method.upper()} {path}"] = answer.text
        return found

    found = await asyncio.to_thread(refused)
    assert {route: said for route, said in found.items() if route not in NEEDS_MORE} == {}
