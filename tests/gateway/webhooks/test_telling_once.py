"""Events share the fate of what they tell of: told once however often it is tried, and not at all where it is undone."""

import asyncio
from datetime import timedelta

import asyncpg
import httpx
import pytest

from gateway.generation.model import Outline, OutlineModule
from gateway.stores import SqlStore
from gateway.work import store
from gateway.work.bench import CLAIMS_MAX
from gateway.work.generations import run_generation
from gateway.work.leases import Halt
from gateway.work.queue import generation_waits
from tests.clock import FrozenClock
from tests.gateway.features.assessments.authored import make, make_published
from tests.gateway.features.making import launch, make_course
from tests.gateway.features.taking import Taker, essay, picked, publish, question, written
from tests.gateway.webhooks.world import Json, Pausing, World, only
from tests.gateway.work.shop import Shop
from tests.gateway.work.test_attempts import invigilator
from tests.generators import FakeGenerator
from tests.running import Customer

EVERYTHING = (
    "course.launched",
    "course.module_ready",
    "course.ready",
    "course.failed",
    "course.canceled",
    "quota.warning",
    "quota.exceeded",
    "submission.graded",
    "submission.grading_completed",
    "assessment.published",
    "assessment.updated",
    "assessment.archived",
    "collection.created",
    "collection.updated",
)


def kinds(events: list[Json]) -> list[str]:
    return [event["type"] for event in events]


async def test_a_launch_that_is_tried_many_times_is_told_once(world: World) -> None:
    """Five at once under one key, and one more after: one launch, one event."""
    await world.listen(*EVERYTHING)
    course_id = await make_course(world.client, world.customer)
    tries = [launch(world.client, world.customer, course_id, "one-key") for _ in range(5)]
    answers = [*await asyncio.gather(*tries), await launch(world.client, world.customer, course_id, "one-key")]
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert answers[-1].headers["Idempotent-Replayed"] == "true"
    assert kinds(await world.told()) == ["course.launched"]


async def test_other_replays_are_told_once_too(world: World) -> None:
    """A collection made, an assessment published and an attempt submitted, each twice under its key."""
    await world.listen(*EVERYTHING)
    assessment_id = (await make(world.client, world.customer, items=[question()]))["id"]
    for _ in range(2):
        await world.post("/v1/collections", {"title": "Term"}, "a")
        await world.post(f"/v1/assessments/{assessment_id}/publish", key="b")
        await Taker(world.client, world.customer).submit_at_once(assessment_id, picked(), key="c")
    assert kinds(await world.told()) == ["collection.created", "assessment.published", "submission.graded"]


async def test_publishing_what_is_published_tells_nothing(world: World) -> None:
    """Two at once publish one version, an edit that changes nothing is none: one event."""
    made = await make(world.client, world.customer)
    await world.listen(*EVERYTHING)
    path = f"/v1/assessments/{made['id']}"
    await asyncio.gather(*[world.post(f"{path}/publish") for _ in range(4)])
    await world.ask("PATCH", path, {"title": made["title"]})
    await world.ask("PATCH", path, {})
    assert kinds(await world.told()) == ["assessment.published"]


async def test_what_is_refused_half_way_is_not_told(world: World) -> None:
    """The units fit and set off an alert, then no more generations may run: all is undone, the alert too."""
    await world.limit(generation_units_per_month=5, concurrent_generations=1, alert_percents=[40, 80])
    await world.launched(modules=1)
    await world.listen(*EVERYTHING)
    shop = Shop(world.database, world.customer.center_id)  # the mirror would refuse it before anything is written
    with pytest.raises(asyncpg.PostgresError, match="concurrency_limit_reached"):
        await shop.launch(modules=4)
    assert await world.told() == []
    await world.limit(concurrent_generations=2)
    await shop.launch(modules=4)
    assert kinds(await world.told()) == ["quota.warning", "quota.warning", "course.launched"]


