"""What may be done with collections, and what it is called when it may not."""

from collections.abc import Sequence

import asyncpg
from litestar import Response
from msgspec import UNSET

from gateway.caller import Caller
from gateway.clock import as_datetime
from gateway.errors import AssessmentNotFound, CollectionNotFound, InvalidField, LimitReached
from gateway.features.collections import store
from gateway.features.collections.schemas import (
    ITEMS_MAX,
    Collection,
    CollectionEdit,
    CollectionItem,
    CollectionSummary,
    NewCollection,
    NewItem,
    NewOrder,
)
from gateway.http import Listing, Page, newest_before, newest_position
from gateway.ids import is_id, new_id
from gateway.once import Once
from gateway.services import Services
from gateway.stores import Connection, Record
from gateway.webhooks.telling import tell
from gateway.webhooks.types import EventType

AN_ASSESSMENT = "an assessment's id, `asmt_` and 26 characters"


async def create(services: Services, caller: Caller, once: Once, data: NewCollection) -> Response[Collection]:
    """Make a collection, once for its key. Raises InvalidField, AssessmentNotFound."""
    _require_ids(data.assessment_ids)

    async def find(connection: Connection) -> None:
        await _find_assessments(connection, caller, data.assessment_ids)

    async def effect(connection: Connection, _: None) -> Collection:
        now_ms = services.clock.now_ms()
        collection_id, now = new_id("col", now_ms), as_datetime(now_ms)
        await store.insert(
            connection,
            caller.center.id,
            caller.env,
            collection_id,
            title=data.title,
            description=data.description,
            now=now,
        )
        await _set_items(connection, caller, collection_id, data.assessment_ids, now_ms)
        await _tell(connection, caller, "collection.created", collection_id, now_ms)
        return await get(connection, caller, collection_id)

    return await once.run(effect, find=find, body=data, location=lambda made: f"/v1/collections/{made.id}")


async def get(connection: Connection, caller: Caller, collection_id: str) -> Collection:
    """Return the caller's collection with its assessments; raises CollectionNotFound."""
    row = await find(connection, caller, collection_id)
    items = await store.items(connection, caller.center.id, caller.env, collection_id)
    summary = _summary(row)
    return Collection(
        id=summary.id,
        title=summary.title,
        description=summary.description,
        item_count=len(items),
        created_at=summary.created_at,
        updated_at=summary.updated_at,
        items=[
            CollectionItem(item["assessment_id"], place, item["title"], item["status"])
            for place, item in enumerate(items)
        ],
    )


async def find(connection: Connection, caller: Caller, collection_id: str) -> Record:
    """Return the caller's collection without its assessments; raises CollectionNotFound."""
    row = None
    if is_id("col", collection_id):
        row = await store.find(connection, caller.center.id, caller.env, collection_id)
    return _there(row)


async def in_order(services: Services, caller: Caller, limit: int, cursor: str | None) -> Page[CollectionSummary]:
    """Return a page of the caller's collections, in the order they were made; raises InvalidCursor."""
    listing = Listing(services.keyring, caller, "/v1/collections", now_ms=services.clock.now_ms())
    behind = newest_before(listing.position(cursor))
    async with services.sql.session() as connection:
        rows = await store.in_order(connection, caller.center.id, caller.env, after=behind, limit=limit + 1)
    return listing.page(rows, limit, show=_summary, position=newest_position)


async def edit(services: Services, caller: Caller, collection_id: str, data: CollectionEdit) -> Collection:
    """Change the texts; an edit that changes nothing leaves even `updated_at`. Raises CollectionNotFound."""
    async with services.sql.session() as connection, connection.transaction():
        if data == CollectionEdit():
            return await get(connection, caller, collection_id)
        row = await _locked(connection, caller, collection_id)
        title = row["title"] if data.title is UNSET else data.title
        description = row["description"] if data.description is UNSET else data.description
        if (title, description) != (row["title"], row["description"]):
            now_ms = services.clock.now_ms()
            await store.update(
                connection,
                caller.center.id,
                caller.env,
                collection_id,
                title=title,
                description=description,
                now=as_datetime(now_ms),
            )
            await _tell(connection, caller, "collection.updated", collection_id, now_ms)
        return await get(connection, caller, collection_id)


async def delete(services: Services, caller: Caller, collection_id: str) -> None:
    """Remove the collection; its assessments stay. Raises CollectionNotFound."""
    async with services.sql.session() as connection, connection.transaction():
        await _locked(connection, caller, collection_id)
        await _tell(connection, caller, "collection.deleted", collection_id, services.clock.now_ms())
        await store.delete(connection, caller.center.id, caller.env, collection_id)


async def add(
    services: Services, caller: Caller, once: Once, collection_id: str, data: NewItem
) -> Response[Collection]:
    """Put an assessment at a position, or at the end; one that is there already is moved, or stays if no position is
    given. Raises InvalidField, CollectionNotFound, AssessmentNotFound, LimitReached.
    """
    if not is_id("asmt", data.assessment_id):
        raise InvalidField("assessment_id", AN_ASSESSMENT)

    async def look(connection: Connection) -> None:
        await find(connection, caller, collection_id)
        if not await store.known_assessments(connection, caller.center.id, caller.env, [data.assessment_id]):
            raise AssessmentNotFound(param="assessment_id")

    async def effect(connection: Connection, _: None) -> Collection:
        await _locked(connection, caller, collection_id)
        before = await _ids(connection, caller, collection_id)
        after = _placed(before, data.assessment_id, data.position)
        if len(after) > ITEMS_MAX:
            raise LimitReached(resource="collection_items", limit=ITEMS_MAX)
        if after != before:
            await _change_items(connection, caller, collection_id, after, services.clock.now_ms())
        return await get(connection, caller, collection_id)

    return await once.run(effect, find=look, body=data)


