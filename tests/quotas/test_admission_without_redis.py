"""Redis hangs, goes away and comes back empty: nobody waits for it, windows stay bounded, recovery needs no hand."""

import asyncio
import random
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from quotas.admission import Admitted, Decision, Refused
from tests.pulse import Pulse
from tests.quotas.gateways import Gateway, Heard, gateway, until
from tests.quotas.scripted import fresh_center
from tests.stores import PrivateValkey

LONGEST_WAIT_SECONDS = 0.3


class Load:
    """Clients that ask without end; remembers every decision with its moment and how long it took."""

    def __init__(self, asked: Gateway, limit: int, pulse: Pulse) -> None:
        self.center = fresh_center()
        self.decisions: list[tuple[float, float, Decision]] = []
        self._asked = asked
        self._limit = limit
        self._pulse = pulse

    async def client(self, seed: int) -> None:
        chance = random.Random(seed)
        while True:
            began = time.monotonic()
            decision = await self._asked.ask(self.center, self._limit)
            ended = time.monotonic()
            self.decisions.append((ended, ended - began, decision))
            await asyncio.sleep(chance.random() * 0.01)

    def longest_wait(self) -> float:
        """Seconds that anybody waited for anything but the machine."""
        return max(took - self._pulse.paused(ended - took, ended) for ended, took, _ in self.decisions)

    def admitted(self, *, degraded: bool) -> int:
        return sum(isinstance(d, Admitted) and d.degraded is degraded for _, _, d in self.decisions)

    def is_degraded_now(self) -> bool:
        return self.decisions[-1][2].degraded


@asynccontextmanager
async def under_load(asked: Gateway, limit: int = 1_000_000) -> AsyncGenerator[Load, None]:
    with Pulse() as pulse:
        load = Load(asked, limit, pulse)
        clients = [asyncio.create_task(load.client(seed)) for seed in range(20)]
        try:
            await until(lambda: len(load.decisions) > 100)
            assert not load.is_degraded_now()
            yield load
        finally:
            for client in clients:
                client.cancel()
            await asyncio.gather(*clients, return_exceptions=True)


async def test_frozen_for_two_seconds_under_load(private_valkey: PrivateValkey) -> None:
    """Nobody waits over 300 ms, one event says degraded and one recovered, and Redis decides again within two seconds."""
    heard = Heard()
    async with gateway(private_valkey.url, heard=heard) as asked, under_load(asked) as load:
        private_valkey.freeze()
        await until(load.is_degraded_now)
        assert asked.transport.is_degraded()
        await asyncio.sleep(2)
        assert load.is_degraded_now()
        private_valkey.thaw()
        await until(lambda: not load.is_degraded_now(), seconds=3)
        assert not asked.transport.is_degraded()
        assert load.longest_wait() < LONGEST_WAIT_SECONDS
    assert heard.names() == {"redis.connection_lost": 1, "redis.degraded": 1, "redis.recovered": 1}
    facts = dict(heard.events)["redis.recovered"]
    assert float(facts["degraded_seconds"]) > 2


async def test_stopped_and_started_again_empty_under_load(private_valkey: PrivateValkey) -> None:
    """The same without any server to connect to; scripts are loaded anew by themselves."""
    heard = Heard()
    async with gateway(private_valkey.url, heard=heard) as asked, under_load(asked) as load:
        await private_valkey.stop()
        await until(load.is_degraded_now)
        await private_valkey.start()
        await until(lambda: not load.is_degraded_now(), seconds=3)
        assert load.longest_wait() < LONGEST_WAIT_SECONDS
    assert heard.names()["redis.degraded"] == heard.names()["redis.recovered"] == 1


