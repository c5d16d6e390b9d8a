"""Publishing: versions that never change, made once, while their working copy goes on."""

import asyncio

import asyncpg
import httpx
import pytest

from gateway.app import Gateway
from gateway.published import items_decoder
from gateway.stores import SqlStore
from tests.clock import FrozenClock
from tests.gateway.features.assessments.authored import (
    Json,
    make,
    make_published,
    refusal,
    short_text,
    shown,
    single_choice,
)
from tests.running import Customer, add_key, running, talking_to


async def _post(client: httpx.AsyncClient, customer: Customer, made: Json, what: str) -> httpx.Response:
    return await client.post(f"/v1/assessments/{made['id']}/{what}", headers=customer.headers)


async def _versions(sql: SqlStore, assessment_id: str) -> list[asyncpg.Record]:
    async with sql.session() as connection:
        query = "select * from assessment_version where assessment_id = $1 order by version"
        return await connection.fetch(query, assessment_id)


async def test_publishing_freezes_the_working_copy(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore, clock: FrozenClock
) -> None:
    """The first version is 1, and holds exactly what was authored."""
    made = await make(client, customer, description="At sea.", settings={"shuffle": True})
    clock.advance(1_000)
    answer = await _post(client, customer, made, "publish")
    assert answer.status_code == 200
    assert answer.json() == made | {
        "status": "published",
        "published_version": 1,
        "published_at": "2026-03-15T12:00:01Z",
        "updated_at": "2026-03-15T12:00:01Z",
    }
    (version,) = await _versions(sql, made["id"])
    assert (version["version"], version["title"], version["description"]) == (1, "Tides", "At sea.")
    assert [question.id for question in items_decoder.decode(version["items"])] == ["q1", "q2"]


async def test_learners_keep_the_published_version_until_the_next(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore
) -> None:
    """An edit makes version 2 of the working copy; readers see version 1, in lists too, until 2 is published."""
    async with sql.session() as connection:
        reader = await add_key(connection, customer.center_id, scopes=["read:assessments"])
    made = await make(client, customer)
    assert await shown(client, reader, made["id"]) == made, "there is nothing else yet"
    published = (await _post(client, customer, made, "publish")).json()
    path = f"/v1/assessments/{made['id']}"
    edit = {"title": "Waves", "items": [single_choice("new")], "settings": {"pass_percent": 90}}
    edited = (await client.patch(path, json=edit, headers=customer.headers)).json()
    assert (edited["status"], edited["version"], edited["published_version"]) == ("published", 2, 1)
    seen = await shown(client, reader, made["id"])
    assert {name for name in seen if seen[name] != published[name]} <= {"updated_at"}
    listed = (await client.get("/v1/assessments", headers=reader.headers)).json()["data"]
    assert [(one["title"], one["version"], one["points_total"]) for one in listed] == [("Tides", 1, "2.00")]
    again = (await client.patch(path, json={"title": "Surf"}, headers=customer.headers)).json()
    assert again["version"] == 2, "a working copy nobody has seen stays the same version"
    published = (await _post(client, customer, made, "publish")).json()
    assert (published["version"], published["published_version"]) == (2, 2)
    assert (await shown(client, reader, made["id"]))["title"] == "Surf"
    assert [row["title"] for row in await _versions(sql, made["id"])] == ["Tides", "Surf"]


async def test_the_course_is_no_part_of_a_version(client: httpx.AsyncClient, customer: Customer) -> None:
    """Moving a published assessment to a course makes no new version."""
    course = (await client.post("/v1/courses", json={}, headers=customer.headers)).json()["id"]
    made = await make_published(client, customer)
    path = f"/v1/assessments/{made['id']}"
    edited = (await client.patch(path, json={"course_id": course}, headers=customer.headers)).json()
    assert (edited["course_id"], edited["version"]) == (course, 1)


async def test_publishing_twice_at_once_makes_one_version(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore
) -> None:
    """From many connections, with and without keys: one version each round, every answer says so."""
    made = await make(client, customer)
    path = f"/v1/assessments/{made['id']}"
    for version in (1, 2):
        headers = [customer.headers | ({"Idempotency-Key": f"v{version}k{n}"} if n % 2 else {}) for n in range(8)]
        answers = await asyncio.gather(*(client.post(f"{path}/publish", headers=each) for each in headers))
        assert {(answer.status_code, answer.json()["published_version"]) for answer in answers} == {(200, version)}
        await client.patch(path, json={"title": f"after {version}"}, headers=customer.headers)
    assert [row["version"] for row in await _versions(sql, made["id"])] == [1, 2]


