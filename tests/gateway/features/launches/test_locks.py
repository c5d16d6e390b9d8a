"""A launch that others keep from its rows is told whom to wait for: a twin is 409, anybody else 503."""

import asyncpg
import httpx
import pytest

from tests.gateway.features.making import launch, make_course
from tests.running import Customer

COURSE = "select from course where id = $1 for update"
COUNTER = "select from quota_counter where center_id = (select center_id from course where id = $1) for update"
TWIN = """insert into idempotency_claim (center_id, env, method, route, principal, key, fingerprint, created_at, expires_at)
          select center_id, env, 'POST', '/v1/courses/{course_id}/launch', center_id, 'k', '\\x00', now(), now()
            from course where id = $1"""


def told(answer: httpx.Response) -> tuple[int, str, str]:
    return answer.status_code, answer.json()["error"]["code"], answer.headers["retry-after"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (COURSE, (503, "overloaded", "1")),
        (COUNTER, (503, "overloaded", "1")),
        (TWIN, (409, "idempotency_in_progress", "1")),
    ],
    ids=["course", "counter", "claim"],
)
async def test_a_launch_waits_as_long_for_any_lock_and_names_a_twin_alone(
    client: httpx.AsyncClient, customer: Customer, database_url: str, query: str, expected: tuple[int, str, str]
) -> None:
    """The course's, the quota's or the key's row is another's for longer than a turn lasts: nothing is done, and the
    same try succeeds once the other has ended.
    """  # fmt: skip
    before, course_id = [await make_course(client, customer) for _ in range(2)]
    assert (await launch(client, customer, before, "before")).status_code == 202  # now there is a counter
    connection = await asyncpg.connect(database_url)
    try:
        other = connection.transaction()
        await other.start()
        await connection.execute(query, course_id)
        assert told(await launch(client, customer, course_id, "k")) == expected
        await other.rollback()
    finally:
        await connection.close()
    assert (await launch(client, customer, course_id, "k")).status_code == 202
    usage = (await client.get("/v1/usage", headers=customer.headers)).json()
    assert usage["meters"]["generation"]["held"] == 2


async def test_a_course_that_never_holds_still_is_tried_again_later(
    client: httpx.AsyncClient, customer: Customer, migrate_database_url: str
) -> None:
    """Each time the launch's statement finds another course than was looked at: 503, not a twin's 409."""
    course_id = await make_course(client, customer)
    owner = await asyncpg.connect(migrate_database_url)
    try:
        await owner.execute(
            """create function always_edited() returns trigger language plpgsql as 'begin return null; end';
               create trigger always_edited before update on course for each row execute function always_edited()"""
        )
        assert told(await launch(client, customer, course_id, "k")) == (503, "overloaded", "1")
        await owner.execute("drop trigger always_edited on course")
    finally:
        await owner.close()
    assert (await launch(client, customer, course_id, "k")).status_code == 202
