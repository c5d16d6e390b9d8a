"""Requests that are right and come at the wrong moment: 409 and 422."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from gateway.errors.problem import Problem


class Conflict(Problem):
    """The state of things stands against it."""

    status = 409
    type = "invalid_request_error"


class LimitReached(Conflict):
    """A ceiling of the plan."""

    code = "limit_reached"
    title = "The ceiling for this resource is reached."
    what_to_do = "Delete what is not needed, or ask for a larger plan; a retry alone can't succeed."
    detail_example: ClassVar = {"resource": "courses", "limit": 1000}

    def __init__(self, resource: str, limit: int, message: str | None = None) -> None:
        super().__init__(message, details={"resource": resource, "limit": limit})


class WrongState(Conflict):
    """The object's state does not allow it."""

    code = "wrong_state"
    title = "The object's state does not allow this."
    what_to_do = "Read the object; `details.allowed` names the states in which the request is possible."
    detail_example: ClassVar = {"current": "ready", "allowed": ["awaiting_brief", "awaiting_launch"]}

    def __init__(self, current: str, allowed: Iterable[str], message: str | None = None) -> None:
        states = list(allowed)
        wanted = f"; possible while it is {' or '.join(f'`{state}`' for state in states)}" if states else ""
        said = message or f"{self.title.removesuffix('.')}: it is `{current}`{wanted}."
        super().__init__(said, details={"current": current, "allowed": states})


class AlreadyLaunched(Conflict):
    """A course is launched once."""

    code = "already_launched"
    title = "This course has been launched."
    what_to_do = "Read the course; after a failure or a cancellation use `relaunch`."


class BriefRequired(Conflict):
    """A launch needs a brief."""

    code = "brief_required"
    title = "This course has no brief yet."
    what_to_do = "PUT a brief, then launch again with the same `Idempotency-Key`."


class SourceRequired(Conflict):
    """The builtin generator invents nothing."""

    code = "source_required"
    title = "This course has no usable source."
    what_to_do = "Add a text or Markdown source with a few paragraphs, then launch again."


class AssessmentNotPublished(Conflict):
    """Learners meet published versions alone."""

    code = "assessment_not_published"
    title = "This assessment is not published, or was archived."
    what_to_do = "Publish it, or take another one: an archived assessment is never taken again."
    default_param = "assessment_id"


class SubdomainTaken(Conflict):
    """Another center has this subdomain."""

    code = "subdomain_taken"
    title = "This subdomain is taken."
    what_to_do = "Choose another subdomain and send the same `order_id` again."
    default_param = "subdomain"


class EmailTaken(Conflict):
    """The address has a membership already, or an account that is not this caller's to open."""

    code = "email_taken"
    title = "This e-mail address belongs to a member, or has an account."
    what_to_do = (
        "Inviting: use that member (`POST /v1/members/{member_id}/invitations` invites once more), or end it first. Accepting: "
        "sign in, or give that account's own password, and send the invitation's token again."
    )
    default_param = "email"


class DuplicateProvisioning(Conflict):
    """The order was used for another center."""

    code = "duplicate_provisioning"
    title = "This order has provisioned a center with other values."
    what_to_do = "Use the center in `details`, or send a new `order_id`."
    default_param = "order_id"
    detail_example: ClassVar = {"id": "ctr_ag6xt3yqo7g3ncxb5l2rv4m7de", "subdomain": "north", "status": "active"}

    def __init__(self, existing: Mapping[str, Any]) -> None:
        super().__init__(details=existing)


class RotationInProgress(Conflict):
    """What has a successor has one, and while the old one lives that has none: at most two of a line live at once."""

    code = "rotation_in_progress"
    title = "This has been rotated, or what it replaced is still in its grace period."
    what_to_do = (
        "Rotate the newest of the line, once the old one's grace period has ended or the old one is deleted; "
        "a webhook's secret also sooner, with `force`."
    )


class IdempotencyInProgress(Conflict):
    """A twin of this request is being carried out."""

    code = "idempotency_in_progress"
    title = "A request with this `Idempotency-Key` is being carried out."
    what_to_do = "Wait a second and send the same request again: it will be answered with the first one's result."
    default_param = "Idempotency-Key"
    retryable = True
    header_names = ("Retry-After",)

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "1"})


class IdempotencyKeyReused(Problem):
    """The key stands for another request."""

    status = 422
    type = "invalid_request_error"
    code = "idempotency_key_reused"
    title = "This `Idempotency-Key` was used for another request."
    what_to_do = "Use a fresh key for a new request, and the same body for a retry."
    default_param = "Idempotency-Key"
