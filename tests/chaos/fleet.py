"""Two gateways and two workers on stores of their own, and every way to lose one of them for a while."""

import asyncio
import os
import random
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from typing import Generic, TypeVar

from redis.asyncio import Redis

from tests.processes import descendants
from tests.serving import Served, Working, serving, working
from tests.stores import PrivatePostgres, PrivateValkey

P = TypeVar("P", Served, Working)

LEASE_SECONDS = 2
_COMPLAINTS = ('"request.failed"', '"internal_error"', '"chore.failed"')


class Member(Generic[P]):
    """A process that is lost and started again; `process` is None while it is away."""

    def __init__(self, begin: Callable[[], AbstractAsyncContextManager[P]]) -> None:
        self.process: P | None = None
        self.complaints: list[str] = []
        self._begin: Callable[[], AbstractAsyncContextManager[P]] = begin
        self._life = AsyncExitStack()

    async def start(self) -> None:
        self.process = await self._life.enter_async_context(self._begin())

    async def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it with all that belongs to it, and keep what its log complains about."""
        ended = self.process
        if ended is None:
            return
        if ended.process.returncode is not None:
            said = ended.log.read_text()[-4000:]
            self.complaints.append(f"ended by itself with {ended.process.returncode}: {said}")
        else:
            family = descendants(ended.process.pid) if number == signal.SIGKILL else set()
            ended.process.send_signal(number)
            for pid in family:
                with suppress(ProcessLookupError):
                    os.kill(pid, number)
            await ended.process.wait()
        self.process = None
        lines = ended.log.read_text().splitlines()
        self.complaints += [line for line in lines if any(word in line for word in _COMPLAINTS)]
        await self._life.aclose()


class Fleet:
    """What customers talk to, and who takes it away from them. One fault at a time; each is over when its call returns."""

    def __init__(self, postgres: PrivatePostgres, valkey: PrivateValkey, chance: random.Random) -> None:
        stores = (postgres.database_url, valkey.url)
        settings = {"lease_seconds": str(LEASE_SECONDS), "expected_replicas": "2", "work_concurrency": "2"}
        self.gateways = [Member(lambda: serving(*stores, **settings)) for _ in range(2)]
        self.workers = [Member(lambda: working(*stores, **settings)) for _ in range(2)]
        self._postgres = postgres
        self._valkey = valkey
        self._chance = chance
        self.faults: list[Callable[[], Awaitable[None]]] = [
            self.kill_a_gateway,
            self.stop_a_gateway,
            self.kill_a_worker,
            self.stop_a_worker,
            self.freeze_a_worker,
            self.freeze_valkey,
            self.flush_valkey,
            self.restart_valkey,
            self.freeze_postgres,
            self.restart_postgres,
        ]

    def urls(self) -> list[str]:
        """Gateways that are there."""
        return [member.process.url for member in self.gateways if member.process is not None]

    def complaints(self) -> list[str]:
        """What no log line should say; complete when all have ended."""
        heard = [member.complaints for member in self.gateways] + [member.complaints for member in self.workers]
        return [line for complaints in heard for line in complaints]

    async def kill_a_gateway(self) -> None:
        await self._replace(self._chance.choice(self.gateways), signal.SIGKILL)

    async def stop_a_gateway(self) -> None:
        await self._replace(self._chance.choice(self.gateways), signal.SIGTERM)

    async def kill_a_worker(self) -> None:
        await self._replace(self._chance.choice(self.workers), signal.SIGKILL)

    async def stop_a_worker(self) -> None:
        await self._replace(self._chance.choice(self.workers), signal.SIGTERM)

    async def freeze_a_worker(self) -> None:
        """For longer than its leases last: the other takes its work over, and its own writes come too late."""
        frozen = self._chance.choice(self.workers).process
        assert frozen is not None
        frozen.process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(2 * LEASE_SECONDS)
        frozen.process.send_signal(signal.SIGCONT)

    async def freeze_valkey(self) -> None:
        self._valkey.freeze()
        await asyncio.sleep(self._chance.uniform(0.05, 2.5))
        self._valkey.thaw()

    async def flush_valkey(self) -> None:
        async with Redis.from_url(self._valkey.url) as redis:
            await redis.flushall()

    async def restart_valkey(self) -> None:
        await self._valkey.stop()
        await asyncio.sleep(self._chance.uniform(0, 1.5))
        await self._valkey.start()

    async def freeze_postgres(self) -> None:
        self._postgres.freeze()
        await asyncio.sleep(self._chance.uniform(0.05, 2.5))
        self._postgres.thaw()

    async def restart_postgres(self) -> None:
        await self._postgres.stop()
        await asyncio.sleep(self._chance.uniform(0, 1.5))
        await self._postgres.start()

    async def _replace(self, member: Member[P], number: signal.Signals) -> None:
        await member.end(number)
        await member.start()


@asynccontextmanager
async def fleet_of(
    postgres: PrivatePostgres, valkey: PrivateValkey, chance: random.Random
) -> AsyncGenerator[Fleet, None]:
    fleet = Fleet(postgres, valkey, chance)
    try:
        await asyncio.gather(
            *(member.start() for member in fleet.gateways), *(member.start() for member in fleet.workers)
        )
        yield fleet
    finally:
        await asyncio.gather(*(member.end() for member in fleet.gateways), *(member.end() for member in fleet.workers))
