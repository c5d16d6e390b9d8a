"""Couriers for tests: real PostgreSQL and HTTP, a clock and names of the test's own."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import Any

from gateway.outbound.client import Outbound
from gateway.outbound.networks import Address
from gateway.stores import Overloaded, SqlStore, StoreDown
from gateway.work.couriers import LEASE, SLOTS, Courier
from tests.clock import FrozenClock
from tests.gateway.webhooks.endpoints import KEYRING

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


class FakeNames:
    """A resolver at the network's edge: each name's answers one after the other, the last for ever."""

    def __init__(self, **answers: list[list[str]]) -> None:
        self._answers = {name.replace("_", "."): [*given] for name, given in answers.items()}
        self.asked: list[str] = []

    def learn(self, host: str, *answers: list[str]) -> None:
        """From now on the name stands for this."""
        self._answers[host] = [*answers]

    def forget(self, host: str) -> None:
        """From now on there is no such name."""
        del self._answers[host]

    async def addresses(self, host: str) -> tuple[Address, ...]:
        self.asked.append(host)
        answers = self._answers.get(host)
        if not answers:
            raise OSError("no such name")
        given = answers.pop(0) if len(answers) > 1 else answers[0]
        return tuple(ip_address(each) for each in given)


@asynccontextmanager
async def open_courier(
    sql: SqlStore,
    clock: FrozenClock,
    *,
    names: FakeNames | None = None,
    allowed: tuple[Any, ...] = LOOPBACK,
    seconds: float = 5.0,
    slots: int = SLOTS,
    lease: timedelta = LEASE,
    trust: Any = None,
) -> AsyncGenerator[Courier, None]:
    """A courier whose chance is always the middle."""
    async with Outbound(names or FakeNames(), allowed, clock, seconds=seconds, trust=trust) as outbound:
        yield Courier(sql, KEYRING, outbound, clock, lambda: 0.5, slots=slots, lease=lease)


async def delivered(courier: Courier) -> int:
    """One round: take what is due, wait until it is written down; returns how many attempts that were."""
    for patience in reversed(range(5)):
        try:
            taken = await courier.deliver_some()
            break
        except (StoreDown, Overloaded):  # a busy machine is no failure
            if not patience:
                raise
    await courier.settle()
    return taken
