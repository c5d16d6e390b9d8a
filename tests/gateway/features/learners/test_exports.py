"""What is kept of a learner is handed out whole, whatever the learner is called."""

from typing import Any

import httpx
import pytest

from tests.gateway.features.assessments.authored import SECRET, short_text
from tests.gateway.features.learners.erasing import ANSWER, erase, everything, export, found_in, typed_text
from tests.gateway.features.taking import (
    Taker,
    picked,
    publish,
    written,
)
from tests.running import Customer


async def test_an_export_holds_all_that_is_kept(client: httpx.AsyncClient, customer: Customer) -> None:
    """Attempts with answers, results, reviews and events, and the checks; no key, not even a part of one."""
    made = await everything(client, customer, "anna")
    await everything(client, customer, "ben")
    found = await export(client, customer, "anna")
    assert (found["object"], found["learner_ref"]) == ("learner_export", "anna")
    done, begun = sorted(found["submissions"], key=lambda one: str(one["status"]))
    assert (done["id"], begun["id"]) == (made["done"], made["begun"])
    assert done["answers"] == [picked(), typed_text(), written(ANSWER)]
    assert [one["item_id"] for one in done["results"]] == ["q1", "q2", "q4"]
    assert [(one["score"], one["comment"]) for one in done["reviews"]] == [("0.50", f"About {ANSWER}.")]
    assert [(one["id"], one["payload"]) for one in done["events"]] == [
        ("e1", {"text": ANSWER}),
        ("e2", {"text": ANSWER}),
    ]
    assert (begun["status"], begun["answers"], len(begun["events"])) == ("in_progress", [typed_text()], 1)
    assert [(one["item_id"], one["used"], one["tries"]) for one in found["checks"]] == [
        ("q1", 0, 1),
        ("q2", 1, 1),
        ("q4", 0, 1),
    ]
    assert SECRET not in str(found)


async def test_a_long_export_is_whole(client: httpx.AsyncClient, customer: Customer, database: Any) -> None:
    """More attempts and more events than are read at a time: every one, once."""
    assessment_id = await publish(client, customer, max_attempts=None)
    submitted = [await Taker(client, customer, "anna").submit_at_once(assessment_id, picked()) for _ in range(23)]
    ids = {answer.json()["id"] for answer in submitted}
    await database.execute(
        """insert into submission_event (center_id, env, submission_id, id, type, at, received_at)
           select $1, 'live', $2, 'e' || n, 'navigated', now(), now() from generate_series(1, 1203) n""",
        customer.center_id,
        min(ids),
    )
    await database.execute("update submission set events = 1203 where id = $1", min(ids))
    found = await export(client, customer, "anna")
    assert {one["id"] for one in found["submissions"]} == ids
    assert len(found["submissions"]) == 23
    assert len({one["id"] for one in found["submissions"][0]["events"]}) == 1203


@pytest.mark.parametrize("learner", ["a/b/c", "ünï", '"quoted"', "back\\slash", "/"])
async def test_any_name_can_be_exported_and_erased(
    client: httpx.AsyncClient, customer: Customer, database: Any, learner: str
) -> None:
    """Percent-encoded in the path; also what retries would be answered is found under it."""
    assessment_id = await publish(client, customer, short_text())
    await Taker(client, customer, learner).submit_at_once(assessment_id, typed_text(), key="k")
    found = await export(client, customer, learner)
    assert (found["learner_ref"], len(found["submissions"])) == (learner, 1)
    assert (await erase(client, customer, learner)).status_code == 204
    assert await found_in(database, ANSWER) == set()
    replies = "select body from idempotency_claim where route like '%/submit'"
    assert [row["body"] for row in await database.fetch(replies)] == [b""]
