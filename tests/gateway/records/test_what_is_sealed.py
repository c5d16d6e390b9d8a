"""What someone may contest is sealed: by the request or command that decides it, in the transaction that decides it."""

import asyncio
import json
from hashlib import sha256
from typing import Any

import httpx

from tests.gateway.features.learners.erasing import ANSWER, erase, everything
from tests.gateway.features.making import launch, make_course
from tests.gateway.features.taking import Taker, picked, publish, question
from tests.gateway.records.test_sealing import assert_sound, chain_of
from tests.processes import environment, run
from tests.running import Customer, add_customer

Pool = Any


async def sealed(database: Pool, center_id: str, kind: str, env: str = "live") -> list[dict[str, Any]]:
    """The records of a type; the whole chain is sound."""
    chain = await chain_of(database, center_id, env)
    assert_sound(chain)
    return [json.loads(row["record"]) for row in chain if row["type"] == kind]


async def body_of(database: Pool, center_id: str, record: dict[str, Any]) -> dict[str, Any]:
    """What a record commits to, checked against its commitment."""
    row = await database.fetchrow(
        "select * from dpu_body where center_id = $1 and env = $2 and seq = $3", center_id, record["env"], record["seq"]
    )
    assert sha256(row["salt"] + row["body"].encode()).hexdigest() == record["commitment"]
    return json.loads(row["body"])  # type: ignore[no-any-return]


async def test_a_launch_that_was_admitted(client: httpx.AsyncClient, customer: Customer, database: Pool) -> None:
    """Once, whatever is retried: who, for what, under which plan and allowance; the answer is committed to."""
    course_id = await make_course(client, customer, modules=3)
    answer = await launch(client, customer, course_id, "k")
    await launch(client, customer, course_id, "k")
    (record,) = await sealed(database, customer.center_id, "launch.admitted")
    course = answer.json()
    assert (record["actor"], record["subject"]) == (customer.key_id, course_id)
    assert record["request_id"] == answer.headers["x-request-id"]
    assert record["policy"] == {"allowed": 5000, "plan": "partner", "running_allowed": 32}
    assert record["outcome"]["generation"] == course["generation"]["id"]
    assert (record["outcome"]["units"], record["outcome"]["held"], record["outcome"]["running"]) == (3, 3, 1)
    body = await body_of(database, customer.center_id, record)
    assert body == {"answer_sha256": sha256(answer.content).hexdigest()}


async def test_many_launches_at_once_are_one_chain(
    client: httpx.AsyncClient, customer: Customer, database: Pool
) -> None:
    """Launches that queue for the center go together, and stand in the chain one by one."""
    courses = [await make_course(client, customer) for _ in range(12)]
    answers = await asyncio.gather(*[launch(client, customer, course, course) for course in courses])
    assert {answer.status_code for answer in answers} == {202}
    records = await sealed(database, customer.center_id, "launch.admitted")
    assert {record["subject"] for record in records} == set(courses)
    assert len({record["commitment"] for record in records}) == 12


async def test_the_first_refusal_of_a_course_in_a_period(
    client: httpx.AsyncClient, database: Pool, customer: Customer
) -> None:
    """It is kept though the launch is not; the second is not sealed, another course's first is. The claim is given up."""
    async with database.acquire() as connection:
        small = await add_customer(connection, plan_id="starter")
    course_id = await make_course(client, small, modules=20)
    for key in ("a", "b", "a"):
        await database.execute(
            "insert into center_limit (center_id, generation_units_per_month) values ($1, 5) on conflict do nothing",
            small.center_id,
        )
        refused = await launch(client, small, course_id, key)
        assert (refused.status_code, refused.json()["error"]["code"]) == (429, "quota_exceeded")
    other = await make_course(client, small, modules=6)
    await launch(client, small, other, "c")
    first, second = await sealed(database, small.center_id, "quota.refused")
    assert (first["subject"], second["subject"]) == (course_id, other)
    assert first["policy"] | {"period_start": ""} == {
        "limit": 5,
        "meter": "generation",
        "period_start": "",
        "plan": "starter",
        "scope": "center",
    }
    assert first["outcome"] == {"held": 0, "requested": 20, "used": 0}
    assert (
        await database.fetchval(
            "select count(*) from idempotency_claim where center_id = $1 and route like '%launch'", small.center_id
        )
        == 0
    )


