"""A center, its people and keys: as they are, and as a route leaves them."""

from typing import Any, Final

from gateway.openapi.words import CHILD, TAIL

THEME: Final = {"primary": "#1a5fb4", "accent": "#e66100", "background": None, "text": None}
"""The colours of its learners' pages."""

_CENTER: Final[dict[str, Any]] = {
    "object": "center",
    "id": f"ctr_{TAIL}",
    "name": "North Academy",
    "subdomain": "north",
    "status": "active",
    "plan_id": "pro",
    "limits": {
        "requests_per_minute": 100,
        "generation_units_per_month": 800,
        "regenerations_per_month": 1000,
        "regenerations_per_artifact": 20,
        "concurrent_generations": 8,
        "checks_per_question": 20,
        "alert_percents": [80, 90, 100],
    },
    "overridden": ["generation_units_per_month"],
    "locale": "en",
    "time_zone": "Europe/Berlin",
    "period_anchor_day": 1,
    "order_id": "order-2026-0042",
    "created_at": "2026-11-01T08:00:00Z",
    "updated_at": "2026-11-21T09:30:00Z",
    "suspended_at": None,
    "ended_at": None,
}
_OWN: Final = {
    "object": "center",
    "id": f"ctr_{TAIL}",
    "name": "North Academy",
    "subdomain": "north",
    "status": "active",
    "plan_id": "pro",
    "locale": "en",
    "theme": THEME,
    "time_zone": "Europe/Berlin",
    "period_anchor_day": 1,
    "created_at": "2026-11-01T08:00:00Z",
    "updated_at": "2026-11-21T09:30:00Z",
}
_OF_MINE: Final = {
    "id": f"ctr_{TAIL}",
    "name": "North Academy",
    "subdomain": "north",
    "status": "active",
    "membership_id": f"mbr_{TAIL}",
    "membership_status": "active",
    "role": "INSTRUCTOR",
}
_KEY: Final = {
    "object": "api_key",
    "id": f"key_{TAIL}",
    "name": "LMS",
    "env": "live",
    "scopes": ["read:courses", "write:courses"],
    "requests_per_minute": None,
    "created_by": f"usr_{TAIL}",
    "created_at": "2026-11-21T09:30:00Z",
    "expires_at": "2027-11-21T09:30:00Z",
    "rotated_from": None,
    "last_used_at": None,
}
_MEMBER: Final[dict[str, Any]] = {
    "object": "member",
    "id": f"mbr_{TAIL}",
    "email": "ada@north.example",
    "account_email": "ada@north.example",
    "name": "Ada",
    "role": "INSTRUCTOR",
    "status": "active",
    "person_id": f"usr_{TAIL}",
    "children": [],
    "created_by": f"key_{TAIL}",
    "created_at": "2026-11-21T09:30:00Z",
    "updated_at": "2026-11-21T10:05:00Z",
    "activated_at": "2026-11-21T10:05:00Z",
    "suspended_at": None,
    "ended_at": None,
}
_INVITED: Final = _MEMBER | {
    "status": "invited",
    "account_email": None,
    "person_id": None,
    "updated_at": "2026-11-21T09:30:00Z",
    "activated_at": None,
    "invitation": {
        "object": "invitation",
        "id": f"inv_{TAIL}",
        "token": "<43 characters>",
        "expires_at": "2026-11-28T09:30:00Z",
        "created_at": "2026-11-21T09:30:00Z",
    },
}
_PARENT: Final = _MEMBER | {"role": "PARENT", "children": [CHILD]}
_MADE: Final = _KEY | {"key": "cg_live_<52 characters>"}
_NEW_CENTER: Final = {
    "order_id": "order-2026-0042",
    "center_name": "North Academy",
    "subdomain": "north",
    "plan_id": "pro",
    "admin_email": "head@north.example",
    "time_zone": "Europe/Berlin",
    "period_anchor_day": 1,
}
_PLAN_ALONE: Final = {
    "limits": _CENTER["limits"] | {"generation_units_per_month": 500},
    "overridden": [],
    "updated_at": "2026-11-01T08:00:00Z",
}
"""Before the partner gave the center limits of its own."""


BY_KIND: Final[dict[str, Any]] = {
    "ProvisionedCenter": _CENTER,
    "NewCenter": _NEW_CENTER,
    "CenterEdit": {"plan_id": "pro", "limits": {"generation_units_per_month": 800}},
    "OwnCenter": _OWN,
    "OwnCenterEdit": {"name": "North Academy", "locale": "en", "theme": {"primary": "#1a5fb4", "background": None}},
    "PublicCenter": {"name": "North Academy", "locale": "en"},
    "CenterOfMine": _OF_MINE,
    "Acceptance": {"token": "<43 characters>", "password": "correct horse battery", "name": "Ada"},
    "Me": {
        "object": "person",
        "id": f"usr_{TAIL}",
        "created_at": "2026-11-21T10:05:00Z",
        "email": "ada@north.example",
        "name": "Ada",
        "center": _OF_MINE,
        "scopes": ["read:courses", "write:courses"],
        "centers": [_OF_MINE],
    },
    "NewApiKey": {"name": "LMS", "env": "live", "scopes": _KEY["scopes"], "expires_at": _KEY["expires_at"]},
    "NewCenterKey": {"name": "LMS", "env": "live", "scopes": _KEY["scopes"], "revoke_unused": False},
    "ApiKey": _KEY,
    "MadeApiKey": _MADE,
    "NewMember": {"email": "ada@north.example", "role": "INSTRUCTOR", "name": "Ada"},
    "MemberEdit": {"name": "Ada"},
    "Member": _MEMBER,
    "InvitedMember": _INVITED,
    "Provisioned": {
        "center": _CENTER | _PLAN_ALONE,
        "api_key": _MADE,
        "admin": _INVITED | {"email": "head@north.example", "name": None, "role": "ADMIN"},
    },
}
_AS_BEFORE: Final = {"center": _CENTER, "api_key": None, "admin": None}
_AN_HOUR_LATER: Final = "2026-11-21T10:30:00Z"
BY_ROUTE: Final[dict[tuple[str, int], Any]] = {
    ("POST /v1/provisioning/centers", 200): _AS_BEFORE,
    ("POST /v1/provisioning/centers/{center_id}/suspend", 200): _CENTER
    | {"status": "suspended", "updated_at": _AN_HOUR_LATER, "suspended_at": _AN_HOUR_LATER},
    ("POST /v1/provisioning/centers/{center_id}/end", 200): _CENTER
    | {"status": "ended", "updated_at": _AN_HOUR_LATER, "ended_at": _AN_HOUR_LATER},
    ("POST /v1/members/{member_id}/children", 201): _PARENT,
}
