"""What events never say, whom they reach, and what workers and keys tell. Rule sources: webhooks; security, "Keys and scopes"."""

import json
from typing import Any, Final, get_args

import httpx
import msgspec

from gateway.stores import SqlStore
from gateway.webhooks.types import EventType
from grading.model import Item
from tests.gateway.features.api_keys.asking import as_caller, make_key
from tests.gateway.features.assessments.authored import EVERY_KIND, SECRETS, make_published, short_text
from tests.gateway.features.centers.asking import add_partner, provision
from tests.gateway.features.taking import Taker, essay, publish, written
from tests.gateway.webhooks.world import Json, World, only
from tests.generators import QuizMaker
from tests.processes import environment, run
from tests.running import add_customer, add_key

ALL: Final = get_args(EventType)
IN_AN_ANSWER: Final = "sentinelofananswer"
IN_A_NOTE: Final = "sentinel-of-a-note"
IN_A_SOURCE: Final = "Neap tides come after"
IN_A_COMMENT: Final = "sentinel-of-a-comment"


def quizzes(*texts: str) -> QuizMaker:
    """A generator whose quizzes ask for each of these texts, version by version."""
    items = [[short_text("q1", text=text)] for text in texts]
    return QuizMaker([msgspec.convert(each, type=list[Item]) for each in items])


def statuses(events: list[Json], **named: Any) -> list[tuple[str, int]]:
    return [(event["type"], event["data"]["version"]) for event in events if named.items() <= event["data"].items()]


async def test_a_generated_quiz_is_told_as_an_assessment(world: World) -> None:
    """Published with its module before the module is ready, and again when it is made anew; its course's external_ref is there."""
    generator = quizzes("one", "two")
    await world.listen("assessment.published", "course.module_ready", "artifact.regenerated")
    course_id = await world.launched(kinds=["notes", "quiz"])
    await world.generate(course_id, generator)
    quiz = await world.artifact_of(course_id, "quiz")
    await world.regenerate(quiz["id"], generator)
    events = await world.told()
    assert [(event["type"], event["data"]["external_ref"]) for event in events] == [
        ("assessment.published", "ext-1"),
        ("course.module_ready", "ext-1"),
        ("assessment.published", "ext-1"),
        ("artifact.regenerated", "ext-1"),
    ]
    assert statuses(events, object="assessment", id=quiz["assessment_id"]) == [
        ("assessment.published", 1),
        ("assessment.published", 2),
    ]
    assert events[-1]["data"]["assessment_id"] == quiz["assessment_id"]


async def test_a_quiz_made_anew_for_an_archived_assessment_is_an_update(world: World) -> None:
    """Nobody is told of a publication that no learner sees."""
    generator = quizzes("one", "two")
    course_id = await world.launched(kinds=["quiz"])
    await world.generate(course_id, generator)
    quiz = await world.artifact_of(course_id, "quiz")
    await world.post(f"/v1/assessments/{quiz['assessment_id']}/archive")
    await world.listen("assessment.published", "assessment.updated")
    await world.regenerate(quiz["id"], generator)
    assert statuses(await world.told()) == [("assessment.updated", 2)]


async def test_assessments_that_outlive_their_course_are_told(world: World) -> None:
    """Deleted is the course alone: its assessments belong to none from now on, and say so; those of others say nothing."""
    course_id, other_id = await world.made(), await world.made()
    mine, others = [
        (await make_published(world.client, world.customer, course_id=each))["id"] for each in (course_id, other_id)
    ]
    await world.listen("assessment.updated")
    assert (await world.ask("DELETE", f"/v1/courses/{course_id}")).status_code == 204
    told = only(await world.told())["data"]
    assert (told["id"], told["course_id"], told["external_ref"]) == (mine, None, None)
    assert (await world.get(f"/v1/assessments/{others}"))["course_id"] == other_id


async def test_an_edit_that_is_not_published_is_told_without_what_readers_do_not_see(world: World) -> None:
    """A published assessment is edited: its readers' title and version stay, the working version says that there is more."""
    made = await make_published(world.client, world.customer)
    await world.listen("assessment.updated")
    answer = await world.ask("PATCH", f"/v1/assessments/{made['id']}", {"title": "Not for readers yet"})
    assert answer.status_code == 200
    told = only(await world.told())["data"]
    assert (told["title"], told["version"], told["published_version"], told["working_version"]) == ("Tides", 1, 1, 2)


async def test_no_event_holds_a_key_a_secret_or_an_answer(world: World) -> None:
    """Sentinels in keys of every kind of item, generated quizzes, answers, notes, sources, comments and API keys."""
    await world.listen(*ALL)
    generator = quizzes(*SECRETS)
    course_id = await world.launched(kinds=["notes", "quiz"])
    await world.generate(course_id, generator)
    for kind in ("notes", "quiz"):
        await world.regenerate((await world.artifact_of(course_id, kind))["id"], generator)
    assessment_id = (await make_published(world.client, world.customer, items=list(EVERY_KIND)))["id"]
    await world.ask("PATCH", f"/v1/assessments/{assessment_id}", {"items": list(EVERY_KIND[:5])})
    await world.post("/v1/collections", {"title": "Term", "assessment_ids": [assessment_id]})
    written_about = await publish(world.client, world.customer, essay(), short_text())
    given = {"item_id": "q2", "answer": {"type": "short_text", "text": IN_AN_ANSWER}}
    taker = Taker(world.client, world.customer)
    taken = await taker.submit_at_once(written_about, written(IN_AN_ANSWER), given)
    review = {"item_id": "q4", "score": "1", "comment": IN_A_COMMENT}
    await world.post(f"/v1/submissions/{taken.json()['id']}/reviews", review)
    key = await make_key(world.client, world.customer)
    await world.ask("DELETE", f"/v1/api-keys/{key['id']}")
    hidden = [*SECRETS, IN_AN_ANSWER, IN_A_NOTE, IN_A_SOURCE, IN_A_COMMENT, key["key"], world.customer.key]
    rows = await world.database.fetch("select type, body from event")
    assert len({row["type"] for row in rows}) >= 10
    assert [(row["type"], each) for row in rows for each in hidden if each in row["body"]] == []
    names = {name for event in await world.told() for name in event["data"]}
    assert not names & {"items", "answers", "results", "content", "key", "secret", "secret_hash", "text", "comment"}


