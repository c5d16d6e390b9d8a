"""`/v1/api-keys`: a center's own keys, made, rotated and revoked by keys of that center."""

from typing import Annotated, Literal

from litestar import Controller, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec.structs import replace

from gateway.caller import Caller
from gateway.errors import (
    ApiKeyNotFound,
    IdempotencyInProgress,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    InvalidCursor,
    LimitReached,
    RotationInProgress,
    WrongState,
)
from gateway.features.api_keys import service
from gateway.features.api_keys.schemas import ApiKey, MadeApiKey, NewApiKey, Rotation
from gateway.features.revocations import service as revocations
from gateway.guards import may_raise, requires
from gateway.http import Cursor, Limit, Listing, Page, newest_before, newest_position
from gateway.once import Once
from gateway.records.sealing import act_as, done_as
from gateway.services import Services

Cascade = Annotated[
    Literal["true", "false"],
    QueryParameter(
        description="`true` also revokes all keys that this one made, that those made, and so on, and their open invitations."
    ),
]


class ApiKeys(Controller):
    """Keys of the calling key's center: a live key manages both envs, a test key test keys alone."""

    path = "/v1/api-keys"
    tags = ("API keys",)

    @post(
        guards=[requires("manage:center")],
        opt=may_raise(LimitReached, IdempotencyKeyInvalid, IdempotencyKeyReused, IdempotencyInProgress),
    )
    async def create(
        self,
        data: JSONBody[NewApiKey],
        once: NamedDependency[Once],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> Response[MadeApiKey]:
        """Make a key that can do no more, and lives no longer, than the calling one. It is shown this once."""
        maker = service.maker_of(caller)
        service.require_rights(maker, data.env, data.scopes)
        return await once.run(
            lambda connection, _: done_as(
                connection,
                caller.actor,
                caller.request_id,
                service.create(connection, services.keyring, maker, caller.center.id, data, services.clock.now_ms()),
            ),
            body=data,
            seal=lambda made: replace(made, key=None),
        )

    @get(guards=[requires("manage:center")], opt=may_raise(InvalidCursor))
    async def newest(
        self,
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
        limit: Limit = 20,
        cursor: Cursor = None,
    ) -> Page[ApiKey]:
        """List keys, newest first: expired ones until they are deleted, revoked ones no more."""
        listing = Listing(services.keyring, caller, "/v1/api-keys", now_ms=services.clock.now_ms())
        behind = newest_before(listing.position(cursor))
        envs = service.maker_of(caller).envs
        async with services.sql.session() as connection:
            rows = await service.newest(connection, caller.center.id, envs, before=behind, limit=limit + 1)
        return listing.page(rows, limit, show=service.render, position=newest_position)

    @post(
        "/{key_id:str}/rotate",
        guards=[requires("manage:center")],
        opt=may_raise(
            ApiKeyNotFound,
            RotationInProgress,
            WrongState,
            IdempotencyKeyInvalid,
            IdempotencyKeyReused,
            IdempotencyInProgress,
        ),
    )
    async def rotate(
        self,
        key_id: FromPath[str],
        data: JSONBody[Rotation],
        once: NamedDependency[Once],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> Response[MadeApiKey]:
        """Make a key's successor, shown this once; the old key lives for the grace period or to its own expiry."""
        maker = service.maker_of(caller)
        return await once.run(
            lambda connection, _: done_as(
                connection,
                caller.actor,
                caller.request_id,
                service.rotate(
                    connection,
                    services.keyring,
                    maker,
                    caller.center.id,
                    key_id,
                    data.grace_seconds,
                    services.clock.now_ms(),
                ),
            ),
            find=lambda connection: service.find_to_rotate(connection, maker, caller.center.id, key_id),
            body=data,
            seal=lambda made: replace(made, key=None),
        )

    @delete("/{key_id:str}", guards=[requires("manage:center")], opt=may_raise(ApiKeyNotFound))
    async def revoke(
        self,
        key_id: FromPath[str],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
        cascade: Cascade = "false",
    ) -> None:
        """Revoke a key, everywhere within 5 seconds. Keys that it made, and its open invitations, stay unless `cascade` is
        `true`.
        """
        async with services.sql.session() as connection, connection.transaction():
            await act_as(connection, caller.actor, caller.request_id)
            await revocations.revoke(
                connection,
                service.maker_of(caller),
                caller.center.id,
                key_id,
                cascade=cascade == "true",
                now_ms=services.clock.now_ms(),
            )
