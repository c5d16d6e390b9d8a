"""Grading again: what is asked for, and how far it has come."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from gateway.http import Request
from gateway.work.regrades import RegradeFailure
from gateway.work.regrading import Policy


class NewRegrade(Request, frozen=True):
    """Body of `POST /v1/assessments/{assessment_id}/regrade`.

    `replace` takes the grade under the published version whatever it is; `never_lower` takes it where the learner has
    no smaller share of the points by it, and does not lose a pass.
    """

    from_version: Annotated[int, Meta(ge=1, le=2_147_483_647)]
    policy: Policy


class Regrade(Struct, frozen=True, kw_only=True):
    """One regrade. Of the grades under `from_version` that stand, `regraded` have a newer one under `to_version` by now,
    `kept` stay, and `pending` wait. A new grade is a submission of its own, whose `regrade_of` is the one before.
    """

    object: Literal["regrade"] = "regrade"
    id: str
    assessment_id: str
    from_version: int
    to_version: int
    policy: Policy
    status: Literal["queued", "running", "succeeded", "failed"]
    regraded: int
    kept: int
    pending: int
    failure: RegradeFailure | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
