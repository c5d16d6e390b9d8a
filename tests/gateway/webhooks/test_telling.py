"""Every type of event, made true over HTTP and by workers: told once, and as the API shows it. Rule source: webhooks."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, get_args

import httpx
import pytest

from gateway.webhooks.types import EventType
from tests.gateway.features.api_keys.asking import make_key
from tests.gateway.features.assessments.authored import make, make_published
from tests.gateway.features.making import make_course
from tests.gateway.features.taking import Taker, essay, picked, publish, publish_anew, question, written
from tests.gateway.webhooks.world import Json, Pausing, World, only
from tests.generators import FakeGenerator
from tests.running import add_customer, add_key

Row = Callable[[World], Awaitable[Json]]
"""Makes something true and returns the `data` that its event must have."""


async def launched(world: World) -> Json:
    return await world.get(f"/v1/courses/{await world.launched(modules=2)}")


async def module_ready(world: World) -> Json:
    course_id = await world.launched(modules=2)
    generator = Pausing()
    working = asyncio.create_task(world.generate(course_id, generator))
    async with asyncio.timeout(20):
        await generator.reached.wait()
    shown = await world.get(f"/v1/courses/{course_id}")
    artifacts = await world.get(f"/v1/courses/{course_id}/artifacts")
    await world.post(f"/v1/courses/{course_id}/cancel")
    generator.go_on.set_exception(RuntimeError("crashed, so that no second module comes"))
    await working
    ids = [one["id"] for one in artifacts["data"]]
    return shown | {"module_index": 0, "artifact_ids": ids}


async def ready(world: World) -> Json:
    return await world.get(f"/v1/courses/{await world.made(modules=2)}")


async def failed(world: World) -> Json:
    return await world.get(f"/v1/courses/{await world.made(FakeGenerator(fails_at=0), modules=2)}")


async def canceled(world: World) -> Json:
    return await world.post(f"/v1/courses/{await world.launched()}/cancel")


async def regenerated(world: World) -> Json:
    return await _regenerated(world, FakeGenerator())


async def regeneration_failed(world: World) -> Json:
    return await _regenerated(world, FakeGenerator(versions_max=1))


async def _regenerated(world: World, generator: FakeGenerator) -> Json:
    course_id = await world.made()
    artifact_id = (await world.artifact_of(course_id))["id"]
    note = await world.regenerate(artifact_id, generator)
    shown = await world.artifact_of(course_id)
    assert shown["id"] == artifact_id
    return shown | {"external_ref": "ext-1", "note_id": note["id"], "regeneration": note["regeneration"]}


async def source_ready(world: World) -> Json:
    course_id = await make_course(world.client, world.customer, external_ref="ext-1")
    return only((await world.get(f"/v1/courses/{course_id}/sources"))["data"]) | {"external_ref": "ext-1"}


async def warned(world: World) -> Json:
    return await _used(world, modules=4, percent=80)


async def exceeded(world: World) -> Json:
    return await _used(world, modules=5, percent=100)


async def _used(world: World, modules: int, percent: int) -> Json:
    await world.limit(generation_units_per_month=5, alert_percents=[80, 100])
    await world.launched(modules=modules)
    usage = await world.get("/v1/usage")
    meter = {"meter": "generation", "reached_percent": percent, "period": usage["period"]}
    told_as = {"object": "quota", "id": f"{world.customer.center_id}:generation"}
    return told_as | meter | usage["meters"]["generation"]


async def graded(world: World) -> Json:
    assessment_id = await publish(world.client, world.customer)
    submitted = await Taker(world.client, world.customer).submit_at_once(assessment_id, picked())
    return await _result(world, assessment_id, submitted.json()["id"])


async def grading_completed(world: World) -> Json:
    assessment_id = await publish(world.client, world.customer, question(), essay())
    submitted = await Taker(world.client, world.customer).submit_at_once(assessment_id, picked(), written())
    submission_id = submitted.json()["id"]
    await world.post(f"/v1/submissions/{submission_id}/reviews", {"item_id": "q4", "score": "1"})
    return await _result(world, assessment_id, submission_id)


async def regraded(world: World) -> Json:
    assessment_id = await publish(world.client, world.customer)
    submitted = await Taker(world.client, world.customer).submit_at_once(assessment_id, picked("b"))
    right = question() | {"key": {"correct": "b"}}
    await publish_anew(world.client, world.customer, assessment_id, items=[right])
    await world.regrade(assessment_id)
    shown = await _result(world, assessment_id, regrade_of=submitted.json()["id"])
    assert shown["regrade_of"] == submitted.json()["id"]
    return shown


async def _result(world: World, assessment_id: str, submission_id: str | None = None, **wanted: Any) -> Json:
    """A submission as results list it, without what the list alone knows."""
    listed = (await world.get(f"/v1/assessments/{assessment_id}/results"))["data"]
    shown = only([one for one in listed if one["id"] == submission_id or (wanted and wanted.items() <= one.items())])
    return {name: value for name, value in shown.items() if name not in {"counts", "regraded_as"}}


async def published(world: World) -> Json:
    course_id = await make_course(world.client, world.customer, external_ref="ext-1")
    made = await make_published(world.client, world.customer, course_id=course_id)
    return await _assessment(world, made["id"]) | {"working_version": 1, "external_ref": "ext-1"}


async def updated(world: World) -> Json:
    made = await make(world.client, world.customer)
    edit = {"title": "Ebb", "settings": {"penalty_per_try": 0.25}}
    await world.ask("PATCH", f"/v1/assessments/{made['id']}", edit)
    shown = await _assessment(world, made["id"])
    assert shown["title"] == "Ebb"
    return shown | {"working_version": 1, "external_ref": None}


async def archived(world: World) -> Json:
    made = await make_published(world.client, world.customer)
    for _ in range(2):
        await world.post(f"/v1/assessments/{made['id']}/archive")
    return await _assessment(world, made["id"]) | {"working_version": 1, "external_ref": None}


async def _assessment(world: World, assessment_id: str) -> Json:
    """As those see it who may but read."""
    async with world.database.acquire() as connection:
        reader = await add_key(
            connection, world.customer.center_id, env=world.env, scopes=["read:assessments"]  # type: ignore[arg-type]
        )  # fmt: skip
    listed = (await world.client.get("/v1/assessments?limit=100", headers=reader.headers)).json()["data"]
    return only([one for one in listed if one["id"] == assessment_id])


async def collection_created(world: World) -> Json:
    assessment_id = (await make(world.client, world.customer))["id"]
    made = await world.post("/v1/collections", {"title": "Term", "assessment_ids": [assessment_id]})
    return await _collection(world, made["id"])


async def collection_updated(world: World) -> Json:
    made = await world.post("/v1/collections", {"title": "Term"})
    await world.ask("PATCH", f"/v1/collections/{made['id']}", {"title": "Year"})
    await world.ask("PATCH", f"/v1/collections/{made['id']}", {"title": "Year"})
    return await _collection(world, made["id"])


async def collection_deleted(world: World) -> Json:
    made = await world.post("/v1/collections", {"title": "Term"})
    shown = await _collection(world, made["id"])
    assert (await world.ask("DELETE", f"/v1/collections/{made['id']}")).status_code == 204
    assert (await world.ask("DELETE", f"/v1/collections/{made['id']}")).status_code == 404
    return shown


async def _collection(world: World, collection_id: str) -> Json:
    return only([one for one in (await world.get("/v1/collections"))["data"] if one["id"] == collection_id])


async def key_created(world: World) -> Json:
    made = await make_key(world.client, world.customer, env=world.env)
    return await _key(world, made["id"])


async def key_revoked(world: World) -> Json:
    made = await make_key(world.client, world.customer, env=world.env)
    shown = await _key(world, made["id"])
    assert (await world.ask("DELETE", f"/v1/api-keys/{made['id']}")).status_code == 204
    return shown


async def _key(world: World, key_id: str) -> Json:
    return only([one for one in (await world.get("/v1/api-keys?limit=100"))["data"] if one["id"] == key_id])


TOLD: Final[dict[str, Row]] = {
    "course.launched": launched,
    "course.module_ready": module_ready,
    "course.ready": ready,
    "course.failed": failed,
    "course.canceled": canceled,
    "artifact.regenerated": regenerated,
    "artifact.regeneration_failed": regeneration_failed,
    "source.ready": source_ready,
    "quota.warning": warned,
    "quota.exceeded": exceeded,
    "submission.graded": graded,
    "submission.grading_completed": grading_completed,
    "submission.regraded": regraded,
    "assessment.published": published,
    "assessment.updated": updated,
    "assessment.archived": archived,
    "collection.created": collection_created,
    "collection.updated": collection_updated,
    "collection.deleted": collection_deleted,
    "api_key.created": key_created,
    "api_key.revoked": key_revoked,
}

ELSEWHERE: Final = {"member.invited", "checkpoint.signed", "webhook.disabled", "webhook.ping"}
"""Told by members, records and webhooks, and tested there."""

NEVER_TRUE: Final = {"course.paused_for_review", "course.quota_paused", "source.failed"}
"""No course is paused, and what can't be read as text is refused before it is a source."""


