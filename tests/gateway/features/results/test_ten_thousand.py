"""Ten thousand submissions are listed, written as CSV, summarised, exported and erased without being held in memory."""

import csv
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import msgspec
import psutil

from tests.gateway.features.many import multiply
from tests.gateway.features.taking import Taker, picked, publish, question
from tests.running import Customer
from tests.serving import serving, talking

MANY = 10_000
ATTEMPTS = 2_000
ITEMS = 12
MEMORY_BYTES = 8 << 20
"""How much more a process may ever hold than after the same on few submissions; the answers and results alone are
several times as much.
"""


class Memory:
    """The most that a process held since the last look."""

    def __init__(self, process: psutil.Process) -> None:
        self._folder = Path(f"/proc/{process.pid}")

    def begin(self) -> int:
        """Forget the peak so far; returns what is held now, in bytes."""
        (self._folder / "clear_refs").write_text("5")
        return self._kept("VmRSS")

    def peak(self) -> int:
        return self._kept("VmHWM")

    def _kept(self, name: str) -> int:
        status = (self._folder / "status").read_text()
        return next(int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith(f"{name}:"))


async def all_of_it(client: httpx.AsyncClient, customer: Customer, assessment_id: str, learner: str) -> list[int]:
    """List, CSV, statistics and export; returns how many submissions each told of."""
    return [
        await listed(client, customer, assessment_id),
        await as_csv(client, customer, assessment_id),
        await summarised(client, customer, assessment_id),
        await exported(client, customer, learner),
    ]


async def listed(client: httpx.AsyncClient, customer: Customer, assessment_id: str) -> int:
    seen: set[str] = set()
    query: dict[str, Any] = {"limit": 100}
    while True:
        path = f"/v1/assessments/{assessment_id}/results"
        page = (await client.get(path, params=query, headers=customer.headers)).json()
        seen |= {one["id"] for one in page["data"]}
        if not page["has_more"]:
            return len(seen)
        query["cursor"] = page["next_cursor"]


async def as_csv(client: httpx.AsyncClient, customer: Customer, assessment_id: str) -> int:
    path = f"/v1/assessments/{assessment_id}/results?format=csv"
    async with client.stream("GET", path, headers=customer.headers) as answer:
        rows = [row[0] for row in csv.reader([line async for line in answer.aiter_lines()])]
    return len(set(rows)) - 1


async def summarised(client: httpx.AsyncClient, customer: Customer, assessment_id: str) -> int:
    answer = await client.get(f"/v1/assessments/{assessment_id}/statistics", headers=customer.headers)
    found = answer.json()
    assert len(found["items"]) == ITEMS
    assert {one["choice_counts"][0]["count"] for one in found["items"]} == {found["attempts"]}
    return int(found["attempts"])


async def exported(client: httpx.AsyncClient, customer: Customer, learner: str) -> int:
    async with client.stream(
        "GET", f"/v1/learners/{quote(learner, safe='')}/export", headers=customer.headers
    ) as answer:
        body = b"".join([part async for part in answer.aiter_bytes()])
    return len({one["id"] for one in msgspec.json.decode(body)["submissions"]})


async def test_ten_thousand_submissions_take_no_more_memory_than_a_few(
    customer: Customer, database: Any, database_url: str, redis_url: str
) -> None:
    """The process that answers is measured: with 300 submissions, then with 10 000 of as many learners and 2000 of one."""
    async with serving(database_url, redis_url) as served, talking(served) as client:
        few, many = [await _assessment(client, customer, database, count) for count in (300, MANY)]
        await _assessment(client, customer, database, 300, learner="anna")
        await _assessment(client, customer, database, ATTEMPTS, learner="ben/1")
        [process] = served.workers()
        memory = Memory(process)
        assert await all_of_it(client, customer, few, "anna") == [300] * 4
        before = memory.begin()
        assert await all_of_it(client, customer, many, "ben/1") == [MANY, MANY, MANY, ATTEMPTS]
        assert (await client.delete("/v1/learners/ben%2F1", headers=customer.headers)).status_code == 204
        grown = memory.peak() - before
        held = await database.fetchval("select sum(length(answers) + length(results)) from submission")
        assert held > 3 * MEMORY_BYTES
        assert grown < MEMORY_BYTES, f"{grown >> 20} MiB more for {held >> 20} MiB of answers and results"
        kept = "select count(*) from submission where answers is not null and learner_ref = 'ben/1'"
        assert await database.fetchval(kept) == 0


async def _assessment(
    client: httpx.AsyncClient, customer: Customer, database: Any, count: int, *, learner: str | None = None
) -> str:
    """An assessment with so many submissions, all of one learner or each of another."""
    assessment_id = await publish(
        client, customer, *[question(f"q{place}") for place in range(ITEMS)], max_attempts=None
    )
    answers = [picked("a", f"q{place}") for place in range(ITEMS)]
    submitted = await Taker(client, customer, learner or "first").submit_at_once(assessment_id, *answers)
    await multiply(database, submitted.json()["id"], count - 1, learner=learner)
    return assessment_id
