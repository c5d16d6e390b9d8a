"""A session's credential opens its own attempt, and nothing else of anybody's."""

import httpx
import pytest

from gateway.stores import SqlStore
from tests.gateway.features.embedding import Browser, browser, minted, spend
from tests.gateway.features.taking import Taker, picked, publish, refused
from tests.running import Customer, add_customer, add_key

EVENT = {"id": "e1", "type": "flagged", "at": "2026-03-15T12:00:00Z"}
JUNK = "cgs_" + "A" * 54


@pytest.fixture
async def world(client: httpx.AsyncClient, customer: Customer) -> dict[str, str]:
    """Another learner's attempt and session of the same assessment, and the same learner's of another one."""
    assessment_id = await publish(client, customer, checks_per_question=3, max_attempts=3)
    other = await publish(client, customer, checks_per_question=3)
    stranger = await browser(client, customer, assessment_id, "another learner")
    return {
        "assessment": assessment_id,
        "other": other,
        "others_submission": stranger.submission_id,
        "others_session": stranger.session_id,
        "own_elsewhere": await Taker(client, customer).started(other),
    }


@pytest.fixture
async def taker(client: httpx.AsyncClient, customer: Customer, world: dict[str, str]) -> Browser:
    """The learner whose browser it is."""
    return await browser(client, customer, world["assessment"])


@pytest.mark.parametrize("whose", ["others_submission", "own_elsewhere"])
async def test_another_attempt_is_not_there(taker: Browser, world: dict[str, str], whose: str) -> None:
    """Another learner's, and the learner's own of another assessment: the 404 of what never was, whatever is asked."""
    foreign = world[whose]
    asked = [
        await taker.read(foreign),
        await taker.save(1, picked(), submission_id=foreign),
        await taker.submit(picked(), submission_id=foreign),
        await taker.submit(picked(), submission_id=foreign, key="a key"),
        await taker.note(EVENT, submission_id=foreign),
    ]
    never = await taker.read("sub_aaaaaaaaaaaaaaaaaaaaaaaaaa")
    for answer in asked:
        assert refused(answer) == (404, "submission_not_found")
        assert answer.json()["error"] | {"request_id": ""} == never.json()["error"] | {"request_id": ""}
    assert refused(await taker.check(picked(), world["other"])) == (404, "assessment_not_found")


async def test_another_session_is_not_there(taker: Browser, world: dict[str, str]) -> None:
    """Not to be read, not to be ended."""
    for session_id in (world["others_session"], "ses_aaaaaaaaaaaaaaaaaaaaaaaaaa", "junk"):
        assert refused(await taker.get(f"/v1/sessions/{session_id}")) == (404, "session_not_found")
        assert refused(await taker.post(f"/v1/sessions/{session_id}/end")) == (404, "session_not_found")


async def test_whose_it_is_is_never_said_by_a_browser(taker: Browser) -> None:
    """A learner who is named in a body is refused, the session's own too."""
    for learner in ("learner-1", "another learner"):
        answer = await taker.check(picked() | {"learner_ref": learner})
        assert refused(answer) == (400, "invalid_field")
        assert answer.json()["error"]["param"] == "learner_ref"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/assessments/{assessment}/submissions"),
        ("POST", "/v1/assessments/{assessment}/submit"),
        ("GET", "/v1/assessments/{assessment}"),
        ("GET", "/v1/assessments/{assessment}/results"),
        ("GET", "/v1/assessments/{assessment}/statistics"),
        ("GET", "/v1/learners/learner-1/results"),
        ("GET", "/v1/learners/learner-1/export"),
        ("DELETE", "/v1/learners/learner-1"),
        ("POST", "/v1/embed/token"),
        ("GET", "/v1/embed/origins"),
        ("PUT", "/v1/embed/origins"),
        ("GET", "/v1/usage"),
        ("GET", "/v1/center"),
        ("POST", "/v1/api-keys"),
    ],
)
async def test_every_other_route_is_closed(taker: Browser, world: dict[str, str], method: str, path: str) -> None:
    """The scopes that it stands for open none of them."""
    answer = await taker.client.request(method, path.format(**world), json={}, headers=taker.headers)
    assert refused(answer) == (403, "missing_scope")


async def test_the_routes_of_people_know_no_session(taker: Browser) -> None:
    """It is nobody who could sign out."""
    assert refused(await taker.get("/v1/auth/me")) == (401, "invalid_token")


async def test_all_results_are_for_who_judges(taker: Browser) -> None:
    """`include=results` needs what no session has."""
    answer = await taker.get(f"/v1/submissions/{taker.submission_id}", include="results")
    assert refused(answer) == (403, "missing_scope")


