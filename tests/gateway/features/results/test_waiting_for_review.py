"""What waits for a person is found, whatever its state says, and every view of it says the same."""

import httpx

from tests.clock import FrozenClock
from tests.gateway.features.results.test_results import as_csv, results, taken
from tests.gateway.features.reviews.test_reviews import review
from tests.gateway.features.taking import Taker, essay, picked, publish, question, refused, written
from tests.running import Customer


async def run_out(client: httpx.AsyncClient, customer: Customer, assessment_id: str, clock: FrozenClock) -> str:
    """An attempt with a saved essay whose time is over; its id."""
    taker = Taker(client, customer, "late")
    submission_id = await taker.started(assessment_id)
    await taker.save(submission_id, 1, written())
    clock.advance(60_000)
    return submission_id


async def test_what_ran_out_of_time_is_expired_in_every_view_of_it(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock
) -> None:
    """The submission, the results of assessment and learner, the filter and the CSV: `expired`, and no grade yet; so also
    once a person has judged it, then with its grade.
    """
    assessment_id = await publish(client, customer, question(), essay(), time_limit_seconds=60)
    submission_id = await run_out(client, customer, assessment_id, clock)
    for is_final in (False, True):
        seen = [(await Taker(client, customer).get(submission_id)).json()]
        for path, query in (
            (f"assessments/{assessment_id}", {"status": "expired"}),
            (f"assessments/{assessment_id}", {"needs_review": str(not is_final).lower()}),
            ("learners/late", {}),
        ):
            seen += (await results(client, customer, path, **query))["data"]
        assert [(one["id"], one["status"]) for one in seen] == [(submission_id, "expired")] * 4
        assert {one["graded_at"] is not None for one in seen} == {is_final}
        [header, row] = await as_csv(client, customer, assessment_id, status="expired")
        assert (row[header.index("status")], bool(row[header.index("graded_at")])) == ("expired", is_final)
        assert (await results(client, customer, f"assessments/{assessment_id}", status="awaiting_review"))["data"] == []
        assert (await review(client, customer, submission_id, "q4", "1")).status_code == 201


async def test_reviewers_find_all_that_they_may_judge(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock
) -> None:
    """Submitted in time or run out, of an assessment, a collection and as CSV; not what is graded."""
    assessment_id = await publish(client, customer, question(), essay(), time_limit_seconds=60)
    made = await client.post("/v1/collections", json={"title": "All"}, headers=customer.headers)
    collection = f"collections/{made.json()['id']}"
    body = {"assessment_id": assessment_id}
    assert (await client.post(f"/v1/{collection}/items", json=body, headers=customer.headers)).status_code == 201
    graded = await taken(client, customer, assessment_id, "done", picked())
    waits = await taken(client, customer, assessment_id, "in time", picked(), written())
    late = await run_out(client, customer, assessment_id, clock)
    assert (await Taker(client, customer).get(late)).json()["status"] == "expired"
    for path in (f"assessments/{assessment_id}", collection):
        for asked, ids in (("true", {late, waits}), ("false", {graded})):
            found = (await results(client, customer, path, needs_review=asked))["data"]
            assert {one["id"] for one in found} == ids
        both = await results(client, customer, path, needs_review="true", status="expired")
        assert [one["id"] for one in both["data"]] == [late]
        odd = await client.get(f"/v1/{path}/results", params={"needs_review": "perhaps"}, headers=customer.headers)
        assert refused(odd) == (400, "invalid_parameter")
    assert len(await as_csv(client, customer, assessment_id, needs_review="true")) == 3
    for submission_id in (waits, late):
        assert (await review(client, customer, submission_id, "q4", "1")).status_code == 201
    assert (await results(client, customer, collection, needs_review="true"))["data"] == []
