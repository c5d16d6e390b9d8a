"""A partner's order becomes a center: whole or not at all, and once, whoever asks again and however often.

The command line makes centers by the same function, without an order. Rule source: centers, "Provisioning".
"""

from typing import Final

import msgspec
from msgspec.structs import replace

from gateway.clock import as_datetime
from gateway.emails import checked_email
from gateway.errors import DuplicateProvisioning, InvalidSubdomain, SubdomainTaken
from gateway.features.api_keys import service as api_keys
from gateway.features.api_keys.service import Bounds, MadeApiKey, Maker, NewApiKey
from gateway.features.centers import service as centers
from gateway.features.centers.service import ProvisionedCenter
from gateway.features.members import service as members
from gateway.features.orders import store
from gateway.features.orders.schemas import NewCenter, Provisioned
from gateway.ids import new_id
from gateway.keyring import Keyring
from gateway.scopes import CENTER_SCOPES
from gateway.stores import Connection
from gateway.subdomains import subdomain_requirement

__all__ = ["NewCenter", "OrderKnown", "Provisioned", "check_center", "create", "provision", "without_key"]

FIRST_KEY_NAME: Final = "First key"


class OrderKnown(Exception):
    """The order was carried out before, as it is: nothing is to be done, the center is the answer."""

    def __init__(self, center: ProvisionedCenter) -> None:
        super().__init__(center.id)
        self.center = center


def check_center(subdomain: str, time_zone: str, admin_email: str | None = None) -> None:
    """Raise what is wrong with a new center in itself: InvalidSubdomain, InvalidField, InvalidEmail."""
    wrong = subdomain_requirement(subdomain)
    if wrong is not None:
        raise InvalidSubdomain(wrong)
    centers.check_zone(time_zone)
    if admin_email is not None:
        checked_email(admin_email, "admin_email")


async def provision(
    connection: Connection, keyring: Keyring, partner: Maker, data: NewCenter, now_ms: int
) -> Provisioned:
    """Carry out a partner's order: a center with its first live key and its invited ADMIN, all or nothing.

    Raises OrderKnown for an order carried out before, DuplicateProvisioning where that one asked for something else,
    SubdomainTaken, InvalidField for a plan that is none, InvalidApiKey where the partner's key was revoked meanwhile.
    """
    assert partner.center_id is not None  # ruff: ignore[assert] - an order comes from a partner's key
    # One order of a partner at a time: its twin waits here, and then finds what was made.
    await api_keys.lock_centers(connection, {partner.center_id})
    known = await store.find(connection, partner.center_id, data.order_id)
    if known is not None:
        center = await centers.get(connection, partner.center_id, known["id"])
        if msgspec.json.decode(known["order_request"]) == msgspec.json.decode(data.as_given()):
            raise OrderKnown(center)
        raise DuplicateProvisioning({"id": center.id, "subdomain": center.subdomain, "status": center.status})
    await api_keys.bounds_of(connection, partner, as_datetime(now_ms))
    center_id = await create(
        connection,
        partner,
        name=data.center_name,
        subdomain=data.subdomain,
        plan_id=data.plan_id,
        time_zone=data.time_zone,
        period_anchor_day=data.period_anchor_day,
        order=data,
        now_ms=now_ms,
    )
    admin = None
    if data.admin_email is not None:
        admin = await members.invite(
            connection,
            center_id,
            email=data.admin_email,
            role="ADMIN",
            param="admin_email",
            created_by=partner.actor,
            now_ms=now_ms,
        )
    key = await _first_key(connection, keyring, partner, center_id, now_ms)
    return Provisioned(await centers.get(connection, partner.center_id, center_id), key, admin)


async def create(
    connection: Connection,
    maker: Maker,
    *,
    name: str,
    subdomain: str,
    plan_id: str,
    time_zone: str = "UTC",
    period_anchor_day: int | None = None,
    order: NewCenter | None = None,
    now_ms: int,
) -> str:
    """Make a center without any key and return its id; raises InvalidSubdomain, SubdomainTaken, InvalidField."""
    check_center(subdomain, time_zone)
    await centers.check_plan(connection, plan_id)
    center_id = new_id("ctr", now_ms)
    made = await store.insert(
        connection,
        center_id,
        name=name,
        subdomain=subdomain,
        plan_id=plan_id,
        time_zone=time_zone,
        period_anchor_day=period_anchor_day,
        partner_id=maker.center_id,
        order_id=None if order is None else order.order_id,
        order_request=None if order is None else order.as_given(),
        created_by=maker.actor,
        now=as_datetime(now_ms),
    )
    if not made:
        raise SubdomainTaken
    return center_id


def without_key(made: Provisioned) -> Provisioned:
    """What is kept of an answer for replays: all but the key and the token themselves."""
    return replace(
        made,
        api_key=None if made.api_key is None else replace(made.api_key, key=None),
        admin=None if made.admin is None else members.without_token(made.admin),
    )


async def _first_key(
    connection: Connection, keyring: Keyring, partner: Maker, center_id: str, now_ms: int
) -> MadeApiKey:
    wanted = NewApiKey(name=FIRST_KEY_NAME, env="live", scopes=list(CENTER_SCOPES))
    return await api_keys.add(connection, keyring, partner, center_id, wanted, Bounds(), now_ms)
