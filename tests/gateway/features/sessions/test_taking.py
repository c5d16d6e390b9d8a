"""An assessment is taken in a browser: a token, its session, answers, a grade, and no API key anywhere near it."""

import httpx

from tests.clock import FrozenClock
from tests.gateway.features.embedding import browser, minted, spend
from tests.gateway.features.taking import Taker, picked, publish, question, refused, several
from tests.running import Customer


async def test_a_token_opens_an_attempt_that_is_saved_checked_and_submitted(
    client: httpx.AsyncClient, customer: Customer
) -> None:
    """The credential alone takes the attempt from its first question to its grade."""
    assessment_id = await publish(client, customer, question(), several(), checks_per_question=2)
    taker = await browser(client, customer, assessment_id)
    opened = taker.opened
    player = opened["player"]
    assert (opened["object"], opened["status"], opened["ended_at"]) == ("session", "open", None)
    assert player["submission"]["id"] == opened["submission_id"]
    assert player["submission"]["source"] == "embed"
    assert [item["id"] for item in player["submission"]["items"]] == ["q1", "q2"]
    assert player["checks_left"] == {"q1": 2, "q2": 2}
    assert player["attempts_left"] == 0
    saved = await taker.save(1, picked("b"))
    assert saved.status_code == 200, saved.text
    checked = await taker.check(picked("a"))
    assert checked.json() == {"state": "right", "checks_left": 1}
    again = (await taker.session(include="player")).json()["player"]
    assert again["submission"]["answers"] == [picked("b")]
    assert again["checks_left"] == {"q1": 1, "q2": 2}
    done = await taker.submit(picked("a"))
    assert done.status_code == 200, done.text
    assert done.json()["score"] == "1.00"
    assert (await taker.read()).json()["status"] == "graded"


async def test_a_fresh_token_goes_on_with_the_attempt_under_way(client: httpx.AsyncClient, customer: Customer) -> None:
    """The same attempt with what was saved; the older session is over, its credential opens nothing."""
    assessment_id = await publish(client, customer)
    first = await browser(client, customer, assessment_id)
    await first.save(3, picked("c"))
    second = await browser(client, customer, assessment_id)
    assert second.submission_id == first.submission_id
    assert second.opened["player"]["submission"]["answers"] == [picked("c")]
    assert second.opened["player"]["submission"]["sequence"] == 3
    assert refused(await first.read()) == (401, "session_expired")
    told = await client.get(f"/v1/sessions/{first.session_id}", headers=customer.headers)
    assert told.json()["status"] == "ended"


async def test_an_attempt_that_a_server_began_keeps_its_source(client: httpx.AsyncClient, customer: Customer) -> None:
    """A session goes on with it; where it came from stays as it was."""
    assessment_id = await publish(client, customer)
    submission_id = await Taker(client, customer).started(assessment_id)
    taker = await browser(client, customer, assessment_id)
    assert taker.submission_id == submission_id
    assert taker.opened["player"]["submission"]["source"] == "api"


async def test_what_is_refused_leaves_the_token_as_it_was(client: httpx.AsyncClient, customer: Customer) -> None:
    """Without an attempt left there is no session; the token is good once there is one again."""
    assessment_id = await publish(client, customer)
    done = await Taker(client, customer).submit_at_once(assessment_id, picked())
    assert done.status_code == 201, done.text
    token = (await minted(client, customer, assessment_id))["token"]
    assert refused(await spend(client, token)) == (409, "max_attempts_reached")
    again = await client.patch(
        f"/v1/assessments/{assessment_id}", json={"settings": {"max_attempts": 2}}, headers=customer.headers
    )
    assert again.status_code == 200, again.text
    await client.post(f"/v1/assessments/{assessment_id}/publish", headers=customer.headers)
    opened = await spend(client, token)
    assert opened.status_code == 201, opened.text
    assert opened.json()["player"]["submission"]["attempt"] == 2
    assert refused(await spend(client, token)) == (401, "embed_token_used")


async def test_an_attempt_that_ran_out_is_graded_though_the_token_is_refused(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock
) -> None:
    """Who comes back too late, with no attempt left, finds what was saved graded."""
    assessment_id = await publish(client, customer, time_limit_seconds=60)
    taker = await browser(client, customer, assessment_id)
    await taker.save(1, picked("a"))
    token = (await minted(client, customer, assessment_id))["token"]
    clock.advance(60_000)
    assert refused(await spend(client, token)) == (409, "max_attempts_reached")
    results = await client.get("/v1/learners/learner-1/results", headers=customer.headers)
    assert [(one["status"], one["score"]) for one in results.json()["data"]] == [("expired", "1.00")]


async def test_authored_texts_come_with_their_trees(client: httpx.AsyncClient, customer: Customer) -> None:
    """Markdown and formulas as nodes, by the text itself; plain texts are not there; the same at every look."""
    stem = "Which is **prime**?"
    asked = question() | {
        "content": {"stem": stem, "choices": [{"id": "a", "text": "$x^2$"}, {"id": "b", "text": "Two"}]}
    }
    taker = await browser(client, customer, await publish(client, customer, asked))
    rich = taker.opened["player"]["rich"]
    assert rich[stem] == ["Which is ", ["strong", {}, ["prime"]], "?"]
    assert rich["$x^2$"][0][0] == "math"
    assert rich.keys() == {stem, "$x^2$"}
    assert (await taker.session(include="player")).json()["player"]["rich"] == rich


async def test_a_player_wears_its_centers_colours(client: httpx.AsyncClient, customer: Customer) -> None:
    """Name, language and colours are the center's; what it did not say is null."""
    edit = {"name": "North Academy", "locale": "ar", "theme": {"primary": "#1a5fb4"}}
    assert (await client.patch("/v1/center", json=edit, headers=customer.headers)).status_code == 200
    player = (await browser(client, customer, await publish(client, customer))).opened["player"]
    assert (player["center_name"], player["locale"]) == ("North Academy", "ar")
    assert player["theme"] == {"primary": "#1a5fb4", "accent": None, "background": None, "text": None}


async def test_results_are_told_as_far_as_feedback_goes(client: httpx.AsyncClient, customer: Customer) -> None:
    """With feedback `none` a learner's browser learns that it submitted, and nothing else."""
    assessment_id = await publish(client, customer, question(), feedback="none")
    taker = await browser(client, customer, assessment_id)
    done = (await taker.submit(picked())).json()
    again = (await taker.session(include="player")).json()["player"]["submission"]
    for shown in (done, again):
        assert (shown["status"], shown["score"], shown["percent"], shown["passed"]) == ("graded", None, None, None)
    assert again["results"] is None


async def test_a_session_comes_compressed_for_who_takes_it(client: httpx.AsyncClient, customer: Customer) -> None:
    """All questions in a fraction of their size; as they are for who does not say so."""
    assessment_id = await publish(client, customer, *(question(f"q{n}") for n in range(30)))
    sizes = {}
    for coding in ("identity", "gzip"):
        token = (await minted(client, customer, assessment_id))["token"]
        headers = {"Accept-Encoding": coding}
        answer = await client.post("/v1/embed/sessions", json={"token": token}, headers=headers)
        assert answer.headers.get("content-encoding", "identity") == coding
        assert len(answer.json()["player"]["submission"]["items"]) == 30
        sizes[coding] = int(answer.headers["content-length"])
    assert sizes["gzip"] < sizes["identity"] / 3