async def test_edits_racing_publications_are_never_lost(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore
) -> None:
    """Whatever the order: versions count up without a hole, and each is frozen as it stood at its publication."""
    made = await make(client, customer)
    path = f"/v1/assessments/{made['id']}"
    await asyncio.gather(
        *(client.patch(path, json={"title": f"t{number}"}, headers=customer.headers) for number in range(6)),
        *(client.post(f"{path}/publish", headers=customer.headers) for _ in range(6)),
    )
    last = (await _post(client, customer, made, "publish")).json()
    versions = await _versions(sql, made["id"])
    assert [row["version"] for row in versions] == list(range(1, last["version"] + 1))
    assert versions[-1]["title"] == last["title"]


async def test_a_version_never_changes(
    app: Gateway, client: httpx.AsyncClient, customer: Customer, sql: SqlStore, migrate_database_url: str
) -> None:
    """The runtime role may not; nor may the schema's owner, whose triggers are always on."""
    made = await make_published(client, customer)
    before = await _versions(sql, made["id"])
    async with sql.session() as connection:
        for statement in ("update assessment_version set title = 'x'", "delete from assessment_version"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
    owner = await asyncpg.connect(migrate_database_url)
    try:
        for statement in ("update assessment_version set title = 'x'", "truncate assessment_version cascade"):
            with pytest.raises(asyncpg.RestrictViolationError):
                await owner.execute(statement)
    finally:
        await owner.close()
    assert await _versions(sql, made["id"]) == before


async def test_an_archived_assessment_has_ended(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock
) -> None:
    """It is shown and listed, and neither edited nor published; archiving it again changes nothing."""
    made = await make_published(client, customer)
    clock.advance(1_000)
    archived = (await _post(client, customer, made, "archive")).json()
    assert archived == made | {
        "status": "archived",
        "archived_at": "2026-03-15T12:00:01Z",
        "updated_at": "2026-03-15T12:00:01Z",
    }
    clock.advance(1_000)
    again = await _post(client, customer, made, "archive")
    assert (again.status_code, again.json()) == (200, archived)
    path = f"/v1/assessments/{made['id']}"
    assert (await client.patch(path, json={}, headers=customer.headers)).json() == archived
    for refused in (
        await client.patch(path, json={"title": "x"}, headers=customer.headers),
        await _post(client, customer, made, "publish"),
    ):
        assert refusal(refused) == (409, "wrong_state", None)
        assert refused.json()["error"]["details"] == {"current": "archived", "allowed": ["draft", "published"]}
    assert await shown(client, customer, made["id"]) == archived


async def test_a_draft_can_be_archived(client: httpx.AsyncClient, customer: Customer) -> None:
    """What was never published ends as well."""
    made = await make(client, customer)
    assert (await _post(client, customer, made, "archive")).json()["status"] == "archived"


async def test_what_somebody_has_taken_is_archived_not_deleted(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore
) -> None:
    """409 in every state, and nothing is gone; without submissions a published assessment can be deleted."""
    taken, free = await make_published(client, customer), await make_published(client, customer)
    async with sql.session() as connection:
        await connection.execute(
            """insert into submission (center_id, env, id, assessment_id, assessment_version, learner_ref, attempt, source,
                                       max_cents, started_at)
               values ($1, 'live', 'sub_a', $2, 1, 'jo', 1, 'api', 200, now())""",
            customer.center_id,
            taken["id"],
        )
    path = f"/v1/assessments/{taken['id']}"
    for status in ("published", "archived"):
        refused = await client.delete(path, headers=customer.headers)
        assert refusal(refused) == (409, "wrong_state", None)
        assert refused.json()["error"]["details"] == {"current": status, "allowed": []}
        await _post(client, customer, taken, "archive")
    assert len(await _versions(sql, taken["id"])) == 1
    assert (await client.delete(f"/v1/assessments/{free['id']}", headers=customer.headers)).status_code == 204
    assert await _versions(sql, free["id"]) == []


async def test_a_publication_is_replayed(client: httpx.AsyncClient, customer: Customer) -> None:
    """With its key it is answered as the first time, though the working copy went on."""
    made = await make(client, customer)
    path = f"/v1/assessments/{made['id']}"
    headers = customer.headers | {"Idempotency-Key": "p"}
    first = await client.post(f"{path}/publish", headers=headers)
    await client.patch(path, json={"title": "Waves"}, headers=customer.headers)
    again = await client.post(f"{path}/publish", headers=headers)
    assert (again.json(), again.headers["idempotent-replayed"]) == (first.json(), "true")
    assert (await shown(client, customer, made["id"]))["published_version"] == 1


async def test_a_dry_run_says_everything_and_changes_nothing(client: httpx.AsyncClient, customer: Customer) -> None:
    """All flaws of items and settings at once, of the copy as it is or as an edit would leave it."""
    made = await make(client, customer)
    path = f"/v1/assessments/{made['id']}/validate"
    fine = await client.post(path, json={}, headers=customer.headers)
    assert (fine.status_code, fine.json()) == (
        200,
        {"object": "validation", "valid": True, "points_total": "2.00", "flaws": []},
    )
    edit = {
        "items": [
            single_choice("q1") | {"key": {"correct": "zzz"}},
            short_text("q2", "a("[:2], mode="regex"),
            single_choice("q1"),
        ],
        "settings": {"feedback": "none", "checks_per_question": 2},
    }
    wrong = (await client.post(path, json=edit, headers=customer.headers)).json()
    assert (wrong["valid"], wrong["points_total"]) == (False, "3.00")
    assert [flaw["param"] for flaw in wrong["flaws"]] == [
        "items[0].key.correct",
        "items[1].key.answers[0].text",
        "items[2].id",
        "settings.checks_per_question",
    ]
    empty = (await client.post(path, json={"items": []}, headers=customer.headers)).json()
    assert (empty["valid"], [flaw["param"] for flaw in empty["flaws"]]) == (False, ["items"])
    headers = customer.headers | {"Idempotency-Key": "v"}
    answers = [await client.post(path, json=body, headers=headers) for body in ({}, {"items": []})]
    assert [answer.json()["valid"] for answer in answers] == [True, False], "a dry run ignores the key"
    assert await shown(client, customer, made["id"]) == made


async def test_publishing_says_what_the_dry_run_said(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore, app: Gateway
) -> None:
    """Of a setting that the plan no longer allows, and of an assessment that has ended."""
    made = await make(client, customer, settings={"checks_per_question": 3})
    async with sql.session() as connection:
        await connection.execute(
            "insert into center_limit (center_id, checks_per_question) values ($1, 2)", customer.center_id
        )
    async with running(app.settings, FrozenClock()) as fresh, talking_to(fresh) as later:
        dry = await later.post(f"/v1/assessments/{made['id']}/validate", json={}, headers=customer.headers)
        assert [flaw["param"] for flaw in dry.json()["flaws"]] == ["settings.checks_per_question"]
        refused = refusal(await _post(later, customer, made, "publish"))
        assert refused == (400, "invalid_field", "settings.checks_per_question")
    assert (await shown(client, customer, made["id"]))["status"] == "draft"
    await _post(client, customer, made, "archive")
    dry = await client.post(f"/v1/assessments/{made['id']}/validate", json={}, headers=customer.headers)
    assert refusal(dry) == refusal(await _post(client, customer, made, "publish")) == (409, "wrong_state", None)


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({"items": [{"type": "guess"}]}, "invalid_field", "items[0].type"),
        ({"titel": "x"}, "unknown_field", "titel"),
        ({"settings": {"keep": "worst"}}, "invalid_field", "settings.keep"),
        ({"course_id": "x"}, "invalid_field", "course_id"),
    ],
)
async def test_a_dry_run_of_no_edit_is_refused(
    client: httpx.AsyncClient, customer: Customer, body: Json, code: str, param: str
) -> None:
    """What an edit would refuse as no edit at all, the dry run refuses alike."""
    made = await make(client, customer)
    answer = await client.post(f"/v1/assessments/{made['id']}/validate", json=body, headers=customer.headers)
    assert refusal(answer) == (400, code, param)
