"""How a session ends: by its clock, by hand, by a newer one, and with whatever it rests on, at once."""

from collections.abc import Awaitable, Callable

import httpx
import pytest

from gateway.stores import Connection, SqlStore
from tests.clock import FrozenClock
from tests.gateway.features.embedding import Browser, allow, browser, minted, spend
from tests.gateway.features.taking import picked, publish, refused
from tests.running import NOW, Customer

TWO_HOURS_MS = 7_200_000
Ending = Callable[[httpx.AsyncClient, Customer, Connection, str], Awaitable[None]]


async def test_a_session_lasts_two_hours(client: httpx.AsyncClient, customer: Customer, clock: FrozenClock) -> None:
    """To the millisecond; then its credential opens nothing, and what was saved is there for a fresh token."""
    assessment_id = await publish(client, customer)
    taker = await browser(client, customer, assessment_id)
    await taker.save(1, picked("b"))
    clock.advance(TWO_HOURS_MS - 1)
    assert (await taker.read()).status_code == 200
    clock.advance(1)
    for answer in (await taker.read(), await taker.save(2, picked()), await taker.submit(), await taker.session()):
        assert refused(answer) == (401, "session_expired")
    told = (await client.get(f"/v1/sessions/{taker.session_id}", headers=customer.headers)).json()
    assert (told["status"], told["ended_at"]) == ("expired", told["expires_at"])
    again = await browser(client, customer, assessment_id)
    assert again.opened["player"]["submission"]["answers"] == [picked("b")]


async def test_a_token_is_good_for_its_time_alone(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock
) -> None:
    """The last millisecond counts, the next one is too late; one that was used says so, however old it is."""
    assessment_id = await publish(client, customer)
    first, second = [await minted(client, customer, assessment_id, ttl_seconds=60) for _ in range(2)]
    clock.advance(59_999)
    assert (await spend(client, first["token"])).status_code == 201
    clock.advance(1)
    assert refused(await spend(client, second["token"])) == (401, "embed_token_expired")
    assert refused(await spend(client, first["token"])) == (401, "embed_token_used")


async def test_a_session_is_ended_by_its_server_as_often_as_it_likes(
    client: httpx.AsyncClient, customer: Customer
) -> None:
    """Its credential opens nothing any more; the attempt stays under way."""
    taker = await browser(client, customer, await publish(client, customer))
    path = f"/v1/sessions/{taker.session_id}/end"
    first, again = [await client.post(path, headers=customer.headers) for _ in range(2)]
    assert (first.status_code, first.json()["status"]) == (200, "ended")
    assert again.json() == first.json()
    assert refused(await taker.read()) == (401, "session_expired")
    attempt = await client.get(f"/v1/submissions/{taker.submission_id}", headers=customer.headers)
    assert attempt.json()["status"] == "in_progress"


async def test_a_session_ends_itself(client: httpx.AsyncClient, customer: Customer) -> None:
    """Once; what comes after is out."""
    taker = await browser(client, customer, await publish(client, customer))
    ended = await taker.end()
    assert (ended.status_code, ended.json()["status"]) == (200, "ended")
    assert refused(await taker.end()) == (401, "session_expired")


async def test_an_expired_session_stays_expired(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock
) -> None:
    """Ending it later changes nothing of what became of it."""
    taker = await browser(client, customer, await publish(client, customer))
    clock.advance(TWO_HOURS_MS)
    ended = await client.post(f"/v1/sessions/{taker.session_id}/end", headers=customer.headers)
    assert (ended.status_code, ended.json()["status"]) == (200, "expired")


async def revoke(client: httpx.AsyncClient, customer: Customer, connection: Connection, _: str) -> None:
    await connection.execute("update api_key set revoked_at = $2 where id = $1", customer.key_id, NOW)


async def suspend(client: httpx.AsyncClient, customer: Customer, connection: Connection, _: str) -> None:
    query = "update center set status = 'suspended', suspended_at = $2, updated_at = $2 where id = $1"
    await connection.execute(query, customer.center_id, NOW)


async def archive(client: httpx.AsyncClient, customer: Customer, _: Connection, assessment_id: str) -> None:
    answer = await client.post(f"/v1/assessments/{assessment_id}/archive", headers=customer.headers)
    assert answer.status_code == 200


async def erase(client: httpx.AsyncClient, customer: Customer, _: Connection, assessment_id: str) -> None:
    answer = await client.delete("/v1/learners/learner-1", headers=customer.headers)
    assert answer.status_code == 204


@pytest.mark.parametrize("submitted", [False, True], ids=["under way", "submitted"])
@pytest.mark.parametrize(
    ("ending", "refusal"),
    [
        (revoke, (401, "embed_token_invalid")),
        (suspend, (401, "embed_token_invalid")),
        (archive, (409, "assessment_not_published")),
        (erase, (401, "embed_token_invalid")),
    ],
)
async def test_tokens_and_sessions_end_with_what_they_rest_on(
    client: httpx.AsyncClient,
    customer: Customer,
    sql: SqlStore,
    ending: Ending,
    refusal: tuple[int, str],
    submitted: bool,
) -> None:
    """Key revoked, center suspended, assessment archived, learner erased: the next request is out, at every gateway."""
    assessment_id = await publish(client, customer, max_attempts=5, checks_per_question=2)
    taker = await browser(client, customer, assessment_id)
    token = (await minted(client, customer, assessment_id))["token"]
    if submitted:
        assert (await taker.submit(picked())).status_code == 200
    async with sql.session() as connection:
        await ending(client, customer, connection, assessment_id)
    for answer in (
        await taker.read(),
        await taker.save(1, picked()),
        await taker.submit(picked()),
        await taker.check(picked()),
        await taker.session(include="player"),
        await taker.end(),
    ):
        assert refused(answer) == (401, "session_expired")
    assert refused(await spend(client, token)) == refusal