async def test_a_worker_that_was_thought_dead_tells_nothing(world: World) -> None:
    """Another takes over after the first module: each module is told once, and the end once."""
    await world.listen(*EVERYTHING)
    course_id = await world.launched(modules=3)
    row = await world.database.fetchrow("select id from generation")
    wake = generation_waits(world.customer.center_id, "live", row["id"])
    generator = Pausing()
    async with world.bench(generator) as bench, world.bench(FakeGenerator()) as other:
        zombie = asyncio.create_task(run_generation(bench, wake, Halt()))
        async with asyncio.timeout(20):
            await generator.reached.wait()
        await world.database.execute("update generation set lease_until = clock_timestamp() - interval '1 second'")
        await run_generation(other, wake, Halt())
        generator.go_on.set_result(None)
        await zombie
    events = await world.told()
    assert kinds(events) == ["course.launched", *["course.module_ready"] * 3, "course.ready"]
    assert [event["data"].get("module_index") for event in events] == [None, 0, 1, 2, None]
    assert {event["data"]["id"] for event in events} == {course_id}


async def test_a_worker_whose_answers_are_lost_tells_once(world: World) -> None:
    """A module kept and a generation ended, each said twice by the same fence."""
    await world.listen(*EVERYTHING)
    await world.launched(modules=2)
    generation_id = await world.database.fetchval("select id from generation")
    async with world.bench(FakeGenerator()) as bench, bench.sql.session() as connection:
        claim = await store.claim_generation(
            connection,
            world.customer.center_id,
            "live",
            generation_id,
            timedelta(seconds=30),
            CLAIMS_MAX,
            bench.now(),
        )
        assert claim is not None
        modules = [OutlineModule(index, "A title", "", [], []) for index in range(2)]
        await store.keep_outline(connection, claim, Outline("A title", "", modules), bench.now())
        for _ in range(2):
            assert (await store.keep_module(connection, claim, 0, [], None, bench.now())).kept
        for _ in range(2):
            finished = await store.finish_generation(connection, claim, "failed", "{}", bench.now())
            assert finished is not None
    assert kinds(await world.told()) == ["course.launched", "course.module_ready", "course.failed"]


async def test_an_attempt_with_an_essay_is_told_when_a_person_has_judged_it(world: World) -> None:
    """Awaiting review is no grade: two essays, and the event comes with the second review, and with each that changes it."""
    await world.listen(*EVERYTHING[6:9])
    assessment_id = await publish(world.client, world.customer, question(), essay("e1"), essay("e2"))
    answers = [picked(), written(item_id="e1"), written(item_id="e2")]
    taken = (await Taker(world.client, world.customer).submit_at_once(assessment_id, *answers)).json()
    told = []
    for item_id, score in (("e1", "1"), ("e2", "0.5"), ("e2", "1")):
        await world.post(f"/v1/submissions/{taken['id']}/reviews", {"item_id": item_id, "score": score})
        told.append([(event["type"], event["data"]["score"]) for event in await world.told()])
    first, second = ("submission.grading_completed", "2.50"), ("submission.grading_completed", "3.00")
    assert told == [[], [first], [first, second]]


async def test_an_attempt_that_runs_out_is_told_by_whoever_ends_it(
    world: World, client: httpx.AsyncClient, customer: Customer, clock: FrozenClock, sql: SqlStore
) -> None:
    """The worker's sweep grades what was saved: one event, status expired."""
    assessment_id = await publish(client, customer, time_limit_seconds=60)
    await world.listen("submission.graded")
    submission_id = await Taker(client, customer).started(assessment_id)
    clock.advance(60_000)
    for _ in range(2):
        await invigilator(sql, clock).end_some()
    told = only(await world.told())
    assert (told["data"]["id"], told["data"]["status"], told["data"]["score"]) == (submission_id, "expired", "0.00")


async def test_seq_rises_with_what_is_told_however_many_change_it_at_once(world: World) -> None:
    """Twelve assessments put into one collection at once: in the order of seq the collection grows by one each time."""
    made = await world.post("/v1/collections", {"title": "Term"})
    ids = [(await make(world.client, world.customer))["id"] for _ in range(12)]
    await world.listen(*EVERYTHING)
    await asyncio.gather(
        *[world.post(f"/v1/collections/{made['id']}/items", {"assessment_id": assessment_id}) for assessment_id in ids]
    )
    events = await world.told("collection.updated")
    assert [event["data"]["item_count"] for event in events] == list(range(1, 13))
    seqs = [event["seq"] for event in events]
    assert seqs == sorted(set(seqs))


