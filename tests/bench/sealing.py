"""`python -m tests.bench.sealing`: what sealing costs a launch and a submit, in turns with and without it; and how many
decisions a second one busy center takes. Without: the owner of the schema empties the function that seals.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Callable
from contextlib import AsyncExitStack
from statistics import median
from typing import Final

import asyncpg
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from tests.bench.load import request
from tests.bench.measures import Subject
from tests.bench.servers import gateway
from tests.bench.stage import Stage, add_centers, add_courses, stage
from tests.bench.taking import add_assessments, submits

CENTERS: Final = 50
MOST_PER_SECOND: Final = 3_000
SEALS: Final = ("seal_all", "seal_one")
_EMPTIED: Final = {
    "seal_all": "create or replace function seal_all(p_decisions decision[]) returns void language plpgsql as 'begin end'",
    "seal_one": "create or replace function seal_one(d decision) returns void language plpgsql as 'begin end'",
}

console = Console(stderr=True)


class Cost(Struct, frozen=True):
    """Requests a second, in rounds that follow each other: sealed, and not."""

    name: str
    sealed: list[float]
    unsealed: list[float]

    @property
    def lost_percent(self) -> float:
        """The median of the rounds: how much less is done a second."""
        return 100 * (1 - median(with_ / without for with_, without in zip(self.sealed, self.unsealed, strict=True)))


async def main(arguments: argparse.Namespace) -> list[Cost]:
    """Set the stage and measure in turns."""
    async with AsyncExitStack() as stack:
        ground = await stack.enter_async_context(stage())
        ids, keys = await add_centers(ground, CENTERS)
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="cg-bench-"))
        own = await stack.enter_async_context(
            gateway("gateway", ground.database_url, ground.redis_url, log_file=f"{folder}/log", expected_replicas="1")
        )
        owner = await asyncpg.connect(ground.owner_url)
        stack.push_async_callback(owner.close)
        sealing = {name: await owner.fetchval("select pg_get_functiondef($1::regproc)", name) for name in SEALS}
        count = int(MOST_PER_SECOND * arguments.seconds) * (arguments.rounds + 1) * 2
        exams = await add_assessments(ground, ids, keys)
        subjects = [
            Subject("POST launch", own, await _launches(ground, ids, keys, count), 202, once=True),
            Subject("POST launch, one center", own, await _launches(ground, ids[:1], keys, count), 202, once=True),
            Subject("POST submit", own, submits(exams), 201, once=True),
        ]
        costs = {subject.name: Cost(subject.name, [], []) for subject in subjects}
        most = int(MOST_PER_SECOND * arguments.seconds)
        for nth in range(-1, arguments.rounds):
            for sealed in (True, False) if nth % 2 else (False, True):
                for name in SEALS:
                    await owner.execute(sealing[name] if sealed else _EMPTIED[name])
                for subject in subjects:
                    sample = await asyncio.to_thread(subject.sample, arguments.seconds, most)
                    if nth >= 0:  # the first is to warm up
                        cost = costs[subject.name]
                        (cost.sealed if sealed else cost.unsealed).append(sample.per_second)
        return list(costs.values())


async def _launches(ground: Stage, ids: list[str], keys: list[str], count: int) -> Callable[[int], list[bytes]]:
    courses = iter(await add_courses(ground, ids, count))
    return lambda most: [
        request("POST", f"/v1/courses/{course}/launch", key=keys[center], headers=f"Idempotency-Key: {course}\r\n")
        for (center, course), _ in zip(courses, range(most), strict=False)
    ]


def show(costs: list[Cost]) -> None:
    """Print the medians, and what sealing takes of them."""
    table = Table("", "sealed/s", "unsealed/s", "lost %", "must")
    for cost in costs:
        table.add_row(
            cost.name, f"{median(cost.sealed):.0f}", f"{median(cost.unsealed):.0f}", f"{cost.lost_percent:.1f}", "<= 25"
        )
    console.print(table)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.sealing", description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0, help="length of each load")
    parser.add_argument("--rounds", type=int, default=5, help="loads of each kind with sealing, and as many without")
    show(asyncio.run(main(parser.parse_args())))
