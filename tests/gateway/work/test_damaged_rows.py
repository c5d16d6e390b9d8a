"""What can't be ended, since its books are wrong, is named in the log and stands in nobody's way."""

from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest

from gateway import log
from gateway.work.generations import run_generation
from gateway.work.leases import Halt
from gateway.work.queue import generation_waits
from gateway.work.sweeps import sweep
from tests.clock import FrozenClock
from tests.gateway.work.benches import open_bench
from tests.gateway.work.shop import NOW, Shop
from tests.generators import FakeGenerator

CHECK_VIOLATION = "23514"


async def test_a_row_that_cant_be_ended_stops_no_others_recovery(
    database: Any, database_url: str, tmp_path: Path
) -> None:
    """With one center's count of running generations damaged, other centers' lost work is ended and what waits is
    woken; the log names the damaged row, and once the count is right the row ends as any other.
    """  # fmt: skip
    damaged, sound = await Shop.open(database), await Shop.open(database)
    stuck, lost, waits = await damaged.launch(), await sound.launch(), await sound.launch()
    await out_of_claims(database, [stuck, lost])
    await count_running(damaged, 0)
    logged = Logged(tmp_path / "log")
    async with open_bench(database_url, FakeGenerator()) as bench:
        with logged:
            await sweep(bench)
        assert (await damaged.generation(stuck))["status"] == "running"
        assert (await sound.generation(lost))["status"] == "failed"
        assert await database.fetchval("select count(*) from pgqueuer") == 1
        assert (await sound.generation(waits))["status"] == "queued"
        (line,) = logged.lines("sweep.row_failed")
        assert (line["generation_id"], line["center_id"]) == (stuck, damaged.center_id)
        assert line["sqlstate"] == CHECK_VIOLATION
        assert logged.lines("sweep.failed") == []

        await count_running(damaged, 1)
        await sweep(bench)
    assert (await damaged.generation(stuck))["status"] == "failed"
    assert await damaged.running() == 0
    assert await damaged.books_balance()


async def test_a_regeneration_that_cant_be_ended_is_named_too(database: Any, database_url: str, tmp_path: Path) -> None:
    """One whose counter no longer holds its unit stays, named; another center's is ended."""
    shops = [await Shop.open(database), await Shop.open(database)]
    asked = []
    async with open_bench(database_url, FakeGenerator()) as bench:
        for shop in shops:
            generation_id = await shop.launch(modules=1)
            await run_generation(bench, generation_waits(shop.center_id, "live", generation_id), Halt())
            asked.append(await shop.ask((await shop.artifact_ids(generation_id))[0]))
        await database.execute(
            "update regeneration set claims = 5, status = 'running', lease_until = clock_timestamp() - interval '1 second'"
        )
        query = "update quota_counter set held = 0 where center_id = $1 and meter = 'regenerations'"
        await database.execute(query, shops[0].center_id)
        logged = Logged(tmp_path / "log")
        with logged:
            await sweep(bench)
    assert [(await shop.regeneration(each))["status"] for shop, each in zip(shops, asked, strict=True)] == [
        "running",
        "failed",
    ]
    assert [line["regeneration_id"] for line in logged.lines("sweep.row_failed")] == [asked[0]]


async def test_a_damaged_row_is_named_once_an_hour(database: Any, database_url: str, tmp_path: Path) -> None:
    """Every sweep tries it again and says no more, until an hour has passed; another row is named at once."""
    shop, clock = await Shop.open(database), FrozenClock()
    first, second = await shop.launch(), await shop.launch()
    await out_of_claims(database, [first])
    await count_running(shop, 0)
    logged = Logged(tmp_path / "log")
    async with open_bench(database_url, FakeGenerator(), clock=clock) as bench:
        with logged:
            for _ in range(3):
                await sweep(bench)
            await out_of_claims(database, [second])
            await sweep(bench)
            assert [line["generation_id"] for line in logged.lines("sweep.row_failed")] == [first, second]
            clock.advance(3_600_000)
            await sweep(bench)
    named = [line["generation_id"] for line in logged.lines("sweep.row_failed")]
    assert named[:2] == [first, second]
    assert sorted(named[2:]) == sorted([first, second])


async def test_damaged_rows_never_fill_the_sweep_for_good(database: Any) -> None:
    """However many can't be ended and come first in lock order, one that can is looked at after a few sweeps."""
    shops = sorted([await Shop.open(database) for _ in range(4)], key=lambda shop: shop.center_id)
    launched = [await shop.launch() for shop in shops]
    await out_of_claims(database, launched)
    for shop in shops[:3]:
        await count_running(shop, 0)
    for _ in range(200):
        await database.execute("select count(*) from generation_sweep(5, '{}', 1, $1)", NOW)
        if (await shops[3].generation(launched[3]))["status"] == "failed":
            return
    pytest.fail("200 sweeps of one row each never looked at the row that can be ended")


async def test_a_part_of_the_sweep_that_fails_fails_no_other(
    database: Any, database_url: str, migrate_database_url: str, tmp_path: Path
) -> None:
    """Where ending fails as a whole, workers are woken all the same, and the log says which part failed and why."""
    shop = await Shop.open(database)
    await shop.launch()
    await as_owner(migrate_database_url, "alter function generation_sweep rename to generation_sweep_away")
    logged = Logged(tmp_path / "log")
    async with open_bench(database_url, FakeGenerator()) as bench:
        with logged:
            await sweep(bench)
    assert await database.fetchval("select count(*) from pgqueuer") == 1
    (line,) = logged.lines("sweep.failed")
    assert (line["part"], line["error"]) == ("end_generations", "UndefinedFunctionError (42883)")


async def test_a_worker_that_cant_end_its_row_names_it(database: Any, database_url: str, tmp_path: Path) -> None:
    """The line carries the generation's own ids, not those of the wake-up that another center's work was taken for."""
    damaged, other = await Shop.open(database), await Shop.open(database)
    stuck = await damaged.launch(modules=1)
    await count_running(damaged, 0)
    logged = Logged(tmp_path / "log")
    async with open_bench(database_url, FakeGenerator()) as bench:
        with logged:
            await run_generation(bench, generation_waits(other.center_id, "live", "gen_gone"), Halt())
    (line,) = logged.lines("generation.crashed")
    assert (line["generation_id"], line["center_id"]) == (stuck, damaged.center_id)
    assert line["error"] == f"CheckViolationError ({CHECK_VIOLATION})"
    assert (await damaged.generation(stuck))["modules_done"] == 0


class Logged:
    """The lines that were logged within the block."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __enter__(self) -> None:
        log.configure(file=self._file, stdout=False)

    def __exit__(self, *_: object) -> None:
        log.configure()

    def lines(self, event: str) -> list[dict[str, Any]]:
        every = [msgspec.json.decode(line) for line in self._file.read_bytes().splitlines()]
        return [line for line in every if line["event"] == event]


async def out_of_claims(database: Any, generation_ids: list[str]) -> None:
    await database.execute(
        """update generation set status = 'running', claims = 5, lease_until = clock_timestamp() - interval '1 second'
            where id = any($1)""",
        generation_ids,
    )


async def count_running(shop: Shop, running: int) -> None:
    await shop.pool.execute("update center_counter set running = $2 where center_id = $1", shop.center_id, running)


async def as_owner(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
