"""A customer who regrades and the worker who does it, for tests."""

from operator import itemgetter
from typing import Any

import httpx

from gateway.published import PublishedVersions
from gateway.work.bench import Bench
from gateway.work.leases import Halt
from gateway.work.queue import regrade_waits
from gateway.work.regrades import run_regrade
from tests.clock import FrozenClock
from tests.gateway.features.taking import (
    Taker,
    question,
)
from tests.running import Customer


class Desk:
    """One customer who regrades, and a worker's bench."""

    def __init__(self, client: httpx.AsyncClient, customer: Customer, database: Any, bench: Bench) -> None:
        self.client = client
        self.customer = customer
        self.database = database
        self.bench = bench

    async def take(self, assessment_id: str, learner: str, *answers: Any) -> str:
        answer = await Taker(self.client, self.customer, learner).submit_at_once(assessment_id, *answers)
        assert answer.status_code == 201, answer.text
        submission_id: str = answer.json()["id"]
        return submission_id

    async def ask(self, assessment_id: str, from_version: int = 1, policy: str = "replace") -> str:
        body = {"from_version": from_version, "policy": policy}
        path = f"/v1/assessments/{assessment_id}/regrade"
        answer = await self.client.post(path, json=body, headers=self.customer.headers)
        assert answer.status_code == 202, answer.text
        regrade_id: str = answer.json()["id"]
        return regrade_id

    async def work(self, regrade_id: str, halt: Halt | None = None) -> None:
        wake = regrade_waits(self.customer.center_id, "live", regrade_id, 0)
        versions = PublishedVersions(FrozenClock().monotonic_seconds)
        await run_regrade(self.bench, versions, wake, halt or Halt())

    async def regrade(self, assessment_id: str, from_version: int = 1, policy: str = "replace") -> dict[str, Any]:
        """Ask, work and read how it ended."""
        regrade_id = await self.ask(assessment_id, from_version, policy)
        await self.work(regrade_id)
        return await self.job(assessment_id, regrade_id)

    async def job(self, assessment_id: str, regrade_id: str) -> dict[str, Any]:
        path = f"/v1/assessments/{assessment_id}/regrades/{regrade_id}"
        found: dict[str, Any] = (await self.client.get(path, headers=self.customer.headers)).json()
        return found

    async def results(self, assessment_id: str, learner: str) -> list[dict[str, Any]]:
        """A learner's results, the newest grade of each attempt first."""
        path = f"/v1/assessments/{assessment_id}/results?learner_ref={learner}&limit=100"
        found: list[dict[str, Any]] = (await self.client.get(path, headers=self.customer.headers)).json()["data"]
        return sorted(found, key=itemgetter("attempt", "assessment_version"), reverse=True)

    async def rows(self, *submission_ids: str) -> list[Any]:
        query = """select id, status, answers, results, earned, score_cents, percent, passed, assessment_version, graded_at
                     from submission where id = any ($1) order by id"""
        return [tuple(row) for row in await self.database.fetch(query, list(submission_ids))]

    async def successors(self) -> list[int]:
        """How many newer grades each grade has that was replaced, and each that was not: [0, 1] where all is well."""
        rows = await self.database.fetch(
            """select distinct count(n.id) as successors from submission s
                 left join submission n on n.regrade_of = s.id group by s.id order by 1"""
        )
        return [row["successors"] for row in rows]


def right(choice: str) -> dict[str, Any]:
    return question() | {"key": {"correct": choice}}