async def test_a_loss_and_a_recovery_allow_one_more_window_each(private_valkey: PrivateValkey) -> None:
    """With N = 50: 50 by Redis, 50 locally while it is away, 50 by the Redis that came back empty, and no more."""
    async with gateway(private_valkey.url) as asked, under_load(asked, limit=50) as load:
        await until(lambda: load.admitted(degraded=False) == 50)
        await private_valkey.stop()
        await until(lambda: load.admitted(degraded=True) == 50)
        await private_valkey.start()
        await until(lambda: load.admitted(degraded=False) == 100)
        counted = len(load.decisions)
        await until(lambda: len(load.decisions) > counted + 500)
        assert load.admitted(degraded=False) == 100
        assert load.admitted(degraded=True) == 50


async def test_while_redis_is_away_each_process_has_its_share(private_valkey: PrivateValkey) -> None:
    """Of 100 for 3 expected processes, each admits 34 and refuses the rest with a wait that is enough."""
    await private_valkey.stop()
    async with gateway(private_valkey.url, replicas=3) as asked:
        decisions = [await asked.ask("ctr_a", 100) for _ in range(60)]
    assert all(decision.degraded for decision in decisions)
    assert sum(isinstance(decision, Admitted) for decision in decisions) == 34
    last = decisions[-1]
    assert isinstance(last, Refused)
    assert (last.by.limit, last.by.remaining) == (34, 0)
    assert 1 <= last.retry_after_seconds <= 60
    assert abs(last.now_seconds - time.time()) < 3


async def test_a_gateway_that_starts_without_redis_finds_it_later(private_valkey: PrivateValkey) -> None:
    """No Redis is no reason not to start."""
    await private_valkey.stop()
    heard = Heard()
    async with gateway(private_valkey.url, heard=heard) as asked:
        for _ in range(5):
            assert (await asked.ask("ctr_a", 100)).degraded
        await private_valkey.start()
        await until(lambda: "redis.recovered" in heard.names(), seconds=4)
        assert not (await asked.ask("ctr_a", 100)).degraded


async def test_an_open_breaker_costs_no_wait(private_valkey: PrivateValkey) -> None:
    """A frozen Redis is asked by probes alone: a thousand decisions take less than one timeout would."""
    async with gateway(private_valkey.url) as asked:
        private_valkey.freeze()
        await asyncio.gather(*(asked.ask("ctr_a", 10_000) for _ in range(5)))
        assert asked.transport.is_degraded()
        with Pulse() as pulse:
            began = time.monotonic()
            for _ in range(1_000):
                assert (await asked.ask("ctr_a", 10_000)).degraded
            ended = time.monotonic()
        assert ended - began - pulse.paused(began, ended) < LONGEST_WAIT_SECONDS
        private_valkey.thaw()


@pytest.mark.parametrize("waiting", [1, 3])
async def test_few_callers_on_a_hung_redis_wait_no_longer(private_valkey: PrivateValkey, waiting: int) -> None:
    """Too few failures to open the breaker: each call still ends in time, decided locally."""
    async with gateway(private_valkey.url) as asked:
        private_valkey.freeze()
        with Pulse() as pulse:
            began = time.monotonic()
            decisions = await asyncio.gather(*(asked.ask("ctr_a", 10) for _ in range(waiting)))
            ended = time.monotonic()
        assert ended - began - pulse.paused(began, ended) < LONGEST_WAIT_SECONDS
        assert all(isinstance(decision, Admitted) and decision.degraded for decision in decisions)
        private_valkey.thaw()
        await until(lambda: not asked.transport.is_degraded())
        assert not (await asked.ask("ctr_a", 10)).degraded


async def test_a_process_that_stood_still_does_not_blame_redis(private_valkey: PrivateValkey) -> None:
    """The event loop blocked for longer than the timeout with calls under way: their answers are there, and count."""
    heard = Heard()
    async with gateway(private_valkey.url, heard=heard) as asked:
        tasks = [asyncio.create_task(asked.ask("ctr_a", 10)) for _ in range(5)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        time.sleep(0.25)  # ruff: ignore[blocking-sleep-in-async-function] - the very thing that is tested
        assert not any(decision.degraded for decision in await asyncio.gather(*tasks))
    assert heard.events == []
