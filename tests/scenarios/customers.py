"""Customers of the scenarios, and the proof at the end of each that every account agrees."""

from gateway.stores import SqlStore
from quotas.reconcile import reconcile
from tests.running import Customer, add_customer

UNBOUNDED = 1_000_000
"""Requests a minute that no test reaches."""


async def customer_of(sql: SqlStore, **limits: int) -> Customer:
    """A center on plan `partner` with these limits of its own (-1 = unlimited)."""
    async with sql.session() as connection:
        customer = await add_customer(connection)
        names, places = ", ".join(limits), ", ".join(f"${number}" for number in range(2, len(limits) + 2))
        await connection.execute(
            f"insert into center_limit (center_id, {names}) values ($1, {places})",
            customer.center_id,
            *limits.values(),
        )
    return customer


async def count(sql: SqlStore, query: str, *arguments: object) -> int:
    async with sql.session() as connection:
        return int(await connection.fetchval(query, *arguments))


async def assert_everything_adds_up(sql: SqlStore) -> None:
    async with sql.session() as connection:
        assert (await reconcile(connection)).differences == ()