def _placed(ids: list[str], assessment_id: str, position: int | None) -> list[str]:
    """The ids with this one at `position`.

    >>> _placed(["a", "b", "c"], "c", 0), _placed(["a"], "b", None), _placed(["a", "b"], "a", None)
    (['c', 'a', 'b'], ['a', 'b'], ['a', 'b'])
    """
    if position is None and assessment_id in ids:
        return ids
    others = [each for each in ids if each != assessment_id]
    others.insert(len(others) if position is None else position, assessment_id)
    return others


async def remove(services: Services, caller: Caller, collection_id: str, assessment_id: str) -> None:
    """Take an assessment out; it stays where else it is. Raises CollectionNotFound, AssessmentNotFound."""
    async with services.sql.session() as connection, connection.transaction():
        await _locked(connection, caller, collection_id)
        before = await _ids(connection, caller, collection_id)
        if assessment_id not in before:
            raise AssessmentNotFound
        after = [each for each in before if each != assessment_id]
        await _change_items(connection, caller, collection_id, after, services.clock.now_ms())


async def reorder(services: Services, caller: Caller, collection_id: str, data: NewOrder) -> Collection:
    """Put the collection's assessments into another order. Raises CollectionNotFound, and InvalidField for a list that
    is not exactly all of them: one that was made before somebody else added one changes nothing.
    """
    _require_ids(data.assessment_ids)
    async with services.sql.session() as connection, connection.transaction():
        await _locked(connection, caller, collection_id)
        before = await _ids(connection, caller, collection_id)
        if sorted(before) != sorted(data.assessment_ids):
            raise InvalidField("assessment_ids", "every assessment of the collection once, and no other")
        if before != list(data.assessment_ids):
            await _change_items(connection, caller, collection_id, data.assessment_ids, services.clock.now_ms())
        return await get(connection, caller, collection_id)


async def hold_those_with(connection: Connection, caller: Caller, assessment_id: str) -> list[str]:
    """Lock the collections that hold the assessment; return their ids. Whoever changes both locks collections first."""
    rows = await store.lock_those_with(connection, caller.center.id, caller.env, assessment_id)
    return [row["id"] for row in rows]


async def have_lost_one(connection: Connection, caller: Caller, collection_ids: Sequence[str], now_ms: int) -> None:
    """Tell of collections whose assessment has been deleted; the caller holds them."""
    for collection_id in collection_ids:
        await store.touch(connection, caller.center.id, caller.env, collection_id, as_datetime(now_ms))
        await _tell(connection, caller, "collection.updated", collection_id, now_ms)


def _require_ids(ids: Sequence[str]) -> None:
    """Raise InvalidField at the first that is no assessment's id, or that was there before."""
    seen: set[str] = set()
    for place, each in enumerate(ids):
        if not is_id("asmt", each):
            raise InvalidField(f"assessment_ids[{place}]", AN_ASSESSMENT)
        if each in seen:
            raise InvalidField(f"assessment_ids[{place}]", "each assessment once")
        seen.add(each)


async def _find_assessments(connection: Connection, caller: Caller, ids: Sequence[str]) -> None:
    """Look up what a body names. Raises AssessmentNotFound, naming the first that is not there."""
    known = await store.known_assessments(connection, caller.center.id, caller.env, ids) if ids else set()
    for place, each in enumerate(ids):
        if each not in known:
            raise AssessmentNotFound(param=f"assessment_ids[{place}]")


async def _tell(connection: Connection, caller: Caller, kind: EventType, collection_id: str, now_ms: int) -> None:
    """Tell webhooks of the collection as lists show it; its row is locked by the caller."""
    shown = _summary(await find(connection, caller, collection_id))
    place, now = (caller.center.id, caller.env), as_datetime(now_ms)
    await tell(connection, place, kind, collection_id, shown, now, caller.request_id)


async def _change_items(
    connection: Connection, caller: Caller, collection_id: str, ids: Sequence[str], now_ms: int
) -> None:
    await _set_items(connection, caller, collection_id, ids, now_ms)
    await _tell(connection, caller, "collection.updated", collection_id, now_ms)


async def _set_items(
    connection: Connection, caller: Caller, collection_id: str, ids: Sequence[str], now_ms: int
) -> None:
    try:
        await store.set_items(connection, caller.center.id, caller.env, collection_id, ids, as_datetime(now_ms))
    except asyncpg.ForeignKeyViolationError:
        raise AssessmentNotFound from None  # deleted since it was looked up


async def _ids(connection: Connection, caller: Caller, collection_id: str) -> list[str]:
    rows = await store.items(connection, caller.center.id, caller.env, collection_id)
    return [row["assessment_id"] for row in rows]


async def _locked(connection: Connection, caller: Caller, collection_id: str) -> Record:
    row = None
    if is_id("col", collection_id):
        row = await store.lock(connection, caller.center.id, caller.env, collection_id)
    return _there(row)


def _summary(row: Record) -> CollectionSummary:
    return CollectionSummary(
        id=row["id"],
        title=row["title"],
        description=row["description"],
        item_count=row["item_count"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def _there(row: Record | None) -> Record:
    if row is None:
        raise CollectionNotFound
    return row
