"""Commands on quotas: what was used, more of it, back with it, and the proof that it adds up."""

import sys

import msgspec
import rich_click as click

from gateway.cli import quota_desk
from gateway.cli.administration import shown_time
from gateway.cli.output import as_json, console, print_json, print_table
from gateway.clock import as_datetime
from quotas.model import METERS, Change, Counters, Env, Meter
from quotas.plans import COUNT_MAX

the_center = click.argument("center")
the_reason = click.option("--reason", required=True, help="Why, in a sentence: it stays in the ledger.")
the_units = click.option("--units", type=click.IntRange(1, COUNT_MAX), required=True, help="How many units.")


@click.group("quotas")
def command() -> None:
    """Show usage, grant and refund units, and prove the ledger.

    CENTER is an id (`ctr_…`) or a subdomain. Example: `coursegate quotas show north-college`
    """


@command.command("show")
@the_center
@click.option("--env", type=click.Choice(quota_desk.ENVS), help="Only this env; else both.")
@as_json
def show(center: str, env: Env | None, as_json: bool) -> None:
    """Show what a center used, holds and may still use in the running period, as PostgreSQL has it.

    Example: `coursegate quotas show north-college --env live`
    """
    usage = quota_desk.usage_of(center, quota_desk.ENVS if env is None else (env,))
    if as_json:
        print_json({"center_id": usage.center_id, "envs": {env: _usage(of) for env, of in usage.envs.items()}})
        return
    first = next(iter(usage.envs.values()))
    period = f"{_time(first.period.start_ms)} to {_time(first.period.end_ms)}"
    console().print(f"{usage.center_id}  {period}", markup=False)
    rows: list[tuple[object, ...]] = []
    for env_name, counters in usage.envs.items():
        rows += [
            (
                env_name,
                count.meter,
                _limit(count.limit),
                count.settled,
                count.held,
                count.granted,
                _limit(count.remaining),
                "-" if percent is None else f"{percent} %",
            )
            for count in counters.meters
            for percent in [_percent(count.settled + count.held, count.limit)]
        ]
        running = counters.running
        rows.append((env_name, "running", _limit(running.limit), "", running.running, "", "", ""))
    print_table(("env", "meter", "limit", "settled", "held", "granted", "remaining", "used"), rows)


@command.command("grant")
@the_center
@the_units
@the_reason
@click.option("--meter", type=click.Choice(METERS), default=METERS[0], show_default=True, help="Of which units.")
@click.option("--env", type=click.Choice(quota_desk.ENVS), default="live", show_default=True, help="In which env.")
@as_json
def grant(center: str, units: int, reason: str, meter: Meter, env: Env, as_json: bool) -> None:
    """Add units to a center's running period; the next one begins without them.

    Example: `coursegate quotas grant north-college --units 20 --reason "an open day"`
    """
    change = quota_desk.grant(center, env, meter, units, _sentence(reason))
    _show_change(f"{units} units granted", change, as_json)


@command.command("refund")
@click.argument("generation")
@the_units
@the_reason
@as_json
def refund(generation: str, units: int, reason: str, as_json: bool) -> None:
    """Give back units that a generation was charged, in the period it was held in: once, at most what was charged.

    Example: `coursegate quotas refund gen_a7x4m3q2kz5wv6y2b3c4d5e6f7 --units 2 --reason "two modules were empty"`
    """
    change = quota_desk.refund(generation, units, _sentence(reason))
    _show_change(f"{units} units refunded", change, as_json)


@command.command("reconcile")
@as_json
def reconcile(as_json: bool) -> None:
    """Prove that counters equal ledger, holds and open work; print every difference, and exit 1 on any.

    Reads one snapshot, locks nothing, may run beside the gateway. Example: `coursegate quotas reconcile`
    """
    found = quota_desk.reconciliation()
    if as_json:
        print_json(found)
    else:
        for difference in found.differences:
            of = f"{difference.center_id} {difference.env} {difference.of}"
            console().print(f"{difference.what}: {of}: {difference.left}; {difference.right}", markup=False)
        said = f"{len(found.differences)} differences" if found.differences else "Everything adds up"
        compared = f"{found.counters} counters, {found.holds} holds, {found.lines} lines of the ledger"
        console().print(f"{said}: {compared}.", markup=False)
    if found.differences:
        sys.exit(1)


def _usage(counters: Counters) -> dict[str, object]:
    meters = {
        count.meter: {
            **msgspec.structs.asdict(count),
            "remaining": count.remaining,
            "percent": _percent(count.settled + count.held, count.limit),
        }
        for count in counters.meters
    }
    running = {"limit": counters.running.limit, "running": counters.running.running}
    return {"period": _period(counters), "meters": meters, "concurrent_generations": running}


def _period(counters: Counters) -> dict[str, object]:
    return {"start": as_datetime(counters.period.start_ms), "end": as_datetime(counters.period.end_ms)}


def _show_change(said: str, change: Change, as_json: bool) -> None:
    if as_json:
        print_json({"center_id": change.center_id, "env": change.env, "count": change.count})
        return
    count = change.count
    if count is not None:
        left = "" if count.remaining is None else f", {count.remaining} remaining"
        where = f"{change.center_id} {change.env} {count.meter}"
        limit = _limit(count.limit)
        console().print(
            f"{said}: {where}: limit {limit}, {count.settled} settled, {count.held} held{left}", markup=False
        )


def _sentence(reason: str) -> str:
    text = " ".join(reason.split())
    if not 1 <= len(text) <= 500 or not text.isprintable():
        raise click.UsageError("--reason: 1 to 500 printable characters")
    return text


def _limit(value: int | None) -> str:
    return "unlimited" if value is None else str(value)


def _percent(used: int, limit: int | None) -> int | None:
    """Whole percent, rounded down; None where there is no limit. A limit of 0 is used up."""
    if limit is None:
        return None
    return used * 100 // limit if limit else 100


def _time(ms: int) -> str:
    return shown_time(as_datetime(ms))
