"""Item statistics over HTTP: who sees what, from how many attempts on, and how often they are computed."""

import asyncio
from typing import Any

import asyncpg
import httpx

from tests.clock import FrozenClock
from tests.gateway.features.taking import (
    Taker,
    essay,
    number,
    picked,
    publish,
    publish_anew,
    question,
    refused,
    several,
    ticked,
    typed,
    written,
)
from tests.running import Customer, add_customer, add_key

TEN_MINUTES_MS = 600_000


async def statistics(
    client: httpx.AsyncClient, customer: Customer, assessment_id: str, query: str = ""
) -> dict[str, Any]:
    answer = await client.get(f"/v1/assessments/{assessment_id}/statistics{query}", headers=customer.headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def take(client: httpx.AsyncClient, customer: Customer, assessment_id: str, learner: str, *answers: Any) -> None:
    submitted = await Taker(client, customer, learner).submit_at_once(assessment_id, *answers)
    assert submitted.status_code == 201, submitted.text


async def five_take(client: httpx.AsyncClient, customer: Customer, assessment_id: str) -> None:
    """Facilities .6 .4 .4, as in tests/grading/test_statistics.py."""
    for learner, answers in enumerate(
        [
            [picked("a", "q1"), picked("a", "q2"), typed("42")],
            [picked("a", "q1"), picked("a", "q2"), typed("1")],
            [picked("a", "q1"), picked("b", "q2"), typed("42")],
            [picked("b", "q1"), picked("b", "q2"), typed("3")],
            [picked("c", "q1"), typed("4")],
        ]
    ):
        await take(client, customer, assessment_id, f"l{learner}", *answers)


async def test_statistics_are_those_that_a_hand_reckons(client: httpx.AsyncClient, customer: Customer) -> None:
    """Facility, discrimination and choices of five attempts; what was left out counts as nothing and picks nothing."""
    assessment_id = await publish(client, customer, question("q1"), question("q2"), number())
    await five_take(client, customer, assessment_id)
    found = await statistics(client, customer, assessment_id)
    assert (found["version"], found["attempts"], found["computed_at"]) == (1, 5, "2026-03-15T12:00:00Z")
    assert [(one["item_id"], one["facility"], one["discrimination"]) for one in found["items"]] == [
        ("q1", 0.6, 0.872872),
        ("q2", 0.4, 0.456435),
        ("q3", 0.4, 0.456435),
    ]
    counts = [one["choice_counts"] for one in found["items"]]
    assert counts[2] is None
    assert [[(each["choice"], each["count"]) for each in count] for count in counts[:2]] == [
        [("a", 3), ("b", 1), ("c", 1)],
        [("a", 2), ("b", 2), ("c", 0)],
    ]


async def test_a_share_of_the_points_counts_as_much(client: httpx.AsyncClient, customer: Customer) -> None:
    """Partial credit goes into the facility by its share."""
    assessment_id = await publish(client, customer, several(), number())
    for learner, ticks in enumerate(["a", "ab", "abc", "d", "a"]):
        await take(client, customer, assessment_id, f"l{learner}", ticked(*ticks), typed())
    found = (await statistics(client, customer, assessment_id))["items"]
    assert [one["facility"] for one in found] == [0.466667, 1.0]  # (1/3 + 2/3 + 1 + 0 + 1/3) / 5


async def test_nothing_is_told_below_five_attempts(client: httpx.AsyncClient, customer: Customer) -> None:
    """Four attempts are persons; the fifth makes it a statistic at once, whatever was asked before."""
    assessment_id = await publish(client, customer)
    for learner in range(5):
        assert (await statistics(client, customer, assessment_id))["items"] == []
        await take(client, customer, assessment_id, f"l{learner}", picked())
    found = await statistics(client, customer, assessment_id)
    assert (found["attempts"], len(found["items"])) == (5, 1)


async def test_what_would_tell_the_key_is_for_authors(
    client: httpx.AsyncClient, customer: Customer, database: Any
) -> None:
    """Without `write:assessments`: facility alone, also where an author asked before."""
    assessment_id = await publish(client, customer, question("q1"), question("q2"), number())
    await five_take(client, customer, assessment_id)
    await statistics(client, customer, assessment_id)
    async with database.acquire() as connection:
        reader = await add_key(connection, customer.center_id, scopes=["read:results"])
        other = await add_customer(connection)
    found = await statistics(client, reader, assessment_id)
    assert [one["facility"] for one in found["items"]] == [0.6, 0.4, 0.4]
    assert {one["discrimination"] for one in found["items"]} == {None}
    assert [one["choice_counts"] for one in found["items"]] == [None] * 3
    answer = await client.get(f"/v1/assessments/{assessment_id}/statistics", headers=other.headers)
    assert refused(answer) == (404, "assessment_not_found")


async def test_they_are_computed_every_ten_minutes_at_most(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock
) -> None:
    """What one more attempt changes can't be read off: until ten minutes are over, the answer is the same."""
    assessment_id = await publish(client, customer, max_attempts=None)
    for _ in range(5):
        await take(client, customer, assessment_id, "anna", picked())
    first = await statistics(client, customer, assessment_id)
    await take(client, customer, assessment_id, "ben", picked("b"))
    clock.advance(TEN_MINUTES_MS - 1)
    assert await statistics(client, customer, assessment_id) == first
    clock.advance(1)
    later = await statistics(client, customer, assessment_id)
    assert (later["attempts"], later["items"][0]["facility"]) == (6, 0.833333)


async def test_asked_at_once_they_are_computed_once(
    client: httpx.AsyncClient, customer: Customer, migrate_database_url: str
) -> None:
    """Ten requests at once, one computation: the others wait for it."""
    assessment_id = await publish(client, customer)
    for learner in range(5):
        await take(client, customer, assessment_id, f"l{learner}", picked())
    owner = await asyncpg.connect(migrate_database_url)
    try:
        await owner.execute(
            """create table computed (at timestamptz default clock_timestamp());
               create function note_computed() returns trigger language plpgsql security definer as $$
               begin insert into computed default values; return new; end $$;
               create trigger noted after update of body on item_statistics
                   for each row when (new.body is not null) execute function note_computed()"""
        )
        found = await asyncio.gather(*[statistics(client, customer, assessment_id) for _ in range(10)])
        assert all(one == found[0] for one in found)
        assert await owner.fetchval("select count(*) from computed") == 1
    finally:
        await owner.close()


async def test_whoever_dies_while_computing_is_replaced(
    client: httpx.AsyncClient, customer: Customer, database: Any
) -> None:
    """A lease that lapsed is taken over; a live one, with something kept from before, is not waited for."""
    assessment_id = await publish(client, customer)
    for learner in range(5):
        await take(client, customer, assessment_id, f"l{learner}", picked())
    place = customer.center_id, assessment_id
    await database.execute(
        """insert into item_statistics (center_id, env, assessment_id, version, computing_until)
           values ($1, 'live', $2, 1, clock_timestamp() - interval '1 second')""",
        *place,
    )
    first = await statistics(client, customer, assessment_id)
    assert first["attempts"] == 5
    await database.execute(
        """update item_statistics set computing_until = clock_timestamp() + interval '1 hour',
                  computed_at = computed_at - interval '1 day' where center_id = $1 and assessment_id = $2""",
        *place,
    )
    assert await statistics(client, customer, assessment_id) == first


async def test_versions_are_counted_apart(client: httpx.AsyncClient, customer: Customer) -> None:
    """Those of the published version, unless another is named; a version that never was is refused."""
    assessment_id = await publish(client, customer)
    for learner in range(5):
        await take(client, customer, assessment_id, f"l{learner}", picked())
    await publish_anew(client, customer, assessment_id, title="Another")
    assert (await statistics(client, customer, assessment_id))["attempts"] == 0
    assert (await statistics(client, customer, assessment_id, "?version=1"))["attempts"] == 5
    for version in (3, 0, 2**40):
        answer = await client.get(
            f"/v1/assessments/{assessment_id}/statistics?version={version}", headers=customer.headers
        )
        assert refused(answer) == (400, "invalid_parameter")


async def test_what_waits_for_a_person_is_not_counted_yet(client: httpx.AsyncClient, customer: Customer) -> None:
    """A total that is not final would make the rest of the test look bad."""
    assessment_id = await publish(client, customer, question(), essay())
    for learner in range(5):
        await take(client, customer, assessment_id, f"l{learner}", picked(), *([written()] if learner else []))
    assert (await statistics(client, customer, assessment_id))["attempts"] == 1


async def test_a_draft_has_no_statistics(client: httpx.AsyncClient, customer: Customer) -> None:
    """Nobody can have taken what was never published."""
    made = await client.post("/v1/assessments", json={"title": "Draft", "items": []}, headers=customer.headers)
    answer = await client.get(f"/v1/assessments/{made.json()['id']}/statistics", headers=customer.headers)
    assert refused(answer) == (409, "assessment_not_published")