async def test_a_test_keys_webhook_is_told_of_test_alone(world: World) -> None:
    """The same done in both envs of a center: each env's webhook has the events of its own, and no other."""
    async with world.database.acquire() as connection:
        test_key = await add_key(connection, world.customer.center_id, env="test")
    sandbox = World(world.client, test_key, world.database, world.database_url, "test")
    live_hook, test_hook = await world.listen(*ALL), await sandbox.listen(*ALL)
    for each in (world, sandbox):
        await each.launched()
        await each.post("/v1/collections", {"title": each.env})
    await make_key(world.client, world.customer, env="test")
    rows = await world.database.fetch(
        """select d.webhook_id, d.env as delivered, e.env, e.body::jsonb ->> 'env' as said, e.type
             from delivery d join event e on e.center_id = d.center_id and e.id = d.event_id order by e.seq"""
    )
    assert {(row["webhook_id"], row["delivered"], row["env"], row["said"]) for row in rows} == {
        (live_hook, "live", "live", "live"),
        (test_hook, "test", "test", "test"),
    }
    told = {hook: [row["type"] for row in rows if row["webhook_id"] == hook] for hook in (live_hook, test_hook)}
    assert told[live_hook] == ["source.ready", "course.launched", "collection.created"]
    assert told[test_hook] == [*told[live_hook], "api_key.created"]


async def test_a_webhook_is_not_told_of_another_centers_things(world: World, client: httpx.AsyncClient) -> None:
    """Two centers that listen to everything: each hears its own."""
    async with world.database.acquire() as connection:
        other = World(client, await add_customer(connection), world.database, world.database_url)
    for each in (world, other):
        await each.listen(*ALL)
        await each.post("/v1/collections", {"title": each.customer.center_id})
    for each in (world, other):
        assert only(await each.told())["data"]["title"] == each.customer.center_id


async def test_keys_are_told_of_however_they_end(world: World) -> None:
    """Rotation tells of the new key, and of the old one where it ends at once; a cascade of every key that it takes."""
    await world.listen("api_key.created", "api_key.revoked")
    first = await make_key(world.client, world.customer, scopes=["manage:center", "read:courses"])
    second = await make_key(world.client, as_caller(first, world.customer))
    third = await world.post(f"/v1/api-keys/{second['id']}/rotate", {"grace_seconds": 60})
    fourth = await world.post(f"/v1/api-keys/{first['id']}/rotate", {"grace_seconds": 0})
    assert (await world.ask("DELETE", f"/v1/api-keys/{first['id']}?cascade=true")).status_code == 204
    told = [(event["type"], event["data"]["id"]) for event in await world.told()]
    made, ended = "api_key.created", "api_key.revoked"
    assert told[:5] == [
        (made, first["id"]), (made, second["id"]), (made, third["id"]), (made, fourth["id"]), (ended, first["id"]),
    ]  # fmt: skip
    assert {(ended, second["id"])} <= set(told[5:])
    assert {kind for kind, _ in told[5:]} == {ended}


async def test_keys_made_by_partners_and_at_the_command_line_are_told_to_their_center(
    world: World, client: httpx.AsyncClient, sql: SqlStore, database_url: str, redis_url: str
) -> None:
    """A partner's key for one of its centers, unused ones revoked along with it, and the operator's: told there, not to the partner."""
    partner = await add_partner(sql)
    center, own = await provision(client, partner)
    theirs = World(client, own, world.database, world.database_url)
    asking = World(client, partner, world.database, world.database_url)
    for each in (theirs, asking):
        await each.listen("api_key.created", "api_key.revoked")
    path, body = (
        f"/v1/provisioning/centers/{center['id']}/api-keys",
        {"name": "n", "env": "live", "scopes": ["read:usage"]},
    )
    made = await asking.post(path, body)
    again = await asking.post(path, body | {"revoke_unused": True})
    env = environment(database_url, redis_url)
    printed = await run("keys", "create", center["id"], "--name", "LMS", "--json", env=env)
    by_hand = json.loads(printed.out)["id"]
    assert (await run("keys", "revoke", by_hand, env=env)).status == 0
    told = {(event["type"].removeprefix("api_key."), event["data"]["id"]) for event in await theirs.told()}
    assert told >= {("created", made["id"]), ("revoked", made["id"]), ("created", again["id"])}
    assert told >= {("created", by_hand), ("revoked", by_hand)}
    assert await asking.told() == []
