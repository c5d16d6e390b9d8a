"""`coursegate quotas`: the commands as an operator runs them, on a real database and a real Valkey."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.clock import SystemClock
from gateway.ids import new_id
from quotas import keys, ledger
from quotas.ledger import HoldWish
from quotas.mirror import Mirror
from quotas.model import GENERATION, Granted
from quotas.periods import PeriodRule, label, period_at
from quotas.transport import open_transport
from tests.processes import environment, run
from tests.quotas.tenants import Tenant, new_tenant

Pool = Any


@pytest.fixture
async def tenant(database: Pool) -> AsyncIterator[Tenant]:
    async with database.acquire() as connection:
        yield await new_tenant(connection)


@pytest.fixture
def env(database_url: str, redis_url: str) -> dict[str, str]:
    return environment(database_url, redis_url)


async def charged_generation(connection: Any, tenant: Tenant, units: int) -> str:
    """A generation of this month that was charged `units`; returns its id."""
    now_ms = SystemClock().now_ms()
    generation_id, hold_id = new_id("gen", now_ms), new_id("hold", now_ms)
    wish = HoldWish(
        center_id=tenant.id, env="live", meter=GENERATION, period=period_at(PeriodRule(), now_ms), hold_id=hold_id,
        owner_id=generation_id, subject_id="crs_1", units=units, request_id="req_1", actor="key_1",
    )  # fmt: skip
    assert isinstance(await ledger.hold(connection, wish, now_ms), Granted)
    assert (await tenant.settle(connection, hold_id, units, now_ms=now_ms)).changed
    return generation_id


async def test_show_says_what_is_used_and_left(database: Pool, tenant: Tenant, env: dict[str, str]) -> None:
    """For people a table of both envs, for programs the same in JSON."""
    async with database.acquire() as connection:
        await charged_generation(connection, tenant, 12)
    shown = await run("quotas", "show", tenant.id, env=env)
    assert (shown.status, shown.err) == (0, "")
    assert "generation" in shown.out
    assert "24 %" in shown.out
    as_json = json.loads((await run("quotas", "show", tenant.id, "--env", "live", "--json", env=env)).out)
    assert list(as_json["envs"]) == ["live"]
    generation = as_json["envs"]["live"]["meters"]["generation"]
    assert (generation["limit"], generation["settled"], generation["remaining"], generation["percent"]) == (
        50,
        12,
        38,
        24,
    )
    assert as_json["envs"]["live"]["period"]["start"].endswith("Z")


async def test_a_grant_is_counted_recorded_and_shown_at_once(
    database: Pool, tenant: Tenant, env: dict[str, str], redis_url: str
) -> None:
    """The line has reason and actor; the mirror follows the commit."""
    done = await run("quotas", "grant", tenant.id, "--units", "20", "--reason", "an open day", "--json", env=env)
    assert (done.status, done.err) == (0, "")
    assert json.loads(done.out)["count"]["limit"] == 70
    async with database.acquire() as connection:
        line = await connection.fetchrow("select kind, units, granted, reason, actor, request_id from quota_ledger")
    assert tuple(line)[:4] == ("grant", 20, 20, "an open day")
    assert line["actor"].startswith("cli:")
    assert line["request_id"].startswith("req_")
    transport = await open_transport(redis_url)
    try:
        period = label(period_at(PeriodRule(), SystemClock().now_ms()))
        [state] = await Mirror(transport).read([keys.mirror("live", tenant.id, "generation", period)])
    finally:
        await transport.aclose()
    assert state is not None
    assert state.limit == 70


async def test_a_refund_is_given_once(database: Pool, tenant: Tenant, env: dict[str, str]) -> None:
    """Too much, nothing and a second one are refused in one line, and nothing changes."""
    async with database.acquire() as connection:
        generation_id = await charged_generation(connection, tenant, 5)

    async def refund(units: int, of: str = generation_id) -> Any:
        return await run("quotas", "refund", of, "--units", str(units), "--reason", "empty modules", env=env)

    too_much = await refund(6)
    assert (too_much.status, too_much.out) == (1, "")
    assert "1 to 5 can be refunded" in too_much.err
    assert too_much.err.count("\n") == 1
    assert (await refund(0)).status == 2
    good = await refund(2)
    assert (good.status, good.err) == (0, "")
    assert "2 units refunded" in good.out
    again = await refund(1)
    assert (again.status, "2 units were refunded before" in again.err) == (1, True)
    for unknown in (new_id("gen", 1), "gen_1", "crs_1"):
        assert (await refund(1, unknown)).status == 1
    async with database.acquire() as connection:
        assert await connection.fetchval("select count(*) from quota_ledger where kind = 'refund'") == 1
        sealed = await connection.fetch("select actor, record from dpu where type = 'quota.refunded'")
        assert [row["actor"].startswith("cli:") for row in sealed] == [True]
        assert '"settled_units":5,"units":2' in sealed[0]["record"]


async def test_reconcile_exits_1_and_prints_every_difference(
    database: Pool, tenant: Tenant, env: dict[str, str]
) -> None:
    """Clean: exit 0 and what was compared. A planted fault: exit 1, both accounts of it."""
    async with database.acquire() as connection:
        await charged_generation(connection, tenant, 5)
        clean = await run("quotas", "reconcile", env=env)
        assert (clean.status, clean.out) == (0, "Everything adds up: 1 counters, 1 holds, 2 lines of the ledger.\n")
        await connection.execute("update quota_counter set settled = 7")
    broken = await run("quotas", "reconcile", env=env)
    assert broken.status == 1
    assert "counter: settled 7 held 0 granted 0; ledger: settled 5 held 0 granted 0" in broken.out
    as_json = await run("quotas", "reconcile", "--json", env=env)
    assert as_json.status == 1
    assert {difference["what"] for difference in json.loads(as_json.out)["differences"]} == {
        "counter and ledger", "counter and holds",
    }  # fmt: skip


@pytest.mark.parametrize(
    "arguments",
    [
        ["show"],
        ["show", "north-college", "--env", "staging"],
        ["grant", "north-college", "--units", "5"],
        ["grant", "north-college", "--units", "0", "--reason", "x"],
        ["grant", "north-college", "--units", "5", "--reason", " "],
        ["refund", "gen_1", "--reason", "x"],
    ],
)
async def test_a_wrong_call_is_exit_2(arguments: list[str], env: dict[str, str]) -> None:
    """Nothing is done before the call is right."""
    ended = await run("quotas", *arguments, env=env)
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.count("\n") == 1


async def test_an_unknown_center_is_exit_1(env: dict[str, str]) -> None:
    """In one line that says where centers are listed."""
    ended = await run("quotas", "show", "nowhere", env=env)
    assert (ended.status, ended.out) == (1, "")
    assert "no such center" in ended.err
