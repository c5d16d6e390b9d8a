"""What counts for what: a good token and a session for themselves, junk for its address, saves for their attempt."""

from typing import Any

import httpx
import pytest

from gateway import learner_tokens
from gateway.app import Gateway
from gateway.stores import SqlStore
from tests.clock import FrozenClock
from tests.gateway.features.embedding import browser, minted, spend
from tests.gateway.features.taking import picked, publish, refused
from tests.running import Customer, talking_to

TRIES = 35
"""More than an address has a minute."""


def policy(answer: httpx.Response) -> tuple[str, str]:
    """The name of the tightest limit, and what is left of it."""
    return answer.headers["ratelimit"].split(";")[0].strip('"'), answer.headers["x-ratelimit-remaining"]


async def test_good_tokens_are_not_counted_by_their_address(
    app: Gateway, client: httpx.AsyncClient, customer: Customer
) -> None:
    """A classroom behind one address opens as many players as it has learners."""
    assessment_id = await publish(client, customer)
    tokens = [(await minted(client, customer, assessment_id, f"l{n}"))["token"] for n in range(TRIES)]
    async with talking_to(app, "192.0.2.77") as classroom:
        answers = [await spend(classroom, token) for token in tokens]
        assert {answer.status_code for answer in answers} == {201}
        assert {policy(answer) for answer in answers} == {("session", "119")}
        assert policy(await spend(classroom, "junk")) == ("address", "29")


@pytest.mark.parametrize(
    "token", ["junk", "cge_" + "A" * 43, "cgs_" + "A" * 54], ids=["junk", "a token's form", "other"]
)
async def test_junk_is_counted_by_its_address(client: httpx.AsyncClient, token: str) -> None:
    """30 a minute, as every call without a key; then it waits."""
    answers = [await spend(client, token) for _ in range(31)]
    assert {refused(answer) for answer in answers[:30]} == {(401, "embed_token_invalid")}
    assert answers[30].status_code == 429
    assert policy(answers[0]) == ("address", "29")


async def test_used_tokens_and_dead_credentials_are_counted_by_their_address(
    client: httpx.AsyncClient, customer: Customer
) -> None:
    """As failed keys are."""
    assessment_id = await publish(client, customer)
    token = (await minted(client, customer, assessment_id))["token"]
    await spend(client, token)
    assert policy(await spend(client, token)) == ("address", "29")
    taker = await browser(client, customer, assessment_id)
    await taker.end()
    answer = await taker.read()
    assert (refused(answer), policy(answer)) == ((401, "session_expired"), ("address", "28"))


async def test_a_session_has_120_requests_a_minute_and_its_saves_beside_them(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock
) -> None:
    """Neither the address' nor the center's; 30 saves of its attempt on top."""
    taker = await browser(client, customer, await publish(client, customer))
    first = await taker.session()
    assert policy(first) == ("session", "119")
    answers = [await taker.session() for _ in range(119)]
    assert {answer.status_code for answer in answers} == {200}
    refusal = await taker.read()
    assert (refusal.status_code, refusal.json()["error"]["details"]["policy"]) == (429, "session")
    saves = [await taker.save(sequence, picked()) for sequence in range(1, 31)]
    assert {save.status_code for save in saves} == {200}
    assert policy(saves[0]) == ("save", "29")
    last = await taker.save(31, picked())
    assert (last.status_code, last.json()["error"]["details"]["policy"]) == (429, "save")
    center = await client.get("/v1/assessments", headers=customer.headers)
    assert policy(center)[0] == "minute"


async def test_nobody_uses_up_anothers_saves(client: httpx.AsyncClient, customer: Customer) -> None:
    """Saves that name another learner's attempt count for the session that sends them."""
    assessment_id = await publish(client, customer)
    taker, other = [await browser(client, customer, assessment_id, learner) for learner in ("a", "b")]
    answers = [await taker.save(1, picked(), submission_id=other.submission_id) for _ in range(31)]
    assert {refused(answer) for answer in answers} == {(404, "submission_not_found")}
    assert policy(answers[0]) == ("session", "119")
    assert policy(await other.save(1, picked())) == ("save", "29")


async def test_events_count_one_by_one(client: httpx.AsyncClient, customer: Customer) -> None:
    """A batch costs its events, of the session's 120."""
    taker = await browser(client, customer, await publish(client, customer))
    events = [{"id": f"e{n}", "type": "flagged", "at": "2026-03-15T12:00:00Z"} for n in range(20)]
    answer = await taker.note(*events)
    assert (answer.status_code, policy(answer)) == (200, ("session", "100"))


async def test_junk_asks_the_database_nothing(app: Gateway, client: httpx.AsyncClient) -> None:
    """Tokens and credentials of the right form that we did not make are told without it; with it away, they still are."""
    await app.services.sql.close()
    assert refused(await spend(client, "cge_" + "A" * 43)) == (401, "embed_token_invalid")
    junk = {"Authorization": "Bearer cgs_" + "A" * 54}
    answer = await client.get("/v1/sessions/ses_aaaaaaaaaaaaaaaaaaaaaaaaaa", headers=junk)
    assert refused(answer) == (401, "session_expired")


async def test_with_the_database_away_nobody_is_refused_for_good(
    app: Gateway, client: httpx.AsyncClient, customer: Customer
) -> None:
    """Of a real token and a real credential it can't be said whether they hold: 503, to be tried again, and not counted."""
    assessment_id = await publish(client, customer)
    taker = await browser(client, customer, assessment_id)
    token = (await minted(client, customer, assessment_id))["token"]
    await app.services.sql.close()
    for answer in (await taker.save(1, picked()), await spend(client, token)):
        assert (answer.status_code, answer.json()["error"]["retryable"]) == (503, True)
        assert policy(answer) == ("address", "30")


async def test_each_credential_has_its_own_text(app: Gateway) -> None:
    """Another prefix, another text for the same bytes, or a signature of a page: none of them is read as a token."""
    keyring = app.services.keyring
    for prefix, other in (("cge", "cgs"), ("cgs", "cge")):
        made = learner_tokens.make(keyring, prefix)
        assert learner_tokens.read(keyring, prefix, made.text) == made.digest
        renamed = made.text.replace(prefix, other, 1)
        for wrong in (renamed, made.text + "=", made.text[:-1], f" {made.text}", made.text.replace("_", "-", 1)):
            assert learner_tokens.read(keyring, prefix, wrong) is None
            assert learner_tokens.read(keyring, other, wrong) is None
    name = learner_tokens.page_name(keyring, "ses_a")
    assert learner_tokens.session_of_page(keyring, name) == "ses_a"
    assert learner_tokens.session_of_page(keyring, name.replace("ses_a", "ses_b")) is None


async def test_two_tokens_are_never_alike(app: Gateway) -> None:
    """24 and 32 bytes of chance."""
    for prefix, length in (("cge", 47), ("cgs", 58)):
        made: set[Any] = {learner_tokens.make(app.services.keyring, prefix).text for _ in range(100)}
        assert len(made) == 100
        assert {len(text) for text in made} == {length}


async def test_a_token_is_kept_as_its_digest_alone(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore
) -> None:
    """SHA-256, 32 bytes; so is a credential."""
    await browser(client, customer, await publish(client, customer))
    async with sql.session() as connection:
        row = await connection.fetchrow(
            "select length(t.token_hash) as token, length(s.credential_hash) as credential from embed_token t, learner_session s"
        )
    assert (row["token"], row["credential"]) == (32, 32)
