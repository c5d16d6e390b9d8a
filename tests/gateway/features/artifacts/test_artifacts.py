"""Reading what a course consists of: order, pages, versions, and what stays hidden."""

from typing import Any

import httpx
import msgspec
import pytest

from gateway.app import Gateway
from gateway.features.artifacts.service import WITH_OUTLINE
from gateway.generation.model import ArtifactDraft
from gateway.work.generations import run_generation
from gateway.work.leases import Halt
from gateway.work.queue import generation_waits
from grading.model import Item
from tests.gateway.features.making import launch, make_course
from tests.gateway.work.benches import open_bench
from tests.generators import FakeGenerator
from tests.running import Customer, add_customer

KINDS = ["slides", "notes", "narration"]
SENTINEL = "the-right-answer-sentinel"


class QuizGenerator(FakeGenerator):
    """Adds to each module a quiz whose key holds a sentinel."""

    async def module(self, order: Any, outline: Any, index: int) -> list[ArtifactDraft]:
        drafts = await super().module(order, outline, index)
        item = {
            "type": "short_text",
            "id": "q1",
            "content": {"stem": "What causes most of the tide?"},
            "key": {"answers": [{"text": SENTINEL}]},
        }
        items = msgspec.convert([item], type=list[Item])
        quiz = ArtifactDraft(kind="quiz", media_type="application/json", items=items, note="One question was left out.")
        return [draft for draft in drafts if draft.kind != "quiz"] + [quiz]


async def finished(
    client: httpx.AsyncClient, customer: Customer, database: Any, database_url: str, modules: int = 2
) -> str:
    """A course that was made with all four kinds; its id."""
    course_id = await make_course(client, customer, modules=modules)
    assert (await launch(client, customer, course_id, "k")).status_code == 202
    generation_id = await database.fetchval("select id from generation where course_id = $1", course_id)
    async with open_bench(database_url, QuizGenerator()) as bench:
        await run_generation(bench, generation_waits(customer.center_id, "live", generation_id), Halt())
    return course_id


async def test_artifacts_come_module_by_module_without_content(
    client: httpx.AsyncClient, customer: Customer, database: Any, database_url: str
) -> None:
    """Natural order over pages; filters narrow it; only the artifact itself shows its content."""
    course_id = await finished(client, customer, database, database_url)
    listed, cursor = [], None
    while True:
        params = {"limit": "3"} | ({"cursor": cursor} if cursor else {})
        page = (await client.get(f"/v1/courses/{course_id}/artifacts", params=params, headers=customer.headers)).json()
        listed += page["data"]
        cursor = page["next_cursor"]
        assert page["has_more"] == (cursor is not None)
        if cursor is None:
            break
    assert [(a["module_index"], a["kind"]) for a in listed] == [(m, k) for m in (0, 1) for k in [*KINDS, "quiz"]]
    assert all("content" not in artifact for artifact in listed)
    one = (await client.get(f"/v1/artifacts/{listed[1]['id']}", headers=customer.headers)).json()
    assert one["content"].startswith("# notes")
    assert one | {"content": ""} == listed[1] | {"content": ""}
    assert one["bytes"] == len(one["content"].encode())
    assert (one["object"], one["version"], one["status"]) == ("artifact", 1, "ready")
    assert one["regenerations"] == {"used": 0, "cap": 50}
    narrowed = await client.get(
        f"/v1/courses/{course_id}/artifacts", params={"module_index": "1", "kind": "quiz"}, headers=customer.headers
    )
    assert [artifact["id"] for artifact in narrowed.json()["data"]] == [listed[-1]["id"]]


async def test_no_route_shows_a_quizs_items(
    client: httpx.AsyncClient, customer: Customer, database: Any, database_url: str
) -> None:
    """A quiz is listed and versioned, with its assessment's id; its keys are stored and leave by no route of these."""
    course_id = await finished(client, customer, database, database_url, modules=1)
    artifacts = (await client.get(f"/v1/courses/{course_id}/artifacts", headers=customer.headers)).json()["data"]
    quiz = next(artifact for artifact in artifacts if artifact["kind"] == "quiz")
    texts = []
    for path in ("", "/versions", "/versions/1", "/notes"):
        answer = await client.get(f"/v1/artifacts/{quiz['id']}{path}", headers=customer.headers)
        assert answer.status_code == 200
        texts.append(answer.text)
    texts.append((await client.get(f"/v1/courses/{course_id}/outline", headers=customer.headers)).text)
    assert not [text for text in texts if SENTINEL in text or "items" in text or "What causes" in text]
    shown = (await client.get(f"/v1/artifacts/{quiz['id']}", headers=customer.headers)).json()
    stored = await database.fetchrow("select * from assessment_version")
    assert shown["assessment_id"] == stored["assessment_id"]
    assert "content" not in shown
    assert shown["remark"] == "One question was left out."
    first = (await client.get(f"/v1/artifacts/{quiz['id']}/versions/1", headers=customer.headers)).json()
    assert (first["assessment_id"], first["assessment_version"]) == (stored["assessment_id"], stored["version"])
    assert SENTINEL.encode() in stored["items"]


