"""`/schema/openapi.json` and `/docs`: for everybody, from our own files, closed against everything else."""

import re
from html import escape

import httpx

from gateway.errors import CATALOGUE
from gateway.web.page_headers import NO_ICON
from tests.clock import FrozenClock
from tests.running import running, settings_for, talking_to


async def test_the_schema_is_openapi_3_1(client: httpx.AsyncClient) -> None:
    """Needs no key, and is what the gateway itself answers."""
    answer = await client.get("/schema/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["openapi"] == "3.1.0"
    assert "/v1/courses/{course_id}/launch" in answer.json()["paths"]


async def test_the_page_loads_nothing_from_elsewhere(client: httpx.AsyncClient) -> None:
    """No script, one style sheet, and it is ours; the policy forbids the rest."""
    answer = await client.get("/docs")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "<script" not in answer.text
    assert not re.findall(r"(?:src|href)=['\"]?https?:", answer.text)
    policy = answer.headers["content-security-policy"]
    for rule in (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "frame-ancestors 'none'",
    ):
        assert rule in policy.split("; ")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert NO_ICON in answer.text
    style = await client.get("/docs/style.css")
    assert style.headers["content-type"].startswith("text/css")


async def test_every_link_in_the_page_leads_somewhere(client: httpx.AsyncClient) -> None:
    """To a route, an error's row or an object's fields that are there; other words in back quotes are code alone."""
    page = (await client.get("/docs")).text
    anchors = set(re.findall(r"id='?([^ '>]+)", page))
    links = set(re.findall(r"href='?#([^ '>]+)", page))
    assert len(links) > 100
    assert links - anchors == set()


async def test_the_page_has_every_route_and_an_anchor_for_every_error(client: httpx.AsyncClient) -> None:
    """`type` of RFC 9457 leads to the row of its code."""
    page = (await client.get("/docs")).text
    document = (await client.get("/schema/openapi.json")).json()
    for path, methods in document["paths"].items():
        assert path in page
        for operation in methods.values():
            assert f"<section id='{operation['operationId']}'>" in page
    for kind in CATALOGUE:
        assert f"id='{kind.code.replace('<', '&lt;').replace('>', '&gt;')}'" in page


async def test_the_page_says_what_every_field_means(client: httpx.AsyncClient) -> None:
    """In a table for each object, to which the routes that take or answer one lead."""
    page = (await client.get("/docs")).text
    document = (await client.get("/schema/openapi.json")).json()
    for name, schema in document["components"]["schemas"].items():
        _, _, behind = page.partition(f"<details id='schema-{name}'>")
        shown = re.sub(r"</?code>", "`", behind.partition("</details>")[0])
        for field, told in schema.get("properties", {}).items():
            assert f"<tr><td>`{field}`<td>{escape(told['description'])}" in shown
    course = page.partition("<details id='schema-Course'>")[2].partition("</details>")[0]
    assert "<a href='#schema-Generation'>Generation</a>" in course
    launched = page.partition("id='courses_launch'")[2].partition("</section>")[0]
    assert "<a href='#schema-Course'>Course</a>" in launched


async def test_the_page_can_be_switched_off(database_url: str, redis_url: str, clock: FrozenClock) -> None:
    """By the setting; the schema stays."""
    async with running(settings_for(database_url, redis_url, docs=False), clock) as app, talking_to(app) as client:
        assert (await client.get("/docs")).status_code == 404
        assert (await client.get("/docs/style.css")).status_code == 404
        assert (await client.get("/schema/openapi.json")).status_code == 200


async def test_operation_ids_are_unique(client: httpx.AsyncClient) -> None:
    """Generated clients name their functions by them."""
    document = (await client.get("/schema/openapi.json")).json()
    ids = [operation["operationId"] for methods in document["paths"].values() for operation in methods.values()]
    assert len(ids) == len(set(ids))
