"""Every type of event, and the scope that whoever wants it must hold: that of reading its object.

Rule source: webhooks, "Types"; security, "Keys and scopes".
"""

from collections.abc import Collection, Mapping
from typing import Final, Literal, get_args

from gateway.scopes import Scope

EventType = Literal[
    "course.launched",
    "course.paused_for_review",
    "course.module_ready",
    "course.quota_paused",
    "course.ready",
    "course.failed",
    "course.canceled",
    "artifact.regenerated",
    "artifact.regeneration_failed",
    "source.ready",
    "source.failed",
    "quota.warning",
    "quota.exceeded",
    "submission.graded",
    "submission.grading_completed",
    "submission.regraded",
    "assessment.published",
    "assessment.updated",
    "assessment.archived",
    "collection.created",
    "collection.updated",
    "collection.deleted",
    "api_key.created",
    "api_key.revoked",
    "member.invited",
    "checkpoint.signed",
    "webhook.disabled",
    "webhook.ping",
]
Wanted = Literal[EventType, "*"]

_SCOPES: Final[Mapping[str, Scope]] = {
    "course": "read:courses",
    "artifact": "read:courses",
    "source": "read:courses",
    "quota": "read:usage",
    "submission": "read:results",
    "assessment": "read:assessments",
    "collection": "read:assessments",
    "api_key": "manage:center",
    "member": "manage:center",
    "checkpoint": "read:dpus",
    "webhook": "manage:webhooks",
}
"""By the object that the type names first."""

SCOPE_OF: Final[Mapping[str, Scope]] = {each: _SCOPES[each.partition(".")[0]] for each in get_args(EventType)}


def scopes_lacking(wanted: Collection[str], scopes: Collection[str]) -> list[str]:
    """The scopes that are needed for events named by their type and not held, sorted; `*` needs none."""
    return sorted({SCOPE_OF[each] for each in wanted if each != "*"} - set(scopes))


def types_for(wanted: Collection[str], scopes: Collection[str]) -> list[str]:
    """The types that are sent: those named, and with `*` all whose object the scopes may read; sorted."""
    if "*" in wanted:
        return sorted(each for each, scope in SCOPE_OF.items() if scope in scopes)
    return sorted(set(wanted))
