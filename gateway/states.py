"""The states of a course and what may happen in each: one table, which every feature and the worker ask."""

from typing import Final, Literal

CourseStatus = Literal["awaiting_brief", "awaiting_launch", "generating", "ready", "failed", "canceled"]
Action = Literal[
    "edit_brief", "edit_sources", "launch", "cancel", "finish", "fail", "end_canceled", "delete", "ask_regeneration"
]

STATUSES: Final[tuple[CourseStatus, ...]] = (
    "awaiting_brief",
    "awaiting_launch",
    "generating",
    "ready",
    "failed",
    "canceled",
)

TRANSITIONS: Final[dict[Action, dict[CourseStatus, CourseStatus]]] = {
    "edit_brief": {"awaiting_brief": "awaiting_launch", "awaiting_launch": "awaiting_launch"},
    "edit_sources": {"awaiting_brief": "awaiting_brief", "awaiting_launch": "awaiting_launch"},
    "launch": {"awaiting_launch": "generating"},
    "cancel": {"generating": "generating"},
    "finish": {"generating": "ready"},
    "fail": {"generating": "failed"},
    "end_canceled": {"generating": "canceled"},
    "delete": {
        "awaiting_brief": "awaiting_brief",
        "awaiting_launch": "awaiting_launch",
        "ready": "ready",
        "failed": "failed",
        "canceled": "canceled",
    },
    "ask_regeneration": {"ready": "ready", "failed": "failed", "canceled": "canceled"},
}
"""For each action, the states it is possible in and the state it leads to."""


def allowed_states(action: Action) -> list[CourseStatus]:
    """Name the states in which `action` is possible, in the order a course passes them."""
    return [status for status in STATUSES if status in TRANSITIONS[action]]


def after(action: Action, status: CourseStatus) -> CourseStatus | None:
    """Name the state that `action` leads to from `status`; None where it is not possible."""
    return TRANSITIONS[action].get(status)