async def test_a_deleted_assessment_is_told_by_the_collections_that_it_leaves(world: World) -> None:
    """Each that held it is shorter by one, and says so once; one that never held it, and a deletion refused, say nothing."""
    first, second = [(await make(world.client, world.customer, items=[question()]))["id"] for _ in range(2)]
    holding = [
        (await world.post("/v1/collections", {"title": title, "assessment_ids": ids}))["id"]
        for title, ids in (("Both", [first, second]), ("Alone", [first]))
    ]
    await world.post("/v1/collections", {"title": "Other", "assessment_ids": [second]})
    await world.listen("collection.updated")
    assert (await world.ask("DELETE", f"/v1/assessments/{first}")).status_code == 204
    told = [event["data"] for event in await world.told()]
    assert {(one["id"], one["item_count"]) for one in told} == {(holding[0], 1), (holding[1], 0)}
    assert told == [await _listed(world, one["id"]) for one in told]
    await world.post(f"/v1/assessments/{second}/publish")
    await Taker(world.client, world.customer).submit_at_once(second, picked())
    assert (await world.ask("DELETE", f"/v1/assessments/{second}")).status_code == 409
    assert len(await world.told()) == 2


async def test_an_assessment_is_deleted_while_collections_take_it_in(world: World) -> None:
    """Many at once: who loses a race is told so, and the last word of each collection is the truth."""
    doomed = [(await make(world.client, world.customer))["id"] for _ in range(4)]
    holding = [(await world.post("/v1/collections", {"title": f"Term {n}"}))["id"] for n in range(4)]
    await world.listen("collection.updated")
    adding = [
        world.ask("POST", f"/v1/collections/{collection_id}/items", {"assessment_id": assessment_id})
        for collection_id in holding
        for assessment_id in doomed
    ]
    deleting = [world.ask("DELETE", f"/v1/assessments/{assessment_id}") for assessment_id in doomed]
    answers = await asyncio.gather(*adding[:8], *deleting, *adding[8:])
    assert {answer.status_code for answer in answers} <= {201, 204, 404, 503}
    again = [await world.ask("DELETE", f"/v1/assessments/{assessment_id}") for assessment_id in doomed]
    assert {answer.status_code for answer in again} <= {204, 404}
    last = {event["data"]["id"]: event["data"]["item_count"] for event in await world.told()}
    assert set(last.values()) <= {0}


async def _listed(world: World, collection_id: str) -> Json:
    return only([one for one in (await world.get("/v1/collections"))["data"] if one["id"] == collection_id])


async def test_each_alert_is_told_once_a_period_in_the_order_they_were_reached(world: World) -> None:
    """Ten launches at once use up ten units: 50, 80, 100 and no other, each with the use that reached it."""
    await world.limit(generation_units_per_month=10, concurrent_generations=-1, alert_percents=[50, 80, 100])
    courses = [await make_course(world.client, world.customer) for _ in range(10)]
    await world.listen("quota.warning", "quota.exceeded")
    answers = await asyncio.gather(
        *[launch(world.client, world.customer, course_id, f"k-{course_id}") for course_id in courses]
    )
    assert [answer.status_code for answer in answers] == [202] * 10
    told = [(event["type"], event["data"]["reached_percent"], event["data"]["held"]) for event in await world.told()]
    assert told == [("quota.warning", 50, 5), ("quota.warning", 80, 8), ("quota.exceeded", 100, 10)]
    await world.post(f"/v1/courses/{courses[0]}/cancel")
    await world.launched()
    assert len(await world.told()) == 3


async def test_archiving_twice_is_told_once_and_a_deleted_course_tells_of_what_it_gave_up(world: World) -> None:
    """Of an archived assessment nothing follows; a regeneration that its course's deletion ends is told as failed."""
    made = await make_published(world.client, world.customer)
    course_id = await world.made()
    artifact_id = (await world.artifact_of(course_id))["id"]
    await world.listen("assessment.archived", "artifact.regeneration_failed")
    await asyncio.gather(*[world.post(f"/v1/assessments/{made['id']}/archive") for _ in range(3)])
    await world.post(f"/v1/artifacts/{artifact_id}/notes", {"text": "Shorter."})
    assert (await world.ask("DELETE", f"/v1/courses/{course_id}")).status_code == 204
    archived, failed = await world.told()
    assert archived["data"]["status"] == "archived"
    assert (failed["data"]["id"], failed["data"]["regeneration"]["status"]) == (artifact_id, "failed")
    assert failed["data"]["regeneration"]["failure"]["message"] == "The course was deleted."
