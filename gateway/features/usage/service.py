"""Quota status: from the mirror in the very round trip that admitted the request, else from SQL."""

from collections.abc import Sequence

from gateway.caller import Caller
from gateway.clock import as_datetime
from gateway.errors import ServiceUnavailable
from gateway.features.usage.schemas import Meters, MeterUsage, RateLimit, RunningUsage, Usage, UsagePeriod
from gateway.periods import current_period
from gateway.services import Services
from gateway.stores import Overloaded, StoreDown
from quotas.admission import Admitted, tightest
from quotas.mirror import MirrorState
from quotas.model import Counters, MeterCount, Period


async def usage(services: Services, caller: Caller, admitted: Admitted) -> Usage:
    """Answer from fresh mirrors; a miss costs one SQL read a process. Where SQL is away, stale mirrors serve.

    Raises ServiceUnavailable where neither has an answer.
    """
    mirrors = _complete(admitted.mirrors)
    if mirrors is not None and all(entry.is_fresh for entry in mirrors):
        return _from_mirror(services, caller, admitted, mirrors)
    try:
        counters = await services.counters.read(caller)
    except (StoreDown, Overloaded):
        if mirrors is None:
            raise ServiceUnavailable from None
        return _from_mirror(services, caller, admitted, mirrors)
    return _from_sql(caller, admitted, counters)


def _complete(mirrors: Sequence[MirrorState | None]) -> list[MirrorState] | None:
    found = [entry for entry in mirrors if entry is not None]
    return found if found and len(found) == len(mirrors) else None


def _from_mirror(services: Services, caller: Caller, admitted: Admitted, mirrors: Sequence[MirrorState]) -> Usage:
    generation, regenerations, running = mirrors
    return Usage(
        period=_period(current_period(caller.center, services.clock.now_ms())),
        meters=Meters(_meter(generation), _meter(regenerations)),
        rate_limit=_rate_limit(admitted),
        concurrent_generations=RunningUsage(running.limit, running.held),
        plan=caller.center.plan_id,
        source="mirror",
    )


def _from_sql(caller: Caller, admitted: Admitted, counters: Counters) -> Usage:
    generation, regenerations = counters.meters
    return Usage(
        period=_period(counters.period),
        meters=Meters(_meter(generation), _meter(regenerations)),
        rate_limit=_rate_limit(admitted),
        concurrent_generations=RunningUsage(counters.running.limit, counters.running.running),
        plan=caller.center.plan_id,
        source="database",
    )


def _meter(count: MirrorState | MeterCount) -> MeterUsage:
    used = count.settled + count.held
    if count.limit is None:
        return MeterUsage(None, count.settled, count.held, None, None)
    percent = used * 100 // count.limit if count.limit else 100
    return MeterUsage(count.limit, count.settled, count.held, max(0, count.limit - used), percent)


def _rate_limit(admitted: Admitted) -> RateLimit:
    policy = tightest(admitted.policies)
    resets_at = as_datetime((admitted.now_seconds + policy.reset_after_seconds) * 1000)
    return RateLimit(policy.limit, policy.remaining, resets_at)


def _period(period: Period) -> UsagePeriod:
    end = as_datetime(period.end_ms)
    return UsagePeriod(as_datetime(period.start_ms), end, end)
