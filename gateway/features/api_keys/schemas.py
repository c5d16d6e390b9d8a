"""What an API key looks like to those who manage it, and what they may say of one."""

from datetime import datetime
from typing import Annotated, Literal, TypeVar

from msgspec import Meta, Struct

from gateway.errors import InvalidField
from gateway.http import Request
from gateway.http.texts import Title
from gateway.key_format import Env
from gateway.roles import Role
from gateway.scopes import Scope

Scopes = Annotated[list[Scope], Meta(min_length=1, max_length=20)]

GRACE_SECONDS_MAX = 2_592_000
"""An old key may live 30 days beside its successor."""


class NewApiKey(Request, frozen=True):
    """Body of `POST /v1/api-keys`. Without `expires_at` or `requests_per_minute` the maker's own hold."""

    name: Title
    env: Env
    scopes: Scopes
    expires_at: Annotated[datetime, Meta(tz=True)] | None = None
    requests_per_minute: Annotated[int, Meta(ge=1, le=1_000_000_000)] | None = None


class Rotation(Request, frozen=True):
    """Body of `POST /v1/api-keys/{key_id}/rotate`: how long the old key lives beside the new one; 0 ends it at once."""

    grace_seconds: Annotated[int, Meta(ge=0, le=GRACE_SECONDS_MAX)]


class ApiKey(Struct, frozen=True, kw_only=True):
    """A key as listed. An expired one is listed until it is deleted; a revoked one is gone."""

    object: Literal["api_key"] = "api_key"
    id: str
    name: str
    env: Env
    scopes: list[Scope]
    requests_per_minute: int | None
    created_by: str | None
    created_at: datetime
    expires_at: datetime | None
    rotated_from: str | None
    last_used_at: datetime | None


class MadeApiKey(ApiKey, frozen=True, kw_only=True):
    """A key just made: `key` is shown this once, `null` in a replay."""

    key: str | None


class Maker(Struct, frozen=True, kw_only=True):
    """Who makes or revokes keys, and how far that may reach; None = no bound.

    `key_id` names the calling key, or `person_id` the calling person, of the center `center_id`; at the command line all
    three are None.
    """

    actor: str
    key_id: str | None = None
    person_id: str | None = None
    role: Role | None = None
    center_id: str | None = None
    envs: frozenset[Env] = frozenset({"live", "test"})
    scopes: frozenset[str] | None = None


class Bounds(Struct, frozen=True):
    """What a key made by someone may not exceed; None = no bound."""

    expires_at: datetime | None = None
    requests_per_minute: int | None = None

    def check(self, data: NewApiKey) -> None:
        """Raise InvalidField for what is asked beyond the bounds."""
        if _exceeds(data.expires_at, self.expires_at):
            raise InvalidField("expires_at", "no later than the calling key's own")
        if _exceeds(data.requests_per_minute, self.requests_per_minute):
            raise InvalidField("requests_per_minute", "no more than the calling key's own")

    def expiry(self, wanted: datetime | None) -> datetime | None:
        """Return the earlier of what is wanted and what is allowed."""
        return _nearest(wanted, self.expires_at)

    def rate(self, wanted: int | None) -> int | None:
        """Return the lower of what is wanted and what is allowed."""
        return _nearest(wanted, self.requests_per_minute)


Bound = TypeVar("Bound", int, datetime)


def _exceeds(given: Bound | None, bound: Bound | None) -> bool:
    return given is not None and bound is not None and given > bound


def _nearest(given: Bound | None, bound: Bound | None) -> Bound | None:
    if given is None or bound is None:
        return bound if given is None else given
    return min(given, bound)