async def test_a_grade(client: httpx.AsyncClient, customer: Customer, database: Pool) -> None:
    """Points and version stand in the record; whose it is, and what was answered, in the body alone."""
    assessment_id = await publish(client, customer, question(points="2.00"))
    answer = await Taker(client, customer, "anna@school.example").submit_at_once(assessment_id, picked())
    (record,) = await sealed(database, customer.center_id, "submission.graded")
    assert record["subject"] == answer.json()["id"]
    assert record["actor"] == customer.key_id
    assert (record["policy"]["assessment"], record["policy"]["version"]) == (assessment_id, 1)
    assert record["outcome"] == {
        "attempt": 1,
        "earned": "200",
        "max_cents": 200,
        "passed": True,
        "percent": 100,
        "score_cents": 200,
        "status": "graded",
    }
    assert "anna" not in json.dumps(record)
    body = await body_of(database, customer.center_id, record)
    kept = await database.fetchrow("select answers, results from submission where id = $1", record["subject"])
    assert body == {
        "answers_sha256": sha256(kept["answers"]).hexdigest(),
        "learner_ref": "anna@school.example",
        "results_sha256": sha256(kept["results"]).hexdigest(),
    }
    frozen = await database.fetchrow(
        "select items, settings from assessment_version where assessment_id = $1", assessment_id
    )
    assert record["policy"]["rule"] == sha256(frozen["items"] + frozen["settings"]).hexdigest()


async def test_an_erased_learner_leaves_the_chain_and_nothing_in_it(
    client: httpx.AsyncClient, customer: Customer, database: Pool
) -> None:
    """Grades and reviews of hers stay as records; their bodies go, named by a record, others' stay."""
    await everything(client, customer, "anna")
    await everything(client, customer, "ben")
    assert await sealed(database, customer.center_id, "submission.reviewed")
    assert (await erase(client, customer, "anna")).status_code == 204
    (redacted,) = await sealed(database, customer.center_id, "redacted")
    (erased,) = await sealed(database, customer.center_id, "learner.erased")
    assert erased["outcome"]["bodies"] == len(redacted["outcome"]["seqs"]) >= 2
    assert erased["critical"] is True
    people = await database.fetch(
        "select distinct person from dpu_body where center_id = $1 and person is not null", customer.center_id
    )
    assert [row["person"] for row in people] == ["ben"]
    everywhere = await database.fetch(
        "select record from dpu where center_id = $1 union all select body from dpu_body where center_id = $1 and body not like '%ben%'",
        customer.center_id,
    )
    assert not any("anna" in row["record"] or ANSWER in row["record"] for row in everywhere)
    assert (await client.get("/v1/dpus/verify", headers=customer.headers)).status_code == 200
    again = await erase(client, customer, "anna")
    assert again.status_code == 204
    assert len(await sealed(database, customer.center_id, "learner.erased")) == 1


async def test_keys_made_and_revoked(client: httpx.AsyncClient, customer: Customer, database: Pool) -> None:
    """In the chain of the key's env, by whoever did it, without anything of the key."""
    made = await client.post(
        "/v1/api-keys", json={"name": "one", "env": "test", "scopes": ["read:usage"]}, headers=customer.headers
    )
    key = made.json()
    assert (await client.delete(f"/v1/api-keys/{key['id']}", headers=customer.headers)).status_code == 204
    (record,) = await sealed(database, customer.center_id, "key.made", "test")
    assert (record["actor"], record["subject"]) == (customer.key_id, key["id"])
    assert record["request_id"] == made.headers["x-request-id"]
    assert record["outcome"]["scopes"] == ["read:usage"]
    (gone,) = await sealed(database, customer.center_id, "key.revoked", "test")
    assert (gone["actor"], gone["subject"]) == (customer.key_id, key["id"])
    assert key["key"][8:] not in json.dumps([record, gone])


async def test_what_the_command_line_changes(
    database_url: str, redis_url: str, database: Pool, customer: Customer
) -> None:
    """Limits, plan, suspension, reinstatement, grants: as `cli:<user>`, in the live chain."""
    env = environment(database_url, redis_url)
    center = customer.center_id
    for command in (
        ("centers", "set-limits", center, "generation_units_per_month=unlimited", "concurrent_generations=3"),
        ("centers", "set-plan", center, "pro"),
        ("centers", "suspend", center),
        ("centers", "suspend", center),
        ("centers", "reinstate", center),
        ("quotas", "grant", center, "--units", "7", "--reason", "for Ms Weber"),
    ):
        done = await run(*command, env=env)
        assert (done.status, done.err) == (0, ""), command
    limits, plan = await sealed(database, center, "limits.changed")
    assert limits["outcome"] == {
        "after": {"concurrent_generations": 3, "generation_units_per_month": "unlimited"},
        "before": {},
    }
    assert plan["outcome"] == {"after": {"plan": "pro"}, "before": {"plan": "partner"}}
    (suspended,) = await sealed(database, center, "center.suspended")
    (reinstated,) = await sealed(database, center, "center.reinstated")
    (granted,) = await sealed(database, center, "quota.granted")
    for record in (limits, plan, suspended, reinstated, granted):
        assert record["actor"].startswith("cli:")
        assert record["critical"] is True
    assert granted["outcome"] == {"granted": 7, "units": 7}
    assert "Weber" not in json.dumps(granted)
    assert await body_of(database, center, granted) == {"reason": "for Ms Weber"}
