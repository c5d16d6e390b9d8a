import asyncio
import os
from urllib.parse import unquote, urlsplit

import rich_click as click

from gateway.cli.output import as_json, console, print_json
from gateway.settings import WrongSetting, load, variable


@click.command("migrate")
@as_json
def command(as_json: bool) -> None:
    """Bring the database up to date.

    Needs `COURSEGATE_MIGRATE_DATABASE_URL`, the owner of the schema; the role of `COURSEGATE_DATABASE_URL` is granted
    what it may. An interrupted run is resumed by the next. Example: `coursegate migrate`
    """
    from gateway.cli.administration import user_name
    from gateway.migrations import migrate
    from quotas.plans import load_plans

    settings = load(os.environ)
    if settings.migrate_database_url is None:
        raise WrongSetting(f"{variable('migrate_database_url')} is missing; valid: the URL of the schema's owner")
    plans = load_plans(settings.plans_file)
    applied = asyncio.run(
        migrate(
            settings.migrate_database_url,
            runtime_role=role_of(settings.database_url),
            plans=plans,
            actor=f"cli:{user_name()}",
        )
    )
    if as_json:
        print_json({"applied": applied, "plans": [plan.id for plan in plans]})
        return
    for name in applied:
        console().print(f"applied {name}", markup=False)
    console().print("The database is up to date." if applied else "Nothing to do: the database is up to date.")


def role_of(url: str) -> str | None:
    """The role that a database URL names."""
    name = urlsplit(url).username
    return None if name is None else unquote(name)
