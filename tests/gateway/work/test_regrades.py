"""Regrades: old grades stay, new ones refer to them, and each is what its answers are worth under the new version."""

from tests.clock import FrozenClock
from tests.gateway.features.taking import (
    Taker,
    essay,
    number,
    picked,
    publish,
    publish_anew,
    question,
    several,
    ticked,
    typed,
    written,
)
from tests.gateway.work.desks import Desk, right


async def test_a_new_grade_stands_beside_the_old_one(desk: Desk) -> None:
    """The mistaken key is mended: who was right all along gets the points; no byte of the old grade changes."""
    assessment_id = await publish(desk.client, desk.customer)
    wrong, lucky = (
        await desk.take(assessment_id, "anna", picked("b")),
        await desk.take(assessment_id, "ben", picked("a")),
    )
    before = await desk.rows(wrong, lucky)
    await publish_anew(desk.client, desk.customer, assessment_id, items=[right("b")])
    job = await desk.regrade(assessment_id)
    assert (job["status"], job["regraded"], job["kept"], job["pending"]) == ("succeeded", 2, 0, 0)
    assert await desk.rows(wrong, lucky) == before
    new, old = await desk.results(assessment_id, "anna")
    assert (old["id"], old["score"], old["counts"], old["regraded_as"]) == (wrong, "0.00", False, new["id"])
    assert (new["regrade_of"], new["score"], new["passed"], new["counts"]) == (wrong, "1.00", True, True)
    assert (new["attempt"], new["assessment_version"], new["submitted_at"]) == (1, 2, old["submitted_at"])
    assert [one["score"] for one in await desk.results(assessment_id, "ben")] == ["0.00", "1.00"]
    shown = (await Taker(desk.client, desk.customer).get(new["id"])).json()
    assert (shown["answers"], shown["results"][0]["state"]) == ([picked("b")], "right")


async def test_never_lower_keeps_what_would_fall(desk: Desk) -> None:
    """A smaller share of the points, or a pass that would be lost, leaves the old grade; `replace` takes it after all."""
    assessment_id = await publish(desk.client, desk.customer, question(), number(), pass_percent=50)
    learners = {"rises": [picked("b")], "falls": [picked("a"), typed()], "same": [typed()], "fails": [picked("a")]}
    for learner, answers in learners.items():
        await desk.take(assessment_id, learner, *answers)
    items = [right("b"), number(points="2.00")]
    await publish_anew(desk.client, desk.customer, assessment_id, items=items, settings={"pass_percent": 70})
    job = await desk.regrade(assessment_id, policy="never_lower")
    assert (job["regraded"], job["kept"]) == (1, 3)
    scores = {learner: [one["score"] for one in await desk.results(assessment_id, learner)] for learner in learners}
    assert scores == {"rises": ["1.00", "0.00"], "falls": ["2.00"], "same": ["1.00"], "fails": ["1.00"]}
    job = await desk.regrade(assessment_id, policy="replace")
    assert (job["regraded"], job["kept"]) == (3, 0)
    assert [one["score"] for one in await desk.results(assessment_id, "falls")] == ["2.00", "2.00"]
    assert await desk.successors() == [0, 1]


