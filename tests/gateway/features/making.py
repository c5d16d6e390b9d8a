"""Courses for tests, made over HTTP as a customer makes them."""

from typing import Any

import httpx

from tests.running import Customer

TEXT = (
    "# Tides\n\nA tide is the rise and fall of the sea. The Moon causes most of it. Spring tides come after a new or a"
    " full Moon. Neap tides come after the first and the last quarter.\n"
)


async def make_course(
    client: httpx.AsyncClient, customer: Customer, *, modules: int = 1, text: str = TEXT, **fields: Any
) -> str:
    """A course with a brief and a source, ready to be launched; its id."""
    body = {"brief": {"topic": "Tides", "modules": modules}} | fields
    course = await client.post("/v1/courses", json=body, headers=customer.headers)
    assert course.status_code == 201, course.text
    course_id: str = course.json()["id"]
    source = await client.post(
        f"/v1/courses/{course_id}/sources",
        json={"name": "tides.md", "media_type": "text/markdown", "content": text},
        headers=customer.headers,
    )
    assert source.status_code == 201, source.text
    return course_id


async def launch(
    client: httpx.AsyncClient, customer: Customer, course_id: str, key: str, **options: Any
) -> httpx.Response:
    """One try at launching."""
    headers = customer.headers | {"Idempotency-Key": key}
    return await client.post(f"/v1/courses/{course_id}/launch", headers=headers, **options)
