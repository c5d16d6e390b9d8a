"""A generated quiz over HTTP: an assessment of its course, taken like any other, that outlives artifact and course."""

import asyncio
from typing import Any

import asyncpg
import httpx
import msgspec

from gateway.work.generations import run_generation
from gateway.work.leases import Halt
from gateway.work.queue import generation_waits
from grading.model import Item
from tests.gateway.features.making import launch, make_course
from tests.gateway.work.benches import open_bench
from tests.generators import QuizMaker
from tests.running import Customer

ITEM = {
    "type": "true_false",
    "id": "q1",
    "points": "2.50",
    "content": {"stem": "The Moon causes most of the tide."},
    "key": {"value": True},
}


async def quizzes_of(
    client: httpx.AsyncClient, customer: Customer, database: Any, database_url: str, *, modules: int = 1
) -> tuple[str, list[dict[str, Any]]]:
    """A finished course with a quiz in every module: its id, and the quiz artifacts."""
    course_id = await make_course(client, customer, modules=modules)
    assert (await launch(client, customer, course_id, course_id)).status_code == 202
    generation_id = await database.fetchval("select id from generation where course_id = $1", course_id)
    maker = QuizMaker([msgspec.convert([ITEM], type=list[Item])])
    async with open_bench(database_url, maker) as bench:
        await run_generation(bench, generation_waits(customer.center_id, "live", generation_id), Halt())
    page = await client.get(f"/v1/courses/{course_id}/artifacts?kind=quiz", headers=customer.headers)
    return course_id, page.json()["data"]


async def test_a_courses_quizzes_are_listed_as_its_assessments(
    client: httpx.AsyncClient, customer: Customer, database: Any, database_url: str
) -> None:
    """One a module, published, found by `course_id`; another course's are not among them."""
    course_id, quizzes = await quizzes_of(client, customer, database, database_url, modules=2)
    other, _ = await quizzes_of(client, customer, database, database_url)
    listed = (await client.get(f"/v1/assessments?course_id={course_id}", headers=customer.headers)).json()["data"]
    assert {one["id"] for one in listed} == {quiz["assessment_id"] for quiz in quizzes}
    assert {one["title"] for one in listed} == {"Module 0", "Module 1"}
    assert {(one["status"], one["version"], one["points_total"], one["course_id"]) for one in listed} == {
        ("published", 1, "2.50", course_id)
    }
    all_of_it = (await client.get("/v1/assessments", headers=customer.headers)).json()["data"]
    assert {one["course_id"] for one in all_of_it} == {course_id, other}


async def test_quizzes_fill_the_plans_ceiling_and_are_not_held_back_by_it(
    client: httpx.AsyncClient, customer: Customer, database: Any, database_url: str
) -> None:
    """A course that was paid for is made whole, ceiling or not; its quizzes count when an author asks for one more."""
    await database.execute("update plan set assessments_max = 1")
    _, quizzes = await quizzes_of(client, customer, database, database_url, modules=2)
    assert all(quiz["assessment_id"] for quiz in quizzes)
    refused = await client.post("/v1/assessments", json={"title": "Tides"}, headers=customer.headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "limit_reached")
    assert refused.json()["error"]["details"] == {"resource": "assessments", "limit": 1}
    await database.execute("update plan set assessments_max = 3")
    assert (await client.post("/v1/assessments", json={"title": "Tides"}, headers=customer.headers)).status_code == 201


async def test_a_generated_quiz_is_taken(
    client: httpx.AsyncClient, customer: Customer, database: Any, database_url: str
) -> None:
    """Nobody has to publish it: the first learner gets its grade at once."""
    _, (quiz,) = await quizzes_of(client, customer, database, database_url)
    body = {"learner_ref": "ana", "answers": [{"item_id": "q1", "answer": {"type": "true_false", "value": True}}]}
    path = f"/v1/assessments/{quiz['assessment_id']}/submit"
    graded = await client.post(path, json=body, headers=customer.headers)
    assert graded.status_code == 201, graded.text
    assert (graded.json()["score"], graded.json()["percent"], graded.json()["passed"]) == ("2.50", 100, True)


async def test_grades_outlive_the_course(
    client: httpx.AsyncClient, customer: Customer, database: Any, database_url: str
) -> None:
    """The course is deleted; its quiz belongs to none, and what was earned in it is still read."""
    course_id, (quiz,) = await quizzes_of(client, customer, database, database_url)
    body = {"learner_ref": "ana", "answers": [{"item_id": "q1", "answer": {"type": "true_false", "value": False}}]}
    path = f"/v1/assessments/{quiz['assessment_id']}"
    graded = (await client.post(f"{path}/submit", json=body, headers=customer.headers)).json()
    assert (await client.delete(f"/v1/courses/{course_id}", headers=customer.headers)).status_code == 204
    assessment = (await client.get(path, headers=customer.headers)).json()
    assert (assessment["course_id"], assessment["status"]) == (None, "published")
    kept = await client.get(f"/v1/submissions/{graded['id']}", headers=customer.headers)
    assert (kept.status_code, kept.json()["score"]) == (200, "0.00")


async def test_a_quiz_whose_assessment_was_deleted_says_so(
    client: httpx.AsyncClient, customer: Customer, database: Any, database_url: str
) -> None:
    """The artifact stays, with `assessment_id: null`, in its versions too."""
    _, (quiz,) = await quizzes_of(client, customer, database, database_url)
    path = f"/v1/artifacts/{quiz['id']}"
    first = (await client.get(f"{path}/versions/1", headers=customer.headers)).json()
    assert (first["assessment_id"], first["assessment_version"]) == (quiz["assessment_id"], 1)
    gone = await client.delete(f"/v1/assessments/{quiz['assessment_id']}", headers=customer.headers)
    assert gone.status_code == 204
    assert (await client.get(path, headers=customer.headers)).json()["assessment_id"] is None
    first = (await client.get(f"{path}/versions/1", headers=customer.headers)).json()
    assert (first["assessment_id"], first["assessment_version"]) == (None, None)


async def test_deleting_an_assessment_waits_for_its_quiz_to_be_made_again(
    client: httpx.AsyncClient, customer: Customer, database: Any, database_url: str
) -> None:
    """A worker holds the artifact, then wants the assessment: the deletion stands behind it and holds nothing it needs."""
    _, (quiz,) = await quizzes_of(client, customer, database, database_url)
    connection = await asyncpg.connect(database_url)
    try:
        async with connection.transaction():
            await connection.execute("select 1 from artifact where id = $1 for no key update", quiz["id"])
            path = f"/v1/assessments/{quiz['assessment_id']}"
            deleting = asyncio.create_task(client.delete(path, headers=customer.headers))
            async with asyncio.timeout(10):
                while not await database.fetchval(
                    "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
                ):
                    await asyncio.sleep(0.01)
            await connection.execute("select 1 from assessment where id = $1 for update nowait", quiz["assessment_id"])
    finally:
        await connection.close()
    assert (await deleting).status_code == 204
