"""A regrade is asked for once, and worked off by a worker. Rule source: assessments, "Results"."""

import msgspec
from asyncpg import Record
from litestar import Response

from gateway.caller import Caller
from gateway.clock import as_datetime
from gateway.errors import AssessmentNotFound, AssessmentNotPublished, InvalidField, RegradeNotFound
from gateway.features.regrades import store
from gateway.features.regrades.schemas import NewRegrade, Regrade
from gateway.http import Listing, Page, newest_before, newest_position
from gateway.ids import is_id, new_id
from gateway.once import Once
from gateway.published import assessment_exists
from gateway.services import Services
from gateway.stores import Connection
from gateway.work.queue import WakeUp, regrade_waits
from gateway.work.regrades import RegradeFailure


async def request(
    services: Services, caller: Caller, once: Once, assessment_id: str, data: NewRegrade
) -> Response[Regrade]:
    """Queue a regrade, or find the same one; one that has ended goes on where attempts were submitted since.

    Raises AssessmentNotFound, AssessmentNotPublished, InvalidField for a version that was never published, or still is.
    """
    waiting: list[WakeUp] = []
    now_ms = services.clock.now_ms()

    async def find(connection: Connection) -> None:
        await _require(connection, caller, assessment_id)

    async def effect(connection: Connection, _: None) -> Regrade:
        wish = store.Wish(
            id=new_id("rgr", now_ms),
            center_id=caller.center.id,
            env=caller.env,
            assessment_id=assessment_id,
            from_version=data.from_version,
            policy=data.policy,
            actor=caller.actor,
            request_id=caller.request_id,
            now=as_datetime(now_ms),
        )
        match await store.request(connection, wish):
            case "unpublished", _, _:
                raise AssessmentNotPublished
            case "unknown_version", _, _:
                raise InvalidField("from_version", "a version that was published before the one published now")
            case (("queued" | "standing") as outcome, str(regrade_id), fence):
                if outcome == "queued":
                    waiting.append(regrade_waits(caller.center.id, caller.env, regrade_id, fence))
                caller.facts.update(assessment_id=assessment_id, regrade_id=regrade_id)
                return await _get(connection, caller, assessment_id, regrade_id)
            case _:
                raise AssessmentNotFound

    response = await once.run(effect, find=find, body=data, status=202, location=_path)
    for wake in waiting:
        services.waker.wake(wake)
    return response


async def get(services: Services, caller: Caller, assessment_id: str, regrade_id: str) -> Regrade:
    """Return a regrade as far as it has come. Raises AssessmentNotFound, RegradeNotFound."""
    async with services.sql.session() as connection:
        await _require(connection, caller, assessment_id)
        return await _get(connection, caller, assessment_id, regrade_id)


async def newest(
    services: Services, caller: Caller, assessment_id: str, limit: int, cursor: str | None
) -> Page[Regrade]:
    """Return a page of an assessment's regrades, newest first. Raises AssessmentNotFound, InvalidCursor."""
    route = f"/v1/assessments/{assessment_id}/regrades"
    listing = Listing(services.keyring, caller, route, now_ms=services.clock.now_ms())
    before = newest_before(listing.position(cursor))
    async with services.sql.session() as connection:
        await _require(connection, caller, assessment_id)
        rows = await store.newest(
            connection, caller.center.id, caller.env, assessment_id, before=before, limit=limit + 1
        )
    return listing.page(rows, limit, show=render, position=newest_position)


async def _require(connection: Connection, caller: Caller, assessment_id: str) -> None:
    there = is_id("asmt", assessment_id) and await assessment_exists(
        connection, caller.center.id, caller.env, assessment_id
    )
    if not there:
        raise AssessmentNotFound


async def _get(connection: Connection, caller: Caller, assessment_id: str, regrade_id: str) -> Regrade:
    row = None
    if is_id("rgr", regrade_id):
        row = await store.find(connection, caller.center.id, caller.env, assessment_id, regrade_id)
    if row is None:
        raise RegradeNotFound
    return render(row)


def _path(regrade: Regrade) -> str:
    return f"/v1/assessments/{regrade.assessment_id}/regrades/{regrade.id}"


def render(row: Record) -> Regrade:
    """Show a row of `store.find`."""
    return Regrade(
        id=row["id"],
        assessment_id=row["assessment_id"],
        from_version=row["from_version"],
        to_version=row["to_version"],
        policy=row["policy"],
        status=row["status"],
        regraded=row["regraded"],
        kept=row["kept"],
        pending=row["pending"],
        failure=None if row["failure"] is None else msgspec.json.decode(row["failure"], type=RegradeFailure),
        created_at=row["created_at"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
    )
