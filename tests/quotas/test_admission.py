"""Admission on a real Redis: several processes, one limit."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from quotas import keys
from quotas.admission import Admission, Admitted, Policy, Refused, tightest
from quotas.windows import PolicyState
from tests.quotas.gateways import Gateway, Heard, gateway
from tests.quotas.scripted import fresh_center

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def one(redis_url: str) -> AsyncIterator[Gateway]:
    async with gateway(redis_url) as opened:
        yield opened


async def test_exactly_the_limit_passes_however_the_requests_are_spread(redis_url: str) -> None:
    """500 requests in one moment through three gateways: 100 admitted, 400 refused, none degraded."""
    center = fresh_center()
    async with gateway(redis_url) as a, gateway(redis_url) as b, gateway(redis_url) as c:
        decisions = await asyncio.gather(*([a, b, c][n % 3].ask(center, 100) for n in range(500)))
    assert sum(isinstance(decision, Admitted) for decision in decisions) == 100
    assert not any(decision.degraded for decision in decisions)


async def test_never_more_than_the_limit_over_a_trace_of_several_processes(redis_url: str) -> None:
    """Three processes ask at random moments over several windows of 3 s: no N + 1 admissions lie within 3 s."""
    center, limit, window = fresh_center(), 20, 3
    processes = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.quotas.hammer", redis_url, center, str(limit), str(window), "8", str(seed)),
            stdout=asyncio.subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        for seed in range(3)
    ]
    printed = [(await process.communicate())[0].decode() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    trace = [line.split() for lines in printed for line in lines.splitlines()]
    admitted = sorted(
        (float(before), float(after)) for before, after, passed, degraded in trace if (passed, degraded) == ("1", "0")
    )
    assert len(admitted) > 2 * limit
    assert len(trace) > 2 * len(admitted)
    for first, last in zip(admitted, admitted[limit:], strict=False):
        # Redis decided at some moment between asking and answer: this many can't all lie within one window.
        assert last[1] - first[0] >= window


async def test_waiting_exactly_as_told_succeeds(one: Gateway) -> None:
    """The wait is at most the window, and enough."""
    center = fresh_center()
    for _ in range(2):
        assert isinstance(await one.ask(center, 2, 3), Admitted)
    refused = await one.ask(center, 2, 3)
    assert isinstance(refused, Refused)
    assert 1 <= refused.retry_after_seconds <= 3
    await asyncio.sleep(refused.retry_after_seconds)
    assert isinstance(await one.ask(center, 2, 3), Admitted)


async def test_gateway_clocks_that_differ_change_nothing(redis_url: str) -> None:
    """Five minutes apart: one window, one time, Redis' own."""
    center = fresh_center()
    async with gateway(redis_url) as right, gateway(redis_url, minutes_ahead=5) as ahead:
        first = [await which.ask(center, 4) for which in (right, ahead, right, ahead)]
        late = [await which.ask(center, 4) for which in (right, ahead)]
    assert all(isinstance(decision, Admitted) for decision in first)
    assert all(isinstance(decision, Refused) for decision in late)
    assert max(d.now_seconds for d in (*first, *late)) - min(d.now_seconds for d in (*first, *late)) <= 5
    assert {state.reset_after_seconds for decision in late for state in decision.policies} <= {59, 60}


async def test_several_policies_are_one_decision(one: Gateway) -> None:
    """A refusal by the key's limit consumes none of the center's; the headers get the one with the fewest left."""
    center = fresh_center()
    policies = [
        Policy("minute", keys.minute("live", center), 10),
        Policy("key", keys.key("live", center, "key_a"), 1),
    ]
    admitted = await one.admission.decide(policies)
    assert isinstance(admitted, Admitted)
    assert tightest(admitted.policies).name == "key"
    refused = await one.admission.decide(policies)
    assert isinstance(refused, Refused)
    assert (refused.by.name, refused.by.limit, refused.by.window_seconds) == ("key", 1, 60)
    assert tightest(refused.policies) == refused.by
    assert refused.by.reset_after_seconds == refused.retry_after_seconds
    assert [state.remaining for state in refused.policies] == [9, 0]


async def test_a_policy_that_only_counts_is_told_of_and_refuses_nobody(redis_url: str) -> None:
    """`enforce=False`: admitted beyond the limit, with one event each."""
    heard = Heard()
    policy = Policy("session", keys.session("live", fresh_center(), "ses_a"), 1, enforce=False)
    async with gateway(redis_url, heard=heard) as counting:
        for _ in range(3):
            assert isinstance(await counting.admission.decide([policy]), Admitted)
    assert heard.events == [("rate_limit.would_refuse", {"policy": "session", "key": policy.key})] * 2


async def test_a_request_without_policies_is_admitted(one: Gateway) -> None:
    """Nothing limits it, nothing is counted."""
    assert isinstance(await one.admission.decide([]), Admitted)


async def test_a_caller_who_gives_up_harms_nobody_else(one: Gateway) -> None:
    """Cancelled while its batch is under way: the others get their decisions."""
    center = fresh_center()
    tasks = [asyncio.create_task(one.ask(center, 100)) for _ in range(10)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    decisions = await asyncio.gather(*tasks[1::2])
    assert not any(decision.degraded for decision in decisions)
    assert not (await one.ask(center, 100)).degraded


def test_of_equal_policies_the_one_that_refuses_is_shown() -> None:
    """Fewest left first, then the longest wait, then the later reset."""
    states = [
        PolicyState("minute", 5, 0, 30, 0, 60),
        PolicyState("key", 5, 0, 20, 20, 60),
        PolicyState("address", 5, 3, 60, 0, 60),
    ]
    assert tightest(states).name == "key"


async def test_no_time_is_read_while_redis_decides(redis_url: str) -> None:
    """Windows know Redis' time alone: a gateway whose clocks are broken decides as well."""

    def broken() -> int:
        raise AssertionError("read a gateway's clock")

    async with gateway(redis_url) as opened:
        admission = Admission(opened.transport, expected_replicas=1, monotonic_seconds=broken, now_ms=broken)
        policy = Policy("minute", keys.minute("live", fresh_center()), 1)
        assert isinstance(await admission.decide([policy]), Admitted)
        assert isinstance(await admission.decide([policy]), Refused)
