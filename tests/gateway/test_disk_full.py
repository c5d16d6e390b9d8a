"""A disk that is full: clear errors, nothing half done, and service as soon as there is room again."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import asyncpg
import httpx
import pytest

from gateway.embedded.account import own_folder, serving_account
from gateway.embedded.postgres import RUNTIME
from gateway.migrations import MigrationFailed, migrate
from gateway.stores import SqlStore, StoreDown
from quotas.plans import BUILT_IN
from tests.running import add_customer, running, settings_for, talking_to
from tests.stores import PrivatePostgres, fresh_folder

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or sys.platform != "linux", reason="mounting a small disk needs root on Linux"
)


@pytest.fixture
def small_disk() -> Iterator[tuple[Path, Callable[[str], None]]]:
    """A disk of 32 MiB that belongs to the servers' account, and how to resize it."""
    folder = fresh_folder() / "disk"
    folder.mkdir()
    mounted = subprocess.run(["/bin/mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", folder], check=False)
    if mounted.returncode != 0:
        folder.rmdir()
        folder.parent.rmdir()
        pytest.skip("this container may not mount")
    try:
        own_folder(folder, serving_account())
        yield folder, lambda size: resize(folder, size)
    finally:
        subprocess.run(["/bin/umount", "--lazy", folder], check=True)
        folder.rmdir()
        folder.parent.rmdir()


def resize(folder: Path, size: str) -> None:
    subprocess.run(["/bin/mount", "-o", f"remount,size={size}", folder], check=True)


@pytest.fixture
async def crowded(
    private_postgres: PrivatePostgres, small_disk: tuple[Path, Callable[[str], None]]
) -> AsyncIterator[tuple[str, str]]:
    """A database on the small disk: its URLs for the runtime role and for the owner."""
    server = private_postgres.server
    admin = await asyncpg.connect(server.admin_url)
    await admin.execute(f"create tablespace small location '{small_disk[0]}'")
    await admin.execute("create database crowded owner coursegate_owner tablespace small")
    await admin.execute("grant connect on database crowded to coursegate")
    yield server.url("crowded"), server.owner_url("crowded")
    await server.drop_database("crowded")
    await admin.execute("drop tablespace small")
    await admin.close()


_FILL = "insert into filler select repeat(md5(n::text), 60) from generate_series(1, 2000) n"


async def test_a_full_disk_refuses_writes_and_heals(
    crowded: tuple[str, str], small_disk: tuple[Path, Callable[[str], None]]
) -> None:
    """Writes get 503 with nothing half done, reads go on, and with room again writes do too."""
    url, owner_url = crowded
    await migrate(owner_url, runtime_role=RUNTIME, plans=BUILT_IN)
    owner = await asyncpg.connect(owner_url)
    await owner.execute("create table filler (text text); create table fact (number int)")
    await owner.execute("grant select, insert on filler, fact to coursegate")

    async def write(number: int) -> None:
        async with sql.session() as connection, connection.transaction():
            await connection.execute("insert into fact values ($1)", number)
            await connection.execute(_FILL)

    async def facts() -> int:
        async with sql.session() as connection:
            return int(await connection.fetchval("select count(*) from fact"))

    async with SqlStore(url) as sql:
        written = 0
        with pytest.raises(StoreDown, match="DiskFullError"):  # ruff: ignore[pytest-raises-with-multiple-statements] - the write that does not fit is any
            while written < 100:
                await write(written)
                written += 1
        assert sql.up
        assert await facts() == written
        small_disk[1]("64m")
        await write(written)
        assert await facts() == written + 1
    await owner.close()


async def test_a_migration_on_a_full_disk_is_one_line_and_resumes(
    crowded: tuple[str, str], small_disk: tuple[Path, Callable[[str], None]], tmp_path: Path
) -> None:
    """The file that did not fit is named, nothing of it stays, and the next run goes on from there."""
    _, owner_url = crowded
    (tmp_path / "0001_small.sql").write_text("create table filler (text text)")
    (tmp_path / "0002_large.sql").write_text(f"create table half (a int); {';'.join([_FILL] * 20)}")
    with pytest.raises(
        MigrationFailed, match=r"^0002_large\.sql failed and left nothing behind: .*No space left"
    ) as refused:
        await migrate(owner_url, runtime_role=None, folder=tmp_path)
    assert "\n" not in str(refused.value)
    small_disk[1]("256m")
    assert await migrate(owner_url, runtime_role=None, folder=tmp_path) == ["0002_large.sql"]


async def test_callers_of_a_full_disk_are_told_to_come_back(
    crowded: tuple[str, str], small_disk: tuple[Path, Callable[[str], None]], redis_url: str
) -> None:
    """Over HTTP: writes that don't fit are 503 with `Retry-After` and leave nothing, reads go on; with room all goes on."""
    url, owner_url = crowded
    await migrate(owner_url, runtime_role=RUNTIME, plans=BUILT_IN)
    async with running(settings_for(url, redis_url)) as app, talking_to(app) as client:
        async with app.services.sql.session() as connection:
            customer = await add_customer(connection)
        course = (await client.post("/v1/courses", json={}, headers=customer.headers)).json()["id"]
        source = {"name": "long.md", "media_type": "text/markdown", "content": os.urandom(400_000).hex()}

        async def add_source(key: str) -> httpx.Response:
            headers = customer.headers | {"Idempotency-Key": key}
            return await client.post(f"/v1/courses/{course}/sources", json=source, headers=headers)

        async def sources() -> int:
            return len((await client.get(f"/v1/courses/{course}/sources", headers=customer.headers)).json()["data"])

        owner = await asyncpg.connect(owner_url)
        await owner.execute("create table filler (text text)")
        with pytest.raises(asyncpg.DiskFullError):
            await owner.execute(";".join([_FILL] * 20))
        await owner.close()
        taken = 0
        while (answer := await add_source(f"source {taken}")).status_code == 201:
            taken += 1
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "service_unavailable")
        assert answer.headers["retry-after"] == "1"
        assert await sources() == taken
        small_disk[1]("128m")
        assert (await add_source(f"source {taken}")).status_code == 201
        assert await sources() == taken + 1
