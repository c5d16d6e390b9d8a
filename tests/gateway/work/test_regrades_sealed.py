"""A regrade is sealed grade by grade, by whoever asked for it."""

import json

from tests.gateway.features.taking import picked, publish, publish_anew
from tests.gateway.work.desks import Desk, right


async def test_each_new_grade_is_sealed(desk: Desk) -> None:
    """With the version and the rule it goes by, what it stands for and what it replaces; a grade that stays has no record."""
    assessment_id = await publish(desk.client, desk.customer)
    old = await desk.take(assessment_id, "anna", picked("b"))
    await desk.take(assessment_id, "ben", picked("a"))
    await publish_anew(desk.client, desk.customer, assessment_id, items=[right("b")])
    job = await desk.regrade(assessment_id, policy="never_lower")
    listed = await desk.client.get("/v1/dpus?type=submission.regraded", headers=desk.customer.headers)
    (record,) = listed.json()["data"]
    [new, _] = await desk.results(assessment_id, "anna")
    assert (record["subject"], record["actor"]) == (new["id"], desk.customer.key_id)
    assert record["outcome"] == {
        "earned": "100",
        "max_cents": 100,
        "passed": True,
        "percent": 100,
        "regrade_of": old,
        "score_cents": 100,
        "score_cents_before": 0,
        "status": "graded",
    }
    policy = record["policy"]
    assert (policy["assessment"], policy["version"], policy["policy"]) == (assessment_id, 2, "never_lower")
    assert policy["regrade"] == job["id"]
    assert "anna" not in json.dumps(record)
    assert (await desk.client.get("/v1/dpus/verify", headers=desk.customer.headers)).status_code == 200