async def test_what_a_person_judged_holds_on(desk: Desk) -> None:
    """The same share of whatever the essay is worth now; one that nobody judged goes on waiting."""
    assessment_id = await publish(desk.client, desk.customer, question(), essay(points="3.00"))
    judged = await desk.take(assessment_id, "anna", picked("b"), written())
    await desk.take(assessment_id, "ben", picked("b"), written())
    path = f"/v1/submissions/{judged}/reviews"
    await desk.client.post(path, json={"item_id": "q4", "score": "2.00"}, headers=desk.customer.headers)
    await publish_anew(desk.client, desk.customer, assessment_id, items=[right("b"), essay(points="5.00")])
    await desk.regrade(assessment_id)
    [anna, old] = await desk.results(assessment_id, "anna")
    assert (anna["status"], anna["score"], anna["max_score"], anna["passed"]) == ("graded", "4.33", "6.00", True)
    [ben, _] = await desk.results(assessment_id, "ben")
    assert (ben["status"], ben["score"], ben["passed"]) == ("awaiting_review", "1.00", None)
    answer = await desk.client.post(
        f"/v1/submissions/{ben['id']}/reviews", json={"item_id": "q4", "score": "5"}, headers=desk.customer.headers
    )
    assert answer.json()["submission"]["score"] == "6.00"
    answer = await desk.client.post(path, json={"item_id": "q4", "score": "1"}, headers=desk.customer.headers)
    assert answer.status_code == 409
    assert answer.json()["error"]["details"] == {"regraded_as": anna["id"]}
    assert old["score"] == "2.00"


async def test_tries_cost_as_much_as_they_did(desk: Desk) -> None:
    """A check that failed before the right answer takes its penalty off under the new version too."""
    settings = {"checks_per_question": 2, "penalty_per_try": 0.25, "feedback": "parts"}
    assessment_id = await publish(desk.client, desk.customer, question(), number(), **settings)
    await Taker(desk.client, desk.customer, "anna").check(assessment_id, picked("b"))
    await desk.take(assessment_id, "anna", picked("a"), typed("1"))
    await publish_anew(desk.client, desk.customer, assessment_id, items=[question(points="4.00"), number()])
    await desk.regrade(assessment_id)
    assert [one["score"] for one in await desk.results(assessment_id, "anna")] == ["3.00", "0.75"]


async def test_answers_that_the_new_version_can_not_grade_count_as_not_given(desk: Desk) -> None:
    """An item that is gone, or of another kind, fails nobody's regrade."""
    assessment_id = await publish(desk.client, desk.customer, question(), several(), number())
    await desk.take(assessment_id, "anna", picked(), ticked("a"), typed())
    await publish_anew(desk.client, desk.customer, assessment_id, items=[several("q1"), number()])
    await desk.regrade(assessment_id)
    assert [(one["score"], one["max_score"]) for one in await desk.results(assessment_id, "anna")] == [
        ("1.00", "2.00"),
        ("2.33", "3.00"),
    ]


async def test_an_attempt_that_ran_out_of_time_stays_expired(desk: Desk, clock: FrozenClock) -> None:
    """Its new grade says so as well."""
    assessment_id = await publish(desk.client, desk.customer, time_limit_seconds=60)
    taker = Taker(desk.client, desk.customer, "anna")
    submission_id = await taker.started(assessment_id)
    await taker.save(submission_id, 1, picked("b"))
    clock.advance(60_000)
    await taker.get(submission_id)
    await publish_anew(desk.client, desk.customer, assessment_id, items=[right("b")])
    await desk.regrade(assessment_id)
    assert [(one["status"], one["score"]) for one in await desk.results(assessment_id, "anna")] == [
        ("expired", "1.00"),
        ("expired", "0.00"),
    ]


async def test_grades_of_an_attempt_are_a_chain(desk: Desk) -> None:
    """A regrade takes the grade that stands: from version to version, never the one before it again."""
    assessment_id = await publish(desk.client, desk.customer)
    first = await desk.take(assessment_id, "anna", picked("c"))
    for version, choice in ((2, "b"), (3, "c")):
        await publish_anew(desk.client, desk.customer, assessment_id, items=[right(choice)])
        job = await desk.regrade(assessment_id, from_version=version - 1)
        assert (job["regraded"], job["kept"]) == (1, 0)
    job = await desk.regrade(assessment_id, from_version=1)
    assert (job["status"], job["regraded"], job["kept"]) == ("succeeded", 0, 0)
    third, second, original = await desk.results(assessment_id, "anna")
    assert original["id"] == first
    assert [one["regrade_of"] for one in (third, second, original)] == [second["id"], first, None]
    assert [one["counts"] for one in (third, second, original)] == [True, False, False]
