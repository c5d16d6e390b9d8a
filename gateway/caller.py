"""Who calls, as far as the gateway knows: made by authentication, read by everything behind it."""

from typing import Literal

from msgspec import Struct

from gateway.key_format import Env

CenterStatus = Literal["provisioning", "active", "suspended", "ended"]


class Limits(Struct, frozen=True, kw_only=True):
    """What holds for a center: its plan's values, overridden one by one. `None` = unlimited.

    A copy, at most 5 s old: good for windows, headers and ceilings. Quotas are decided by SQL on the rows.
    """

    requests_per_minute: int
    generation_units_per_month: int | None
    regenerations_per_month: int | None
    regenerations_per_artifact: int | None
    concurrent_generations: int | None
    checks_per_question: int | None
    alert_percents: tuple[int, ...]
    courses_max: int
    source_bytes_max: int
    api_keys_max: int
    assessments_max: int


class StoredPeriod(Struct, frozen=True):
    """The last quota period that was used, `[start, end)`: the next one begins where it ends."""

    start_ms: int
    end_ms: int


class Center(Struct, frozen=True, kw_only=True):
    """A tenant as cached with its key. `period_anchor_day` None = calendar months in `time_zone`."""

    id: str
    name: str
    status: CenterStatus
    plan_id: str
    time_zone: str
    period_anchor_day: int | None
    limits: Limits
    period: StoredPeriod | None


class Caller(Struct, frozen=True, kw_only=True):
    """One request's caller. `facts` are what the request's one log line shall say besides: ids and counts, no content.

    `requests_per_minute` is the key's own, lower limit, if it has one.
    """

    center: Center
    env: Env
    key_id: str
    scopes: frozenset[str]
    requests_per_minute: int | None
    request_id: str
    facts: dict[str, str | int | bool]
