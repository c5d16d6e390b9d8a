"""`/v1/presets`: named partial briefs that courses start from."""

from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from gateway.caller import Caller
from gateway.errors import (
    IdempotencyInProgress,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    InvalidCursor,
    PresetNotFound,
)
from gateway.features.courses import service as courses
from gateway.features.courses.schemas import Course
from gateway.features.courses.store import Filters
from gateway.features.presets import service
from gateway.features.presets.schemas import NewPreset, Preset, PresetEdit
from gateway.guards import may_raise, requires
from gateway.http import Cursor, Limit, Page
from gateway.once import Once
from gateway.services import Services


class Presets(Controller):
    """Briefs to start from."""

    path = "/v1/presets"
    tags = ("Presets",)

    @post(
        guards=[requires("write:courses")],
        opt=may_raise(IdempotencyKeyInvalid, IdempotencyKeyReused, IdempotencyInProgress),
    )
    async def create(
        self,
        data: JSONBody[NewPreset],
        once: NamedDependency[Once],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> Response[Preset]:
        """Make a preset. Its brief may leave out anything, the topic too: each course fills it in."""
        return await once.run(
            lambda connection, _: service.create(connection, caller, data, services.clock.now_ms()),
            body=data,
            location=lambda preset: f"/v1/presets/{preset.id}",
        )

    @get(guards=[requires("read:courses")], opt=may_raise(InvalidCursor))
    async def newest(
        self,
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
        limit: Limit = 20,
        cursor: Cursor = None,
    ) -> Page[Preset]:
        """List presets, newest first."""
        return await service.newest(services, caller, limit, cursor)

    @get("/{preset_id:str}", guards=[requires("read:courses")], opt=may_raise(PresetNotFound))
    async def show(
        self, preset_id: FromPath[str], caller: NamedDependency[Caller], services: NamedDependency[Services]
    ) -> Preset:
        """Show a preset."""
        async with services.sql.session() as connection:
            return await service.get(connection, caller, preset_id)

    @patch("/{preset_id:str}", guards=[requires("write:courses")], opt=may_raise(PresetNotFound))
    async def edit(
        self,
        preset_id: FromPath[str],
        data: JSONBody[PresetEdit],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> Preset:
        """Change name and brief, field by field; `null` takes a field out of the brief. Courses keep what they got."""
        async with services.sql.session() as connection, connection.transaction():
            return await service.edit(connection, caller, preset_id, data, services.clock.now_ms())

    @delete("/{preset_id:str}", guards=[requires("write:courses")], opt=may_raise(PresetNotFound))
    async def delete(
        self, preset_id: FromPath[str], caller: NamedDependency[Caller], services: NamedDependency[Services]
    ) -> None:
        """Delete a preset. The courses made from it stay as they are."""
        async with services.sql.session() as connection:
            await service.delete(connection, caller, preset_id)

    @get("/{preset_id:str}/courses", guards=[requires("read:courses")], opt=may_raise(PresetNotFound, InvalidCursor))
    async def made_from(
        self,
        preset_id: FromPath[str],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
        limit: Limit = 20,
        cursor: Cursor = None,
    ) -> Page[Course]:
        """List the courses that were made from this preset, newest first."""
        async with services.sql.session() as connection:
            await service.get(connection, caller, preset_id)
        filters = Filters(preset_id=preset_id)
        return await courses.newest(services, caller, f"/v1/presets/{preset_id}/courses", filters, limit, cursor)
