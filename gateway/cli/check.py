import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Literal

import msgspec
import rich_click as click

from gateway.cli.failure import CommandFailed, one_line
from gateway.cli.output import as_json, console, print_json, print_table
from gateway.settings import Settings, load, masked, unknown


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at: its outcome, and in a line why."""

    name: str
    outcome: Literal["ok", "warning", "failed"]
    words: str


class Report(msgspec.Struct, frozen=True):
    """The effective settings, masked, and what was found."""

    settings: dict[str, str | None]
    findings: list[Finding]


@click.command("check")
@as_json
def command(as_json: bool) -> None:
    """Print the effective settings and probe each store.

    Secrets are masked. Exit 1 where a store does not answer, migrations are missing, or the runtime role may do more
    than it should. Example: `coursegate check --json`
    """
    settings = load(os.environ)
    report = Report(masked(settings), asyncio.run(_findings(settings)))
    failed = [finding for finding in report.findings if finding.outcome == "failed"]
    if as_json:
        print_json(report)
    else:
        print_table(("setting", "value"), report.settings.items())
        console().print()
        for finding in report.findings:
            style = {"ok": "green", "warning": "yellow", "failed": "red"}[finding.outcome]
            console().print(f"[{style}]{finding.outcome:<8}[/{style}]", end="")
            console().print(f"{finding.name}: {finding.words}", markup=False)
    if failed:
        raise CommandFailed(f"{failed[0].name}: {failed[0].words}")


async def _findings(settings: Settings) -> list[Finding]:
    from gateway.cli import check_stores
    from gateway.cli.check_words import warnings

    found: list[Finding] = []
    probes: list[tuple[str, Callable[[Settings], Awaitable[str]]]] = [
        ("plans", check_stores.plans),
        ("postgresql", check_stores.postgresql),
        ("migrations", check_stores.migrations),
        ("runtime role", check_stores.runtime_role),
        ("migration role", check_stores.migration_role),
        ("redis", check_stores.redis),
    ]
    for name, probe in probes:
        try:
            found.append(Finding(name, "ok", await probe(settings)))
        except check_stores.Skipped:
            continue
        except check_stores.FAILURES as error:
            found.append(Finding(name, "failed", one_line(str(error))[:300] or type(error).__name__))
    found += [Finding(name, "warning", words) for name, words in warnings(settings, unknown(os.environ))]
    return found
