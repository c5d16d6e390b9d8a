"""An event leads back to the request that caused it: in its row, and in the log of its deliveries. Rule source: operations,
"Structured logs".
"""

import json
from typing import Any

import pytest

from gateway.stores import SqlStore
from tests.clock import FrozenClock
from tests.gateway.features.api_keys.asking import make_key
from tests.gateway.features.assessments.authored import make
from tests.gateway.features.making import make_course
from tests.gateway.features.taking import Taker, essay, picked, publish, publish_anew, question, written
from tests.gateway.webhooks.couriers import delivered, open_courier
from tests.gateway.webhooks.endpoints import NOW, add_center, add_webhook
from tests.gateway.webhooks.receivers import Receiver, receiving
from tests.gateway.webhooks.test_what_is_told import quizzes
from tests.gateway.webhooks.world import World


async def causes(world: World) -> dict[str, set[str | None]]:
    """By type the requests that caused events of it."""
    found: dict[str, set[str | None]] = {}
    for row in await world.database.fetch("select type, request_id from event"):
        found.setdefault(row["type"], set()).add(row["request_id"])
    return found


async def test_what_a_launch_leads_to_is_told_for_the_launch(world: World) -> None:
    """From the launch over its alert, modules and quiz to the end, however many workers' hands that takes."""
    await world.limit(generation_units_per_month=1, alert_percents=[50, 100])
    course_id = await make_course(
        world.client, world.customer, brief={"topic": "Tides", "modules": 1, "artifacts": ["quiz"]}
    )
    await world.listen(
        "course.launched", "quota.warning", "quota.exceeded", "assessment.published", "course.module_ready", "course.ready"
    )  # fmt: skip
    answer = await world.ask("POST", f"/v1/courses/{course_id}/launch", key="k")
    await world.generate(course_id, quizzes("one"))
    told = await causes(world)
    assert len(told) == 6
    assert set().union(*told.values()) == {answer.headers["x-request-id"]}


async def test_what_a_request_makes_true_is_told_for_it(world: World) -> None:
    """Sources, assessments, collections, grades, reviews and keys: each event names a request that was asked just now."""
    await world.listen(
        "source.ready", "assessment.published", "assessment.updated", "assessment.archived", "collection.created",
        "collection.deleted", "submission.graded", "submission.grading_completed", "submission.regraded",
        "api_key.created", "api_key.revoked", "artifact.regenerated", "webhook.disabled", "member.invited",
    )  # fmt: skip
    asked: set[str] = set()

    async def note(response: Any) -> None:
        asked.add(response.headers["x-request-id"])

    world.client.event_hooks["response"].append(note)
    course_id = await world.made()
    await world.regenerate((await world.artifact_of(course_id))["id"])
    assessment_id = (await make(world.client, world.customer, items=[question()]))["id"]
    await world.ask("PATCH", f"/v1/assessments/{assessment_id}", {"title": "Ebb"})
    await world.post(f"/v1/assessments/{assessment_id}/publish")
    await world.post(f"/v1/assessments/{assessment_id}/archive")
    collection_id = (await world.post("/v1/collections", {"title": "Term"}))["id"]
    await world.ask("DELETE", f"/v1/collections/{collection_id}")
    taken_id = await publish(world.client, world.customer, question(), essay())
    taker = Taker(world.client, world.customer)
    taken = (await taker.submit_at_once(taken_id, picked("b"), written())).json()["id"]
    await world.post(f"/v1/submissions/{taken}/reviews", {"item_id": "q4", "score": "1"})
    plain_id = await publish(world.client, world.customer)
    await taker.submit_at_once(plain_id, picked("b"))
    await publish_anew(world.client, world.customer, plain_id, items=[question() | {"key": {"correct": "b"}}])
    await world.regrade(plain_id)
    key = await make_key(world.client, world.customer)
    await world.ask("DELETE", f"/v1/api-keys/{key['id']}")
    await world.post("/v1/members", {"email": "ada@school.example", "role": "INSTRUCTOR"})
    other = await world.listen("course.failed")
    await world.ask("PATCH", f"/v1/webhooks/{other}", {"status": "disabled"})
    told = await causes(world)
    assert len(told) == 14
    assert {kind: list(named - asked) for kind, named in told.items() if named - asked} == {}


async def test_the_log_of_a_delivery_names_the_request(
    database: Any, sql: SqlStore, clock: FrozenClock, capfd: pytest.CaptureFixture[str]
) -> None:
    """Delivered or not, a line says for which request it was; where nobody asked for it, it names none."""
    receiver = Receiver(statuses=[500, 200])
    async with receiving(receiver), database.acquire() as connection, open_courier(sql, clock) as courier:
        center = await add_center(connection)
        await add_webhook(connection, center, receiver.url)
        query = "select emit($1, 'live', 'course.ready', 'crs_x', '{}', $2, $3)"
        await connection.execute(query, center, NOW, "req_that_asked")
        await delivered(courier)
        clock.advance(5000)
        await delivered(courier)
        await connection.execute(query, center, NOW, None)
        await delivered(courier)
    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines() if '"webhook.' in line]
    assert [(line["event"], line.get("request_id")) for line in lines] == [
        ("webhook.attempt_failed", "req_that_asked"),
        ("webhook.delivered", "req_that_asked"),
        ("webhook.delivered", None),
    ]
    assert "request_id" not in lines[-1]
