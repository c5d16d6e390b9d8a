"""What may be done with presets, and what it is called when it may not."""

import msgspec
from msgspec import UNSET

from gateway.briefs import PartialBrief
from gateway.caller import Caller
from gateway.clock import as_datetime
from gateway.errors import PresetNotFound
from gateway.features.presets import store
from gateway.features.presets.schemas import BriefEdit, NewPreset, Preset, PresetEdit
from gateway.http import Listing, Page, newest_before, newest_position
from gateway.ids import is_id, new_id
from gateway.services import Services
from gateway.stores import Connection, Record


async def get(connection: Connection, caller: Caller, preset_id: str) -> Preset:
    """Return the caller's preset; raises PresetNotFound."""
    row = await store.find(connection, caller.center.id, caller.env, preset_id) if is_id("prst", preset_id) else None
    return render(_there(row))


async def create(connection: Connection, caller: Caller, data: NewPreset, now_ms: int) -> Preset:
    """Make a preset."""
    preset_id = new_id("prst", now_ms)
    await store.insert(
        connection,
        caller.center.id,
        caller.env,
        preset_id,
        name=data.name,
        brief=data.brief,
        now=as_datetime(now_ms),
    )
    return await get(connection, caller, preset_id)


async def edit(connection: Connection, caller: Caller, preset_id: str, data: PresetEdit, now_ms: int) -> Preset:
    """Change what was given, in the caller's transaction; an edit of nothing changes nothing, not even `updated_at`.
    Courses made from the preset keep the brief they got. Raises PresetNotFound.
    """
    if data == PresetEdit():
        return await get(connection, caller, preset_id)
    row = await store.lock(connection, caller.center.id, caller.env, preset_id) if is_id("prst", preset_id) else None
    before = render(_there(row))
    await store.update(
        connection,
        caller.center.id,
        caller.env,
        preset_id,
        name=before.name if data.name is UNSET else data.name,
        brief=before.brief if data.brief is UNSET else edited(before.brief, data.brief),
        now=as_datetime(now_ms),
    )
    return await get(connection, caller, preset_id)


async def delete(connection: Connection, caller: Caller, preset_id: str) -> None:
    """Remove a preset; the courses made from it stay as they are. Raises PresetNotFound."""
    if not is_id("prst", preset_id) or not await store.delete(connection, caller.center.id, caller.env, preset_id):
        raise PresetNotFound


async def newest(services: Services, caller: Caller, limit: int, cursor: str | None) -> Page[Preset]:
    """Return a page of the caller's presets, newest first; raises InvalidCursor."""
    listing = Listing(services.keyring, caller, "/v1/presets", now_ms=services.clock.now_ms())
    behind = newest_before(listing.position(cursor))
    async with services.sql.session() as connection:
        rows = await store.newest(connection, caller.center.id, caller.env, before=behind, limit=limit + 1)
    return listing.page(rows, limit, show=render, position=newest_position)


def edited(brief: PartialBrief, edit: BriefEdit) -> PartialBrief:
    """Lay an edit over a brief, field by field and lists whole; `null` takes a field out.

    >>> edited(PartialBrief(topic="Rust", modules=3), BriefEdit(topic=None, modules=4))
    PartialBrief(topic=UNSET, audience=UNSET, level=UNSET, language=UNSET, objectives=UNSET, modules=4, questions_per_module=UNSET, tone=UNSET, artifacts=UNSET)
    """
    fields = msgspec.structs.asdict(brief)
    for name, value in msgspec.structs.asdict(edit).items():
        if value is not UNSET:
            fields[name] = UNSET if value is None else value
    return PartialBrief(**fields)


def render(row: Record) -> Preset:
    """Show a row as the preset its caller sees."""
    return Preset(
        id=row["id"],
        name=row["name"],
        brief=msgspec.json.decode(row["brief"], type=PartialBrief),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def _there(row: Record | None) -> Record:
    if row is None:
        raise PresetNotFound
    return row
