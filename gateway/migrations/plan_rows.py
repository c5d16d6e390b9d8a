from collections.abc import Iterable

import msgspec

from gateway.stores import Connection
from quotas.plans import Plan

_COLUMNS = [field.name for field in msgspec.structs.fields(Plan)]

_UPSERT = """
insert into plan as held ({columns}) values ({places})
on conflict (id) do update set ({others}) = row({taken})
 where ({held}) is distinct from ({taken})
""".format(
    columns=", ".join(_COLUMNS),
    places=", ".join(f"${place}" for place in range(1, len(_COLUMNS) + 1)),
    others=", ".join(_COLUMNS[1:]),
    taken=", ".join(f"excluded.{column}" for column in _COLUMNS[1:]),
    held=", ".join(f"held.{column}" for column in _COLUMNS[1:]),
)


async def write_plans(connection: Connection, plans: Iterable[Plan], actor: str) -> None:
    """Make the table say what the plans say; centers join it, so a change works at once. Others' plans stay.

    A change is sealed in the name of `actor` for every center on the plan, by a worker.
    """
    rows = [[getattr(plan, column) for column in _COLUMNS] for plan in plans]
    async with connection.transaction():
        await connection.execute("select act_as($1, null)", actor)
        await connection.executemany(_UPSERT, rows)
