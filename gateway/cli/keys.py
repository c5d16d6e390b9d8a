"""Commands on API keys."""

from pathlib import Path

import msgspec
import rich_click as click

from gateway.cli.administration import Desk, at_desk, center_id_of, given, shown_time
from gateway.cli.failure import CommandFailed
from gateway.cli.output import as_json, console, print_json, print_table
from gateway.features.api_keys import service
from gateway.features.api_keys.schemas import GRACE_SECONDS_MAX, ApiKey, MadeApiKey, NewApiKey
from gateway.features.centers import service as centers
from gateway.features.revocations import service as revocations
from gateway.key_format import Env
from gateway.private_files import write_private
from gateway.scopes import CENTER_SCOPES, SCOPES

into_file = click.option(
    "--key-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the key into this new file (0600) and don't print it.",
)


@click.group("keys")
def command() -> None:
    """Make, list, rotate and revoke API keys.

    Example: `coursegate keys create north-college --name "LMS backend"`
    """


@command.command("create")
@click.argument("center")
@click.option("--name", required=True, help="What the key is for.")
@click.option(
    "--env", type=click.Choice(["live", "test"]), default="live", show_default=True, help="Which env it opens."
)
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    metavar="SCOPE",
    type=click.Choice(SCOPES),
    help="A scope to give, such as `read:courses`; repeat it for more. Without any: all but `provision:centers`.",
)
@click.option("--expires-at", help="When it ends, such as 2027-01-31T00:00:00Z; else never.")
@click.option("--requests-per-minute", type=int, help="A limit of the key's own, below the center's.")
@into_file
@as_json
def create(
    center: str,
    name: str,
    env: Env,
    scopes: tuple[str, ...],
    expires_at: str | None,
    requests_per_minute: int | None,
    key_file: Path | None,
    as_json: bool,
) -> None:
    """Make a key for CENTER, an id or a subdomain. The key is shown this once.

    Example: `coursegate keys create north-college --name "LMS backend" --scope read:courses --scope read:usage`
    """
    wanted = given(
        NewApiKey,
        name=name,
        env=env,
        scopes=list(scopes or CENTER_SCOPES),
        expires_at=expires_at,
        requests_per_minute=requests_per_minute,
    )

    async def work(desk: Desk) -> MadeApiKey:
        center_id = await center_id_of(desk, center)
        await centers.hold_open(desk.connection, center_id)
        maker = service.operator(desk.user)
        made = await service.create(desk.connection, desk.keyring, maker, center_id, wanted, desk.now_ms)
        return _kept_in_file(made, key_file)

    _show_once(at_desk(work), key_file, as_json)


@command.command("list")
@click.argument("center")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True, help="How many, newest first.")
@as_json
def list_keys(center: str, limit: int, as_json: bool) -> None:
    """List the keys of CENTER, an id or a subdomain: expired ones too, revoked ones not.

    Example: `coursegate keys list north-college`
    """

    async def work(desk: Desk) -> list[ApiKey]:
        center_id = await center_id_of(desk, center)
        rows = await service.newest(desk.connection, center_id, ("live", "test"), limit=limit, before=None)
        return [service.render(row) for row in rows]

    keys = at_desk(work)
    if as_json:
        print_json({"data": keys})
        return
    rows = [(k.id, k.env, k.name, len(k.scopes), shown_time(k.expires_at), shown_time(k.last_used_at)) for k in keys]
    print_table(("id", "env", "name", "scopes", "expires", "last used"), rows)


@command.command("rotate")
@click.argument("key_id", metavar="KEY_ID")
@click.option(
    "--grace-seconds",
    type=click.IntRange(0, GRACE_SECONDS_MAX),
    default=86_400,
    show_default=True,
    help="How long the old key lives on; 0 ends it at once.",
)
@into_file
@as_json
def rotate(key_id: str, grace_seconds: int, key_file: Path | None, as_json: bool) -> None:
    """Make the successor of a key (its id, `key_…`). The new key is shown this once.

    Example: `coursegate keys rotate key_ag6xt3yqo7g3ncxb5l2rv4m7de --grace-seconds 3600`
    """

    async def work(desk: Desk) -> MadeApiKey:
        maker = service.operator(desk.user)
        center_id = await service.center_id_of(desk.connection, key_id)
        await centers.hold_open(desk.connection, center_id)
        made = await service.rotate(desk.connection, desk.keyring, maker, center_id, key_id, grace_seconds, desk.now_ms)
        return _kept_in_file(made, key_file)

    _show_once(at_desk(work), key_file, as_json)


@command.command("revoke")
@click.argument("key_id", metavar="KEY_ID")
@click.option("--cascade", is_flag=True, help="Also revoke all keys that it made, that those made, and so on.")
@as_json
def revoke(key_id: str, cascade: bool, as_json: bool) -> None:
    """Revoke a key (its id, `key_…`), everywhere within 5 seconds.

    Example: `coursegate keys revoke key_ag6xt3yqo7g3ncxb5l2rv4m7de --cascade`
    """

    async def work(desk: Desk) -> list[str]:
        maker = service.operator(desk.user)
        center_id = await service.center_id_of(desk.connection, key_id)
        return await revocations.revoke(desk.connection, maker, center_id, key_id, cascade=cascade, now_ms=desk.now_ms)

    revoked = at_desk(work)
    if as_json:
        print_json({"revoked": revoked})
        return
    for revoked_id in revoked:
        console().print(f"revoked {revoked_id}", markup=False)


def _kept_in_file(made: MadeApiKey, key_file: Path | None) -> MadeApiKey:
    """Write the key before the commit: a file that can't be written leaves no key that nobody has."""
    if key_file is None:
        return made
    if key_file.exists():
        raise CommandFailed(f"{key_file} is there already; name a new file")
    try:
        write_private(key_file, f"{made.key}\n")
    except OSError as error:
        raise CommandFailed(f"{key_file} can't be written: {error.strerror}") from error
    return msgspec.structs.replace(made, key=None)


def _show_once(made: MadeApiKey, key_file: Path | None, as_json: bool) -> None:
    if as_json:
        print_json(made)
        return
    out = console()
    out.print(f"id       {made.id}", markup=False)
    out.print(f"env      {made.env}", markup=False)
    out.print(f"scopes   {' '.join(made.scopes)}", markup=False)
    out.print(f"expires  {shown_time(made.expires_at)}", markup=False)
    out.print(f"key      {made.key or f'in {key_file}'}", markup=False)
    if made.key is not None:
        out.print("This is the only time the key is shown.")
