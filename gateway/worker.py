"""The worker process: entry points of the queue, sweeps and chores. `coursegate work` runs it."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial
from random import SystemRandom
from typing import Final

from gateway.clock import Clock
from gateway.generation.model import Generator
from gateway.keyring import Keyring
from gateway.log import log
from gateway.outbound.opening import open_outbound
from gateway.published import PublishedVersions
from gateway.settings import Settings
from gateway.stores import SqlStore
from gateway.webhooks.secrets import seal_anew
from gateway.work import chores, plan_changes, queue
from gateway.work.attempts import Invigilator
from gateway.work.bench import Bench
from gateway.work.checkpoints import Notary
from gateway.work.couriers import Courier
from gateway.work.generations import run_generation
from gateway.work.leases import Halt
from gateway.work.listener import Listener, Work
from gateway.work.publish import publisher
from gateway.work.queue import Env
from gateway.work.regenerations import run_regenerations
from gateway.work.regrades import run_regrade
from gateway.work.sweeps import keep_sweeping
from gateway.work.wake import Waker
from quotas.mirror import Mirror
from quotas.transport import open_transport

TEST_SLOTS: Final = 2
"""Test keys have slots of their own: scripted stalls never stand before what is paid for."""
COURIER_CONNECTIONS: Final = 2
"""Deliveries are claimed on one connection, and written down on another."""
GRACE_SECONDS: Final = 15.0
"""How long a stopping worker waits for the steps in progress before it hands their leases back all the same."""


async def run(
    settings: Settings,
    clock: Clock,
    concurrency: int,
    stop: asyncio.Event,
    generators: Callable[[Env], Generator] | None = None,
) -> None:
    """Work until `stop` is set, then hand every lease back between steps and return.

    `concurrency`: live generations, regenerations and regrades at a time; test ones have two slots beside them.
    Raises StoreUnreachable where PostgreSQL does not answer at the start; later failures of a store are survived.
    """
    async with AsyncExitStack() as stack:
        sql = await stack.enter_async_context(
            SqlStore(settings.database_url, size=concurrency + TEST_SLOTS + COURIER_CONNECTIONS + 2)
        )
        transport = await open_transport(settings.redis_url)
        stack.push_async_callback(transport.aclose)
        waker = Waker(sql)
        stack.push_async_callback(waker.close)
        bench = Bench(
            sql=sql,
            clock=clock,
            generators=generators or await _chosen(settings, concurrency + TEST_SLOTS, stack),
            publish=publisher(sql, Mirror(transport)),
            wake=waker.wake,
            lease_seconds=settings.lease_seconds,
        )
        log.info("worker.started", concurrency=concurrency, lease_seconds=settings.lease_seconds)
        keyring = Keyring(settings.key_peppers.by_version, settings.encryption_keys.by_version)
        versions = PublishedVersions(clock.monotonic_seconds)
        invigilator = Invigilator(sql, versions, keyring, clock)
        outbound = await stack.enter_async_context(open_outbound(settings, clock))
        courier = Courier(sql, keyring, outbound, clock, SystemRandom().random)
        notary = Notary(sql, clock, settings)
        await _work(bench, versions, invigilator, courier, notary, keyring, settings.database_url, concurrency, stop)
    log.info("worker.stopped")


async def _work(
    bench: Bench,
    versions: PublishedVersions,
    invigilator: Invigilator,
    courier: Courier,
    notary: Notary,
    keyring: Keyring,
    database_url: str,
    concurrency: int,
    stop: asyncio.Event,
) -> None:
    halt = Halt()
    live = Listener(
        database_url,
        _works(bench, versions, "live"),
        slots=concurrency,
        lease_seconds=bench.lease_seconds,
        chores={
            "housekeeping": (chores.EXPRESSION, partial(chores.clean, bench)),
            "sealing": (chores.EXPRESSION, partial(seal_anew, bench.sql, keyring)),
        },
    )
    test = Listener(database_url, _works(bench, versions, "test"), slots=TEST_SLOTS, lease_seconds=bench.lease_seconds)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_stop_in_order(stop, halt), name="stop")
        tasks.create_task(keep_sweeping(bench, halt.asked), name="sweep")
        tasks.create_task(invigilator.keep_ending(halt.asked), name="attempts")
        tasks.create_task(courier.keep_delivering(halt), name="deliveries")
        tasks.create_task(courier.keep_sweeping(halt.asked), name="delivery-sweep")
        tasks.create_task(notary.keep_signing(halt.asked), name="checkpoints")
        tasks.create_task(plan_changes.keep_sealing(bench.sql, bench.clock, halt.asked), name="plan changes")
        tasks.create_task(live.listen(halt), name="live")
        tasks.create_task(test.listen(halt), name="test")


async def _stop_in_order(stop: asyncio.Event, halt: Halt) -> None:
    await stop.wait()
    log.info("worker.stopping")
    halt.asked.set()
    asyncio.get_running_loop().call_later(GRACE_SECONDS, halt.now.set)


def _works(bench: Bench, versions: PublishedVersions, env: Env) -> dict[str, Work]:
    return {
        queue.entrypoint("generation", env): partial(run_generation, bench),
        queue.entrypoint("regeneration", env): partial(run_regenerations, bench),
        queue.entrypoint("regrade", env): partial(run_regrade, bench, versions),
    }


async def _chosen(settings: Settings, slots: int, stack: AsyncExitStack) -> Callable[[Env], Generator]:
    from gateway.generation.builtin.crew import Crew
    from gateway.generation.choice import choose_generators

    return choose_generators(settings, await stack.enter_async_context(Crew(slots)))