async def test_what_a_suspended_center_had_open_stays_closed(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore
) -> None:
    """Reinstated, its tokens and sessions of before open nothing; with a fresh token learners go on with what was saved."""
    assessment_id = await publish(client, customer)
    taker = await browser(client, customer, assessment_id)
    await taker.save(1, picked("b"))
    token = (await minted(client, customer, assessment_id))["token"]
    async with sql.session() as connection:
        await suspend(client, customer, connection, "")
        await connection.execute("update center set status = 'active' where id = $1", customer.center_id)
    assert refused(await taker.read()) == (401, "session_expired")
    assert refused(await spend(client, token)) == (401, "embed_token_invalid")
    told = (await client.get(f"/v1/sessions/{taker.session_id}", headers=customer.headers)).json()
    assert (told["status"], told["ended_at"]) == ("ended", None)
    again = await browser(client, customer, assessment_id)
    assert again.opened["player"]["submission"]["answers"] == [picked("b")]


async def test_a_rotated_key_stands_behind_its_sessions(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock
) -> None:
    """Learners who sit an exam are not cut off by a rotation, not even once the old key's grace is over."""
    taker = await browser(client, customer, await publish(client, customer))
    rotated = await client.post(
        f"/v1/api-keys/{customer.key_id}/rotate", json={"grace_seconds": 60}, headers=customer.headers
    )
    assert rotated.status_code == 201, rotated.text
    clock.advance(120_000)
    assert (await taker.read()).status_code == 200


async def test_a_learner_has_one_session_an_assessment(client: httpx.AsyncClient, customer: Customer) -> None:
    """Another learner's and another assessment's go on beside it."""
    first, second = [await publish(client, customer) for _ in range(2)]
    takers = [await browser(client, customer, first), await browser(client, customer, second)]
    takers.append(await browser(client, customer, first, "learner-2"))
    newest = await browser(client, customer, first)
    answers = [refused_or_none(await taker.read()) for taker in (*takers, newest)]
    assert answers == [(401, "session_expired"), None, None, None]


def refused_or_none(answer: httpx.Response) -> tuple[int, str] | None:
    return None if answer.status_code == 200 else refused(answer)


async def test_an_export_tells_of_sessions(client: httpx.AsyncClient, customer: Customer, clock: FrozenClock) -> None:
    """When and where, and nothing that opens anything; another learner's are not there."""
    assessment_id = await publish(client, customer)
    takers = [await browser(client, customer, assessment_id)]
    clock.advance(1_000)
    takers.append(await browser(client, customer, assessment_id))
    await browser(client, customer, assessment_id, "learner-2")
    told = await client.get("/v1/learners/learner-1/export", headers=customer.headers)
    shown = ("id", "assessment_id", "submission_id", "origin", "created_at", "expires_at")
    assert [{name: one[name] for name in shown} for one in told.json()["sessions"]] == [
        {name: taker.opened[name] for name in shown} for taker in takers
    ]
    assert [one["ended_at"] is None for one in told.json()["sessions"]] == [False, True]
    assert takers[1].opened["credential"] not in told.text


async def test_erasing_a_learner_leaves_nothing_of_tokens_and_sessions(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore
) -> None:
    """Rows and kept answers of minting go; a retry with its key finds nothing. Another learner's stay."""
    assessment_id = await publish(client, customer)
    body = {"assessment_id": assessment_id, "learner_ref": "learner-1"}
    headers = customer.headers | {"Idempotency-Key": "minted"}
    await client.post("/v1/embed/token", json=body, headers=headers)
    gone: Browser = await browser(client, customer, assessment_id)
    stays = await browser(client, customer, assessment_id, "learner-2")
    await gone.submit(picked())
    assert (await client.delete("/v1/learners/learner-1", headers=customer.headers)).status_code == 204
    async with sql.session() as connection:
        for table in ("embed_token", "learner_session"):
            rows = await connection.fetch(f"select learner_ref from {table}")
            assert {row["learner_ref"] for row in rows} == {"learner-2"}
        kept = await connection.fetch("select convert_from(body, 'UTF8') as body from idempotency_claim")
    assert not [row for row in kept if "learner-1" in row["body"]]
    assert (await stays.read()).status_code == 200
    again = await client.post("/v1/embed/token", json=body, headers=headers)
    assert refused(again) == (404, "submission_not_found")


async def test_a_deleted_assessment_takes_its_tokens_along(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore
) -> None:
    """Nobody can take what is not there."""
    await allow(client, customer, "https://learn.example.com")
    assessment_id = await publish(client, customer)
    token = (await minted(client, customer, assessment_id))["token"]
    deleted = await client.delete(f"/v1/assessments/{assessment_id}", headers=customer.headers)
    assert deleted.status_code == 204, deleted.text
    assert refused(await spend(client, token)) == (401, "embed_token_invalid")
    async with sql.session() as connection:
        assert await connection.fetchval("select count(*) from embed_token") == 0
