"""Too much: 429. Rates come back by themselves, quotas with the next period."""

from typing import Any, ClassVar, Literal

from gateway.errors.problem import Problem


class RateLimited(Problem):
    """A limit a minute; its code carries the seconds to wait, as `retry_after_23`."""

    status = 429
    type = "rate_limit_error"
    code = "retry_after_<n>"
    title = "Too many requests."
    what_to_do = (
        "Wait for the seconds in `Retry-After` (also the number in the code), then send the same request again."
    )
    retryable = True
    detail_example: ClassVar = {"policy": "minute", "limit": 100, "window_seconds": 60, "retry_after": 23}
    header_names = ("Retry-After",)

    def __init__(self, policy: str, limit: int, window_seconds: int, retry_after: int) -> None:
        super().__init__(
            f"Too many requests: try again in {retry_after} seconds.",
            details={"policy": policy, "limit": limit, "window_seconds": window_seconds, "retry_after": retry_after},
            headers={"Retry-After": str(retry_after)},
        )
        self.code = f"retry_after_{retry_after}"


class RegenCapReached(Problem):
    """A cap on regenerations; the note is kept all the same."""

    status = 429
    type = "rate_limit_error"
    code = "regen_cap_reached"
    title = "The cap on regenerations is reached; the note is recorded."
    what_to_do = (
        "Nothing needs to be sent again: the note is kept. Ask for a higher cap, or wait for `details.resets_at`."
    )
    detail_example: ClassVar = {
        "note_id": "note_ag6xt3yqo7g3ncxb5l2rv4m7de",
        "scope": "artifact",
        "limit": 5,
        "used": 5,
        "resets_at": None,
    }

    def __init__(
        self, note_id: str, scope: Literal["artifact", "center"], limit: int, used: int, resets_at: str | None
    ) -> None:
        super().__init__(
            details={"note_id": note_id, "scope": scope, "limit": limit, "used": used, "resets_at": resets_at}
        )


class ConcurrencyLimitReached(Problem):
    """As many generations run as the plan allows."""

    status = 429
    type = "rate_limit_error"
    code = "concurrency_limit_reached"
    title = "As many generations are running as the plan allows."
    what_to_do = "Wait until one has ended, then send the same request with the same `Idempotency-Key`."
    retryable = True
    detail_example: ClassVar = {"limit": 2}
    header_names = ("Retry-After",)

    def __init__(self, limit: int) -> None:
        super().__init__(details={"limit": limit}, headers={"Retry-After": "5"})


class QuotaExceeded(Problem):
    """The period's units do not cover it. Waiting does not help before `resets_at`."""

    status = 429
    type = "quota_exceeded"
    code = "quota_exceeded"
    title = "The quota of this period does not cover the request."
    what_to_do = (
        "Don't retry: wait for `details.resets_at`, ask for fewer modules, or ask for a grant or a larger plan."
    )
    detail_example: ClassVar = {
        "meter": "generation",
        "limit": 50,
        "used": 48,
        "held": 0,
        "requested": 5,
        "resets_at": "2026-12-01T00:00:00Z",
    }

    def __init__(self, meter: str, limit: int, used: int, held: int, requested: int, resets_at: str) -> None:
        details: dict[str, Any] = {
            "meter": meter,
            "limit": limit,
            "used": used,
            "held": held,
            "requested": requested,
            "resets_at": resets_at,
        }
        super().__init__(details=details)