@pytest.mark.parametrize("status", ["awaiting_launch", *WITH_OUTLINE])
async def test_a_course_without_an_outline_is_not_told_to_be_what_it_is(
    client: httpx.AsyncClient, customer: Customer, database: Any, status: str
) -> None:
    """Generating, or failed before an outline was made: the states that are named are others than its own."""
    course_id = await make_course(client, customer)
    await database.execute("update course set status = $2 where id = $1", course_id, status)
    refused = await client.get(f"/v1/courses/{course_id}/outline", headers=customer.headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "wrong_state")
    allowed = [other for other in WITH_OUTLINE if other != status]
    assert refused.json()["error"]["details"] == {"current": status, "allowed": allowed}


async def test_the_outline_shows_modules_with_their_spans(
    client: httpx.AsyncClient, customer: Customer, database: Any, database_url: str
) -> None:
    """Before it is made: wrong_state, naming the state in which it is there for sure."""
    fresh = await make_course(client, customer)
    early = await client.get(f"/v1/courses/{fresh}/outline", headers=customer.headers)
    assert early.status_code == 409
    assert early.json()["error"]["details"] == {"current": "awaiting_launch", "allowed": WITH_OUTLINE}
    course_id = await finished(client, customer, database, database_url)
    outline = (await client.get(f"/v1/courses/{course_id}/outline", headers=customer.headers)).json()
    assert (outline["object"], outline["id"], outline["version"]) == ("outline", course_id, 1)
    assert [module["index"] for module in outline["modules"]] == [0, 1]
    assert outline["modules"][0]["source_refs"][0]["start"] == 0


async def test_versions_are_found_by_number_alone(
    client: httpx.AsyncClient, customer: Customer, database: Any, database_url: str
) -> None:
    """A number that never was a version is the artifact's 404, whatever its shape."""
    course_id = await finished(client, customer, database, database_url, modules=1)
    page = await client.get(f"/v1/courses/{course_id}/artifacts?kind=slides", headers=customer.headers)
    artifact_id = page.json()["data"][0]["id"]
    versions = (await client.get(f"/v1/artifacts/{artifact_id}/versions", headers=customer.headers)).json()
    assert [(v["object"], v["id"], v["version"], v["note_id"]) for v in versions["data"]] == [
        ("artifact_version", artifact_id, 1, None)
    ]
    first = (await client.get(f"/v1/artifacts/{artifact_id}/versions/1", headers=customer.headers)).json()
    assert first["content"].startswith("# slides")
    for number in ("0", "01", "2", "-1", "1.0", "x", "99999999999999999999", "2147483647", "%D9%A1"):
        answer = await client.get(f"/v1/artifacts/{artifact_id}/versions/{number}", headers=customer.headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "artifact_not_found"), number


async def test_another_centers_artifacts_are_not_there(
    client: httpx.AsyncClient, app: Gateway, customer: Customer, database: Any, database_url: str
) -> None:
    """Foreign, made up and misshapen ids: the same 404 on every route, but for the request's id."""
    course_id = await finished(client, customer, database, database_url, modules=1)
    page = await client.get(f"/v1/courses/{course_id}/artifacts", headers=customer.headers)
    artifact_id = page.json()["data"][0]["id"]
    async with app.services.sql.session() as connection:
        other = await add_customer(connection)
    made_up = "art_" + "a" * 26
    for path in ("", "/versions", "/versions/1", "/notes"):
        bodies = []
        for wanted in (artifact_id, made_up, "nonsense"):
            answer = await client.get(f"/v1/artifacts/{wanted}{path}", headers=other.headers)
            assert answer.status_code == 404
            bodies.append(answer.json()["error"] | {"request_id": ""})
        assert bodies[0] == bodies[1] == bodies[2]
    for path in ("outline", "artifacts"):
        answer = await client.get(f"/v1/courses/{course_id}/{path}", headers=other.headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "course_not_found")
    posted = await client.post(f"/v1/artifacts/{artifact_id}/notes", json={"text": "x"}, headers=other.headers)
    assert (posted.status_code, posted.json()["error"]["code"]) == (404, "artifact_not_found")
    assert await database.fetchval("select count(*) from note") == 0


@pytest.mark.parametrize(
    ("query", "code", "param"),
    [
        ("kind=poem", "invalid_parameter", "kind"),
        ("module_index=-1", "invalid_parameter", "module_index"),
        ("module_index=99999999999", "invalid_parameter", "module_index"),
        ("cursor=junk", "invalid_cursor", "cursor"),
        ("color=red", "invalid_parameter", "color"),
    ],
)
async def test_wrong_filters_are_named(
    client: httpx.AsyncClient, customer: Customer, query: str, code: str, param: str
) -> None:
    """The query parameter that is wrong stands in `param`."""
    course_id = await make_course(client, customer)
    answer = await client.get(f"/v1/courses/{course_id}/artifacts?{query}", headers=customer.headers)
    assert answer.status_code == 400
    assert (answer.json()["error"]["code"], answer.json()["error"].get("param")) == (code, param)