async def test_its_credential_is_good_in_one_header_alone(taker: Browser) -> None:
    """Not as an API key; neither changed nor cut; and the handle opens nothing."""
    path, good = f"/v1/sessions/{taker.session_id}", taker.opened["credential"]
    as_key = await taker.client.get(path, headers={"X-API-Key": good})
    assert refused(as_key) == (401, "invalid_api_key")
    changed = good[:-1] + ("A" if good[-1] != "A" else "E")
    for wrong in (changed, good[:-1], good + "A", JUNK, "cgs_", "cgs_é"):
        answer = await taker.client.get(path, headers={"Authorization": f"Bearer {wrong}".encode()})
        assert refused(answer) == (401, "session_expired"), wrong
    handle = await taker.client.get(path, headers={"Authorization": f"Bearer {taker.session_id}"})
    assert refused(handle) == (401, "invalid_api_key")
    both = await taker.client.get(path, headers=taker.headers | {"X-API-Key": JUNK})
    assert refused(both) == (400, "invalid_parameter")


async def test_keys_see_the_sessions_of_their_center_and_env(
    client: httpx.AsyncClient, customer: Customer, taker: Browser, sql: SqlStore
) -> None:
    """Others see none; the player's part and the credential are shown to no key."""
    path = f"/v1/sessions/{taker.session_id}"
    told = await client.get(path, headers=customer.headers)
    assert told.status_code == 200
    assert told.json().keys() == taker.opened.keys() - {"player", "credential"}
    refusal = await client.get(f"{path}?include=player", headers=customer.headers)
    assert refused(refusal) == (400, "invalid_parameter")
    async with sql.session() as connection:
        strangers = [await add_customer(connection), await add_key(connection, customer.center_id, env="test")]
        lesser = await add_key(connection, customer.center_id, scopes=["read:results"])
    for stranger in strangers:
        assert refused(await client.get(path, headers=stranger.headers)) == (404, "session_not_found")
        assert refused(await client.post(f"{path}/end", headers=stranger.headers)) == (404, "session_not_found")
    assert refused(await client.get(path, headers=lesser.headers)) == (403, "missing_scope")
    assert (await taker.session()).json()["status"] == "open"


async def test_a_sessions_idempotency_keys_are_its_own(
    client: httpx.AsyncClient, customer: Customer, taker: Browser
) -> None:
    """A server's value in a browser is another key: nothing of the server's answer comes back."""
    path = f"/v1/submissions/{taker.submission_id}/submit"
    headers = customer.headers | {"Idempotency-Key": "the same value"}
    first = await client.post(path, json={"answers": [picked()]}, headers=headers)
    assert first.status_code == 200
    assert refused(await taker.submit(picked(), key="the same value")) == (409, "submission_closed")


async def test_an_answer_is_replayed_to_its_session(taker: Browser) -> None:
    """A submit that is sent again with its key is answered as the first time: one attempt, one grade."""
    first, again = [await taker.submit(picked(), key="mine") for _ in range(2)]
    assert first.status_code == 200
    assert (again.status_code, again.json()) == (200, first.json())
    assert again.headers["idempotent-replayed"] == "true"


async def test_nothing_is_checked_once_the_attempt_is_over(taker: Browser) -> None:
    """A check is part of an attempt under way."""
    assert (await taker.check(picked())).status_code == 200
    await taker.submit(picked())
    assert refused(await taker.check(picked())) == (409, "submission_closed")


async def test_a_session_of_test_is_in_test(client: httpx.AsyncClient, customer: Customer, sql: SqlStore) -> None:
    """A test key's token opens test's attempt; live's key sees nothing of it."""
    async with sql.session() as connection:
        tester = await add_key(connection, customer.center_id, env="test")
    assessment_id = await publish(client, tester)
    opened = await spend(client, (await minted(client, tester, assessment_id))["token"])
    assert opened.status_code == 201
    submission = f"/v1/submissions/{opened.json()['submission_id']}"
    assert (await client.get(submission, headers=tester.headers)).status_code == 200
    assert refused(await client.get(submission, headers=customer.headers)) == (404, "submission_not_found")


async def test_nothing_of_a_session_is_kept_by_a_browser(taker: Browser, client: httpx.AsyncClient) -> None:
    """Questions, answers, grades and refusals: the next one at the machine may be another learner."""
    answers = [
        await taker.session(include="player"),
        await taker.save(1, picked()),
        await taker.check(picked()),
        await taker.submit(picked(), key="a key"),
        await taker.submit(picked(), key="a key"),
        await taker.read(),
        await taker.read("sub_aaaaaaaaaaaaaaaaaaaaaaaaaa"),
        await taker.end(),
    ]
    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}
