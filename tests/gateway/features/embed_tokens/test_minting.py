"""Tokens: minted by a server for one learner and one assessment, shown once, taken back at will."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from gateway.app import Gateway
from gateway.stores import SqlStore
from tests.gateway.features.assessments.authored import make_published
from tests.gateway.features.embedding import LEARNER, allow, browser, mint, minted, spend
from tests.gateway.features.taking import publish, refused
from tests.people import add_member
from tests.running import NOW, Customer, add_customer, add_key

NOBODYS = "tok_aaaaaaaaaaaaaaaaaaaaaaaaaa"


async def test_a_token_is_shown_once_with_the_page_that_it_opens(client: httpx.AsyncClient, customer: Customer) -> None:
    """Its address is made of our own public URL; it lives for 300 seconds unless said otherwise."""
    assessment_id = await publish(client, customer)
    made = await minted(client, customer, assessment_id)
    assert made["object"] == "embed_token"
    assert made["url"] == f"https://gateway.test/embed/{made['token']}"
    assert made["token"].startswith("cge_")
    assert (made["assessment_id"], made["learner_ref"], made["origin"]) == (assessment_id, LEARNER, None)
    assert seconds_of(made) == 300
    assert seconds_of(await minted(client, customer, assessment_id, ttl_seconds=3_600)) == 3_600


def seconds_of(made: dict[str, Any]) -> float:
    return (datetime.fromisoformat(made["expires_at"]) - datetime.fromisoformat(made["created_at"])).total_seconds()


async def test_a_replay_shows_no_token(client: httpx.AsyncClient, customer: Customer, sql: SqlStore) -> None:
    """The same answer with token and address blanked; neither is kept in clear anywhere."""
    body = {"assessment_id": await publish(client, customer), "learner_ref": LEARNER}
    headers = customer.headers | {"Idempotency-Key": "a token"}
    first, again = [await client.post("/v1/embed/token", json=body, headers=headers) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["idempotent-replayed"] == "true"
    assert first.headers["cache-control"] == "no-store"
    assert again.json() == first.json() | {"token": None, "url": None}
    async with sql.session() as connection:
        assert await connection.fetchval("select count(*) from embed_token") == 1
        kept = await connection.fetch("select t::text as row from embed_token t")
        claims = await connection.fetch("select convert_from(body, 'UTF8') as row from idempotency_claim")
    secret = first.json()["token"].removeprefix("cge_")
    assert not [row for row in (*kept, *claims) if secret in row["row"] or secret[:20] in row["row"]]


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({"ttl_seconds": 0}, "invalid_field", "ttl_seconds"),
        ({"ttl_seconds": 3_601}, "invalid_field", "ttl_seconds"),
        ({"ttl_seconds": "300"}, "invalid_field", "ttl_seconds"),
        ({"learner_ref": ""}, "invalid_field", "learner_ref"),
        ({"learner_ref": "a\u202eb"}, "invalid_field", "learner_ref"),
        ({"learner_ref": "x" * 129}, "invalid_field", "learner_ref"),
        ({"learner_ref": "usr_aaaaaaaaaaaaaaaaaaaaaaaaaa"}, "invalid_field", "learner_ref"),
        ({"learner_ref": None}, "missing_required_field", "learner_ref"),
        ({"origin": "https://learn.example.com/"}, "invalid_field", "origin"),
        ({"origin": "https://learn.example.com; script-src *"}, "invalid_field", "origin"),
        ({"origin": "http://localhost:8080"}, "invalid_field", "origin"),
        ({"origin": "*"}, "invalid_field", "origin"),
        ({"origin": "null"}, "invalid_field", "origin"),
        ({"scope": "all"}, "unknown_field", "scope"),
    ],
)
async def test_a_wrong_wish_is_refused_by_its_field(
    client: httpx.AsyncClient, customer: Customer, body: dict[str, Any], code: str, param: str
) -> None:
    """Life, learner and origin are as the documentation says, or nothing is made."""
    answer = await mint(client, customer, await publish(client, customer), **body)
    assert refused(answer) == (400, code)
    assert answer.json()["error"]["param"] == param


async def test_what_can_not_be_taken_gets_no_token(client: httpx.AsyncClient, customer: Customer) -> None:
    """Unknown, another center's or env's, and junk: the same 404; a draft and an archived one: 409."""
    draft = await client.post("/v1/assessments", json={"title": "a"}, headers=customer.headers)
    archived = (await make_published(client, customer))["id"]
    await client.post(f"/v1/assessments/{archived}/archive", headers=customer.headers)
    for wrong in ("asmt_aaaaaaaaaaaaaaaaaaaaaaaaaa", "junk", "crs_aaaaaaaaaaaaaaaaaaaaaaaaaa"):
        assert refused(await mint(client, customer, wrong)) == (404, "assessment_not_found")
    for closed in (draft.json()["id"], archived):
        assert refused(await mint(client, customer, closed)) == (409, "assessment_not_published")


async def test_another_center_and_another_env_see_nothing_of_it(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore
) -> None:
    """Neither the assessment nor the token; the same 404 as for what never was."""
    assessment_id = await publish(client, customer)
    made = await minted(client, customer, assessment_id)
    async with sql.session() as connection:
        strangers = [await add_customer(connection), await add_key(connection, customer.center_id, env="test")]
    for stranger in strangers:
        assert refused(await mint(client, stranger, assessment_id)) == (404, "assessment_not_found")
        for embed_id in (made["id"], NOBODYS):
            gone = await client.delete(f"/v1/embed/tokens/{embed_id}", headers=stranger.headers)
            assert refused(gone) == (404, "embed_token_not_found")
    assert (await spend(client, made["token"])).status_code == 201


async def test_a_token_that_was_taken_back_opens_nothing(client: httpx.AsyncClient, customer: Customer) -> None:
    """Taken back as often as one likes; a session that a token was spent for goes on."""
    assessment_id = await publish(client, customer)
    made = await minted(client, customer, assessment_id)
    for _ in range(2):
        gone = await client.delete(f"/v1/embed/tokens/{made['id']}", headers=customer.headers)
        assert (gone.status_code, gone.content) == (204, b"")
    assert refused(await spend(client, made["token"])) == (401, "embed_token_invalid")
    taker = await browser(client, customer, assessment_id)
    spent = await minted(client, customer, assessment_id, "learner-2")
    await spend(client, spent["token"])
    await client.delete(f"/v1/embed/tokens/{spent['id']}", headers=customer.headers)
    assert (await taker.session()).json()["status"] == "open"
    for junk in ("junk", NOBODYS, made["token"]):
        gone = await client.delete(f"/v1/embed/tokens/{junk}", headers=customer.headers)
        assert refused(gone) == (404, "embed_token_not_found")


async def test_an_origin_is_one_that_the_center_named(client: httpx.AsyncClient, customer: Customer) -> None:
    """Exactly: another port, scheme or host is another origin. Taken from the list, its tokens open nothing."""
    assessment_id = await publish(client, customer)
    origin = "https://learn.example.com"
    answer = await mint(client, customer, assessment_id, origin=origin)
    assert refused(answer) == (403, "origin_not_allowed")
    await allow(client, customer, origin)
    made = await minted(client, customer, assessment_id, origin=origin)
    assert made["origin"] == origin
    for other in ("https://learn.example.com:8443", "https://example.com", "https://a.learn.example.com"):
        assert refused(await mint(client, customer, assessment_id, origin=other)) == (403, "origin_not_allowed")
    await allow(client, customer)
    assert refused(await spend(client, made["token"])) == (403, "origin_not_allowed")
    await allow(client, customer, origin)
    assert (await spend(client, made["token"])).json()["origin"] == origin


async def test_minting_needs_its_scope(client: httpx.AsyncClient, customer: Customer, sql: SqlStore) -> None:
    """A key without it is told so; nobody mints without a key."""
    assessment_id = await publish(client, customer)
    async with sql.session() as connection:
        lesser = await add_key(connection, customer.center_id, scopes=["write:submissions", "read:results"])
    answer = await mint(client, lesser, assessment_id)
    assert refused(answer) == (403, "missing_scope")
    assert answer.json()["error"]["details"] == {"required_scope": "mint:embed_tokens"}
    nobody = await client.post("/v1/embed/token", json={"assessment_id": assessment_id, "learner_ref": "a"})
    assert refused(nobody) == (401, "missing_api_key")


async def test_a_child_mints_for_itself_and_a_parent_for_nobody(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore, app: Gateway
) -> None:
    """A CHILD names nobody and takes back its own alone; an INSTRUCTOR mints for the center's learners."""
    assessment_id = await publish(client, customer)
    async with sql.session() as connection:
        child, sibling, parent, teacher = [
            await add_member(app, connection, customer.center_id, role)
            for role in ("CHILD", "CHILD", "PARENT", "INSTRUCTOR")
        ]
    body = {"assessment_id": assessment_id}
    made = await client.post("/v1/embed/token", json=body, headers=child.headers)
    assert made.status_code == 201, made.text
    assert made.json()["learner_ref"] == child.person.id
    named = await client.post("/v1/embed/token", json=body | {"learner_ref": "jo"}, headers=child.headers)
    assert refused(named) == (400, "invalid_field")
    refusal = await client.post("/v1/embed/token", json=body | {"learner_ref": "jo"}, headers=parent.headers)
    assert refused(refusal) == (403, "insufficient_role")
    of_teacher = await client.post("/v1/embed/token", json=body | {"learner_ref": "jo"}, headers=teacher.headers)
    assert of_teacher.status_code == 201
    path = f"/v1/embed/tokens/{made.json()['id']}"
    assert refused(await client.delete(path, headers=sibling.headers)) == (404, "embed_token_not_found")
    opened = await spend(client, made.json()["token"])
    assert opened.json()["player"]["submission"]["learner_ref"] == child.person.id
    session = f"/v1/sessions/{opened.json()['id']}"
    assert (await client.get(session, headers=child.headers)).json()["status"] == "open"
    assert refused(await client.get(session, headers=sibling.headers)) == (404, "session_not_found")
    assert refused(await client.get(session, headers=parent.headers)) == (403, "insufficient_role")
    async with sql.session() as connection:
        await connection.execute(
            "update membership set status = 'suspended', suspended_at = $2 where person_id = $1",
            child.person.id,
            NOW + timedelta(days=1),
        )
    credential = {"Authorization": f"Bearer {opened.json()['credential']}"}
    assert refused(await client.get(session, headers=credential)) == (401, "session_expired")
    async with sql.session() as connection:
        await connection.execute(
            "update membership set status = 'active', suspended_at = null where person_id = $1", child.person.id
        )
    assert refused(await client.get(session, headers=credential)) == (401, "session_expired")
