import asyncio
import os
import sys

import rich_click as click

from gateway.cli.administration import Desk, at_desk, center_id_of, given, shown_time
from gateway.cli.failure import CommandFailed, one_line
from gateway.cli.limit_values import limits_of
from gateway.cli.output import as_json, console, print_json, print_table
from gateway.counters import show as show_counters
from gateway.features.api_keys.service import operator
from gateway.features.centers import service
from gateway.features.centers.schemas import CenterEdit, LimitsEdit, ProvisionedCenter
from gateway.features.orders import service as orders
from gateway.features.orders.schemas import NewCenter
from gateway.key_format import Env
from gateway.settings import load
from quotas.mirror import Mirror
from quotas.model import Counters
from quotas.transport import open_transport

the_center = click.argument("center")


@click.group("centers")
def command() -> None:
    """Make centers and say what holds for them.

    CENTER is an id (`ctr_…`) or a subdomain. Example: `coursegate centers show north-college`
    """


@command.command("create")
@click.argument("name")
@click.option("--subdomain", required=True, help="3-30 of a-z, 0-9 and single inner hyphens.")
@click.option("--plan", required=True, help="The plan's id, such as `starter`.")
@click.option("--time-zone", default="UTC", show_default=True, help="The IANA time zone in which periods begin.")
@click.option("--anchor-day", type=click.IntRange(1, 31), help="The day on which periods begin, else the first.")
@as_json
def create(name: str, subdomain: str, plan: str, time_zone: str, anchor_day: int | None, as_json: bool) -> None:
    """Make a center. It has no key yet: `coursegate keys create` makes one.

    Example: `coursegate centers create "North College" --subdomain north-college --plan pro`
    """
    wanted = given(
        NewCenter,
        order_id="-",  # no partner orders it
        center_name=name,
        subdomain=subdomain,
        plan_id=plan,
        time_zone=time_zone,
        period_anchor_day=anchor_day,
    )

    async def work(desk: Desk) -> ProvisionedCenter:
        center_id = await orders.create(
            desk.connection,
            operator(desk.user),
            name=wanted.center_name,
            subdomain=wanted.subdomain,
            plan_id=wanted.plan_id,
            time_zone=wanted.time_zone,
            period_anchor_day=wanted.period_anchor_day,
            now_ms=desk.now_ms,
        )
        return await service.get(desk.connection, None, center_id)

    _show(at_desk(work), as_json)


@command.command("list")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True, help="How many, newest first.")
@as_json
def list_centers(limit: int, as_json: bool) -> None:
    """List centers, newest first.

    Example: `coursegate centers list --limit 20`
    """

    async def work(desk: Desk) -> list[ProvisionedCenter]:
        return [service.render(row) for row in await service.newest(desk.connection, None, limit=limit, before=None)]

    centers = at_desk(work)
    if as_json:
        print_json({"data": centers})
        return
    rows = [(c.id, c.subdomain, c.name, c.status, c.plan_id, shown_time(c.created_at)) for c in centers]
    print_table(("id", "subdomain", "name", "status", "plan", "created"), rows)


@command.command("show")
@the_center
@as_json
def show(center: str, as_json: bool) -> None:
    """Show a center and its limits.

    Example: `coursegate centers show north-college`
    """

    async def work(desk: Desk) -> ProvisionedCenter:
        return await service.get(desk.connection, None, await center_id_of(desk, center))

    _show(at_desk(work), as_json)


@command.command("set-plan")
@the_center
@click.argument("plan")
@as_json
def set_plan(center: str, plan: str, as_json: bool) -> None:
    """Put a center on another plan; limits of its own stay. Holds for the next request.

    Example: `coursegate centers set-plan north-college pro`
    """
    _edit(center, given(CenterEdit, plan_id=plan), as_json)


@command.command("set-limits")
@the_center
@click.argument("limits", metavar="NAME=VALUE...", nargs=-1, required=True)
@as_json
def set_limits(center: str, limits: tuple[str, ...], as_json: bool) -> None:
    """Give a center single limits of its own: a number, `unlimited`, or `plan` for the plan's again.

    Example: `coursegate centers set-limits north-college generation_units_per_month=200 alert_percents=50,90,100`
    """
    _edit(center, CenterEdit(limits=given(LimitsEdit, **limits_of(limits))), as_json)


