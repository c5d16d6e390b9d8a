"""Scenario 28: targets that are not what they seem. Nothing but what was checked is ever connected to."""

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from gateway.stores import SqlStore
from tests.clock import FrozenClock
from tests.gateway.webhooks.couriers import FakeNames, delivered, open_courier
from tests.gateway.webhooks.endpoints import add_center, add_webhook, emit
from tests.gateway.webhooks.receivers import Receiver, receiving

PORT = 8443
"""One of the two ports that webhooks may have: a trap on it is reached by whoever gets past the addresses."""
PUBLIC = "93.184.215.14"


@dataclass
class Trap:
    """Something on this machine that nobody may reach."""

    address: str
    connections: int = 0

    @property
    def mapped(self) -> str:
        return f"::ffff:{self.address}"

    @property
    def decimal(self) -> str:
        return str(int(ip_address(self.address)))

    @property
    def octal(self) -> str:
        return ".".join(f"0{int(part):o}" for part in self.address.split("."))

    @property
    def hexadecimal(self) -> str:
        return f"0x{int(ip_address(self.address)):08x}"


@asynccontextmanager
async def trapped() -> AsyncGenerator[Trap, None]:
    address = ".".join(["127", *(str(random.randint(1, 254)) for _ in range(3))])
    trap = Trap(address)

    async def caught(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        trap.connections += 1
        writer.close()

    server = await asyncio.start_server(caught, address, PORT)
    try:
        yield trap
    finally:
        server.close()


@pytest.fixture
async def trap() -> AsyncIterator[Trap]:
    async with trapped() as trap:
        yield trap


async def attempt(
    sql: SqlStore, clock: FrozenClock, url: str, names: FakeNames, allowed: tuple[Any, ...] = ()
) -> tuple[int | None, str | None]:
    """One attempt at a webhook that is there, however it got there: its status and error."""
    async with sql.session() as connection, open_courier(sql, clock, names=names, allowed=allowed) as courier:
        await connection.execute("delete from event")
        center = await add_center(connection)
        await add_webhook(connection, center, url)
        await emit(connection, center)
        assert await delivered(courier) == 1
        row = await connection.fetchrow("select * from delivery_attempt")
        assert row is not None
        return row["status_code"], row["error"]


async def test_the_trap_can_be_reached_where_the_operator_says_so(
    sql: SqlStore, clock: FrozenClock, trap: Trap
) -> None:
    """The test's own proof: with its network allowed the very same request gets through to the trap."""
    names = FakeNames(evil_test=[[trap.address]])
    loopback = (ip_network("127.0.0.0/8"),)
    assert (await attempt(sql, clock, f"https://evil.test:{PORT}/", names, loopback))[1] in {"tls", "connection"}
    assert trap.connections == 1


async def test_a_name_that_turns_private_after_it_was_registered(sql: SqlStore, clock: FrozenClock, trap: Trap) -> None:
    """Public when it was checked first, private at the attempt: refused, asked once, and never connected to."""
    names = FakeNames(evil_test=[[PUBLIC], [trap.address]])
    assert await names.addresses("evil.test") == (ip_address(PUBLIC),)
    assert await attempt(sql, clock, f"https://evil.test:{PORT}/", names) == (None, "forbidden_target")
    assert names.asked == ["evil.test"] * 2
    assert trap.connections == 0


async def test_a_name_that_is_asked_once_an_attempt_has_no_second_answer(
    sql: SqlStore, clock: FrozenClock, trap: Trap
) -> None:
    """What was checked is what is connected to: a resolver with another answer for the second question is not asked it."""
    names = FakeNames(evil_test=[["127.255.255.254"], [trap.address]])
    loopback = (ip_network("127.255.255.254/32"),)
    assert await attempt(sql, clock, f"https://evil.test:{PORT}/", names, loopback) == (None, "connection")
    assert names.asked == ["evil.test"]
    assert trap.connections == 0


@pytest.mark.parametrize("before", [[PUBLIC], ["2606:2800:21f::1"], []])
@pytest.mark.parametrize("after", [[PUBLIC], ["2606:2800:21f::1"], []])
async def test_one_private_address_among_others_forbids_all(
    before: list[str], after: list[str], sql: SqlStore, clock: FrozenClock, trap: Trap
) -> None:
    """A and AAAA mixed, whatever their order."""
    names = FakeNames(mixed_test=[[*before, trap.address, *after]])
    assert await attempt(sql, clock, f"https://mixed.test:{PORT}/", names) == (None, "forbidden_target")
    assert trap.connections == 0


@pytest.mark.parametrize("form", ["address", "mapped", "decimal", "octal", "hexadecimal"])
async def test_an_address_in_any_spelling_is_refused(form: str, sql: SqlStore, clock: FrozenClock, trap: Trap) -> None:
    """Dotted, decimal, octal, hexadecimal, IPv4-mapped: written into the URL or answered by a resolver."""
    spelt = getattr(trap, form)
    host = f"[{spelt}]" if ":" in spelt else spelt
    names = FakeNames(**{spelt: [[trap.address]]})
    assert await attempt(sql, clock, f"https://{host}:{PORT}/", names) == (None, "forbidden_target")
    if form in {"address", "mapped"}:
        names.learn("evil.test", [spelt])
        assert await attempt(sql, clock, f"https://evil.test:{PORT}/", names) == (None, "forbidden_target")
    assert trap.connections == 0


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "fd00:ec2::254",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::7f00:1",
        "2002:7f00:1::1",
        "2001:0:7f00:1::1",
        "::7f00:1",
        "::1",
        "::",
        "0.0.0.0",  # ruff: ignore[hardcoded-bind-all-interfaces] - a target, nothing is bound
        "fe80::1",
        "ff02::1",
        "10.1.2.3",
        "172.31.255.255",
        "192.168.0.1",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
    ],
)
async def test_metadata_and_every_other_special_address_is_refused(
    address: str, sql: SqlStore, clock: FrozenClock
) -> None:
    """As a literal, and as the answer of a resolver."""
    host = f"[{address}]" if ":" in address else address
    assert await attempt(sql, clock, f"https://{host}/", FakeNames()) == (None, "forbidden_target")
    assert await attempt(sql, clock, "https://evil.test/", FakeNames(evil_test=[[address]])) == (
        None,
        "forbidden_target",
    )


@pytest.mark.parametrize(
    "url", ["http://evil.test/", "http://evil.test:443/", "https://evil.test:22/", "https://u@evil.test/"]
)
async def test_http_and_other_ports_are_for_networks_that_are_allowed(
    url: str, sql: SqlStore, clock: FrozenClock
) -> None:
    """A public address is spoken to by HTTPS, on 443 and 8443, and without a user."""
    assert await attempt(sql, clock, url, FakeNames(evil_test=[[PUBLIC]])) == (None, "forbidden_target")


async def test_a_redirect_to_this_machine_is_not_followed(sql: SqlStore, clock: FrozenClock, trap: Trap) -> None:
    """It is a failure like any other, and its place is not even looked up."""
    names = FakeNames(evil_test=[[trap.address]])
    for place in (f"https://{trap.address}:{PORT}/", f"https://evil.test:{PORT}/", "//evil.test:8443/", "gopher://x"):
        async with receiving(Receiver(statuses=[307], headers={"Location": place})) as receiver:
            loopback = (ip_network("127.0.0.1/32"),)
            assert await attempt(sql, clock, receiver.url, names, loopback) == (307, "redirect")
    assert trap.connections == 0
    assert names.asked == []