def test_every_type_is_told_by_somebody() -> None:
    """A new type belongs into one of the tables here."""
    assert {*TOLD, *ELSEWHERE, *NEVER_TRUE} == set(get_args(EventType))


@pytest.mark.parametrize("kind", TOLD)
async def test_what_becomes_true_is_told_once_and_as_the_api_shows_it(kind: str, world: World) -> None:
    """One event, whose data is what GET answers to those who may read it, with the course's external_ref."""
    await world.listen(kind)
    shown = await TOLD[kind](world)
    event = only(await world.told(kind))
    assert event["data"] == shown
    assert (event["type"], event["env"], event["center_id"]) == (kind, "live", world.customer.center_id)
    assert [event["type"] for event in await world.told()] == [kind]


async def test_one_webhook_hears_of_everything_and_a_center_without_one_leaves_nothing(
    world: World, client: httpx.AsyncClient, database: Any, database_url: str
) -> None:
    """All that the product makes true, in two centers: each type reaches a webhook of all types; the other keeps no row."""
    async with database.acquire() as connection:
        quiet = World(client, await add_customer(connection), database, database_url)
    await world.listen(*get_args(EventType))
    await everything(world)
    assert {event["type"] for event in await world.told()} == set(TOLD)
    before = await database.fetchval("select count(*) from event")
    await everything(quiet)
    assert await database.fetchval("select count(*) from event") == before


async def everything(world: World) -> None:
    """All rows one after the other; then what is left of the allowance is one unit, and that is used."""
    for row in TOLD.values():
        if row not in {warned, exceeded}:
            await row(world)
    used = await world.database.fetchval(
        "select settled + held from quota_counter where center_id = $1 and meter = 'generation'",
        world.customer.center_id,
    )
    await world.limit(generation_units_per_month=used + 1, alert_percents=[80, 100])
    await world.launched()
