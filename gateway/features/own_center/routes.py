"""`/v1/center`: the calling center. `/v1/centers/by-subdomain/{subdomain}`: what anybody may know of one."""

from typing import Final

from litestar import Controller, get, patch
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from gateway.caller import Caller
from gateway.errors import CenterNotFound, Overloaded, RateLimited, ServiceUnavailable
from gateway.features.own_center import service
from gateway.features.own_center.schemas import OwnCenter, OwnCenterEdit, PublicCenter
from gateway.guards import in_live, may_raise, needs_no_key, requires
from gateway.services import Services

TAGS = ("Center",)


class OwnCenterRoutes(Controller):
    """The center whose key or member calls."""

    path = "/v1/center"
    tags = TAGS

    @get(guards=[requires("manage:center")])
    async def show(self, caller: NamedDependency[Caller], services: NamedDependency[Services]) -> OwnCenter:
        """Show the calling center."""
        async with services.sql.session() as connection:
            return await service.get(connection, caller)

    @patch(guards=[requires("manage:center"), in_live("manage:center")])
    async def edit(
        self, data: JSONBody[OwnCenterEdit], caller: NamedDependency[Caller], services: NamedDependency[Services]
    ) -> OwnCenter:
        """Change name, locale and colours; `null` takes a colour back. Test keys read alone."""
        async with services.sql.session() as connection, connection.transaction():
            return await service.edit(connection, caller, data, services.clock.now_ms())


@get(
    "/v1/centers/by-subdomain/{subdomain:str}",
    guards=[needs_no_key],
    opt=may_raise(CenterNotFound, RateLimited, Overloaded, ServiceUnavailable),
    tags=TAGS,
)
async def by_subdomain(subdomain: FromPath[str], services: NamedDependency[Services]) -> PublicCenter:
    """Show name and locale of the active center at a subdomain, to anybody."""
    return await service.by_subdomain(services, subdomain)


OWN_CENTER: Final = (OwnCenterRoutes, by_subdomain)
