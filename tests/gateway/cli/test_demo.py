"""The tour against a gateway that runs: exit 0 only if every step of it held. It uses up its address' calls without a key,
so each has a Valkey to itself.
"""

import asyncio
import os
import sys
from pathlib import Path

import asyncpg
import pytest

from tests.gateway.generation.quiz_course import DOCUMENTS, SHIPPED
from tests.running import Customer, add_customer
from tests.serving import Served, serving, working
from tests.stores import PrivateValkey


async def tour(served: Served, customer: Customer, source: Path) -> tuple[int, str]:
    """`coursegate demo --url …`: its exit status, and all that it printed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway", "demo", "--url", served.url, "--source", str(source)),
        env=os.environ | {"COURSEGATE_KEY": customer.key},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    return process.returncode or 0, printed.decode()


@pytest.mark.parametrize("source", [SHIPPED / "tides.md", DOCUMENTS / "yeast.md"], ids=lambda source: source.name)
async def test_the_tour_holds(source: Path, database_url: str, private_valkey: PrivateValkey) -> None:
    """Whatever the document's length and form, the quiz is taken: malformed, right, right in part and wrong."""
    connection = await asyncpg.connect(database_url)
    customer = await add_customer(connection)
    await connection.close()
    async with serving(database_url, private_valkey.url) as served, working(database_url, private_valkey.url):
        status, printed = await tour(served, customer, source)
    assert status == 0, printed
    assert "Everything held" in printed
    for sign in ("malformed answers", "a 422 costs nothing", "checks left: 1", "partial"):
        assert sign in printed
    assert customer.key not in printed


async def test_the_tour_ends_where_something_does_not_hold(database_url: str, private_valkey: PrivateValkey) -> None:
    """A key that may not author ends it with exit 1 and one line that says what was missing."""
    connection = await asyncpg.connect(database_url)
    customer = await add_customer(connection, scopes=["read:courses", "write:courses", "read:usage"])
    await connection.close()
    async with serving(database_url, private_valkey.url) as served, working(database_url, private_valkey.url):
        status, printed = await tour(served, customer, DOCUMENTS / "yeast.md")
    assert status == 1
    assert "this did not hold: /v1/assessments answers 200" in printed
    assert "missing_scope" in printed
