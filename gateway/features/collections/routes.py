"""`/v1/collections`: assessments that belong together, such as those of a term, in an order."""

from litestar import Controller, Response, delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from gateway.caller import Caller
from gateway.errors import (
    AssessmentNotFound,
    CollectionNotFound,
    IdempotencyInProgress,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    InvalidCursor,
    LimitReached,
)
from gateway.features.collections import service
from gateway.features.collections.schemas import (
    Collection,
    CollectionEdit,
    CollectionSummary,
    NewCollection,
    NewItem,
    NewOrder,
)
from gateway.guards import may_raise, requires
from gateway.http import Cursor, Limit, Page
from gateway.once import Once
from gateway.services import Services


class Collections(Controller):
    """Assessments in an order."""

    path = "/v1/collections"
    tags = ("Collections",)

    @post(
        guards=[requires("write:assessments")],
        opt=may_raise(AssessmentNotFound, IdempotencyKeyInvalid, IdempotencyKeyReused, IdempotencyInProgress),
    )
    async def create(
        self,
        data: JSONBody[NewCollection],
        once: NamedDependency[Once],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> Response[Collection]:
        """Make a collection, with the assessments given in their order."""
        return await service.create(services, caller, once, data)

    @get(guards=[requires("read:assessments")], opt=may_raise(InvalidCursor))
    async def in_order(
        self,
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
        limit: Limit = 20,
        cursor: Cursor = None,
    ) -> Page[CollectionSummary]:
        """List collections without their assessments, in the order they were made."""
        return await service.in_order(services, caller, limit, cursor)

    @get("/{collection_id:str}", guards=[requires("read:assessments")], opt=may_raise(CollectionNotFound))
    async def show(
        self, collection_id: FromPath[str], caller: NamedDependency[Caller], services: NamedDependency[Services]
    ) -> Collection:
        """Show a collection with its assessments in their order."""
        async with services.sql.session() as connection:
            return await service.get(connection, caller, collection_id)

    @patch("/{collection_id:str}", guards=[requires("write:assessments")], opt=may_raise(CollectionNotFound))
    async def edit(
        self,
        collection_id: FromPath[str],
        data: JSONBody[CollectionEdit],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> Collection:
        """Change title and description."""
        return await service.edit(services, caller, collection_id, data)

    @post(
        "/{collection_id:str}/items",
        guards=[requires("write:assessments")],
        opt=may_raise(
            CollectionNotFound,
            AssessmentNotFound,
            LimitReached,
            IdempotencyKeyInvalid,
            IdempotencyKeyReused,
            IdempotencyInProgress,
        ),
    )
    async def add(
        self,
        collection_id: FromPath[str],
        data: JSONBody[NewItem],
        once: NamedDependency[Once],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> Response[Collection]:
        """Add an assessment at a position, or at the end; one that is there already is moved to the position."""
        return await service.add(services, caller, once, collection_id, data)

    @put("/{collection_id:str}/items", guards=[requires("write:assessments")], opt=may_raise(CollectionNotFound))
    async def reorder(
        self,
        collection_id: FromPath[str],
        data: JSONBody[NewOrder],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> Collection:
        """Put the assessments of a collection into another order; all of them must be named."""
        return await service.reorder(services, caller, collection_id, data)

    @delete(
        "/{collection_id:str}/items/{assessment_id:str}",
        guards=[requires("write:assessments")],
        opt=may_raise(CollectionNotFound, AssessmentNotFound),
    )
    async def remove(
        self,
        collection_id: FromPath[str],
        assessment_id: FromPath[str],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> None:
        """Take an assessment out of a collection. It stays where else it is."""
        await service.remove(services, caller, collection_id, assessment_id)

    @delete("/{collection_id:str}", guards=[requires("write:assessments")], opt=may_raise(CollectionNotFound))
    async def delete(
        self, collection_id: FromPath[str], caller: NamedDependency[Caller], services: NamedDependency[Services]
    ) -> None:
        """Delete a collection. Its assessments stay."""
        await service.delete(services, caller, collection_id)
