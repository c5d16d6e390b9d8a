"""What a center says of itself: its name, its language, its colours. Rule sources: centers, "Provisioning"; security, "Output"."""

import msgspec
from msgspec import UNSET, structs

from gateway.caller import Caller
from gateway.clock import as_datetime
from gateway.errors import CenterNotFound
from gateway.features.own_center import store
from gateway.features.own_center.schemas import (
    OwnCenter,
    OwnCenterEdit,
    PublicCenter,
    ShownTheme,
    Theme,
    ThemeEdit,
)
from gateway.services import Services
from gateway.stores import Connection, Record
from gateway.subdomains import subdomain_requirement


async def get(connection: Connection, caller: Caller) -> OwnCenter:
    """Return the caller's center, as it is now and not as cached."""
    return render(await store.find(connection, caller.center.id))


async def edit(connection: Connection, caller: Caller, data: OwnCenterEdit, now_ms: int) -> OwnCenter:
    """Change what was given, in the caller's transaction; an edit of nothing changes not even `updated_at`."""
    colours = ThemeEdit() if data.theme is UNSET else data.theme
    if structs.replace(data, theme=UNSET) == OwnCenterEdit() and colours == ThemeEdit():
        return await get(connection, caller)
    row = await store.lock(connection, caller.center.id)
    await store.update(
        connection,
        caller.center.id,
        name=row["name"] if data.name is UNSET else data.name,
        locale=row["locale"] if data.locale is UNSET else data.locale,
        theme=msgspec.json.encode(edited(_theme(row), colours)).decode(),
        now=as_datetime(now_ms),
    )
    return await get(connection, caller)


async def by_subdomain(services: Services, subdomain: str) -> PublicCenter:
    """Return what anybody may know of an active center. Raises CenterNotFound; what can't be one is not looked for."""
    row = None
    if subdomain_requirement(subdomain) is None:
        async with services.sql.session() as connection:
            row = await store.find_public(connection, subdomain)
    if row is None:
        raise CenterNotFound(param="subdomain")
    return PublicCenter(row["name"], row["locale"])


def edited(theme: Theme, colours: ThemeEdit) -> Theme:
    """Lay changed colours over a theme; `null` takes one back.

    >>> edited(Theme(primary="#1a5fb4", text="#000000"), ThemeEdit(primary=None, accent="#ffffff"))
    Theme(primary=None, accent='#ffffff', background=None, text='#000000')
    """
    changed = {name: value for name, value in structs.asdict(colours).items() if value is not UNSET}
    return Theme(**structs.asdict(theme) | changed)


def render(row: Record) -> OwnCenter:
    """Show a row as the center its own managers see."""
    plain = {name: row[name] for name in OwnCenter.__struct_fields__ if name not in {"object", "theme"}}
    return OwnCenter(theme=ShownTheme(**structs.asdict(_theme(row))), **plain)


def _theme(row: Record) -> Theme:
    return msgspec.json.decode(row["theme"], type=Theme)
