"""What a provisioned center looks like to its partner, and what a partner may say of one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, structs

from gateway.caller import CenterStatus
from gateway.errors import InvalidField
from gateway.http import Request
from gateway.http.texts import Title
from gateway.key_format import Env
from gateway.scopes import Scope
from quotas.plans import COUNT_MAX, requirement

PlanId = Annotated[str, Meta(min_length=1, max_length=64)]
AnchorDay = Annotated[int, Meta(ge=1, le=31)]
Amount = Annotated[int, Meta(ge=0, le=COUNT_MAX)]
Rate = Annotated[int, Meta(ge=1, le=COUNT_MAX)]
AlertPercents = Annotated[list[Annotated[int, Meta(ge=1, le=100)]], Meta(max_length=10)]
Scopes = Annotated[list[Scope], Meta(min_length=1, max_length=20)]

_UNLIMITED: Final = -1


class LimitsEdit(Request, frozen=True):
    """Single values over the plan's: a value sets, `null` = unlimited (no alerts), `"plan"` = back to the plan."""

    requests_per_minute: Rate | Literal["plan"] | UnsetType = UNSET
    generation_units_per_month: Amount | Literal["plan"] | UnsetType | None = UNSET
    regenerations_per_month: Amount | Literal["plan"] | UnsetType | None = UNSET
    regenerations_per_artifact: Amount | Literal["plan"] | UnsetType | None = UNSET
    concurrent_generations: Amount | Literal["plan"] | UnsetType | None = UNSET
    checks_per_question: Amount | Literal["plan"] | UnsetType | None = UNSET
    alert_percents: AlertPercents | Literal["plan"] | UnsetType | None = UNSET

    def check(self) -> None:
        """Raise InvalidField for a value that no plan could have."""
        for name, value in structs.asdict(self).items():
            wrong = None if value is UNSET or value is None or value == "plan" else requirement(name, value)
            if wrong is not None:
                raise InvalidField(f"limits.{name}", wrong)

    def laid_over(self, before: Mapping[str, Any]) -> dict[str, Any]:
        """Return the overrides as stored, after this edit: None = the plan's value, -1 = unlimited."""
        after = dict(before)
        for name, value in structs.asdict(self).items():
            if value == "plan":
                after[name] = None
            elif value is None:
                after[name] = [] if name == "alert_percents" else _UNLIMITED
            elif value is not UNSET:
                after[name] = value
        return after


class CenterEdit(Request, frozen=True):
    """Body of `PATCH /v1/provisioning/centers/{center_id}`: what is absent stays. A changed zone or anchor takes
    effect when the running period ends; everything else at once.
    """

    plan_id: PlanId | UnsetType = UNSET
    limits: LimitsEdit | UnsetType = UNSET
    time_zone: str | UnsetType = UNSET
    period_anchor_day: AnchorDay | UnsetType | None = UNSET


class NewCenterKey(Request, frozen=True):
    """Body of `POST /v1/provisioning/centers/{center_id}/api-keys`. `revoke_unused` ends the keys that the partner
    made for this center and nobody ever used, such as one whose answer was lost.
    """

    name: Title
    env: Env
    scopes: Scopes
    revoke_unused: bool = False


class EffectiveLimits(Struct, frozen=True, kw_only=True):
    """What holds for a center now, overrides included; `null` = unlimited."""

    requests_per_minute: int
    generation_units_per_month: int | None
    regenerations_per_month: int | None
    regenerations_per_artifact: int | None
    concurrent_generations: int | None
    checks_per_question: int | None
    alert_percents: list[int]


class ProvisionedCenter(Struct, frozen=True, kw_only=True):
    """A center as its partner sees it; `overridden` names the limits that are not the plan's."""

    object: Literal["center"] = "center"
    id: str
    name: str
    subdomain: str | None
    status: CenterStatus
    plan_id: str
    limits: EffectiveLimits
    overridden: list[str]
    locale: str
    time_zone: str
    period_anchor_day: int | None
    order_id: str | None
    created_at: datetime
    updated_at: datetime
    suspended_at: datetime | None
    ended_at: datetime | None
