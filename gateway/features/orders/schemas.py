"""What a partner's order says, and what it is answered with."""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct, structs

from gateway.features.api_keys.service import MadeApiKey
from gateway.features.centers.service import AnchorDay, PlanId, ProvisionedCenter
from gateway.features.members.service import InvitedMember
from gateway.http import Request
from gateway.http.texts import VISIBLE, Title

OrderId = Annotated[str, Meta(min_length=1, max_length=128, pattern=VISIBLE)]


class NewCenter(Request, frozen=True):
    """Body of `POST /v1/provisioning/centers`; a partner makes one center for each `order_id`."""

    order_id: OrderId
    center_name: Title
    subdomain: str
    plan_id: PlanId
    admin_email: Annotated[str, Meta(max_length=320)] | None = None
    time_zone: str = "UTC"
    period_anchor_day: AnchorDay | None = None

    def as_given(self) -> str:
        """Return what tells one order from another, as JSON: the fields, but not those at their default."""
        defaults = {field.name: field.default for field in structs.fields(self)}
        given = {name: value for name, value in structs.asdict(self).items() if value != defaults[name]}
        return msgspec.json.encode(given, order="sorted").decode()


class Provisioned(Struct, frozen=True):
    """A center with its first key, and its ADMIN where an address was given: key and invitation are shown this once, and
    both are null where the order had been carried out before.
    """

    center: ProvisionedCenter
    api_key: MadeApiKey | None
    admin: InvitedMember | None = None
