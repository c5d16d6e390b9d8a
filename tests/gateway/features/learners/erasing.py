"""A learner with all that can be kept of one, and how it is handed out and erased."""

from typing import Any
from urllib.parse import quote

import httpx

from tests.gateway.features.assessments.authored import short_text
from tests.gateway.features.taking import (
    Taker,
    essay,
    picked,
    publish,
    question,
    written,
)
from tests.running import Customer

ANSWER = "qvsentinelqv"
"""Stands in answers, events and comments of the learner who is erased, and nowhere else."""


def event(event_id: str, text: str = ANSWER) -> dict[str, Any]:
    return {
        "id": event_id,
        "type": "answer_change",
        "item_id": "q4",
        "at": "2026-03-15T11:59:00Z",
        "payload": {"text": text},
    }


def typed_text(text: str = ANSWER) -> dict[str, Any]:
    """An answer to `short_text`."""
    return {"item_id": "q2", "answer": {"type": "short_text", "text": text}}


async def erase(client: httpx.AsyncClient, customer: Customer, learner: str) -> httpx.Response:
    return await client.delete(f"/v1/learners/{quote(learner, safe='')}", headers=customer.headers)


async def export(client: httpx.AsyncClient, customer: Customer, learner: str) -> dict[str, Any]:
    path = f"/v1/learners/{quote(learner, safe='')}/export"
    answer = await client.get(path, headers=customer.headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-disposition"] == 'attachment; filename="learner.json"'
    found: dict[str, Any] = answer.json()
    return found


async def everything(client: httpx.AsyncClient, customer: Customer, learner: str) -> dict[str, str]:
    """A learner who has done everything there is: submitted, reviewed, checked, noted, and begun another attempt."""
    items = [question(), short_text(), essay("q4")]
    assessment_id = await publish(
        client, customer, *items, max_attempts=3, checks_per_question=5, feedback="parts", penalty_per_try=0.1
    )
    taker = Taker(client, customer, learner)
    await taker.check(assessment_id, typed_text(), key=f"a check of {learner}")
    submitted = await taker.submit_at_once(
        assessment_id, picked(), typed_text(), written(ANSWER), key=f"a submit of {learner}"
    )
    assert submitted.status_code == 201, submitted.text
    done: str = submitted.json()["id"]
    await taker.note(done, event("e1"), event("e2"), key=f"some events of {learner}")
    body = {"item_id": "q4", "score": "0.50", "comment": f"About {ANSWER}."}
    headers = customer.headers | {"Idempotency-Key": f"a review of {learner}"}
    await client.post(f"/v1/submissions/{done}/reviews", json=body, headers=headers)
    begun = (await taker.start(assessment_id, key=f"a start of {learner}")).json()["id"]
    await taker.save(begun, 1, typed_text())
    await taker.start(assessment_id, key=f"a resume of {learner}")  # its answer holds what was saved
    await taker.note(begun, event("e1"))
    return {"done": done, "begun": begun, "assessment": assessment_id}


async def found_in(owner: Any, text: str) -> set[str]:
    """The tables that hold the text in any column, whatever its type."""
    tables = await owner.fetch(
        "select tablename from pg_tables where schemaname = 'public' and tablename <> 'schema_migration'"
    )
    found = set()
    for table in (row["tablename"] for row in tables):
        for row in await owner.fetch(f'select t.* from "{table}" t'):
            if any(
                text in (value.decode(errors="replace") if isinstance(value, bytes) else str(value))
                for value in row.values()
            ):
                found.add(table)
    return found
