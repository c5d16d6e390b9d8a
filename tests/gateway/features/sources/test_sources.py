"""Sources: text is taken as it is, and what is no text is refused by name."""

import hashlib
from typing import Any

import httpx
import pytest

from gateway.features.sources.schemas import CONTENT_BYTES_MAX
from gateway.features.sources.service import COURSE_SOURCE_BYTES_MAX, SOURCES_MAX
from tests.gateway.features.making import launch, make_course
from tests.running import Customer


async def _course(client: httpx.AsyncClient, customer: Customer) -> str:
    course = await client.post("/v1/courses", json={"brief": {"topic": "x"}}, headers=customer.headers)
    return str(course.json()["id"])


async def _add(client: httpx.AsyncClient, customer: Customer, course_id: str, **fields: Any) -> httpx.Response:
    body = {"name": "a.txt", "media_type": "text/plain", "content": "The sea rises."} | fields
    return await client.post(f"/v1/courses/{course_id}/sources", json=body, headers=customer.headers)


async def test_a_source_is_ready_at_once_and_never_shows_its_content(
    client: httpx.AsyncClient, customer: Customer
) -> None:
    """201 with size and SHA-256 of the UTF-8; the text itself comes back from no route."""
    course_id = await _course(client, customer)
    text = "Ebbe und Flut – täglich zweimal."
    made = await _add(client, customer, course_id, content=text)
    assert made.status_code == 201
    source = made.json()
    assert (source["status"], source["bytes"]) == ("ready", len(text.encode()))
    assert source["sha256"] == hashlib.sha256(text.encode()).hexdigest()
    shown = await client.get(made.headers["location"], headers=customer.headers)
    listed = await client.get(f"/v1/courses/{course_id}/sources", headers=customer.headers)
    assert shown.json() == source
    assert listed.json()["data"] == [source]
    assert "täglich" not in made.text + shown.text + listed.text


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"content": ""}, "content"),
        ({"content": " \n\t "}, "content"),
        ({"content": "123 456"}, "content"),
        ({"content": "\u0001\u0002\u0003PNG binary" * 50}, "content"),
        ({"content": "Gr\ufffd\ufffde " * 200}, "content"),
        ({"content": "a" * (CONTENT_BYTES_MAX + 1)}, "content"),
        ({"media_type": "application/pdf"}, "media_type"),
        ({"media_type": "text/html"}, "media_type"),
        ({"name": ""}, "name"),
        ({"content": None}, "content"),
    ],
)
async def test_what_is_no_text_is_refused(
    client: httpx.AsyncClient, customer: Customer, fields: dict[str, Any], param: str
) -> None:
    """Empty, binary, of a lost encoding, too long, or of a kind that is not read: 400 that says which."""
    course_id = await _course(client, customer)
    answer = await _add(client, customer, course_id, **fields)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == (400, "invalid_field", param)
    listed = await client.get(f"/v1/courses/{course_id}/sources", headers=customer.headers)
    assert listed.json()["data"] == []


async def test_five_mebibytes_of_one_line_are_taken(client: httpx.AsyncClient, customer: Customer) -> None:
    """The largest content is taken, however it is broken into lines; JSON around it may be larger than 1 MiB."""
    course_id = await _course(client, customer)
    made = await _add(client, customer, course_id, content="a " * (CONTENT_BYTES_MAX // 2))
    assert (made.status_code, made.json()["bytes"]) == (201, CONTENT_BYTES_MAX)


async def test_a_course_has_at_most_twenty_sources(client: httpx.AsyncClient, customer: Customer) -> None:
    """The 21st is 409 with the limit; one taken away makes room."""
    course_id = await _course(client, customer)
    made = [await _add(client, customer, course_id) for _ in range(SOURCES_MAX)]
    assert {answer.status_code for answer in made} == {201}
    refused = await _add(client, customer, course_id)
    assert refused.json()["error"]["details"] == {"resource": "sources", "limit": SOURCES_MAX}
    assert (await client.delete(made[0].headers["location"], headers=customer.headers)).status_code == 204
    assert (await client.get(made[0].headers["location"], headers=customer.headers)).status_code == 404
    assert (await _add(client, customer, course_id)).status_code == 201


async def test_a_course_has_at_most_ten_mebibytes_of_sources(client: httpx.AsyncClient, customer: Customer) -> None:
    """What one generation may read is bounded, whatever the plan stores: 409 with the limit, and another course has room."""
    course_id = await _course(client, customer)
    half = "a" * (COURSE_SOURCE_BYTES_MAX // 2)
    for _ in range(2):
        assert (await _add(client, customer, course_id, content=half)).status_code == 201
    refused = await _add(client, customer, course_id)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "limit_reached")
    assert refused.json()["error"]["details"] == {"resource": "course_source_bytes", "limit": COURSE_SOURCE_BYTES_MAX}
    assert (await _add(client, customer, await _course(client, customer))).status_code == 201


async def test_sources_stand_still_after_the_launch(client: httpx.AsyncClient, customer: Customer) -> None:
    """What a course was made of can't be changed behind it: 409."""
    course_id = await make_course(client, customer)
    await launch(client, customer, course_id, "k")
    answer = await _add(client, customer, course_id)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "wrong_state")
