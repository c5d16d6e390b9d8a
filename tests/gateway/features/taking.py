"""Attempts for tests, taken over HTTP as an integrator's server takes them."""

from typing import Any

import httpx

from tests.gateway.features.assessments.authored import Json, choices, item, make_published
from tests.running import Customer


def question(item_id: str = "q1", **more: Any) -> Json:
    """Three choices, of which `a` is right."""
    return item("single_choice", item_id, {"choices": choices("A", "B", "C")}, {"correct": "a"}, **more)


def several(item_id: str = "q2", **more: Any) -> Json:
    """Four choices, of which `a`, `b` and `c` are right: one of them earns a third."""
    return item(
        "multiple_choice", item_id, {"choices": choices("A", "B", "C", "D")}, {"correct": ["a", "b", "c"]}, **more
    )


def number(item_id: str = "q3", **more: Any) -> Json:
    """A number, 42."""
    return item("numeric", item_id, {}, {"answers": [{"value": "42"}]}, **more)


def essay(item_id: str = "q4", **more: Any) -> Json:
    """Something for a person to judge."""
    return item("essay", item_id, {}, {"criteria": [{"id": "c1", "text": "Says something."}]}, **more)


def picked(choice: str = "a", item_id: str = "q1") -> Json:
    """An answer to `question`."""
    return {"item_id": item_id, "answer": {"type": "single_choice", "choice": choice}}


def ticked(*given: str, item_id: str = "q2") -> Json:
    """An answer to `several`."""
    return {"item_id": item_id, "answer": {"type": "multiple_choice", "choices": list(given)}}


def typed(value: str = "42", item_id: str = "q3") -> Json:
    """An answer to `number`."""
    return {"item_id": item_id, "answer": {"type": "numeric", "value": value}}


def written(text: str = "Something.", item_id: str = "q4") -> Json:
    """An answer to `essay`."""
    return {"item_id": item_id, "answer": {"type": "essay", "text": text}}


async def publish(client: httpx.AsyncClient, customer: Customer, *items: Json, **settings: Any) -> str:
    """A published assessment of these items, else of one question; its id."""
    made = await make_published(client, customer, items=list(items) or [question()], settings=settings)
    assessment_id: str = made["id"]
    return assessment_id


async def publish_anew(client: httpx.AsyncClient, customer: Customer, assessment_id: str, **edit: Any) -> None:
    """Edit a published assessment and publish the next version."""
    edited = await client.patch(f"/v1/assessments/{assessment_id}", json=edit, headers=customer.headers)
    assert edited.status_code == 200, edited.text
    again = await client.post(f"/v1/assessments/{assessment_id}/publish", headers=customer.headers)
    assert again.status_code == 200, again.text


class Taker:
    """One learner of one customer."""

    def __init__(self, client: httpx.AsyncClient, customer: Customer, learner: str = "learner-1") -> None:
        self.client = client
        self.customer = customer
        self.learner = learner

    def _headers(self, key: str | None) -> dict[str, str]:
        return self.customer.headers | ({} if key is None else {"Idempotency-Key": key})

    async def _post(self, path: str, body: Json, key: str | None = None) -> httpx.Response:
        return await self.client.post(path, json=body, headers=self._headers(key))

    async def start(self, assessment_id: str, key: str | None = None) -> httpx.Response:
        return await self._post(f"/v1/assessments/{assessment_id}/submissions", {"learner_ref": self.learner}, key)

    async def started(self, assessment_id: str) -> str:
        """Begin an attempt; its id."""
        answer = await self.start(assessment_id)
        assert answer.status_code == 201, answer.text
        submission_id: str = answer.json()["id"]
        return submission_id

    async def save(self, submission_id: str, sequence: int, *answers: Json) -> httpx.Response:
        body = {"sequence": sequence, "answers": list(answers)}
        return await self.client.put(
            f"/v1/submissions/{submission_id}/answers", json=body, headers=self.customer.headers
        )

    async def submit(self, submission_id: str, *answers: Json, key: str | None = None) -> httpx.Response:
        """Submit these answers; without any, those that were saved."""
        body = {"answers": list(answers)} if answers else {}
        return await self._post(f"/v1/submissions/{submission_id}/submit", body, key)

    async def submit_at_once(self, assessment_id: str, *answers: Json, key: str | None = None) -> httpx.Response:
        body = {"learner_ref": self.learner, "answers": list(answers)}
        return await self._post(f"/v1/assessments/{assessment_id}/submit", body, key)

    async def check(self, assessment_id: str, given: Json, key: str | None = None) -> httpx.Response:
        return await self._post(f"/v1/assessments/{assessment_id}/check", given | {"learner_ref": self.learner}, key)

    async def note(self, submission_id: str, *events: Json, key: str | None = None) -> httpx.Response:
        return await self._post(f"/v1/submissions/{submission_id}/events", {"events": list(events)}, key)

    async def get(self, submission_id: str, **query: str) -> httpx.Response:
        return await self.client.get(f"/v1/submissions/{submission_id}", params=query, headers=self.customer.headers)


def refused(answer: httpx.Response) -> tuple[int, str]:
    """Status and code."""
    return answer.status_code, answer.json()["error"]["code"]
