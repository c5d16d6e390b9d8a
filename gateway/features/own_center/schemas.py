"""A center as its own managers see it, and as any visitor of its address does."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from gateway.caller import CenterStatus
from gateway.generation.model import Language
from gateway.http import Request
from gateway.http.texts import Title

Colour = Annotated[str, Meta(pattern=r"^#[0-9A-Fa-f]{6}\Z", examples=["#1a5fb4"])]


class Theme(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The colours in which a center's learners are met; null: the product's own."""

    primary: Colour | None = None
    accent: Colour | None = None
    background: Colour | None = None
    text: Colour | None = None


class ThemeEdit(Request, frozen=True):
    """Colours to change: what is absent stays, `null` takes a colour back."""

    primary: Colour | UnsetType | None = UNSET
    accent: Colour | UnsetType | None = UNSET
    background: Colour | UnsetType | None = UNSET
    text: Colour | UnsetType | None = UNSET


class OwnCenterEdit(Request, frozen=True):
    """Body of `PATCH /v1/center`: what is absent stays. Plan, limits, time zone and anchor day are the partner's to change."""

    name: Title | UnsetType = UNSET
    locale: Language | UnsetType = UNSET
    theme: ThemeEdit | UnsetType = UNSET


class ShownTheme(Struct, frozen=True, kw_only=True):
    """The center's colours; null: the product's own."""

    primary: Colour | None
    accent: Colour | None
    background: Colour | None
    text: Colour | None


class OwnCenter(Struct, frozen=True, kw_only=True):
    """The calling center."""

    object: Literal["center"] = "center"
    id: str
    name: str
    subdomain: str | None
    status: CenterStatus
    plan_id: str
    locale: str
    theme: ShownTheme
    time_zone: str
    period_anchor_day: int | None
    created_at: datetime
    updated_at: datetime


class PublicCenter(Struct, frozen=True):
    """What anybody may know of a center."""

    name: str
    locale: str
