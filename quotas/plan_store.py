"""Plans as rows: admission joins them, so what is written here holds at once."""

from collections.abc import Sequence

from quotas.plans import Plan
from quotas.sql import Connection


async def store_plans(connection: Connection, plans: Sequence[Plan]) -> None:
    """Make the table hold `plans`; others stay as long as a center has them. An equal plan is not written again."""
    names = Plan.__struct_fields__
    columns = ", ".join(names)
    values = ", ".join(f"${index}" for index in range(1, len(names) + 1))
    sets = ", ".join(f"{name} = excluded.{name}" for name in names)
    await connection.executemany(
        f"insert into plan as p ({columns}) values ({values}) on conflict (id) do update set {sets}"  # ruff: ignore[hardcoded-sql-expression] - the names are the Struct's own
        " where (p.*) is distinct from (excluded.*)",
        [tuple(getattr(plan, name) for name in names) for plan in sorted(plans, key=lambda plan: plan.id)],
    )
    await connection.execute(
        "delete from plan p where p.id <> all($1) and not exists (select from center c where c.plan_id = p.id)",
        [plan.id for plan in plans],
    )