@command.command("suspend")
@the_center
@as_json
def suspend(center: str, as_json: bool) -> None:
    """Suspend a center, everywhere within 5 seconds: only its usage can be read.

    What it launched before is made and charged all the same, and attempts under way end in their time.

    Example: `coursegate centers suspend north-college`
    """
    _step(center, "suspend", as_json)


@command.command("reinstate")
@the_center
@as_json
def reinstate(center: str, as_json: bool) -> None:
    """Take a suspension back.

    Example: `coursegate centers reinstate north-college`
    """
    _step(center, "reinstate", as_json)


@command.command("end")
@the_center
@click.option("--yes", is_flag=True, help="Don't ask; needed where nobody is there to answer.")
@as_json
def end(center: str, yes: bool, as_json: bool) -> None:
    """End a center, everywhere within 5 seconds and for good: only its usage can be read.

    On a terminal, its subdomain must be typed once more.

    Example: `coursegate centers end north-college`
    """
    if not yes:
        _ask_to_end(center)
    _step(center, "end", as_json)


def _ask_to_end(center: str) -> None:
    """Let the subdomain be typed again. Raises UsageError where nobody can, CommandFailed where it is another."""
    if not sys.stdin.isatty():
        raise click.UsageError("This can't be undone: say `--yes` where there is no terminal to confirm it on.")

    async def work(desk: Desk) -> ProvisionedCenter:
        return await service.get(desk.connection, None, await center_id_of(desk, center))

    found = at_desk(work)  # in a transaction of its own: none stays open while somebody thinks
    click.echo(f"{found.id} ({one_line(found.name)}) is ended for good; this can't be undone.", err=True)
    if click.prompt("Its subdomain, to go on", err=True) != found.subdomain:
        raise CommandFailed("this is not its subdomain; nothing was done")


def _edit(center: str, edit: CenterEdit, as_json: bool) -> None:
    async def work(desk: Desk) -> tuple[ProvisionedCenter, dict[Env, Counters]]:
        center_id = await center_id_of(desk, center)
        edited = await service.edit(desk.connection, None, center_id, edit, desk.now_ms)
        return edited, await service.counters_of(desk.connection, edited, desk.now_ms)

    edited, counters = at_desk(work)
    asyncio.run(_show_counters(edited.id, counters))
    _show(edited, as_json)


async def _show_counters(center_id: str, left: dict[Env, Counters]) -> None:
    # What Redis does not take note of is a miss within 5 s.
    transport = await open_transport(load(os.environ).redis_url)
    try:
        for env, counters in left.items():
            await show_counters(Mirror(transport), center_id, env, counters)
    finally:
        await transport.aclose()


def _step(center: str, step: service.Step, as_json: bool) -> None:
    async def work(desk: Desk) -> ProvisionedCenter:
        return await service.take(desk.connection, None, await center_id_of(desk, center), step, desk.now_ms)

    _show(at_desk(work), as_json)


def _show(center: ProvisionedCenter, as_json: bool) -> None:
    if as_json:
        print_json(center)
        return
    anchor = "the first" if center.period_anchor_day is None else f"day {center.period_anchor_day}"
    facts: list[tuple[str, object]] = [
        ("id", center.id),
        ("name", center.name),
        ("subdomain", center.subdomain),
        ("status", center.status),
        ("plan", center.plan_id),
        ("periods", f"monthly, from {anchor}, {center.time_zone}"),
        ("created", shown_time(center.created_at)),
    ]
    for name in center.limits.__struct_fields__:
        value = getattr(center.limits, name)
        text = ", ".join(map(str, value)) if isinstance(value, list) else "unlimited" if value is None else str(value)
        facts.append((name, f"{text} (own)" if name in center.overridden else text))
    width = max(len(name) for name, _ in facts)
    for name, fact in facts:
        console().print(f"{name:<{width}}  {fact if fact is not None else '-'}", markup=False)
