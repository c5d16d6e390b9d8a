"""`/v1/provisioning/centers`: what a partner does with the centers it makes. Live keys alone come here."""

from litestar import Controller, Response, get, patch, post
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, JSONBody
from msgspec.structs import replace

from gateway.caller import Caller
from gateway.counters import show
from gateway.errors import (
    CenterNotFound,
    DuplicateProvisioning,
    IdempotencyInProgress,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    InvalidCursor,
    InvalidEmail,
    InvalidSubdomain,
    LimitReached,
    Problem,
    ProvisioningFailed,
    SubdomainTaken,
    WrongState,
)
from gateway.features.api_keys.service import MadeApiKey, maker_of
from gateway.features.centers import service
from gateway.features.centers.schemas import CenterEdit, NewCenterKey, ProvisionedCenter
from gateway.features.orders import service as orders
from gateway.features.orders.service import NewCenter, Provisioned
from gateway.guards import in_live, may_raise, requires
from gateway.http import Cursor, Limit, Listing, Page, newest_before, newest_position
from gateway.log import log
from gateway.once import Once
from gateway.records.sealing import act_as, done_as
from gateway.services import Services
from gateway.stores import Overloaded, StoreDown

ONCE = (IdempotencyKeyInvalid, IdempotencyKeyReused, IdempotencyInProgress)


class ProvisionedCenters(Controller):
    """The centers that the calling key's center provisioned; any other is not there."""

    path = "/v1/provisioning/centers"
    tags = ("Provisioning",)
    guards = (requires("provision:centers"), in_live("provision:centers"))

    @post(
        opt=may_raise(
            InvalidEmail,
            InvalidSubdomain,
            DuplicateProvisioning,
            SubdomainTaken,
            ProvisioningFailed,
            IdempotencyKeyInvalid,
            IdempotencyKeyReused,
            IdempotencyInProgress,
        ),
        responses={200: ResponseSpec(Provisioned, description="The order was carried out before; no key.")},
    )
    async def create(
        self,
        data: JSONBody[NewCenter],
        once: NamedDependency[Once],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> Response[Provisioned]:
        """Make a center with its first live key, and with `admin_email` its first ADMIN, invited.

        Key and invitation are shown this once. The same order again is answered with 200, the center as it is now and
        neither.
        """
        orders.check_center(data.subdomain, data.time_zone, data.admin_email)
        try:
            return await once.run(
                lambda connection, _: done_as(
                    connection,
                    caller.actor,
                    caller.request_id,
                    orders.provision(connection, services.keyring, maker_of(caller), data, services.clock.now_ms()),
                ),
                body=data,
                location=lambda made: f"/v1/provisioning/centers/{made.center.id}",
                seal=orders.without_key,
            )
        except orders.OrderKnown as known:
            caller.facts["idempotent_replay"] = True
            return Response(
                Provisioned(known.center, None, None), status_code=200, headers={"Idempotent-Replayed": "true"}
            )
        except (Problem, StoreDown, Overloaded):
            raise
        except Exception as error:
            log.error("provisioning.failed", request_id=caller.request_id, exc_info=error)
            raise ProvisioningFailed from error

    @get(opt=may_raise(InvalidCursor))
    async def newest(
        self,
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
        limit: Limit = 20,
        cursor: Cursor = None,
    ) -> Page[ProvisionedCenter]:
        """List the partner's centers, newest first."""
        listing = Listing(services.keyring, caller, self.path, now_ms=services.clock.now_ms())
        behind = newest_before(listing.position(cursor))
        async with services.sql.session() as connection:
            rows = await service.newest(connection, caller.center.id, before=behind, limit=limit + 1)
        return listing.page(rows, limit, show=service.render, position=newest_position)

    @get("/{center_id:str}", opt=may_raise(CenterNotFound))
    async def show(
        self, center_id: FromPath[str], caller: NamedDependency[Caller], services: NamedDependency[Services]
    ) -> ProvisionedCenter:
        """Show a center with its limits."""
        async with services.sql.session() as connection:
            return await service.get(connection, caller.center.id, center_id)

    @patch("/{center_id:str}", opt=may_raise(CenterNotFound, WrongState))
    async def edit(
        self,
        center_id: FromPath[str],
        data: JSONBody[CenterEdit],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> ProvisionedCenter:
        """Change plan, single limits, time zone and anchor day.

        Plan and limits hold at once, a changed zone or anchor from the end of the running period. In `limits` a value
        sets, `null` is unlimited and `"plan"` goes back to the plan's.
        """
        now_ms = services.clock.now_ms()
        async with services.sql.session() as connection, connection.transaction():
            await act_as(connection, caller.actor, caller.request_id)
            center = await service.edit(connection, caller.center.id, center_id, data, now_ms)
            left = await service.counters_of(connection, center, now_ms)
        for env, counters in left.items():
            await show(services.mirror, center.id, env, counters)
        return center

    @post("/{center_id:str}/api-keys", opt=may_raise(CenterNotFound, WrongState, LimitReached, *ONCE))
    async def make_key(
        self,
        center_id: FromPath[str],
        data: JSONBody[NewCenterKey],
        once: NamedDependency[Once],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> Response[MadeApiKey]:
        """Make a key for a center, shown this once: for when the first answer was lost."""
        service.check_center_scopes(data)
        return await once.run(
            lambda connection, _: done_as(
                connection,
                caller.actor,
                caller.request_id,
                service.make_key(
                    connection, services.keyring, maker_of(caller), center_id, data, services.clock.now_ms()
                ),
            ),
            find=lambda connection: service.get(connection, caller.center.id, center_id),
            body=data,
            seal=lambda made: replace(made, key=None),
        )

    @post("/{center_id:str}/suspend", status_code=200, opt=may_raise(CenterNotFound, WrongState, *ONCE))
    async def suspend(
        self,
        center_id: FromPath[str],
        once: NamedDependency[Once],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> Response[ProvisionedCenter]:
        """Suspend a center, everywhere within 5 seconds: only its usage can be read. What it launched before is made
        and charged all the same, and attempts under way end in their time.
        """
        return await _step(center_id, "suspend", once, caller, services)

    @post("/{center_id:str}/reinstate", status_code=200, opt=may_raise(CenterNotFound, WrongState, *ONCE))
    async def reinstate(
        self,
        center_id: FromPath[str],
        once: NamedDependency[Once],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> Response[ProvisionedCenter]:
        """Take a suspension back."""
        return await _step(center_id, "reinstate", once, caller, services)

    @post("/{center_id:str}/end", status_code=200, opt=may_raise(CenterNotFound, *ONCE))
    async def end(
        self,
        center_id: FromPath[str],
        once: NamedDependency[Once],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> Response[ProvisionedCenter]:
        """End a center, everywhere within 5 seconds and for good: only its usage can be read. Its subdomain stays its own."""
        return await _step(center_id, "end", once, caller, services)


async def _step(
    center_id: str, step: service.Step, once: Once, caller: Caller, services: Services
) -> Response[ProvisionedCenter]:
    return await once.run(
        lambda connection, _: done_as(
            connection,
            caller.actor,
            caller.request_id,
            service.take(connection, caller.center.id, center_id, step, services.clock.now_ms()),
        ),
        find=lambda connection: service.get(connection, caller.center.id, center_id),
        status=200,
    )
