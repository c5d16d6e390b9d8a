"""Who calls, as far as the gateway knows: made by authentication, read by everything behind it."""

from typing import Literal

from msgspec import Struct

from gateway.key_format import Env
from gateway.roles import Role

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


class SignedIn(Struct, frozen=True, kw_only=True):
    """A person who calls: their sign-in, and their membership of the calling center as it is at this request.

    `membership_id` and `role` are None on routes that are the person's own (signing out, going to another center),
    where there may be no membership that still holds.
    """

    person_id: str
    session_id: str
    membership_id: str | None
    role: Role | None


class LearnerSession(Struct, frozen=True, kw_only=True):
    """A learner who calls from a browser, by the credential of a session that an embed token was spent for.

    It opens what belongs to one attempt, and nothing else. `is_closed`: the attempt is over.
    """

    id: str
    submission_id: str
    assessment_id: str
    learner_ref: str
    is_closed: bool


class Caller(Struct, frozen=True, kw_only=True):
    """One request's caller: an API key (`key_id`), a person (`person`) or a learner in a browser (`session`), one of them.

    `facts` are what the request's one log line shall say besides: ids and counts, no content.
    `requests_per_minute` is the key's own, lower limit, if it has one. People act in env live, by their role's scopes.
    """

    center: Center
    env: Env
    key_id: str | None
    scopes: frozenset[str]
    requests_per_minute: int | None
    request_id: str
    facts: dict[str, str | int | bool]
    person: SignedIn | None = None
    session: LearnerSession | None = None

    @property
    def person_id(self) -> str | None:
        """The person's `usr_…`, None for a key."""
        return None if self.person is None else self.person.person_id

    @property
    def role(self) -> Role | None:
        """The person's role in the center, None for a key."""
        return None if self.person is None else self.person.role

    @property
    def actor(self) -> str:
        """Who is recorded as the doer: the key's id, the person's or the session's."""
        if self.session is not None:
            return self.session.id
        return self.person.person_id if self.person is not None else self.key_id or ""

    @property
    def principal(self) -> str:
        """Whose idempotency keys these are: the center's for every API key, a person's own, a session's own."""
        if self.session is not None:
            return self.session.id
        return self.center.id if self.person is None else self.person.person_id
