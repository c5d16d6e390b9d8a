"""Every header that an answer may carry, and those that a request may: described once, referred to everywhere."""

from typing import Any, Final

Json = dict[str, Any]


def _header(description: str, example: str | int) -> Json:
    kind = "integer" if isinstance(example, int) else "string"
    return {"description": description, "schema": {"type": kind}, "example": example}


HEADERS: Final[dict[str, Json]] = {
    "X-Request-Id": _header("The caller's own id if it sent a valid one, else ours.", "req_ag6xt3yqo7g3ncxb5l2rv4m7de"),
    "X-RateLimit-Limit": _header("Requests a minute of the tightest policy.", 100),
    "X-RateLimit-Remaining": _header("Requests left of the tightest policy.", 41),
    "X-RateLimit-Reset": _header("Unix seconds at which its oldest counted request leaves.", 1_795_253_423),
    "X-RateLimit-Mode": _header(
        "`degraded` while limits are kept by each process alone; absent otherwise.", "degraded"
    ),
    "RateLimit-Policy": _header(
        "draft-ietf-httpapi-ratelimit-headers-11: every policy that applied.", '"minute";q=100;w=60'
    ),
    "RateLimit": _header("draft-ietf-httpapi-ratelimit-headers-11: where each policy stands.", '"minute";r=41;t=23'),
    "Retry-After": _header("Seconds to wait.", 23),
    "WWW-Authenticate": _header("How to authenticate.", 'Bearer realm="coursegate"'),
    "Allow": _header("Methods that the path answers.", "GET, POST"),
    "Location": _header("Where the thing that was made can be read.", "/v1/courses/crs_ag6xt3yqo7g3ncxb5l2rv4m7de"),
    "Idempotent-Replayed": _header("`true` where an earlier request with this key was answered before.", "true"),
    "Cache-Control": _header("Refusals are not kept, nor are answers that show a secret.", "no-store"),
}

ALWAYS: Final = ("X-Request-Id",)
RATE: Final = (
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "X-RateLimit-Mode",
    "RateLimit-Policy",
    "RateLimit",
)

REQUEST_ID: Final[Json] = {
    "name": "X-Request-Id",
    "in": "header",
    "required": False,
    "description": "An id of your own, 1-64 of `[A-Za-z0-9_-]`: shown back, and found in the log. Any other is ignored.",
    "schema": {"type": "string"},
    "example": "checkout-7f3a",
}


def idempotency_key(*, required: bool) -> Json:
    """The parameter of a POST."""
    return {
        "name": "Idempotency-Key",
        "in": "header",
        "required": required,
        "description": "One fresh value a request, the same with every retry: the effect happens once.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$"},
        "example": "3f1d0b0c-6c2e-4f6e-9a51-6a2d1a4b7c55",
    }


def referred(*names: str) -> Json:
    """The `headers` of a response."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
